/* SPDX-License-Identifier: MIT */
/* Calendar events of systemd, and the fields that run at the same times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cron/cron_calendar.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void events_have_fields(void **state)
{
	static const struct {
		const char *event;
		const char *fields; /* NULL: there are none */
	} cases[] = {
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
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text fields = {0};
		struct cron_words words;

		cron_slice_split(cases[i].event, &words);
		assert_true(cron_calendar_is(&words));
		if (cron_calendar_fields(&words, &fields) != (cases[i].fields != NULL))
			fail_msg("'%s'", cases[i].event);
		if (cases[i].fields != NULL) {
			assert_string_equal(fields.bytes, cases[i].fields);
			(void)cron_fixture_parse(fields.bytes);
		}
		text_clear(&fields);
	}
}

static void expressions_are_no_events(void **state)
{
	static const char *const expressions[] = {
		"0 6 * * *", "*-5 * * * *", "1-2-3 * * * *", "mon 6 * * *", "0 6 * * mon",
		"mon",       "6:00 * * *",  "0 6:00 * * *",  "25:00",       "*--",
		"*-*-",      "*:",          "*--1"};

	(void)state;
	for (size_t i = 0; i < COUNT(expressions); i++) {
		struct cron_words words;

		cron_slice_split(expressions[i], &words);
		if (cron_calendar_is(&words))
			fail_msg("'%s'", expressions[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_have_fields),
		cmocka_unit_test(expressions_are_no_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
