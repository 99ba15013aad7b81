/* SPDX-License-Identifier: MIT */
/* The words of libconfig's language (libconfig manual, "Configuration Files"), with their places.
 */
#ifndef LEXER_H
#define LEXER_H

#include <stdbool.h>
#include <stddef.h>

enum lex_kind {
	LEX_END,
	LEX_NAME,    /* [A-Za-z*][-A-Za-z0-9_*]* that is not a boolean */
	LEX_STRING,  /* one literal with its quotes; neighbours are joined by the reader */
	LEX_INTEGER, /* decimal or 0x…, with its L or LL */
	LEX_FLOAT,
	LEX_BOOLEAN,
	LEX_INCLUDE, /* a whole line `@include "path"`: the token is the literal with its quotes */
	LEX_PUNCTUATION,  /* = : ; , { } ( ) [ ] */
	LEX_OPEN_STRING,  /* unterminated: from its quote to the end */
	LEX_OPEN_COMMENT, /* unterminated: from its opening to the end */
	LEX_STRAY,        /* a run of bytes that belong to nothing, such as an '@' inside a line */
};

struct lex_token {
	enum lex_kind kind;
	const char *start; /* lent by the text */
	size_t length;
};

/* A cursor over a text; comments (#, //, C's) and blanks are passed over. */
struct lex {
	const char *at;
	const char *end;
	const char *begin;
};

void lex_init(struct lex *lex, const char *text, size_t length);

/* The next word; LEX_END for ever at the end. Never fails, always advances. */
struct lex_token lex_next(struct lex *lex);

/* The bytes that a literal stands for (escapes undone as libconfig does), given to the caller;
 * NULL for an escape that libconfig does not know, with its place in `*wrong`. */
char *lex_string_value(const struct lex_token *token, size_t *length, const char **wrong);

/* Whether a LEX_INTEGER fits 64 bits, and its value. */
bool lex_integer_value(const struct lex_token *token, long long *value);

#endif
