/* SPDX-License-Identifier: MIT */
/* What the daemon answers on its control socket (SPEC §7): requests in, answers of one line out. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/fault.h"

struct control;
struct daemon;

/* Listen; the state directory is locked. NULL with a fault. */
struct control *daemon_control_open(struct daemon *daemon, struct fault *fault);

#endif
