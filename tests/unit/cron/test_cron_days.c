/* SPDX-License-Identifier: MIT */
/* How the two day fields are joined, compared with a walk over every day of four years. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "cron/cron.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const expressions[] = {
	"0 0 * * *",    "0 0 13 * *",   "0 0 * * fri",     "0 0 13 * fri",   "0 0 */2 * fri",
	"0 0 13 * */2", "0 0 31 * 0-6", "0 0 29-31 * sun", "0 0 1-31 * mon", "0 0 ? * sun",
};

static bool fits(const struct cron *cron, const struct tm *date)
{
	bool day = (cron->days >> date->tm_mday & 1) != 0;
	bool weekday = (cron->weekdays >> date->tm_wday & 1) != 0;

	return cron->star_day || cron->star_weekday ? day && weekday : day || weekday;
}

static void fitting_days_are_those_of_the_calendar(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(expressions); i++) {
		const struct cron cron = cron_fixture_parse(expressions[i]);
		uint32_t days = 0;

		for (int64_t day = 20454; day < 20454 + 4 * 365; day++) { /* from 2026-01-01 */
			time_t at = day * 86400;
			struct tm date;

			gmtime_r(&at, &date);
			if (date.tm_mday == 1)
				days = cron_days_fitting(&cron, date.tm_year + 1900,
				                         (unsigned)date.tm_mon + 1, day);
			assert_int_equal(days >> date.tm_mday & 1, fits(&cron, &date));
		}
	}
}

static void fields_are_restricted_or_not(void **state)
{
	static const struct {
		const char *expression;
		bool all;
		bool either;
		bool unclear;
		bool never;
	} cases[] = {
		{"0 0 * * *", true, false, false, false},
		{"0 0 */1 * *", true, false, false, false},
		{"0 0 1-31 * 0-6", true, true, false, false},
		{"0 0 13 * fri", false, true, false, false},
		{"0 0 * * fri", false, false, false, false},
		{"0 0 ? * fri", false, false, false, false},
		{"0 0 *,5 * fri", false, false, false, false},
		{"0 0 5,* * fri", false, true, true, false},
		{"0 0 */1 * fri", false, false, true, false},
		{"0 0 13 * */1", false, false, true, false},
		{"0 0 */2 * fri", false, false, true, false},
		{"0 0 1-31 * fri", false, true, true, false},
		{"0 0 30 2 *", false, false, false, true},
		{"0 0 29 2 *", false, false, false, false},
		{"0 0 31 2,4,6,9,11 fri", false, true, false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cron cron = cron_fixture_parse(cases[i].expression);

		if (cron_days_all(&cron) != cases[i].all ||
		    cron_days_either(&cron) != cases[i].either ||
		    cron_days_unclear(&cron) != cases[i].unclear ||
		    cron_days_never(&cron) != cases[i].never)
			fail_msg("'%s'", cases[i].expression);
	}
}

/* Alike is what every scheduler joins in the same way, whatever the days are. */
static void joins_are_compared(void **state)
{
	static const struct {
		bool alike;
		const char *a;
		const char *b;
	} cases[] = {
		{true, "0 0 * * fri", "0 0 ? * mon"},      {true, "0 0 13 * fri", "0 0 1 * mon"},
		{true, "0 0 */1 * fri", "0 0 */1 * mon"},  {false, "0 0 */1 * fri", "0 0 * * fri"},
		{false, "0 0 1-31 * fri", "0 0 * * fri"},  {false, "0 0 */2 * fri", "0 0 1 * fri"},
		{false, "0 0 */2 * fri", "0 0 */1 * fri"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cron a = cron_fixture_parse(cases[i].a);
		const struct cron b = cron_fixture_parse(cases[i].b);

		assert_int_equal(cron_days_alike(&a, &b), cases[i].alike);
		assert_int_equal(cron_days_alike(&b, &a), cases[i].alike);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fitting_days_are_those_of_the_calendar),
		cmocka_unit_test(fields_are_restricted_or_not),
		cmocka_unit_test(joins_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
