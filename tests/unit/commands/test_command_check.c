/* SPDX-License-Identifier: MIT */
/* The command `check`: its table, its document, its exit codes, and that no secret is in either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/character.h"
#include "commands/command.h"

static const char good[] =
	"api = { key = \"canary-key\"; };\n"
	"defaults = { token = \"canary-token\"; password = \"canary-password\"; };\n"
	"integrations = (\n"
	"  { id = 43; name = \"Gr\\u\" \"\"; indexing_cron = false; },\n"
	"  { id = 7; indexing_cron = \"@reboot\"; paused = true; },\n"
	"  { id = 42; name = \"caf\xc3\xa9 \\\"x\\\"\"; indexing_cron = \"0 6 29 2 *\"; workspace "
	"= \"w\"; }\n"
	");\n";

struct run {
	struct text out;
	struct text errors;
	int code;
};

static int enter(void **state)
{
	static char directory[] = "/tmp/dfmode-check-XXXXXX";
	*state = directory;
	return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	(void)unlink("t.conf");
	return rmdir(*state);
}

static int call(const char *path, size_t columns, bool json, struct text *out, struct text *errors)
{
	const struct command_line options = {.config_path = path,
	                                     .state_directory = ".",
	                                     .columns = columns,
	                                     .json = json,
	                                     .now_unix_s = time(NULL)};

	return command_check(&options, out, errors);
}

static void check_in(struct run *run, const char *text, size_t columns, bool json)
{
	int fd = open("t.conf", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	*run = (struct run){0};
	run->code = call("t.conf", columns, json, &run->out, &run->errors);
	text_add(&run->out, "");
	text_add(&run->errors, "");
	assert_null(strstr(run->out.bytes, "canary"));
	assert_null(strstr(run->errors.bytes, "canary"));
}

static void check(struct run *run, const char *text, bool json)
{
	check_in(run, text, 0, json);
}

static void clear(struct run *run)
{
	text_clear(&run->out);
	text_clear(&run->errors);
}

/* The next 29 February after now, at 06:00. */
static void next_leap_day(const char *format, char shown[32])
{
	time_t now = time(NULL);
	struct tm at;

	assert_non_null(gmtime_r(&now, &at));
	for (int year = at.tm_year;; year++) {
		struct tm day = {.tm_year = year, .tm_mon = 1, .tm_mday = 29, .tm_hour = 6};
		time_t run = timegm(&day);
		assert_non_null(gmtime_r(&run, &at));
		if (at.tm_mon == 1 && run > now)
			break;
	}
	if (strcmp(format, "table") == 0)
		assert_true(strftime(shown, 32, "%a %Y-%m-%d %H:%M", &at) > 0);
	else
		assert_true(strftime(shown, 32, "%Y-%m-%dT%H:%M:%SZ", &at) > 0);
}

static void a_good_file_is_a_table(void **state)
{
	struct run run;
	struct text want = {0};
	char shown[32];
	char *text = strdup(good);

	(void)state;
	memcpy(strstr(text, "Gr\\u"), "Grow", 4);
	check(&run, text, false);
	next_leap_day("table", shown);
	text_add(&want, "ID  NAME      SCHEDULE");
	assert_int_equal(run.code, 0);
	assert_memory_equal(run.out.bytes, want.bytes, want.length);
	assert_non_null(strstr(run.out.bytes, "\n7   -         paused: "));
	assert_non_null(strstr(run.out.bytes, "\n42  caf\xc3\xa9 \"x\"  at 06:00"));
	assert_non_null(strstr(run.out.bytes, shown));
	assert_non_null(strstr(run.out.bytes, "\n43  Grow      no schedule"));
	assert_non_null(strstr(run.errors.bytes, "t.conf:5:29: warning: indexing_cron: "));
	text_clear(&want);
	clear(&run);
	free(text);
}

static size_t widest_line(const char *text)
{
	size_t widest = 0;

	for (size_t length; *text != '\0'; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		widest = character_width(text, length) > widest ? character_width(text, length)
		                                                : widest;
	}
	return widest;
}

