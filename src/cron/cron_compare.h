/* SPDX-License-Identifier: MIT */
/* Whether two texts are one schedule. */
#ifndef CRON_COMPARE_H
#define CRON_COMPARE_H

#include <stdbool.h>

/* Compare two expressions: "0 6 * * MON" and "0 6 * * 1" are equal. True only where cronie and
 * croniter both read them alike; else false, as a needless update harms less than a lost one. What
 * is opaque or no cron at all is equal when the texts are, but for blanks and case. */
bool cron_equal(const char *a, const char *b);

/* The same where NULL is no schedule; an empty text, as some servers write it, is none either. */
bool cron_same(const char *a, const char *b);

#endif
