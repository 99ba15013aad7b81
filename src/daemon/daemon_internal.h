/* SPDX-License-Identifier: MIT */
/* What the files of the daemon share, and nobody else sees. */
#ifndef DAEMON_INTERNAL_H
#define DAEMON_INTERNAL_H

#include <uv.h>

#include "daemon/daemon.h"
#include "daemon/daemon_waits.h"
#include "daemon/loader.h"
#include "daemon/metrics.h"
#include "daemon/metrics_file.h"
#include "engine/engine.h"
#include "os/control.h"
#include "os/loop.h"
#include "os/notify.h"
#include "os/watch.h"
#include "sync/sync_query.h"

#define DAEMON_SIGNALS 3 /* HUP, TERM, INT */

struct daemon_metrics {
	struct metrics counted;
	struct metrics_file file;
	bool is_last; /* only that it does not run is left behind */
};

struct daemon {
	const struct daemon_options *options;
	uv_loop_t loop;
	uv_signal_t signals[DAEMON_SIGNALS];
	uv_timer_t chore; /* held back log, dashboard */
	uv_timer_t watchdog;
	uv_timer_t grace; /* of what is in flight when it stops; then of what cannot be stopped */
	uv_timer_t retry; /* of a load that could not read the files */
	struct engine engine;
	struct watch *watch;
	struct notify *notify;
	struct loader loader;
	struct control *control; /* NULL: not listening */
	struct daemon_waits waits;
	struct daemon_metrics metrics;
	struct loop_monitor monitor;
	struct faults faults; /* of the last load */
	char *unread;         /* owned: why the files cannot be read now; NULL: they can */
	int64_t retry_ms;     /* until that is tried again */
	int64_t started_at;   /* unix seconds */
	uint64_t hash;        /* of the last load, good or bad */
	uint64_t warned;      /* hash of the warnings that were logged last */
	bool is_refused;      /* the file as it is now is not what is in force */
	bool is_up;           /* the first load is in force, and everything open */
	bool is_stopping;
	bool is_closing;
	int result; /* exit code */
};

/* adoption.c: log the faults of a load, and what follows where it is `refused` (NULL: it is not).
 * What was warned of in the last load is not said again in the next. */
void adoption_report(struct daemon *daemon, const struct faults *faults, const char *refused);

/* Put the load, which has a spec, in force. */
void adoption_take(struct daemon *daemon, struct load *load);

/* Put the load in force if it is good and different; else log why not, and keep what is. */
void adoption_judge(struct daemon *daemon, struct load *load);

/* Log that the files cannot be read now, and when that is tried again; -1: it is not. */
void adoption_report_unread(struct daemon *daemon, const struct load *load, int64_t retry_ms);

/* daemon_control.c: what is answered on the control socket (SPEC §7). Listen; the state directory
 * is locked. NULL with a fault. */
struct control *daemon_control_open(struct daemon *daemon, struct fault *fault);

void daemon_metrics_open(struct daemon *daemon);

/* The first load is in force: the file is there when this returns. */
void daemon_metrics_first(struct daemon *daemon);

/* What is counted, and what is shown besides, has changed. */
void daemon_metrics_answered(const struct answer *answer, void *daemon);
void daemon_metrics_acted(const struct sync_action *action, const struct answer *answer,
                          void *daemon);
void daemon_metrics_loaded(struct daemon *daemon, bool good);

/* The loop has ended. */
void daemon_metrics_last(struct daemon *daemon);

/* answer_stream.c: an answer of the control socket that has an array of integrations at its end,
 * sent in pieces. */
struct answer_stream_options {
	const struct sync *sync; /* borrowed until the client is dropped or has all */
	struct text head;        /* given: up to and with the "[" */
	struct control_request
		*request; /* given: its ids choose, in their order; none choose all */
	/* Append an integration's object, or nothing, as it is at this moment. */
	void (*add)(const struct sync_view *view, void *data, struct text *out);
	/* Likewise one that was named and is not there; NULL: left out. */
	void (*add_unknown)(int64_t id, struct text *out);
	void *data; /* borrowed as long as `sync` */
};

void answer_stream_start(struct control_client *client,
                         const struct answer_stream_options *options);

#endif
