/* SPDX-License-Identifier: MIT */
/* What the views of `next` share: the schedules, and their runs in order. */
#ifndef COMMAND_NEXT_INTERNAL_H
#define COMMAND_NEXT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "commands/command_line.h"
#include "config/spec.h"
#include "cron/cron.h"

/* A schedule, borrowed from the specification or the command line. */
struct next_schedule {
	const struct spec_integration *integration; /* NULL: from the command line */
	const char *expression;                     /* NULL: no schedule */
	struct cron cron;
};

struct next_schedules {
	struct next_schedule
		*items; /* owned: what runs at times that are known; or the one asked for */
	size_t count;
	bool is_single; /* one was asked for */
	size_t limit;   /* of runs to show; of all: those of 24 h at most */
	size_t paused;  /* of all, what is left out */
	size_t without; /* a schedule */
	size_t opaque;  /* known only to the server */
};

struct next_run {
	int64_t at_unix_s;
	const struct next_schedule *schedule;
};

struct next_runs {
	struct next_run *items; /* given */
	size_t count;
	int64_t until_unix_s; /* the end of the time asked for */
	size_t more;          /* how many follow in the time asked for; 0 of a single schedule */
};

/* Find the runs to show after a time, in order; those of one minute in the order of the schedules.
 */
struct next_runs next_find_runs(const struct next_schedules *schedules, int64_t after_unix_s);

/* How many starts each minute of seven days has, from 00:00 UTC of a day on; given,
 * NEXT_WEEK_MINUTES of them. */
#define NEXT_DAY_S        86400
#define NEXT_WEEK_DAYS    7
#define NEXT_WEEK_MINUTES (NEXT_WEEK_DAYS * 1440)
uint32_t *next_count_starts(const struct next_schedules *schedules, int64_t midnight_unix_s);

/* The sum of an hour's 60 minutes, from the first of them on. */
uint64_t next_count_hour(const uint32_t *starts);

/* The five minutes of the day that have most starts on one of the days. */
#define NEXT_BUSIEST_MAX 5
struct next_busy {
	unsigned minute; /* of the day */
	uint32_t starts; /* on the busiest of its days; 0: there are fewer such minutes */
	unsigned day;    /* the first of those, from 0 */
	unsigned days;   /* how many there are */
};
void next_find_busiest(const uint32_t *starts, struct next_busy busiest[NEXT_BUSIEST_MAX]);

/* The views. */
void next_add_text(const struct next_schedules *schedules, const struct command_line *line,
                   struct text *out);
void next_add_week(const struct next_schedules *schedules, const struct command_line *line,
                   struct text *out);
void next_add_json(const struct next_schedules *schedules, const struct command_line *line,
                   struct text *out);

#endif
