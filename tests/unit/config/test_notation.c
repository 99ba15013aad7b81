/* SPDX-License-Identifier: MIT */
/* A line in another language is reported once, as what it is, and what follows it is read, unless
 * the file as a whole is in that language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/specfile_internal.h"

struct notation_case {
	const char *text;
	int line, column, width;
	const char *fault; /* the only one; NULL: none */
	size_t settings;   /* that are left */
};

static size_t count_settings(const struct tree *tree)
{
	size_t count = 0;

	for (uint32_t i = tree->nodes[0].first; i != 0; i = tree->nodes[i].next)
		count += !tree->nodes[i].left_out;
	return count;
}

static void assert_case(const struct notation_case *one)
{
	struct source source;
	struct tree tree;
	struct faults faults = {0};

	source_from_bytes(&source, "t.conf", one->text, strlen(one->text), &faults);
	grammar_parse(&tree, &source, &faults);
	if (faults.errors != (one->fault != NULL))
		fail_msg("%zu faults in %s", faults.errors, one->text);
	if (one->fault != NULL) {
		assert_string_equal(faults.entries[0].text, one->fault);
		if (faults.entries[0].line != one->line ||
		    faults.entries[0].column != one->column ||
		    faults.entries[0].width != one->width)
			fail_msg("%d:%d+%d in %s", faults.entries[0].line, faults.entries[0].column,
			         faults.entries[0].width, one->text);
	}
	if (count_settings(&tree) != one->settings)
		fail_msg("%zu settings in %s", count_settings(&tree), one->text);
	tree_clear(&tree);
	source_clear(&source);
	faults_clear(&faults);
}

static void files_are_left(void **state)
{
	static const char ini[] =
		"this looks like INI or TOML; a group is written api = { url = \"...\"; }";
	static const char yaml[] =
		"this looks like YAML; a group is written api = { url = \"...\"; }";
	static const struct notation_case cases[] = {
		{"[api]\nurl = x y z\n", 1, 1, 1, ini, 0},
		{"a = 1;\n [[list]]\nid = 1\n", 2, 2, 1, ini, 1},
		{"a = 1; [b]", 1, 8, 1, "expected a key, found '['", 1},
		{"api:\n  url: https\n  [ ]\n", 2, 3, 3, yaml, 0},
		{"api:\n- url: https\n", 2, 1, 1, yaml, 0},
		{"- id: 42\n- id\n", 1, 1, 1, yaml, 0},
		{"api:\n{ url: \"x\" };\n", .settings = 1},
		{"api:\n", 1, 4, 1, "expected a value after 'api'", 0},
		{"api:\nurl:1;\na = 1;\n", 1, 4, 1, "expected a value after 'api'", 2},
		{"api:;\na = 1;\n", 1, 5, 1, "expected a value after 'api'", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_case(&cases[i]);
}

/* Nothing is missing in what was not read. */
static void what_was_left_is_damaged(void **state)
{
	static const struct {
		const char *text;
		bool damaged;
	} cases[] = {{"[api]\n", true}, {"- id: 42\n", true}, {"a = 1;\n", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct source source;
		struct tree tree;
		struct faults faults = {0};

		source_from_bytes(&source, "t.conf", cases[i].text, strlen(cases[i].text), &faults);
		grammar_parse(&tree, &source, &faults);
		assert_int_equal(tree.nodes[0].damaged, cases[i].damaged);
		tree_clear(&tree);
		source_clear(&source);
		faults_clear(&faults);
	}
}

static void comments_are_passed_over(void **state)
{
	static const char fault[] = "a comment begins with '#'";
	static const struct notation_case cases[] = {
		{"; one two\na = 1;\n", 1, 1, 1, fault, 1},
		{"a = 1;\n  ; id = 5\nb = 1;\n", 2, 3, 1, fault, 2},
		{"a = 1; -- one\nb = 2;\n", 1, 8, 1, fault, 2},
		{"% one = 1\nb = 2;\n", 1, 1, 1, fault, 1},
		{"<!-- one -->\nb = 2;\n", 1, 1, 2, fault, 1},
		{"' one\nb = 2;\n", 1, 1, 1, fault, 1},
		{"a = { -- one }\n; b = 2;\n", 1, 7, 1, fault, 2},
		{"a = 1;;\nb = 2;\n", 1, 7, 1, "unexpected ';'", 2},
		{"a = 1;\n;\nb = 2;\n", 2, 1, 1, "unexpected ';'", 2},
		{"a = 1;; c = 3;\nb = 2;\n", 1, 7, 1, "unexpected ';'", 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_case(&cases[i]);
}

static void settings_are_passed_over(void **state)
{
	static const struct notation_case cases[] = {
		{"log.level = \"x\"; a = 1;", 1, 1, 9,
	         "a key has no dots; write log = { level = ...; }", 1},
		{"a.b = { c = 1; }; a = 1;", 1, 1, 3, "a key has no dots", 1},
		{"g = { api.url = 1; a = 1; };", 1, 7, 7, "a key has no dots; write url alone", 1},
		{"indexing cron = \"x\"; a = 1;", 1, 1, 8,
	         "a key has no blanks; write indexing_cron", 1},
		{"indexing cron \"x\"; a = 1;", 1, 1, 8, "a key has no blanks; write indexing_cron",
	         1},
		{"include \"x\"\na = 1;", 1, 1, 7, "an include is written @include \"FILE\"", 1},
		{"let url = \"x\"; a = 1;", 1, 1, 3, "expected '=' after this word", 2},
		{"another \"x\"; a = 1;", 1, 1, 7, "expected '=' after this word", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_case(&cases[i]);
}

static void braces_have_a_remedy(void **state)
{
	static const struct notation_case cases[] = {
		{"{ a = 1; }", 1, 1, 1,
	         "expected a key, found '{'; no braces stand around a file of libconfig", 0},
		{"a = { b = 1; }, { b = 2; }", 1, 17, 1,
	         "expected a key, found '{'; a list of groups stands in ( )", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_case(&cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_left),
		cmocka_unit_test(what_was_left_is_damaged),
		cmocka_unit_test(comments_are_passed_over),
		cmocka_unit_test(settings_are_passed_over),
		cmocka_unit_test(braces_have_a_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
