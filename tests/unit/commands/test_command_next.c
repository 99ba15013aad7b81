/* SPDX-License-Identifier: MIT */
/* What `dfmode-sync next` prints, to the byte, and its exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/command.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOW INT64_C(1774656000) /* 2026-03-28 00:00 UTC, the day before summer time in Berlin */

static int set_zone(void)
{
	return setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
}

static int call(const char *what, int count, struct text *out, struct text *errors)
{
	char *const words[] = {(char *)(uintptr_t)what, NULL};
	const struct command_line options = {
		.config_path = "x.conf", .arguments = words, .runs = count, .now_unix_s = NOW};

	return command_next(&options, out, errors);
}

static void assert_output(const char *expression, int count, int code, const char *out,
                          const char *errors)
{
	struct text printed = {0};
	struct text complained = {0};

	assert_int_equal(call(expression, count, &printed, &complained), code);
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

static void warnings_are_shown(void **state)
{
	(void)state;
	assert_output("* 6 31 2 *", 5, 0,
	              "every minute from 06:00 to 06:59, on day 31 of February (never)\n"
	              "warning: never runs: there is no day 31 in February\n",
	              "");
	assert_output(
		"* 6 29 2 mon", 1, 0,
		"every minute from 06:00 to 06:59, on day 29 of the month or on Monday, only in "
		"February\n"
		"warning: runs every minute of the hours it names; to run once in each, begin "
		"with '0'\n"
		"warning: restricts both day of month and day of week: runs when either fits\n"
		"Mon 2027-02-01 06:00 UTC    Mon 2027-02-01 07:00 CET\n",
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
		{"0 25 * * *", "CRON:1:3: error: hour 25 is outside 0-23\n"
	                       "    1 | 0 25 * * *\n"
	                       "      |   ^~\n1 error\n"},
		{"0 6 * *",
	         "CRON:1:8: error: 4 fields where 5 are needed: minute, hour, day of month, month, "
	         "day of week\n"
	         "    1 | 0 6 * *\n"
	         "      |        ^\n1 error\n"},
		{"", "CRON:1:1: error: empty; for no schedule write false, without quotes\n"
	             "    1 | \n"
	             "      | ^\n1 error\n"},
		{"0\t6 * * mom",
	         "CRON:1:9: error: 'mom' is not a day of the week; did you mean 'mon'?\n"
	         "    1 | 0\t6 * * mom\n"
	         "      |  \t      ^~~\n1 error\n"},
		{"0 6 * * 1\xe2\x80\x93"
	         "5\x1b[31m",
	         "CRON:1:10: error: U+2013 is not ASCII; did you mean '-'?\n"
	         "    1 | 0 6 * * 1\xe2\x80\x93"
	         "5?[31m\n"
	         "      |          ^\n1 error\n"},
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
	memset(expression, '0', sizeof(expression) - 1);
	expression[1] = ' ';
	expression[sizeof(expression) - 1] = '\0';
	assert_int_equal(call(expression, 5, &out, &errors), 64);
	assert_true(errors.length < 600);
	assert_non_null(strstr(errors.bytes, "error: longer than 256 bytes\n    1 | …"));
	text_clear(&errors);
}

/* by id */

static char directory[] = "/tmp/test-command-next.XXXXXX";

static int enter_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) != NULL && chdir(directory) == 0 ? set_zone() : -1;
}

static int leave_directory(void **state)
{
	(void)state;
	(void)unlink("x.conf");
	return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static void write_integrations(const char *integrations)
{
	FILE *file = fopen("x.conf", "w");

	assert_non_null(file);
	(void)fprintf(file,
	              "api = { key_credential = \"only-the-service-has-it\"; };\n"
	              "defaults = { token = \"t\"; password = \"p\"; };\n"
	              "integrations = (\n%s\n);\n",
	              integrations);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod("x.conf", 0600), 0);
}

static void id_stands_for_its_schedule(void **state)
{
	(void)state;
	write_integrations(
		"{ id = 42; name = \"Mode: Finance\"; indexing_cron = \"0 6 * * mon-fri\"; },\n"
		"{ id = 43; indexing_cron = false; },\n"
		"{ id = 50; indexing_cron = \"0 6 31 2 *\"; paused = true; }");
	assert_output("42", 1, 0,
	              "integration 42 'Mode: Finance': 0 6 * * mon-fri, x.conf:4\n"
	              "at 06:00, Monday to Friday\n"
	              "Mon 2026-03-30 06:00 UTC    Mon 2026-03-30 08:00 CEST\n",
	              "");
	assert_output("0042", 1, 0,
	              "integration 42 'Mode: Finance': 0 6 * * mon-fri, x.conf:4\n"
	              "at 06:00, Monday to Friday\n"
	              "Mon 2026-03-30 06:00 UTC    Mon 2026-03-30 08:00 CEST\n",
	              "");
	assert_output("43", 5, 0, "integration 43: false, x.conf:5\nno schedule\n", "");
	assert_output("50", 5, 0,
	              "integration 50: 0 6 31 2 *, x.conf:6; paused, so never sent\n"
	              "at 06:00, on day 31 of February (never)\n"
	              "warning: never runs: there is no day 31 in February\n",
	              "");
}

