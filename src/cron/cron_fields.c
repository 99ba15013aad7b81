/* SPDX-License-Identifier: MIT */
#include "cron/cron_fields.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The five fields and the values that may stand in them. A value is a number within the field's
 * range or the first three letters of a name, as crontab(5) of cronie has it. Most of this file is
 * about values that are neither: a name in full, a slip of the finger, a day where a month belongs;
 * each has its own sentence, since the reader of the fault is about to mend it. */

#define QUOTE_MAX  40
#define NUMBER_MAX 9999

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const month_words[] = {"january",  "february", "march",  "april",     "may",
                                          "june",     "july",     "august", "september", "october",
                                          "november", "december", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};
static const char *const day_words[] = {"sunday",   "monday", "tuesday",  "wednesday",
                                        "thursday", "friday", "saturday", NULL};

const struct cron_field cron_fields[CRON_FIELD_COUNT] = {
	[CRON_MINUTE] = {.name = "minute", .least = 0, .most = 59, .last = 59},
	[CRON_HOUR] = {.name = "hour", .least = 0, .most = 23, .last = 23},
	[CRON_DAY] = {.name = "day of month", .least = 1, .most = 31, .last = 31},
	[CRON_MONTH] = {.name = "month",
                        .least = 1,
                        .most = 12,
                        .last = 12,
                        .kind = "a month",
                        .names = month_names,
                        .words = month_words},
	[CRON_WEEKDAY] = {.name = "day of week",
                          .least = 0,
                          .most = 7,
                          .last = 6,
                          .kind = "a day of the week",
                          .names = day_names,
                          .words = day_words},
};

bool cron_fail(const struct cron_reader *reader, struct cron_slice where, const char *format, ...)
{
	struct cron_fault *fault = reader->fault;
	va_list arguments;

	if (fault == NULL)
		return false;
	fault->offset = (size_t)(where.at - reader->text);
	fault->width = where.length > 0 ? where.length : 1;
	va_start(arguments, format);
	vsnprintf(fault->text, sizeof fault->text, format, arguments);
	va_end(arguments);
	return false;
}

int cron_quote(struct cron_slice slice)
{
	return slice.length < QUOTE_MAX ? (int)slice.length : QUOTE_MAX;
}

struct cron_slice cron_slice(const char *from, const char *to)
{
	struct cron_slice slice = {.at = from, .length = (size_t)(to - from)};

	return slice;
}

bool cron_slice_lower(struct cron_slice slice, char lower[CRON_WORD_MAX])
{
	if (slice.length >= CRON_WORD_MAX)
		return false;
	for (size_t i = 0; i < slice.length; i++)
		lower[i] = (char)tolower((unsigned char)slice.at[i]);
	lower[slice.length] = '\0';
	return true;
}

bool cron_slice_is(struct cron_slice slice, const char *word)
{
	return strlen(word) == slice.length && strncasecmp(slice.at, word, slice.length) == 0;
}

bool cron_slice_cut(struct cron_slice slice, char byte, struct cron_slice *head,
                    struct cron_slice *rest)
{
	const char *end = slice.at + slice.length;
	const char *found = memchr(slice.at, byte, slice.length);

	*head = cron_slice(slice.at, found != NULL ? found : end);
	*rest = cron_slice(found != NULL ? found + 1 : end, end);
	return found != NULL;
}

size_t cron_digits(struct cron_slice slice, unsigned *number)
{
	size_t count = 0;

	*number = 0;
	while (count < slice.length && isdigit((unsigned char)slice.at[count])) {
		*number = *number * 10 + (unsigned)(slice.at[count++] - '0');
		if (*number > NUMBER_MAX)
			*number = NUMBER_MAX;
	}
	return count;
}

bool cron_name(const struct cron_field *field, struct cron_slice slice, unsigned *value)
{
	if (field->names == NULL || slice.length < 3)
		return false;
	for (unsigned i = 0; field->names[i] != NULL; i++) {
		if (strncasecmp(field->names[i], slice.at, 3) == 0) {
			*value = field->least + i;
			return true;
		}
	}
	return false;
}

/* The short name that a misspelt or spelt-out word is nearest to, or NULL. */
static const char *suggest(const struct cron_field *field, struct cron_slice word)
{
	char lower[CRON_WORD_MAX];
	const char *found;
	unsigned value;

	if (cron_name(field, word, &value))
		return field->names[value - field->least];
	if (!cron_slice_lower(word, lower))
		return NULL;
	found = text_nearest(lower, field->names);
	if (found == NULL)
		found = text_nearest(lower, field->words);
	if (found == NULL || !cron_name(field, cron_slice(found, found + 3), &value))
		return NULL;
	return field->names[value - field->least];
}

/* Say what is wrong with a value that is no number and no name of its field. */
static bool fail_value(const struct cron_reader *reader, const struct cron_field *field,
                       struct cron_slice word)
{
	const struct cron_field *other =
		&cron_fields[field == &cron_fields[CRON_MONTH] ? CRON_WEEKDAY : CRON_MONTH];
	const char *near;
	unsigned value;

	if (field->names == NULL)
		return cron_fail(reader, word, "%s '%.*s' is not a number", field->name,
		                 cron_quote(word), word.at);
	if (word.length == 3 && cron_name(other, word, &value))
		return cron_fail(reader, word, "'%.3s' is %s, not %s", word.at, other->kind,
		                 field->kind);
	near = suggest(field, word);
	if (near != NULL)
		return cron_fail(reader, word, "'%.*s' is not %s; did you mean '%s'?",
		                 cron_quote(word), word.at, field->kind, near);
	return cron_fail(reader, word, "'%.*s' is not %s: %u-%u or %s-%s", cron_quote(word),
	                 word.at, field->kind, field->least, field->most, field->names[0],
	                 field->names[field->last - field->least]);
}

bool cron_value(const struct cron_reader *reader, const struct cron_field *field,
                struct cron_slice word, unsigned *value)
{
	size_t digits = cron_digits(word, value);

	if (digits == 0 && word.length == 3 && cron_name(field, word, value))
		return true;
	if (digits == 0 || digits < word.length)
		return fail_value(reader, field, word);
	if (*value < field->least || *value > field->most)
		return cron_fail(reader, word, "%s %.*s is outside %u-%u", field->name,
		                 cron_quote(word), word.at, field->least, field->most);
	return true;
}
