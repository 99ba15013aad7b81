/* SPDX-License-Identifier: MIT */
/* Strings, numbers and booleans become nodes; what is none of them stays broken, with a fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/parser.h"

struct scalar_case {
	const char *text;
	enum tree_kind kind;
	uint32_t length;   /* of the value */
	const char *fault; /* error or warning; NULL: none */
	bool is_warning;
};

static void assert_case(const struct scalar_case *one)
{
	struct source source;
	struct tree tree;
	struct faults faults = {0};
	struct parser parser = {.tree = &tree, .source = &source, .faults = &faults};
	uint32_t node;

	source_from_bytes(&source, "t.conf", one->text, strlen(one->text), &faults);
	tree_init(&tree, &source);
	lexer_init(&parser.lexer, source.text, source.length);
	parser_advance(&parser);
	node = parser_add(&parser, 0, NULL);
	parser_read_scalar(&parser, node);
	assert_true(parser_at_end(&parser));
	assert_int_equal(tree.nodes[node].kind, one->kind);
	assert_int_equal(tree.nodes[node].left_out, one->kind == TREE_BROKEN);
	if (one->kind != TREE_BROKEN)
		assert_int_equal(tree.nodes[node].value_length, one->length);
	assert_int_equal(faults.count, one->fault != NULL);
	assert_int_equal(faults.warnings, one->is_warning);
	if (one->fault != NULL)
		assert_string_equal(faults.entries[0].text, one->fault);
	tree_clear(&tree);
	source_clear(&source);
	faults_clear(&faults);
}

static void values_become_nodes(void **state)
{
	static const struct scalar_case cases[] = {
		{"\"a\"", TREE_STRING, 3, NULL, false},
		{"\"a\" \"b\"\n\"c\"", TREE_STRING, 11, NULL, false},
		{"\"a\\\\\\n\"", TREE_STRING, 7, NULL, false},
		{"42", TREE_INTEGER, 2, NULL, false},
		{"0x1FL", TREE_INTEGER, 5, NULL, false},
		{"0", TREE_INTEGER, 1, NULL, false},
		{"0.5", TREE_NUMBER, 3, NULL, false},
		{"1e3", TREE_NUMBER, 3, NULL, false},
		{"TRUE", TREE_BOOLEAN, 4, NULL, false},
		{"false", TREE_BOOLEAN, 5, NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_case(&cases[i]);
}

static void faults_leave_it_broken(void **state)
{
	static const struct scalar_case cases[] = {
		{"\"a\\q\"", TREE_BROKEN, 0,
	         "'\\q' is no escape; a backslash itself is written \\\\", false},
		{"\"ok\" \"\\x0g\"", TREE_BROKEN, 0,
	         "'\\x' is no escape; a backslash itself is written \\\\", false},
		{"\"a\\x00b\"", TREE_BROKEN, 0, "a string cannot hold a NUL byte", false},
		{"9223372036854775808", TREE_BROKEN, 0, "the number is too large for an integer",
	         false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_case(&cases[i]);
}

static void a_zero_before_a_number_is_a_warning(void **state)
{
	static const char warning[] = "a zero before a number is read as nothing here, and as "
				      "octal elsewhere; leave it out";
	static const struct scalar_case cases[] = {
		{"042", TREE_INTEGER, 3, warning, true},
		{"-08", TREE_INTEGER, 3, warning, true},
		{"00", TREE_INTEGER, 2, warning, true},
		{"0x01", TREE_INTEGER, 4, NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_case(&cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_become_nodes),
		cmocka_unit_test(faults_leave_it_broken),
		cmocka_unit_test(a_zero_before_a_number_is_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
