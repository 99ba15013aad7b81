/* SPDX-License-Identifier: MIT */
/* Nicknames: what each stands for, and the nearest to a misspelt one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_nickname.h"

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
		const char *fields = cron_nickname_fields(whole(cases[i].word), &name);

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
	assert_string_equal(cron_nickname_nearest(whole("@dayly")), "@daily");
	assert_string_equal(cron_nickname_nearest(whole("@MONTLY")), "@monthly");
	assert_string_equal(cron_nickname_nearest(whole("@evry")), "@every");
	assert_null(cron_nickname_nearest(whole("@sometimes")));
	assert_null(cron_nickname_nearest(whole("@a-word-that-is-longer-than-any")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nicknames_stand_for_five_fields),
		cmocka_unit_test(nearest_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
