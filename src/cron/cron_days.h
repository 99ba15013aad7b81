/* SPDX-License-Identifier: MIT */
/* The days that a schedule runs on: how its two day fields are joined. crontab(5) joins them by
 * "or" where both are restricted; schedulers differ in what they take for restricted. */
#ifndef CRON_DAYS_H
#define CRON_DAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron.h"

/* Whether the day fields leave no day out. */
bool cron_days_all(const struct cron *cron);

/* Whether a day fits that either field names, as cronie has it, which is what counts here: a field
 * is restricted unless it begins with '*' (entry.c looks at the first character). */
bool cron_days_either(const struct cron *cron);

/* Whether schedulers differ in how they join the day fields. To croniter up to 1.4 a field is
 * restricted if it leaves a day out; to later ones unless it has a '*' without a step. */
bool cron_days_unclear(const struct cron *cron);

/* Whether each of them joins the day fields of both schedules in the same way. */
bool cron_days_alike(const struct cron *a, const struct cron *b);

/* Whether any of the months ever has one of the days of the month. */
bool cron_days_exist(const struct cron *cron);

/* The days of a month that the schedule runs on: bit n is day n. `first_day` is the month's first
 * in days since 1970. */
uint32_t cron_days_fitting(const struct cron *cron, int64_t year, unsigned month,
                           int64_t first_day);

#endif
