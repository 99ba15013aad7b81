/* SPDX-License-Identifier: MIT */
/* Most of this file is about values that are none: a name in full, a slip of the finger, a day
 * where a month belongs. Each has its own sentence, as the reader of the fault is about to fix it.
 *
 * A field is a list of items, an item a value, a range or '*', with a step perhaps. An item that is
 * an extension makes the whole opaque, yet the others are still checked. The rules are cronie's;
 * where it takes what others refuse the stricter reading wins (a range that runs backwards, which
 * it reads as never), and what others take and it refuses ("5/10") is an extension. */
#include "cron/cron_fields.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/text.h"

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const month_words[] = {"January",  "February", "March",  "April",     "May",
                                          "June",     "July",     "August", "September", "October",
                                          "November", "December", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};
static const char *const day_words[] = {"Sunday",   "Monday", "Tuesday",  "Wednesday",
                                        "Thursday", "Friday", "Saturday", NULL};

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

/* Find the value whose three-letter name the slice begins with. False if there is none. */
static bool find_name(const struct cron_field *field, struct cron_slice slice, unsigned *value)
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
	char text[CRON_SLICE_WORD_MAX];
	const char *found;
	unsigned value;

	if (!cron_slice_lower(word, text))
		return NULL;
	if (find_name(field, word, &value) &&
	    strncasecmp(field->words[value - field->least], text, word.length) == 0)
		return field->names[value - field->least];
	found = suggest_nearest(text, field->names);
	if (found == NULL)
		found = suggest_nearest(text, field->words);
	if (found == NULL || !find_name(field, cron_slice(found, found + 3), &value))
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
		return cron_slice_fail(reader, word, "%s '%.*s': a range is written with '-'",
		                       field->name, CRON_SHOWN(word));
	if (field->names == NULL)
		return cron_slice_fail(reader, word, "%s '%.*s' is not a number", field->name,
		                       CRON_SHOWN(word));
	if (word.length == 3 && find_name(other, word, &value))
		return cron_slice_fail(reader, word, "'%.3s' is %s, not %s", word.at, other->kind,
		                       field->kind);
	near = suggest(field, word);
	if (near != NULL)
		return cron_slice_fail(reader, word, "'%.*s' is not %s; did you mean '%s'?",
		                       CRON_SHOWN(word), field->kind, near);
	return cron_slice_fail(reader, word, "'%.*s' is not %s: %u-%u or %s-%s", CRON_SHOWN(word),
	                       field->kind, field->least, field->most, field->names[0],
	                       field->names[field->last - field->least]);
}

bool cron_fields_value(const struct cron_reader *reader, const struct cron_field *field,
                       struct cron_slice word, unsigned *value)
{
	size_t digits = cron_slice_number(word, value);

	if (digits == 0 && word.length == 3 && find_name(field, word, value))
		return true;
	if (digits == 0 || digits < word.length)
		return fail_value(reader, field, word);
	if (*value < field->least || *value > field->most)
		return cron_slice_fail(reader, word, "%s %.*s is outside %u-%u", field->name,
		                       CRON_SHOWN(word), field->least, field->most);
	return true;
}

#define EVERY_FIELD ((1u << CRON_FIELD_KINDS) - 1)

/* One item of a list: a value, a range, '*', each with a step perhaps. */
struct item {
	unsigned low;
	unsigned high;
	unsigned step;
	bool stepped;
	bool is_range;
	bool named; /* begins with a name */
	const char *extension;
};

/* extensions: when they run only the server knows; each is recognised by its form, so that a slip
 * of the finger is still distinguished from one */

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
	return find_name(field, slice, &value) ? 3 : 0;
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
	return strspn(item.at, "0123456789*-/") >= item.length;
}

static const char *find_extension(enum cron_field_index field, struct cron_slice item)
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

/* what every cron reads */

