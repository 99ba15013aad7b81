/* SPDX-License-Identifier: MIT */
/* The tree: joining, limits, and the way from a value back to its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "config/specfile_internal.h"
#include "config/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

static char *nested(size_t depth)
{
	struct text text = {0};

	text_add(&text, "a = ");
	for (size_t i = 0; i < depth; i++)
		text_add_char(&text, '(');
	for (size_t i = 0; i < depth; i++)
		text_add_char(&text, ')');
	return text_take(&text);
}

static void depth_has_a_limit(void **state)
{
	struct fixture fixture;
	char *text = nested(TREE_DEPTH_MAX);

	(void)state;
	open_text(&fixture, text);
	assert_int_equal(fixture.faults.count, 0);
	close_text(&fixture);
	free(text);
	text = nested(TREE_DEPTH_MAX + 1);
	open_text(&fixture, text);
	assert_int_equal(fixture.faults.count, 1);
	assert_string_equal(fixture.faults.entries[0].text, "'(' is nested too deep");
	close_text(&fixture);
	free(text);
}

/* the way back */

struct tracing {
	const char *literal;
	size_t offset;
	size_t width;
	int line;
	int column;
	int desired;
};

static const struct tracing tracings[] = {
	{"\"0 25 *\"", 0, 1, 1, 6, 1},
	{"\"0 25 *\"", 2, 2, 1, 8, 2},
	{"\"0 25 *\"", 6, 1, 1, 12, 1}, /* the end: its quote */
	{"\"\\x30 25 *\"", 0, 1, 1, 6, 4},
	{"\"\\x30 25 *\"", 2, 2, 1, 11, 2},
	{"\"\\X30 25 *\"", 2, 2, 1, 11, 2}, /* as libconfig has it */
	{"\"0 \\x41\"", 2, 1, 1, 8, 4},
	{"\"0 \\x41\"", 2, 9, 1, 8, 5},
	{"\"\\t25\"", 1, 2, 1, 8, 2},
	{"\"0 \" \"25\"", 2, 2, 1, 11, 2},
	{"\"0 2\" \"5\"", 2, 2, 1, 8, 5}, /* across both */
	{"\"0 \"\n\"25\"", 2, 2, 2, 2, 2},
	{"\"0 2\"\n\"5\"", 2, 2, 1, 8, 2}, /* to the end of its line */
	{"\"\"", 0, 1, 1, 6, 1},
	{"\"ab\"", 99, 5, 1, 8, 1},
};

static void a_byte_of_a_value_is_found_in_its_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tracings); i++) {
		const struct tracing *tracing = &tracings[i];
		struct fixture fixture;
		struct text text = {0};
		struct fault_place place;

		text_printf(&text, "a = %s;", tracing->literal);
		open_text(&fixture, text.bytes);
		place = tree_string_place(&fixture.tree, 1, tracing->offset, tracing->width);
		assert_int_equal(place.line, tracing->line);
		assert_int_equal(place.column, tracing->column);
		assert_int_equal(place.width, tracing->desired);
		close_text(&fixture);
		text_clear(&text);
	}
}

static void kinds(void **state)
{
	static const struct {
		const char *text;
		const char *kind;
	} cases[] = {
		{"abc = { };", "a group"},    {"abc = ( );", "a list"},
		{"abc = [ ];", "an array"},   {"abc = \"\";", "a string"},
		{"abc = 1;", "an integer"},   {"abc = 1.0;", "a floating-point number"},
		{"abc = true;", "a boolean"}, {"abc = ;", "nothing"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture fixture;

		open_text(&fixture, cases[i].text);
		assert_string_equal(tree_kind_text(fixture.tree.nodes[1].kind), cases[i].kind);
		close_text(&fixture);
	}
}

static void members_are_linked_in_their_order(void **state)
{
	static const char names[] = "abcd";
	struct fixture fixture;
	size_t count = 0;
	uint32_t last;

	(void)state;
	open_text(&fixture, "a = 1; b = { x = 1; y = 2; }; c = 3; d = 4;");
	for (uint32_t i = fixture.tree.nodes[0].first; i != 0; i = fixture.tree.nodes[i].next) {
		assert_in_range(count, 0, strlen(names) - 1);
		assert_int_equal(fixture.tree.nodes[i].name_length, 1);
		assert_int_equal(fixture.source.text[fixture.tree.nodes[i].name], names[count++]);
	}
	assert_int_equal(count, strlen(names));
	last = fixture.tree.nodes[fixture.tree.nodes[0].last].name;
	assert_int_equal(fixture.source.text[last], 'd');
	close_text(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(kinds),
		cmocka_unit_test(members_are_linked_in_their_order),
		cmocka_unit_test(a_byte_of_a_value_is_found_in_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
