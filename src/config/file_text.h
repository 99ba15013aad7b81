/* SPDX-License-Identifier: MIT */
/* The text of one file, checked and mended so that nothing in it can reach beyond its end. */
#ifndef FILE_TEXT_H
#define FILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define SHEET_DEPTH_MAX    1000 /* brackets within brackets; far above what a spec can mean */
#define SHEET_PROBLEMS_MAX 1000 /* a file with more is not a configuration */

/* An `@include "path"`. */
struct file_text_include {
	size_t start; /* of the literal with its quotes, an offset in the text */
	size_t length;
};

struct file_text {
	const char *name; /* borrowed: as faults name the file */
	char *text;       /* owned, in `bytes` behind a byte order mark */
	char *bytes;
	size_t length;
	struct file_text_include *includes; /* owned, in their order */
	size_t include_count;
	size_t include_capacity;
	char *closers; /* owned: what closes the brackets that the file leaves open; "": none */
	struct {
		size_t offset; /* where file_text_place() last was */
		int line;
		size_t line_start;
	} cursor;
};

/* Take over bytes that are NUL-ended beyond `length` (given); a UTF-8 byte order mark is skipped.
 */
void file_text_init(struct file_text *file_text, const char *name, char *bytes, size_t length);

/* Tell what is wrong with the text by itself: NUL, invalid UTF-8, lone carriage returns, strings,
 * comments and brackets without an end, brackets that close nothing, an @include amid a line. Each
 * is neutralised, so that what is left can be read on for its other faults; the offsets of what
 * stands on other lines keep their lines and columns. */
void file_text_check(struct file_text *file_text, struct faults *faults);

/* The place of a byte; quick when offsets ascend. Borrowed from the file_text. */
struct fault_place file_text_place(struct file_text *file_text, size_t offset, size_t width);

void file_text_clear(struct file_text *file_text); /* wipes */

#endif
