/* SPDX-License-Identifier: MIT */
/* The text of one file, which checks may repair in place. */
#ifndef FILE_TEXT_H
#define FILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "config/lexer.h"

/* What is wrong with some words, and how the rest of the file can be read all the same. */
struct file_text_repair {
	const char *sentence; /* NULL: nothing is wrong */
	const char *start;    /* where it is reported, in the text */
	const char *end;
	const char *fill_from; /* what is replaced, */
	const char *fill_to;
	char fill; /* and with what: a blank, or LEXER_REPLACED_BYTE */
};

struct file_text {
	const char *name; /* borrowed: as faults name the file */
	char *text;       /* owned, in `bytes` behind a byte order mark */
	char *bytes;
	size_t length;
	char *original; /* owned: the text before the first repair; NULL: there was none, or it was
	                 * taken */
	struct lexer_token *includes; /* owned, in their order */
	size_t include_count;
	size_t include_capacity;
	struct file_text_repair repair; /* of the first words that need one */
	char *closers; /* owned: what closes the brackets that the file leaves open; "": none */
	struct {
		const char *at; /* where file_text_place() last was */
		const char *line_start;
		int line;
	} cursor;
};

/* Take over bytes that are NUL-ended beyond `length` (given); a UTF-8 byte order mark is skipped.
 */
void file_text_init(struct file_text *file_text, const char *name, char *bytes, size_t length);

/* Report NUL, invalid UTF-8, carriage returns by themselves, and LEXER_REPLACED_BYTE, and replace
 * each by as many bytes that are harmless. False if the file is UTF-16: nothing of it is left. */
bool file_text_check_bytes(struct file_text *file_text, struct faults *faults);

/* Report what is wrong with the text by itself: its bytes, strings, comments and
 * brackets without an end or a start, an @include amid a line, what no configuration has. Each is
 * neutralised without moving a byte, so that what is left can be read on for its other faults: a
 * value that was reported is LEXER_REPLACED. Includes and closers are found. */
void file_text_check(struct file_text *file_text, struct faults *faults);

/* The place of a byte, with the line as it was before repairs; quick when they ascend. Borrowed
 * from the file_text. */
struct fault_place file_text_place(struct file_text *file_text, const char *at, size_t width);

void file_text_report(struct file_text *file_text, struct faults *faults, const char *at,
                      size_t width, const char *sentence);

/* Note that the words from `start` to `end`, in the text, are to be reported and replaced. What is
 * replaced may be changed in the result. */
struct file_text_repair *file_text_set_repair(struct file_text *file_text, const char *sentence,
                                              const char *start, const char *end);

/* Report what is wrong, and replace it. */
void file_text_repair(struct file_text *file_text, struct faults *faults,
                      const struct file_text_repair *repair);

/* The end of the line that a byte is on, without its line end; the end of the text. */
const char *file_text_line_end(const struct file_text *file_text, const char *at);
const char *file_text_end(const struct file_text *file_text);

/* Put `byte` in the place of all but line ends. */
void file_text_fill(struct file_text *file_text, const char *from, const char *to, char byte);

/* Keep the text as it is as the original. */
void file_text_keep(struct file_text *file_text);

void file_text_clear(struct file_text *file_text); /* wipes */

/* file_quotes.c: which string has lost a quote, or has one too many: one pass over the words;
 * zeroed but for the text. */
struct file_quotes {
	struct file_text *file_text; /* borrowed */
	struct lexer_token previous;
	const char *value; /* behind the last "key ="; NULL: none yet */
	const char *chain; /* of strings that touch, the first that is more than a line */
};

/* Note the next word. The first fault that is found becomes the text's repair. */
void file_quotes_note(struct file_quotes *quotes, const struct lexer_token *token);

#endif
