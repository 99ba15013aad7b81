/* SPDX-License-Identifier: MIT */
/* The parts that records of the reconciler's actions share. */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include "base/text.h"
#include "engine/answer.h"
#include "log/log.h"
#include "sync/sync_action.h"

/* Begin the record of an event about the action's integration, whose texts are borrowed. */
struct log_record report_record_start(enum event event, const struct sync_action *action);

/* Append "integration 42 'Mode: Finance'", or "the list" where the action is about none. */
void report_record_add_integration(struct text *out, const struct sync_action *action);

/* Append a schedule of ours in quotes; NULL: "no schedule". */
void report_record_add_cron(struct text *out, const char *cron);

/* Note status and code of an answer; NULL: there was none. */
void report_record_add_answer(struct log_record *record, const struct answer *answer);

/* Log the record with this message, which is cleared. */
void report_record_write(struct log_record *record, struct text *message);

#endif
