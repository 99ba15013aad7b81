/* SPDX-License-Identifier: MIT */
/* The days of a month that fit are one set of bits, so a search looks at months, and within a month
 * at its days by counting zeros. A date that fits at all comes within 40 years: 29 February on a
 * certain weekday across a year such as 2100 takes the longest. */
#include "cron/cron_next.h"

#include <time.h>

#include "cron/cron.h"

#define SEARCH_MONTHS (41 * 12)
#define FIRST_S       INT64_C(-62135596800) /* 0001-01-01 00:00 */
#define DAY_S         86400
#define LAST_S        INT64_C(253402300799) /* 9999-12-31 23:59:59 */

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
