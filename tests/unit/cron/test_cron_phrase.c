/* SPDX-License-Identifier: MIT */
/* Schedules in English, and that what is not understood is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_phrase.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void phrases_have_fields(void **state)
{
	static const struct {
		const char *phrase;
		const char *fields; /* NULL: they cannot be told */
	} cases[] = {
		{"every 5 minutes", "*/5 * * * *"},
		{"Every 2 Hours", "0 */2 * * *"},
		{"each 15m", "*/15 * * * *"},
		{"every 1 day", "0 0 * * *"},
		{"every minute", "* * * * *"},
		{"every hour", "0 * * * *"},
		{"every day", "0 0 * * *"},
		{"every night at 2", "0 2 * * *"},
		{"every week", "0 0 * * 0"},
		{"every month", "0 0 1 * *"},
		{"every year at noon", "0 12 1 1 *"},
		{"every monday", "0 0 * * 1"},
		{"every Sun at 23:59", "59 23 * * 0"},
		{"every weekday at 6:30", "30 6 * * 1-5"},
		{"weekends at 6:30am", "30 6 * * 0,6"},
		{"daily at 6 pm", "0 18 * * *"},
		{"daily at 12 am", "0 0 * * *"},
		{"daily at 12pm", "0 12 * * *"},
		{"daily at midnight", "0 0 * * *"},
		{"monthly at noon", "0 12 1 * *"},
		{"6:00", "0 6 * * *"},
		{"06:30", "30 6 * * *"},
		{"6am", "0 6 * * *"},
		{"6:15 PM", "15 18 * * *"},
		{"noon", "0 12 * * *"},
		{"at 6am", "0 6 * * *"},
		{"at 6", "0 6 * * *"},
		{"daily 6:00", "0 6 * * *"},
		{"every monday 6am", "0 6 * * 1"},
		{"daily 6", NULL},
		{"at dawn", NULL},
		{"at", NULL},
		{"at 6 and 18", NULL},
		{"every", NULL},
		{"every 7 minutes", NULL},
		{"every now and then", NULL},
		{"every other day", NULL},
		{"every hour at 5", NULL},
		{"every 5 minutes at noon", NULL},
		{"daily at 24", NULL},
		{"daily at 23", "0 23 * * *"},
		{"daily at 25", NULL},
		{"daily at 6:3", NULL},
		{"daily at 6:60", NULL},
		{"daily at 13 pm", NULL},
		{"daily at 6pm pm", NULL},
		{"daily at 6 o'clock", NULL},
		{"daily at", NULL},
		{"daily at 6 am sharp", NULL},
		{"daily except sunday", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char fields[CRON_PHRASE_FIELDS_MAX];
		struct cron_words words;

		cron_slice_split(cases[i].phrase, &words);
		assert_true(cron_phrase_is(&words));
		if (cron_phrase_fields(&words, fields) != (cases[i].fields != NULL))
			fail_msg("'%s'", cases[i].phrase);
		if (cases[i].fields == NULL)
			continue;
		assert_string_equal(fields, cases[i].fields);
		(void)cron_fixture_parse(fields);
	}
}

static void expressions_are_no_phrases(void **state)
{
	static const char *const expressions[] = {
		"0 6 * * *", "H 6 * * *", "daily",      "@daily", "mon 6 * * *", "everyday at 6",
		"6",         "6 18",      "6:00 * * *", "25:00",  "6:0",         "6 0 * * *"};

	(void)state;
	for (size_t i = 0; i < COUNT(expressions); i++) {
		struct cron_words words;

		cron_slice_split(expressions[i], &words);
		assert_false(cron_phrase_is(&words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phrases_have_fields),
		cmocka_unit_test(expressions_are_no_phrases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
