/* SPDX-License-Identifier: MIT */
/* Schedules in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cron/cron.h"
#include "cron/cron_describe.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void schedules_are_described(void **state)
{
	static const struct {
		const char *expression;
		const char *words;
	} cases[] = {
		/* Times. */
		{"0 6 * * *", "at 06:00, every day"},
		{"5 0,18 * * *", "at 00:05 and 18:05, every day"},
		{"0,30 6,7,12 * * *", "at 06:00, 06:30, 07:00, 07:30, 12:00 and 12:30, every day"},
		{"* * * * *", "every minute"},
		{"* 6 * * *", "every minute from 06:00 to 06:59"},
		{"*/15 * * * *", "every 15 minutes"},
		{"*/30 * * * *", "every 30 minutes"},
		{"5/15 * * * *", "every 15 minutes from minute 5 to 50 of every hour"},
		{"*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:45"},
		{"*/15 3-5,9 * * *",
	         "every 15 minutes from 03:00 to 05:45 and from 09:00 to 09:45"},
		{"*/15 */2 * * *", "at minutes 0, 15, 30 and 45 of every 2nd hour from 0 to 22"},
		{"* */6 * * *", "every minute of hours 0, 6, 12 and 18"},
		{"*/7 * * * *", "at every 7th minute from 0 to 56 of every hour"},
		{"*/11 3-5 * * *", "at every 11th minute from 0 to 55 of hours 3 to 5"},
		{"1-5,10 * * * *", "at minutes 1 to 5 and 10 of every hour"},
		{"10,20 9-17 * * *", "at minutes 10 and 20 of hours 9 to 17"},
		{"0-9 6 * * *", "at minutes 0 to 9 of hour 6"},
		{"0 * * * *", "every hour"},
		{"7 * * * *", "every hour at minute 7"},
		{"0 */2 * * *", "every 2 hours"},
		{"0 1/2 * * *", "every 2 hours from 01:00 to 23:00"},
		{"7 */2 * * *", "every 2 hours from 00:07 to 22:07"},
		{"30 9-17 * * *", "every hour from 09:30 to 17:30"},
		{"0 3,5-9,20 * * *", "at minute 0 of hours 3, 5 to 9 and 20"},
		/* Days. */
		{"0 6 * * mon-fri", "at 06:00, Monday to Friday"},
		{"0 6 * * mon", "at 06:00, on Monday"},
		{"0 6 * * 0,6", "at 06:00, on Saturday and Sunday"},
		{"0 6 * * 1-3,5", "at 06:00, on Monday to Wednesday and Friday"},
		{"0 6 * * 5-7", "at 06:00, Friday to Sunday"},
		{"0 6 * * 0-2", "at 06:00, Sunday to Tuesday"},
		{"0 6 * * 0,1,5,6", "at 06:00, Friday to Monday"},
		{"0 6 * * 1-6", "at 06:00, Monday to Saturday"},
		{"0 6 1 * *", "at 06:00, on day 1 of the month"},
		{"0 6 1,15 * *", "at 06:00, on days 1 and 15 of the month"},
		{"0 6 1-7 * *", "at 06:00, on days 1 to 7 of the month"},
		{"0 6 */2 * *", "at 06:00, on every 2nd day from 1 to 31 of the month"},
		{"0 6 2-30/3 * *", "at 06:00, on every 3rd day from 2 to 29 of the month"},
		{"0 6 1,15 * mon", "at 06:00, on days 1 and 15 of the month or on Monday"},
		{"0 6 13 * mon-fri", "at 06:00, on day 13 of the month or Monday to Friday"},
		{"0 6 */2 * mon",
	         "at 06:00, on every 2nd day from 1 to 31 of the month, but only on Monday"},
		{"0 6 1-31 * mon", "at 06:00, every day"},
		{"*/15 * * * mon-fri", "every 15 minutes, Monday to Friday"},
		{"*/7 3-5 1,15 * mon", "at every 7th minute from 0 to 56 of hours 3 to 5, on days "
	                               "1 and 15 of the month or "
	                               "on Monday"},
		/* Months. */
		{"0 6 * 1 *", "at 06:00, every day in January"},
		{"*/15 * * 1,7 *", "every 15 minutes, in January and July"},
		{"0 6 * 6-8 mon", "at 06:00, on Monday, in June to August"},
		{"0 6 1 1 *", "at 06:00, on day 1 of January"},
		{"0 6 1 */3 *", "at 06:00, on day 1 of January, April, July and October"},
		{"0 6 1 */2 *", "at 06:00, on day 1 of every 2nd month from January to November"},
		{"0 6 * 11,12,1,2 *", "at 06:00, every day in November to February"},
		{"0 6 1 1 mon", "at 06:00, on day 1 of the month or on Monday, only in January"},
		{"0 6 */2 1 mon",
	         "at 06:00, on every 2nd day from 1 to 31 of January, but only on Monday"},
		{"0 0 31 2 *", "at 00:00, on day 31 of February (never)"},
		{"0 0 30,31 2 *", "at 00:00, on days 30 and 31 of February (never)"},
		/* Ordinals. */
		{"1-53/13 * * * *", "at every 13th minute from 1 to 53 of every hour"},
		{"0-48/12 9-10 * * *", "every 12 minutes from 09:00 to 10:48"},
		/* Extensions. */
		{"@weekly", "at 00:00, on Sunday"},
		{"@yearly", "at 00:00, on day 1 of January"},
		{"0 6 L * *", "known only to the server (uses 'L')"},
		{"0 0 6 * * *", "known only to the server (uses six fields)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cron cron = cron_fixture_parse(cases[i].expression);
		struct text out = {0};

		cron_describe(&cron, &out);
		assert_string_equal(out.bytes, cases[i].words);
		text_clear(&out);
	}
}

static void description_is_appended(void **state)
{
	const struct cron cron = cron_fixture_parse("0 6 * * *");
	struct text out = {0};

	(void)state;
	text_add(&out, "runs ");
	cron_describe(&cron, &out);
	assert_string_equal(out.bytes, "runs at 06:00, every day");
	text_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schedules_are_described),
		cmocka_unit_test(description_is_appended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
