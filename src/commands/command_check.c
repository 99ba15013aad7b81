/* SPDX-License-Identifier: MIT */
/* `dfmode-sync check`: the very load that the daemon does, told to a person. First what is wrong,
 * all of it; and if nothing is, what was understood: each integration with its schedule in words
 * and its next run, as a schedule that is valid can still be another than the one that was meant.
 */
#include "commands/command_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/format.h"
#include "config/specfile.h"

#define EXIT_GOOD   0
#define EXIT_CONFIG 78 /* EX_CONFIG of sysexits.h */

#define COLUMNS    4
#define NAME_SHOWN 60 /* bytes of a name in the table */

/* What is told of one integration. */
struct row {
	struct text cells[COLUMNS]; /* id, name, schedule, next run */
};

static const char *const titles[COLUMNS] = {"ID", "NAME", "SCHEDULE", "NEXT RUN (UTC)"};

/* False where there is no next run that could be named. */
static bool find_next(const struct spec_integration *integration, int64_t now_unix_s, int64_t *next)
{
	return !integration->paused &&
	       format_find_next(integration->value.indexing_cron, now_unix_s, next);
}

/* the table */

static void fill(struct row *row, const struct spec_integration *integration, int64_t now_unix_s)
{
	const char *name = integration->value.name;
	int64_t next;
	text_add_int(&row->cells[0], integration->id);
	if (name && *name)
		text_escape(&row->cells[1], name, strlen(name), NAME_SHOWN);
	else
		text_add_char(&row->cells[1], '-');
	if (integration->paused)
		text_add(&row->cells[2], "paused: ");
	(void)format_schedule(integration->value.indexing_cron, &row->cells[2]);
	if (find_next(integration, now_unix_s, &next))
		format_time(next, &row->cells[3]);
	else
		text_add_char(&row->cells[3], '-');
}

/* Characters, not bytes; wide ones count as one. */
static size_t width_of(const char *text)
{
	size_t width = 0;
	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void add_cells(const char *const cells[COLUMNS], const size_t widths[COLUMNS],
                      struct text *out)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		text_add(out, cells[i]);
		for (size_t j = width_of(cells[i]); i + 1 < COLUMNS && j < widths[i] + 2; j++)
			text_add_char(out, ' ');
	}
	text_add_char(out, '\n');
}

static void add_row(const struct row *row, const size_t widths[COLUMNS], struct text *out)
{
	const char *cells[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = row->cells[i].bytes;
	add_cells(cells, widths, out);
}

static void add_table(const struct spec *spec, int64_t now_unix_s, struct text *out)
{
	size_t widths[COLUMNS];
	struct row *rows = mem_alloc(spec->count, sizeof(*rows));
	for (size_t i = 0; i < COLUMNS; i++)
		widths[i] = width_of(titles[i]);
	for (size_t i = 0; i < spec->count; i++) {
		fill(&rows[i], &spec->integrations[i], now_unix_s);
		for (size_t j = 0; j < COLUMNS; j++) {
			size_t width = width_of(rows[i].cells[j].bytes);
			widths[j] = width > widths[j] ? width : widths[j];
		}
	}
	add_cells(titles, widths, out);
	for (size_t i = 0; i < spec->count; i++) {
		add_row(&rows[i], widths, out);
		for (size_t j = 0; j < COLUMNS; j++)
			text_clear(&rows[i].cells[j]);
	}
	free(rows);
}

/* the document */

static void add_fault(const struct fault_entry *entry, struct text *out)
{
	format_member("level", entry->level == FAULT_ERROR ? "error" : "warning", NULL, out);
	text_add_char(out, ',');
	format_member("file", entry->file, NULL, out);
	text_printf(out, ",\"line\":%d,\"column\":%d,\"width\":%d,", entry->line, entry->column,
	            entry->width);
	format_member("text", entry->text, NULL, out);
}

static void add_integration(const struct spec_integration *integration, int64_t now_unix_s,
                            struct text *out)
{
	struct spec_place place = spec_place_of(integration, SPEC_INDEXING_CRON);
	struct text error_text = {0};
	int64_t next;
	(void)format_schedule(integration->value.indexing_cron, &error_text);
	text_printf(out, "\"id\":%lld,", (long long)integration->id);
	format_member("name", integration->value.name, NULL, out);
	text_add_char(out, ',');
	format_member("workspace", integration->value.workspace, NULL, out);
	text_add_char(out, ',');
	format_member("indexing_cron", integration->value.indexing_cron, NULL, out);
	text_add_char(out, ',');
	format_member("schedule", error_text.bytes, NULL, out);
	text_add_char(out, ',');
	text_truncate(&error_text, 0);
	if (find_next(integration, now_unix_s, &next))
		format_timestamp(next, &error_text);
	format_member("next_run", error_text.length > 0 ? error_text.bytes : NULL, NULL, out);
	text_printf(out, ",\"paused\":%s,", integration->paused ? "true" : "false");
	format_member("file", place.file, NULL, out);
	text_printf(out, ",\"line\":%d", place.line);
	text_clear(&error_text);
}

static void add_document(const struct specfile *specfile, const char *path, int64_t now_unix_s,
                         struct text *out)
{
	const struct faults *faults = &specfile->faults;
	const struct spec *spec = specfile->spec;
	text_add_char(out, '{');
	format_member("file", path, NULL, out);
	text_printf(out, ",\"errors\":%zu,\"warnings\":%zu,\"faults\":[", faults->errors,
	            faults->warnings);
	for (size_t i = 0; i < faults->count; i++) {
		text_add(out, i > 0 ? ",{" : "{");
		add_fault(&faults->entries[i], out);
		text_add_char(out, '}');
	}
	text_add(out, "],\"integrations\":[");
	for (size_t i = 0; spec && i < spec->count; i++) {
		text_add(out, i > 0 ? ",{" : "{");
		add_integration(&spec->integrations[i], now_unix_s, out);
		text_add_char(out, '}');
	}
	text_add(out, "]}\n");
}

/* the command */

/* A command of ExecReload=, which alone has $MAINPID, may not look at the credentials: systemd 252
 * tells it where they are and keeps the door shut, 257 does not tell. */
static bool is_hidden(const char *directory)
{
	if (!directory)
		return getenv("MAINPID") != NULL;
	return access(directory, X_OK) < 0 && errno == EACCES;
}

int command_check(const char *path, bool json, bool colour, struct text *out, struct text *errors)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	const struct secret_environment environment = {
		.credentials_directory = credentials,
		.api_key = getenv("DATAFOLD_API_KEY"),
		.hides_credentials = is_hidden(credentials),
	};
	struct specfile specfile;
	int64_t now_unix_s = time(NULL);
	specfile_load(&specfile, path, &environment);
	if (json)
		add_document(&specfile, path, now_unix_s, out);
	else if (specfile.faults.count > 0)
		faults_print(&specfile.faults, colour, errors);
	if (!json && specfile.spec && specfile.spec->count > 0)
		add_table(specfile.spec, now_unix_s, out);
	else if (!json && specfile.spec)
		text_add(out, "no integrations\n");
	int code = specfile.spec ? EXIT_GOOD : EXIT_CONFIG;
	specfile_clear(&specfile);
	return code;
}
