/* SPDX-License-Identifier: MIT */
/* Which string has lost its quote: where the first fault is reported, and what is replaced so that
 * the rest can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/file_text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define CLOSING     "unterminated string: its closing quote is missing"
#define ESCAPED     CLOSING " (\\\" is a quote within the text)"
#define OPENING     "this string's opening quote is missing"
#define MIDDLE      "a quote in the middle of a string; write \\\" for it, or remove it"
#define TOO_MANY    "one quote too many"
#define SINGLE      "a string stands in double quotes: \"\""
#define TYPOGRAPHIC "a typographic quote; a string stands in straight ones: \"\""

struct quotes_case {
	const char *text;
	const char *sentence; /* NULL: nothing is wrong */
	const char *reported; /* what is underlined */
	const char *left;     /* the text after the repair, with '~' for what was replaced */
};

static void note_all(struct file_quotes *quotes, struct file_text *file_text)
{
	struct lexer lexer;
	struct lexer_token token;

	*quotes = (struct file_quotes){.file_text = file_text};
	lexer_init(&lexer, file_text->text, file_text->length);
	do {
		token = lexer_next(&lexer);
		file_quotes_note(quotes, &token);
	} while (token.kind != LEXER_END);
}

static void assert_repaired(struct file_text *file_text, const struct file_text_repair *repair,
                            const struct quotes_case *expected)
{
	char *reported = mem_dup_bytes(repair->start, (size_t)(repair->end - repair->start));

	assert_string_equal(reported, expected->reported);
	free(reported);
	file_text_fill(file_text, repair->fill_from, repair->fill_to,
	               repair->fill == LEXER_REPLACED_BYTE ? '~' : repair->fill);
	assert_string_equal(file_text->text, expected->left);
}

static void assert_quotes(const struct quotes_case *expected)
{
	struct file_text file_text;
	struct file_quotes quotes;

	file_text_init(&file_text, "x.conf", mem_dup(expected->text), strlen(expected->text));
	note_all(&quotes, &file_text);
	if ((file_text.repair.sentence == NULL) != (expected->sentence == NULL))
		fail_msg("%s: %s", expected->text,
		         file_text.repair.sentence != NULL ? file_text.repair.sentence
		                                           : "no fault");
	if (expected->sentence != NULL) {
		assert_string_equal(file_text.repair.sentence, expected->sentence);
		assert_repaired(&file_text, &file_text.repair, expected);
	}
	file_text_clear(&file_text);
}

static void assert_all(const struct quotes_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_quotes(&cases[i]);
}

