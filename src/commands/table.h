/* SPDX-License-Identifier: MIT */
/* A table for people: columns as wide as their widest cell, and made to fit the terminal. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define TABLE_COLUMNS_MAX 8

struct table_column {
	const char *title;
	bool is_vital; /* shown even if no cell of it says anything, and never left out */
	bool wraps;    /* what is too long goes on in the next line, else it is cut: "…" */
};

/* What is done, in order, until the lines fit: the column is narrowed to this, or left out. */
struct table_step {
	size_t column;
	size_t width; /* 0: left out */
};

struct table_format {
	const struct table_column *columns; /* borrowed, as are the steps */
	size_t column_count;                /* at most TABLE_COLUMNS_MAX */
	const struct table_step *steps;
	size_t step_count;
};

/* A cell that is "-" says nothing. Text of others is to be escaped already. */
struct table_row {
	struct text cells[TABLE_COLUMNS_MAX]; /* owned */
	size_t coloured;                      /* column that has the colour */
	const char *colour;                   /* an escape sequence; NULL: none */
};

/* Append the titles and the rows; `columns` is the width of the terminal, 0: no limit. The widths
 * are those of all `count` rows, of which the first `shown` are drawn. */
void table_add(const struct table_format *format, const struct table_row *rows, size_t count,
               size_t shown, size_t columns, struct text *out);

void table_row_clear(struct table_row *row);

#endif
