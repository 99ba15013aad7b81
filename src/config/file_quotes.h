/* SPDX-License-Identifier: MIT */
/* Which string has lost a quote, or has one too many. */
#ifndef FILE_QUOTES_H
#define FILE_QUOTES_H

#include <stdbool.h>

#include "config/file_text.h"
#include "config/lexer.h"

/* One pass over the words; zeroed but for the text. */
struct file_quotes {
	struct file_text *file_text; /* borrowed */
	struct lexer_token previous;
	const char *value; /* behind the last "key ="; NULL: none yet */
	const char *chain; /* of strings that touch, the first that is more than a line */
};

/* Note the next word. The first fault that is found becomes the text's repair. */
void file_quotes_note(struct file_quotes *quotes, const struct lexer_token *token);

#endif
