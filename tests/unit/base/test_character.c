/* SPDX-License-Identifier: MIT */
/* Characters that cannot be seen, and the columns that a terminal takes for text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/character.h"

static void code_point_and_name(void **state)
{
	static const struct {
		uint32_t point;
		bool is_invisible, is_blank;
		const char *text;
	} cases[] = {
		{0xa0, true, true, "U+00A0 (no-break space)"},
		{0x200b, true, false, "U+200B (zero-width space)"},
		{0x202e, true, false, "U+202E (a control of the direction of text)"},
		{0xfeff, true, false, "U+FEFF (zero-width no-break space)"},
		{0x2026, false, false, "U+2026"},
		{0x1f44d, false, false, "U+1F44D"},
		{' ', false, false, "U+0020"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text out = {0};

		character_describe(cases[i].point, &out);
		assert_string_equal(out.bytes, cases[i].text);
		assert_int_equal(character_name(cases[i].point) != NULL, cases[i].is_invisible);
		assert_int_equal(character_is_blank(cases[i].point), cases[i].is_blank);
		text_clear(&out);
	}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text;
	size_t width;
} cases[] = {
	{"", 0},
	{"Mode: Finance", 13},
	{"\xc3\x84rger \xe2\x82\xac", 7},
	{"e\xcc\x81", 1},                /* e, combining acute */
	{"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* two ideographs */
	{"\xf0\x9f\x98\x80", 2},         /* an emoji */
	{"a\xff\xc3", 3},                /* bytes that are no UTF-8 */
	{"\xed\x95\x9c"
         "a\xcc\x88\xcc\x81"
         "b",
         4}, /* two accents on one letter */
};

static void the_width_is_the_terminals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(character_width(cases[i].text, strlen(cases[i].text)),
		                 cases[i].width);
}

/* Whatever the width: no more than that, nothing that would still fit left out, and no letter
 * parted from its accent. */
static void what_fits_is_as_much_as_there_is_room_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = strlen(cases[i].text);

		for (size_t columns = 0; columns <= cases[i].width + 1; columns++) {
			size_t fits = character_fit(cases[i].text, length, columns);
			size_t width = character_width(cases[i].text, fits);

			assert_in_range(fits, 0, length);
			assert_true(width <= columns);
			assert_true(fits == length || width + 2 > columns);
		}
		assert_int_equal(character_fit(cases[i].text, length, cases[i].width), length);
	}
	assert_int_equal(character_fit("ae\xcc\x81x", 5, 2), 4);
	assert_int_equal(character_fit("\xe6\x97\xa5\xe6\x9c\xac", 6, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_point_and_name),
		cmocka_unit_test(the_width_is_the_terminals),
		cmocka_unit_test(what_fits_is_as_much_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
