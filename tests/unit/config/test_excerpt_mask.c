/* SPDX-License-Identifier: MIT */
/* What is shown of the lines that faults are about. The secrets here are in words of the alphabet
 * "s3cr3t"; all that is known to be no secret stays, so that the operator sees what is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/specfile_internal.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Give each line of a text a fault, and compare what these show. */
static void assert_shown(const char *text, const char *expected)
{
	struct faults faults = {0};
	struct source source = {0};
	struct text shown = {0};
	char *found;

	source_from_bytes(&source, "t.conf", text, strlen(text), &faults);
	faults_clear(&faults);
	for (size_t i = 0; i < source.line_count; i++) {
		struct fault_place place = source_place(&source, source.lines[i].start, 1);

		faults_add(&faults, FAULT_ERROR, place, "fault");
	}
	excerpt_mask_faults(&faults, &source);
	for (size_t i = 0; i < faults.count; i++)
		text_printf(&shown, "%s\n", faults.entries[i].source);
	found = text_take(&shown);
	assert_string_equal(found, expected);
	free(found);
	faults_clear(&faults);
	source_clear(&source);
}

struct shown_case {
	const char *line;
	const char *shown;
};

static void assert_lines(const struct shown_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text expected = {0};

		text_printf(&expected, "%s\n", cases[i].shown);
		assert_shown(cases[i].line, expected.bytes);
		text_clear(&expected);
	}
}

static void values_of_keys_that_hold_no_secret(void **state)
{
	static const struct shown_case cases[] = {
		{"id = 42;", "id = 42;"},
		{"  indexing_cron = \"0 25 * * mon-fri\";",
	         "  indexing_cron = \"0 25 * * mon-fri\";"},
		{"paused = true, id = 1", "paused = true, id = 1"},
		{"{ id = 1; name = \"Mode: Finance\"; }", "{ id = 1; name = \"Mode: Finance\"; }"},
		{"\"id\": 42, \"name\": \"Mode\"", "\"id\": 42, \"name\": \"Mode\""},
		{"key_file = \"/etc/key\";", "key_file = \"/etc/key\";"},
		{"url = https://app.datafold.com;", "url = https://app.datafold.com;"},
		{"workspce = \"s3cr3t\";", "workspce = \"......\";"},
		{"workspace =", "workspace ="},
		{"workspace", "workspace"},
	};

	(void)state;
	assert_lines(cases, COUNT(cases));
}

static void everything_else_is_covered(void **state)
{
	static const struct shown_case cases[] = {
		{"key = \"s3cr3t\";", "key = \"......\";"},
		{"token: 's3cr3t';", "token: ........."},
		{"{ token = \"s3 cr3t\"; id = 7; }", "{ token = \".. ....\"; id = 7; }"},
		{"unheard = \"s3cr3t\";", "....... = \"......\";"},
		{"s3cr3t", "......"},
		{"123456", "......"},
		{"\"s3cr3t\"", "\"......\""},
		{"\"s3cr3t", "\"......"},
		{"id = 1; # s3cr3t", "id = 1; . ......"},
		{"id = 1; // s3cr3t", "id = 1; .. ......"},
		{"id = 1; /* s3cr3t */", "id = 1; .. ...... .."},
		{"/* s3cr3t", "/* ......"},
		{"id = 1; 's3cr3t'", "id = 1; ........"},
	};

	(void)state;
	assert_lines(cases, COUNT(cases));
}

/* The credentials in a URL, also where its scheme is spoilt. */
static void userinfo_of_a_url_is_covered(void **state)
{
	static const struct shown_case cases[] = {
		{"proxy = \"http://user:s3cr3t@proxy:3128\";",
	         "proxy = \"http://...........@proxy:3128\";"},
		{"proxy = \"user:s3cr3t@proxy\";", "proxy = \"...........@proxy\";"},
		{"url = \"https://h:8443/x\";", "url = \"https://h:8443/x\";"},
		{"name = \"a@b\";", "name = \"a@b\";"},
		{"name = \"http://a:s3cr3t@b\";", "name = \"http://........@b\";"},
	};

	(void)state;
	assert_lines(cases, COUNT(cases));
}