static bool read_step(const struct cron_reader *reader, const struct cron_field *field,
                      struct cron_slice word, unsigned *step)
{
	if (word.length == 0)
		return cron_slice_fail(reader, cron_slice(word.at - 1, word.at),
		                       "%s: no step after '/'", field->name);
	if (memchr(word.at, '/', word.length) != NULL)
		return cron_slice_fail(reader, word, "%s: more than one '/'", field->name);
	if (cron_slice_number(word, step) < word.length)
		return cron_slice_fail(reader, word, "%s: step '%.*s' is not a number", field->name,
		                       CRON_SHOWN(word));
	if (*step == 0)
		return cron_slice_fail(reader, word, "%s: step 0; the least is 1", field->name);
	return true;
}

static bool read_range(const struct cron_reader *reader, const struct cron_field *field,
                       struct cron_slice low, struct cron_slice high, struct item *item)
{
	struct cron_slice range = cron_slice(low.at, high.at + high.length);

	if (low.length == 0 || high.length == 0)
		return cron_slice_fail(reader, range, "%s range '%.*s' has no %s", field->name,
		                       CRON_SHOWN(range), low.length == 0 ? "start" : "end");
	if (memchr(high.at, '-', high.length) != NULL)
		return cron_slice_fail(reader, range, "%s range '%.*s' has more than one '-'",
		                       field->name, CRON_SHOWN(range));
	if (!cron_fields_value(reader, field, low, &item->low) ||
	    !cron_fields_value(reader, field, high, &item->high))
		return false;
	item->is_range = true;
	if (item->low == item->high)
		item->extension = "a range of one value"; /* to croniter 6.2 the whole field */
	if (field == &cron_fields[CRON_WEEKDAY] && item->high == 0 && item->low > 0) {
		item->high = 7;
		item->extension = "a range up to Sunday as 0";
	}
	return true;
}

/* Read what stands before the step. */
static bool read_base(const struct cron_reader *reader, const struct cron_field *field,
                      struct cron_slice base, struct item *item)
{
	struct cron_slice low;
	struct cron_slice high;

	if (base.length > 0 && *base.at == '*') {
		struct cron_slice rest = cron_slice(base.at + 1, base.at + base.length);

		item->low = field->least;
		item->high = field->last;
		return rest.length == 0 ||
		       cron_slice_fail(reader, rest,
		                       "%s: '%.*s' after '*', where only '/' may follow",
		                       field->name, CRON_SHOWN(rest));
	}
	if (cron_slice_is(base, "?"))
		return cron_slice_fail(
			reader, base,
			"%s '?': may only stand alone, as day of month or day of week",
			field->name);
	if (cron_slice_cut(base, '-', &low, &high))
		return read_range(reader, field, low, high, item);
	if (!cron_fields_value(reader, field, base, &item->low))
		return false;
	item->high = item->low;
	if (item->stepped) {
		item->high = field->most;
		item->extension = "a step after a single value";
	}
	return true;
}

/* Append the values from `first` to `last` in steps as the shortest list: "22", "0,2", "0-6/2". */
static void add_values(const struct cron_field *field, const struct item *item, unsigned first,
                       unsigned last, struct text *out)
{
	unsigned count = (last - first) / item->step + 1;

	if (out->length > 0)
		text_add_char(out, ',');
	for (unsigned value = first; value <= last; value += last - first) {
		if (value != first)
			text_add_char(out, item->step == 1 || count > 2 ? '-' : ',');
		if (item->named)
			text_add(out, field->names[value]);
		else
			text_add_int(out, field->least + value);
		if (last == first)
			break;
	}
	if (item->step > 1 && count > 2)
		text_printf(out, "/%u", item->step);
}

/* Say that a range runs backwards, and what it is if the field goes round, which is how those
 * schedulers read it that take it. Not all of them do, and steps they count differently: croniter
 * 6.2 reads sat-tue/2 as Saturday and Tuesday. So it is a fault, but with the exact text. */
static bool fail_backwards(const struct cron_reader *reader, const struct cron_field *field,
                           struct cron_slice slice, const struct item *item)
{
	unsigned size = field->last - field->least + 1;
	unsigned low = (item->low - field->least) % size;
	unsigned high = (item->high - field->least) % size;
	unsigned end = low <= high ? high : size - 1;
	unsigned left = low + (end - low) / item->step * item->step;
	struct text meant = {0};

