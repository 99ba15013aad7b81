/* SPDX-License-Identifier: MIT */
/* Each syntax error at its own place, in words that say what to write; what stands around it is
 * read on, so that there is just one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "config/specfile_internal.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct fixture {
	struct source source;
	struct tree tree;
	struct faults faults;
};

static void open_text(struct fixture *fixture, const char *text)
{
	*fixture = (struct fixture){0};
	source_from_bytes(&fixture->source, "t.conf", text, strlen(text), &fixture->faults);
	grammar_parse(&fixture->tree, &fixture->source, &fixture->faults);
	tree_merge(&fixture->tree, &fixture->faults);
}

static void close_text(struct fixture *fixture)
{
	tree_clear(&fixture->tree);
	source_clear(&fixture->source);
	faults_clear(&fixture->faults);
}

struct failing {
	const char *text;
	int line, column, width;
	const char *fault; /* the only one */
};

static void assert_fails(const struct failing *wanted)
{
	struct fixture fixture;
	const struct fault_entry *entry;

	open_text(&fixture, wanted->text);
	if (fixture.faults.errors == 0)
		fail_msg("no fault in %s", wanted->text);
	entry = &fixture.faults.entries[0];
	assert_string_equal(entry->text, wanted->fault);
	if (entry->line != wanted->line || entry->column != wanted->column ||
	    entry->width != wanted->width)
		fail_msg("%d:%d+%d in %s", entry->line, entry->column, entry->width, wanted->text);
	if (fixture.faults.errors > 1)
		fail_msg("%s: also %s", wanted->text, fixture.faults.entries[1].text);
	close_text(&fixture);
}

static void assert_all_fail(const struct failing *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_fails(&cases[i]);
}

static void what_stands_in_the_wrong_place(void **state)
{
	static const struct failing cases[] = {
		{"id", 1, 1, 2, "expected '=' after 'id'"},
		{"id 1;", 1, 1, 2, "expected '=' after 'id'"},
		{"id = ;", 1, 6, 1, "expected a value after 'id'"},
		{"id =\nname = \"b\";", 1, 4, 1, "expected a value after 'id'"},
		{"id = name = \"b\";", 1, 6, 4, "expected a value after 'id'"},
		{"id = 1 2;", 1, 8, 1, "expected ';' before a number"},
		{"api = { url = \"b\" = };", 1, 19, 1, "expected ';' or '}' before '='"},
		{"list = ( 1 2 );", 1, 12, 1, "expected ',' or ')' before a number"},
		{"list = [ 1 2 ];", 1, 12, 1, "expected ',' or ']' before a number"},
		{"list = ( 1, , 2 );", 1, 13, 1, "expected a value before ','"},
		{"list = ( id = 1 );", 1, 10, 2,
	         "expected a value before 'id'; each element of a list stands in { }"},
		{"= 1;", 1, 1, 1, "expected a key, found '='"},
		{"{ id = 1; }", 1, 1, 1,
	         "expected a key, found '{'; no braces stand around a file of libconfig"},
		{"integrations = { id = 1; }, { id = 2; };", 1, 29, 1,
	         "expected a key, found '{'; a list of groups stands in ( )"},
		{"id = 1;; name = \"b\";", 1, 8, 1, "unexpected ';'"},
		{"id == 1;", 1, 5, 1, "one '=' stands between a key and its value"},
		{"id := 1;", 1, 5, 1, "one '=' stands between a key and its value"},
		{"id => 1;", 1, 5, 3, "id: '=' stands between a key and its value, not '=>'"},
		{"{\"id\": 1, \"name\": \"b\"}", 1, 1, 1,
	         "expected a key, found '{'; no braces stand around a file of libconfig"},
		{"api = { \"url\": \"a\", \"key\": \"b\" };", 1, 9, 5,
	         "a key stands without quotes: write 'url' without them"},
	};

	(void)state;
	assert_all_fail(cases, COUNT(cases));
}