/* A lost quote or separator lets what follows into a value. */
static void lines_in_disorder(void **state)
{
	static const struct shown_case cases[] = {
		{"name = \"Mode; token = \"s3cr3t\";", "name = \"Mode; token = \"......\";"},
		{"name = Mode\"; token = \"s3cr3t\";", "name = Mode\"; token = \"......\";"},
		{"id = 1 token = \"s3cr3t\";", "id = 1 token = \"......\";"},
		{"name = \"a\"s3cr3t\";", "name = \"a\"......\"."},
		{"id = 1 s3cr3t; ( s3cr3t )", "id = 1 ....... ( ...... )"},
		{"id = 1; @ s3cr3t", "id = 1; @ ......"},
	};

	(void)state;
	assert_lines(cases, COUNT(cases));
}

static void includes_show_their_path(void **state)
{
	static const struct shown_case cases[] = {
		{"@include \"sub/more.conf\"", "@include \"sub/more.conf\""},
		{"@include sub/more.conf", "@include sub/more.conf"},
		{"@include \"more.conf", "@include \"more.conf"},
		{"@includes s3cr3t", "@includes ......"},
	};

	(void)state;
	assert_lines(cases, COUNT(cases));
}

/* What cannot be seen is the reason of a fault. */
static void invisible_characters_stay_covered(void **state)
{
	static const struct shown_case cases[] = {
		{"name = \"a\xc2\xa0"
	         "b\";",
	         "name = \"a..b\";"},
		{"name = \"a\xc3\xa4\";", "name = \"a\xc3\xa4\";"},
	};

	(void)state;
	assert_lines(cases, COUNT(cases));
}

static void lines_within_something_are_covered(void **state)
{
	(void)state;
	assert_shown("id = 1; /* a\nid = 2;\n*/ id = 3;\n", "id = 1; /* .\n.. . ..\n.. .. . ..\n");
	assert_shown("name = \"one\ntwo = 2;\nthree\"; id = 3;\nid = 4;\n",
	             "name = \"one\n... . ..\n....... .. . ..\nid = 4;\n");
	assert_shown("# /*\nid = 2;\n", ". ..\nid = 2;\n");
	assert_shown("// /*\nid = 2;\n", ".. ..\nid = 2;\n");
	assert_shown("/* a */\nid = 2;\n", ".. . ..\nid = 2;\n");
	assert_shown("id = 1; /* a\n# */ id = 2;\nid = 3;\n",
	             "id = 1; /* .\n. .. .. . ..\nid = 3;\n");
}

/* A line is known by its file and its number. */
static void another_files_comment_covers_nothing(void **state)
{
	struct config_fixture fixture;
	struct fault_place place = {.line = 2, .source = "id = 1;"};

	(void)state;
	config_fixture_put("main.conf", "@include \"b.conf\"\nid = 1;\n", 0600);
	config_fixture_put("b.conf", "/* a\nid = 1; */\n", 0600);
	config_fixture_load(&fixture, "main.conf");
	assert_int_equal(fixture.faults.errors, 0);
	place.file = "b.conf";
	faults_add(&fixture.faults, FAULT_ERROR, place, "fault");
	place.file = "main.conf";
	faults_add(&fixture.faults, FAULT_ERROR, place, "fault");
	excerpt_mask_faults(&fixture.faults, &fixture.source);
	assert_string_equal(fixture.faults.entries[0].source, ".. . .. ..");
	assert_string_equal(fixture.faults.entries[1].source, "id = 1;");
	config_fixture_close(&fixture);
}

/* A line that was repaired is shown as it stands in the file, if that is allowed. */
static void the_line_is_the_files_own(void **state)
{
	(void)state;
	assert_shown("name = 'Mode'; id = 1;\n", "name = 'Mode'; id = 1;\n");
	assert_shown("token = 's3cr3t'; id = 1;\n", "token = ......... id = 1;\n");
}

static void a_fault_without_a_line_is_left_alone(void **state)
{
	struct faults faults = {0};
	struct source source = {0};

	(void)state;
	source_from_bytes(&source, "t.conf", "id = 1;\n", 8, &faults);
	faults_add(&faults, FAULT_ERROR, (struct fault_place){.file = "t.conf"}, "fault");
	faults_add(&faults, FAULT_ERROR, (struct fault_place){0}, "fault");
	faults_add(&faults, FAULT_ERROR,
	           (struct fault_place){
			   .file = "other.conf", .line = 1, .source = "key = \"s3cr3t\"; id = 2;"},
	           "fault");
	excerpt_mask_faults(&faults, &source);
	assert_null(faults.entries[0].source);
	assert_null(faults.entries[1].source);
	assert_null(faults.entries[2].source);
	faults_clear(&faults);
	source_clear(&source);
}

