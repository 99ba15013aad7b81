/* SPDX-License-Identifier: MIT */
/* The wording of drift. */
#ifndef REPORT_DRIFT_H
#define REPORT_DRIFT_H

#include "base/text.h"
#include "sync/sync_action.h"

/* Append what differs: "the server has '0 5 * * *'" instead (NULL: "no schedule"), or "the server
 * does not list it any more". */
void report_drift_add(bool gone, const char *remote, struct text *out);

/* Log DRIFT, REPAIRED and UNKNOWN. */
void report_drift_found(const struct sync_action *action);
void report_drift_repaired(const struct sync_action *action);
void report_drift_unknown(const struct sync_action *action);

#endif
