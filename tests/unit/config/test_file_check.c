/* SPDX-License-Identifier: MIT */
/* One file's text: every fault of its own with its place, and what is left to be read on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/file_text.h"
#include "config/lexer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct file_text_case {
	const char *text;
	size_t length; /* 0: the text ends with its NUL */
	const char *faults;
	const char *left; /* what was replaced as '~'; NULL: the text is left as it is */
	const char *closers;
};

static char *describe(struct faults *faults)
{
	struct text out = {0};

	faults_sort(faults, NULL);
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault_entry *entry = &faults->entries[i];

		text_printf(&out, "%d:%d+%d %s\n", entry->line, entry->column, entry->width,
		            entry->text);
	}
	return text_take(&out);
}

/* Nothing that is open may be left: it would reach into the next file. */
static void assert_contained(const struct file_text *file_text)
{
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, file_text->text, file_text->length);
	do {
		token = lexer_next(&lexer);
		assert_int_not_equal(token.kind, LEXER_OPEN_STRING);
		assert_int_not_equal(token.kind, LEXER_OPEN_COMMENT);
	} while (token.kind != LEXER_END);
}

static void assert_left(const struct file_text *file_text, const char *wanted)
{
	char *left = mem_dup(file_text->text);

	for (char *at = left; *at != '\0'; at++) {
		if (*at == LEXER_REPLACED_BYTE)
			*at = '~';
	}
	assert_string_equal(left, wanted);
	free(left);
}

static void assert_case(const struct file_text_case *wanted)
{
	size_t length = wanted->length ? wanted->length : strlen(wanted->text);
	struct faults faults = {0};
	struct file_text file_text;
	char *found;

	file_text_init(&file_text, "x.conf", mem_dup_bytes(wanted->text, length), length);
	file_text_check(&file_text, &faults);
	found = describe(&faults);
	assert_string_equal(found, wanted->faults);
	assert_int_equal(file_text.length, strlen(file_text.text));
	assert_left(&file_text, wanted->left != NULL ? wanted->left : wanted->text);
	assert_string_equal(file_text.closers, wanted->closers ? wanted->closers : "");
	assert_contained(&file_text);
	free(found);
	faults_clear(&faults);
	file_text_clear(&file_text);
}

#define STRING_FAULT  "unterminated string: its closing quote is missing\n"
#define COMMENT_FAULT "unterminated comment: its '*/' is missing\n"
#define INCLUDE_FAULT "an include stands on a line of its own: @include \"FILE\"\n"

static void clean_texts_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"a = 1",
		"a = 1;\r\nb = \"\xc3\xa4\"; # \xe2\x82\xac\r\n",
		"a = ( { b = [1, 2]; }, { } ); /* ( { [ */ # )\n",
		"a = \"two\nlines\"; b = \"x\" \"y\";\n",
		"a = \"( [ {\";\n",
		"a = \"two\nlines\"; b = \"x\"c = 1;\n",
		"a = 1;\r",
		"x = $;\n",
		"x = <<<<<<< y;\n",
		"x = *// \"(\n",
		"x = */* \"( */;\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_case(&(struct file_text_case){.text = texts[i], .faults = ""});
}

