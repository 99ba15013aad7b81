/* SPDX-License-Identifier: MIT */
/* The bytes are checked first, so that everything after this may print what it read; then the words
 * are counted, and each of five is read as a field. The first fault ends the reading, at the very
 * word that is wrong.
 *
 * Schedules are compared by their sets, and by how the two day fields are joined, which the sets do
 * not show. The weekdays of a month become days of the month, so that the two fields are two sets
 * of bits. So a search for the next run looks at months, and within a month at its days by counting
 * zeros. A date that fits at all comes within 40 years: 29 February on a certain weekday across a
 * year such as 2100 takes the longest. */
#include "cron/cron.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/character.h"
#include "base/text.h"
#include "cron/cron_fields.h"
#include "cron/cron_internal.h"
#include "cron/cron_slice.h"

#define ALL_DAYS     (~UINT32_C(1))
#define ALL_WEEKDAYS 0x7fu

#define SEARCH_MONTHS (41 * 12)
#define FIRST_S       INT64_C(-62135596800) /* 0001-01-01 00:00 */
#define DAY_S         86400
#define LAST_S        INT64_C(253402300799) /* 9999-12-31 23:59:59 */

/* The ASCII character that a typographic one was typed or pasted for; 0: none is known. */
static char plain(uint32_t point)
{
	if ((point >= 0x2010 && point <= 0x2015) || point == 0x2212)
		return '-';
	if (point == 0x2217 || point == 0x22c6 || point == 0xd7)
		return '*';
	return point >= 0xff01 && point <= 0xff5e ? (char)(point - 0xff01 + '!') : '\0';
}

static bool fail_character(const struct cron_reader *reader, struct cron_slice where,
                           uint32_t point)
{
	const char *name = character_name(point);
	char meant = plain(point);

	if (name != NULL)
		return cron_slice_fail(reader, where, "U+%04X (%s) is not ASCII; %s",
		                       (unsigned)point, name,
		                       character_is_blank(point) ? "write a space" : "delete it");
	if (meant != '\0')
		return cron_slice_fail(reader, where, "U+%04X is not ASCII; did you mean '%c'?",
		                       (unsigned)point, meant);
	return cron_slice_fail(reader, where, "U+%04X is not ASCII", (unsigned)point);
}

static bool is_never_in(char byte)
{
	return byte == ';' || byte == '=' || byte == '"' || byte == '\\';
}

static bool fail_byte(const struct cron_reader *reader, const char *at)
{
	struct cron_slice where = {.at = at, .length = 1};
	uint32_t point;
	size_t length;

	if (is_never_in(*at))
		return cron_slice_fail(reader, where,
		                       "'%c' is never part of a schedule; is a quote missing?",
		                       *at);
	if ((unsigned char)*at < 0x80)
		return cron_slice_fail(reader, where,
		                       "control byte 0x%02x; fields are separated by spaces", *at);
	length = text_decode(at, strnlen(at, 4), &point);
	if (length == 0)
		return cron_slice_fail(reader, where, "byte 0x%02x is not ASCII",
		                       (unsigned char)*at);
	where.length = length;
	return fail_character(reader, where, point);
}

/* Whether every byte after `skipped` may be printed, and is not one of those behind which, a quote
 * missing, the rest of the file may stand, secrets included. */
static bool check_bytes(const struct cron_reader *reader, size_t skipped)
{
	size_t length = strnlen(reader->text, CRON_TEXT_MAX + 1);

	if (length > CRON_TEXT_MAX) {
		struct cron_slice where = {.at = reader->text + CRON_TEXT_MAX, .length = 1};

		return cron_slice_fail(reader, where, "longer than %d bytes", CRON_TEXT_MAX);
	}
	for (const char *at = reader->text + skipped; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;

		if ((byte < 0x20 && byte != '\t') || byte >= 0x7f || is_never_in(*at))
			return fail_byte(reader, at);
	}
	return true;
}

static bool read_nickname(const struct cron_reader *reader, const struct cron_words *words,
                          struct cron *cron)
{
	struct cron_slice word = words->at[0];
	const char *name = NULL;
	const char *fields = cron_alias_fields(word, &name);
	const char *near = name == NULL ? cron_alias_nearest(word) : NULL;