static void strings_and_numbers(void **state)
{
	static const struct failing cases[] = {
		{"name = \"pa\\$word\";", 1, 11, 2,
	         "'\\$' is no escape; a backslash itself is written \\\\"},
		{"name = \"C:\\keys\";", 1, 11, 2,
	         "'\\k' is no escape; a backslash itself is written \\\\"},
		{"name = \"a\\\xc3\xa4\";", 1, 10, 2,
	         "this is no escape; a backslash itself is written \\\\"},
		{"name = \"x\\x00\";", 1, 8, 7, "a string cannot hold a NUL byte"},
		{"id = 9223372036854775808;", 1, 6, 19,
	         "id: the number is too large for an integer"},
		{"list = ( 9223372036854775808 );", 1, 10, 19,
	         "the number is too large for an integer"},
	};

	(void)state;
	assert_all_fail(cases, COUNT(cases));
}

/* The operator's own text is repeated as it is to be written. */
static void values_without_quotes(void **state)
{
	static const struct failing cases[] = {
		{"url = https://app.datafold.com;", 1, 7, 24,
	         "url: the quotes are missing; write \"https://app.datafold.com\""},
		{"api = { url = https://a.b:8/c; key = \"x\"; };", 1, 15, 15,
	         "url: the quotes are missing; write \"https://a.b:8/c\""},
		{"timeout = 30s;", 1, 11, 3, "timeout: the quotes are missing; write \"30s\""},
		{"timeout = 1.5h", 1, 11, 4, "timeout: the quotes are missing; write \"1.5h\""},
		{"key_file = /etc/key;", 1, 12, 8,
	         "key_file: the quotes are missing; write \"/etc/key\""},
		{"name = Mode: Finance;", 1, 8, 13,
	         "name: the quotes are missing; write \"Mode: Finance\""},
		{"api = { name = Mode }; id = 1;", 1, 16, 4,
	         "name: the quotes are missing; write \"Mode\""},
		{"name = Mode, id = 1;", 1, 8, 4, "name: the quotes are missing; write \"Mode\""},
		{"name = Mode id = 1;", 1, 8, 4, "name: the quotes are missing; write \"Mode\""},
		{"indexing_cron = 0 6 * * 1,3,5;", 1, 17, 13,
	         "indexing_cron: the quotes are missing; write \"0 6 * * 1,3,5\""},
		{"indexing_cron = */5 * * * * # often\n", 1, 17, 11,
	         "indexing_cron: the quotes are missing; write \"*/5 * * * *\""},
		{"indexing_cron = @daily;", 1, 17, 6,
	         "indexing_cron: the quotes are missing; write \"@daily\""},
		{"level = debug;", 1, 9, 5, "level: the quotes are missing; write \"debug\""},
		/* It may be a secret. */
		{"key = abc123;", 1, 7, 6, "key: text stands in double quotes"},
		{"token = 123e4567-e89b-12d3;", 1, 9, 18, "token: text stands in double quotes"},
		{"tokn = abc123;", 1, 8, 6, "tokn: text stands in double quotes"},
		{"owner = abc123;", 1, 9, 6, "text stands in double quotes"},
		{"url = https://u:p@a.b;", 1, 7, 15, "url: text stands in double quotes"},
	};

	(void)state;
	assert_all_fail(cases, COUNT(cases));
}

static void values_of_other_languages(void **state)
{
	static const struct failing cases[] = {
		{"indexing_cron = null;", 1, 17, 4, "indexing_cron: write false for no schedule"},
		{"indexing_cron = None;", 1, 17, 4, "indexing_cron: write false for no schedule"},
		{"name = null;", 1, 8, 4, "name: there is no null; leave the setting out"},
		{"allow_http = yes;", 1, 14, 3, "allow_http: write true"},
		{"allow_http = on", 1, 14, 2, "allow_http: write true"},
		{"paused = Off;", 1, 10, 3, "paused: write false"},
		{"paused = perhaps;", 1, 10, 7, "paused: expected true or false"},
		{"id = 0b101;", 1, 6, 5,
	         "id: binary and octal numbers are not read; write a decimal one"},
		{"id = 0o17;", 1, 6, 4,
	         "id: binary and octal numbers are not read; write a decimal one"},
		{"id = 1_000;", 1, 6, 5, "id: digits are not grouped; write 1000"},
		{"id = 1,000;", 1, 6, 5, "id: digits are not grouped; write 1000"},
		{"id = 123e4567-e89b-12d3-a456-426614174000;", 1, 6, 36,
	         "id: this is a UUID; expected the number of the integration"},
		{"id = forty;", 1, 6, 5, "id: expected an integer"},
		{"key_file = $HOME/key;", 1, 12, 9,
	         "key_file: variables are not expanded; write the value itself"},
		{"token = ${TOKEN};", 1, 9, 8,
	         "token: variables are not expanded; write the value itself"},
		{"key_file = ~/key;", 1, 12, 5,
	         "key_file: '~' is not expanded; write the whole path, in double quotes"},
		{"integrations = none;", 1, 16, 4,
	         "integrations: there is no null; leave the setting out"},
		{"api = on;", 1, 7, 2, "api: expected a group such as api = { url = ...; }"},
		{"integrations = all;", 1, 16, 3,
	         "integrations: expected a list such as ( { id = 42; ... }, ... )"},
	};

	(void)state;
	assert_all_fail(cases, COUNT(cases));
}

