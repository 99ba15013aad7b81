/* SPDX-License-Identifier: MIT */
/* What the server accepted last, read while a daemon may be writing it. */
#ifndef PLAN_STATE_H
#define PLAN_STATE_H

#include <stdbool.h>

#include "base/fault.h"
#include "sync/state.h"

/* Read the state into an empty one. A daemon is asked what it has under way, and to write down what
 * it knows: what it sent a moment ago does not look as if it were still to be sent. A state that is
 * not there is empty. False with a fault if it cannot be used; `state` is then empty. */
bool plan_state_read(struct state *state, const char *state_directory,
                     const char *runtime_directory, struct fault *fault);

#endif
