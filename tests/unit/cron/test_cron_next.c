/* SPDX-License-Identifier: MIT */
/* When schedules run: how the two day fields are joined, leap years, the ends of months, the
 * bounds of time. cron_oracle.py compares many more with
 * croniter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "cron/cron.h"
#include "cron/cron_describe.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define RUNS_MAX 8
#define YEAR_S   INT64_C(31556952) /* the mean year of the Gregorian calendar */

static int64_t seconds(const char *time)
{
	struct tm date = {0};
	const char *end = strptime(time, "%Y-%m-%d %H:%M", &date);

	if (end != NULL && *end == ':')
		end = strptime(end, ":%S", &date);
	if (end == NULL || *end != '\0')
		fail_msg("'%s' is no time", time);
	return timegm(&date);
}

static void assert_next(const char *expression, const char *after, const char *expected)
{
	const struct cron cron = cron_fixture_parse(expression);
	int64_t at;
	char text[32];
	struct tm date;
	time_t found;

	if (!cron_next(&cron, seconds(after), &at))
		fail_msg("'%s' does not run after %s", expression, after);
	found = at;
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", gmtime_r(&found, &date));
	if (strcmp(text, expected) != 0)
		fail_msg("'%s' runs after %s at %s, not %s", expression, after, text, expected);
}

static void runs_follow_one_another(void **state)
{
	static const struct {
		const char *expression;
		const char *times[RUNS_MAX]; /* each is the next after the one before */
	} cases[] = {
		{"* * * * *", {"2026-12-31 23:58", "2026-12-31 23:59", "2027-01-01 00:00"}},
		{"*/15 * * * *",
	         {"2026-11-23 20:07", "2026-11-23 20:15", "2026-11-23 20:30", "2026-11-23 20:45",
	          "2026-11-23 21:00"}},
		{"7,52 3,4 * * *",
	         {"2026-11-23 03:07", "2026-11-23 03:52", "2026-11-23 04:07", "2026-11-23 04:52",
	          "2026-11-24 03:07"}},
		{"0 6 * * mon-fri", {"2026-11-26 06:00", "2026-11-27 06:00", "2026-11-30 06:00"}},
		/* Steps stay within their field: crontab(5), NOTES. */
		{"*/35 * * * *", {"2026-11-23 20:00", "2026-11-23 20:35", "2026-11-23 21:00"}},
		{"0 */23 * * *", {"2026-11-23 00:00", "2026-11-23 23:00", "2026-11-24 00:00"}},
		/* Both day fields restricted: either is enough (crontab(5), the Note). */
		{"30 4 1,15 * 5",
	         {"2026-11-23 00:00", "2026-11-27 04:30", "2026-12-01 04:30", "2026-12-04 04:30",
	          "2026-12-11 04:30", "2026-12-15 04:30", "2026-12-18 04:30", "2026-12-25 04:30"}},
		{"0 0 13 * fri", {"2026-11-12 00:00", "2026-11-13 00:00", "2026-11-20 00:00"}},
		{"0 0 31 2 mon", {"2026-11-23 00:00", "2027-02-01 00:00", "2027-02-08 00:00"}},
		/* 1-31 restricts, as it does not begin with '*'. */
		{"0 0 1-31 * fri", {"2026-11-23 00:00", "2026-11-24 00:00", "2026-11-25 00:00"}},
		{"0 0 1 * 0-7", {"2026-11-23 00:00", "2026-11-24 00:00", "2026-11-25 00:00"}},
		/* A field that begins with '*' does not, so both must fit. */
		{"0 0 */2 * fri",
	         {"2026-11-23 00:00", "2026-11-27 00:00", "2026-12-11 00:00", "2026-12-25 00:00",
	          "2027-01-01 00:00"}},
		{"0 0 1,15 * */3",
	         {"2026-11-23 00:00", "2027-05-01 00:00", "2027-05-15 00:00", "2027-08-01 00:00",
	          "2027-08-15 00:00", "2027-09-01 00:00"}},
		{"0 0 *,1 * fri", {"2026-11-23 00:00", "2026-11-27 00:00", "2026-12-04 00:00"}},
		{"0 0 ? * fri", {"2026-11-23 00:00", "2026-11-27 00:00", "2026-12-04 00:00"}},
		/* Ends of months. */
		{"0 0 31 * *",
	         {"2027-01-31 00:00", "2027-03-31 00:00", "2027-05-31 00:00", "2027-07-31 00:00",
	          "2027-08-31 00:00", "2027-10-31 00:00", "2027-12-31 00:00", "2028-01-31 00:00"}},
		{"0 0 30,31 * *",
	         {"2027-01-31 00:00", "2027-03-30 00:00", "2027-03-31 00:00", "2027-04-30 00:00",
	          "2027-05-30 00:00"}},
		{"59 23 28-31 * *", {"2027-02-28 00:00", "2027-02-28 23:59", "2027-03-28 23:59"}},
		{"0 0 1,30 * *", {"2027-01-30 00:00", "2027-02-01 00:00", "2027-03-01 00:00"}},
		{"0 0 31 4,6,9,11,12 *",
	         {"2026-11-23 00:00", "2026-12-31 00:00", "2027-12-31 00:00"}},
		/* Leap years: 2100 is none, 2000 is one. */
		{"0 0 29 2 *", {"2026-11-23 00:00", "2028-02-29 00:00", "2032-02-29 00:00"}},
		{"0 0 29 2 *", {"2096-02-29 00:00", "2104-02-29 00:00"}},
		{"0 0 29 2 *", {"1996-02-29 00:00", "2000-02-29 00:00", "2004-02-29 00:00"}},
		{"0 0 28,29 2 *", {"2027-02-28 00:00", "2028-02-28 00:00", "2028-02-29 00:00"}},
		{"0 0 29 2 */7",
	         {"2026-11-23 00:00", "2032-02-29 00:00", "2060-02-29 00:00", "2088-02-29 00:00",
	          "2128-02-29 00:00"}},
		/* Sunday is 0 and 7, and a week goes round. */
		{"0 0 * * 7", {"2026-11-23 00:00", "2026-11-29 00:00", "2026-12-06 00:00"}},
		{"0 0 * * sat-sun",
	         {"2026-11-23 00:00", "2026-11-28 00:00", "2026-11-29 00:00", "2026-12-05 00:00"}},
		/* Nicknames. */
		{"@weekly", {"2026-11-23 00:00", "2026-11-29 00:00"}},
		{"@yearly", {"2026-11-23 00:00", "2027-01-01 00:00", "2028-01-01 00:00"}},
		/* Before 1970, where numbers are negative. */
		{"*/20 * * * *", {"1969-12-31 23:39", "1969-12-31 23:40", "1970-01-01 00:00"}},
		{"0 12 * * thu", {"1969-12-24 23:59", "1969-12-25 12:00", "1970-01-01 12:00"}},
		{"0 0 29 2 *", {"1899-01-01 00:00", "1904-02-29 00:00"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t k = 1; k < RUNS_MAX && cases[i].times[k] != NULL; k++)
			assert_next(cases[i].expression, cases[i].times[k - 1], cases[i].times[k]);
	}
}

static void next_is_strictly_after(void **state)
{
	(void)state;
	assert_next("0 6 * * *", "2026-11-23 05:59:59", "2026-11-23 06:00");
	assert_next("0 6 * * *", "2026-11-23 06:00:00", "2026-11-24 06:00");
	assert_next("0 6 * * *", "2026-11-23 06:00:01", "2026-11-24 06:00");
	assert_next("* * * * *", "1969-12-31 23:58:59", "1969-12-31 23:59");
	assert_next("* * * * *", "1969-12-31 23:59:00", "1970-01-01 00:00");
	assert_next("* * * * *", "1969-12-31 23:59:01", "1970-01-01 00:00");
}

static void impossible_dates_never_come(void **state)
{
	static const char *const expressions[] = {"0 0 31 2 *",          "0 0 30 2 *",
	                                          "0 0 31 2,4,6,9,11 *", "* * 30,31 feb *",
	                                          "0 0 30-31 2 ?",       "0 0 31 4 */2"};
	int64_t at = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(expressions); i++) {
		const struct cron cron = cron_fixture_parse(expressions[i]);

		assert_false(cron_next(&cron, 0, &at));
		assert_int_equal(at, 42);
		assert_true((cron_lint(&cron) & CRON_NEVER) != 0);
	}
}

