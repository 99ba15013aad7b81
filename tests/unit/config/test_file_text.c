/* SPDX-License-Identifier: MIT */
/* A file's text: places that count lines, and repairs that move nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/file_text.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void open_text(struct file_text *file_text, const char *text)
{
	file_text_init(file_text, "x.conf", mem_dup(text), strlen(text));
}

static void a_byte_order_mark_is_skipped(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} cases[] = {
		{"\xef\xbb\xbf"
	         "a = 1;",
	         "a = 1;"},
		{"\xef\xbb\xbf", ""},
		{"\xef\xbb", "\xef\xbb"},
		{"a\xef\xbb\xbf", "a\xef\xbb\xbf"},
		{"\xef\xbb\xbf\xef\xbb\xbf", "\xef\xbb\xbf"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct file_text file_text;

		open_text(&file_text, cases[i].bytes);
		assert_string_equal(file_text.text, cases[i].text);
		assert_int_equal(file_text.length, strlen(cases[i].text));
		assert_string_equal(file_text.closers, "");
		assert_null(file_text.original);
		file_text_clear(&file_text);
		assert_null(file_text.text);
	}
}

/* Offsets come as they like; the quick way is for ascending ones. */
static void places_count_lines_and_bytes(void **state)
{
	static const char text[] = "ab\n\nc\xc3\xa4 = 1;\r\nlast";
	static const struct {
		size_t offset;
		int line, column;
		size_t start; /* of the line */
	} cases[] = {
		{0, 1, 1, 0},   {1, 1, 2, 0}, {2, 1, 3, 0},   {3, 2, 1, 3},
		{4, 3, 1, 4},   {7, 3, 4, 4}, {18, 4, 5, 14}, {14, 4, 1, 14},
		{13, 3, 10, 4}, {0, 1, 1, 0}, {3, 2, 1, 3},
	};
	struct file_text file_text;

	(void)state;
	open_text(&file_text, text);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fault_place place =
			file_text_place(&file_text, file_text.text + cases[i].offset, 7);

		assert_string_equal(place.file, "x.conf");
		assert_int_equal(place.line, cases[i].line);
		assert_int_equal(place.column, cases[i].column);
		assert_int_equal(place.width, 7);
		assert_ptr_equal(place.source, file_text.text + cases[i].start);
	}
	file_text_clear(&file_text);
}

static void lines_end_before_their_line_end(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
		size_t end;
	} cases[] = {
		{"ab\ncd", 0, 2}, {"ab\ncd", 1, 2},   {"ab\ncd", 2, 2}, {"ab\ncd", 3, 5},
		{"ab\ncd", 5, 5}, {"ab\r\ncd", 0, 2}, {"ab\r\n", 2, 2}, {"\r\n", 0, 0},
		{"\n", 0, 0},     {"", 0, 0},         {"ab\r", 0, 2},   {"a\rb\n", 0, 3},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct file_text file_text;
		size_t end;

		open_text(&file_text, cases[i].text);
		end = (size_t)(file_text_line_end(&file_text, file_text.text + cases[i].offset) -
		               file_text.text);
		if (end != cases[i].end)
			fail_msg("case %zu: %zu", i, end);
		file_text_clear(&file_text);
	}
}

/* What is shown of a line is what stood there before any repair. */
static void a_repair_keeps_lines_and_the_original(void **state)
{
	struct file_text file_text;
	struct fault_place place;
	char *original;

	(void)state;
	open_text(&file_text, "one\r\ntwo\nthree");
	file_text_fill(&file_text, file_text.text + 1, file_text.text + 11, '~');
	assert_string_equal(file_text.text, "o~~\r\n~~~\n~~ree");
	file_text_fill(&file_text, file_text.text, file_text.text + 1, ' ');
	assert_string_equal(file_text.text, " ~~\r\n~~~\n~~ree");
	file_text_fill(&file_text, file_text.text + 3, file_text.text + 3, 'x');
	assert_string_equal(file_text.original, "one\r\ntwo\nthree");
	place = file_text_place(&file_text, file_text.text + 5, 1);
	assert_memory_equal(place.source, "two\n", 4);
	original = file_text.original; /* as source_load.c takes it */
	file_text.original = NULL;
	file_text_clear(&file_text);
	assert_string_equal(original, "one\r\ntwo\nthree");
	mem_free_secret(original);
}

static void what_is_kept_is_the_first(void **state)
{
	struct file_text file_text;

	(void)state;
	open_text(&file_text, "a = 1;");
	file_text_keep(&file_text);
	file_text.text[0] = 'b';
	file_text_keep(&file_text);
	assert_string_equal(file_text.original, "a = 1;");
	file_text_clear(&file_text);
	assert_null(file_text.original);
}

static void a_report_is_an_error_at_its_place(void **state)
{
	struct faults faults = {0};
	struct file_text file_text;

	(void)state;
	open_text(&file_text, "a = 1;\nb = %s;\n");
	file_text_report(&file_text, &faults, file_text.text + 11, 2, "%s is shown as it is");
	assert_int_equal(faults.errors, 1);
	assert_string_equal(faults.entries[0].file, "x.conf");
	assert_int_equal(faults.entries[0].line, 2);
	assert_int_equal(faults.entries[0].column, 5);
	assert_int_equal(faults.entries[0].width, 2);
	assert_string_equal(faults.entries[0].source, "b = %s;");
	assert_string_equal(faults.entries[0].text, "%s is shown as it is");
	faults_clear(&faults);
	file_text_clear(&file_text);
}

static void a_repair_is_reported_and_made(void **state)
{
	struct faults faults = {0};
	struct file_text file_text;
	struct file_text_repair *repair;

	(void)state;
	open_text(&file_text, "a = b c;\n");
	repair = file_text_set_repair(&file_text, "two words", file_text.text + 4,
	                              file_text.text + 7);
	assert_ptr_equal(repair, &file_text.repair);
	file_text_repair(&file_text, &faults, repair);
	assert_string_equal(file_text.text, "a = \x1a\x1a\x1a;\n");
	*repair = (struct file_text_repair){
		.sentence = "a key",
		.start = file_text.text,
		.end = file_text.text + 1,
		.fill_from = file_text.text,
		.fill_to = file_text.text + 3,
		.fill = ' ',
	};
	file_text_repair(&file_text, &faults, repair);
	assert_string_equal(file_text.text, "    \x1a\x1a\x1a;\n");
	config_fixture_assert_faults(&faults, "1:1+1 error: a key\n1:5+3 error: two words\n");
	faults_clear(&faults);
	file_text_clear(&file_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_byte_order_mark_is_skipped),
		cmocka_unit_test(places_count_lines_and_bytes),
		cmocka_unit_test(lines_end_before_their_line_end),
		cmocka_unit_test(a_repair_keeps_lines_and_the_original),
		cmocka_unit_test(what_is_kept_is_the_first),
		cmocka_unit_test(a_report_is_an_error_at_its_place),
		cmocka_unit_test(a_repair_is_reported_and_made),
	};

	return cmocka_run_group_tests_name("file_text", tests, NULL, NULL);
}
