/* SPDX-License-Identifier: MIT */
/* A Unix stream socket at a path, which anybody may connect to. */
#ifndef LISTENER_H
#define LISTENER_H

#include <uv.h>

#include "base/fault.h"

struct listener;

/* A client has connected: its descriptor is given, non-blocking. On the loop. */
typedef void listener_accepted_fn(int fd, void *data);

/* Nobody can be accepted: a sentence, borrowed; once until somebody is again. On the loop. */
typedef void listener_failed_fn(const char *sentence, void *data);

/* Listen at `path`, in place of a socket that is there already; anything else that is there stays.
 * NULL with a fault that names the path. */
struct listener *listener_open(uv_loop_t *loop, const char *path, listener_accepted_fn *accepted,
                               listener_failed_fn *failed, void *data, struct fault *fault);

/* Remove the socket, and free the listener when its handles are closed. */
void listener_close(struct listener *listener);

#endif
