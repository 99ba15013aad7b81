/* SPDX-License-Identifier: MIT */
/* The wording: actions of the reconciler as log records. */
#ifndef REPORT_H
#define REPORT_H

#include "base/text.h"
#include "engine/answer.h"
#include "sync/sync.h"

/* Log an action; `answer` is what led to it, NULL for other events. SEND is logged at the debugging
 * level. */
void report_action(const struct sync_action *action, const struct answer *answer);

/* Append what differs: "the server has '0 5 * * *'" instead (NULL: "no schedule"), or "the server
 * does not list it any more". */
void report_add_drift(bool gone, const char *remote, struct text *out);

#endif
