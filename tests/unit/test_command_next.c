/* SPDX-License-Identifier: MIT */
/* What `dfmode-sync next` prints, to the byte, and its exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "command_next.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOW INT64_C(1774656000) /* 2026-03-28 00:00 UTC, the day before summer time in Berlin */

static int set_zone(void **state)
{
	(void)state;
	return setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
}

static void assert_output(const char *expression, int count, int code, const char *out,
                          const char *errors)
{
	struct text printed = {0};
	struct text complained = {0};

	assert_int_equal(command_next(expression, count, NOW, &printed, &complained), code);
	assert_string_equal(printed.bytes != NULL ? printed.bytes : "", out);
	assert_string_equal(complained.bytes != NULL ? complained.bytes : "", errors);
	text_clear(&printed);
	text_clear(&complained);
}

static void runs_are_listed(void **state)
{
	(void)state;
	assert_output("0 6 * * *", 2, 0,
	              "at 06:00, every day\n"
	              "Sat 2026-03-28 06:00 UTC    Sat 2026-03-28 07:00 CET\n"
	              "Sun 2026-03-29 06:00 UTC    Sun 2026-03-29 08:00 CEST\n",
	              "");
	assert_output("30 23 28 3 *", 1, 0,
	              "at 23:30, on day 28 of March\n"
	              "Sat 2026-03-28 23:30 UTC    Sun 2026-03-29 00:30 CET\n",
	              "");
}

static void warnings_are_told(void **state)
{
	(void)state;
	assert_output(
		"* 6 31 2 *", 5, 0,
		"every minute from 06:00 to 06:59, on day 31 of February (never)\n"
		"warning: never runs: there is no day 31 in February\n"
		"warning: runs every minute of the hours it names; to run once in each, begin "
		"with '0'\n",
		"");
	assert_output("0 6 L * *", 5, 0,
	              "known only to the server (uses 'L')\n"
	              "warning: uses 'L', which not every cron knows; sent as written\n",
	              "");
}

static void faults_have_a_caret(void **state)
{
	static const struct {
		const char *expression;
		const char *errors;
	} cases[] = {
		{"0 25 * * *", "error: hour 25 is outside 0-23\n"
	                       "    0 25 * * *\n"
	                       "      ^~\n"},
		{"0 6 * *",
	         "error: 4 fields where 5 are needed: minute, hour, day of month, month, "
	         "day of week\n"
	         "    0 6 * *\n"
	         "           ^\n"},
		{"", "error: empty; for no schedule write false, without quotes\n"
	             "    \n"
	             "    ^\n"},
		{"0\t6 * * mom", "error: 'mom' is not a day of the week; did you mean 'mon'?\n"
	                         "    0 6 * * mom\n"
	                         "            ^~~\n"},
		{"0 6 * * 1\xe2\x80\x93"
	         "5\x1b[31m",
	         "error: U+2013 is not ASCII; did you mean '-'?\n"
	         "    0 6 * * 1???5?[31m\n"
	         "             ^~~\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_output(cases[i].expression, 5, 64, "", cases[i].errors);
}

static void long_arguments_are_cut(void **state)
{
	char expression[2000];
	struct text out = {0};
	struct text errors = {0};

	(void)state;
	memset(expression, '0', sizeof expression - 1);
	expression[sizeof expression - 1] = '\0';
	assert_int_equal(command_next(expression, 5, NOW, &out, &errors), 64);
	assert_true(errors.length < 600);
	assert_memory_equal(errors.bytes, "error: longer than 256 bytes\n    000", 36);
	assert_string_equal(errors.bytes + errors.length - 5, "   ^\n");
	text_clear(&errors);
}

static void count_has_bounds(void **state)
{
	struct text out = {0};
	struct text errors = {0};

	(void)state;
	assert_output("0 6 * * *", 0, 64, "", "error: -n 0 is outside 1-1000\n");
	assert_output("0 6 * * *", 1001, 64, "", "error: -n 1001 is outside 1-1000\n");
	assert_int_equal(command_next("* * * * *", 1000, NOW, &out, &errors), 0);
	assert_true(strstr(out.bytes, "Sat 2026-03-28 16:40 UTC") != NULL);
	assert_null(strstr(out.bytes, "Sat 2026-03-28 16:41 UTC"));
	text_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_listed),     cmocka_unit_test(warnings_are_told),
		cmocka_unit_test(faults_have_a_caret), cmocka_unit_test(long_arguments_are_cut),
		cmocka_unit_test(count_has_bounds),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
