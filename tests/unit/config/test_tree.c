/* SPDX-License-Identifier: MIT */
/* The tree: what it reads is what libconfig reads of what it writes, to the byte; joining; the
 * way from a value back to its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "config/grammar.h"
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
	tree_merge(&fixture->tree, "list", &fixture->faults);
}

static void close_text(struct fixture *fixture)
{
	tree_clear(&fixture->tree);
	source_clear(&fixture->source);
	faults_clear(&fixture->faults);
}

/* writing */

struct writing {
	const char *text;
	const char *written; /* newlines, which stand before each node, shown as '|' */
};

static const struct writing writings[] = {
	{"", "|"},
	{"a = 1;", "|a=1|"},
	{"a : 1", "|a=1|"},
	{"a = 1 b = 2", "|a=1;|b=2|"},
	{"a = 1, b = true;", "|a=1;|b=true|"},
	{"a = 0x10;", "|a=16|"},
	{"a = -5;", "|a=-5|"},
	{"a = 010;", "|a=10|"},
	{"a = 2147483647;", "|a=2147483647|"},
	{"a = 2147483648;", "|a=2147483648L|"},
	{"a = -2147483648;", "|a=-2147483648|"},
	{"a = -2147483649;", "|a=-2147483649L|"},
	{"a = 9223372036854775807;", "|a=9223372036854775807L|"},
	{"a = 5L;", "|a=5|"},
	{"a = 1.5e3;", "|a=1.5e3|"},
	{"a = \"x\" /* and */ \"y\";", "|a=\"x\"\"y\"|"},
	{"a = \"x\ny\";", "|a=\"x\\ny\"|"},
	{"a = \"\\\"\\x41\";", "|a=\"\\\"\\x41\"|"},
	{"a = { b = { }; };", "|a={|b={}}|"},
	{"a = ( 1, \"x\", { c = 2; }, ( ) );", "|a=(|1,|\"x\",|{|c=2},|())|"},
	{"a = ( 1, 2, );", "|a=(|1,|2)|"},
	{"a = [ 1, 5000000000 ];", "|a=[]|"},
	/* What is wrong is left out, what is around it is not. */
	{"a = ; b = 2;", "|b=2|"},
	{"a = 1; a = 2; b = 3;", "|a=1;|b=3|"},
	{"a = 99999999999999999999; b = 2;", "|b=2|"},
	{"a = { b = ; c = 3; };", "|a={|c=3}|"},
	{"a = ( , 1 ; 2 );", "|a=(|1,|2)|"},
};

static void what_is_read_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(writings); i++) {
		struct fixture fixture;
		struct text out = {0};
		config_t config;
		open_text(&fixture, writings[i].text);
		tree_write(&fixture.tree, 0, &out);
		config_init(&config);
		if (config_read_string(&config, out.bytes) != CONFIG_TRUE)
			fail_msg("libconfig refuses '%s'", out.bytes);
		for (char *newline = out.bytes; (newline = strchr(newline, '\n'));)
			*newline = '|';
		assert_string_equal(out.bytes, writings[i].written);
		config_destroy(&config);
		text_clear(&out);
		close_text(&fixture);
	}
}

static void a_line_is_a_node(void **state)
{
	struct fixture fixture;
	struct text out = {0};
	size_t line = 1;
	(void)state;
	open_text(&fixture,
	          "a = { b = 1; x = ; c = ( 2, [ 3 ], { d = 4; } ); };\ne = 5; e = 6; f = 7;");
	tree_write(&fixture.tree, 0, &out);
	for (const char *at = out.bytes; *at; at++) {
		if (*at != '\n' || at[1] == '\0')
			continue;
		uint32_t node = tree_nth(&fixture.tree, ++line);
		const struct tree_node *found = &fixture.tree.nodes[node];
		assert_true(node > 0);
		assert_memory_equal(
			at + 1,
			fixture.source.text + (found->name_length ? found->name : found->value), 1);
	}
	assert_int_equal(line, 10);
	assert_int_equal(tree_nth(&fixture.tree, 0), 0);
	assert_int_equal(tree_nth(&fixture.tree, 11), 0);
	assert_int_equal(tree_nth(&fixture.tree, SIZE_MAX), 0);
	text_clear(&out);
	close_text(&fixture);
}

/* The list apart, and then its elements in parts: nothing is lost, and each line is a node. */
static void a_list_is_written_in_parts(void **state)
{
	static const char *const parts[] = {"part=(|1,|{|b=2})|", "part=(|[],|\"x\")|",
	                                    "part=(|5)|"};
	struct fixture fixture;
	struct text out = {0};
	(void)state;
	open_text(&fixture,
	          "a = 1; list = ( 1, { b = 2; }, 99999999999999999999, [ 3 ], \"x\", 5 );");
	uint32_t list = fixture.tree.nodes[fixture.tree.nodes[0].first].next;
	tree_write(&fixture.tree, list, &out);
	assert_string_equal(out.bytes, "\na=1;\nlist=()\n");
	uint32_t from = fixture.tree.nodes[list].first;
	for (size_t i = 0; i < COUNT(parts); i++) {
		size_t line = 1;
		text_clear(&out);
		uint32_t end = tree_write_part(&fixture.tree, from, 2, &out);
		for (char *newline = out.bytes; (newline = strchr(newline, '\n')); *newline = '|') {
			if (newline[1] == '\0')
				continue;
			const struct tree_node *found =
				&fixture.tree.nodes[tree_part_nth(&fixture.tree, from, ++line)];
			assert_memory_equal(newline + 1,
			                    fixture.source.text + (found->name_length
			                                                   ? found->name
			                                                   : found->value),
			                    1);
		}
		assert_string_equal(out.bytes, parts[i]);
		assert_int_equal(tree_part_nth(&fixture.tree, from, 1), from);
		assert_int_equal(tree_part_nth(&fixture.tree, from, SIZE_MAX), 0);
		from = end;
	}
	assert_int_equal(from, 0);
	text_clear(&out);
	close_text(&fixture);
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
	(void)state;
	char *text = nested(TREE_DEPTH_MAX);
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

static void members_have_a_limit(void **state)
{
	struct fixture fixture;
	struct text text = {0};
	(void)state;
	for (int i = 0; i < TREE_MEMBERS_MAX; i++)
		text_printf(&text, "a%d = 1;\n", i);
	open_text(&fixture, text.bytes);
	assert_int_equal(fixture.faults.count, 0);
	close_text(&fixture);
	text_add(&text, "b = 1; c = 2;");
	open_text(&fixture, text.bytes);
	assert_int_equal(fixture.faults.count, 1);
	assert_string_equal(fixture.faults.entries[0].text, "more than 100 settings in one group");
	close_text(&fixture);
	text_clear(&text);
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
		text_printf(&text, "a = %s;", tracing->literal);
		open_text(&fixture, text.bytes);
		struct fault_place place =
			tree_string_place(&fixture.tree, 1, tracing->offset, tracing->width);
		assert_int_equal(place.line, tracing->line);
		assert_int_equal(place.column, tracing->column);
		assert_int_equal(place.width, tracing->desired);
		close_text(&fixture);
		text_clear(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written),
		cmocka_unit_test(a_line_is_a_node),
		cmocka_unit_test(a_list_is_written_in_parts),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(members_have_a_limit),
		cmocka_unit_test(a_byte_of_a_value_is_found_in_its_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
