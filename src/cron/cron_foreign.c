/* SPDX-License-Identifier: MIT */
/* Each text that is offered here has been read as an expression before: a remedy that is refused in
 * its turn is worse than none. Where the meaning cannot be kept (a time zone, the years of AWS) the
 * sentence says what to do, without a text. */
#include "cron/cron_foreign.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cron/cron_alias.h"
#include "cron/cron_calendar.h"
#include "cron/cron_fields.h"
#include "cron/cron_phrase.h"

static bool begins(struct cron_slice slice, const char *word)
{
	size_t length = strlen(word);

	return slice.length >= length && strncasecmp(slice.at, word, length) == 0;
}

static struct cron_slice all_of(const struct cron_words *words)
{
	return cron_slice_span(words, 0, words->count - 1);
}

/* Whether each of the first five words can be its field. */
static bool are_fields(const struct cron_words *words)
{
	const struct cron_reader unheard = {0};
	struct cron_list list;

	for (unsigned i = 0; i < CRON_FIELD_COUNT; i++) {
		if (i >= words->count ||
		    !cron_fields_read(&unheard, (enum cron_field_index)i, words->at[i], &list))
			return false;
	}
	return true;
}

size_t cron_foreign_zone(const char *text)
{
	size_t blanks = strspn(text, " \t");

	if (strncmp(text + blanks, "TZ=", 3) == 0)
		return blanks + 3;
	return strncmp(text + blanks, "CRON_TZ=", 8) == 0 ? blanks + 8 : 0;
}

