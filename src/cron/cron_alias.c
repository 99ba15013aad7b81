/* SPDX-License-Identifier: MIT */
/* A nickname that has an exact meaning is read as its five fields. Fields know no intervals, but
 * steps that start again with each hour or day: what runs evenly is what divides an hour or a day.
 */
#include "cron/cron_internal.h"

#include <ctype.h>
#include <stddef.h>

#include "base/span.h"
#include "base/suggest.h"

static const struct nickname {
	const char *word; /* first (suggest_row()) */
	const char *name;
	const char *fields; /* NULL: it has no five-field meaning */
} nicknames[] = {
	{.word = "@hourly", .name = "'@hourly'", .fields = "0 * * * *"},
	{.word = "@daily", .name = "'@daily'", .fields = "0 0 * * *"},
	{.word = "@midnight", .name = "'@midnight'", .fields = "0 0 * * *"},
	{.word = "@weekly", .name = "'@weekly'", .fields = "0 0 * * 0"},
	{.word = "@monthly", .name = "'@monthly'", .fields = "0 0 1 * *"},
	{.word = "@yearly", .name = "'@yearly'", .fields = "0 0 1 1 *"},
	{.word = "@annually", .name = "'@annually'", .fields = "0 0 1 1 *"},
	{.word = "@every_minute", .name = "'@every_minute'", .fields = "* * * * *"},
	{.word = "@every_second", .name = "'@every_second'"},
	{.word = "@reboot", .name = "'@reboot'"},
	{.word = "@every"},
};

const char *cron_alias_fields(struct cron_slice word, const char **name)
{
	for (size_t i = 0; i < sizeof(nicknames) / sizeof(nicknames[0]); i++) {
		if (cron_slice_is(word, nicknames[i].word)) {
			*name = nicknames[i].name;
			return nicknames[i].fields;
		}
	}
	return NULL;
}

const char *cron_alias_nearest(struct cron_slice word)
{
	char lower[CRON_SLICE_WORD_MAX];

	if (!cron_slice_lower(word, lower))
		return NULL;
	return suggest_row(lower, nicknames, sizeof(nicknames) / sizeof(nicknames[0]),
	                   sizeof(nicknames[0]));
}

#define MINUTE_MS INT64_C(60000)

static const struct interval {
	int64_t minutes;
	const char *fields;
} intervals[] = {
	{.minutes = 1, .fields = "* * * * *"},
	{.minutes = 2, .fields = "*/2 * * * *"},
	{.minutes = 3, .fields = "*/3 * * * *"},
	{.minutes = 4, .fields = "*/4 * * * *"},
	{.minutes = 5, .fields = "*/5 * * * *"},
	{.minutes = 6, .fields = "*/6 * * * *"},
	{.minutes = 10, .fields = "*/10 * * * *"},
	{.minutes = 12, .fields = "*/12 * * * *"},
	{.minutes = 15, .fields = "*/15 * * * *"},
	{.minutes = 20, .fields = "*/20 * * * *"},
	{.minutes = 30, .fields = "*/30 * * * *"},
	{.minutes = 60, .fields = "0 * * * *"},
	{.minutes = 60 * 2, .fields = "0 */2 * * *"},
	{.minutes = 60 * 3, .fields = "0 */3 * * *"},
	{.minutes = 60 * 4, .fields = "0 */4 * * *"},
	{.minutes = 60 * 6, .fields = "0 */6 * * *"},
	{.minutes = 60 * 8, .fields = "0 */8 * * *"},
	{.minutes = 60 * 12, .fields = "0 */12 * * *"},
	{.minutes = 60 * 24, .fields = "0 0 * * *"},
	{.minutes = 60 * 24 * 7, .fields = "0 0 * * 0"},
};

bool cron_alias_read_interval(struct cron_slice span, int64_t *ms)
{
	char text[SPAN_TEXT_MAX];
	struct fault fault = {0};
	bool good;

	if (span.length >= sizeof(text))
		return false;
	for (size_t i = 0; i < span.length; i++)
		text[i] = (char)tolower((unsigned char)span.at[i]);
	text[span.length] = '\0';
	good = span_parse(text, ms, &fault);
	fault_clear(&fault);
	return good && *ms > 0;
}

bool cron_alias_of_interval(int64_t ms, const char **fields)
{
	const struct interval *nearest = intervals;

	for (size_t i = 1; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
		int64_t middle = (nearest->minutes + intervals[i].minutes) * MINUTE_MS / 2;

		if (ms > middle)
			nearest = &intervals[i];
	}
	*fields = nearest->fields;
	return nearest->minutes * MINUTE_MS == ms;
}
