/* SPDX-License-Identifier: MIT */
/* Schedules in English and calendar events of systemd: the fields that run at the same times; what
 * is not understood is left alone, and no expression is one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_internal.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PHRASE       "a schedule in words"
#define EVENT        "systemd's notation"

struct test_case {
	const char *schedule;
	const char *fields; /* NULL: they are not clear, or there are none */
};

static void assert_fields(const char *name, const struct test_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct cron_notation notation;
		struct cron_words words;

		cron_slice_split(cases[i].schedule, &words);
		assert_true(cron_notation_read(&words, &notation));
		assert_string_equal(notation.name, name);
		if ((notation.fields.length > 0) != (cases[i].fields != NULL))
			fail_msg("'%s'", cases[i].schedule);
		if (cases[i].fields != NULL) {
			assert_string_equal(notation.fields.bytes, cases[i].fields);
			(void)cron_fixture_parse(notation.fields.bytes);
		}
		text_clear(&notation.fields);
	}
}

static void assert_none(const char *name, const char *const *expressions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct cron_notation notation;
		struct cron_words words;

		cron_slice_split(expressions[i], &words);
		if (cron_notation_read(&words, &notation) && strcmp(notation.name, name) == 0)
			fail_msg("'%s'", expressions[i]);
		text_clear(&notation.fields);
	}
}

static void phrases_have_fields(void **state)
{
	static const struct test_case cases[] = {
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
		{"06:00 UTC", "0 6 * * *"},
		{"06:00Z", "0 6 * * *"},
		{"6 pm gmt", "0 18 * * *"},
		{"daily at noon Etc/UTC", "0 12 * * *"},
		{"every monday at 6:30 utc", "30 6 * * 1"},
		{"every 5 minutes UTC", "*/5 * * * *"},
		{"06:00 CET", NULL},
		{"daily at 6 Europe/Berlin", NULL},
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
	assert_fields(PHRASE, cases, COUNT(cases));
}

static void expressions_are_no_phrases(void **state)
{
	static const char *const expressions[] = {
		"0 6 * * *",     "H 6 * * *", "daily",      "@daily",     "mon 6 * * *",
		"everyday at 6", "6",         "6 18",       "6:00 * * *", "25:00",
		"6:0",           "6 0 * * *", "6:00 sharp", "6 UTC",      "UTC"};

	(void)state;
	assert_none(PHRASE, expressions, COUNT(expressions));
}

static void events_have_fields(void **state)
{
	static const struct test_case cases[] = {
		{"Mon *-*-* 06:00", "0 6 * * Mon"},
		{"Mon..Fri *-*-* 06:00:00", "0 6 * * Mon-Fri"},
		{"Sat,Sun 10:20", "20 10 * * Sat,Sun"},
		{"*-*-* 06:00", "0 6 * * *"},
		{"*-*-01 00:00", "0 0 1 * *"},
		{"*-*-1..7 4:05", "5 4 1-7 * *"},
		{"*-01,07-10 00:00:00", "0 0 10 1,7 *"},
		{"*-*-* *:0/15", "*/15 * * * *"},
		{"*-*-* 00/2:30", "30 */2 * * *"},
		{"*-*-* *:00", "0 * * * *"},
		{"*-*-*", "0 0 * * *"},
		{"Mon *-*-* 06:00 UTC", "0 6 * * Mon"},
		{"Mon 06:00 GMT", "0 6 * * Mon"},
		{"*-*-* 06:00 CET", NULL},
		{"*:0/5", "*/5 * * * *"},
		{"Mon *-*-* 06:00 Europe/Berlin", NULL},
		{"2026-12-24 18:00", NULL},
		{"*-*-* 06:00:30", NULL},
		{"*-*-* Mon 06:00", NULL},
		{"*-*-* 06", NULL},
		{"*-*-* 5,0/15:0,00/20", "0,*/20 5,*/15 * * *"},
		{"Fri *-*-13 06:00", NULL},
		{"Mon *-*-1..7 06:00", NULL},
		{"*-*-* 06/4:00", NULL},
		{"*-*-* 5,10/15:00", NULL},
		{"*-*-* *:7/15", NULL},
		{"*-*-1/2 06:00", NULL},
		{"*-1/3-01 00:00", NULL},
		{"Mon *-*-* 6:", NULL},
		{"*-*-* 6:00:", NULL},
		{"*-*-* :30", NULL},
		{"2026-*-* 06:00", NULL},
	};

	(void)state;
	assert_fields(EVENT, cases, COUNT(cases));
}

static void expressions_are_no_events(void **state)
{
	static const char *const expressions[] = {
		"0 6 * * *", "*-5 * * * *", "1-2-3 * * * *", "mon 6 * * *", "0 6 * * mon",
		"mon",       "6:00 * * *",  "0 6:00 * * *",  "25:00",       "*--",
		"*-*-",      "*:",          "*--1"};

	(void)state;
	assert_none(EVENT, expressions, COUNT(expressions));
}

/* An interval that no fields have is said all the same. */
static void intervals_without_fields_are_said(void **state)
{
	static const struct {
		const char *schedule;
		int64_t every_ms;
	} cases[] = {
		{"every 7 minutes", 7 * 60000},
		{"every 1h30m", 90 * 60000},
		{"every now and then", 0},
		{"rate(90 minutes)", 90 * 60000},
		{"rate(1 hour)", 3600000},
		{"rate(1 hour", 0},
		{"rate()", 0},
		{"6:00", 0},
		{"daily at 24", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cron_notation notation;
		struct cron_words words;

		cron_slice_split(cases[i].schedule, &words);
		assert_true(cron_notation_read(&words, &notation));
		assert_int_equal(notation.every_ms, cases[i].every_ms);
		text_clear(&notation.fields);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phrases_have_fields),
		cmocka_unit_test(expressions_are_no_phrases),
		cmocka_unit_test(events_have_fields),
		cmocka_unit_test(expressions_are_no_events),
		cmocka_unit_test(intervals_without_fields_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