bool cron_foreign_fail_zone(const struct cron_reader *reader, const struct cron_words *words)
{
	static const char *const utc[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Z", NULL};
	const char *prefix = *words->at[0].at == 'T' ? "TZ=" : "CRON_TZ=";
	struct cron_slice zone;
	struct cron_slice name;

	cron_slice_cut(words->at[0], '=', &name, &zone);
	if (cron_slice_find(zone, utc) != NULL && words->count == CRON_FIELD_COUNT + 1) {
		struct cron_slice rest = cron_slice_span(words, 1, CRON_FIELD_COUNT);
		struct cron_words fields = {.count = CRON_FIELD_COUNT};

		memcpy(fields.at, words->at + 1, CRON_FIELD_COUNT * sizeof(fields.at[0]));
		if (are_fields(&fields))
			return cron_slice_fail(
				reader, words->at[0],
				"'%s' sets a time zone; every schedule is in UTC: write '%.*s'",
				prefix, (int)rest.length, rest.at);
	}
	return cron_slice_fail(reader, words->at[0],
	                       "'%s' sets a time zone; every schedule is in UTC: leave it out and "
	                       "write the hours in UTC",
	                       prefix);
}

/* Copy AWS's day of the week, in which Sunday is 1, with its numbers less by one. False where that
 * is not all there is to it. */
static bool copy_weekday(struct cron_slice word, char *out)
{
	for (size_t i = 0; i < word.length; i++) {
		char byte = word.at[i];

		if (strchr("/#", byte) != NULL || toupper((unsigned char)byte) == 'L')
			return false;
		if (isdigit((unsigned char)byte) && (byte < '1' || byte > '7'))
			return false;
		*out++ = (char)(isdigit((unsigned char)byte) ? byte - 1 : byte);
	}
	return true;
}

/* Write the five fields of AWS's six: minute, hour, day, month, weekday, year. */
static bool write_aws(const struct cron_words *words, char fields[CRON_TEXT_MAX + 1])
{
	struct cron_words written;
	char *at = fields;

	if (words->count != 6 || !cron_slice_is(words->at[5], "*"))
		return false;
	memset(fields, 0, CRON_TEXT_MAX + 1);
	for (size_t i = 0; i < CRON_FIELD_COUNT; i++) {
		struct cron_slice word = words->at[i];

		if (i > 0)
			*at++ = ' ';
		if (cron_slice_is(word, "?"))
			*at = '*';
		else if (i != CRON_WEEKDAY)
			memcpy(at, word.at, word.length);
		else if (!copy_weekday(word, at))
			return false;
		at += word.length;
	}
	cron_slice_split(fields, &written);
	return are_fields(&written);
}

/* What stands between the brackets of "cron(…)"; false if they do not close. */
static bool unwrap(struct cron_slice all, const char *name, char inside[CRON_TEXT_MAX + 1])
{
	size_t skipped = strlen(name);

	if (all.length <= skipped || all.at[all.length - 1] != ')')
		return false;
	memcpy(inside, all.at + skipped, all.length - skipped - 1);
	inside[all.length - skipped - 1] = '\0';
	return true;
}

static bool fail_cron(const struct cron_reader *reader, struct cron_slice all)
{
	char inside[CRON_TEXT_MAX + 1];
	char fields[CRON_TEXT_MAX + 1];
	struct cron_words words;

	if (unwrap(all, "cron(", inside)) {
		cron_slice_split(inside, &words);
		if (write_aws(&words, fields))
			return cron_slice_fail(reader, all,
			                       "cron(...) is AWS's notation: write '%s'", fields);
	}
	return cron_slice_fail(reader, all,
	                       "cron(...) is AWS's notation: write five fields alone, without a "
	                       "year, with 0 for Sunday");
}

/* Say which fields run every `ms`; `what` is the notation. */
static bool fail_interval(const struct cron_reader *reader, struct cron_slice all, const char *what,
                          int64_t ms)
{
	const char *fields;

	if (cron_alias_of_interval(ms, &fields))
		return cron_slice_fail(reader, all, "%s: write '%s'", what, fields);
	return cron_slice_fail(reader, all,
	                       "%s, and no cron has this interval; the nearest is '%s'", what,
	                       fields);
}

static bool fail_rate(const struct cron_reader *reader, struct cron_slice all)
{
	char inside[CRON_TEXT_MAX + 1];
	int64_t ms;

	if (unwrap(all, "rate(", inside) &&
	    cron_alias_read_interval(cron_slice(inside, inside + strlen(inside)), &ms))
		return fail_interval(reader, all, "rate(...) is AWS's notation", ms);
	return cron_slice_fail(reader, all, "rate(...) is AWS's notation: write five fields: %s",
	                       CRON_FIELD_LIST);
}

static bool fail_phrase(const struct cron_reader *reader, const struct cron_words *words)
{
	char fields[CRON_PHRASE_FIELDS_MAX];
	struct cron_slice span = cron_slice_span(words, words->count > 1, words->count - 1);
	int64_t ms;

	if (cron_phrase_fields(words, fields))
		return cron_slice_fail(reader, all_of(words), "a schedule in words: write '%s'",
		                       fields);
	if (cron_alias_read_interval(span, &ms))
		return fail_interval(reader, all_of(words), "a schedule in words", ms);
	return cron_slice_fail(reader, all_of(words), "a schedule in words: write five fields: %s",
	                       CRON_FIELD_LIST);
}

static bool fail_calendar(const struct cron_reader *reader, const struct cron_words *words)
{
	struct text fields = {0};
	struct cron_words written = {0};

	if (cron_calendar_fields(words, &fields))
		cron_slice_split(fields.bytes, &written);
	if (are_fields(&written))
		(void)cron_slice_fail(reader, all_of(words), "systemd's notation: write '%s'",
		                      fields.bytes);
	else
		(void)cron_slice_fail(reader, all_of(words),
		                      "systemd's notation: write five fields: %s", CRON_FIELD_LIST);
	text_clear(&fields);
	return false;
}

bool cron_foreign_is(const struct cron_reader *reader, const struct cron_words *words)
{
	if (begins(words->at[0], "cron("))
		(void)fail_cron(reader, all_of(words));
	else if (begins(words->at[0], "rate("))
		(void)fail_rate(reader, all_of(words));
	else if (cron_phrase_is(words))
		(void)fail_phrase(reader, words);
	else if (cron_calendar_is(words))
		(void)fail_calendar(reader, words);
	else
		return false;
	return true;
}

/* A single word that someone may have meant for a schedule. */
static bool fail_word(const struct cron_reader *reader, struct cron_slice word)
{
	static const char *const nothing[] = {"false", "none", "never", "null", "off", "no", NULL};
	char lower[CRON_SLICE_WORD_MAX + 1] = "@";
	struct cron_slice nickname = {.at = lower, .length = word.length + 1};
	const char *none = cron_slice_find(word, nothing);
	const char *name = NULL;

	if (none != NULL)
		return cron_slice_fail(
			reader, word,
			"'%s' is not a schedule; for none write false, without quotes", none);
	if (cron_slice_lower(word, lower + 1))
		cron_alias_fields(nickname, &name);
	if (name != NULL)
		return cron_slice_fail(reader, word, "'%s' is not a schedule; did you mean '%s'?",
		                       lower + 1, lower);
	return cron_slice_fail(reader, word, "1 field where 5 are needed: %s", CRON_FIELD_LIST);
}

/* Set the fault if the words are five fields with blanks in them; false if they are not. */
static bool is_blank_inside(const struct cron_reader *reader, const struct cron_words *words)
{
	char text[CRON_TEXT_MAX + 1];
	struct cron_words fields;
	struct cron_words whole;
	size_t first = 0;
	size_t last = CRON_FIELD_COUNT - 1;
	struct cron_slice shown;
	struct cron_slice meant;

	if (!cron_slice_join(words, text, &fields, &whole) || whole.count != CRON_FIELD_COUNT ||
	    !are_fields(&fields))
		return false;
	while (whole.at[first].length == fields.at[first].length)
		first++;
	while (whole.at[last].length == fields.at[last].length)
		last--;
	shown = cron_slice_span(&whole, first, last);
	meant = cron_slice_span(&fields, first, last);
	(void)cron_slice_fail(reader, shown, "%s '%.*s' has a blank inside; did you mean '%.*s'?",
	                      cron_fields[first].name, CRON_SHOWN(shown), (int)meant.length,
	                      meant.at);
	return true;
}

/* Set the fault if a word is only what holds a field together; false if none is. */
static bool is_stray(const struct cron_reader *reader, const struct cron_words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		struct cron_slice word = words->at[i];

		if (strspn(word.at, ",-/#()") >= word.length) {
			(void)cron_slice_fail(reader, word,
			                      "'%.*s' stands alone; a field has no blanks inside",
			                      CRON_SHOWN(word));
			return true;
		}
	}
	return false;
}

