/* SPDX-License-Identifier: MIT */
/* What the files of the daemon share, and nobody else sees. */
#ifndef DAEMON_INTERNAL_H
#define DAEMON_INTERNAL_H

#include <uv.h>

#include "daemon/daemon.h"
#include "daemon/daemon_metrics.h"
#include "daemon/status.h"
#include "engine/engine.h"
#include "engine/report.h"
#include "os/notify.h"
#include "os/watch.h"

#define DAEMON_SIGNALS 3 /* HUP, TERM, INT */

/* A load of the configuration, in libuv's thread pool. */
struct daemon_load {
	uv_work_t work;
	struct specfile specfile;
	struct redactor *redactor; /* owned: of the secrets that it found, and those before */
	struct redactor *replaced; /* owned: what was in force, to be freed */
	struct spec *retired;      /* owned: likewise */
	const struct spec *before; /* borrowed: in force while it runs */
	bool running;
	bool is_trim;     /* what runs is no load: it gives memory back */
	bool untrimmed;   /* what it needed was freed, and is still ours */
	bool wanted;      /* once more, when the running one has ended */
	bool is_reload;   /* the operator asked for the running one */
	bool want_reload; /* the operator asked for the wanted one */
};

/* A write of status.json: put together in some loop iterations, written in libuv's thread pool.
 */
struct daemon_status {
	uv_idle_t more;
	struct status_context context; /* of the moment at which it was begun */
	int64_t last;                  /* id of the last integration that is in it */
	uint64_t spent_ns;             /* by the loop, so far */
	uv_work_t work;
	struct text text;
	struct fault fault;
	char *refused_fault; /* owned: the first error of the file that is refused; NULL: none */
	size_t refused_errors;
	int64_t started_at;
	uint64_t next_ms; /* not written again before */
	bool changed;     /* there is more to show than what was written last */
	bool running;
	bool ok;
	bool failing; /* the last one failed, and that was told */
};

/* How long the loop keeps everything waiting. */
struct loop_monitor {
	uv_prepare_t before_sleep;
	uv_check_t after_events;
	uint64_t longest_ms; /* so far */
};

struct daemon {
	const struct daemon_options *options;
	uv_loop_t loop;
	uv_signal_t signals[DAEMON_SIGNALS];
	uv_timer_t chore; /* held back log, dashboard */
	uv_timer_t watchdog;
	uv_timer_t grace; /* of what is in flight when it stops */
	struct engine engine;
	struct watch *watch;
	struct notify *notify;
	struct daemon_load load;
	struct faults faults;    /* of the last load */
	struct control *control; /* NULL: not listening */
	struct daemon_status status;
	struct daemon_metrics metrics;
	struct loop_monitor pace;
	uint64_t hash;   /* of the last load, good or bad */
	uint64_t warned; /* hash of the warnings that were told last */
	bool refused;    /* the file as it is now is not what is in force */
	bool stopping;
	bool closing;
};

/* daemon.c */
void daemon_changed(struct daemon *daemon); /* something that is shown */

/* daemon_load.c */
bool daemon_load_first(struct daemon *daemon);
void daemon_adopt(struct daemon *daemon, struct daemon_load *load);
void daemon_load_end(struct daemon *daemon);
void daemon_load_start(struct daemon *daemon, bool is_reload);
void daemon_load_trim(struct daemon *daemon); /* in a quiet moment: give memory back */

/* daemon_pace.c */
void loop_monitor_open(struct daemon *daemon);
void loop_monitor_close(struct daemon *daemon); /* once */

/* daemon_status.c */
void daemon_status_open(struct daemon *daemon);
void daemon_status_first(struct daemon *daemon);
void daemon_status_refuse(struct daemon *daemon, const struct faults *faults); /* NULL: in force */
bool daemon_status_update(struct daemon *daemon); /* true: to be called again */
void daemon_status_last(struct daemon *daemon);

#endif
