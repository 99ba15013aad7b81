/* SPDX-License-Identifier: MIT */
/* A table fits, whatever is in it: the steps are taken in their order, and no further than needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/character.h"
#include "base/mem.h"
#include "commands/format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct table_format format = {
	.columns = {{.title = "ID", .is_vital = true},
                    {.title = "NAME"},
                    {.title = "IN WORDS", .wraps = true}},
	.steps = {{.column = 1, .width = 6}, {.column = 2, .width = 12}, {.column = 1}}};

static void fill(struct table_row *row, const char *id, const char *name, const char *in_words)
{
	*row = (struct table_row){0};
	text_add(&row->cells[0], id);
	text_add(&row->cells[1], name);
	text_add(&row->cells[2], in_words);
}

static struct text draw(const struct table_row *rows, size_t count, size_t shown, size_t width)
{
	struct table_row *given = mem_alloc(count, sizeof(*given));
	struct text out = {0};

	memcpy(given, rows, count * sizeof(*given));
	table_add(&format, given, count, shown, width, &out);
	return out;
}

static void each_width_has_its_drawing(void **state)
{
	static const struct {
		size_t columns;
		const char *desired;
	} cases[] = {
		{0, "ID  NAME       IN WORDS\n"
	            "42  Reporting  at 06:00, on Monday\n"
	            "7   -          every day\n"},
		{34, "ID  NAME       IN WORDS\n"
	             "42  Reporting  at 06:00, on Monday\n"
	             "7   -          every day\n"},
		{32, "ID  NAME     IN WORDS\n"
	             "42  Report\xe2\x80\xa6  at 06:00, on Monday\n"
	             "7   -        every day\n"},
		{30, "ID  NAME    IN WORDS\n"
	             "42  Repor\xe2\x80\xa6  at 06:00, on\n"
	             "            Monday\n"
	             "7   -       every day\n"},
		{20, "ID  IN WORDS\n"
	             "42  at 06:00, on\n"
	             "    Monday\n"
	             "7   every day\n"},
	};
	struct table_row rows[2];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text out;

		fill(&rows[0], "42", "Reporting", "at 06:00, on Monday");
		fill(&rows[1], "7", "-", "every day");
		out = draw(rows, 2, 2, cases[i].columns);
		assert_string_equal(out.bytes, cases[i].desired);
		text_clear(&out);
	}
}

static void wide_characters_stay_in_their_columns(void **state)
{
	struct table_row rows[2];
	struct text out;

	(void)state;
	fill(&rows[0], "1", "\xe6\x97\xa5\xe6\x9c\xac", "x");
	fill(&rows[1], "2", "e\xcc\x81", "y");
	out = draw(rows, 2, 2, 0);
	assert_string_equal(out.bytes, "ID  NAME  IN WORDS\n"
	                               "1   \xe6\x97\xa5\xe6\x9c\xac  x\n"
	                               "2   e\xcc\x81     y\n");
	text_clear(&out);
	fill(&rows[0], "1", "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac", "x");
	out = draw(rows, 1, 1, 20);
	assert_string_equal(out.bytes, "ID  NAME    IN WORDS\n"
	                               "1   \xe6\x97\xa5\xe6\x9c\xac\xe2\x80\xa6   x\n");
	text_clear(&out);
}

static void a_column_without_news_goes_unless_it_is_vital(void **state)
{
	struct table_row row;
	struct text out;

	(void)state;
	fill(&row, "-", "-", "x");
	out = draw(&row, 1, 1, 0);
	assert_string_equal(out.bytes, "ID  IN WORDS\n"
	                               "-   x\n");
	text_clear(&out);
}

static void a_word_that_does_not_fit_is_broken(void **state)
{
	struct table_row row;
	struct text out;

	(void)state;
	fill(&row, "1", "-", "abcdefghijklmnop qr");
	out = draw(&row, 1, 1, 16);
	assert_string_equal(out.bytes, "ID  IN WORDS\n"
	                               "1   abcdefghijkl\n"
	                               "    mnop qr\n");
	text_clear(&out);
}

static void colour_takes_no_room_and_rows_beyond_are_measured(void **state)
{
	struct table_row rows[2];
	struct text out;

	(void)state;
	fill(&rows[0], "1", "a", "x");
	fill(&rows[1], "2", "longer", "y");
	rows[0].coloured = 1;
	rows[0].colour = "\033[31m";
	out = draw(rows, 2, 1, 0);
	assert_string_equal(out.bytes, "ID  NAME    IN WORDS\n"
	                               "1   \033[31ma\033[0m       x\n");
	text_clear(&out);
}

/* Nothing stands behind the last cell of a line that says something, nor colour where there is
 * nothing to colour. */
static void an_empty_cell_leaves_nothing(void **state)
{
	struct table_row rows[2];
	struct text out;

	(void)state;
	fill(&rows[0], "1", "a", "x");
	fill(&rows[1], "2", "", "");
	rows[1].coloured = 1;
	rows[1].colour = "\033[31m";
	out = draw(rows, 2, 2, 0);
	assert_string_equal(out.bytes, "ID  NAME  IN WORDS\n"
	                               "1   a     x\n"
	                               "2\n");
	text_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_width_has_its_drawing),
		cmocka_unit_test(wide_characters_stay_in_their_columns),
		cmocka_unit_test(a_column_without_news_goes_unless_it_is_vital),
		cmocka_unit_test(a_word_that_does_not_fit_is_broken),
		cmocka_unit_test(colour_takes_no_room_and_rows_beyond_are_measured),
		cmocka_unit_test(an_empty_cell_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