static void unknown_id_has_its_neighbours(void **state)
{
	(void)state;
	write_integrations("{ id = 42; indexing_cron = false; },\n"
	                   "{ id = 43; indexing_cron = false; },\n"
	                   "{ id = 50; indexing_cron = false; }");
	assert_output("44", 5, 64, "",
	              "error: no integration 44 in 'x.conf'; the nearest of its 3: 43 and 50\n");
	assert_output("7", 5, 64, "",
	              "error: no integration 7 in 'x.conf'; the nearest of its 3: 42\n");
	assert_output("0", 5, 64, "",
	              "error: no integration 0 in 'x.conf'; the nearest of its 3: 42\n");
	assert_output("51", 5, 64, "",
	              "error: no integration 51 in 'x.conf'; the nearest of its 3: 50\n");
	assert_output(
		"99999999999999999999", 5, 64, "",
		"error: no integration 99999999999999999999 in 'x.conf'; the nearest of its 3: "
		"50\n");
	write_integrations("");
	assert_output("42", 5, 64, "",
	              "error: no integration 42 in 'x.conf'; it has no integrations\n");
}

static void faults_of_the_file_are_reported(void **state)
{
	(void)state;
	write_integrations("{ id = 42; indexing_cron = \"0 25 * * *\"; }");
	assert_output(
		"42", 5, 78, "",
		"x.conf:1:26: warning: credential 'only-the-service-has-it' is not checked: only "
		"the "
		"service can read it\n"
		"    1 | api = { key_credential = \"only-the-service-has-it\"; };\n"
		"      |                          ^~~~~~~~~~~~~~~~~~~~~~~~~\n"
		"x.conf:4:31: error: indexing_cron: hour 25 is outside 0-23\n"
		"    4 | { id = 42; indexing_cron = \"0 25 * * *\"; }\n"
		"      |                               ^~\n"
		"1 error, 1 warning\n");
}

static void as_many_runs_are_shown_as_asked_for_or_five(void **state)
{
	struct text out = {0};
	struct text errors = {0};

	(void)state;
	assert_int_equal(call("* * * * *", 1000, &out, &errors), 0);
	assert_true(strstr(out.bytes, "Sat 2026-03-28 16:40 UTC") != NULL);
	assert_null(strstr(out.bytes, "Sat 2026-03-28 16:41 UTC"));
	text_truncate(&out, 0);
	assert_int_equal(call("* * * * *", 0, &out, &errors), 0);
	assert_true(strstr(out.bytes, "Sat 2026-03-28 00:05 UTC") != NULL);
	assert_null(strstr(out.bytes, "Sat 2026-03-28 00:06 UTC"));
	text_clear(&out);
}

/* What runs within 24 hours, in order; more than is asked for is counted, and what is left out. */
static void runs_of_all_are_merged(void **state)
{
	(void)state;
	write_integrations("{ id = 42; name = \"Finance\"; indexing_cron = \"30 6 * * *\"; },\n"
	                   "{ id = 7; name = \"Growth\"; indexing_cron = \"0 */12 * * *\"; },\n"
	                   "{ id = 50; indexing_cron = \"0 12 * * sat\"; },\n"
	                   "{ id = 51; indexing_cron = \"0 12 * * sun\"; },\n"
	                   "{ id = 52; indexing_cron = false; },\n"
	                   "{ id = 53; indexing_cron = \"0 6 L * *\"; },\n"
	                   "{ id = 54; indexing_cron = \"0 6 * * *\"; paused = true; }");
	assert_output(
		NULL, 10, 0,
		"Sat 2026-03-28 06:30 UTC    Sat 07:30 CET    42  Finance\n"
		"Sat 2026-03-28 12:00 UTC    Sat 13:00 CET    7  Growth\n"
		"Sat 2026-03-28 12:00 UTC    Sat 13:00 CET    50\n"
		"Sun 2026-03-29 00:00 UTC    Sun 01:00 CET    7  Growth\n"
		"left out: 1 paused, 1 without a schedule, 1 whose schedule only the server can "
		"read\n",
		"");
	assert_output(
		NULL, 1, 0,
		"Sat 2026-03-28 06:30 UTC    Sat 07:30 CET    42  Finance\n"
		"and 3 more runs in the coming 24 hours\n"
		"left out: 1 paused, 1 without a schedule, 1 whose schedule only the server can "
		"read\n",
		"");
	write_integrations("{ id = 52; indexing_cron = false; }");
	assert_output(NULL, 10, 0,
	              "nothing runs in the coming 24 hours\n"
	              "left out: 1 without a schedule\n",
	              "");
}

