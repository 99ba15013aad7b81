/* SPDX-License-Identifier: MIT */
/* What the daemon answers on its control socket (SPEC §7): requests in, answers of one line out. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stdbool.h>

#include "base/fault.h"

struct daemon;

/* Listen; the state directory is locked. */
bool daemon_control_open(struct daemon *daemon, struct fault *fault);

/* Drop all clients. NULL-safe: what was not opened is not closed. */
void daemon_control_close(struct daemon *daemon);

#endif
