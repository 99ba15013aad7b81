/* SPDX-License-Identifier: MIT */
/* A schedule in words: "at 06:00, Monday to Friday"; and what is worth a warning in one that is
 * valid. */
#ifndef CRON_DESCRIBE_H
#define CRON_DESCRIBE_H

#include "base/text.h"
#include "cron/cron.h"

/* Append the schedule. Two schedules that differ never read the same. */
void cron_describe(const struct cron *cron, struct text *out);

/* Flags, to be joined. */
enum cron_lint {
	CRON_NEVER = 1 << 0,        /* no such day: 31 February */
	CRON_EVERY_MINUTE = 1 << 1, /* of at least one hour that it runs in */
	CRON_BOTH_DAYS = 1 << 2,    /* day of month and day of week restricted: either is enough */
	CRON_DAYS_UNCLEAR = 1 << 3, /* the same, but schedulers join the two differently */
	CRON_WIDE_STEP = 1 << 4,    /* a step larger than its range: only the first value is left */
	CRON_EXTENSION = 1 << 5,    /* not every cron knows it */
};

/* Return the flags of a schedule; 0: nothing is worth a warning. */
unsigned cron_lint(const struct cron *cron);

/* Append the sentence of the first of these flags, of which there is one at least, in the style of
 * a fault: "never runs: …". Returns the others. */
unsigned cron_lint_text(const struct cron *cron, unsigned flags, struct text *out);

#endif
