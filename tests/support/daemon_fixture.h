/* SPDX-License-Identifier: MIT */
/* A daemon whose engine is only the reconciler: nothing is sent, the test answers by `sync`. What
 * else it is made of is real. A test of it wraps engine_step, http_configure, watch_configure and
 * control_is_trusted (tests/unit/local.mk). */
#ifndef DAEMON_FIXTURE_H
#define DAEMON_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/daemon_internal.h"
#include "support/sync_fixture.h"

struct daemon_fixture {
	struct daemon daemon;
	struct daemon_options options;
	struct fixture sync;               /* the reconciler of the daemon's engine */
	unsigned events[SYNC_STOPPED + 1]; /* that the engine took in, by kind */
	const struct spec_api *api;        /* that requests were configured with last; borrowed */
	int64_t settle_ms, sweep_ms;       /* that the watch was configured with last */
	unsigned reloads;                  /* among the loads that ended */
	bool is_trusted;                   /* each client */
	bool is_refused;                   /* what a load finds, when it ends */
	bool is_unread;
	bool is_closed; /* the waits are, by the test */
	int log[2];
	char *directory; /* the current one */
};

/* With one integration in force: 42, in flight. */
int daemon_fixture_open(void **state);
int daemon_fixture_open_listening(void **state); /* and the control socket open */
int daemon_fixture_close(void **state);

/* What was logged since the last call; borrowed until the next. */
const char *daemon_fixture_log(const struct daemon_fixture *fixture);

/* Send a request over the control socket. */
int daemon_fixture_ask(const struct daemon_fixture *fixture, const char *request);

/* Read the answer, and hang up; the caller's to free. */
char *daemon_fixture_read(struct daemon_fixture *fixture, int fd);

/* The same for a client that has asked for nothing else. */
char *daemon_fixture_answer(struct daemon_fixture *fixture, const char *request);

/* Ask, let the loop run until the client waits for no load, and see that it still waits. */
int daemon_fixture_hold(struct daemon_fixture *fixture, const char *request);

/* Let the loop run a few times, and see that the client has no answer. */
void daemon_fixture_assert_silent(struct daemon_fixture *fixture, int fd);

#endif
