/* SPDX-License-Identifier: MIT */
/* The words of a text, the faults at their places, and where reading goes on behind one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/parser.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct parsed {
	struct source source;
	struct tree tree;
	struct faults faults;
	struct parser parser;
};

/* The first word is next. */
static void open_text(struct parsed *parsed, const char *text)
{
	*parsed = (struct parsed){0};
	source_from_bytes(&parsed->source, "t.conf", text, strlen(text), &parsed->faults);
	tree_init(&parsed->tree, &parsed->source);
	parsed->parser = (struct parser){
		.tree = &parsed->tree,
		.source = &parsed->source,
		.faults = &parsed->faults,
	};
	lexer_init(&parsed->parser.lexer, parsed->source.text, parsed->source.length);
	parser_advance(&parsed->parser);
}

/* At the first word of a text within brackets that are to be closed, without a tree. */
static struct parser begin(const char *text, const char *awaited, struct faults *faults)
{
	struct parser parser = {.faults = faults, .depth = (int)strlen(awaited)};

	memcpy(parser.awaited, awaited, strlen(awaited));
	lexer_init(&parser.lexer, text, strlen(text));
	parser_advance(&parser);
	return parser;
}

static void close_text(struct parsed *parsed)
{
	tree_clear(&parsed->tree);
	source_clear(&parsed->source);
	faults_clear(&parsed->faults);
}

static void assert_next(const struct parser *parser, const char *word)
{
	char *next = parser_at_end(parser)
	                     ? mem_dup("END")
	                     : mem_dup_bytes(parser->token.start, parser->token.length);

	assert_string_equal(next, word);
	free(next);
}

static void words_are_taken_one_by_one(void **state)
{
	struct parsed parsed;

	(void)state;
	open_text(&parsed, "id = ( 1 ); # x\n");
	assert_next(&parsed.parser, "id");
	assert_false(parser_is(&parsed.parser, "i"));
	parser_advance(&parsed.parser);
	assert_true(parser_is(&parsed.parser, "="));
	assert_false(parser_is(&parsed.parser, ":"));
	assert_true(parser_is(&parsed.parser, ":="));
	assert_false(parser_is(&parsed.parser, ":"));
	assert_int_equal(parsed.parser.previous.kind, LEXER_NAME);
	for (int i = 0; i < 4; i++)
		parser_advance(&parsed.parser);
	assert_next(&parsed.parser, ";");
	assert_false(parser_at_end(&parsed.parser));
	parser_advance(&parsed.parser);
	assert_true(parser_at_end(&parsed.parser));
	assert_false(parser_is(&parsed.parser, ";"));
	parser_advance(&parsed.parser);
	assert_true(parser_at_end(&parsed.parser));
	close_text(&parsed);
}

/* Its separator ends what a value is read for. */
static void a_key_is_forgotten_behind_its_setting(void **state)
{
	static const struct {
		const char *text;
		bool is_kept;
	} cases[] = {{"; x", false}, {"} x", false}, {", x", true}, {"1 x", true}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lexer lexer;
		struct tree tree = {0};
		struct parser parser = {.tree = &tree};

		lexer_init(&lexer, cases[i].text, strlen(cases[i].text));
		parser.lexer = lexer;
		parser_advance(&parser);
		parser.key.length = 2;
		parser_advance(&parser);
		assert_int_equal(parser.key.length != 0, cases[i].is_kept);
	}
}

