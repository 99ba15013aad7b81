/* SPDX-License-Identifier: MIT */
/* The daemon's metrics_file: counted always, written while the configuration names one. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/fault.h"
#include "base/text.h"
#include "daemon/metrics.h"

struct daemon;
struct answer; /* answer.h */

struct daemon_metrics {
	struct metrics counted;
	uv_work_t work;   /* a write, in libuv's thread pool */
	uv_timer_t due;   /* the next write; runs only while there is something new */
	uv_check_t pulse; /* writes now and then when the loop is awake anyway */
	char *path;       /* owned: where the file is to be; NULL: nowhere */
	char *target;     /* owned: where it is written to; NULL: nowhere */
	char *obsolete;   /* owned: what is removed in the same go; NULL: nothing */
	char *present;    /* owned: the file of ours that is there; NULL: none */
	struct text text;
	struct fault fault;
	uint64_t next_ms; /* not written again before */
	uint64_t last_ms;
	bool running;
	bool changed; /* while it was running */
	bool ok;
	bool failing; /* the last one failed, and that was told */
};

/* Before the loop runs: written once, if there is a path by then. */
void daemon_metrics_open(struct daemon *daemon);
void daemon_metrics_first(struct daemon *daemon);

/* Write to another path from now on, or to none (NULL); copied. The old file is removed. */
void daemon_metrics_configure(struct daemon *daemon, const char *path);

/* What is counted, and what is shown besides, has changed. */
void daemon_metrics_answered(const struct answer *answer, void *daemon);
void daemon_metrics_acted(const struct sync_action *action, const struct answer *answer,
                          void *daemon);
void daemon_metrics_loaded(struct daemon *daemon, bool good);
void daemon_metrics_changed(struct daemon *daemon);

void daemon_metrics_close(struct daemon *daemon);

/* The loop has ended. */
void daemon_metrics_last(struct daemon *daemon);

#endif
