/* SPDX-License-Identifier: MIT */
/* The weekdays of a month become days of the month, so that the two fields are two sets of bits. */
#include "cron/cron_days.h"

#define ALL_DAYS     (~UINT32_C(1))
#define ALL_WEEKDAYS 0x7fu

bool cron_days_all(const struct cron *cron)
{
	return cron->days == ALL_DAYS && cron->weekdays == ALL_WEEKDAYS;
}

bool cron_days_either(const struct cron *cron)
{
	return !cron->star_day && !cron->star_weekday;
}

static bool either_if_partial(const struct cron *cron)
{
	return cron->days != ALL_DAYS && cron->weekdays != ALL_WEEKDAYS;
}

static bool either_if_not_bare(const struct cron *cron)
{
	return !cron->bare_day && !cron->bare_weekday;
}

bool cron_days_unclear(const struct cron *cron)
{
	bool either = cron_days_either(cron);

	return !cron_days_all(cron) &&
	       (either != either_if_partial(cron) || either != either_if_not_bare(cron));
}

bool cron_days_alike(const struct cron *a, const struct cron *b)
{
	return cron_days_either(a) == cron_days_either(b) &&
	       either_if_partial(a) == either_if_partial(b) &&
	       either_if_not_bare(a) == either_if_not_bare(b);
}

static unsigned month_length(int64_t year, unsigned month)
{
	static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Every date there is, a leap year has. */
bool cron_days_exist(const struct cron *cron)
{
	for (unsigned month = 1; month <= 12; month++) {
		uint32_t there = ALL_DAYS >> (31 - month_length(2000, month));

		if ((cron->months & 1u << month) != 0 && (cron->days & there) != 0)
			return true;
	}
	return false;
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
