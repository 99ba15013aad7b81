/* SPDX-License-Identifier: MIT */
/* The very load that the daemon does, shown to a person. First what is wrong, all of it; and if
 * nothing is, what was understood: each integration with its schedule in words and its next run, as
 * a schedule that is valid can still be another than the one that was meant. */
#include "commands/command.h"

#include <string.h>
#include <sysexits.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "commands/format.h"
#include "commands/service_user.h"
#include "config/specfile.h"

#define NAME_SHOWN 60 /* bytes of a name in the table */

enum column { ID, NAME, SCHEDULE, NEXT_RUN };

static const struct table_format format = {
	.columns = {[ID] = {.title = "ID", .is_vital = true},
                    [NAME] = {.title = "NAME"},
                    [SCHEDULE] = {.title = "SCHEDULE", .is_vital = true, .wraps = true},
                    [NEXT_RUN] = {.title = "NEXT RUN (UTC)"}},
	.steps = {{.column = NAME, .width = 20},
                  {.column = SCHEDULE, .width = 24},
                  {.column = NAME, .width = 8},
                  {.column = NEXT_RUN},
                  {.column = NAME},
                  {.column = SCHEDULE, .width = 8}}};

/* What runs: nothing of a paused one. */
static const char *cron_of(const struct spec_integration *integration)
{
	return integration->paused ? NULL : integration->value.indexing_cron;
}

/* the table */

static void fill(struct table_row *row, const struct spec_integration *integration,
                 int64_t now_unix_s)
{
	const char *name = integration->value.name;
	int64_t next;

	text_add_int(&row->cells[ID], integration->id);
	if (name != NULL && name[0] != '\0')
		text_escape(&row->cells[NAME], name, strlen(name), NAME_SHOWN);
	else
		text_add_char(&row->cells[NAME], '-');
	if (integration->paused)
		text_add(&row->cells[SCHEDULE], "paused: ");
	(void)format_schedule(integration->value.indexing_cron, &row->cells[SCHEDULE]);
	if (format_find_next(cron_of(integration), now_unix_s, &next))
		format_time(next, FORMAT_TIME, &row->cells[NEXT_RUN]);
	else
		text_add_char(&row->cells[NEXT_RUN], '-');
}

static void add_table(const struct spec *spec, const struct command_line *line, struct text *out)
{
	struct table_row *rows = mem_alloc(spec->count, sizeof(*rows));

	for (size_t i = 0; i < spec->count; i++)
		fill(&rows[i], &spec->integrations[i], line->now_unix_s);
	table_add(&format, rows, spec->count, spec->count, line->columns, out);
}

/* the document */

static void add_fault(const struct fault_entry *entry, struct text *out)
{
	json_out_open_object(out, NULL);
	json_out_string(out, "level", entry->level == FAULT_ERROR ? "error" : "warning");
	json_out_string(out, "file", entry->file);
	json_out_int(out, "line", entry->line);
	json_out_int(out, "column", entry->column);
	json_out_int(out, "width", entry->width);
	json_out_string(out, "text", entry->text);
	json_out_close_object(out);
}

static void add_integration(const struct spec_integration *integration, int64_t now_unix_s,
                            struct text *out)
{
	json_out_open_object(out, NULL);
	json_out_int(out, "id", integration->id);
	json_out_string(out, "name", integration->value.name);
	json_out_string(out, "workspace", integration->value.workspace);
	json_out_string(out, "indexing_cron", integration->value.indexing_cron);
	format_json_schedule(out, "schedule", integration->value.indexing_cron);
	format_json_next(out, "next_run", cron_of(integration), now_unix_s);
	json_out_bool(out, "paused", integration->paused);
	format_json_place(out, spec_place_of(integration, SPEC_INDEXING_CRON));
	json_out_close_object(out);
}

static void add_document(const struct specfile *specfile, const struct command_line *line,
                         const struct service_user *user, struct text *out)
{
	const struct faults *faults = &specfile->faults;
	const struct spec *spec = specfile->spec;

	format_open_document(out);
	json_out_string(out, "file", line->config_path);
	json_out_string(out, "user", user->name);
	json_out_string(out, "note", user->note);
	json_out_int(out, "errors", (int64_t)faults->errors);
	json_out_int(out, "warnings", (int64_t)faults->warnings);
	json_out_open_array(out, "faults");
	for (size_t i = 0; i < faults->count; i++)
		add_fault(&faults->entries[i], out);
	json_out_close_array(out);
	json_out_open_array(out, "integrations");
	for (size_t i = 0; spec != NULL && i < spec->count; i++)
		add_integration(&spec->integrations[i], line->now_unix_s, out);
	json_out_close_array(out);
	format_close_document(out);
}

/* the command */

static void add_text(const struct specfile *specfile, const struct command_line *line,
                     const struct service_user *user, struct text *out, struct text *errors)
{
	if (specfile->faults.count > 0)
		faults_print(&specfile->faults, line->error_colour, errors);
	if (user->note != NULL)
		text_printf(errors, "note: %s\n", user->note);
	if (specfile->spec != NULL && specfile->spec->count > 0)
		add_table(specfile->spec, line, out);
	else if (specfile->spec != NULL)
		text_add(out, "no integrations\n");
}

/* A file that root opens may still be one that the service does not come near: a draft, or a fault
 * of the installation. */
static void judge_file(const char *path, const struct service_user *user, struct faults *faults)
{
	const struct fault_place place = {.file = path};

	if (!service_user_can_read(user, path))
		faults_add(faults, FAULT_WARNING, place, "user %s cannot read this file",
		           user->name);
}

int command_check(const struct command_line *line, struct text *out, struct text *errors)
{
	struct service_user *user = service_user_new(line->config_path, line->state_directory);
	struct specfile specfile;
	int code = EX_OK;

	specfile_load(&specfile, line->config_path, &user->environment, false);
	judge_file(line->config_path, user, &specfile.faults);
	if (specfile.spec == NULL)
		code = specfile.unread != NULL ? EX_TEMPFAIL : EX_CONFIG;
	if (line->json)
		add_document(&specfile, line, user, out);
	else
		add_text(&specfile, line, user, out, errors);
	specfile_clear(&specfile);
	service_user_free(user);
	return code;
}
