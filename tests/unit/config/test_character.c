/* SPDX-License-Identifier: MIT */
/* Characters by their code point and name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/character.h"

static void code_point_and_name(void **state)
{
	static const struct {
		uint32_t point;
		bool is_invisible;
		const char *text;
	} cases[] = {
		{0xa0, true, "U+00A0 (no-break space)"},
		{0x200b, true, "U+200B (zero-width space)"},
		{0x202e, true, "U+202E (a control of the direction of text)"},
		{0xfeff, true, "U+FEFF (zero-width no-break space)"},
		{0x2026, false, "U+2026"},
		{0x1f44d, false, "U+1F44D"},
		{' ', false, "U+0020"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text out = {0};

		character_describe(cases[i].point, &out);
		assert_string_equal(out.bytes, cases[i].text);
		assert_int_equal(character_is_invisible(cases[i].point), cases[i].is_invisible);
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
