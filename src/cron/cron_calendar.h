/* SPDX-License-Identifier: MIT */
/* Calendar events of systemd.time(7), which timers have: "Mon..Fri *-*-* 06:00". */
#ifndef CRON_CALENDAR_H
#define CRON_CALENDAR_H

#include <stdbool.h>

#include "base/text.h"
#include "cron/cron_slice.h"

/* Whether the words look like a calendar event: a date, or a weekday and a time. No expression
 * does. */
bool cron_calendar_is(const struct cron_words *words);

/* Append the five fields of an event in UTC, which are yet to be read. False if it has a year,
 * seconds, another time zone, a weekday together with days of the month (cron runs on either),
 * steps from a number on (not every cron has them), or what is none of its parts. */
bool cron_calendar_fields(const struct cron_words *words, struct text *out);

#endif
