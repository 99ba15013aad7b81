/* SPDX-License-Identifier: MIT */
/* A table for people: columns as wide as their widest cell, and made to fit the terminal. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define TABLE_COLUMNS_MAX 8
#define TABLE_STEPS_MAX   8

struct table_column {
	const char *title;
	bool is_vital; /* shown even if no cell of it says anything, and never left out */
	bool wraps;    /* what is too long goes on in the next line, else it is cut: "…" */
};

/* What is done, in order, until the lines fit: the column is narrowed to this, or left out. */
struct table_step {
	size_t column; /* not the first; 0: there are no further steps */
	size_t width;  /* 0: left out */
};

struct table_format {
	struct table_column columns[TABLE_COLUMNS_MAX]; /* up to one without a title */
	struct table_step steps[TABLE_STEPS_MAX + 1];
};

/* A cell that is "-" says nothing. Text of others is to be escaped already. */
struct table_row {
	struct text cells[TABLE_COLUMNS_MAX]; /* owned */
	size_t coloured;                      /* column that has the colour */
	const char *colour;                   /* an escape sequence; NULL: none */
};

/* Append the titles and the rows, and free these; `columns` is the width of the terminal, 0: no
 * limit. The widths are those of all `count` rows, of which the first `shown` are drawn. */
void table_add(const struct table_format *format, struct table_row *rows, size_t count,
               size_t shown, size_t columns, struct text *out);

#endif
