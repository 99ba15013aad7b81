/* SPDX-License-Identifier: MIT */
/* A cron expression, read as crontab(5) of cronie has it: five fields, in UTC. POSIX crontab(1) is
 * the part of it without steps, names and nicknames. */
#ifndef CRON_H
#define CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron_fault.h"

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
	bool bare_weekday;     /* the day of week has one; cron_days.h says who looks at what */
	bool lone_range;       /* has a range of one value, which not all read as one */
	bool wide_step;        /* a step is larger than its range */
	int64_t every_ms;      /* the interval of "@every 5m"; 0: it is another schedule */
	const char *extension; /* "'L'", "six fields"; static; NULL: standard */
};

/* Read an expression of at most CRON_TEXT_MAX bytes. False with its first fault, which may be NULL;
 * `*cron` is then untouched. */
bool cron_parse(const char *text, struct cron *cron, struct cron_fault *fault);

#endif
