/* SPDX-License-Identifier: MIT */
/* Schedules as people and other programs write them: in English ("every 5 minutes", "daily at
 * 6:00", "6:00"), as a calendar event of systemd.time(7) ("Mon..Fri *-*-* 06:00"), and as cron(…)
 * and rate(…) of Amazon EventBridge's schedule expressions. */
#ifndef CRON_NOTATION_H
#define CRON_NOTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "cron/cron_slice.h"

struct cron_notation {
	const char *name;   /* static: "systemd's notation" */
	struct text fields; /* the five fields in UTC that mean the same; the caller clears it */
	const char *advice; /* static: what to write where no fields are known */
	int64_t every_ms;   /* where there are none, the interval that is meant; 0: none is */
};

/* Read words, of which there is one at least, if they are of such a notation; no expression is. The
 * fields are yet to be read. They are left empty where the meaning is not clear, or cannot be kept:
 * of an event a year, seconds, another time zone, a weekday together with days of the month (cron
 * runs on either), and steps from a number on (not every cron has them). */
bool cron_notation_read(const struct cron_words *words, struct cron_notation *notation);

#endif
