/* SPDX-License-Identifier: MIT */
/* A schedule in words: "at 06:00, Monday to Friday". */
#ifndef CRON_DESCRIBE_H
#define CRON_DESCRIBE_H

#include "base/text.h"
#include "cron/cron.h"

/* Append the schedule. Two schedules that differ never read the same. */
void cron_describe(const struct cron *cron, struct text *out);

/* Append its days of the month, and its months where they are not all: "days 30 and 31 in
 * February". For a schedule that is not opaque. */
void cron_describe_dates(const struct cron *cron, struct text *out);

#endif
