/* SPDX-License-Identifier: MIT */
/* The bytes are checked first, so that everything after this may print what it read; then the words
 * are counted, and each of five is read as a field. The first fault ends the reading, at the very
 * word that is wrong. */
#include "cron/cron.h"

#include <string.h>

#include "base/text.h"
#include "cron/cron_extension.h"
#include "cron/cron_fields.h"
#include "cron/cron_list.h"
#include "cron/cron_nickname.h"

#define WORDS_MAX 7 /* with seconds and years */

struct words {
	struct cron_slice at[WORDS_MAX];
	size_t count; /* also those beyond WORDS_MAX */
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
		return cron_fault_set(reader, where,
		                      "control byte 0x%02x; fields are separated by spaces", *at);
	where.length = decode(at, &code);
	if (code == 0)
		return cron_fault_set(reader, where, "byte 0x%02x is not ASCII",
		                      (unsigned char)*at);
	meant = plain(code);
	if (meant == NULL)
		return cron_fault_set(reader, where, "U+%04X is not ASCII", code);
	return cron_fault_set(reader, where, "U+%04X is not ASCII; did you mean %s?", code, meant);
}

static bool check_bytes(const struct cron_reader *reader)
{
	size_t length = strnlen(reader->text, CRON_TEXT_MAX + 1);

	if (length > CRON_TEXT_MAX) {
		struct cron_slice where = {.at = reader->text + CRON_TEXT_MAX, .length = 1};

		return cron_fault_set(reader, where, "longer than %d bytes", CRON_TEXT_MAX);
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

static void assemble(const struct cron_list lists[CRON_FIELD_COUNT], struct cron *cron)
{
	const char *opaque = NULL;

	*cron = (struct cron){
		.minutes = lists[CRON_MINUTE].set,
		.hours = (uint32_t)lists[CRON_HOUR].set,
		.days = (uint32_t)lists[CRON_DAY].set,
		.months = (uint16_t)lists[CRON_MONTH].set,
		.weekdays = (uint8_t)lists[CRON_WEEKDAY].set,
		.star_day = lists[CRON_DAY].star,
		.star_weekday = lists[CRON_WEEKDAY].star,
	};
	for (size_t i = 0; i < CRON_FIELD_COUNT; i++) {
		cron->wide_step |= lists[i].wide_step;
		if (cron->extension == NULL)
			cron->extension = lists[i].extension;
		if (opaque == NULL)
			opaque = lists[i].opaque;
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
	const char *fields = cron_nickname_fields(word, &name);
	bool every = cron_slice_is(word, "@every");

	if (name == NULL) {
		const char *near = cron_nickname_nearest(word);

		return near != NULL ? cron_fault_set(reader, word,
		                                     "'%.*s' is unknown; did you mean '%s'?",
		                                     cron_slice_shown(word), word.at, near)
		                    : cron_fault_set(reader, word, "'%.*s' is unknown",
		                                     cron_slice_shown(word), word.at);
	}
	if (every && words->count != 2)
		return cron_fault_set(reader, word, "'@every' needs one span of time: '@every 1h'");
	if (!every && words->count > 1)
		return cron_fault_set(reader, words->at[1],
		                      "'%.*s' after '%.*s', which stands alone",
		                      cron_slice_shown(words->at[1]), words->at[1].at,
		                      cron_slice_shown(word), word.at);
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
		if (!cron_extension_loose(words->at[i], i + 1 == words->count))
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
	char lower[CRON_SLICE_WORD_MAX + 1] = "@";
	struct cron_slice nickname = {.at = lower, .length = word.length + 1};
	const char *name = NULL;

	for (size_t i = 0; nothing[i] != NULL; i++) {
		if (cron_slice_is(word, nothing[i]))
			return cron_fault_set(
				reader, word,
				"'%s' is not a schedule; for none write false, without quotes",
				nothing[i]);
	}
	if (cron_slice_lower(word, lower + 1))
		cron_nickname_fields(nickname, &name);
	if (name != NULL)
		return cron_fault_set(reader, word, "'%s' is not a schedule; did you mean '%s'?",
		                      lower + 1, lower);
	return cron_fault_set(reader, word, "1 field where 5 are needed: %s", CRON_FIELD_LIST);
}

static bool fail_count(const struct cron_reader *reader, const struct words *words)
{
	size_t kept = words->count < WORDS_MAX ? words->count : WORDS_MAX;
	const char *end = words->at[kept - 1].at + words->at[kept - 1].length;

	if (words->count == 1)
		return fail_word(reader, words->at[0]);
	if (words->count < CRON_FIELD_COUNT)
		return cron_fault_set(reader, cron_slice(end, end),
		                      "%zu fields where 5 are needed: %s", words->count,
		                      CRON_FIELD_LIST);
	return cron_fault_set(reader, cron_slice(words->at[CRON_FIELD_COUNT].at, end),
	                      "%zu fields where 5 are needed: %s; no user, no command",
	                      words->count, CRON_FIELD_LIST);
}

bool cron_parse(const char *text, struct cron *cron, struct cron_fault *fault)
{
	struct cron_reader reader = {.text = text, .fault = fault};
	struct cron_list lists[CRON_FIELD_COUNT];
	struct words words;

	if (!check_bytes(&reader))
		return false;
	split(text, &words);
	if (words.count == 0)
		return cron_fault_set(&reader, cron_slice(text, text),
		                      "empty; for no schedule write false, without quotes");
	if (*words.at[0].at == '@')
		return read_nickname(&reader, &words, cron);
	if (strncmp(words.at[0].at, "TZ=", 3) == 0 || strncmp(words.at[0].at, "CRON_TZ=", 8) == 0)
		return cron_fault_set(&reader, words.at[0],
		                      "a time zone has no place here; schedules are in UTC");
	if (words.count != CRON_FIELD_COUNT)
		return (words.count > CRON_FIELD_COUNT && read_long(&words, cron)) ||
		       fail_count(&reader, &words);
	for (unsigned i = 0; i < CRON_FIELD_COUNT; i++) {
		if (!cron_list_read(&reader, (enum cron_field_index)i, words.at[i], &lists[i]))
			return false;
	}
	assemble(lists, cron);
	return true;
}
