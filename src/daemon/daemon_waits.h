/* SPDX-License-Identifier: MIT */
/* Clients of the control socket whose answer comes later: reload, wait, push, and a status while
 * the files may have changed. */
#ifndef DAEMON_WAITS_H
#define DAEMON_WAITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "daemon/control_request.h"
#include "os/control.h"

#define DAEMON_WAITS_HOLD_MS 1000

struct daemon;
struct daemon_wait;

/* Embedded. */
struct daemon_waits {
	LIST_HEAD(, daemon_wait) all; /* owned */
	uv_timer_t timer;             /* of the nearest deadline */
};

void daemon_waits_open(struct daemon *daemon);

/* Begin what the client asks for, and answer when it has ended; the request is given. */
void daemon_waits_add(struct daemon *daemon, struct control_client *client,
                      struct control_request *request);

/* Whether it is open if the files have changed: something has happened to them, or they are being
 * read. */
bool daemon_waits_for_files(const struct daemon *daemon);

/* Call `answer` when that is known, DAEMON_WAITS_HOLD_MS from now at the latest; the request is
 * given. */
typedef void daemon_waits_answer_fn(struct daemon *daemon, struct control_client *client,
                                    struct control_request *request);
void daemon_waits_hold(struct daemon *daemon, struct control_client *client,
                       struct control_request *request, daemon_waits_answer_fn *answer);

/* The load of this number has ended, and what follows from it was done. */
void daemon_waits_loaded(struct daemon *daemon, uint64_t number);

/* The reconciler has taken an event in. */
void daemon_waits_stepped(struct daemon *daemon);

/* Answer all that the daemon is stopping; before the control socket is closed. */
void daemon_waits_close(struct daemon *daemon);

#endif
