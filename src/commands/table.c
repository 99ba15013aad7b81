/* SPDX-License-Identifier: MIT */
/* Each column gets the width of its widest cell. If that is too much together, the table's own
 * steps are taken one after the other: a long name is cut before a column is given up. What is
 * wrapped breaks at a blank, and the cells beside it stay empty in the lines that follow. */
#include "commands/format.h"

#include <stdlib.h>
#include <string.h>

#include "base/character.h"

#define GAP      2
#define ELLIPSIS "\xe2\x80\xa6"

struct widths {
	size_t of[TABLE_COLUMNS_MAX]; /* 0: left out */
	size_t count;                 /* of columns */
};

static size_t width_of(const char *cell)
{
	return character_width(cell, strlen(cell));
}

static size_t measure_column(const struct table_format *format, const struct table_row *rows,
                             size_t count, size_t column)
{
	bool says_something = format->columns[column].is_vital;
	size_t widest = width_of(format->columns[column].title);

	for (size_t i = 0; i < count; i++) {
		const char *cell = rows[i].cells[column].bytes;
		size_t width = width_of(cell);

		says_something |= strcmp(cell, "-") != 0;
		widest = width > widest ? width : widest;
	}
	return says_something ? widest : 0;
}

/* By how much it is too wide. */
static size_t excess(const struct widths *widths, size_t columns)
{
	size_t used = 0;

	for (size_t i = 0; i < widths->count; i++)
		used += widths->of[i] > 0 ? widths->of[i] + GAP : 0;
	return used > columns + GAP ? used - columns - GAP : 0;
}

static void fit(const struct table_format *format, size_t columns, struct widths *widths)
{
	for (const struct table_step *step = format->steps; step->column > 0; step++) {
		size_t over = excess(widths, columns);
		size_t *width = &widths->of[step->column];

		if (over == 0)
			return;
		if (step->width == 0)
			*width = 0;
		else if (*width > step->width)
			*width -= over < *width - step->width ? over : *width - step->width;
	}
}

/* The bytes of the next line of a cell that wraps: up to the last blank that fits. */
static size_t find_break(const char *cell, size_t width)
{
	size_t length = strlen(cell);
	size_t fits = character_fit(cell, length, width);
	size_t at = fits;

	if (fits == length)
		return length;
	while (at > 0 && cell[at] != ' ')
		at--;
	return at > 0 ? at : fits;
}

/* Append what of the cell stands in this line, and step over that. */
static size_t add_cell(const struct table_column *column, const char **cell, size_t width,
                       struct text *out)
{
	size_t length = strlen(*cell);
	size_t start = out->length;
	size_t taken = length;

	if (character_width(*cell, length) <= width) {
		text_add_bytes(out, *cell, length);
	} else if (column->wraps) {
		taken = find_break(*cell, width);
		text_add_bytes(out, *cell, taken);
	} else {
		text_add_bytes(out, *cell, character_fit(*cell, length, width - 1));
		text_add(out, ELLIPSIS);
	}
	*cell += taken + strspn(*cell + taken, " ");
	return character_width(out->bytes + start, out->length - start);
}

/* One line of a row; false if that was the last. */
static bool add_line(const struct table_format *format, const struct table_row *row,
                     const struct widths *widths, const char **cells, struct text *out)
{
	size_t blanks = 0;
	bool is_more = false;

	for (size_t i = 0; i < widths->count; i++) {
		bool is_coloured = row->colour != NULL && row->coloured == i && cells[i][0] != '\0';
		size_t shown = 0;

		if (widths->of[i] == 0)
			continue;
		for (; blanks > 0 && cells[i][0] != '\0'; blanks--)
			text_add_char(out, ' ');
		text_add(out, is_coloured ? row->colour : "");
		shown = cells[i][0] != '\0'
		                ? add_cell(&format->columns[i], &cells[i], widths->of[i], out)
		                : 0;
		text_add(out, is_coloured ? "\033[0m" : "");
		blanks += GAP + widths->of[i] - shown;
		is_more |= cells[i][0] != '\0';
	}
	text_add_char(out, '\n');
	return is_more;
}

static void add_row(const struct table_format *format, const struct table_row *row,
                    const struct widths *widths, struct text *out)
{
	const char *cells[TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < widths->count; i++)
		cells[i] = row->cells[i].bytes;
	while (add_line(format, row, widths, cells, out))
		continue;
}

void table_add(const struct table_format *format, struct table_row *rows, size_t count,
               size_t shown, size_t columns, struct text *out)
{
	const struct table_row plain = {0};
	const char *titles[TABLE_COLUMNS_MAX];
	struct widths widths = {0};

	for (size_t i = 0; i < TABLE_COLUMNS_MAX && format->columns[i].title != NULL; i++) {
		titles[i] = format->columns[i].title;
		widths.of[widths.count++] = measure_column(format, rows, count, i);
	}
	if (columns > 0)
		fit(format, columns, &widths);
	(void)add_line(format, &plain, &widths, titles, out);
	for (size_t i = 0; i < shown; i++)
		add_row(format, &rows[i], &widths, out);
	for (size_t i = 0; i < count * TABLE_COLUMNS_MAX; i++)
		text_clear(&rows[i / TABLE_COLUMNS_MAX].cells[i % TABLE_COLUMNS_MAX]);
	free(rows);
}
