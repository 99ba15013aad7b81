/* SPDX-License-Identifier: MIT */
/* Cron expressions: read, compare, put in words, find the next run; after cronie's crontab(5). */
#ifndef CRON_H
#define CRON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define CRON_TEXT_MAX 256 /* bytes of an expression, without the NUL */

enum cron_kind {
	CRON_STANDARD, /* five fields that every cron reads alike */
	CRON_ALIAS,    /* an extension with an exact five-field meaning: "@daily", "0 6 ? * mon" */
	CRON_OPAQUE,   /* one that only the server can read: six fields, L, W, #, H, "@reboot" */
};

/* A schedule in UTC. The sets are empty when it is opaque. Bit n of a set is the number n. */
struct cron {
	enum cron_kind kind;
	uint64_t minutes;
	uint32_t hours;
	uint32_t days;         /* of the month, from 1 */
	uint16_t months;       /* from 1 */
	uint8_t weekdays;      /* 0 is Sunday */
	bool star_day;         /* the day of month begins with '*' (or is '?') */
	bool star_weekday;     /* the day of week does. If neither: a day fits either; else both */
	bool wide_step;        /* a step is larger than its range */
	const char *extension; /* "'L'", "six fields"; static; NULL: standard */
};

/* What is wrong and where, in bytes from the start of the expression. */
struct cron_fault {
	size_t offset;  /* may be the end of the expression, where something is missing */
	size_t width;   /* at least 1 */
	char text[192]; /* "hour 25 is outside 0-23"; printable ASCII, whatever was read */
};

/* Read an expression. False with its first fault (which may be NULL); `*cron` is then untouched. */
bool cron_parse(const char *text, struct cron *cron, struct cron_fault *fault);

/* Tell whether two texts are one schedule: "0 6 * * MON" and "0 6 * * 1". True only where
 * cronie and croniter both read them alike; in doubt false, as a needless update harms less than a
 * lost one. What is opaque or no cron at all is equal when the texts are, but for blanks and case.
 */
bool cron_equal(const char *a, const char *b);

/* The same where NULL is no schedule, and an empty text, as some servers say it, is none either. */
bool cron_same(const char *a, const char *b);

/* Append the schedule in words: "at 06:00, Monday to Friday". */
void cron_describe(const struct cron *cron, struct text *out);

/* Find the first run after a time (UTC, strictly after, seconds since 1970). False when it never
 * runs, is opaque, or `after_unix_s` is not within the years 1 to 9999. Microseconds at worst. */
bool cron_next(const struct cron *cron, int64_t after_unix_s, int64_t *next_unix_s);

/* What is worth a warning; flags, to be joined. */
enum cron_lint {
	CRON_NEVER = 1 << 0,        /* no such day: 31 February */
	CRON_EVERY_MINUTE = 1 << 1, /* of at least one hour that it runs in */
	CRON_BOTH_DAYS = 1 << 2,    /* day of month and day of week restricted: either is enough */
	CRON_DAYS_UNCLEAR = 1 << 3, /* the same, but schedulers join the two differently */
	CRON_WIDE_STEP = 1 << 4,    /* a step larger than its range: only the first value is left */
	CRON_EXTENSION = 1 << 5,    /* not every cron knows it */
};
#define CRON_LINT_LAST CRON_EXTENSION

unsigned cron_lint(const struct cron *cron);

/* Append one flag's sentence, in the style of a fault: "never runs: …". */
void cron_lint_text(const struct cron *cron, enum cron_lint flag, struct text *out);

#endif
