/* SPDX-License-Identifier: MIT */
/* The wording: actions of the reconciler (report.c) and faults of the files (report_faults.c) as
 * log records, and all of it in one line (dashboard.c). */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/text.h"
#include "engine/answer.h"
#include "sync/sync.h"

/* Log an action; `answer` is what led to it, NULL for other events. SEND is logged at the debugging
 * level. `is_brief`: for a command that ends by itself (apply). What is parked is not said to wait
 * for a change. No remedy and, where a refusal is the end, no next probe is named for a closed
 * gate, no reload for a pause, and SYNC_REPORT_UNKNOWN is left out, as the command has logged it.
 */
void report_action(const struct sync_action *action, const struct answer *answer, bool is_brief);

/* Append what differs: "the server has '0 5 * * *'" instead (NULL: "no schedule"), or "the server
 * does not list it any more". */
void report_add_drift(bool gone, const char *remote, struct text *out);

/* Log each fault of a load: errors as config-rejected, warnings (if wanted) as config-warning,
 * then how many errors there are beyond those that were kept. `refused`: what happens now ("the
 * configuration in force stays"), NULL if nothing was refused. */
void report_faults(const struct faults *faults, const char *path, bool warnings,
                   const char *refused);

/* Append one line that says how things are, for systemctl status, the status command and `summary`:
 * "5 of 6 in sync, 1 rejected (42 indexing_cron)". */
void dashboard_text(const struct sync *sync, struct text *out);

#endif
