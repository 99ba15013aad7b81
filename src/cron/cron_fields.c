/* SPDX-License-Identifier: MIT */
/* Most of this file is about values that are none: a name in full, a slip of the finger, a day
 * where a month belongs. Each has its own sentence, as the reader of the fault is about to fix it.
 */
#include "cron/cron_fields.h"

#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/text.h"

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const month_words[] = {"january",  "february", "march",  "april",     "may",
                                          "june",     "july",     "august", "september", "october",
                                          "november", "december", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};
static const char *const day_words[] = {"sunday",   "monday", "tuesday",  "wednesday",
                                        "thursday", "friday", "saturday", NULL};

const struct cron_field cron_fields[CRON_FIELD_KINDS] = {
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
	[CRON_SECOND] = {.name = "second", .least = 0, .most = 59, .last = 59},
	[CRON_YEAR] = {.name = "year", .least = 1970, .most = 2199, .last = 2199},
};

bool cron_fields_name(const struct cron_field *field, struct cron_slice slice, unsigned *value)
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

/* The short name that a misspelt, shortened or spelt-out word is nearest to, or NULL. What only
 * begins with one ("mon+tue") may mean more. */
static const char *suggest(const struct cron_field *field, struct cron_slice word)
{
	char lower[CRON_SLICE_WORD_MAX];
	const char *found;
	unsigned value;

	if (!cron_slice_lower(word, lower))
		return NULL;
	if (cron_fields_name(field, word, &value) &&
	    strncmp(field->words[value - field->least], lower, word.length) == 0)
		return field->names[value - field->least];
	found = suggest_nearest(lower, field->names);
	if (found == NULL)
		found = suggest_nearest(lower, field->words);
	if (found == NULL || !cron_fields_name(field, cron_slice(found, found + 3), &value))
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

	if (memmem(word.at, word.length, "..", 2) != NULL)
		return cron_fault_set(reader, word, "%s '%.*s': a range is written with '-'",
		                      field->name, CRON_SHOWN(word));
	if (field->names == NULL)
		return cron_fault_set(reader, word, "%s '%.*s' is not a number", field->name,
		                      CRON_SHOWN(word));
	if (word.length == 3 && cron_fields_name(other, word, &value))
		return cron_fault_set(reader, word, "'%.3s' is %s, not %s", word.at, other->kind,
		                      field->kind);
	near = suggest(field, word);
	if (near != NULL)
		return cron_fault_set(reader, word, "'%.*s' is not %s; did you mean '%s'?",
		                      CRON_SHOWN(word), field->kind, near);
	return cron_fault_set(reader, word, "'%.*s' is not %s: %u-%u or %s-%s", CRON_SHOWN(word),
	                      field->kind, field->least, field->most, field->names[0],
	                      field->names[field->last - field->least]);
}

bool cron_fields_value(const struct cron_reader *reader, const struct cron_field *field,
                       struct cron_slice word, unsigned *value)
{
	size_t digits = cron_slice_number(word, value);

	if (digits == 0 && word.length == 3 && cron_fields_name(field, word, value))
		return true;
	if (digits == 0 || digits < word.length)
		return fail_value(reader, field, word);
	if (*value < field->least || *value > field->most)
		return cron_fault_set(reader, word, "%s %.*s is outside %u-%u", field->name,
		                      CRON_SHOWN(word), field->least, field->most);
	return true;
}
