/* SPDX-License-Identifier: MIT */
/* Parts of an expression, which are cut, compared, and read as numbers; its words, and the blanks
 * that have cut a field in two; a fault, which is set at a part, and is cut, never overrun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_slice.h"
#include "support/cron_fixture.h"

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

static void text_is_cut_at_its_blanks(void **state)
{
	struct cron_words words;

	(void)state;
	cron_slice_split(" \t0  6\t* ", &words);
	assert_int_equal(words.count, 3);
	assert_int_equal(words.at[2].length, 1);
	assert_int_equal(*words.at[2].at, '*');
	assert_int_equal(cron_slice_span(&words, 0, 1).length, strlen("0  6"));
	cron_slice_split(" \t", &words);
	assert_int_equal(words.count, 0);
}

/* Single letters, as many as a text can have. */
static void all_words_have_room(void **state)
{
	char text[CRON_TEXT_MAX + 1];
	struct cron_words words;

	(void)state;
	for (size_t i = 0; i < CRON_TEXT_MAX; i++)
		text[i] = i % 2 == 0 ? '1' : ' ';
	text[CRON_TEXT_MAX] = '\0';
	cron_slice_split(text, &words);
	assert_int_equal(words.count, CRON_TEXT_MAX / 2);
}

static void blanks_inside_fields_are_left_out(void **state)
{
	static const struct {
		const char *text;
		const char *joined;
		size_t fields;
		size_t last; /* bytes of the last field, as it was written */
	} cases[] = {
		{"0 6 * * 1", "0 6 * * 1", 5, 1},
		{"0 6 * * 1, 3 ,5", "0 6 * * 1,3,5", 5, 7},
		{"0 6 * * 1 \t- 5", "0 6 * * 1-5", 5, 6},
		{"0 6 * * mon # 2", "0 6 * * mon#2", 5, 7},
		{"*/ 5 * * * 1 / 2", "*/5 * * * 1/2", 5, 5},
		{"0 6 * * H( 1 - 5 )", "0 6 * * H(1-5)", 5, 10},
		{", , ,", ",,,", 1, 5},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[CRON_TEXT_MAX + 1];
		struct cron_words words;
		struct cron_words fields;
		struct cron_words whole;

		cron_slice_split(cases[i].text, &words);
		assert_int_equal(cron_slice_join(&words, text, &fields, &whole),
		                 strcmp(cases[i].text, cases[i].joined) != 0);
		assert_string_equal(text, cases[i].joined);
		assert_int_equal(fields.count, cases[i].fields);
		assert_int_equal(whole.count, cases[i].fields);
		assert_int_equal(whole.at[whole.count - 1].length, cases[i].last);
	}
}

static void fault_is_at_its_part(void **state)
{
	const char *text = "0 25 * * *";
	struct cron_fault fault = {0};
	const struct cron_reader reader = {.text = text, .fault = &fault};

	(void)state;
	assert_false(cron_slice_fail(&reader, cron_slice(text + 2, text + 4), "hour %d", 25));
	cron_fixture_assert_fault(text, &fault, "hour 25", 2, 2);
	assert_false(cron_slice_fail(&reader, cron_slice(text + 10, text + 10), "nothing"));
	cron_fixture_assert_fault(text, &fault, "nothing", 10, 1);
}

static void fault_may_be_unwanted(void **state)
{
	const struct cron_reader reader = {.text = "0 25 * * *"};

	(void)state;
	assert_false(cron_slice_fail(&reader, cron_slice(reader.text, reader.text), "nothing"));
}

static void text_is_cut(void **state)
{
	char text[1000];
	struct cron_fault fault = {0};
	const struct cron_reader reader = {.text = text, .fault = &fault};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(cron_slice_fail(&reader, cron_slice(text, text + 1), "%s", text));
	assert_int_equal(strlen(fault.text), sizeof(fault.text) - 1);
}

/* What is shown of an expression may have tabs between its fields. */
static void text_is_printable(void **state)
{
	const char *text = "0 6\t*\t*\t*";
	struct cron_fault fault = {0};
	const struct cron_reader reader = {.text = text, .fault = &fault};

	(void)state;
	assert_false(cron_slice_fail(&reader, cron_slice(text, text + 1), "write '%s'", text));
	assert_string_equal(fault.text, "write '0 6 * * *'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_is_at_the_first_byte),
		cmocka_unit_test(numbers_are_digits_up_to_a_cap),
		cmocka_unit_test(words_are_compared_in_any_case),
		cmocka_unit_test(shown_is_short),
		cmocka_unit_test(text_is_cut_at_its_blanks),
		cmocka_unit_test(all_words_have_room),
		cmocka_unit_test(blanks_inside_fields_are_left_out),
		cmocka_unit_test(fault_is_at_its_part),
		cmocka_unit_test(fault_may_be_unwanted),
		cmocka_unit_test(text_is_cut),
		cmocka_unit_test(text_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