/* What the bytes by themselves are is test_file_text_bytes.c's. */
static void bytes_that_are_no_text(void **state)
{
	static const struct file_text_case cases[] = {
		{.text = "\xef\xbb\xbf"
	                 "a = 1;\n",
	         .faults = "",
	         .left = "a = 1;\n"},
		{.text = "\xef\xbb\xbf"
	                 "a = }\n",
	         .faults = "1:5+1 '}' closes nothing in this file; is its '{' missing?\n",
	         .left = "a =  \n"},
		{.text = "a = \"\xff\";\nb = }\n",
	         .faults = "1:6+1 invalid UTF-8 (byte 0xff); save the file as UTF-8\n"
	                   "2:5+1 '}' closes nothing in this file; is its '{' missing?\n",
	         .left = "a = \"_\";\nb =  \n"},
		{.text = "a = 1; # old\rb = 2;\rc = }\n",
	         .faults = "1:13+1 carriage return without a line feed after it\n"
	                   "3:5+1 '}' closes nothing in this file; is its '{' missing?\n",
	         .left = "a = 1; # old\nb = 2;\nc =  \n"},
		{.text = "}\0{\0",
	         .length = 4,
	         .faults = "0:0+1 the file looks like UTF-16; save it as UTF-8\n",
	         .left = "    "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(&cases[i]);
}

/* Which string it is is test_file_quotes.c's. */
static void strings_without_an_end(void **state)
{
	static const struct file_text_case cases[] = {
		{.text = "a = \"b;\n", .faults = "1:5+2 " STRING_FAULT, .left = "a = ~~;\n"},
		{.text = "a = \"b;\nc = \"\";\nd = \"https://e\"; }\n",
	         .faults = "1:5+2 " STRING_FAULT
	                   "3:18+1 '}' closes nothing in this file; is its '{' missing?\n",
	         .left = "a = ~~;\nc = \"\";\nd = \"https://e\";  \n"},
		/* Two that lack one quote each, and the file seems to be clean. */
		{.text = "a = \"b;\nc = \"d\";\ne = \"f;\ng = \"h\";\n",
	         .faults = "1:5+2 " STRING_FAULT "3:5+2 " STRING_FAULT,
	         .left = "a = ~~;\nc = \"d\";\ne = ~~;\ng = \"h\";\n"},
		{.text = "a = \"b;\nc = \"d\";\ne = \"f;\ng = \"h;\ni = \"j\";\n",
	         .faults = "1:5+2 " STRING_FAULT "3:5+2 " STRING_FAULT "4:5+2 " STRING_FAULT,
	         .left = "a = ~~;\nc = \"d\";\ne = ~~;\ng = ~~;\ni = \"j\";\n"},
		{.text = "\"\n\"\n\"", .faults = "3:1+1 " STRING_FAULT, .left = "\"\n\"\n~"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(&cases[i]);
}

static void what_no_configuration_has(void **state)
{
	static const struct file_text_case cases[] = {
		{.text = "id =\xc2\xa0"
	                 "1;\n",
	         .faults = "1:5+2 U+00A0 (no-break space) outside of a string; write a blank for "
	                   "it\n",
	         .left = "id =  1;\n"},
		{.text = "a = 1;\xef\xbb\xbf\nb = \"\xc2\xa0\"; # \xc2\xa0\n",
	         .faults = "1:7+3 U+FEFF (zero-width no-break space) outside of a string; delete "
	                   "it\n",
	         .left = "a = 1;   \nb = \"\xc2\xa0\"; # \xc2\xa0\n"},
		/* A word that it divides is no word any more. */
		{.text = "id\xe2\x80\x8b"
	                 "x = 1;\n",
	         .faults = "1:3+3 U+200B (zero-width space) outside of a string; delete it\n",
	         .left = "~~~~~~ = 1;\n"},
		{.text = "<<<<<<< HEAD\na = 1;\n=======\na = 2;\n>>>>>>> b\n",
	         .faults = "1:1+7 a merge conflict; resolve it and delete its marks\n",
	         .left = "~~~~~~~~~~~~\n~~~~~~\n~~~~~~~\n~~~~~~\n~~~~~~~~~\n"},
		{.text = "=======\na = 1;\n",
	         .faults = "1:1+7 a merge conflict; resolve it and delete its marks\n",
	         .left = "~~~~~~~\na = 1;\n"},
		{.text = "id = {{ id }};\n{% if x %}\n",
	         .faults = "1:6+2 the file is a template; render it first\n"
	                   "2:1+2 the file is a template; render it first\n",
	         .left = "id = ~~~~~~~~;\n~~~~~~~~~~\n"},
		{.text = "a = \x1a;\n", .faults = "1:5+1 control byte 0x1a\n", .left = "a =  ;\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(&cases[i]);
}

static void comments_without_an_end(void **state)
{
	static const struct file_text_case cases[] = {
		{.text = "a = 1; /* b", .faults = "1:8+2 " COMMENT_FAULT, .left = "a = 1;     "},
		{.text = "a = { /* b\n}; c = \"d\n",
	         .faults = "1:7+2 " COMMENT_FAULT,
	         .left = "a = {     \n         \n",
	         .closers = "}"},
		{.text = "/*/", .faults = "1:1+2 " COMMENT_FAULT, .left = "   "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(&cases[i]);
}

static void brackets_of_another_file(void **state)
{
	static const struct file_text_case cases[] = {
		{.text = "a = ( { b = [ 1\n",
	         .faults = "1:5+1 '(' is never closed\n"
	                   "1:7+1 '{' is never closed\n"
	                   "1:13+1 '[' is never closed\n",
	         .closers = "]})"},
		{.text = "a = ((((((",
	         .faults = "1:5+1 '(' is never closed\n"
	                   "1:6+1 '(' is never closed\n"
	                   "1:7+1 '(' is never closed\n"
	                   "1:8+1 '(' is never closed\n",
	         .closers = "))))))"},
		{.text = "}; a = (1)); ]",
	         .faults = "1:1+1 '}' closes nothing in this file; is its '{' missing?\n"
	                   "1:11+1 ')' closes nothing in this file; is its '(' missing?\n"
	                   "1:14+1 ']' closes nothing in this file; is its '[' missing?\n",
	         .left = "   a = (1) ;  "},
		/* Within the file it is for the grammar to report. */
		{.text = "a = ( { b = 1; ); c = 2;", .faults = ""},
		{.text = "a = ( ]",
	         .faults = "1:5+1 '(' is never closed\n"
	                   "1:7+1 ']' closes nothing in this file; is its '[' missing?\n",
	         .left = "a = (  ",
	         .closers = ")"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(&cases[i]);
}

static void includes_that_are_none(void **state)
{
	static const struct file_text_case cases[] = {
		{.text = "a = 1; @include \"b\"; c = 2;\n",
	         .faults = "1:8+8 " INCLUDE_FAULT,
	         .left = "a = 1; ~~~~~~~~~~~~; c = 2;\n"},
		{.text = "@include b.conf\n",
	         .faults = "1:1+8 the path of an include stands in double quotes: @include "
	                   "\"FILE\"\n",
	         .left = "~~~~~~~~~~~~~~~\n"},
		{.text = "@include conf.d/*.conf\na = 1;\n",
	         .faults = "1:1+8 an include names one file, in double quotes, and is no pattern; "
	                   "the drop-ins FILE.d/*.conf are read by themselves\n",
	         .left = "~~~~~~~~~~~~~~~~~~~~~~\na = 1;\n"},
		{.text = "@include\n\"b\"\n",
	         .faults = "1:1+8 a path stands behind @include, on the same line: @include "
	                   "\"FILE\"\n",
	         .left = "~~~~~~~~\n\"b\"\n"},
		{.text = "} @include \"b\"\n",
	         .faults = "1:1+1 '}' closes nothing in this file; is its '{' missing?\n"
	                   "1:3+8 " INCLUDE_FAULT,
	         .left = "  ~~~~~~~~~~~~\n"},
		{.text = "@include \"b\n",
	         .faults = "1:1+8 unterminated string: the closing quote of the path is missing\n",
	         .left = "~~~~~~~~~~~\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(&cases[i]);
}

static void includes_are_found(void **state)
{
	static const char text[] =
		"@include \"a\"\n# @include \"b\"\n\"\n@include \"\n(\n\t@include "
		"\"c\\\"d\" # e\n)\n";
	struct faults faults = {0};
	struct file_text file_text;

	(void)state;
	file_text_init(&file_text, "x.conf", mem_dup(text), strlen(text));
	file_text_check(&file_text, &faults);
	assert_int_equal(faults.count, 0);
	assert_int_equal(file_text.include_count, 2);
	assert_ptr_equal(file_text.includes[0].start, file_text.text + 9);
	assert_int_equal(file_text.includes[0].length, 3);
	assert_memory_equal(file_text.includes[1].start, "\"c\\\"d\"", 6);
	assert_int_equal(file_text.includes[1].length, 6);
	file_text_clear(&file_text);
}

/* A repair begins the reading anew, and what was found before is found again, not twice. */
static void includes_are_found_once(void **state)
{
	static const char text[] = "@include \"a\"\nb = 'c';\nd = 'e';\n";
	struct faults faults = {0};
	struct file_text file_text;

	(void)state;
	file_text_init(&file_text, "x.conf", mem_dup(text), strlen(text));
	file_text_check(&file_text, &faults);
	assert_int_equal(faults.count, 2);
	assert_int_equal(file_text.include_count, 1);
	file_text_clear(&file_text);
	faults_clear(&faults);
}

/* Nothing is left of what is no configuration, its includes neither. */
static void assert_left_out(const struct file_text *file_text)
{
	assert_int_equal(strspn(file_text->text, " \n"), file_text->length);
	assert_int_equal(file_text->include_count, 0);
}

static char *repeat(const char *unit, size_t count)
{
	struct text text = {0};

	for (size_t i = 0; i < count; i++)
		text_add(&text, unit);
	return text_take(&text);
}

/* What is no configuration at all is reported and left out, in little time and memory. */
static void hopeless_files_are_left_out(void **state)
{
	static const struct {
		const char *unit;
		size_t count;
		const char *first;
		size_t errors;
		bool is_left_out;
	} cases[] = {
		{"(", 1000000, "brackets are nested too deep", 1, true},
		{"}", 1000000, "'}' closes nothing in this file; is its '{' missing?", 1000, true},
		{"(\n@include \"a\"\n", 1001, "brackets are nested too deep", 1, true},
		{"\"\n;", 200001, "unterminated string: its closing quote is missing", 1, false},
		{"\"x\n", 200002, "unterminated string: its closing quote is missing", 11, false},
		{"\xff ", 1000000, "invalid UTF-8 (byte 0xff); save the file as UTF-8", 10, false},
		{" @include\n", 100000,
	         "a path stands behind @include, on the same line: @include \"FILE\"", 11, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = repeat(cases[i].unit, cases[i].count);
		struct faults faults = {0};
		struct file_text file_text;
		clock_t begin = clock();

		file_text_init(&file_text, "x.conf", text, strlen(text));
		file_text_check(&file_text, &faults);
		assert_true(clock() - begin < 5 * CLOCKS_PER_SEC);
		assert_string_equal(faults.entries[0].text, cases[i].first);
		assert_int_equal(faults.errors, cases[i].errors);
		assert_contained(&file_text);
		if (cases[i].is_left_out)
			assert_left_out(&file_text);
		file_text_clear(&file_text);
		faults_clear(&faults);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_texts_are_left_alone),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(strings_without_an_end),
		cmocka_unit_test(what_no_configuration_has),
		cmocka_unit_test(comments_without_an_end),
		cmocka_unit_test(brackets_of_another_file),
		cmocka_unit_test(includes_that_are_none),
		cmocka_unit_test(includes_are_found),
		cmocka_unit_test(includes_are_found_once),
		cmocka_unit_test(hopeless_files_are_left_out),
	};

	return cmocka_run_group_tests_name("file_check", tests, NULL, NULL);
}
