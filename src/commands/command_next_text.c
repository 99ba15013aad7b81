/* SPDX-License-Identifier: MIT */
/* A schedule as one reads it aloud, what is odd about it, and its runs in the server's UTC and in
 * the reader's own time. */
#include "commands/command_next_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands/format.h"
#include "cron/cron_describe.h"

#define NAME_SHOWN 200 /* bytes */

/* Which integration it is, what its file says, and where. */
static void add_integration(const struct spec_integration *integration, struct text *out)
{
	struct spec_place place = spec_place_of(integration, SPEC_INDEXING_CRON);
	const char *cron = integration->value.indexing_cron;

	format_integration(integration->id, integration->value.name, NAME_SHOWN, NULL, out);
	text_printf(out, ": %s, %s:%d%s\n", cron != NULL ? cron : "false", place.file, place.line,
	            integration->paused ? "; paused, so never sent" : "");
}

static void add_warnings(const struct cron *cron, struct text *out)
{
	unsigned flags = cron_lint(cron);

	while (flags != 0) {
		text_add(out, "warning: ");
		flags = cron_lint_text(cron, flags, out);
		text_add_char(out, '\n');
	}
}

void next_add_heading(const struct next_schedules *schedules, struct text *out)
{
	const struct next_schedule *schedule = &schedules->items[0];

	if (schedule->integration != NULL)
		add_integration(schedule->integration, out);
	if (schedule->expression == NULL) {
		text_add(out, "no schedule\n");
		return;
	}
	cron_describe(&schedule->cron, out);
	text_add_char(out, '\n');
	add_warnings(&schedule->cron, out);
}

static void add_part(size_t count, const char *what, const char **joint, struct text *out)
{
	if (count == 0)
		return;
	text_printf(out, "%s%zu %s", *joint, count, what);
	*joint = ", ";
}

void next_add_left_out(const struct next_schedules *schedules, struct text *out)
{
	const char *joint = "left out: ";

	add_part(schedules->paused, "paused", &joint, out);
	add_part(schedules->without, "without a schedule", &joint, out);
	add_part(schedules->opaque, "whose schedule only the server can read", &joint, out);
	if (*joint == ',')
		text_add_char(out, '\n');
}

/* The time in UTC and in local time, the latter with its date or without. */
static void add_time(int64_t at_unix_s, bool with_date, struct text *out)
{
	time_t at = at_unix_s;
	struct tm local;
	char shown[64];

	if (localtime_r(&at, &local) == NULL)
		return;
	format_time(at_unix_s, FORMAT_TIME, out);
	text_add(out, " UTC    ");
	if (with_date)
		(void)strftime(shown, sizeof(shown), "%a %Y-%m-%d %H:%M %Z", &local);
	else
		(void)strftime(shown, sizeof(shown), "%a %H:%M %Z", &local);
	text_add(out, shown);
}

static void add_row(const struct next_run *run, struct text *out)
{
	const struct spec_integration *integration = run->schedule->integration;
	const char *name = integration->value.name;

	add_time(run->at_unix_s, false, out);
	text_printf(out, "    %" PRId64, integration->id);
	if (name != NULL && name[0] != '\0') {
		text_add(out, "  ");
		text_escape(out, name, strlen(name), NAME_SHOWN);
	}
	text_add_char(out, '\n');
}

void next_add_text(const struct next_schedules *schedules, const struct command_line *line,
                   struct text *out)
{
	struct next_runs runs = next_find_runs(schedules, line->now_unix_s);

	if (schedules->is_single)
		next_add_heading(schedules, out);
	for (size_t i = 0; i < runs.count && schedules->is_single; i++) {
		add_time(runs.items[i].at_unix_s, true, out);
		text_add_char(out, '\n');
	}
	for (size_t i = 0; i < runs.count && !schedules->is_single; i++)
		add_row(&runs.items[i], out);
	if (!schedules->is_single && runs.count == 0)
		text_add(out, "nothing runs in the coming 24 hours\n");
	if (runs.more > 0)
		text_printf(out, "and %zu more runs in the coming 24 hours\n", runs.more);
	next_add_left_out(schedules, out);
	free(runs.items);
}
