/* SPDX-License-Identifier: MIT */
#include "cron/cron.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cron/cron_fields.h"

/* Reading an expression. The bytes are checked first, so that everything after this may print what
 * it read; then the words are counted, and each of five is read as a field: a list of items, an
 * item being a value, a range or '*', with a step perhaps. An item that is an extension makes the
 * whole opaque, yet the others are still checked. The first fault ends the reading, with the place
 * of the very word that is wrong. The rules are cronie's; where it takes what others refuse
 * (reversed ranges, which it reads as never) the stricter reading wins, and what others take and
 * cronie refuses ("5/10") is an extension. */

#define WORDS_MAX 7 /* with seconds and years */

struct words {
	struct cron_slice at[WORDS_MAX];
	size_t count; /* also those beyond WORDS_MAX */
};

/* What one field becomes. */
struct result {
	uint64_t set;
	bool star;
	bool wide_step;
	const char *extension; /* what has an exact meaning, but not to every cron */
	const char *opaque;    /* what only the server can read */
};

/* One item of a list: a value, a range, '*', each with a step perhaps. */
struct item {
	unsigned low;
	unsigned high;
	unsigned step;
	bool stepped;
	const char *extension;
};

/* The bytes of a character that is not ASCII: its length, its code point, 0 if it is not UTF-8. */
static size_t decode(const char *at, unsigned *code)
{
	size_t length = 1;

	*code = (unsigned char)*at;
	while (((unsigned char)at[length] & 0xc0) == 0x80 && length < 4)
		length++;
	if (text_utf8_error(at, length) != length) {
		*code = 0;
		return 1;
	}
	*code &= 0xffu >> (length + 1);
	for (size_t i = 1; i < length; i++)
		*code = *code << 6 | ((unsigned char)at[i] & 0x3f);
	return length;
}

/* The ASCII character that a typographic one was typed or pasted for, in quotes, or NULL. */
static const char *plain(unsigned code)
{
	if (code == 0xa0 || code == 0x202f || code == 0x3000 || (code >= 0x2000 && code <= 0x200b))
		return "a space";
	if ((code >= 0x2010 && code <= 0x2015) || code == 0x2212)
		return "'-'";
	if (code == 0x2217 || code == 0x22c6 || code == 0xff0a || code == 0xd7)
		return "'*'";
	return NULL;
}

static bool fail_byte(const struct cron_reader *reader, const char *at)
{
	struct cron_slice where = {.at = at, .length = 1};
	unsigned code;
	const char *meant;

	if ((unsigned char)*at < 0x80)
		return cron_fail(reader, where,
		                 "control byte 0x%02x; fields are separated by spaces", *at);
	where.length = decode(at, &code);
	if (code == 0)
		return cron_fail(reader, where, "byte 0x%02x is not ASCII", (unsigned char)*at);
	meant = plain(code);
	if (meant == NULL)
		return cron_fail(reader, where, "U+%04X is not ASCII", code);
	return cron_fail(reader, where, "U+%04X is not ASCII; did you mean %s?", code, meant);
}

static bool check_bytes(const struct cron_reader *reader)
{
	size_t length = strnlen(reader->text, CRON_TEXT_MAX + 1);

	if (length > CRON_TEXT_MAX) {
		struct cron_slice where = {.at = reader->text + CRON_TEXT_MAX, .length = 1};

		return cron_fail(reader, where, "longer than %d bytes", CRON_TEXT_MAX);
	}
	for (const char *at = reader->text; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;

		if ((byte < 0x20 && byte != '\t') || byte >= 0x7f)
			return fail_byte(reader, at);
	}
	return true;
}

static void split(const char *at, struct words *words)
{
	words->count = 0;
	for (;;) {
		size_t length;

		at += strspn(at, " \t");
		length = strcspn(at, " \t");
		if (length == 0)
			return;
		if (words->count < WORDS_MAX)
			words->at[words->count] = cron_slice(at, at + length);
		words->count++;
		at += length;
	}
}

static bool read_step(const struct cron_reader *reader, const struct cron_field *field,
                      struct cron_slice word, unsigned *step)
{
	if (word.length == 0)
		return cron_fail(reader, cron_slice(word.at - 1, word.at), "%s: no step after '/'",
		                 field->name);
	if (memchr(word.at, '/', word.length) != NULL)
		return cron_fail(reader, word, "%s: more than one '/'", field->name);
	if (cron_digits(word, step) < word.length)
		return cron_fail(reader, word, "%s: step '%.*s' is not a number", field->name,
		                 cron_quote(word), word.at);
	if (*step == 0)
		return cron_fail(reader, word, "%s: step 0; the least is 1", field->name);
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
		return cron_fail(reader, range, "%s range '%.*s' runs backwards", field->name,
		                 cron_quote(range), range.at);
	snprintf(number[0], sizeof number[0], "%u", field->least);
	snprintf(number[1], sizeof number[1], "%u", field->last);
	if (item->low < field->last)
		snprintf(until, sizeof until, "%.*s-%s,", cron_quote(low), low.at,
		         named ? field->names[field->last - field->least] : number[1]);
	else if (item->low == field->last)
		snprintf(until, sizeof until, "%.*s,", cron_quote(low), low.at);
	if (item->high > field->least)
		snprintf(from, sizeof from, "%s-", named ? field->names[0] : number[0]);
	return cron_fail(reader, range, "%s range '%.*s' runs backwards; did you mean '%s%s%.*s'?",
	                 field->name, cron_quote(range), range.at, until, from, cron_quote(high),
	                 high.at);
}

