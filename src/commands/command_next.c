/* SPDX-License-Identifier: MIT */
#include "commands/command_next.h"

#include <string.h>
#include <time.h>

#include "config/specfile.h"
#include "cron/cron.h"
#include "cron/cron_describe.h"
#include "cron/cron_lint.h"
#include "cron/cron_next.h"

/* `dfmode-sync next CRON|ID`: first what the schedule says, as one reads it aloud, then what is odd
 * about it, then when it runs next, in the server's UTC and in the reader's own time. An expression
 * that is wrong is shown with a caret below the part to mend. An id stands for the schedule of that
 * integration, which is named, with the line to change. Nothing here prints. */

#define EXIT_OK     0
#define EXIT_USAGE  64
#define EXIT_CONFIG 78
#define NAME_SHOWN  200 /* bytes */

/* Show an argument so that every byte takes one column, whatever it is. */
static void add_columns(const char *bytes, size_t length, struct text *out)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '\t')
			byte = ' ';
		text_add_char(out, byte < 0x20 || byte >= 0x7f ? '?' : (char)byte);
	}
}

static void add_fault(const char *expression, const struct cron_fault *fault, struct text *errors)
{
	size_t shown = strnlen(expression, CRON_TEXT_MAX);

	text_printf(errors, "error: %s\n    ", fault->text);
	add_columns(expression, shown, errors);
	text_add(errors, "\n    ");
	for (size_t i = 0; i < fault->offset; i++)
		text_add_char(errors, ' ');
	text_add_char(errors, '^');
	for (size_t i = 1; i < fault->width; i++)
		text_add_char(errors, '~');
	text_add_char(errors, '\n');
}

static void add_warnings(const struct cron *cron, struct text *out)
{
	unsigned flags = cron_lint(cron);

	for (unsigned flag = 1; flag <= CRON_LINT_LAST; flag <<= 1) {
		if ((flags & flag) == 0)
			continue;
		text_add(out, "warning: ");
		cron_lint_text(cron, (enum cron_lint)flag, out);
		text_add_char(out, '\n');
	}
}

static void add_run(int64_t at_unix_s, struct text *out)
{
	time_t at = at_unix_s;
	struct tm utc;
	struct tm local;
	char columns[2][64];

	if (gmtime_r(&at, &utc) == NULL || localtime_r(&at, &local) == NULL ||
	    strftime(columns[0], sizeof(columns)[0], "%a %Y-%m-%d %H:%M UTC", &utc) == 0 ||
	    strftime(columns[1], sizeof(columns)[1], "%a %Y-%m-%d %H:%M %Z", &local) == 0)
		return;
	text_printf(out, "%s    %s\n", columns[0], columns[1]);
}

static void add_next(const struct cron *cron, int count, int64_t at_unix_s, struct text *out)
{
	for (int i = 0; i < count && cron_next(cron, at_unix_s, &at_unix_s); i++)
		add_run(at_unix_s, out);
}

static bool check_count(int count, struct text *errors)
{
	if (count >= 1 && count <= COMMAND_NEXT_MAX)
		return true;
	text_printf(errors, "error: -n %d is outside 1-%d\n", count, COMMAND_NEXT_MAX);
	return false;
}

static void add_schedule(const struct cron *cron, int count, int64_t now_unix_s, struct text *out)
{
	tzset();
	cron_describe(cron, out);
	text_add_char(out, '\n');
	add_warnings(cron, out);
	add_next(cron, count, now_unix_s, out);
}

int command_next(const char *expression, int count, int64_t now_unix_s, struct text *out,
                 struct text *errors)
{
	struct cron cron;
	struct cron_fault fault;

	if (!check_count(count, errors))
		return EXIT_USAGE;
	if (!cron_parse(expression, &cron, &fault)) {
		add_fault(expression, &fault, errors);
		return EXIT_USAGE;
	}
	add_schedule(&cron, count, now_unix_s, out);
	return EXIT_OK;
}

/* Which integration it is, what its file says, and where. */
static void add_integration(const struct spec_integration *integration, struct text *out)
{
	struct spec_place place = spec_place_of(integration, SPEC_INDEXING_CRON);
	const char *cron = integration->value.indexing_cron;
	const char *name = integration->value.name;

	text_printf(out, "integration %lld", (long long)integration->id);
	if (name != NULL) {
		text_add(out, " '");
		text_escape(out, name, strlen(name), NAME_SHOWN);
		text_add_char(out, '\'');
	}
	text_printf(out, ": %s, %s:%d%s\n", cron != NULL ? cron : "false", place.file, place.line,
	            integration->paused ? "; paused, so never sent" : "");
}

/* The ids on both sides of one that is not there. */
static void add_neighbours(const struct spec *spec, int64_t id, struct text *errors)
{
	size_t after = 0;

	while (after < spec->count && spec->integrations[after].id < id)
		after++;
	if (spec->count == 0)
		text_add(errors, "; it has no integrations");
	else if (after == 0)
		text_printf(errors, "; the least of its %zu is ", spec->count);
	else if (after == spec->count)
		text_printf(errors, "; the greatest of its %zu is ", spec->count);
	else
		text_printf(errors, "; the nearest of its %zu are ", spec->count);
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

static int tell(const struct spec_integration *integration, int count, int64_t now_unix_s,
                struct text *out)
{
	struct cron cron;

	add_integration(integration, out);
	if (integration->value.indexing_cron == NULL)
		text_add(out, "no schedule\n");
	else if (cron_parse(integration->value.indexing_cron, &cron, NULL))
		add_schedule(&cron, count, now_unix_s, out);
	return EXIT_OK;
}

int command_next_id(const char *path, const char *id, int count, int64_t now_unix_s,
                    struct text *out, struct text *errors)
{
	/* A schedule is told to whoever may read the file, so what only the service has is not
	 * asked for. */
	const struct secret_environment environment = {.credentials_directory = "",
	                                               .hides_credentials = true};
	const struct spec_integration *integration;
	struct specfile specfile;
	int result = EXIT_CONFIG;

	if (!check_count(count, errors))
		return EXIT_USAGE;
	specfile_load(&specfile, path, &environment);
	if (specfile.spec == NULL) {
		faults_print(&specfile.faults, false, errors);
	} else {
		integration = find(specfile.spec, path, id, errors);
		result = integration != NULL ? tell(integration, count, now_unix_s, out)
		                             : EXIT_USAGE;
	}
	specfile_clear(&specfile);
	return result;
}