	if (near != NULL)
		return cron_slice_fail(reader, word, "'%.*s' is unknown; did you mean '%s'?",
		                       CRON_SHOWN(word), near);
	if (name == NULL)
		return cron_slice_fail(reader, word, "'%.*s' is unknown", CRON_SHOWN(word));
	if (words->count > 1)
		return cron_slice_fail(reader, words->at[1],
		                       "'%.*s' after '%.*s', which stands alone",
		                       CRON_SHOWN(words->at[1]), CRON_SHOWN(word));
	*cron = (struct cron){.kind = CRON_OPAQUE};
	if (fields != NULL && cron_parse(fields, cron, NULL))
		cron->kind = CRON_ALIAS;
	cron->extension = name;
	return true;
}

/* "@every 5m", of Go's cron. */
static bool read_every(const struct cron_reader *reader, const struct cron_words *words,
                       struct cron *cron)
{
	struct cron_slice span;
	const char *fields;
	int64_t ms;

	if (words->count == 1)
		return cron_slice_fail(
			reader, words->at[0],
			"'@every' needs one span of time; did you mean '@every 1h'?");
	span = cron_slice_span(words, 1, words->count - 1);
	if (!cron_alias_read_interval(span, &ms))
		return cron_slice_fail(reader, span,
		                       "'%.*s' is no span of time; did you mean '1h30m'?",
		                       CRON_SHOWN(span));
	if (words->count > 2) {
		bool is_exact = cron_alias_of_interval(ms, &fields);

		return cron_slice_fail(reader, span, "'@every' takes one word; %s '%s'",
		                       is_exact ? "write" : "the nearest is", fields);
	}
	*cron = (struct cron){.kind = CRON_OPAQUE, .extension = "'@every'", .every_ms = ms};
	return true;
}

static bool can_be(enum cron_field_index field, const struct cron_words *words, size_t i)
{
	const struct cron_reader unheard = {0};
	struct cron_list list;

	return i < words->count && cron_fields_read(&unheard, field, words->at[i], &list);
}

/* Read six or seven words as fields with seconds, a year, or both; schedulers do not even agree on
 * whether seconds come first (Quartz) or last (croniter). False if one cannot be its field in any
 * of the orders. */
static bool read_long(const struct cron_words *words, struct cron *cron)
{
	bool is_six = words->count == CRON_FIELD_COUNT + 1;
	bool has_year = can_be(CRON_YEAR, words, words->count - 1);
	bool first = can_be(CRON_SECOND, words, 0) && cron_fields_fit(words, 1);
	bool last = can_be(CRON_SECOND, words, CRON_FIELD_COUNT) && cron_fields_fit(words, 0);

	if (is_six ? !first && !last && !(has_year && cron_fields_fit(words, 0))
	           : words->count != CRON_FIELD_COUNT + 2 || !has_year || (!first && !last))
		return false;
	*cron = (struct cron){.kind = CRON_OPAQUE,
	                      .extension = is_six ? "six fields" : "seven fields"};
	return true;
}

static bool read_fields(const struct cron_reader *reader, const struct cron_words *words,
                        struct cron *cron)
{
	struct cron_list lists[CRON_FIELD_COUNT];
	struct cron read = {0};
	const char *opaque = NULL;

	for (unsigned i = 0; i < CRON_FIELD_COUNT; i++) {
		if (!cron_fields_read(reader, (enum cron_field_index)i, words->at[i], &lists[i]))
			return false;
		read.wide_step |= lists[i].wide_step;
		read.lone_range |= lists[i].lone_range;
		if (read.extension == NULL)
			read.extension = lists[i].extension;
		if (opaque == NULL)
			opaque = lists[i].opaque;
	}
	read.kind = read.extension != NULL ? CRON_ALIAS : CRON_STANDARD;
	read.minutes = lists[CRON_MINUTE].set;
	read.hours = (uint32_t)lists[CRON_HOUR].set;
	read.days = (uint32_t)lists[CRON_DAY].set;
	read.months = (uint16_t)lists[CRON_MONTH].set;
	read.weekdays = (uint8_t)lists[CRON_WEEKDAY].set;
	read.star_day = lists[CRON_DAY].star;
	read.star_weekday = lists[CRON_WEEKDAY].star;
	read.bare_day = lists[CRON_DAY].bare;
	read.bare_weekday = lists[CRON_WEEKDAY].bare;
	*cron = opaque == NULL ? read : (struct cron){.kind = CRON_OPAQUE, .extension = opaque};
	return true;
}

