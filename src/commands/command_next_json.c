/* SPDX-License-Identifier: MIT */
/* The same for programs: what the text has, and times as RFC 3339 has them. */
#include "commands/command_next_internal.h"

#include <stdlib.h>

#include "base/json_out.h"
#include "commands/format.h"
#include "cron/cron_describe.h"

static void add_integration(const struct spec_integration *integration, struct text *out)
{
	json_out_int(out, "id", integration->id);
	json_out_string(out, "name", integration->value.name);
}

static void add_warnings(const struct cron *cron, struct text *out)
{
	unsigned flags = cron_lint(cron);

	json_out_open_array(out, "warnings");
	while (flags != 0) {
		struct text sentence = {0};

		flags = cron_lint_text(cron, flags, &sentence);
		json_out_string(out, NULL, sentence.bytes);
		text_clear(&sentence);
	}
	json_out_close_array(out);
}

/* What heads the document of a single schedule. */
static void add_heading(const struct next_schedule *schedule, struct text *out)
{
	const struct spec_integration *integration = schedule->integration;

	if (integration != NULL) {
		add_integration(integration, out);
		json_out_bool(out, "paused", integration->paused);
		format_json_place(out, spec_place_of(integration, SPEC_INDEXING_CRON));
	}
	json_out_string(out, "indexing_cron", schedule->expression);
	if (schedule->expression == NULL)
		return;
	format_json_schedule(out, "schedule", schedule->expression);
	add_warnings(&schedule->cron, out);
}

static void add_runs(const struct next_schedules *schedules, int64_t now_unix_s, struct text *out)
{
	struct next_runs runs = next_find_runs(schedules, now_unix_s);

	if (!schedules->is_single)
		format_json_time(out, "until", runs.until_unix_s);
	json_out_open_array(out, "runs");
	for (size_t i = 0; i < runs.count; i++) {
		json_out_line(out);
		json_out_open_object(out, NULL);
		format_json_time(out, "at", runs.items[i].at_unix_s);
		if (!schedules->is_single)
			add_integration(runs.items[i].schedule->integration, out);
		json_out_close_object(out);
	}
	json_out_close_array(out);
	if (!schedules->is_single)
		json_out_int(out, "more", (int64_t)runs.more);
	free(runs.items);
}

static void add_busiest(const uint32_t *starts, int64_t midnight_unix_s, struct text *out)
{
	struct next_busy busiest[NEXT_BUSIEST_MAX];

	next_find_busiest(starts, busiest);
	json_out_open_array(out, "busiest");
	for (size_t i = 0; i < NEXT_BUSIEST_MAX && busiest[i].starts > 0; i++) {
		json_out_line(out);
		json_out_open_object(out, NULL);
		format_json_time(out, "at",
		                 midnight_unix_s + (int64_t)busiest[i].day * NEXT_DAY_S +
		                         (int64_t)busiest[i].minute * 60);
		json_out_int(out, "starts", busiest[i].starts);
		json_out_int(out, "days", busiest[i].days);
		json_out_close_object(out);
	}
	json_out_close_array(out);
}

static void add_week(const struct next_schedules *schedules, int64_t now_unix_s, struct text *out)
{
	int64_t midnight = now_unix_s / NEXT_DAY_S * NEXT_DAY_S;
	uint32_t *starts = next_count_starts(schedules, midnight);

	json_out_open_array(out, "days");
	for (unsigned day = 0; day < NEXT_WEEK_DAYS; day++) {
		json_out_line(out);
		json_out_open_object(out, NULL);
		format_json_time(out, "from", midnight + (int64_t)day * NEXT_DAY_S);
		json_out_open_array(out, "starts");
		for (unsigned hour = 0; hour < 24; hour++)
			json_out_int(out, NULL,
			             (int64_t)next_count_hour(starts + day * 1440 + hour * 60));
		json_out_close_array(out);
		json_out_close_object(out);
	}
	json_out_close_array(out);
	add_busiest(starts, midnight, out);
	free(starts);
}

void next_add_json(const struct next_schedules *schedules, const struct command_line *line,
                   struct text *out)
{
	format_open_document(out);
	if (schedules->is_single) {
		add_heading(&schedules->items[0], out);
	} else {
		json_out_int(out, "paused", (int64_t)schedules->paused);
		json_out_int(out, "without_schedule", (int64_t)schedules->without);
		json_out_int(out, "opaque", (int64_t)schedules->opaque);
	}
	if (line->week)
		add_week(schedules, line->now_unix_s, out);
	else
		add_runs(schedules, line->now_unix_s, out);
	format_close_document(out);
}
