/* SPDX-License-Identifier: MIT */
/* A phrase is a rhythm ("every 5 minutes", "daily", "every monday") and, where that has a day, a
 * time of it ("at 6:30", "at 6 am", "at noon"); a time by itself is one of each day. A word more,
 * and it is left alone: no suggestion is better than one that means something else. */
#include "cron/cron_phrase.h"

#include <stdio.h>
#include <string.h>

#include "cron/cron_alias.h"
#include "cron/cron_fields.h"

/* What is read of a phrase: the next word, and what it has become. */
struct phrase {
	const struct cron_words *words;
	size_t next;
	const char *fields; /* minute and hour */
	char days[16];      /* the other three, where a time may be given; else empty */
};

static const struct rhythm {
	const char *word;   /* after "every" */
	const char *alone;  /* without it */
	const char *fields; /* what it is without a time of day; NULL: `days` at midnight */
	const char *days;
} rhythms[] = {
	{.word = "minute", .fields = "* * * * *"},
	{.word = "hour", .alone = "hourly", .fields = "0 * * * *"},
	{.word = "day", .alone = "daily", .days = "* * *"},
	{.word = "night", .alone = "nightly", .days = "* * *"},
	{.word = "weekday", .alone = "weekdays", .days = "* * 1-5"},
	{.word = "weekend", .alone = "weekends", .days = "* * 0,6"},
	{.word = "week", .alone = "weekly", .days = "* * 0"},
	{.word = "month", .alone = "monthly", .days = "1 * *"},
	{.word = "year", .alone = "yearly", .days = "1 1 *"},
};

#define RHYTHMS (sizeof(rhythms) / sizeof(rhythms[0]))

static bool is_every(struct cron_slice word)
{
	return cron_slice_is(word, "every") || cron_slice_is(word, "each");
}

static const struct rhythm *find_alone(struct cron_slice word)
{
	for (size_t i = 0; i < RHYTHMS; i++) {
		if (rhythms[i].alone != NULL && cron_slice_is(word, rhythms[i].alone))
			return &rhythms[i];
	}
	return NULL;
}

static bool take(struct phrase *phrase, const struct rhythm *rhythm)
{
	phrase->fields = rhythm->fields;
	snprintf(phrase->days, sizeof(phrase->days), "%s",
	         rhythm->days != NULL ? rhythm->days : "");
	return true;
}

/* "minute", "monday": what is not counted. */
static bool read_unit(struct phrase *phrase)
{
	const struct cron_field *weekdays = &cron_fields[CRON_WEEKDAY];
	struct cron_slice word = phrase->words->at[phrase->next++];

	for (size_t i = 0; i < RHYTHMS; i++) {
		if (cron_slice_is(word, rhythms[i].word))
			return take(phrase, &rhythms[i]);
	}
	for (unsigned i = 0; weekdays->names[i] != NULL; i++) {
		if (cron_slice_is(word, weekdays->names[i]) ||
		    cron_slice_is(word, weekdays->words[i])) {
			snprintf(phrase->days, sizeof(phrase->days), "* * %u", i);
			return true;
		}
	}
	return false;
}

/* "5 minutes", "2h": an interval that fields have. */
static bool read_count(struct phrase *phrase)
{
	size_t last = phrase->next + 1 < phrase->words->count ? phrase->next + 1 : phrase->next;
	struct cron_slice span = cron_slice_span(phrase->words, phrase->next, last);
	int64_t ms;

	phrase->next = last + 1;
	return cron_alias_read_interval(span, &ms) && cron_alias_of_interval(ms, &phrase->fields);
}

/* "6", "6:30", "6am", "6:30pm"; `*half` becomes what follows the digits. */
static bool read_clock(struct cron_slice word, unsigned *hour, unsigned *minute,
                       struct cron_slice *half)
{
	const char *end = word.at + word.length;
	size_t digits = cron_slice_number(word, hour);

	*minute = 0;
	*half = cron_slice(word.at + digits, end);
	if (digits > 0 && half->length > 0 && *half->at == ':') {
		struct cron_slice rest = cron_slice(half->at + 1, end);

		if (cron_slice_number(rest, minute) != 2)
			return false;
		*half = cron_slice(rest.at + 2, end);
	}
	return digits > 0 && digits <= 2 && *hour <= 23 && *minute <= 59;
}

static bool read_half(struct cron_slice half, unsigned *hour)
{
	if (half.length == 0)
		return true;
	if (*hour < 1 || *hour > 12 || (!cron_slice_is(half, "am") && !cron_slice_is(half, "pm")))
		return false;
	*hour = *hour % 12 + (cron_slice_is(half, "pm") ? 12 : 0);
	return true;
}

/* The time of day, which all that is left must be; a bare number is one only after "at". */
static bool read_time(const struct phrase *phrase, unsigned *hour, unsigned *minute)
{
	const struct cron_words *words = phrase->words;
	bool has_at = cron_slice_is(words->at[phrase->next], "at");
	size_t next = phrase->next + has_at;
	size_t left = words->count - next;
	struct cron_slice half;

	if (left < 1 || left > 2)
		return false;
	*minute = 0;
	*hour = cron_slice_is(words->at[next], "noon") ? 12 : 0;
	if (left == 1 && (*hour == 12 || cron_slice_is(words->at[next], "midnight")))
		return true;
	if (!read_clock(words->at[next], hour, minute, &half) || (left == 2 && half.length > 0))
		return false;
	if (left == 2)
		half = words->at[next + 1];
	if (!has_at && half.length == 0 &&
	    memchr(words->at[next].at, ':', words->at[next].length) == NULL)
		return false;
	return read_half(half, hour);
}

bool cron_phrase_is(const struct cron_words *words)
{
	const struct phrase phrase = {.words = words};
	struct cron_slice first = words->at[0];
	unsigned hour, minute;

	return is_every(first) || (words->count > 1 && find_alone(first) != NULL) ||
	       cron_slice_is(first, "at") || read_time(&phrase, &hour, &minute);
}

static bool read_rhythm(struct phrase *phrase)
{
	static const struct rhythm every_day = {.days = "* * *"};
	struct cron_slice first = phrase->words->at[0];
	const struct rhythm *alone = find_alone(first);

	if (alone == NULL && !is_every(first))
		return take(phrase, &every_day);
	phrase->next = 1;
	if (alone != NULL)
		return take(phrase, alone);
	if (phrase->words->count < 2)
		return false;
	if (*phrase->words->at[1].at >= '0' && *phrase->words->at[1].at <= '9')
		return read_count(phrase);
	return read_unit(phrase);
}

bool cron_phrase_fields(const struct cron_words *words, char fields[CRON_PHRASE_FIELDS_MAX])
{
	struct phrase phrase = {.words = words};
	unsigned hour = 0;
	unsigned minute = 0;

	if (!read_rhythm(&phrase))
		return false;
	if (phrase.days[0] == '\0') {
		snprintf(fields, CRON_PHRASE_FIELDS_MAX, "%s", phrase.fields);
		return phrase.next == words->count;
	}
	if (phrase.next < words->count && !read_time(&phrase, &hour, &minute))
		return false;
	snprintf(fields, CRON_PHRASE_FIELDS_MAX, "%u %u %s", minute, hour, phrase.days);
	return true;
}
