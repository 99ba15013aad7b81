/* SPDX-License-Identifier: MIT */
/* Columns of a terminal: wide characters, combining ones, and bytes that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text_width.h"

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
		assert_int_equal(text_width(cases[i].text, strlen(cases[i].text)), cases[i].width);
}

/* Whatever the width: no more than that, nothing that would still fit left out, and no letter
 * parted from its accent. */
static void what_fits_is_as_much_as_there_is_room_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = strlen(cases[i].text);

		for (size_t columns = 0; columns <= cases[i].width + 1; columns++) {
			size_t fits = text_width_fit(cases[i].text, length, columns);
			size_t width = text_width(cases[i].text, fits);

			assert_in_range(fits, 0, length);
			assert_true(width <= columns);
			assert_true(fits == length || width + 2 > columns);
		}
		assert_int_equal(text_width_fit(cases[i].text, length, cases[i].width), length);
	}
	assert_int_equal(text_width_fit("ae\xcc\x81x", 5, 2), 4);
	assert_int_equal(text_width_fit("\xe6\x97\xa5\xe6\x9c\xac", 6, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_width_is_the_terminals),
		cmocka_unit_test(what_fits_is_as_much_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