bool cron_parse(const char *text, struct cron *cron, struct cron_fault *fault)
{
	const struct cron_reader reader = {.text = text, .fault = fault};
	const struct cron_reader unheard = {0};
	size_t zone = cron_foreign_zone(text);
	struct cron_words words;

	if (!check_bytes(&reader, zone))
		return false;
	cron_slice_split(text, &words);
	if (words.count == 0)
		return cron_slice_fail(&reader, cron_slice(text, text),
		                       "empty; for no schedule write false, without quotes");
	if (zone > 0)
		return cron_foreign_fail_zone(&reader, &words);
	if (cron_slice_is(words.at[0], "@every"))
		return read_every(&reader, &words, cron);
	if (*words.at[0].at == '@')
		return read_nickname(&reader, &words, cron);
	if (words.count == CRON_FIELD_COUNT && read_fields(&unheard, &words, cron))
		return true;
	if (cron_foreign_is(&reader, &words))
		return false;
	if (words.count == CRON_FIELD_COUNT)
		return read_fields(&reader, &words, cron);
	return read_long(&words, cron) || cron_foreign_fail_count(&reader, &words);
}

bool cron_days_all(const struct cron *cron)
{
	return cron->days == ALL_DAYS && cron->weekdays == ALL_WEEKDAYS;
}

bool cron_days_either(const struct cron *cron)
{
	return !cron->star_day && !cron->star_weekday;
}

/* Which schedulers join the day fields by "or", a bit for each: cronie, croniter up to 1.4, and
 * later ones. */
static unsigned joins(const struct cron *cron)
{
	bool is_partial = cron->days != ALL_DAYS && cron->weekdays != ALL_WEEKDAYS;
	bool is_bare = cron->bare_day || cron->bare_weekday;

	return cron_days_either(cron) * 1u | is_partial * 2u | !is_bare * 4u;
}

bool cron_days_unclear(const struct cron *cron)
{
	return !cron_days_all(cron) && joins(cron) != 0 && joins(cron) != 7;
}

bool cron_days_alike(const struct cron *a, const struct cron *b)
{
	return joins(a) == joins(b);
}

