/* SPDX-License-Identifier: MIT */
/* Nicknames: what each stands for, and the nearest to a misspelt one. Intervals: what is one, and
 * the fields that really run so often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "cron/cron.h"
#include "cron/cron_internal.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct cron_slice whole(const char *text)
{
	return cron_slice(text, text + strlen(text));
}

static void nicknames_stand_for_five_fields(void **state)
{
	static const struct {
		const char *word;
		const char *name;
		const char *fields;
	} cases[] = {
		{"@hourly", "'@hourly'", "0 * * * *"},
		{"@Daily", "'@daily'", "0 0 * * *"},
		{"@midnight", "'@midnight'", "0 0 * * *"},
		{"@WEEKLY", "'@weekly'", "0 0 * * 0"},
		{"@monthly", "'@monthly'", "0 0 1 * *"},
		{"@yearly", "'@yearly'", "0 0 1 1 *"},
		{"@annually", "'@annually'", "0 0 1 1 *"},
		{"@every_minute", "'@every_minute'", "* * * * *"},
		{"@every_second", "'@every_second'", NULL},
		{"@reboot", "'@reboot'", NULL},
		{"daily", NULL, NULL},
		{"@dail", NULL, NULL},
		{"@", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = NULL;
		const char *fields = cron_alias_fields(whole(cases[i].word), &name);

		assert_int_equal(name == NULL, cases[i].name == NULL);
		assert_int_equal(fields == NULL, cases[i].fields == NULL);
		if (name != NULL)
			assert_string_equal(name, cases[i].name);
		if (fields != NULL)
			assert_string_equal(fields, cases[i].fields);
	}
}

static void nearest_is_near(void **state)
{
	(void)state;
	assert_string_equal(cron_alias_nearest(whole("@dayly")), "@daily");
	assert_string_equal(cron_alias_nearest(whole("@MONTLY")), "@monthly");
	assert_string_equal(cron_alias_nearest(whole("@evry")), "@every");
	assert_null(cron_alias_nearest(whole("@sometimes")));
	assert_null(cron_alias_nearest(whole("@a-word-that-is-longer-than-any")));
}

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

		assert_int_equal(
			cron_alias_read_interval(cron_slice(span, span + strlen(span)), &ms),
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

		if (!cron_alias_of_interval(minutes * MINUTE_MS, &fields))
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
		assert_false(cron_alias_of_interval(cases[i].minutes * MINUTE_MS, &fields));
		assert_string_equal(fields, cases[i].fields);
	}
	assert_false(cron_alias_of_interval(30000, &fields));
	assert_string_equal(fields, "* * * * *");
	assert_false(cron_alias_of_interval(60001, &fields));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nicknames_stand_for_five_fields),
		cmocka_unit_test(nearest_is_near),
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(exact_fields_run_so_often),
		cmocka_unit_test(other_intervals_have_a_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