	add_values(field, item, low, left, &meant);
	if (low > high && left + item->step - size <= high) {
		unsigned start = left + item->step - size;

		add_values(field, item, start, start + (high - start) / item->step * item->step,
		           &meant);
	}
	(void)cron_slice_fail(reader, slice, "%s range '%.*s' runs backwards; did you mean '%s'?",
	                      field->name, CRON_SHOWN(slice), meant.bytes);
	text_clear(&meant);
	return false;
}

static bool fail_bare_step(const struct cron_reader *reader, const struct cron_field *field,
                           struct cron_slice slice, struct cron_slice step)
{
	unsigned number;

	if (cron_slice_number(step, &number) < step.length || number == 0)
		return cron_slice_fail(reader, slice, "%s '%.*s' has nothing before '/'",
		                       field->name, CRON_SHOWN(slice));
	return cron_slice_fail(reader, slice,
	                       "%s '%.*s' has nothing before '/'; did you mean '*%.*s'?",
	                       field->name, CRON_SHOWN(slice), (int)slice.length, slice.at);
}

static bool read_item(const struct cron_reader *reader, const struct cron_field *field,
                      struct cron_slice slice, struct item *item)
{
	struct cron_slice base;
	struct cron_slice step;

	item->step = 1;
	item->stepped = cron_slice_cut(slice, '/', &base, &step);
	item->named = isalpha((unsigned char)*slice.at) != 0;
	if (item->stepped && base.length == 0)
		return fail_bare_step(reader, field, slice, step);
	return read_base(reader, field, base, item) &&
	       (!item->stepped || read_step(reader, field, step, &item->step)) &&
	       (item->low <= item->high || fail_backwards(reader, field, slice, item));
}

static void add_item(const struct item *item, struct cron_list *list)
{
	for (unsigned value = item->low; value <= item->high && value < 64; value += item->step)
		list->set |= UINT64_C(1) << value;
	if (item->step > 1 && item->step > item->high - item->low)
		list->wide_step = true;
	list->lone_range |= item->is_range && item->low == item->high;
	if (item->extension != NULL && list->extension == NULL)
		list->extension = item->extension;
}

static bool read_list(const struct cron_reader *reader, enum cron_field_index index,
                      struct cron_slice rest, struct cron_list *list)
{
	const struct cron_field *field = &cron_fields[index];
	bool more;

	do {
		struct item item = {0};
		struct cron_slice slice;
		const char *opaque;

		more = cron_slice_cut(rest, ',', &slice, &rest);
		if (slice.length == 0)
			return cron_slice_fail(
				reader, cron_slice(slice.at - !more, slice.at + more),
				"%s: nothing %s ','", field->name, more ? "before" : "after");
		list->bare |= cron_slice_is(slice, "*");
		opaque = find_extension(index, slice);
		if (opaque == NULL && !read_item(reader, field, slice, &item))
			return false;
		if (opaque == NULL)
			add_item(&item, list);
		else if (list->opaque == NULL)
			list->opaque = opaque;
	} while (more);
	return true;
}

bool cron_fields_read(const struct cron_reader *reader, enum cron_field_index index,
                      struct cron_slice word, struct cron_list *list)
{
	const struct cron_field *field = &cron_fields[index];

	*list = (struct cron_list){.star = *word.at == '*' || *word.at == '?',
	                           .bare = *word.at == '?'};
	if ((index == CRON_DAY || index == CRON_WEEKDAY) && cron_slice_is(word, "?")) {
		struct item any = {
			.low = field->least, .high = field->last, .step = 1, .extension = "'?'"};

		add_item(&any, list);
		return true;
	}
	if (!read_list(reader, index, word, list))
		return false;
	if (index == CRON_WEEKDAY && (list->set & 1u << 7) != 0)
		list->set = (list->set | 1u) & 0x7f;
	return true;
}

bool cron_fields_fit(const struct cron_words *words, size_t first)
{
	const struct cron_reader unheard = {0};
	struct cron_list list;
	unsigned i = 0;

	while (i < CRON_FIELD_COUNT && first + i < words->count &&
	       cron_fields_read(&unheard, (enum cron_field_index)i, words->at[first + i], &list))
		i++;
	return i == CRON_FIELD_COUNT;
}
