/* SPDX-License-Identifier: MIT */
/* Each text that is offered here has been read as an expression before: a remedy that is refused in
 * its turn is worse than none. Where the meaning cannot be kept (a time zone, the years of AWS) the
 * sentence says what to do, without a text. */
#include "cron/cron_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cron/cron_fields.h"

static struct cron_slice all_of(const struct cron_words *words)
{
	return cron_slice_span(words, 0, words->count - 1);
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
	const char *prefix = *words->at[0].at == 'T' ? "TZ=" : "CRON_TZ=";
	struct cron_slice zone;
	struct cron_slice name;

	cron_slice_cut(words->at[0], '=', &name, &zone);
	if (cron_zone_of(zone) == CRON_ZONE_UTC && words->count == CRON_FIELD_COUNT + 1 &&
	    cron_fields_fit(words, 1)) {
		struct cron_slice rest = cron_slice_span(words, 1, CRON_FIELD_COUNT);

		return cron_slice_fail(
			reader, words->at[0],
			"'%s' sets a time zone; every schedule is in UTC: write '%.*s'", prefix,
			(int)rest.length, rest.at);
	}
	return cron_slice_fail(reader, words->at[0],
	                       "'%s' sets a time zone; every schedule is in UTC: leave it out and "
	                       "write the hours in UTC",
	                       prefix);
}

bool cron_foreign_is(const struct cron_reader *reader, const struct cron_words *words)
{
	struct cron_slice all = all_of(words);
	struct cron_notation notation;
	struct cron_words fields;
	const char *nearest;
	bool is_exact;

	if (!cron_notation_read(words, &notation))
		return false;
	cron_slice_split(notation.fields.length > 0 ? notation.fields.bytes : "", &fields);
	is_exact = cron_alias_of_interval(notation.every_ms, &nearest);
	if (is_exact || cron_fields_fit(&fields, 0))
		(void)cron_slice_fail(reader, all, "%s: write '%s'", notation.name,
		                      is_exact ? nearest : notation.fields.bytes);
	else if (notation.every_ms > 0)
		(void)cron_slice_fail(reader, all,
		                      "%s, and no cron has this interval; the nearest is '%s'",
		                      notation.name, nearest);
	else
		(void)cron_slice_fail(reader, all, "%s: write %s", notation.name, notation.advice);
	text_clear(&notation.fields);
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
	    !cron_fields_fit(&fields, 0))
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

/* As useradd(8) takes it, or a script: a time zone that is not known here ("BRST", "UTC2") is
 * written otherwise. */
static bool is_user(struct cron_slice word)
{
	return (islower((unsigned char)*word.at) || *word.at == '_') &&
	       strspn(word.at, "abcdefghijklmnopqrstuvwxyz_-.0123456789") >= word.length;
}

/* What five fields may have behind them in a crontab; NULL: none of it. */
static const char *name_rest(const struct cron_words *words)
{
	struct cron_slice first = words->at[CRON_FIELD_COUNT];
	bool is_name = is_user(first);

	if (*first.at == '#')
		return "a comment";
	if (cron_zone_of(first) == CRON_ZONE_UTC)
		return words->count == CRON_FIELD_COUNT + 1 ? "a time zone" : "no part of them";
	if (memchr(first.at, '/', first.length) != NULL && first.length > 1)
		return "a command";
	if (is_name && words->count == CRON_FIELD_COUNT + 1)
		return "a user";
	return is_name ? "a user or a command" : NULL;
}

/* Set the fault for five fields that something stands behind; false where it is none of all this.
 */
static bool is_rest(const struct cron_reader *reader, const struct cron_words *words)
{
	struct cron_slice rest = cron_slice_span(words, CRON_FIELD_COUNT, words->count - 1);
	struct cron_slice fields = cron_slice_span(words, 0, CRON_FIELD_COUNT - 1);
	struct cron_slice first = words->at[CRON_FIELD_COUNT];

	if (!cron_fields_fit(words, 0))
		return false;
	if (cron_zone_of(first) == CRON_ZONE_OTHER)
		(void)cron_slice_fail(reader, first,
		                      "'%.*s' is a time zone; every schedule is in UTC: leave it "
		                      "out and write the hours in UTC",
		                      CRON_SHOWN(first));
	else if (name_rest(words) != NULL)
		(void)cron_slice_fail(
			reader, rest, "'%.*s' after the five fields is %s: write '%.*s'",
			CRON_SHOWN(rest), name_rest(words), (int)fields.length, fields.at);
	else if (isalpha((unsigned char)*first.at))
		(void)cron_slice_fail(reader, first,
		                      "'%.*s' is a user or a time zone; a schedule is five fields "
		                      "alone, with the hours in UTC",
		                      CRON_SHOWN(first));
	else
		return false;
	return true;
}

bool cron_foreign_fail_count(const struct cron_reader *reader, const struct cron_words *words)
{
	struct cron_slice rest = cron_slice(all_of(words).at + all_of(words).length,
	                                    all_of(words).at + all_of(words).length);

	if (words->count == 1)
		return fail_word(reader, words->at[0]);
	if (words->count > CRON_FIELD_COUNT) {
		rest = cron_slice_span(words, CRON_FIELD_COUNT, words->count - 1);
		if (is_blank_inside(reader, words) || is_rest(reader, words) ||
		    is_stray(reader, words))
			return false;
	}
	return cron_slice_fail(reader, rest, "%zu fields where 5 are needed: %s", words->count,
	                       CRON_FIELD_LIST);
}