static bool read_range(const struct cron_reader *reader, const struct cron_field *field,
                       struct cron_slice low, struct cron_slice high, struct item *item)
{
	struct cron_slice range = cron_slice(low.at, high.at + high.length);

	if (low.length == 0 || high.length == 0)
		return cron_fail(reader, range, "%s range '%.*s' has no %s", field->name,
		                 cron_quote(range), range.at, low.length == 0 ? "start" : "end");
	if (memchr(high.at, '-', high.length) != NULL)
		return cron_fail(reader, range, "%s range '%.*s' has more than one '-'",
		                 field->name, cron_quote(range), range.at);
	if (!cron_value(reader, field, low, &item->low) ||
	    !cron_value(reader, field, high, &item->high))
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
		       cron_fail(reader, rest, "%s: '%.*s' after '*', where only '/' may follow",
		                 field->name, cron_quote(rest), rest.at);
	}
	if (cron_slice_is(base, "?"))
		return cron_fail(reader, base,
		                 "%s '?': may only stand alone, as day of month or day of week",
		                 field->name);
	if (cron_slice_cut(base, '-', &low, &high))
		return read_range(reader, field, low, high, item);
	if (!cron_value(reader, field, base, &item->low))
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
		return cron_fail(
			reader, slice, "%s '%.*s' has nothing before '/'; did you mean '*%.*s'?",
			field->name, cron_quote(slice), slice.at, cron_quote(slice), slice.at);
	return read_base(reader, field, base, item) &&
	       (!item->stepped || read_step(reader, field, step, &item->step));
}

static void add_item(const struct item *item, struct result *result)
{
	for (unsigned value = item->low; value <= item->high; value += item->step)
		result->set |= UINT64_C(1) << value;
	if (item->step > 1 && item->step > item->high - item->low)
		result->wide_step = true;
	if (item->extension != NULL && result->extension == NULL)
		result->extension = item->extension;
}

static bool read_list(const struct cron_reader *reader, enum cron_field_index index,
                      struct cron_slice list, struct result *result)
{
	const struct cron_field *field = &cron_fields[index];
	bool more;

	do {
		struct item item = {0};
		struct cron_slice slice;
		const char *opaque;

		more = cron_slice_cut(list, ',', &slice, &list);
		if (slice.length == 0)
			return cron_fail(reader, cron_slice(slice.at - !more, slice.at + more),
			                 "%s: nothing %s ','", field->name,
			                 more ? "before" : "after");
		opaque = cron_extension(index, slice);
		if (opaque == NULL && !read_item(reader, field, slice, &item))
			return false;
		if (opaque == NULL)
			add_item(&item, result);
		else if (result->opaque == NULL)
			result->opaque = opaque;
	} while (more);
	return true;
}

static bool read_field(const struct cron_reader *reader, enum cron_field_index index,
                       struct cron_slice word, struct result *result)
{
	const struct cron_field *field = &cron_fields[index];

	*result = (struct result){.star = *word.at == '*' || *word.at == '?'};
	if ((index == CRON_DAY || index == CRON_WEEKDAY) && cron_slice_is(word, "?")) {
		struct item any = {
			.low = field->least, .high = field->last, .step = 1, .extension = "'?'"};

		add_item(&any, result);
		return true;
	}
	if (!read_list(reader, index, word, result))
		return false;
	if (index == CRON_WEEKDAY && (result->set & 1u << 7) != 0)
		result->set = (result->set | 1u) & 0x7f;
	return true;
}

static void assemble(const struct result results[CRON_FIELD_COUNT], struct cron *cron)
{
	const char *opaque = NULL;

	*cron = (struct cron){
		.minutes = results[CRON_MINUTE].set,
		.hours = (uint32_t)results[CRON_HOUR].set,
		.days = (uint32_t)results[CRON_DAY].set,
		.months = (uint16_t)results[CRON_MONTH].set,
		.weekdays = (uint8_t)results[CRON_WEEKDAY].set,
		.star_day = results[CRON_DAY].star,
		.star_weekday = results[CRON_WEEKDAY].star,
	};
	for (size_t i = 0; i < CRON_FIELD_COUNT; i++) {
		cron->wide_step |= results[i].wide_step;
		if (cron->extension == NULL)
			cron->extension = results[i].extension;
		if (opaque == NULL)
			opaque = results[i].opaque;
	}
	if (cron->extension != NULL)
		cron->kind = CRON_ALIAS;
	if (opaque != NULL)
		*cron = (struct cron){.kind = CRON_OPAQUE, .extension = opaque};
}

