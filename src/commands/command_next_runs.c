/* SPDX-License-Identifier: MIT */
/* When all schedules run together. A list of runs walks from minute to minute; a week is counted by
 * days: whether a schedule runs on one is asked once, its minutes are in its sets. */
#include "commands/command_next_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cron/cron.h"

/* Take what runs at a minute, in the order of the schedules, and find when each runs again. */
static void take_minute(const struct next_schedules *schedules, int64_t *next, int64_t at,
                        struct next_runs *runs)
{
	for (size_t i = 0; i < schedules->count; i++) {
		const struct next_schedule *schedule = &schedules->items[i];

		if (next[i] != at)
			continue;
		if (runs->count < schedules->limit)
			runs->items[runs->count++] =
				(struct next_run){.at_unix_s = at, .schedule = schedule};
		else
			runs->more++;
		if (!cron_next(&schedule->cron, at, &next[i]))
			next[i] = INT64_MAX;
	}
}

static int64_t first_of(const int64_t *next, size_t count)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < count; i++)
		first = next[i] < first ? next[i] : first;
	return first;
}

struct next_runs next_find_runs(const struct next_schedules *schedules, int64_t after_unix_s)
{
	int64_t *next = mem_alloc(schedules->count + 1, sizeof(next[0]));
	struct next_runs runs = {.items = mem_alloc(schedules->limit, sizeof(runs.items[0])),
	                         .until_unix_s = schedules->is_single ? INT64_MAX
	                                                              : after_unix_s + NEXT_DAY_S};

	for (size_t i = 0; i < schedules->count; i++) {
		if (!cron_next(&schedules->items[i].cron, after_unix_s, &next[i]))
			next[i] = INT64_MAX;
	}
	while (runs.count < schedules->limit || !schedules->is_single) {
		int64_t at = first_of(next, schedules->count);

		if (at > runs.until_unix_s || at == INT64_MAX)
			break;
		take_minute(schedules, next, at, &runs);
	}
	free(next);
	return runs;
}

/* Whether the schedule runs on the day that begins then. */
static bool runs_on(const struct cron *cron, int64_t midnight_unix_s)
{
	int64_t at;

	return cron_next(cron, midnight_unix_s - 1, &at) && at < midnight_unix_s + NEXT_DAY_S;
}

uint32_t *next_count_starts(const struct next_schedules *schedules, int64_t midnight_unix_s)
{
	uint32_t *starts = mem_alloc(NEXT_WEEK_MINUTES, sizeof(starts[0]));

	for (size_t i = 0; i < schedules->count * NEXT_WEEK_DAYS; i++) {
		const struct cron *cron = &schedules->items[i / NEXT_WEEK_DAYS].cron;
		unsigned day = (unsigned)(i % NEXT_WEEK_DAYS);

		if (!runs_on(cron, midnight_unix_s + (int64_t)day * NEXT_DAY_S))
			continue;
		for (unsigned minute = 0; minute < 1440; minute++)
			starts[day * 1440 + minute] += (cron->hours >> minute / 60 & 1) &
			                               (cron->minutes >> minute % 60 & 1);
	}
	return starts;
}

uint64_t next_count_hour(const uint32_t *starts)
{
	uint64_t sum = 0;

	for (unsigned minute = 0; minute < 60; minute++)
		sum += starts[minute];
	return sum;
}

static struct next_busy measure(const uint32_t *starts, unsigned minute)
{
	struct next_busy busy = {.minute = minute};

	for (unsigned day = 0; day < NEXT_WEEK_DAYS; day++) {
		uint32_t count = starts[day * 1440 + minute];

		if (count > busy.starts)
			busy = (struct next_busy){.minute = minute, .starts = count, .day = day};
		busy.days += count > 0 && count == busy.starts;
	}
	return busy;
}

void next_find_busiest(const uint32_t *starts, struct next_busy busiest[NEXT_BUSIEST_MAX])
{
	for (size_t i = 0; i < NEXT_BUSIEST_MAX; i++)
		busiest[i] = (struct next_busy){0};
	for (unsigned minute = 0; minute < 1440; minute++) {
		struct next_busy busy = measure(starts, minute);
		size_t at = NEXT_BUSIEST_MAX;

		while (at > 0 && busiest[at - 1].starts < busy.starts) {
			if (at < NEXT_BUSIEST_MAX)
				busiest[at] = busiest[at - 1];
			at--;
		}
		if (at < NEXT_BUSIEST_MAX)
			busiest[at] = busy;
	}
}
