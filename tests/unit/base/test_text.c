/* SPDX-License-Identifier: MIT */
/* Text: the buffer, the two escapers against writers that look at one byte at a time, and the
 * decoder on every code point there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void buffer_grows(void **state)
{
	struct text text = {0};
	char *taken;

	(void)state;
	text_add(&text, "a");
	text_add_char(&text, 'b');
	text_add_bytes(&text, "c\0d", 3);
	text_add_bytes(&text, NULL, 0);
	text_printf(&text, "%d", 5);
	assert_int_equal(text.length, 6);
	assert_memory_equal(text.bytes, "abc\0d5", 7);
	text_truncate(&text, 99);
	assert_int_equal(text.length, 6);
	text_truncate(&text, 2);
	assert_string_equal(text.bytes, "ab");
	taken = text_take(&text);
	assert_string_equal(taken, "ab");
	assert_null(text.bytes);
	assert_int_equal(text.length + text.capacity, 0);
	free(taken);
	taken = text_take(&text);
	assert_string_equal(taken, "");
	free(taken);
	text_clear(&text);
}

/* Formatting is tried in the room there is; every length around the boundary must come out whole.
 */
static void printf_of_any_length(void **state)
{
	(void)state;
	for (int width = 0; width < 200; width++) {
		struct text text = {0};

		text_add(&text, "<");
		text_printf(&text, "%*s|", width, "");
		assert_int_equal(text.length, (size_t)width + 2);
		assert_int_equal(strlen(text.bytes), text.length);
		assert_int_equal(text.bytes[width + 1], '|');
		text_clear(&text);
	}
}

static void int_is_decimal(void **state)
{
	static const int64_t numbers[] = {
		0, 1, -1, 9, 10, 42, -99, 100, 1700000000123, INT64_MAX, INT64_MIN};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct text text = {0};
		char want[32];

		snprintf(want, sizeof(want), "%" PRId64, numbers[i]);
		text_add_int(&text, numbers[i]);
		assert_string_equal(text.bytes, want);
		text_clear(&text);
	}
}

