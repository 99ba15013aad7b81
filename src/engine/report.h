/* SPDX-License-Identifier: MIT */
/* The words: actions of the reconciler, answers of the server and faults of the files as log
 * records. */
#ifndef REPORT_H
#define REPORT_H

#include "base/fault.h"
#include "engine/answer.h"
#include "sync/sync.h"

/* Tell of an action; `answer` is what led to it, NULL for other events. SEND and SAVE are told at
 * the debugging level. */
void report_action(const struct sync_action *action, const struct answer *answer);

/* Tell each fault of a load: errors as config-rejected, warnings (if wanted) as config-warning,
 * then how many errors there are beyond those that were kept. `refused`: what happens now ("the
 * configuration in force stays"), NULL if nothing was refused. */
void report_faults(const struct faults *faults, const char *path, bool warnings,
                   const char *refused);

/* What the server has instead: "the server has '0 5 * * *'". */
void report_drift(const char *remote, struct text *out);

/* The dashboard line: "5 of 6 in sync, 1 rejected (42 indexing_cron)". */
void dashboard_text(const struct sync *sync, struct text *out);

#endif
