/* SPDX-License-Identifier: MIT */
/* Words, and the blanks that have cut a field in two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void text_is_cut_at_its_blanks(void **state)
{
	struct cron_words words;

	(void)state;
	cron_words_split(" \t0  6\t* ", &words);
	assert_int_equal(words.count, 3);
	assert_int_equal(words.at[2].length, 1);
	assert_int_equal(*words.at[2].at, '*');
	assert_int_equal(cron_words_span(&words, 0, 1).length, strlen("0  6"));
	cron_words_split(" \t", &words);
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
	cron_words_split(text, &words);
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

		cron_words_split(cases[i].text, &words);
		assert_int_equal(cron_words_join(&words, text, &fields, &whole),
		                 strcmp(cases[i].text, cases[i].joined) != 0);
		assert_string_equal(text, cases[i].joined);
		assert_int_equal(fields.count, cases[i].fields);
		assert_int_equal(whole.count, cases[i].fields);
		assert_int_equal(whole.at[whole.count - 1].length, cases[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_at_its_blanks),
		cmocka_unit_test(all_words_have_room),
		cmocka_unit_test(blanks_inside_fields_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
