/* SPDX-License-Identifier: MIT */
/* A phrase is a rhythm ("every 5 minutes", "daily", "every monday") and, where that has a day, a
 * time of it ("at 6:30", "at 6 am", "at noon"); a time by itself is one of each day. A word more,
 * and it is left alone: no suggestion is better than one that means something else.
 *
 * A calendar event is a weekday, a date and a time, in this order, each of which may be missing,
 * and a time zone. Their parts are lists as in cron, but for ".." in ranges, and 0/15 where cron
 * has a star. */
#include "cron/cron_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cron/cron_fields.h"

/* What is read of a phrase: the next word, and what it has become. */
struct phrase {
	const struct cron_words *words;
	size_t next;
	const char *fields; /* minute and hour */
	const char *days;   /* the other three, where a time may be given; else NULL */
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

static bool is_every(struct cron_slice word)
{
	return cron_slice_is(word, "every") || cron_slice_is(word, "each");
}

static const struct rhythm *find_rhythm(struct cron_slice word, bool is_alone)
{
	for (size_t i = 0; i < sizeof(rhythms) / sizeof(rhythms[0]); i++) {
		const char *name = is_alone ? rhythms[i].alone : rhythms[i].word;

		if (name != NULL && cron_slice_is(word, name))
			return &rhythms[i];
	}
	return NULL;
}

static bool take(struct phrase *phrase, const struct rhythm *rhythm)
{
	phrase->fields = rhythm->fields;
	phrase->days = rhythm->days;
	return true;
}

/* "minute", "monday": what is not counted. */
static bool read_unit(struct phrase *phrase)
{
	static const char *const on[] = {"* * 0", "* * 1", "* * 2", "* * 3",
	                                 "* * 4", "* * 5", "* * 6"};
	const struct cron_field *weekdays = &cron_fields[CRON_WEEKDAY];
	struct cron_slice word = phrase->words->at[phrase->next++];
	const struct rhythm *rhythm = find_rhythm(word, false);

	if (rhythm != NULL)
		return take(phrase, rhythm);
	for (unsigned i = 0; phrase->days == NULL && weekdays->names[i] != NULL; i++) {
		if (cron_slice_is(word, weekdays->names[i]) ||
		    cron_slice_is(word, weekdays->words[i]))
			phrase->days = on[i];
	}
	return phrase->days != NULL;
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
	if (half.length == 0 || cron_zone_of(half) == CRON_ZONE_UTC)
		return true;
	if (*hour < 1 || *hour > 12 || (!cron_slice_is(half, "am") && !cron_slice_is(half, "pm")))
		return false;
	*hour = *hour % 12 + (cron_slice_is(half, "pm") ? 12 : 0);
	return true;
}

/* The time of day, which all that is left must be; a bare number is one only after "at". */
static bool read_time_of_day(const struct phrase *phrase, unsigned *hour, unsigned *minute)
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

static bool is_phrase(const struct cron_words *words)
{
	const struct phrase phrase = {.words = words};
	struct cron_slice first = words->at[0];
	unsigned hour, minute;

	return is_every(first) || (words->count > 1 && find_rhythm(first, true) != NULL) ||
	       cron_slice_is(first, "at") || read_time_of_day(&phrase, &hour, &minute);
}

static bool read_rhythm(struct phrase *phrase)
{
	static const struct rhythm every_day = {.days = "* * *"};
	struct cron_slice first = phrase->words->at[0];
	const struct rhythm *alone = find_rhythm(first, true);

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

static bool read_phrase(const struct cron_words *words, struct text *fields)
{
	struct phrase phrase = {.words = words};
	unsigned hour = 0;
	unsigned minute = 0;

	if (!read_rhythm(&phrase))
		return false;
	if (phrase.days == NULL) {
		text_add(fields, phrase.fields);
		return phrase.next == words->count;
	}
	if (phrase.next < words->count && !read_time_of_day(&phrase, &hour, &minute))
		return false;
	text_printf(fields, "%u %u %s", minute, hour, phrase.days);
	return true;
}

/* What is read of an event; an empty part is any. */
struct event {
	struct cron_slice fields[CRON_FIELD_COUNT], year, second;
};

static bool read_date(struct cron_slice word, struct event *event)
{
	struct cron_slice year, month, day, rest;
	unsigned number;

	if (!cron_slice_cut(word, '-', &year, &rest) || !cron_slice_cut(rest, '-', &month, &day) ||
	    month.length == 0 || day.length == 0 ||
	    (!cron_slice_is(year, "*") && cron_slice_number(year, &number) != 4))
		return false;
	event->year = year;
	event->fields[CRON_MONTH] = month;
	event->fields[CRON_DAY] = day;
	return true;
}

static bool read_time(struct cron_slice word, struct event *event)
{
	struct cron_slice hour, minute, rest, second = {0};
	bool has_second;

	if (!cron_slice_cut(word, ':', &hour, &rest))
		return false;
	has_second = cron_slice_cut(rest, ':', &minute, &second);
	if (hour.length == 0 || minute.length == 0 || (has_second && second.length == 0))
		return false;
	event->fields[CRON_HOUR] = hour;
	event->fields[CRON_MINUTE] = minute;
	event->second = second;
	return true;
}

/* False if a word is none of the parts, or not where it belongs. */
static bool read_event(const struct cron_words *words, struct event *event)
{
	size_t next = 0;

	if (isalpha((unsigned char)*words->at[0].at))
		event->fields[CRON_WEEKDAY] = words->at[next++];
	next += next < words->count && read_date(words->at[next], event);
	next += next < words->count && read_time(words->at[next], event);
	return next == words->count && event->year.length + event->fields[CRON_HOUR].length > 0;
}

static bool is_calendar(const struct cron_words *words)
{
	struct event event = {0};

	for (size_t i = 0; i < words->count; i++) {
		if (read_date(words->at[i], &event))
			return true;
	}
	return read_event(words, &event) && (event.fields[CRON_WEEKDAY].length > 0 ||
	                                     cron_slice_is(event.fields[CRON_HOUR], "*"));
}

/* Steps from a number on, which not every cron reads; from 0 on they are those of a star. */
static bool has_steps_from_number(struct cron_slice part)
{
	for (size_t i = 0; i < part.length; i++) {
		const char *at = part.at + i;
		const char *item = at;

		while (*at == '/' && item > part.at && isdigit((unsigned char)item[-1]))
			item--;
		if (item < at && (item == part.at || item[-1] == ',') &&
		    strspn(item, "0") < (size_t)(at - item))
			return true;
	}
	return false;
}

/* "Mon..Fri" is Mon-Fri, "06" 6, "0/15" what steps of 15 from a star are. One that is not there has
 * no address either. */
static void add_part(struct cron_slice part, const char *otherwise, struct text *out)
{
	const char *end;

	text_add(out, out->length > 0 ? " " : "");
	if (part.length == 0) {
		text_add(out, otherwise);
		return;
	}
	end = part.at + part.length;
	for (const char *at = part.at; at < end; at++) {
		bool begins = at == part.at || !isdigit((unsigned char)at[-1]);
		bool is_item = at == part.at || at[-1] == ',';

		while (begins && *at == '0' && at + 1 < end && isdigit((unsigned char)at[1]))
			at++;
		if (is_item && *at == '0' && at + 1 < end && at[1] == '/')
			text_add_char(out, '*');
		else
			text_add_char(out, *at == '.' ? '-' : *at);
		at += *at == '.' && at + 1 < end && at[1] == '.';
	}
}

/* Cron runs on a day of the week or of the month, where this event runs on what is both. */
static bool has_both_days(const struct event *event)
{
	return event->fields[CRON_WEEKDAY].length > 0 && event->fields[CRON_DAY].length > 0 &&
	       *event->fields[CRON_DAY].at != '*';
}

static bool read_calendar(const struct cron_words *words, struct text *fields)
{
	struct event event = {0};
	bool is_read = read_event(words, &event);
	struct cron_slice year = event.year, second = event.second;

	for (size_t i = 0; i < CRON_WEEKDAY; i++)
		is_read = is_read && !has_steps_from_number(event.fields[i]);
	if (!is_read || has_both_days(&event) || (year.length > 0 && !cron_slice_is(year, "*")) ||
	    (second.length > 0 && strspn(second.at, "0") < second.length))
		return false;
	for (size_t i = 0; i < CRON_FIELD_COUNT; i++)
		add_part(event.fields[i], i <= CRON_HOUR ? "0" : "*", fields);
	return true;
}

/* Append AWS's day of the week, in which Sunday is 1, with its numbers less by one. False where
 * that is not all there is to it. */
static bool add_weekday(struct cron_slice word, struct text *fields)
{
	for (size_t i = 0; i < word.length; i++) {
		char byte = word.at[i];

		if (strchr("/#lL089", byte) != NULL)
			return false;
		text_add_char(fields, (char)(isdigit((unsigned char)byte) ? byte - 1 : byte));
	}
	return true;
}

/* AWS's six fields are minute, hour, day, month, weekday, year. */
static bool read_aws(const char *inside, struct text *fields)
{
	struct cron_words words;

	cron_slice_split(inside, &words);
	if (words.count != 6 || !cron_slice_is(words.at[5], "*"))
		return false;
	for (size_t i = 0; i < CRON_FIELD_COUNT; i++) {
		text_add(fields, i > 0 ? " " : "");
		if (cron_slice_is(words.at[i], "?"))
			text_add_char(fields, '*');
		else if (i != CRON_WEEKDAY)
			text_add_bytes(fields, words.at[i].at, words.at[i].length);
		else if (!add_weekday(words.at[i], fields))
			return false;
	}
	return true;
}

/* What stands between the brackets of "cron(…)"; empty if they do not close. */
static void unwrap(struct cron_slice all, size_t skipped, char inside[CRON_TEXT_MAX + 1])
{
	size_t length = all.at[all.length - 1] == ')' ? all.length - skipped - 1 : 0;

	memcpy(inside, all.at + skipped, length);
	inside[length] = '\0';
}

/* A phrase or an event. Without their time zone they are what they are: in UTC nothing is lost. */
static bool read_zoned(const struct cron_words *words, struct cron_notation *notation)
{
	struct cron_words bare = *words;
	enum cron_zone zone = cron_zone_of(words->at[words->count - 1]);
	bool is_read = false;

	bare.count -= words->count > 1 && zone != CRON_ZONE_NONE;
	if (is_phrase(&bare) ||
	    (bare.count < words->count && find_rhythm(bare.at[0], true) != NULL)) {
		struct cron_slice span = cron_slice_span(&bare, bare.count > 1, bare.count - 1);

		notation->name = "a schedule in words";
		is_read = read_phrase(&bare, &notation->fields);
		if (!is_read && is_every(bare.at[0]))
			(void)cron_alias_read_interval(span, &notation->every_ms);
	} else if (is_calendar(&bare)) {
		notation->name = "systemd's notation";
		is_read = read_calendar(&bare, &notation->fields);
	}
	if (zone == CRON_ZONE_OTHER)
		notation->advice = "five fields, with the hours in UTC: " CRON_FIELD_LIST;
	return is_read && zone != CRON_ZONE_OTHER;
}

bool cron_notation_read(const struct cron_words *words, struct cron_notation *notation)
{
	struct cron_slice all = cron_slice_span(words, 0, words->count - 1);
	struct text *fields = &notation->fields;
	char inside[CRON_TEXT_MAX + 1];
	bool is_read = false;

	*notation = (struct cron_notation){.advice = "five fields: " CRON_FIELD_LIST};
	if (strncasecmp(all.at, "cron(", 5) == 0) {
		notation->name = "cron(...) is AWS's notation";
		notation->advice = "five fields alone, without a year, with 0 for Sunday";
		unwrap(all, 5, inside);
		is_read = read_aws(inside, fields);
	} else if (strncasecmp(all.at, "rate(", 5) == 0) {
		notation->name = "rate(...) is AWS's notation";
		unwrap(all, 5, inside);
		(void)cron_alias_read_interval(cron_slice(inside, inside + strlen(inside)),
		                               &notation->every_ms);
	} else {
		is_read = read_zoned(words, notation);
	}
	if (!is_read)
		text_clear(fields);
	return notation->name != NULL;
}