static void time_has_bounds(void **state)
{
	static const int64_t outside[] = {INT64_MIN, -INT64_C(62135596801), INT64_C(253402300800),
	                                  INT64_MAX};
	const struct cron cron = cron_fixture_parse("0 0 1 1 *");
	int64_t at = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(outside); i++)
		assert_false(cron_next(&cron, outside[i], &at));
	assert_int_equal(at, 42);
	assert_true(cron_next(&cron, -INT64_C(62135596800), &at));
	assert_int_equal(at, -INT64_C(62135596800) + 365 * 86400);
	assert_true(cron_next(&cron, INT64_C(253402300799), &at));
	assert_int_equal(at, INT64_C(253402300800));
}

/* The rarest date there is, on each weekday, from each year of the whole cycle of 400 years. */
static void rarest_date_is_found(void **state)
{
	int64_t longest = 0;

	(void)state;
	for (unsigned weekday = 0; weekday < 7; weekday++) {
		struct cron cron = cron_fixture_parse("0 0 29 2 *");

		cron.weekdays = (uint8_t)(1u << weekday);
		for (int64_t after = 0; after < 400 * YEAR_S; after += YEAR_S) {
			int64_t at;

			assert_true(cron_next(&cron, after, &at));
			assert_true((at / 86400 + 4) % 7 == weekday);
			longest = at - after > longest ? at - after : longest;
		}
	}
	assert_true(longest > 39 * YEAR_S && longest < 41 * YEAR_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_follow_one_another),
		cmocka_unit_test(next_is_strictly_after),
		cmocka_unit_test(impossible_dates_never_come),
		cmocka_unit_test(time_has_bounds),
		cmocka_unit_test(rarest_date_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
