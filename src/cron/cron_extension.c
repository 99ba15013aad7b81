/* SPDX-License-Identifier: MIT */
/* When an extension of these runs only the server knows: each is recognised by its form, so that a
 * slip of the finger is still distinguished from one. */
#include "cron/cron_extension.h"

#include <ctype.h>
#include <string.h>

#define EVERY_FIELD ((1u << CRON_FIELD_KINDS) - 1)

static const struct pattern {
	const char *form; /* n: a value of the field, p: a number from 1, o: 1 to 5 */
	const char *name;
	unsigned fields;
} patterns[] = {
	{.form = "h", .name = "'H'", .fields = EVERY_FIELD},
	{.form = "h/p", .name = "'H'", .fields = EVERY_FIELD},
	{.form = "h(n-n)", .name = "'H'", .fields = EVERY_FIELD},
	{.form = "h(n-n)/p", .name = "'H'", .fields = EVERY_FIELD},
	{.form = "r", .name = "'R'", .fields = EVERY_FIELD},
	{.form = "r/p", .name = "'R'", .fields = EVERY_FIELD},
	{.form = "r(n-n)", .name = "'R'", .fields = EVERY_FIELD},
	{.form = "r(n-n)/p", .name = "'R'", .fields = EVERY_FIELD},
	{.form = "~", .name = "'~'", .fields = EVERY_FIELD},
	{.form = "n~", .name = "'~'", .fields = EVERY_FIELD},
	{.form = "~n", .name = "'~'", .fields = EVERY_FIELD},
	{.form = "n~n", .name = "'~'", .fields = EVERY_FIELD},
	{.form = "l", .name = "'L'", .fields = 1u << CRON_DAY | 1u << CRON_WEEKDAY},
	{.form = "l-p", .name = "'L'", .fields = 1u << CRON_DAY},
	{.form = "n-l", .name = "'L'", .fields = 1u << CRON_DAY},
	{.form = "lw", .name = "'LW'", .fields = 1u << CRON_DAY},
	{.form = "nw", .name = "'W'", .fields = 1u << CRON_DAY},
	{.form = "nl", .name = "'L'", .fields = 1u << CRON_WEEKDAY},
	{.form = "ln", .name = "'L'", .fields = 1u << CRON_WEEKDAY},
	{.form = "n#o", .name = "'#'", .fields = 1u << CRON_WEEKDAY},
	{.form = "n#l", .name = "'#'", .fields = 1u << CRON_WEEKDAY},
	{.form = "n-n#o", .name = "'#'", .fields = 1u << CRON_WEEKDAY},
};

/* The length of the number or name that the slice begins with, if it is within bounds; or 0. */
static size_t match_value(const struct cron_field *field, struct cron_slice slice)
{
	unsigned value;
	size_t digits = cron_slice_number(slice, &value);

	if (digits > 0)
		return value >= field->least && value <= field->most ? digits : 0;
	return cron_fields_name(field, slice, &value) ? 3 : 0;
}

static size_t match_number(struct cron_slice slice, unsigned most)
{
	unsigned value;
	size_t digits = cron_slice_number(slice, &value);

	return value >= 1 && value <= most ? digits : 0;
}

static bool matches(const char *form, const struct cron_field *field, struct cron_slice rest)
{
	for (; *form != '\0'; form++) {
		size_t used;

		if (*form == 'n')
			used = match_value(field, rest);
		else if (*form == 'p')
			used = match_number(rest, 9999);
		else if (*form == 'o')
			used = match_number(rest, 5);
		else
			used = rest.length > 0 && tolower((unsigned char)*rest.at) == *form;
		if (used == 0)
			return false;
		rest = cron_slice(rest.at + used, rest.at + rest.length);
	}
	return rest.length == 0;
}

/* Whether there is nothing but what makes up numbers, ranges and steps: most items are of it, and
 * each of the patterns has something else. */
static bool is_ordinary(struct cron_slice item)
{
	for (size_t i = 0; i < item.length; i++) {
		if ((item.at[i] < '0' || item.at[i] > '9') && item.at[i] != '*' &&
		    item.at[i] != '-' && item.at[i] != '/')
			return false;
	}
	return true;
}

const char *cron_extension(enum cron_field_index field, struct cron_slice item)
{
	if (is_ordinary(item))
		return NULL;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if ((patterns[i].fields & 1u << field) != 0 &&
		    matches(patterns[i].form, &cron_fields[field], item))
			return patterns[i].name;
	}
	return NULL;
}