/* So that a line of megabytes costs no more than another; what is kept of it is short. */
static void too_far_right_is_not_shown(void **state)
{
	struct text text = {0};
	struct faults faults = {0};
	struct source source = {0};

	(void)state;
	text_printf(&text, "%*s; id = 2;\n", 1000000, "");
	source_from_bytes(&source, "t.conf", text.bytes, text.length, &faults);
	for (size_t column = 4096; column <= 4097; column++) {
		struct fault_place place = source_place(&source, column - 1, 1);

		faults_add(&faults, FAULT_ERROR, place, "fault");
	}
	excerpt_mask_faults(&faults, &source);
	assert_in_range(strlen(faults.entries[0].source), 1, 166);
	assert_null(faults.entries[1].source);
	faults_clear(&faults);
	source_clear(&source);
	text_clear(&text);
}

/* A line of nothing but broken bytes, longer than what is shown of it, is shown all the same. */
static void broken_lines_are_shown_clean(void **state)
{
	char line[512];
	struct faults faults = {0};
	struct source source = {0};

	(void)state;
	memset(line, '\xa0', sizeof(line));
	memcpy(line + 300, "=\xff=\xff=", 5);
	source_from_bytes(&source, "t.conf", line, sizeof(line), &faults);
	assert_int_not_equal(faults.errors, 0);
	assert_int_equal(faults.count, 4);
	excerpt_mask_faults(&faults, &source);
	for (size_t i = 0; i < faults.count; i++) {
		const char *shown = faults.entries[i].source;

		assert_int_equal(text_utf8_error(shown, strlen(shown)), strlen(shown));
		assert_in_range(strlen(shown), 80, 166);
	}
	source_clear(&source);
	faults_clear(&faults);
}

/* Whatever the fault took for its line. */
static void the_line_ends_where_it_ends(void **state)
{
	struct fault_place place = {.file = "t.conf", .line = 2, .source = "id = 1; key = s3cr3t"};
	struct faults faults = {0};
	struct source source = {0};

	(void)state;
	source_from_bytes(&source, "t.conf", "id = 2;\nid = 3;\r\n1", 18, &faults);
	faults_add(&faults, FAULT_ERROR, place, "fault");
	place.line = 3;
	faults_add(&faults, FAULT_ERROR, place, "fault");
	excerpt_mask_faults(&faults, &source);
	assert_string_equal(faults.entries[0].source, "id = 3;");
	assert_string_equal(faults.entries[1].source, ".");
	faults_clear(&faults);
	source_clear(&source);
}

/* Lines without words were gone through anew for each of them: minutes, for these. */
static void long_gaps_cost_their_length(void **state)
{
	struct text text = {0};
	struct faults faults = {0};
	struct source source = {0};
	struct fault_place place;
	clock_t start;

	(void)state;
	for (int i = 0; i < 100000; i++)
		text_add(&text, i % 2 == 0 ? "# a comment\n" : "/* and\nanother */\n");
	text_add(&text, "url = 1;\n");
	source_from_bytes(&source, "t.conf", text.bytes, text.length, &faults);
	place = source_place(&source, text.length - 9, 1);
	faults_add(&faults, FAULT_ERROR, place, "fault");
	start = clock();
	excerpt_mask_faults(&faults, &source);
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
	assert_string_equal(faults.entries[0].source, "url = 1;");
	faults_clear(&faults);
	source_clear(&source);
	text_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_keys_that_hold_no_secret),
		cmocka_unit_test(everything_else_is_covered),
		cmocka_unit_test(userinfo_of_a_url_is_covered),
		cmocka_unit_test(lines_in_disorder),
		cmocka_unit_test(includes_show_their_path),
		cmocka_unit_test(invisible_characters_stay_covered),
		cmocka_unit_test(lines_within_something_are_covered),
		cmocka_unit_test(long_gaps_cost_their_length),
		cmocka_unit_test(too_far_right_is_not_shown),
		cmocka_unit_test(the_line_ends_where_it_ends),
		cmocka_unit_test(broken_lines_are_shown_clean),
		cmocka_unit_test_setup_teardown(another_files_comment_covers_nothing, scratch_open,
	                                        scratch_close),
		cmocka_unit_test(the_line_is_the_files_own),
		cmocka_unit_test(a_fault_without_a_line_is_left_alone),
	};

	return cmocka_run_group_tests_name("excerpt_mask", tests, NULL, NULL);
}
