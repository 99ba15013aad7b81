/* SPDX-License-Identifier: MIT */
/* Nothing here prints: each function appends to what its command is going to say. Text of others is
 * redacted before anything else is done to it. */
#include "commands/format.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cron/cron.h"
#include "cron/cron_describe.h"
#include "cron/cron_next.h"

static bool split(int64_t at_unix_s, struct tm *utc)
{
	time_t at = at_unix_s;

	return gmtime_r(&at, utc) != NULL;
}

void format_date(int64_t at_unix_s, struct text *out)
{
	struct tm utc;
	char shown[64];

	if (split(at_unix_s, &utc))
		text_add_bytes(out, shown, strftime(shown, sizeof(shown), "%a %Y-%m-%d", &utc));
}

void format_time(int64_t at_unix_s, struct text *out)
{
	struct tm utc;
	char shown[64];

	if (split(at_unix_s, &utc))
		text_add_bytes(out, shown,
		               strftime(shown, sizeof(shown), "%a %Y-%m-%d %H:%M", &utc));
}

void format_timestamp(int64_t at_unix_s, struct text *out)
{
	struct tm utc;
	char shown[64];

	if (split(at_unix_s, &utc))
		text_add_bytes(out, shown,
		               strftime(shown, sizeof(shown), "%Y-%m-%dT%H:%M:%SZ", &utc));
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

void format_integration(int64_t id, const char *name, size_t limit, const struct redactor *redactor,
                        struct text *out)
{
	text_printf(out, "integration %" PRId64, id);
	if (name == NULL)
		return;
	text_add(out, " '");
	format_text(name, limit, redactor, out);
	text_add_char(out, '\'');
}
