/* SPDX-License-Identifier: MIT */
/* A field is a list of items, an item a value, a range or '*', with a step perhaps. An item that is
 * an extension makes the whole opaque, yet the others are still checked. The rules are cronie's;
 * where it takes what others refuse the stricter reading wins (a range that runs backwards, which
 * it reads as never), and what others take and it refuses ("5/10") is an extension. */
#include "cron/cron_list.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cron/cron_extension.h"

/* One item of a list: a value, a range, '*', each with a step perhaps. */
struct item {
	unsigned low;
	unsigned high;
	unsigned step;
	bool stepped;
	const char *extension;
};

static bool read_step(const struct cron_reader *reader, const struct cron_field *field,
                      struct cron_slice word, unsigned *step)
{
	if (word.length == 0)
		return cron_fault_set(reader, cron_slice(word.at - 1, word.at),
		                      "%s: no step after '/'", field->name);
	if (memchr(word.at, '/', word.length) != NULL)
		return cron_fault_set(reader, word, "%s: more than one '/'", field->name);
	if (cron_slice_number(word, step) < word.length)
		return cron_fault_set(reader, word, "%s: step '%.*s' is not a number", field->name,
		                      cron_slice_shown(word), word.at);
	if (*step == 0)
		return cron_fault_set(reader, word, "%s: step 0; the least is 1", field->name);
	return true;
}

/* Say that a range runs backwards, and which two it would be if the field went round. */
static bool fail_backwards(const struct cron_reader *reader, const struct cron_field *field,
                           struct cron_slice low, struct cron_slice high, const struct item *item)
{
	struct cron_slice range = cron_slice(low.at, high.at + high.length);
	bool named = isalpha((unsigned char)*low.at) != 0;
	char until[64] = "";
	char from[64] = "";
	char number[2][16];

	if (item->stepped)
		return cron_fault_set(reader, range, "%s range '%.*s' runs backwards", field->name,
		                      cron_slice_shown(range), range.at);
	snprintf(number[0], sizeof(number)[0], "%u", field->least);
	snprintf(number[1], sizeof(number)[1], "%u", field->last);
	if (item->low < field->last)
		snprintf(until, sizeof(until), "%.*s-%s,", cron_slice_shown(low), low.at,
		         named ? field->names[field->last - field->least] : number[1]);
	else if (item->low == field->last)
		snprintf(until, sizeof(until), "%.*s,", cron_slice_shown(low), low.at);
	if (item->high > field->least)
		snprintf(from, sizeof(from), "%s-", named ? field->names[0] : number[0]);
	return cron_fault_set(reader, range,
	                      "%s range '%.*s' runs backwards; did you mean '%s%s%.*s'?",
	                      field->name, cron_slice_shown(range), range.at, until, from,
	                      cron_slice_shown(high), high.at);
}

static bool read_range(const struct cron_reader *reader, const struct cron_field *field,
                       struct cron_slice low, struct cron_slice high, struct item *item)
{
	struct cron_slice range = cron_slice(low.at, high.at + high.length);

	if (low.length == 0 || high.length == 0)
		return cron_fault_set(reader, range, "%s range '%.*s' has no %s", field->name,
		                      cron_slice_shown(range), range.at,
		                      low.length == 0 ? "start" : "end");
	if (memchr(high.at, '-', high.length) != NULL)
		return cron_fault_set(reader, range, "%s range '%.*s' has more than one '-'",
		                      field->name, cron_slice_shown(range), range.at);
	if (!cron_fields_value(reader, field, low, &item->low) ||
	    !cron_fields_value(reader, field, high, &item->high))
		return false;
	if (field == &cron_fields[CRON_WEEKDAY] && item->high == 0 && item->low > 0) {
		item->high = 7;
		item->extension = "a range up to Sunday as 0";
	}
	return item->low <= item->high || fail_backwards(reader, field, low, high, item);
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
		       cron_fault_set(reader, rest,
		                      "%s: '%.*s' after '*', where only '/' may follow",
		                      field->name, cron_slice_shown(rest), rest.at);
	}
	if (cron_slice_is(base, "?"))
		return cron_fault_set(
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

static bool read_item(const struct cron_reader *reader, const struct cron_field *field,
                      struct cron_slice slice, struct item *item)
{
	struct cron_slice base;
	struct cron_slice step;

	item->step = 1;
	item->stepped = cron_slice_cut(slice, '/', &base, &step);
	if (item->stepped && base.length == 0)
		return cron_fault_set(reader, slice,
		                      "%s '%.*s' has nothing before '/'; did you mean '*%.*s'?",
		                      field->name, cron_slice_shown(slice), slice.at,
		                      cron_slice_shown(slice), slice.at);
	return read_base(reader, field, base, item) &&
	       (!item->stepped || read_step(reader, field, step, &item->step));
}

static void add_item(const struct item *item, struct cron_list *list)
{
	for (unsigned value = item->low; value <= item->high; value += item->step)
		list->set |= UINT64_C(1) << value;
	if (item->step > 1 && item->step > item->high - item->low)
		list->wide_step = true;
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
			return cron_fault_set(reader, cron_slice(slice.at - !more, slice.at + more),
			                      "%s: nothing %s ','", field->name,
			                      more ? "before" : "after");
		opaque = cron_extension(index, slice);
		if (opaque == NULL && !read_item(reader, field, slice, &item))
			return false;
		if (opaque == NULL)
			add_item(&item, list);
		else if (list->opaque == NULL)
			list->opaque = opaque;
	} while (more);
	return true;
}

bool cron_list_read(const struct cron_reader *reader, enum cron_field_index index,
                    struct cron_slice word, struct cron_list *list)
{
	const struct cron_field *field = &cron_fields[index];

	*list = (struct cron_list){.star = *word.at == '*' || *word.at == '?'};
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
