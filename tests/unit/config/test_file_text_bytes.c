/* SPDX-License-Identifier: MIT */
/* Bytes that are no text: each reported where it stands, and replaced by one that is harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "config/file_text.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct bytes_case {
	const char *bytes;
	size_t length; /* 0: the bytes end with their NUL */
	const char *faults;
	const char *left; /* NULL: as it was */
};

static void assert_bytes(const struct bytes_case *expected, bool is_text)
{
	size_t length = expected->length > 0 ? expected->length : strlen(expected->bytes);
	const char *left = expected->left != NULL ? expected->left : expected->bytes;
	struct faults faults = {0};
	struct file_text file_text;

	file_text_init(&file_text, "x.conf", mem_dup_bytes(expected->bytes, length), length);
	assert_int_equal(file_text_check_bytes(&file_text, &faults), is_text);
	config_fixture_assert_faults(&faults, expected->faults);
	assert_int_equal(file_text.length, strlen(left));
	assert_string_equal(file_text.text, left);
	file_text_clear(&file_text);
	faults_clear(&faults);
}

static void text_is_left_alone(void **state)
{
	static const struct bytes_case cases[] = {
		{.bytes = "", .faults = ""},
		{.bytes = "a", .faults = ""},
		{.bytes = "\r\n", .faults = ""},
		{.bytes = "a = \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\";\r\n\tb\r\n", .faults = ""},
		{.bytes = "a = 1;\r", .faults = ""}, /* the last one swallows nothing */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_bytes(&cases[i], true);
}

static void what_is_no_text_is_replaced(void **state)
{
	static const struct bytes_case cases[] = {
		{.bytes = "a = 1;\nb\0c = 2;\n",
	         .length = 16,
	         .faults = "2:2+1 error: NUL byte\n",
	         .left = "a = 1;\nb_c = 2;\n"},
		{.bytes = "a = 1;\n\0\0\0",
	         .length = 10,
	         .faults = "2:1+3 error: NUL bytes\n",
	         .left = "a = 1;\n   "},
		{.bytes = "ab\0c\0\0d",
	         .length = 7,
	         .faults = "1:3+1 error: NUL byte\n1:5+2 error: NUL bytes\n",
	         .left = "ab_c  d"},
		{.bytes = "# caf\xe9\n\"\xff\xfe\xc3\xa4\xc0\"\n",
	         .faults = "1:6+1 error: invalid UTF-8 (byte 0xe9); save the file as UTF-8\n"
	                   "2:2+2 error: invalid UTF-8 (byte 0xff); save the file as UTF-8\n"
	                   "2:6+1 error: invalid UTF-8 (byte 0xc0); save the file as UTF-8\n",
	         .left = "# caf_\n\"__\xc3\xa4_\"\n"},
		{.bytes = "\xed\xa0\x80",
	         .faults = "1:1+3 error: invalid UTF-8 (byte 0xed); save the file as UTF-8\n",
	         .left = "___"},
		{.bytes = "a\xf0\x9f\x98",
	         .faults = "1:2+3 error: invalid UTF-8 (byte 0xf0); save the file as UTF-8\n",
	         .left = "a___"},
		{.bytes = "a = 1; # old\rb = 2;\rc = 3;\n",
	         .faults = "1:13+1 error: carriage return without a line feed after it\n",
	         .left = "a = 1; # old\nb = 2;\nc = 3;\n"},
		/* All lines are counted alike, whatever is wrong with them. */
		{.bytes = "a\rb\r\xff\n\0",
	         .length = 7,
	         .faults = "1:2+1 error: carriage return without a line feed after it\n"
	                   "3:1+1 error: invalid UTF-8 (byte 0xff); save the file as UTF-8\n"
	                   "4:1+1 error: NUL byte\n",
	         .left = "a\nb\n_\n_"},
		{.bytes = "a = \x1a;\n\x1a",
	         .faults = "1:5+1 error: control byte 0x1a\n2:1+1 error: control byte 0x1a\n",
	         .left = "a =  ;\n "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_bytes(&cases[i], true);
}

static void utf16_is_left_out_as_a_whole(void **state)
{
	static const struct bytes_case cases[] = {
		{.bytes = "\xff\xfe"
	                  "a\0",
	         .length = 4,
	         .faults = "0:0+1 error: the file looks like UTF-16; save it as UTF-8\n",
	         .left = "    "},
		{.bytes = "\xfe\xff\0a",
	         .length = 4,
	         .faults = "0:0+1 error: the file looks like UTF-16; save it as UTF-8\n",
	         .left = "    "},
		{.bytes = "a\0=\0",
	         .length = 4,
	         .faults = "0:0+1 error: the file looks like UTF-16; save it as UTF-8\n",
	         .left = "    "},
		{.bytes = "\0a\0=",
	         .length = 4,
	         .faults = "0:0+1 error: the file looks like UTF-16; save it as UTF-8\n",
	         .left = "    "},
	};
	static const struct bytes_case nul = {
		.bytes = "\0", .length = 1, .faults = "1:1+1 error: NUL byte\n", .left = "_"};
	static const struct bytes_case nuls = {
		.bytes = "\0\0", .length = 2, .faults = "1:1+2 error: NUL bytes\n", .left = "  "};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_bytes(&cases[i], false);
	assert_bytes(&nul, true);
	assert_bytes(&nuls, true);
}

/* Ten of a kind are enough, and all are replaced. */
static void what_is_reported_has_an_end(void **state)
{
	static const struct {
		const char *unit;
		size_t length;
		size_t reported;
		char left;
	} cases[] = {
		{"a\xff", 2, 10, '_'},
		{"a\0", 2, 10, '_'},
		{"a\x1a", 2, 10, ' '},
		{"a\r", 2, 1, '\n'},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text text = {0};
		struct faults faults = {0};
		struct file_text file_text;

		text_add(&text, "aa"); /* else it looks like UTF-16 */
		for (size_t j = 0; j < 12; j++)
			text_add_bytes(&text, cases[i].unit, cases[i].length);
		text_add(&text, "a");
		file_text_init(&file_text, "x.conf", text.bytes, text.length);
		assert_true(file_text_check_bytes(&file_text, &faults));
		assert_int_equal(faults.errors, cases[i].reported);
		for (size_t j = 0; j < 12; j++)
			assert_int_equal(file_text.text[3 + 2 * j], cases[i].left);
		file_text_clear(&file_text);
		faults_clear(&faults);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_left_alone),
		cmocka_unit_test(what_is_no_text_is_replaced),
		cmocka_unit_test(utf16_is_left_out_as_a_whole),
		cmocka_unit_test(what_is_reported_has_an_end),
	};

	return cmocka_run_group_tests_name("file_text_bytes", tests, NULL, NULL);
}
