/* SPDX-License-Identifier: MIT */
/* The five fields: every value at its bounds, every name in any case, and what is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cron/cron_fields.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool read(enum cron_field_index index, const char *word, unsigned *value,
                 struct cron_fault *fault)
{
	const struct cron_reader reader = {.text = word, .fault = fault};

	return cron_fields_value(&reader, &cron_fields[index],
	                         cron_slice(word, word + strlen(word)), value);
}

static void bounds_are_those_of_crontab(void **state)
{
	static const unsigned bounds[CRON_FIELD_COUNT][2] = {
		{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};

	(void)state;
	for (unsigned i = 0; i < CRON_FIELD_COUNT; i++) {
		for (unsigned number = 0; number <= 100; number++) {
			char word[8];
			unsigned value = 4242;
			bool inside = number >= bounds[i][0] && number <= bounds[i][1];

			snprintf(word, sizeof(word), "%u", number);
			assert_int_equal(read((enum cron_field_index)i, word, &value, NULL),
			                 inside);
			if (inside)
				assert_int_equal(value, number);
		}
	}
}

/* Each name that a field has, in lower case, in upper case and with a capital. */
static void names_are_read_in_any_case(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CRON_FIELD_COUNT; i++) {
		const struct cron_field *field = &cron_fields[i];

		for (unsigned j = 0; field->names != NULL && field->names[j] != NULL; j++) {
			char word[4];
			unsigned value;

			snprintf(word, sizeof(word), "%s", field->names[j]);
			for (unsigned upper = 0; upper <= 3; upper++) {
				assert_true(read((enum cron_field_index)i, word, &value, NULL));
				assert_int_equal(value, field->least + j);
				word[upper] = (char)toupper((unsigned char)word[upper]);
			}
			assert_int_equal(strncasecmp(field->names[j], field->words[j], 3), 0);
		}
	}
}

static void what_is_no_value_is_named(void **state)
{
	static const struct {
		enum cron_field_index index;
		const char *word;
		const char *text;
	} cases[] = {
		{CRON_MINUTE, "60", "minute 60 is outside 0-59"},
		{CRON_HOUR, "4294967320", "hour 4294967320 is outside 0-23"},
		{CRON_MINUTE, "x", "minute 'x' is not a number"},
		{CRON_HOUR, "6h", "hour '6h' is not a number"},
		{CRON_MONTH, "tue", "'tue' is a day of the week, not a month"},
		{CRON_WEEKDAY, "may", "'may' is a month, not a day of the week"},
		{CRON_MONTH, "Sept", "'Sept' is not a month; did you mean 'sep'?"},
		{CRON_MONTH, "febuary", "'febuary' is not a month; did you mean 'feb'?"},
		{CRON_WEEKDAY, "thurs", "'thurs' is not a day of the week; did you mean 'thu'?"},
		{CRON_WEEKDAY, "we", "'we' is not a day of the week; did you mean 'wed'?"},
		{CRON_WEEKDAY, "mondays",
	         "'mondays' is not a day of the week; did you mean 'mon'?"},
		{CRON_WEEKDAY, "mon+tue", "'mon+tue' is not a day of the week: 0-7 or sun-sat"},
		{CRON_WEEKDAY, "monfri", "'monfri' is not a day of the week: 0-7 or sun-sat"},
		{CRON_WEEKDAY, "sun_sat", "'sun_sat' is not a day of the week: 0-7 or sun-sat"},
		{CRON_MONTH, "jan:mar", "'jan:mar' is not a month: 1-12 or jan-dec"},
		{CRON_WEEKDAY, "Mon..Fri", "day of week 'Mon..Fri': a range is written with '-'"},
		{CRON_HOUR, "9..17", "hour '9..17': a range is written with '-'"},
		{CRON_MONTH, "monthly", "'monthly' is not a month: 1-12 or jan-dec"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned value;
		struct cron_fault fault = {0};

		assert_false(read(cases[i].index, cases[i].word, &value, &fault));
		cron_fixture_assert_fault(cases[i].word, &fault, cases[i].text, 0,
		                          strlen(cases[i].word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_are_those_of_crontab),
		cmocka_unit_test(names_are_read_in_any_case),
		cmocka_unit_test(what_is_no_value_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
