/* SPDX-License-Identifier: MIT */
/* A watch over a small tree of files, on a real loop, and what it reports. */
#ifndef WATCH_FIXTURE_H
#define WATCH_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "os/watch.h"

#define SETTLE_MS  100
#define SWEEP_MS   60
#define NEVER_MS   (3600 * 1000)
#define PATIENCE_S 20

#define CONFIGMAP                                                                           \
	"rm -r etc/main.conf etc/main.conf.d; mkdir etc/..1; echo old >etc/..1/main.conf; " \
	"ln -s ..1 etc/..data; ln -s ..data/main.conf etc/main.conf"

struct fixture {
	uv_loop_t *loop;
	uv_loop_t own;
	uv_timer_t timer;
	bool is_over; /* the timer's */
	struct watch *watch;
	char *root;
	unsigned changes;
	enum watch_cause cause;
	unsigned troubles;
	char trouble[300];
	bool closes; /* from within the callback */
};

/* What a test watches of the tree; the last one is NULL. */
extern const char *const layout[];

/* Run a line of shell in the root; its own failure is a failure of the test. */
void shell(const struct fixture *fixture, const char *line);

void set_paths(const struct fixture *fixture, const char *const *names);

/* Wait until there were so many changes; fails when that takes too long. */
void await_changes(struct fixture *fixture, unsigned changes);

/* Let the looks end that are under way, so that all is watched. */
void await_idle(struct fixture *fixture);

/* That nothing comes can only be waited for. */
void run_for(struct fixture *fixture, uint64_t ms);

void fixture_start(struct fixture *fixture, uv_loop_t *loop, int64_t sweep_ms);
void fixture_stop(struct fixture *fixture);
void fixture_open(struct fixture *fixture, int64_t sweep_ms);
void fixture_close(struct fixture *fixture);
void on_timer(uv_timer_t *timer);

#endif
