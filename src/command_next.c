/* SPDX-License-Identifier: MIT */
#include "command_next.h"

#include <string.h>
#include <time.h>

#include "cron.h"

/* `dfmode-sync next CRON`: first what the schedule says, as one reads it aloud, then what is odd
 * about it, then when it runs next, in the server's UTC and in the reader's own time. An expression
 * that is wrong is shown with a caret below the part to mend. Nothing here prints. */

#define EXIT_OK    0
#define EXIT_USAGE 64

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
	    strftime(columns[0], sizeof columns[0], "%a %Y-%m-%d %H:%M UTC", &utc) == 0 ||
	    strftime(columns[1], sizeof columns[1], "%a %Y-%m-%d %H:%M %Z", &local) == 0)
		return;
	text_printf(out, "%s    %s\n", columns[0], columns[1]);
}

static void add_next(const struct cron *cron, int count, int64_t at_unix_s, struct text *out)
{
	for (int i = 0; i < count && cron_next(cron, at_unix_s, &at_unix_s); i++)
		add_run(at_unix_s, out);
}

int command_next(const char *expression, int count, int64_t now_unix_s, struct text *out,
                 struct text *errors)
{
	struct cron cron;
	struct cron_fault fault;

	if (count < 1 || count > COMMAND_NEXT_MAX) {
		text_printf(errors, "error: -n %d is outside 1-%d\n", count, COMMAND_NEXT_MAX);
		return EXIT_USAGE;
	}
	if (!cron_parse(expression, &cron, &fault)) {
		add_fault(expression, &fault, errors);
		return EXIT_USAGE;
	}
	tzset();
	cron_describe(&cron, out);
	text_add_char(out, '\n');
	add_warnings(&cron, out);
	add_next(&cron, count, now_unix_s, out);
	return EXIT_OK;
}
