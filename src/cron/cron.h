/* SPDX-License-Identifier: MIT */
/* A cron expression, read as crontab(5) of cronie has it: five fields, in UTC. POSIX crontab(1) is
 * the part of it without steps, names and nicknames. How it is read, whether two are one schedule,
 * the days that it runs on (as cronie's find_jobs() has them), and when it runs next. */
#ifndef CRON_H
#define CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron_slice.h"

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
	bool bare_day;         /* the day of month has a '*' without a step (or is '?') */
	bool bare_weekday;     /* the day of week has one; below: who looks at what */
	bool lone_range;       /* has a range of one value, which not all read as one */
	bool wide_step;        /* a step is larger than its range */
	int64_t every_ms;      /* the interval of "@every 5m"; 0: it is another schedule */
	const char *extension; /* "'L'", "six fields"; static; NULL: standard */
};

/* Read an expression of at most CRON_TEXT_MAX bytes. False with its first fault, which may be NULL;
 * `*cron` is then untouched. */
bool cron_parse(const char *text, struct cron *cron, struct cron_fault *fault);

/* Compare two expressions: "0 6 * * MON" and "0 6 * * 1" are the same. True only where cronie and
 * croniter both read them alike; else false, as a needless update harms less than a lost one. What
 * is opaque or no cron at all is the same when the texts are, but for blanks and case. NULL is no
 * schedule; an empty text, as some servers write it, is none either. */
bool cron_same(const char *a, const char *b);

/* How the two day fields are joined: crontab(5) joins them by "or" where both are restricted;
 * schedulers differ in what they take for restricted. */

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

/* Whether no day ever fits, since none of the months has one of the days: 31 February. */
bool cron_days_never(const struct cron *cron);

/* The days of a month that the schedule runs on: bit n is day n. `first_day` is the month's first
 * in days since 1970. */
uint32_t cron_days_fitting(const struct cron *cron, int64_t year, unsigned month,
                           int64_t first_day);

/* Find the first run after a time, strictly; both in seconds since 1970. False when it never runs,
 * is opaque, or `after_unix_s` is not within the years 1 to 9999; `*next_unix_s` is then untouched.
 * Microseconds at worst. */
bool cron_next(const struct cron *cron, int64_t after_unix_s, int64_t *next_unix_s);

#endif
