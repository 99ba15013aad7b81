/* SPDX-License-Identifier: MIT */
/* An event is a weekday, a date and a time, in this order, each of which may be missing, and a time
 * zone. Their parts are lists as in cron, but for ".." in ranges, and 0/15 where cron has a star.
 */
#include "cron/cron_calendar.h"

#include <ctype.h>
#include <string.h>

/* What is read of an event; an empty part is any. */
struct event {
	struct cron_slice weekday, year, month, day, hour, minute, second;
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
	event->month = month;
	event->day = day;
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
	event->hour = hour;
	event->minute = minute;
	event->second = second;
	return true;
}

/* False if a word is none of the parts, or not where it belongs. */
static bool read_event(const struct cron_words *words, struct event *event)
{
	size_t count = words->count;
	size_t next = 0;

	count -= count > 1 && cron_slice_is(words->at[count - 1], "utc");
	if (isalpha((unsigned char)*words->at[0].at))
		event->weekday = words->at[next++];
	next += next < count && read_date(words->at[next], event);
	next += next < count && read_time(words->at[next], event);
	return next == count && event->year.length + event->hour.length > 0;
}

bool cron_calendar_is(const struct cron_words *words)
{
	struct event event = {0};

	for (size_t i = 0; i < words->count; i++) {
		if (read_date(words->at[i], &event))
			return true;
	}
	return read_event(words, &event) &&
	       (event.weekday.length > 0 || cron_slice_is(event.hour, "*"));
}

/* Steps from a number on, which not every cron reads; from 0 on they are those of a star. */
static bool has_steps_from_number(struct cron_slice part)
{
	for (const char *at = part.at; at < part.at + part.length; at++) {
		const char *item = at;

		while (*at == '/' && item > part.at && isdigit((unsigned char)item[-1]))
			item--;
		if (item < at && (item == part.at || item[-1] == ',') &&
		    strspn(item, "0") < (size_t)(at - item))
			return true;
	}
	return false;
}

/* "Mon..Fri" is Mon-Fri, "06" 6, "0/15" what steps of 15 from a star are. */
static void add_part(struct cron_slice part, const char *otherwise, struct text *out)
{
	const char *end;

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
	return event->weekday.length > 0 && event->day.length > 0 && *event->day.at != '*';
}

bool cron_calendar_fields(const struct cron_words *words, struct text *out)
{
	struct event event = {0};
	bool is_read = read_event(words, &event);
	struct cron_slice year = event.year, second = event.second;

	if (!is_read || has_both_days(&event) || has_steps_from_number(event.hour) ||
	    has_steps_from_number(event.minute) || has_steps_from_number(event.day) ||
	    has_steps_from_number(event.month) || (year.length > 0 && !cron_slice_is(year, "*")) ||
	    (second.length > 0 && strspn(second.at, "0") < second.length))
		return false;
	add_part(event.minute, "0", out);
	text_add_char(out, ' ');
	add_part(event.hour, "0", out);
	text_add_char(out, ' ');
	add_part(event.day, "*", out);
	text_add_char(out, ' ');
	add_part(event.month, "*", out);
	text_add_char(out, ' ');
	add_part(event.weekday, "*", out);
	return true;
}
