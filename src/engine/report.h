/* SPDX-License-Identifier: MIT */
/* The wording: actions of the reconciler as log records. */
#ifndef REPORT_H
#define REPORT_H

#include "base/text.h"
#include "engine/answer.h"
#include "sync/sync.h"

/* Log an action; `answer` is what led to it, NULL for other events. SEND is logged at the debugging
 * level. `is_brief`: of one that ends by itself. A refused key or configuration is its end, no edit
 * or reload ends a pause, and that the list does not show all it reported before it began. */
void report_action(const struct sync_action *action, const struct answer *answer, bool is_brief);

/* Append what differs: "the server has '0 5 * * *'" instead (NULL: "no schedule"), or "the server
 * does not list it any more". */
void report_add_drift(bool gone, const char *remote, struct text *out);

#endif