/* However narrow that is, and then the schedule is still there word for word. */
static void the_table_fits_the_terminal(void **state)
{
	static const char text[] =
		"api = { key = \"k\"; };\ndefaults = { token = \"t\"; password = \"p\"; };\n"
		"integrations = ({ id = 42; name = \"Mode: Finance and Controlling\"; "
		"indexing_cron = \"0 6 1,15 1-3 mon-fri\"; });\n";
	static const char *const words[] = {"06:00,",  "days", "month",   "Monday",
	                                    "Friday,", "only", "January", "March"};

	(void)state;
	for (size_t columns = 20; columns < 130; columns++) {
		struct run run;

		check_in(&run, text, columns, false);
		assert_in_range(widest_line(run.out.bytes), 1, columns);
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			assert_non_null(strstr(run.out.bytes, words[i]));
		clear(&run);
	}
}

static void a_bad_file_is_78_and_no_table(void **state)
{
	struct run run;
	(void)state;
	check(&run, good, false);
	assert_int_equal(run.code, 78);
	assert_string_equal(run.out.bytes, "");
	assert_non_null(strstr(run.errors.bytes, "t.conf:4:24: error: '\\u' is no escape"));
	assert_non_null(strstr(run.errors.bytes, "\n1 error, 1 warning\n"));
	clear(&run);
}

static const char *text_at(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;
	assert_true(json_object_object_get_ex(object, key, &value));
	return json_object_get_string(value);
}

static struct json_object *document_of(const struct run *run)
{
	struct json_object *document = json_tokener_parse(run->out.bytes);
	assert_non_null(document);
	assert_string_equal(run->errors.bytes, "");
	assert_string_equal(text_at(document, "file"), "t.conf");
	return document;
}

static struct json_object *element(struct json_object *document, const char *list, size_t index)
{
	struct json_object *array = NULL;
	assert_true(json_object_object_get_ex(document, list, &array));
	return json_object_array_get_idx(array, index);
}

static void faults_are_in_the_document(void **state)
{
	struct json_object *document;
	struct json_object *fault;
	struct run run;

	(void)state;
	check(&run, good, true);
	assert_int_equal(run.code, 78);
	document = document_of(&run);
	fault = element(document, "faults", 0);
	assert_string_equal(text_at(document, "errors"), "1");
	assert_string_equal(text_at(fault, "level"), "error");
	assert_string_equal(text_at(fault, "file"), "t.conf");
	assert_string_equal(text_at(fault, "line"), "4");
	assert_string_equal(text_at(fault, "column"), "24");
	assert_string_equal(text_at(fault, "width"), "2");
	assert_string_equal(text_at(fault, "text"),
	                    "'\\u' is no escape; a backslash itself is written \\\\");
	assert_null(element(document, "integrations", 0));
	assert_int_equal(json_object_put(document), 1);
	clear(&run);
}

static void integrations_are_in_the_document(void **state)
{
	struct json_object *document;
	struct json_object *second;
	struct json_object *third;
	struct run run;
	char shown[32];
	char *text = strdup(good);

	(void)state;
	memcpy(strstr(text, "Gr\\u"), "Grow", 4);
	check(&run, text, true);
	assert_int_equal(run.code, 0);
	document = document_of(&run);
	second = element(document, "integrations", 1);
	next_leap_day("document", shown);
	assert_string_equal(text_at(second, "id"), "42");
	assert_string_equal(text_at(second, "name"), "caf\xc3\xa9 \"x\"");
	assert_string_equal(text_at(second, "workspace"), "w");
	assert_string_equal(text_at(second, "indexing_cron"), "0 6 29 2 *");
	assert_string_equal(text_at(second, "next_run"), shown);
	assert_string_equal(text_at(second, "paused"), "false");
	assert_string_equal(text_at(second, "line"), "6");
	third = element(document, "integrations", 2);
	assert_null(text_at(third, "indexing_cron"));
	assert_null(text_at(third, "next_run"));
	assert_null(text_at(third, "workspace"));
	assert_string_equal(text_at(third, "schedule"), "no schedule");
	assert_string_equal(text_at(element(document, "integrations", 0), "paused"), "true");
	assert_int_equal(json_object_put(document), 1);
	clear(&run);
	free(text);
}