static bool read_nickname(const struct cron_reader *reader, const struct words *words,
                          struct cron *cron)
{
	struct cron_slice word = words->at[0];
	const char *name = NULL;
	const char *fields = cron_nickname(word, &name);
	bool every = cron_slice_is(word, "@every");

	if (name == NULL) {
		const char *near = cron_nickname_nearest(word);

		return near != NULL
		               ? cron_fail(reader, word, "'%.*s' is unknown; did you mean '%s'?",
		                           cron_quote(word), word.at, near)
		               : cron_fail(reader, word, "'%.*s' is unknown", cron_quote(word),
		                           word.at);
	}
	if (every && words->count != 2)
		return cron_fail(reader, word, "'@every' needs one span of time: '@every 1h'");
	if (!every && words->count > 1)
		return cron_fail(reader, words->at[1], "'%.*s' after '%.*s', which stands alone",
		                 cron_quote(words->at[1]), words->at[1].at, cron_quote(word),
		                 word.at);
	if (fields != NULL && !cron_parse(fields, cron, NULL))
		return false;
	if (fields == NULL)
		*cron = (struct cron){0};
	cron->kind = fields != NULL ? CRON_ALIAS : CRON_OPAQUE;
	cron->extension = name;
	return true;
}

/* Read six or seven words as fields with seconds or a year; false if they do not look like it. */
static bool read_long(const struct words *words, struct cron *cron)
{
	if (words->count > WORDS_MAX)
		return false;
	for (size_t i = 0; i < words->count; i++) {
		if (!cron_loose_field(words->at[i], i + 1 == words->count))
			return false;
	}
	*cron = (struct cron){
		.kind = CRON_OPAQUE,
		.extension = words->count == 6 ? "six fields" : "seven fields",
	};
	return true;
}

/* A single word that someone may have meant for a schedule. */
static bool fail_word(const struct cron_reader *reader, struct cron_slice word)
{
	static const char *const nothing[] = {"false", "none", "never", "null", "off", "no", NULL};
	char lower[CRON_WORD_MAX + 1] = "@";
	struct cron_slice nickname = {.at = lower, .length = word.length + 1};
	const char *name = NULL;

	for (size_t i = 0; nothing[i] != NULL; i++) {
		if (cron_slice_is(word, nothing[i]))
			return cron_fail(
				reader, word,
				"'%s' is not a schedule; for none write false, without quotes",
				nothing[i]);
	}
	if (cron_slice_lower(word, lower + 1))
		cron_nickname(nickname, &name);
	if (name != NULL)
		return cron_fail(reader, word, "'%s' is not a schedule; did you mean '%s'?",
		                 lower + 1, lower);
	return cron_fail(reader, word, "1 field where 5 are needed: %s", CRON_FIELD_LIST);
}

static bool fail_count(const struct cron_reader *reader, const struct words *words)
{
	size_t kept = words->count < WORDS_MAX ? words->count : WORDS_MAX;
	const char *end = words->at[kept - 1].at + words->at[kept - 1].length;

	if (words->count == 1)
		return fail_word(reader, words->at[0]);
	if (words->count < CRON_FIELD_COUNT)
		return cron_fail(reader, cron_slice(end, end), "%zu fields where 5 are needed: %s",
		                 words->count, CRON_FIELD_LIST);
	return cron_fail(reader, cron_slice(words->at[CRON_FIELD_COUNT].at, end),
	                 "%zu fields where 5 are needed: %s; no user, no command", words->count,
	                 CRON_FIELD_LIST);
}

bool cron_parse(const char *text, struct cron *cron, struct cron_fault *fault)
{
	struct cron_reader reader = {.text = text, .fault = fault};
	struct result results[CRON_FIELD_COUNT];
	struct words words;

	if (!check_bytes(&reader))
		return false;
	split(text, &words);
	if (words.count == 0)
		return cron_fail(&reader, cron_slice(text, text),
		                 "empty; for no schedule write false, without quotes");
	if (*words.at[0].at == '@')
		return read_nickname(&reader, &words, cron);
	if (strncmp(words.at[0].at, "TZ=", 3) == 0 || strncmp(words.at[0].at, "CRON_TZ=", 8) == 0)
		return cron_fail(&reader, words.at[0],
		                 "a time zone has no place here; schedules are in UTC");
	if (words.count != CRON_FIELD_COUNT)
		return (words.count > CRON_FIELD_COUNT && read_long(&words, cron)) ||
		       fail_count(&reader, &words);
	for (unsigned i = 0; i < CRON_FIELD_COUNT; i++) {
		if (!read_field(&reader, (enum cron_field_index)i, words.at[i], &results[i]))
			return false;
	}
	assemble(results, cron);
	return true;
}