static void assert_document(const char *what, bool week, const char *expected)
{
	char *const words[] = {(char *)(uintptr_t)what, NULL};
	const struct command_line options = {.config_path = "x.conf",
	                                     .arguments = words,
	                                     .runs = week ? 0 : 2,
	                                     .week = week,
	                                     .json = true,
	                                     .now_unix_s = NOW};
	struct text out = {0};
	struct text errors = {0};

	assert_int_equal(command_next(&options, &out, &errors), 0);
	assert_string_equal(out.bytes, expected);
	assert_int_equal(errors.length, 0);
	text_clear(&out);
}

static void a_number_of_runs_and_the_week_exclude_each_other(void **state)
{
	char *const words[1] = {0};
	const struct command_line options = {.arguments = words, .runs = 2, .week = true};
	struct text out = {0};
	struct text errors = {0};

	(void)state;
	assert_int_equal(command_next(&options, &out, &errors), 64);
	assert_int_equal(out.length, 0);
	assert_non_null(strstr(errors.bytes, "-n and --week exclude each other"));
	text_clear(&errors);
}

static void documents_have_the_same(void **state)
{
	(void)state;
	assert_document(
		"0 6 1 * mon", false,
		"{\"version\":1,\"indexing_cron\":\"0 6 1 * mon\",\"schedule\":\"at 06:00, on day "
		"1 of the "
		"month or on Monday\",\"warnings\":[\"restricts both day of month and day of "
		"week: runs when either fits\"],\"runs\":[\n"
		"{\"at\":\"2026-03-30T06:00:00Z\"},\n"
		"{\"at\":\"2026-04-01T06:00:00Z\"}]}\n");
	write_integrations("{ id = 42; name = \"Finance\"; indexing_cron = \"0 6 * * *\"; },\n"
	                   "{ id = 43; indexing_cron = \"30 */6 * * *\"; },\n"
	                   "{ id = 44; indexing_cron = false; }");
	assert_document("42", false,
	                "{\"version\":1,\"id\":42,\"name\":\"Finance\",\"paused\":false,\"file\":"
	                "\"x.conf\",\"line\":4,"
	                "\"indexing_cron\":\"0 6 * * *\",\"schedule\":\"at 06:00, every day\","
	                "\"warnings\":[],\"runs\":[\n"
	                "{\"at\":\"2026-03-28T06:00:00Z\"},\n"
	                "{\"at\":\"2026-03-29T06:00:00Z\"}]}\n");
	assert_document("44", false,
	                "{\"version\":1,\"id\":44,\"name\":null,\"paused\":false,\"file\":\"x."
	                "conf\",\"line\":6,"
	                "\"indexing_cron\":null,\"runs\":[]}\n");
	assert_document(NULL, false,
	                "{\"version\":1,\"paused\":0,\"without_schedule\":1,\"opaque\":0,"
	                "\"until\":\"2026-03-29T00:00:00Z\",\"runs\":[\n"
	                "{\"at\":\"2026-03-28T00:30:00Z\",\"id\":43,\"name\":null},\n"
	                "{\"at\":\"2026-03-28T06:00:00Z\",\"id\":42,\"name\":\"Finance\"}],"
	                "\"more\":3}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_listed),
		cmocka_unit_test(warnings_are_shown),
		cmocka_unit_test(faults_have_a_caret),
		cmocka_unit_test(long_arguments_are_cut),
		cmocka_unit_test(as_many_runs_are_shown_as_asked_for_or_five),
		cmocka_unit_test(id_stands_for_its_schedule),
		cmocka_unit_test(unknown_id_has_its_neighbours),
		cmocka_unit_test(faults_of_the_file_are_reported),
		cmocka_unit_test(runs_of_all_are_merged),
		cmocka_unit_test(a_number_of_runs_and_the_week_exclude_each_other),
		cmocka_unit_test(documents_have_the_same),
	};

	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
