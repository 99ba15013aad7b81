/* SPDX-License-Identifier: MIT */
/* Clients of the control socket whose answer comes later: reload, wait and push. */
#ifndef DAEMON_WAITS_H
#define DAEMON_WAITS_H

#include <stdint.h>
#include <uv.h>

#include "daemon/control_request.h"
#include "os/control.h"

struct daemon;
struct daemon_wait;

/* Embedded. */
struct daemon_waits {
	struct daemon_wait *first; /* owned, a list */
	uv_timer_t timer;          /* of the nearest deadline */
};

void daemon_waits_open(struct daemon *daemon);

/* Begin what the client asks for, and answer when it has ended; the request is given. */
void daemon_waits_add(struct daemon *daemon, struct control_client *client,
                      struct control_request *request);

/* The load of this number has ended, and what follows from it was done. */
void daemon_waits_loaded(struct daemon *daemon, uint64_t number);

/* The reconciler has taken an event in. */
void daemon_waits_stepped(struct daemon *daemon);

/* Answer all that the daemon is stopping; before the control socket is closed. */
void daemon_waits_close(struct daemon *daemon);

#endif
