/* SPDX-License-Identifier: MIT */
/* The words of libconfig's language (libconfig manual, "Configuration Files"), with their places.
 */
#ifndef LEXER_H
#define LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stands for what is reported already and is not to be read: no file can have it (file_text.h). */
#define LEXER_REPLACED_BYTE '\x1a'

enum lexer_kind {
	LEXER_END,
	LEXER_NAME,    /* [A-Za-z*][-A-Za-z0-9_*]* that is not a boolean */
	LEXER_STRING,  /* one literal with its quotes; neighbours are joined by the reader */
	LEXER_INTEGER, /* decimal or 0x…, with its L or LL */
	LEXER_FLOAT,
	LEXER_BOOLEAN,
	LEXER_INCLUDE, /* a whole line `@include "path"`: the token is the literal with its quotes
	                */
	LEXER_PUNCTUATION,  /* = : ; , { } ( ) [ ] */
	LEXER_OPEN_STRING,  /* unterminated: from its quote to the end */
	LEXER_OPEN_COMMENT, /* unterminated: from its opening to the end */
	LEXER_COMMENT,      /* only where they are kept */
	LEXER_REPLACED,     /* a run of LEXER_REPLACED_BYTE: what stood there was reported */
	LEXER_STRAY, /* a run of bytes that belong to nothing, such as an '@' inside a line */
};

struct lexer_token {
	enum lexer_kind kind;
	const char *start; /* borrowed from the text */
	size_t length;
};

/* A cursor over a text; blanks are passed over, and comments (#, //, C's) if they are not kept. */
struct lexer {
	const char *at;
	const char *end;
	const char *begin;
	bool keeps_comments; /* each is a word, a LEXER_COMMENT */
};

void lexer_init(struct lexer *lexer, const char *text, size_t length);

/* The next word; LEXER_END for ever at the end. Never fails, always advances. */
struct lexer_token lexer_next(struct lexer *lexer);

/* Whether an equals sign or a colon comes next; that of "https://" is none. */
bool lexer_precedes_equals(struct lexer lexer);

/* Whether only blanks stand before `at` on its line, in a text that begins at `begin`. */
bool lexer_begins_line(const char *begin, const char *at);

/* The bytes that a literal stands for (escapes undone as libconfig does) into `bytes`, which hold
 * as many as it has; returns how many there are. `*wrong` is NULL, or the place of an escape that
 * libconfig does not know, at which it ends. */
size_t lexer_string_copy(const struct lexer_token *token, char *bytes, const char **wrong);

/* Whether a LEXER_INTEGER of a NUL-ended text fits 64 bits, and its value. */
bool lexer_integer_value(const struct lexer_token *token, int64_t *value);

#endif