static unsigned month_length(int64_t year, unsigned month)
{
	static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Every date there is, a leap year has. */
bool cron_days_never(const struct cron *cron)
{
	bool never = !cron_days_either(cron);

	for (unsigned month = 1; month <= 12; month++) {
		uint32_t there = ALL_DAYS >> (31 - month_length(2000, month));

		never = never && ((cron->months & 1u << month) == 0 || (cron->days & there) == 0);
	}
	return never;
}

/* The days of a month whose weekday is in a set; day 0 of 1970 was a Thursday. */
static uint32_t days_on(unsigned weekdays, int64_t first_day)
{
	unsigned first = (unsigned)(((first_day + 4) % 7 + 7) % 7);
	uint32_t days = 0;

	for (unsigned i = 0; i < 31; i++) {
		if ((weekdays & 1u << (first + i) % 7) != 0)
			days |= UINT32_C(2) << i;
	}
	return days;
}

uint32_t cron_days_fitting(const struct cron *cron, int64_t year, unsigned month, int64_t first_day)
{
	uint32_t there = ALL_DAYS >> (31 - month_length(year, month));
	uint32_t on_weekdays = days_on(cron->weekdays, first_day);

	if (cron_days_either(cron))
		return (cron->days | on_weekdays) & there;
	return cron->days & on_weekdays & there;
}

/* Compare but for case and for how much blank there is between words. */
static bool same_words(const char *a, const char *b)
{
	for (;;) {
		size_t length;

		a += strspn(a, " \t");
		b += strspn(b, " \t");
		length = strcspn(a, " \t");
		if (length != strcspn(b, " \t") || strncasecmp(a, b, length) != 0)
			return false;
		if (length == 0)
			return true;
		a += length;
		b += length;
	}
}

static bool is_none(const char *text)
{
	return text == NULL || text[0] == '\0';
}

bool cron_same(const char *a, const char *b)
{
	struct cron first;
	struct cron second;

	if (is_none(a) || is_none(b))
		return is_none(a) && is_none(b);
	if (strcmp(a, b) == 0)
		return true;
	if (!cron_parse(a, &first, NULL) || !cron_parse(b, &second, NULL) ||
	    first.kind == CRON_OPAQUE || second.kind == CRON_OPAQUE || first.lone_range ||
	    second.lone_range)
		return same_words(a, b);
	return first.minutes == second.minutes && first.hours == second.hours &&
	       first.days == second.days && first.months == second.months &&
	       first.weekdays == second.weekdays &&
	       (cron_days_all(&first) || cron_days_alike(&first, &second));
}

/* Days since 1970 of the first day of a month. */
static int64_t days_of_month(int64_t year, unsigned month)
{
	struct tm date = {.tm_year = (int)(year - 1900), .tm_mon = (int)month - 1, .tm_mday = 1};

	return timegm(&date) / DAY_S;
}

/* The first run of a day at or after a minute of it; or -1. */
static int first_minute(const struct cron *cron, unsigned minute_of_day)
{
	uint64_t minutes = cron->minutes >> minute_of_day % 60 << minute_of_day % 60;
	uint64_t hours = (uint64_t)cron->hours >> minute_of_day / 60 << minute_of_day / 60;
	int hour;

	if ((hours & UINT64_C(1) << minute_of_day / 60) != 0 && minutes != 0)
		return (int)(minute_of_day / 60 * 60) + __builtin_ctzll(minutes);
	hours &= ~(UINT64_C(1) << minute_of_day / 60);
	if (hours == 0)
		return -1;
	hour = __builtin_ctzll(hours);
	return hour * 60 + __builtin_ctzll(cron->minutes);
}

/* The first day that fits at or after a given one of a month (which may be the one past its
 * last), counted from 1970. */
static bool first_day(const struct cron *cron, int64_t year, unsigned month, unsigned day,
                      int64_t *found)
{
	for (int i = 0; i < SEARCH_MONTHS; i++) {
		if ((cron->months & 1u << month) != 0) {
			int64_t start = days_of_month(year, month);
			uint64_t days = cron_days_fitting(cron, year, month, start);

			days = days >> day << day;
			if (days != 0) {
				*found = start + __builtin_ctzll(days) - 1;
				return true;
			}
		}
		day = 1;
		month = month % 12 + 1;
		year += month == 1;
	}
	return false;
}

bool cron_next(const struct cron *cron, int64_t after_unix_s, int64_t *next_unix_s)
{
	struct tm date;
	time_t start;
	int64_t today;
	int64_t day;
	int minute;

	if (cron->kind == CRON_OPAQUE || after_unix_s < FIRST_S || after_unix_s > LAST_S)
		return false;
	start = (after_unix_s - FIRST_S) / 60 * 60 + 60 + FIRST_S;
	if (gmtime_r(&start, &date) == NULL)
		return false;
	today = (start - FIRST_S) / DAY_S + FIRST_S / DAY_S;
	if (!first_day(cron, date.tm_year + INT64_C(1900), (unsigned)date.tm_mon + 1,
	               (unsigned)date.tm_mday, &day))
		return false;
	minute = day > today ? first_minute(cron, 0)
	                     : first_minute(cron, (unsigned)(date.tm_hour * 60 + date.tm_min));
	if (minute < 0) {
		if (!first_day(cron, date.tm_year + INT64_C(1900), (unsigned)date.tm_mon + 1,
		               (unsigned)date.tm_mday + 1, &day))
			return false;
		minute = first_minute(cron, 0);
	}
	*next_unix_s = day * DAY_S + minute * 60;
	return true;
}
