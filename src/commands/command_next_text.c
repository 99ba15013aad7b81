/* SPDX-License-Identifier: MIT */
/* A schedule as one reads it aloud, what is odd about it, and its runs in the server's UTC and in
 * the reader's own time.
 *
 * The week has a row for each day, a column for each hour, 78 columns wide: the label takes six, a
 * cell three. A cell has two digits for its number, so where an hour has a hundred starts all
 * numbers are in tens, hundreds or thousands. Its days and hours are UTC, as the schedules are. */
#include "commands/command_next_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands/format.h"
#include "cron/cron_describe.h"

#define NAME_SHOWN 200 /* bytes */
#define HOURS      24
#define DIGITS_TO  99

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

/* A single schedule in words, and its warnings. */
static void add_heading(const struct next_schedules *schedules, struct text *out)
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

/* What of all integrations is not shown; nothing if that is none. */
static void add_left_out(const struct next_schedules *schedules, struct text *out)
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
		add_heading(schedules, out);
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
	add_left_out(schedules, out);
	free(runs.items);
}

/* the week */

/* The background and the text of a shade, of the terminal's 256 colours; either is set, so that it
 * does not matter what the terminal's own are. */
static const struct {
	int background;
	int text;
} shades[] = {{194, 16}, {157, 16}, {114, 16}, {71, 231}, {28, 231}};

#define SHADES (sizeof(shades) / sizeof(shades[0]))

static const char *const units[] = {
	"", "tens", "hundreds", "thousands", "tens of thousands", "hundreds of thousands"};

static void add_cell(uint64_t count, uint64_t unit, uint64_t most, bool colour, struct text *out)
{
	size_t shade = count > 0 ? (size_t)((count * SHADES - 1) / most) : 0;

	if (count == 0)
		text_add(out, "  .");
	else if (colour)
		text_printf(out, "\x1b[48;5;%d;38;5;%dm%3" PRIu64 "\x1b[0m",
		            shades[shade].background, shades[shade].text,
		            (count + unit - 1) / unit);
	else
		text_printf(out, "%3" PRIu64, (count + unit - 1) / unit);
}

static void add_rows(const uint32_t *starts, const uint64_t *scale, int64_t midnight_unix_s,
                     bool colour, struct text *out)
{
	text_add(out, "      ");
	for (unsigned hour = 0; hour < HOURS; hour++)
		text_printf(out, " %02u", hour);
	text_add_char(out, '\n');
	for (unsigned hour = 0; hour < HOURS * NEXT_WEEK_DAYS; hour++) {
		if (hour % HOURS == 0)
			format_time(midnight_unix_s + (int64_t)hour * 3600, FORMAT_DAY, out);
		add_cell(next_count_hour(starts + hour * 60), scale[0], scale[1], colour, out);
		if (hour % HOURS == HOURS - 1)
			text_add_char(out, '\n');
	}
}

static void add_busiest(const uint32_t *starts, int64_t midnight_unix_s, struct text *out)
{
	struct next_busy busiest[NEXT_BUSIEST_MAX];

	next_find_busiest(starts, busiest);
	text_add(out, "busiest minutes:\n");
	for (size_t i = 0; i < NEXT_BUSIEST_MAX && busiest[i].starts > 0; i++) {
		text_printf(out, "%02u:%02u %7" PRIu32 " %s on ", busiest[i].minute / 60,
		            busiest[i].minute % 60, busiest[i].starts,
		            busiest[i].starts == 1 ? "starts" : "start");
		format_time(midnight_unix_s + (int64_t)busiest[i].day * NEXT_DAY_S, FORMAT_DAY,
		            out);
		if (busiest[i].days > 1)
			text_printf(out, " and %u other day%s", busiest[i].days - 1,
			            busiest[i].days == 2 ? "" : "s");
		text_add_char(out, '\n');
	}
}

void next_add_week(const struct next_schedules *schedules, const struct command_line *line,
                   struct text *out)
{
	int64_t midnight = line->now_unix_s / NEXT_DAY_S * NEXT_DAY_S;
	uint32_t *starts = next_count_starts(schedules, midnight);
	uint64_t scale[2] = {1, 0}; /* the unit, and the most of an hour */
	uint64_t sum = 0;
	size_t unit = 0;

	for (unsigned hour = 0; hour < HOURS * NEXT_WEEK_DAYS; hour++) {
		uint64_t count = next_count_hour(starts + hour * 60);

		sum += count;
		scale[1] = count > scale[1] ? count : scale[1];
	}
	for (; scale[1] > DIGITS_TO * scale[0]; scale[0] *= 10)
		unit++;
	if (schedules->is_single)
		add_heading(schedules, out);
	text_add(out, "starts in each hour, UTC, of seven days from ");
	format_time(midnight, FORMAT_DATE, out);
	text_printf(out, ": %" PRIu64 " in all\n", sum);
	if (unit > 0)
		text_printf(out, "numbers are in %s, rounded up\n", units[unit]);
	add_rows(starts, scale, midnight, line->colour, out);
	if (sum > 0)
		add_busiest(starts, midnight, out);
	add_left_out(schedules, out);
	free(starts);
}