static void what_comes_next(void **state)
{
	static const struct {
		const char *text;
		bool is_followed, begins_setting, begins_value;
	} cases[] = {
		{"id = 1", true, true, false},     {"id : 1", true, true, false},
		{"id:1", true, true, false},       {"https://x", false, false, false},
		{"id 1", false, false, false},     {"id", false, false, false},
		{"\"id\" = 1", true, false, true}, {"1", false, false, true},
		{"0x1F", false, false, true},      {"-1.5", false, false, true},
		{"true", false, false, true},      {"{", false, false, true},
		{"(", false, false, true},         {"[", false, false, true},
		{"}", false, false, false},        {";", false, false, false},
		{"", false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parser parser = begin(cases[i].text, "", NULL);

		if (lexer_precedes_equals(parser.lexer) != cases[i].is_followed ||
		    parser_begins_setting(&parser) != cases[i].begins_setting ||
		    parser_begins_value(&parser) != cases[i].begins_value)
			fail_msg("%s", cases[i].text);
	}
}

static void brackets_close_what_is_open(void **state)
{
	static const struct {
		const char *text;
		const char *awaited;
		bool closes;
	} cases[] = {
		{"}", "}", true}, {")", "})", true}, {"}", "})", true}, {"]", "})", false},
		{")", "", false}, {"(", ")", false}, {";", "}", false}, {"", "", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct faults faults = {0};
		struct parser parser = begin(cases[i].text, cases[i].awaited, &faults);

		if (parser_closes(&parser) != cases[i].closes)
			fail_msg("case %zu", i);
	}
}

/* Strings and comments without an end were reported, and behind them nothing is left. */
static void what_was_reported_is_the_end(void **state)
{
	static const char *const texts[] = {"\"open", "/* open"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct parser parser = begin(texts[i], "", NULL);

		assert_true(parser_at_end(&parser));
	}
}

static void an_include_that_failed_is_passed_over(void **state)
{
	static const char text[] = "@include \"x\"\n@include \"y\"\nid = 1;";
	struct parser parser = begin(text, "", NULL);

	(void)state;
	assert_next(&parser, "id");
}

static void one_fault_at_a_place_is_enough(void **state)
{
	struct parsed parsed;
	struct lexer_token first;

	(void)state;
	open_text(&parsed, "id = s3cr3tt0ken;\n");
	first = parsed.parser.token;
	parser_complain(&parsed.parser, &first, "before ", &first, " after");
	parser_complain(&parsed.parser, &first, "again", NULL, "");
	parser_advance(&parsed.parser);
	parser_complain(&parsed.parser, &parsed.parser.token, "no word", NULL, ", and on");
	parser_advance(&parsed.parser);
	parser_complain(&parsed.parser, &parsed.parser.token, "found ", &parsed.parser.token, "");
	config_fixture_assert_faults(&parsed.faults, "1:1+2 error: before 'id' after\n"
	                                             "1:4+1 error: no word, and on\n"
	                                             "1:6+11 error: found this word\n");
	close_text(&parsed);
}

/* It was reported that the bracket is open; that it is closed somewhere is nobody's business. */
static void what_closes_a_file_is_not_reported(void **state)
{
	struct parsed parsed;

	(void)state;
	open_text(&parsed, "a = (\n");
	while (!parser_is(&parsed.parser, ")"))
		parser_advance(&parsed.parser);
	parser_complain(&parsed.parser, &parsed.parser.token, "unexpected ", &parsed.parser.token,
	                "");
	config_fixture_assert_faults(&parsed.faults, "1:5+1 error: '(' is never closed\n");
	close_text(&parsed);
}

static void the_end_has_a_place_too(void **state)
{
	struct parsed parsed;

	(void)state;
	open_text(&parsed, "");
	parser_complain(&parsed.parser, &parsed.parser.token, "found ", &parsed.parser.token, "");
	assert_int_equal(parsed.faults.errors, 1);
	assert_string_equal(parsed.faults.entries[0].text, "found the end of the file");
	assert_int_equal(parsed.faults.entries[0].width, 1);
	close_text(&parsed);
}

/* Something is missing before the next word, or behind the last one on its line. */
static void a_gap_is_on_the_line_that_lacks_something(void **state)
{
	static const struct {
		const char *text;
		const char *gap;
	} cases[] = {{"id 1", "1"}, {"id\n1", "id"}, {"id", "id"}, {"id # x\n1", "id"}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parser parser = begin(cases[i].text, "", NULL);
		const struct lexer_token *gap;

		parser_advance(&parser);
		gap = parser_gap(&parser);
		assert_int_equal(gap->length, strlen(cases[i].gap));
		assert_memory_equal(gap->start, cases[i].gap, gap->length);
	}
}

static void nodes_are_added_and_filled(void **state)
{
	struct parsed parsed;
	struct tree_node *node;
	struct lexer_token name;
	uint32_t added;

	(void)state;
	open_text(&parsed, "id = 17;");
	name = parsed.parser.token;
	added = parser_add(&parsed.parser, 0, &name);
	node = parser_node(&parsed.parser, added);
	assert_int_equal(node->kind, TREE_BROKEN);
	assert_true(node->left_out);
	assert_int_equal(node->name, 0);
	assert_int_equal(node->name_length, 2);
	parser_advance(&parsed.parser);
	parser_advance(&parsed.parser);
	parser_fill(&parsed.parser, added, TREE_INTEGER);
	node = parser_node(&parsed.parser, added);
	assert_int_equal(node->kind, TREE_INTEGER);
	assert_false(node->left_out);
	assert_int_equal(node->value, 5);
	assert_int_equal(node->value_length, 2);
	added = parser_add(&parsed.parser, 0, NULL);
	assert_int_equal(parser_node(&parsed.parser, added)->name_length, 0);
	assert_false(parsed.parser.full);
	close_text(&parsed);
}

/* The most that is read: then it is reported once, and the text seems to end. */
static void too_many_settings_end_the_text(void **state)
{
	struct parsed parsed;
	struct lexer_token name;

	(void)state;
	open_text(&parsed, "id = 17;");
	name = parsed.parser.token;
	parser_advance(&parsed.parser);
	while (parsed.tree.count < TREE_NODES_MAX)
		(void)parser_add(&parsed.parser, 0, &name);
	assert_false(parsed.parser.full);
	(void)parser_add(&parsed.parser, 0, &name);
	(void)parser_add(&parsed.parser, 0, &name);
	assert_true(parsed.parser.full);
	config_fixture_assert_faults(&parsed.faults,
	                             "1:1+2 error: more settings than can be read: nothing after "
	                             "this one was\n");
	parser_advance(&parsed.parser);
	assert_true(parser_at_end(&parsed.parser));
	close_text(&parsed);
}

static void what_makes_no_sense_is_skipped(void **state)
{
	static const struct {
		void (*pass)(struct parser *parser);
		const char *text;
		const char *awaited;
		const char *next;
	} cases[] = {
		{parser_skip_word, "{ a ( ) [ ] } x", "", "x"},
		{parser_skip_word, "( ) x", "", "x"},
		{parser_skip_word, "( a", "", "END"},
		{parser_skip_word, "a b", "", "b"},
		{parser_skip_word, ") b c", "", "b"},
		{parser_skip_statement, "a b; c", "", "c"},
		{parser_skip_statement, "a b, c", "", "c"},
		{parser_skip_statement, "a b c = 1", "", "c"},
		{parser_skip_statement, "a { b = 1; } c; d", "", "d"},
		{parser_skip_statement, "a b } c", "}", "}"},
		{parser_skip_statement, "a ) b; c", "}", "c"},
		{parser_skip_statement, "a b", "", "END"},
		{parser_skip_element, "a b, c", ")", ","},
		{parser_skip_element, "a; b ) c", ")", ")"},
		{parser_skip_element, "a ( b, c ) d, e", ")", ","},
		{parser_skip_element, "a b = c, d", ")", ","},
		{parser_skip_element, "a", ")", "END"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct faults faults = {0};
		struct parser parser = begin(cases[i].text, cases[i].awaited, &faults);

		cases[i].pass(&parser);
		assert_next(&parser, cases[i].next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_taken_one_by_one),
		cmocka_unit_test(a_key_is_forgotten_behind_its_setting),
		cmocka_unit_test(what_comes_next),
		cmocka_unit_test(brackets_close_what_is_open),
		cmocka_unit_test(what_was_reported_is_the_end),
		cmocka_unit_test(an_include_that_failed_is_passed_over),
		cmocka_unit_test(one_fault_at_a_place_is_enough),
		cmocka_unit_test(what_closes_a_file_is_not_reported),
		cmocka_unit_test(the_end_has_a_place_too),
		cmocka_unit_test(a_gap_is_on_the_line_that_lacks_something),
		cmocka_unit_test(nodes_are_added_and_filled),
		cmocka_unit_test(too_many_settings_end_the_text),
		cmocka_unit_test(what_makes_no_sense_is_skipped),
	};

	return cmocka_run_group_tests_name("parser", tests, NULL, NULL);
}
