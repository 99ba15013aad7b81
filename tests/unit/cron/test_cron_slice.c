/* SPDX-License-Identifier: MIT */
/* Parts of an expression: cut, compared, read as numbers, without a NUL at their end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct cron_slice whole(const char *text)
{
	return cron_slice(text, text + strlen(text));
}

static void cut_is_at_the_first_byte(void **state)
{
	static const struct {
		const char *text;
		bool found;
		const char *head;
		const char *rest;
	} cases[] = {
		{"1,2,3", true, "1", "2,3"}, {",2", true, "", "2"},   {"1,", true, "1", ""},
		{",", true, "", ""},         {"12", false, "12", ""}, {"", false, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cron_slice head;
		struct cron_slice rest;

		assert_int_equal(cron_slice_cut(whole(cases[i].text), ',', &head, &rest),
		                 cases[i].found);
		assert_int_equal(head.length, strlen(cases[i].head));
		assert_memory_equal(head.at, cases[i].head, head.length);
		assert_int_equal(rest.length, strlen(cases[i].rest));
		assert_memory_equal(rest.at, cases[i].rest, rest.length);
	}
}

static void numbers_are_digits_up_to_a_cap(void **state)
{
	static const struct {
		const char *text;
		size_t digits;
		unsigned number;
	} cases[] = {
		{"", 0, 0},
		{"x", 0, 0},
		{"-1", 0, 0},
		{"7x", 1, 7},
		{"007", 3, 7},
		{"9999", 4, 9999},
		{"10000", 5, 9999},
		{"4294967296", 10, 9999},
		{"99999999999999999999", 20, 9999},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned number = 42;

		assert_int_equal(cron_slice_number(whole(cases[i].text), &number), cases[i].digits);
		assert_int_equal(number, cases[i].number);
	}
}

static void words_are_compared_in_any_case(void **state)
{
	char lower[CRON_SLICE_WORD_MAX] = "untouched";

	(void)state;
	assert_true(cron_slice_is(whole("DaiLy"), "daily"));
	assert_false(cron_slice_is(whole("dail"), "daily"));
	assert_false(cron_slice_is(whole("dailyx"), "daily"));
	assert_false(cron_slice_lower(whole("abcdefghijklmnopqrstuvwx"), lower));
	assert_string_equal(lower, "untouched");
	assert_true(cron_slice_lower(whole("ABCDEFGHIJKLMNOPQRSTUVW"), lower));
	assert_string_equal(lower, "abcdefghijklmnopqrstuvw");
}

static void shown_is_short(void **state)
{
	char text[100];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(cron_slice_shown(cron_slice(text, text + 39)), 39);
	assert_int_equal(cron_slice_shown(cron_slice(text, text + 40)), 40);
	assert_int_equal(cron_slice_shown(cron_slice(text, text + 100)), 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_is_at_the_first_byte),
		cmocka_unit_test(numbers_are_digits_up_to_a_cap),
		cmocka_unit_test(words_are_compared_in_any_case),
		cmocka_unit_test(shown_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