static void json_escapes(void **state)
{
	static const struct {
		const char *in;
		size_t length;
		const char *out;
	} cases[] = {
		{.in = "", .length = 0, .out = ""},
		{.in = "plain */5 text", .length = 14, .out = "plain */5 text"},
		{.in = "\"\\/\b\f\n\r\t", .length = 8, .out = "\\\"\\\\/\\b\\f\\n\\r\\t"},
		{.in = "a\0b\x1f\x7f", .length = 5, .out = "a\\u0000b\\u001f\x7f"},
		{.in = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	         .length = 9,
	         .out = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{.in = "a\xff"
	               "b",
	         .length = 3,
	         .out = "a\xef\xbf\xbd"
	                "b"},
		{.in = "\xc0\x80", .length = 2, .out = "\xef\xbf\xbd\xef\xbf\xbd"},
		{.in = "\xe2\x82", .length = 2, .out = "\xef\xbf\xbd\xef\xbf\xbd"},
		{.in = "12345678\x01", .length = 9, .out = "12345678\\u0001"},
		{.in = "\xc2\x9b\xc2\xa0", .length = 4, .out = "\\u009b\xc2\xa0"},
		{.in = "\xd8\x9c\xe2\x80\x8b\xe2\x80\x8d\xe2\x80\x8e",
	         .length = 11,
	         .out = "\\u061c\\u200b\xe2\x80\x8d\\u200e"},
		{.in = "\xe2\x80\xa9\xe2\x80\xae\xe2\x80\xaf\xef\xbb\xbf",
	         .length = 12,
	         .out = "\\u2029\\u202e\xe2\x80\xaf\\ufeff"},
		{.in = "x\xe2\x81\xa0\xe2\x81\xa6", .length = 7, .out = "x\\u2060\\u2066"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text text = {0};

		text_add_json(&text, cases[i].in, cases[i].length);
		assert_string_equal(text.bytes, cases[i].out);
		text_clear(&text);
	}
}

/* Every ASCII byte at every index of the words that are read at once. */
static void json_escapes_wherever_it_stands(void **state)
{
	(void)state;
	for (int byte = 0; byte < 128; byte++) {
		for (size_t at = 0; at < 24; at++) {
			char in[24], want[64];
			struct text text = {0};
			struct text alone = {0};
			char one = (char)byte;

			memset(in, 'x', sizeof(in));
			in[at] = one;
			text_add_json(&alone, &one, 1);
			if (byte >= 0x20 && byte != '"' && byte != '\\')
				assert_int_equal(alone.length, 1);
			else
				assert_true(alone.length == 2 || alone.length == 6);
			snprintf(want, sizeof(want), "%.*s%s%.*s", (int)at,
			         "xxxxxxxxxxxxxxxxxxxxxxxx", alone.bytes, (int)(23 - at),
			         "xxxxxxxxxxxxxxxxxxxxxxxx");
			text_add_json(&text, in, sizeof(in));
			assert_string_equal(text.bytes, want);
			text_clear(&text);
			text_clear(&alone);
		}
	}
}

static void escape_for_terminals(void **state)
{
	static const struct {
		const char *in;
		size_t limit;
		const char *out;
	} cases[] = {
		{.in = "", .limit = 10, .out = ""},
		{.in = "caf\xc3\xa9 \\ \"", .limit = 99, .out = "caf\xc3\xa9 \\ \""},
		{.in = "\n\t\r\x1b[31m\x7f", .limit = 99, .out = "\\n\\t\\r\\x1b[31m\\x7f"},
		{.in = "\xc2\x85\xc2\x80\xc2\x9f\xc2\xa0",
	         .limit = 99,
	         .out = "\\u{0085}\\u{0080}\\u{009f}\xc2\xa0"},
		{.in = "\xe2\x80\xa8\xe2\x80\xa9", .limit = 99, .out = "\\u{2028}\\u{2029}"},
		{.in = "\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
	         .limit = 99,
	         .out = "\\u{202a}\\u{202e}\xe2\x80\xaf"},
		{.in = "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
	         .limit = 99,
	         .out = "\xe2\x81\xa5\\u{2066}\\u{2069}\xe2\x81\xaa"},
		{.in = "\xd8\x9c\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8f\xef\xbb\xbf",
	         .limit = 99,
	         .out = "\\u{061c}\\u{200b}\xe2\x80\x8c\\u{200f}\\u{feff}"},
		{.in = "\xff\xc0\x80\xed\xa0\x80",
	         .limit = 99,
	         .out = "\\xff\\xc0\\x80\\xed\\xa0\\x80"},
		{.in = "abcdef", .limit = 6, .out = "abcdef"},
		{.in = "abcdefg", .limit = 6, .out = "abc\xe2\x80\xa6"},
		{.in = "abcdefg", .limit = 3, .out = "\xe2\x80\xa6"},
		{.in = "abcdefg", .limit = 2, .out = "ab"},
		{.in = "abcdefg", .limit = 0, .out = ""},
		{.in = "a\xc3\xa4\xc3\xa4\xc3\xa4", .limit = 6, .out = "a\xc3\xa4\xe2\x80\xa6"},
		{.in = "a\x01\x02", .limit = 8, .out = "a\\x01\xe2\x80\xa6"},
		{.in = "a\x01\x02", .limit = 7, .out = "a\xe2\x80\xa6"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text text = {0};

		text_add(&text, "> ");
		text_escape(&text, cases[i].in, strlen(cases[i].in), cases[i].limit);
		assert_string_equal(text.bytes + 2, cases[i].out);
		assert_true(text.length - 2 <= cases[i].limit);
		text_clear(&text);
	}
}

/* Every ASCII byte at every index of the words that are read at once. */
static void escape_for_terminals_wherever_it_stands(void **state)
{
	(void)state;
	for (int byte = 0; byte < 0x80; byte++) {
		for (size_t at = 0; at < 16; at++) {
			char in[] = "0123456789abcdef";
			bool plain = byte >= ' ' && byte != 0x7f;
			struct text text = {0};

			in[at] = (char)byte;
			text_escape(&text, in, 16, 99);
			assert_int_equal(strncmp(text.bytes, in, at), 0);
			assert_int_equal(text.bytes[at], plain ? byte : '\\');
			assert_string_equal(text.bytes + text.length - (15 - at), in + at + 1);
			text_clear(&text);
		}
	}
}

static void escape_keeps_nul_visible(void **state)
{
	struct text text = {0};

	(void)state;
	text_escape(&text, "a\0b", 3, SIZE_MAX);
	assert_string_equal(text.bytes, "a\\x00b");
	text_clear(&text);
}

/* Encode without regard to what is allowed. */
static size_t encode(uint32_t point, char out[4])
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 63));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 63));
		out[2] = (char)(0x80 | (point & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 63));
	out[2] = (char)(0x80 | (point >> 6 & 63));
	out[3] = (char)(0x80 | (point & 63));
	return 4;
}

static void utf8_of_every_code_point(void **state)
{
	(void)state;
	for (uint32_t point = 0; point < 0x1fffff; point++) {
		bool valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
		bool plain;
		char bytes[4];
		size_t length = encode(point, bytes);

		if (text_utf8_error(bytes, length) != (valid ? length : 0))
			fail_msg("U+%04X", point);
		if (text_character(bytes, length, &plain) != (valid ? length : 0))
			fail_msg("U+%04X", point);
		if (valid && text_utf8_error(bytes, length - 1) != 0)
			fail_msg("U+%04X cut short", point);
	}
}