/* What five fields may have behind them in a crontab; NULL: none of it. */
static const char *name_rest(const struct cron_words *words)
{
	struct cron_slice first = words->at[CRON_FIELD_COUNT];
	bool is_name = isalpha((unsigned char)*first.at) || *first.at == '_';

	if (*first.at == '#')
		return "a comment";
	if (memchr(first.at, '/', first.length) != NULL && first.length > 1)
		return "a command";
	if (is_name && words->count == CRON_FIELD_COUNT + 1)
		return "a user";
	return is_name ? "a user or a command" : NULL;
}

bool cron_foreign_fail_count(const struct cron_reader *reader, const struct cron_words *words)
{
	struct cron_slice rest = cron_slice(all_of(words).at + all_of(words).length,
	                                    all_of(words).at + all_of(words).length);

	if (words->count == 1)
		return fail_word(reader, words->at[0]);
	if (words->count > CRON_FIELD_COUNT) {
		struct cron_slice fields = cron_slice_span(words, 0, CRON_FIELD_COUNT - 1);

		rest = cron_slice_span(words, CRON_FIELD_COUNT, words->count - 1);
		if (is_blank_inside(reader, words))
			return false;
		if (are_fields(words) && name_rest(words) != NULL)
			return cron_slice_fail(
				reader, rest, "'%.*s' after the five fields is %s: write '%.*s'",
				CRON_SHOWN(rest), name_rest(words), (int)fields.length, fields.at);
		if (is_stray(reader, words))
			return false;
	}
	return cron_slice_fail(reader, rest, "%zu fields where 5 are needed: %s", words->count,
	                       CRON_FIELD_LIST);
}
