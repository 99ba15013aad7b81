/* SPDX-License-Identifier: MIT */
/* Misspelt words, and the words of a list that they are near to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/suggest.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void nearest_word(void **state)
{
	static const char *const words[] = {"workspace", "token",  "token_file", "name", "id",
	                                    "url",       "paused", "proxy",      NULL};
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{.word = "workspce", .nearest = "workspace"},
		{.word = "workspcae", .nearest = "workspace"},
		{.word = "wrkspcae", .nearest = "workspace"},
		{.word = "Workspace", .nearest = "workspace"},
		{.word = "wXrXsXace", .nearest = NULL},
		{.word = "wXrXsXaXe", .nearest = NULL},
		{.word = "tokenfile", .nearest = "token_file"},
		{.word = "tokn", .nearest = "token"},
		{.word = "ulr", .nearest = "url"},
		{.word = "ur", .nearest = "url"},
		{.word = "lru", .nearest = NULL},
		{.word = "ib", .nearest = NULL},
		{.word = "ID", .nearest = "id"},
		{.word = "", .nearest = NULL},
		{.word = "pause", .nearest = "paused"},
		{.word = "paXsXd", .nearest = NULL},
		{.word = "completely-different", .nearest = NULL},
		{.word = "1234567890123456789012345678901234567890123456789012345678901234567890",
	         .nearest = NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *nearest = suggest_nearest(cases[i].word, words);

		if (cases[i].nearest == NULL)
			assert_null(nearest);
		else
			assert_string_equal(nearest != NULL ? nearest : "(none)", cases[i].nearest);
	}
}

static void nearest_of_neighbours(void **state)
{
	static const char *const words[] = {"retries", "retry", "retry_1",
	                                    "retry_3", "entry", NULL};
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{.word = "retry", .nearest = "retry"},    {.word = "retry_2", .nearest = "retry_1"},
		{.word = "retrie", .nearest = "retries"}, {.word = "entyr", .nearest = "entry"},
		{.word = "etnry", .nearest = "entry"},    {.word = "retries", .nearest = "retries"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(suggest_nearest(cases[i].word, words), cases[i].nearest);
}

static void nearest_of_rows(void **state)
{
	static const struct {
		const char *word;
		int number;
	} rows[] = {{"first", 1}, {NULL, 2}, {"second", 3}, {"thirds", 4}};

	(void)state;
	assert_string_equal(suggest_row("fisrt", rows, COUNT(rows), sizeof(rows[0])), "first");
	assert_string_equal(suggest_row("third", rows, COUNT(rows), sizeof(rows[0])), "thirds");
	assert_null(suggest_row("third", rows, COUNT(rows) - 1, sizeof(rows[0])));
	assert_null(suggest_row("", rows, COUNT(rows), sizeof(rows[0])));
	assert_null(suggest_row("first", NULL, 0, sizeof(rows[0])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest_word),
		cmocka_unit_test(nearest_of_neighbours),
		cmocka_unit_test(nearest_of_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
