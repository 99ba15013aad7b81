/* SPDX-License-Identifier: MIT */
/* What several files say of one group is one group; what is said twice otherwise is a fault at its
 * second place, which names the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The members of a node that count, each with its members in brackets. */
static void list_members(const struct tree *tree, uint32_t node, struct text *out)
{
	for (uint32_t i = tree->nodes[node].first; i != 0; i = tree->nodes[i].next) {
		const struct tree_node *member = &tree->nodes[i];

		if (member->left_out)
			continue;
		text_printf(out, "%.*s", (int)member->name_length,
		            tree->source->text + member->name);
		if (member->kind == TREE_INTEGER)
			text_printf(out, "=%.*s", (int)member->value_length,
			            tree->source->text + member->value);
		if (member->damaged)
			text_add_char(out, '!');
		if (member->kind == TREE_GROUP || member->kind == TREE_LIST) {
			text_add_char(out, '(');
			list_members(tree, i, out);
			text_add_char(out, ')');
		}
		text_add_char(out, ' ');
	}
}

static void assert_members(const struct config_fixture *fixture, const char *expected)
{
	struct text members = {0};
	char *found;

	list_members(&fixture->tree, 0, &members);
	found = text_take(&members);
	assert_string_equal(found, expected);
	free(found);
}

/* "main.conf" and one drop-in. */
struct merge_case {
	const char *first, *second;
	const char *members;
	const char *faults; /* of whichever file; "": none */
};

static void groups_of_several_files_are_joined(void **state)
{
	static const struct merge_case cases[] = {
		{"api = { url = 1; };", "api = { key = 2; };", "api(url=1 key=2 ) ", ""},
		{"api = { url = 1; };", "log = { };", "api(url=1 ) log() ", ""},
		{"api = { };", "api = { key = 2; };", "api(key=2 ) ", ""},
		{"api = { url = 1; };", "api = { };", "api(url=1 ) ", ""},
		{"integrations = ( 1 );", "integrations = ( 2, 3 );", "integrations(=1 =2 =3 ) ",
	         ""},
		{"integrations = ( );", "integrations = ( 2 );", "integrations(=2 ) ", ""},
		{"api = { url = 1; };", "api = { url = 2; };", "api(url=1 ) ",
	         "1:9+3 error: api.url is already set at main.conf:1:9\n"},
		{"api = 1;", "api = { };", "api=1 ",
	         "1:1+3 error: api is already set at main.conf:1:1\n"},
		{"allow_empty = 1;", "allow_empty = 2;", "allow_empty=1 ",
	         "1:1+11 error: allow_empty is already set at main.conf:1:1\n"},
		{"name = ( 1 );", "name = ( 2 );", "name(=1 ) ",
	         "1:1+4 error: name is already set at main.conf:1:1\n"},
		{"api = { url = { a = 1; }; };", "api = { url = { b = 2; }; };", "api(url(a=1 ) ) ",
	         "1:9+3 error: api.url is already set at main.conf:1:9\n"},
	};

	(void)state;
	assert_int_equal(mkdir("main.conf.d", 0700), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_fixture fixture;

		config_fixture_put("main.conf", cases[i].first, 0600);
		config_fixture_put("main.conf.d/a.conf", cases[i].second, 0600);
		config_fixture_load(&fixture, "main.conf");
		assert_members(&fixture, cases[i].members);
		config_fixture_assert_faults(&fixture.faults, cases[i].faults);
		config_fixture_close(&fixture);
	}
}

/* What a part of it may have lost the whole may have lost. */
static void a_damaged_part_damages_the_whole(void **state)
{
	static const struct merge_case cases[] = {
		{"api = { id = 1 2; };", "api = { key = 2; };", "api!(id=1 key=2 ) ", ""},
		{"api = { url = 1; };", "api = { id = 2 3; };", "api!(url=1 id=2 ) ", ""},
	};

	(void)state;
	assert_int_equal(mkdir("main.conf.d", 0700), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_fixture fixture;

		config_fixture_put("main.conf", cases[i].first, 0600);
		config_fixture_put("main.conf.d/a.conf", cases[i].second, 0600);
		config_fixture_load(&fixture, "main.conf");
		assert_int_equal(fixture.faults.errors, 1);
		assert_members(&fixture, cases[i].members);
		config_fixture_close(&fixture);
	}
}

static void what_one_file_says_twice(void **state)
{
	static const struct {
		const char *text;
		const char *members;
		const char *faults;
	} cases[] = {
		{"api = { }; api = { };", "api() ",
	         "1:12+3 error: api is already set at t.conf:1:1\n"},
		{"integrations = ( ); integrations = ( );", "integrations() ",
	         "1:21+12 error: integrations is already set at t.conf:1:1\n"},
		{"list = ( { id = 1; id = 2; } );", "list((id=1 ) ) ",
	         "1:20+2 error: id is already set at t.conf:1:12\n"},
		{"api = { id = 1; id = 2; id = 3; };", "api(id=1 ) ",
	         "1:17+2 error: api.id is already set at t.conf:1:9\n"
	         "1:25+2 error: api.id is already set at t.conf:1:9\n"},
		/* What is broken is there, and is reported already. */
		{"id = ; id = 2;", "",
	         "1:6+1 error: expected a value after 'id'\n"
	         "1:8+2 error: id is already set at t.conf:1:1\n"},
		/* What may be a secret is not shown. */
		{"s3cr3tt0ken = 1; s3cr3tt0ken = 2;", "s3cr3tt0ken=1 ",
	         "1:18+11 error: this key is already set at t.conf:1:1\n"},
		{"s3cr3tt0ken = { id = 1; id = 2; };", "s3cr3tt0ken(id=1 ) ",
	         "1:25+2 error: id is already set at t.conf:1:17\n"},
		/* Of one beginning is not of one name. */
		{"id = 1; ids = 2; i = 3;", "id=1 ids=2 i=3 ", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_fixture fixture;

		config_fixture_open(&fixture, cases[i].text);
		assert_members(&fixture, cases[i].members);
		config_fixture_assert_faults(&fixture.faults, cases[i].faults);
		config_fixture_close(&fixture);
	}
}

/* libconfig's cost is the square of a group's settings: beyond the most the rest is left out. */
static void a_group_has_a_most(void **state)
{
	struct config_fixture fixture;
	struct text text = {0};

	(void)state;
	text_add(&text, "api = {");
	for (int i = 0; i < TREE_MEMBERS_MAX; i++)
		text_printf(&text, " a%d = 1;", i);
	text_add(&text, " };");
	config_fixture_open(&fixture, text.bytes);
	assert_int_equal(fixture.faults.errors, 0);
	config_fixture_close(&fixture);
	text_truncate(&text, text.length - strlen(" };"));
	text_add(&text, "\nb = 1; c = 2; };");
	config_fixture_open(&fixture, text.bytes);
	config_fixture_assert_faults(&fixture.faults,
	                             "2:1+1 error: more than 100 settings in one group\n");
	assert_int_equal(config_setting_length(config_fixture_find(&fixture, "api")),
	                 TREE_MEMBERS_MAX);
	config_fixture_close(&fixture);
	text_clear(&text);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(groups_of_several_files_are_joined),
		IN_DIRECTORY(a_damaged_part_damages_the_whole),
		cmocka_unit_test(what_one_file_says_twice),
		cmocka_unit_test(a_group_has_a_most),
	};

	return cmocka_run_group_tests_name("tree_merge", tests, NULL, NULL);
}