/* What is paused runs on, but not by us. */
static void what_is_paused_has_no_next_run(void **state)
{
	static const char text[] =
		"api = { key = \"canary-key\"; };\n"
		"defaults = { token = \"canary-token\"; password = \"canary-pass\"; };\n"
		"integrations = ( { id = 1; indexing_cron = \"0 6 * * *\"; paused = true; } );\n";
	struct json_object *document;
	struct run run;

	(void)state;
	check(&run, text, false);
	assert_null(strstr(run.out.bytes, "NEXT RUN"));
	clear(&run);
	check(&run, text, true);
	document = document_of(&run);
	assert_null(text_at(element(document, "integrations", 0), "next_run"));
	assert_int_equal(json_object_put(document), 1);
	clear(&run);
}

/* A warning is in the document as what it is. */
static void warnings_are_in_the_document(void **state)
{
	struct json_object *document;
	struct run run;
	char *text = strdup(good);

	(void)state;
	memcpy(strstr(text, "Gr\\u"), "Grow", 4);
	check(&run, text, true);
	document = document_of(&run);
	assert_string_equal(text_at(document, "errors"), "0");
	assert_string_equal(text_at(document, "warnings"), "1");
	assert_string_equal(text_at(element(document, "faults", 0), "level"), "warning");
	assert_int_equal(json_object_put(document), 1);
	clear(&run);
	free(text);
}

static void a_missing_file_is_78(void **state)
{
	struct text out = {0};
	struct text errors = {0};
	(void)state;
	assert_int_equal(call("none.conf", 0, false, &out, &errors), 78);
	assert_string_equal(errors.bytes, "none.conf: error: the file does not exist\n1 error\n");
	text_clear(&out);
	text_clear(&errors);
}

static void nothing_to_do_is_said(void **state)
{
	struct run run;
	(void)state;
	check(&run, "api = { key = \"k\"; }; integrations = ( ); allow_empty = true;", false);
	assert_int_equal(run.code, 0);
	assert_string_equal(run.out.bytes, "no integrations\n");
	assert_string_equal(run.errors.bytes, "");
	clear(&run);
}

typedef int run_fn(const struct command_line *line, struct text *out, struct text *errors);

/* Without a descriptor to spare nothing is known of the file, whatever the command is. */
static void a_file_that_cannot_be_read_now_is_75(void **state)
{
	static run_fn *const run[] = {command_check, command_import, command_next, command_plan,
	                              command_resync};
	char *const none[1] = {0};
	const struct command_line line = {.config_path = "t.conf",
	                                  .state_directory = ".",
	                                  .runtime_directory = ".",
	                                  .arguments = none};
	struct rlimit before, few;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
	for (size_t i = 0; i < sizeof(run) / sizeof(run[0]); i++) {
		struct text out = {0};
		struct text errors = {0};
		int code;

		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		code = run[i](&line, &out, &errors);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_int_equal(code, EX_TEMPFAIL);
		assert_int_equal(out.length, 0);
		assert_non_null(strstr(errors.bytes, "Too many open files"));
		text_clear(&errors);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_is_a_table),
		cmocka_unit_test(the_table_fits_the_terminal),
		cmocka_unit_test(a_bad_file_is_78_and_no_table),
		cmocka_unit_test(faults_are_in_the_document),
		cmocka_unit_test(integrations_are_in_the_document),
		cmocka_unit_test(what_is_paused_has_no_next_run),
		cmocka_unit_test(warnings_are_in_the_document),
		cmocka_unit_test(a_missing_file_is_78),
		cmocka_unit_test(nothing_to_do_is_said),
		cmocka_unit_test(a_file_that_cannot_be_read_now_is_75),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