static void strings_that_are_meant_so(void **state)
{
	static const struct quotes_case cases[] = {
		{.text = ""},
		{.text = "a = \"b\"; c = \"d\";\n"},
		{.text = "a = \"two\nlines\"; b = \"x\" \"y\";\n"},
		{.text = "a = \"two\nlines\"; b = \"x\"c = 1;\n"},
		{.text = "a = \"two\nlines\"// comment\n"},
		{.text = "a = \"two\nlines\"/* comment */;\n"},
		{.text = "a = \"two\nlines\"\"and more\";\n"},
		{.text = "name = \"see token = \"; id = 1;\n"},
		{.text = "name = \"it's; so\"; id = 1;\n"},
		{.text = "it's\n"}, /* where no value begins */
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

/* Where the names are ours, one line is enough to see which quote it is. */
static void quotes_on_one_line(void **state)
{
	static const struct quotes_case cases[] = {
		{"{ id = 1; name = \"M: F; indexing_cron = \"0 6 * * *\"; },\n", CLOSING, "\"M: F",
	         "{ id = 1; name = ~~~~~; indexing_cron = \"0 6 * * *\"; },\n"},
		{"{ id = 1; name = M: F\"; indexing_cron = \"0 6 * * *\"; },\n", OPENING, "M: F",
	         "{ id = 1; name = ~~~~~; indexing_cron = \"0 6 * * *\"; },\n"},
		{"x = ( { name = \"G; paused = false; } );\n", CLOSING, "\"G",
	         "x = ( { name = ~~; paused = false; } );\n"},
		{"name = \"M;\nworkspace = \"a\";\n", CLOSING, "\"M",
	         "name = ~~;\nworkspace = \"a\";\n"},
		{"workspace = \"a\"\";\ntoken = \"b\";\n", TOO_MANY, "\"",
	         "workspace = \"a\" ;\ntoken = \"b\";\n"},
		{"workspace = \"a\\\";\ntoken = \"b\";\n", ESCAPED, "\"a\\\"",
	         "workspace = ~~~~;\ntoken = \"b\";\n"},
		{"key =\" \"b\"; url = \"c\";\n", MIDDLE, "\"", "key =~~~~~; url = \"c\";\n"},
		{"name = \"a\"b\"; id = 1; token = \"c\";\n", MIDDLE, "\"",
	         "name = ~~~~~; id = 1; token = \"c\";\n"},
		{"name = \"a\" b \"; id = \"x\";\n", MIDDLE, "\"", "name = ~~~~~~~; id = \"x\";\n"},
		/* The value is another line's. */
		{"name = M\n\"; id = \"x\";\n", CLOSING, "\"", "name = M\n~; id = \"x\";\n"},
		{"name: M F\"; token: \"c\";\n", OPENING, "M F", "name: ~~~~; token: \"c\";\n"},
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

static void strings_without_an_end(void **state)
{
	static const struct quotes_case cases[] = {
		{"a = \"", CLOSING, "\"", "a = ~"},
		{"a = \"b;\n", CLOSING, "\"b", "a = ~~;\n"},
		{"a = \"b;\r\n", CLOSING, "\"b", "a = ~~;\r\n"},
		{"a = \"b, ) } ]\n", CLOSING, "\"b", "a = ~~, ) } ]\n"},
		{"a = \"b\\\n", CLOSING, "\"b\\", "a = ~~~\n"},
		/* Inside and outside are exchanged behind the first, so that one is the culprit. */
		{"{ a = \"b; }\nc = \"0 6 * * *\";\nd = \"e\";\n", CLOSING, "\"b",
	         "{ a = ~~; }\nc = \"0 6 * * *\";\nd = \"e\";\n"},
		{"a = \"b\nc = \"/etc/d\";\n", CLOSING, "\"b", "a = ~~\nc = \"/etc/d\";\n"},
		/* A string of two lines that is meant is not blamed for one that is not. */
		{"a = \"two\nlines\";\nb = \"c;\n", CLOSING, "\"c",
	         "a = \"two\nlines\";\nb = ~~;\n"},
		{"a = \"two\nlines\"// x\n\"c", CLOSING, "\"c", "a = \"two\nlines\"// x\n~~"},
		{"\"\n\"\n\"", CLOSING, "\"", "\"\n\"\n~"},
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

static void quotes_of_other_languages(void **state)
{
	static const struct quotes_case cases[] = {
		{"name = \xe2\x80\x9cM\xe2\x80\x9d; id = 1;\n", TYPOGRAPHIC,
	         "\xe2\x80\x9cM\xe2\x80\x9d", "name = ~~~~~~~; id = 1;\n"},
		{"name = \xc2\xabM\xc2\xbb\n", TYPOGRAPHIC, "\xc2\xabM\xc2\xbb", "name = ~~~~~\n"},
		{"name = \xe2\x80\x9eM\"\n", TYPOGRAPHIC, "\xe2\x80\x9eM\"", "name = ~~~~~\n"},
		{"name = 'M F'; id = 1;\n", SINGLE, "'M F'", "name = ~~~~~; id = 1;\n"},
		{"name: `M`; id = 1;\n", SINGLE, "`M`", "name: ~~~; id = 1;\n"},
		{"x = ('M', 1);\n", SINGLE, "'M'", "x = (~~~, 1);\n"},
		{"name = 'it's'; id = 1;\n", SINGLE, "'it's'", "name = ~~~~~~; id = 1;\n"},
		{"name = 'M; id = 1;\n", SINGLE, "'M", "name = ~~; id = 1;\n"},
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

/* Once a fault is found, what follows is read by the next pass. */
static void only_the_first_fault_is_kept(void **state)
{
	struct file_text file_text;
	struct file_quotes quotes;
	struct file_text_repair first;
	struct lexer_token open = {.kind = LEXER_OPEN_STRING};

	(void)state;
	file_text_init(&file_text, "x.conf", mem_dup("a = 'b'; c = \"d"), 15);
	note_all(&quotes, &file_text);
	first = file_text.repair;
	assert_string_equal(first.sentence, SINGLE);
	open.start = file_text.text + 13;
	open.length = 2;
	file_quotes_note(&quotes, &open);
	assert_memory_equal(&file_text.repair, &first, sizeof(first));
	file_text_clear(&file_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_that_are_meant_so),
		cmocka_unit_test(quotes_on_one_line),
		cmocka_unit_test(strings_without_an_end),
		cmocka_unit_test(quotes_of_other_languages),
		cmocka_unit_test(only_the_first_fault_is_kept),
	};

	return cmocka_run_group_tests_name("file_quotes", tests, NULL, NULL);
}
