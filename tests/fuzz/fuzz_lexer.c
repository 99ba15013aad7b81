/* SPDX-License-Identifier: MIT */
/* The words of any text cover it in order, are not empty, and stand for something or for nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/lexer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_string(const struct lex_token *token)
{
	const char *wrong = NULL;
	size_t length = 0;
	char *value;

	require(token->length >= 2 && token->start[0] == '"');
	require(token->start[token->length - 1] == '"');
	value = lex_string_value(token, &length, &wrong);
	if (value != NULL)
		require(length <= token->length - 2);
	else
		require(*wrong == '\\' && wrong > token->start &&
		        wrong < token->start + token->length - 1);
	free(value);
}

/* A word that is read by itself is the same word. */
static void check_alone(const struct lex_token *token)
{
	struct lex lex;
	struct lex_token again;

	lex_init(&lex, token->start, token->length);
	again = lex_next(&lex);
	require(again.kind == (token->kind == LEX_INCLUDE ? LEX_STRING : token->kind));
	require(again.length == token->length);
}

static void check_word(const struct lex_token *token)
{
	long long value;

	require(token->length > 0);
	if (token->kind == LEX_STRING || token->kind == LEX_INCLUDE)
		check_string(token);
	if (token->kind == LEX_INTEGER)
		(void)lex_integer_value(token, &value);
	if (token->kind == LEX_PUNCTUATION)
		require(token->length == 1);
	check_alone(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *last = text;
	struct lex lex;
	struct lex_token token;

	lex_init(&lex, text, size);
	while ((token = lex_next(&lex)).kind != LEX_END) {
		require(token.start >= last && token.length <= size);
		last = token.start + token.length;
		check_word(&token);
	}
	require(last <= text + size && token.start == text + size);
	return 0;
}
