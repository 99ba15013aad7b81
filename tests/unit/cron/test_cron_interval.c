/* SPDX-License-Identifier: MIT */
/* Intervals: what is one, and the fields that really run so often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "cron/cron_interval.h"
#include "cron/cron_next.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MINUTE_MS INT64_C(60000)

static void spans_are_read(void **state)
{
	static const struct {
		const char *span;
		int64_t ms; /* 0: it is none */
	} cases[] = {
		{"5m", 5 * MINUTE_MS},
		{"1h30m", 90 * MINUTE_MS},
		{"1 hour", 60 * MINUTE_MS},
		{"30s", 30000},
		{"0s", 0},
		{"", 0},
		{"often", 0},
		{"-5m", 0},
		{"5 months", 0},
		{"1111111111111111111111111111111111111111111111m", 0},
		{"1 hour and a text that is longer than any span of time", 0},
		{"1h                                                      x", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *span = cases[i].span;
		int64_t ms = 42;

		assert_int_equal(cron_interval_read(cron_slice(span, span + strlen(span)), &ms),
		                 cases[i].ms > 0);
		if (cases[i].ms > 0)
			assert_int_equal(ms, cases[i].ms);
	}
}

/* Of each minute of ten days: where the fields are exact, a hundred runs are so far apart. Where
 * they are not, no other exact interval is nearer. */
static void exact_fields_run_so_often(void **state)
{
	int64_t exact[32];
	size_t count = 0;

	(void)state;
	for (int64_t minutes = 1; minutes <= 14400; minutes++) {
		const char *fields;
		struct cron cron;
		int64_t at = 0;

		if (!cron_interval_fields(minutes * MINUTE_MS, &fields))
			continue;
		exact[count++] = minutes;
		cron = cron_fixture_parse(fields);
		assert_true(cron_next(&cron, at, &at));
		for (int i = 0; i < 100; i++) {
			int64_t next;

			assert_true(cron_next(&cron, at, &next));
			if (next - at != minutes * 60)
				fail_msg("'%s' is not every %" PRId64 " minutes", fields, minutes);
			at = next;
		}
	}
	assert_int_equal(count, 20);
	assert_int_equal(exact[0], 1);
	assert_int_equal(exact[count - 1], 7 * 24 * 60);
}

static void other_intervals_have_a_nearest(void **state)
{
	static const struct {
		int64_t minutes;
		const char *fields;
	} cases[] = {{7, "*/6 * * * *"},  {9, "*/10 * * * *"},  {50, "0 * * * *"},
	             {90, "0 * * * *"},   {91, "0 */2 * * *"},  {1439, "0 0 * * *"},
	             {4000, "0 0 * * *"}, {500000, "0 0 * * 0"}};
	const char *fields;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(cron_interval_fields(cases[i].minutes * MINUTE_MS, &fields));
		assert_string_equal(fields, cases[i].fields);
	}
	assert_false(cron_interval_fields(30000, &fields));
	assert_string_equal(fields, "* * * * *");
	assert_false(cron_interval_fields(60001, &fields));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(exact_fields_run_so_often),
		cmocka_unit_test(other_intervals_have_a_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
