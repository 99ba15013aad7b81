/* SPDX-License-Identifier: MIT */
/* First the schedules that were asked for are gathered, then one of the views shows them. An
 * expression that is wrong is shown with a caret below the part to fix. Nothing here prints. */
#include "commands/command_next_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/fault.h"
#include "base/mem.h"
#include "commands/command.h"
#include "config/specfile.h"

#define RUNS_USUAL 5 /* of one schedule */

static void add_fault(const struct command_line *line, const struct cron_fault *fault,
                      struct text *errors)
{
	const struct fault_place place = {.file = "CRON",
	                                  .line = 1,
	                                  .column = (int)fault->offset + 1,
	                                  .width = (int)fault->width,
	                                  .source = line->arguments[0]};
	struct faults faults = {0};

	faults_add(&faults, FAULT_ERROR, place, "%s", fault->text);
	faults_print(&faults, line->error_colour, errors);
	faults_clear(&faults);
}

/* The ids on both sides of one that is not there. */
static void add_neighbours(const struct spec *spec, int64_t id, struct text *errors)
{
	size_t after = 0;

	while (after < spec->count && spec->integrations[after].id < id)
		after++;
	if (spec->count == 0)
		text_add(errors, "; it has no integrations");
	else
		text_printf(errors, "; the nearest of its %zu: ", spec->count);
	if (after > 0)
		text_add_int(errors, spec->integrations[after - 1].id);
	if (after > 0 && after < spec->count)
		text_add(errors, " and ");
	if (after < spec->count)
		text_add_int(errors, spec->integrations[after].id);
}

/* NULL with the reason appended to `errors` if it is not there. */
static const struct spec_integration *find(const struct spec *spec, const char *path,
                                           const char *id, struct text *errors)
{
	const struct spec_integration *integration = NULL;
	int64_t number = id[strspn(id, "0")] == '\0' ? 0 : INT64_MAX;

	if (text_to_int(id, 1, INT64_MAX, &number))
		integration = spec_find(spec, number);
	if (integration == NULL) {
		text_printf(errors, "error: no integration %.40s in '%s'", id, path);
		add_neighbours(spec, number, errors);
		text_add_char(errors, '\n');
	}
	return integration;
}

static void show(struct next_schedules *schedules, const struct command_line *line,
                 struct text *out)
{
	schedules->limit = schedules->is_single ? RUNS_USUAL : COMMAND_LINE_RUNS_MAX;
	if (line->runs > 0)
		schedules->limit = (size_t)line->runs;
	tzset();
	if (line->json)
		next_add_json(schedules, line, out);
	else if (line->week)
		next_add_week(schedules, line, out);
	else
		next_add_text(schedules, line, out);
}

static void show_single(struct next_schedule *schedule, const struct command_line *line,
                        struct text *out)
{
	show(&(struct next_schedules){.items = schedule, .count = 1, .is_single = true}, line, out);
}

static int show_expression(const struct command_line *line, struct text *out, struct text *errors)
{
	struct next_schedule schedule = {.expression = line->arguments[0]};
	struct cron_fault fault;

	if (!cron_parse(schedule.expression, &schedule.cron, &fault)) {
		add_fault(line, &fault, errors);
		return EX_USAGE;
	}
	show_single(&schedule, line, out);
	return EX_OK;
}

/* What the specification holds was parsed by it. */
static struct next_schedule schedule_of(const struct spec_integration *integration)
{
	struct next_schedule schedule = {.integration = integration,
	                                 .expression = integration->value.indexing_cron};

	if (schedule.expression != NULL && !cron_parse(schedule.expression, &schedule.cron, NULL))
		schedule.expression = NULL;
	return schedule;
}

static void show_all(const struct spec *spec, const struct command_line *line, struct text *out)
{
	struct next_schedules schedules = {
		.items = mem_alloc(spec->count + 1, sizeof(schedules.items[0]))};

	for (size_t i = 0; i < spec->count; i++) {
		struct next_schedule schedule = schedule_of(&spec->integrations[i]);

		if (spec->integrations[i].paused)
			schedules.paused++;
		else if (schedule.expression == NULL)
			schedules.without++;
		else if (schedule.cron.kind == CRON_OPAQUE)
			schedules.opaque++;
		else
			schedules.items[schedules.count++] = schedule;
	}
	show(&schedules, line, out);
	free(schedules.items);
}

static int show_file(const struct command_line *line, struct text *out, struct text *errors)
{
	/* What only the service has is not asked for: no secret is shown. */
	const struct secret_environment environment = {.credentials_directory = "",
	                                               .hides_credentials = true};
	const struct spec_integration *integration;
	struct next_schedule schedule;
	struct specfile specfile;
	int code = EX_OK;

	specfile_load(&specfile, line->config_path, &environment, false);
	if (specfile.spec == NULL) {
		faults_print(&specfile.faults, line->error_colour, errors);
		code = specfile.unread != NULL ? EX_TEMPFAIL : EX_CONFIG;
	} else if (line->arguments[0] == NULL) {
		show_all(specfile.spec, line, out);
	} else {
		integration = find(specfile.spec, line->config_path, line->arguments[0], errors);
		if (integration != NULL) {
			schedule = schedule_of(integration);
			show_single(&schedule, line, out);
		} else {
			code = EX_USAGE;
		}
	}
	specfile_clear(&specfile);
	return code;
}

/* One number alone is no schedule. */
static bool is_id(const char *word)
{
	return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

int command_next(const struct command_line *line, struct text *out, struct text *errors)
{
	if (line->week && line->runs > 0)
		return command_line_misuse(line->command, "-n and --week exclude each other", NULL,
		                           errors);
	if (line->arguments[0] == NULL || is_id(line->arguments[0]))
		return show_file(line, out, errors);
	return show_expression(line, out, errors);
}
