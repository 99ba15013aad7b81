/* SPDX-License-Identifier: MIT */
/* Nothing here prints: each function appends to what its command is going to say. Text of others is
 * redacted before anything else is done to it. */
#include "commands/format.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json_out.h"
#include "cron/cron.h"
#include "cron/cron_describe.h"

/* Counted up when a member of a document goes or changes its meaning. */
#define DOCUMENT_VERSION 1

void format_time(int64_t at_unix_s, enum format_form form, struct text *out)
{
	time_t at = at_unix_s;
	struct tm utc;
	char shown[64];

	if (gmtime_r(&at, &utc) == NULL)
		return;
	/* Not out of a table: the compiler checks what is a literal. */
	(void)strftime(shown, sizeof(shown),
	               form == FORMAT_DAY          ? "%a %d"
	               : form == FORMAT_DATE       ? "%a %Y-%m-%d"
	               : form == FORMAT_SHORT_TIME ? "%a %m-%d %H:%M"
	               : form == FORMAT_TIME       ? "%a %Y-%m-%d %H:%M"
	                                           : "%Y-%m-%dT%H:%M:%SZ",
	               &utc);
	text_add(out, shown);
}

bool format_schedule(const char *cron, struct text *out)
{
	struct cron parsed;

	if (cron == NULL) {
		text_add(out, "no schedule");
		return true;
	}
	if (!cron_parse(cron, &parsed, NULL))
		return false;
	cron_describe(&parsed, out);
	return true;
}

bool format_find_next(const char *cron, int64_t now_unix_s, int64_t *next_unix_s)
{
	struct cron parsed;

	return cron != NULL && cron_parse(cron, &parsed, NULL) &&
	       cron_next(&parsed, now_unix_s, next_unix_s);
}

void format_text(const char *string, size_t limit, const struct redactor *redactor,
                 struct text *out)
{
	redactor_show(redactor, string, strlen(string), limit, out);
}

void format_quoted(const char *string, size_t limit, const struct redactor *redactor,
                   struct text *out)
{
	text_add_char(out, '\'');
	format_text(string, limit, redactor, out);
	text_add_char(out, '\'');
}

void format_integration(int64_t id, const char *name, size_t limit, const struct redactor *redactor,
                        struct text *out)
{
	text_printf(out, "integration %" PRId64, id);
	if (name == NULL)
		return;
	text_add_char(out, ' ');
	format_quoted(name, limit, redactor, out);
}

void format_open_document(struct text *out)
{
	json_out_open_object(out, NULL);
	json_out_int(out, "version", DOCUMENT_VERSION);
}

void format_close_document(struct text *out)
{
	json_out_close_object(out);
	text_add_char(out, '\n');
}

void format_json_time(struct text *out, const char *key, int64_t at_unix_s)
{
	struct text shown = {0};

	format_time(at_unix_s, FORMAT_TIMESTAMP, &shown);
	json_out_string(out, key, shown.bytes);
	text_clear(&shown);
}

void format_json_next(struct text *out, const char *key, const char *cron, int64_t now_unix_s)
{
	int64_t next;

	if (format_find_next(cron, now_unix_s, &next))
		format_json_time(out, key, next);
	else
		json_out_null(out, key);
}

void format_json_schedule(struct text *out, const char *key, const char *cron)
{
	struct text description = {0};

	json_out_string(out, key, format_schedule(cron, &description) ? description.bytes : NULL);
	text_clear(&description);
}

void format_json_place(struct text *out, struct spec_place place)
{
	json_out_string(out, "file", place.file);
	json_out_int_or_null(out, "line", place.line, place.line > 0);
}