static void settings_given_twice(void **state)
{
	static const struct failing cases[] = {
		{"log = 1;\n log = 2;", 2, 2, 3, "log is already set at t.conf:1:1"},
		{"api = { url = \"a\";\n url = \"b\"; };", 2, 2, 3,
	         "api.url is already set at t.conf:1:9"},
		{"list = { api = { url = 1;\n url = 2; }; };", 2, 2, 3,
	         "url is already set at t.conf:1:18"},
		{"list = ( { id = 1;\n id = 2; } );", 2, 2, 2, "id is already set at t.conf:1:12"},
		{"owner = 1;\nowner = 2;", 2, 1, 5, "this key is already set at t.conf:1:1"},
		{"integrations = ( );\nintegrations = ( );", 2, 1, 12,
	         "integrations is already set at t.conf:1:1"},
	};

	(void)state;
	assert_all_fail(cases, COUNT(cases));
}

static void what_libconfig_takes_is_taken(void **state)
{
	static const char *const texts[] = {
		"",
		"a : 1",
		"a = 1 b = 2",
		"a = 1, b = true;",
		"a = TRUE b = \"x\" \"y\"c = 1L;",
		"a = ( ); b = [ ]; c = { };",
		"a = ( 1, \"b\", ( { c = .5; } ), );",
		"a = 0x1F; b = -1; c = 1e3; d = 5.;",
		"a =\n/* b */ 1 // c\n; # d\n",
		"a = 1 /* b */ b = 2;",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct fixture fixture;

		open_text(&fixture, texts[i]);
		if (fixture.faults.errors > 0)
			fail_msg("%s: %s", texts[i], fixture.faults.entries[0].text);
		close_text(&fixture);
	}
}

/* What is not to be used is broken, and what may have lost a part is damaged. */
static void what_is_left_of_faults(void **state)
{
	static const struct {
		const char *text;
		bool is_broken, is_damaged;
	} cases[] = {
		{"name = \"x\";", false, false},
		{"name = \"x\\x00\";", true, false},
		{"name = \"a\\qb\";", true, false},
		{"name = \"good\" \"a\\qb\";", true, false},
		{"name = \"a\\qb\" \"good\";", true, false},
		{"id = 9223372036854775808;", true, false},
		{"name = ;", true, false},
		{"id = 1 2;", false, true},
		{"id = 1; [ 2 ];", false, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture fixture;
		const struct tree_node *nodes;

		open_text(&fixture, cases[i].text);
		nodes = fixture.tree.nodes;
		if ((nodes[1].kind == TREE_BROKEN) != cases[i].is_broken ||
		    nodes[1].left_out != cases[i].is_broken ||
		    nodes[0].damaged != cases[i].is_damaged)
			fail_msg("%s", cases[i].text);
		close_text(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_in_the_wrong_place),
		cmocka_unit_test(strings_and_numbers),
		cmocka_unit_test(values_without_quotes),
		cmocka_unit_test(values_of_other_languages),
		cmocka_unit_test(settings_given_twice),
		cmocka_unit_test(what_is_left_of_faults),
		cmocka_unit_test(what_libconfig_takes_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
