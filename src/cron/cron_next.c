/* SPDX-License-Identifier: MIT */
#include "cron/cron.h"

#include <string.h>
#include <strings.h>
#include <time.h>

/* When a schedule runs. The days of a month that fit are one set of bits, made from the month's
 * length and the weekday it begins with; so a search looks at months, and within a month at its
 * days by counting zeros. A date that fits at all comes within 40 years: 29 February on a certain
 * weekday across a year such as 2100 takes the longest. On top of that stand the questions that
 * need no clock: whether two texts are one schedule, and what is odd about one. */

#define SEARCH_MONTHS (41 * 12)
#define FIRST_S       INT64_C(-62135596800) /* 0001-01-01 00:00 */
#define DAY_S         86400
#define LAST_S        INT64_C(253402300799) /* 9999-12-31 23:59:59 */

#define ALL_MINUTES  ((UINT64_C(1) << 60) - 1)
#define ALL_DAYS     (~UINT32_C(1))
#define ALL_WEEKDAYS 0x7fu

/* Days since 1970 of a date of the proleptic Gregorian calendar. Years are counted from March, so
 * that the leap day comes last; 719468 days lie between 0000-03-01 and 1970-01-01. */
static int64_t days_of_date(int64_t year, unsigned month, unsigned day)
{
	int64_t shifted = month > 2 ? year : year - 1;
	int64_t months = month > 2 ? month - 3 : month + 9;
	int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t of_era = shifted - era * 400;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * months + 2) / 5 +
	       day - 1 - 719468;
}

static unsigned month_length(int64_t year, unsigned month)
{
	static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* The days of a month whose weekday is in a set; `first_day` counts from 1970, a Thursday. */
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

/* The days of a month that the schedule runs on (cronie's find_jobs()). */
static uint32_t fitting_days(const struct cron *cron, int64_t year, unsigned month,
                             int64_t first_day)
{
	uint32_t there = ALL_DAYS >> (31 - month_length(year, month));
	uint32_t on_weekdays = days_on(cron->weekdays, first_day);

	if (cron->star_day || cron->star_weekday)
		return cron->days & on_weekdays & there;
	return (cron->days | on_weekdays) & there;
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
			int64_t start = days_of_date(year, month, 1);
			uint64_t days = fitting_days(cron, year, month, start);

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

/* Whether the two day fields are joined by "or", as cronie sees it and as croniter does: the one
 * looks for a '*' at the start of either, the other for a field that leaves no day out. */
static bool either_in_cronie(const struct cron *cron)
{
	return !cron->star_day && !cron->star_weekday;
}

static bool either_in_croniter(const struct cron *cron)
{
	return cron->days != ALL_DAYS && cron->weekdays != ALL_WEEKDAYS;
}

static bool every_day(const struct cron *cron)
{
	return cron->days == ALL_DAYS && cron->weekdays == ALL_WEEKDAYS;
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

bool cron_equal(const char *a, const char *b)
{
	struct cron first;
	struct cron second;

	if (!cron_parse(a, &first, NULL) || !cron_parse(b, &second, NULL) ||
	    first.kind == CRON_OPAQUE || second.kind == CRON_OPAQUE)
		return same_words(a, b);
	return first.minutes == second.minutes && first.hours == second.hours &&
	       first.days == second.days && first.months == second.months &&
	       first.weekdays == second.weekdays &&
	       (either_in_cronie(&first) == either_in_cronie(&second) || every_day(&first));
}

static bool is_none(const char *text)
{
	return text == NULL || text[0] == '\0';
}

bool cron_same(const char *a, const char *b)
{
	if (is_none(a) || is_none(b))
		return is_none(a) && is_none(b);
	return strcmp(a, b) == 0 || cron_equal(a, b);
}

/* Whether any of the months has any of the days; else a schedule cannot run at all. A
 * leap year, as that has every date. */
static bool exists(const struct cron *cron)
{
	for (unsigned month = 1; month <= 12; month++) {
		uint32_t there = ALL_DAYS >> (31 - month_length(2000, month));

		if ((cron->months & 1u << month) != 0 && (cron->days & there) != 0)
			return true;
	}
	return false;
}

unsigned cron_lint(const struct cron *cron)
{
	unsigned flags = 0;

	if (cron->kind != CRON_STANDARD)
		flags |= CRON_EXTENSION;
	if (cron->kind == CRON_OPAQUE)
		return flags;
	if (!either_in_cronie(cron) && !exists(cron))
		flags |= CRON_NEVER;
	if (cron->minutes == ALL_MINUTES)
		flags |= CRON_EVERY_MINUTE;
	if (either_in_cronie(cron) != either_in_croniter(cron) && !every_day(cron))
		flags |= CRON_DAYS_UNCLEAR;
	else if (either_in_cronie(cron) && !every_day(cron))
		flags |= CRON_BOTH_DAYS;
	if (cron->wide_step)
		flags |= CRON_WIDE_STEP;
	return flags;
}