static void utf8_error_is_found(void **state)
{
	static const struct {
		const char *bytes;
		size_t length, error;
	} cases[] = {
		{.bytes = "", .length = 0, .error = 0},
		{.bytes = "abc", .length = 3, .error = 3},
		{.bytes = "\xc0\xaf", .length = 2, .error = 0},
		{.bytes = "\xc1\xbf", .length = 2, .error = 0},
		{.bytes = "\xe0\x9f\xbf", .length = 3, .error = 0},
		{.bytes = "\xf0\x8f\xbf\xbf", .length = 4, .error = 0},
		{.bytes = "a\x80", .length = 2, .error = 1},
		{.bytes = "abc\xe2\x28\xa1", .length = 6, .error = 3},
		{.bytes = "\xe2\x82\x28", .length = 3, .error = 0},
		{.bytes = "\xc3\xc3", .length = 2, .error = 0},
		{.bytes = "\xe2\x82\xe2", .length = 3, .error = 0},
		{.bytes = "\xf8\x88\x80\x80\x80", .length = 5, .error = 0},
		{.bytes = "\xfe", .length = 1, .error = 0},
		{.bytes = "12345678\xff", .length = 9, .error = 8},
		{.bytes = "1234567890123456789\xc3\xa4\xff", .length = 22, .error = 21},
		{.bytes = "\0\0", .length = 2, .error = 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(text_utf8_error(cases[i].bytes, cases[i].length), cases[i].error);
}

static void character_tells_what_is_plain(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		bool plain;
	} cases[] = {
		{.bytes = "a", .length = 1, .plain = true},
		{.bytes = "\xc3\xa4x", .length = 2, .plain = true},
		{.bytes = "\x1b", .length = 1, .plain = false},
		{.bytes = "\xe2\x80\xae", .length = 3, .plain = false},
		{.bytes = "\xff", .length = 0, .plain = false},
		{.bytes = "", .length = 0, .plain = false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool plain = !cases[i].plain;

		assert_int_equal(text_character(cases[i].bytes, strlen(cases[i].bytes), &plain),
		                 cases[i].length);
		assert_int_equal(plain, cases[i].plain);
	}
}

/* The vectors of the hash's authors (draft-eastlake-fnv). */
static void strings_are_in_byte_order(void **state)
{
	const char *strings[] = {"b", "a\xc3\xa4", "ab", "a", "", "aa", "B"};
	static const char *const sorted[] = {"", "B", "a", "aa", "ab", "a\xc3\xa4", "b"};

	(void)state;
	qsort(strings, COUNT(strings), sizeof(*strings), text_compare);
	for (size_t i = 0; i < COUNT(strings); i++)
		assert_string_equal(strings[i], sorted[i]);
}

static void hash_is_fnv_1a(void **state)
{
	uint64_t chained = text_hash(TEXT_HASH_START, "foo", 3);

	(void)state;
	assert_true(text_hash(TEXT_HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(text_hash(TEXT_HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(text_hash(TEXT_HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
	assert_true(text_hash(chained, "bar", 3) == UINT64_C(0x85944171f73967e8));
}

static void int_is_parsed_whole(void **state)
{
	static const struct {
		const char *string;
		int64_t min, max;
		bool good;
		int64_t number;
	} cases[] = {
		{.string = "0", .min = 0, .max = 9, .good = true, .number = 0},
		{.string = "010", .min = 0, .max = 99, .good = true, .number = 10},
		{.string = "-5", .min = -5, .max = 0, .good = true, .number = -5},
		{.string = "-6", .min = -5, .max = 0},
		{.string = "10", .min = 0, .max = 9},
		{.string = "9223372036854775807",
	         .min = 1,
	         .max = INT64_MAX,
	         .good = true,
	         .number = INT64_MAX},
		{.string = "9223372036854775808", .min = 1, .max = INT64_MAX},
		{.string = "-9223372036854775808",
	         .min = INT64_MIN,
	         .max = 0,
	         .good = true,
	         .number = INT64_MIN},
		{.string = "", .max = 9},
		{.string = "-", .min = -9, .max = 9},
		{.string = "+1", .max = 9},
		{.string = " 1", .max = 9},
		{.string = "1 ", .max = 9},
		{.string = "1x", .max = 9},
		{.string = "0x1", .max = 9},
		{.string = "- 1", .min = -9, .max = 9},
		{.string = "--1", .min = -9, .max = 9},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t number = 4711;
		bool good = text_to_int(cases[i].string, cases[i].min, cases[i].max, &number);

		assert_int_equal(good, cases[i].good);
		assert_true(number == (good ? cases[i].number : 4711));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffer_grows),
		cmocka_unit_test(printf_of_any_length),
		cmocka_unit_test(int_is_decimal),
		cmocka_unit_test(json_escapes),
		cmocka_unit_test(json_escapes_wherever_it_stands),
		cmocka_unit_test(escape_for_terminals),
		cmocka_unit_test(escape_for_terminals_wherever_it_stands),
		cmocka_unit_test(escape_keeps_nul_visible),
		cmocka_unit_test(utf8_of_every_code_point),
		cmocka_unit_test(utf8_error_is_found),
		cmocka_unit_test(character_tells_what_is_plain),
		cmocka_unit_test(hash_is_fnv_1a),
		cmocka_unit_test(strings_are_in_byte_order),
		cmocka_unit_test(int_is_parsed_whole),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
