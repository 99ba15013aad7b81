/* SPDX-License-Identifier: MIT */
/* What the commands show alike: times, schedules, text of others, tables. */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/redactor.h"
#include "base/text.h"
#include "config/spec.h"

enum format_form {
	FORMAT_DAY,        /* Tue 24 */
	FORMAT_DATE,       /* Tue 2026-11-24 */
	FORMAT_SHORT_TIME, /* Tue 11-24 06:00 */
	FORMAT_TIME,       /* Tue 2026-11-24 06:00 */
	FORMAT_TIMESTAMP,  /* 2026-11-24T06:00:00Z: for programs (RFC 3339) */
};

/* Append a time in UTC; nothing of one that no calendar has. */
void format_time(int64_t at_unix_s, enum format_form form, struct text *out);

/* Append the description of a schedule; NULL: "no schedule". False, and nothing appended, if it is
 * none that is understood here. */
bool format_schedule(const char *cron, struct text *out);

/* Find a schedule's next run; false where there is none that could be named. */
bool format_find_next(const char *cron, int64_t now_unix_s, int64_t *next_unix_s);

/* Append text of others: redacted, escaped, and cut to `limit` bytes. A NULL redactor knows no
 * secrets. */
void format_text(const char *string, size_t limit, const struct redactor *redactor,
                 struct text *out);

/* The same in quotes. */
void format_quoted(const char *string, size_t limit, const struct redactor *redactor,
                   struct text *out);

/* Append "integration 42 'its name'"; a NULL name is left out, another goes through format_text().
 */
void format_integration(int64_t id, const char *name, size_t limit, const struct redactor *redactor,
                        struct text *out);

/* Begin and end the document of --json, but for that of status, which is the daemon's. */
void format_open_document(struct text *out);
void format_close_document(struct text *out);

/* Append a member of it: a time; a schedule's next run, or its description, null where there is
 * none that could be named; where something stands, null for a place that is none. */
void format_json_time(struct text *out, const char *key, int64_t at_unix_s);
void format_json_next(struct text *out, const char *key, const char *cron, int64_t now_unix_s);
void format_json_schedule(struct text *out, const char *key, const char *cron);
void format_json_place(struct text *out, struct spec_place place); /* "file" and "line" */

/* table.c: a table for people, with columns as wide as their widest cell, and made to fit the
 * terminal. */

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
