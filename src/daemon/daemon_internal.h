/* SPDX-License-Identifier: MIT */
/* What the files of the daemon share, and nobody else sees. */
#ifndef DAEMON_INTERNAL_H
#define DAEMON_INTERNAL_H

#include <uv.h>

#include "daemon/daemon.h"
#include "daemon/daemon_metrics.h"
#include "daemon/daemon_waits.h"
#include "daemon/loader.h"
#include "engine/engine.h"
#include "os/control.h"
#include "os/loop.h"
#include "os/notify.h"
#include "os/watch.h"

#define DAEMON_SIGNALS 3 /* HUP, TERM, INT */

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

#endif
