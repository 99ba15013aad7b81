/* SPDX-License-Identifier: MIT */
/* Characters by their code point and name. */
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
		assert_int_equal(character_is_invisible(cases[i].point), cases[i].is_invisible);
		assert_int_equal(character_is_blank(cases[i].point), cases[i].is_blank);
		text_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_point_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
