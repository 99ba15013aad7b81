/* SPDX-License-Identifier: MIT */
/* The words of any text cover it in order, are not empty, and stand for something or for nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/lexer.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_string(const struct lexer_token *token)
{
	const char *wrong;
	size_t length;
	char *value;

	require(token->length >= 2 && token->start[0] == '"');
	require(token->start[token->length - 1] == '"');
	value = mem_alloc(token->length, 1);
	length = lexer_string_copy(token, value, &wrong);
	require(length <= token->length - 2);
	if (wrong != NULL)
		require(*wrong == '\\' && wrong > token->start &&
		        wrong < token->start + token->length - 1);
	free(value);
}

/* A word that is read by itself is the same word. */
static void check_alone(const struct lexer_token *token)
{
	struct lexer lexer;
	struct lexer_token again;

	lexer_init(&lexer, token->start, token->length);
	again = lexer_next(&lexer);
	require(again.kind == (token->kind == LEXER_INCLUDE ? LEXER_STRING : token->kind));
	require(again.length == token->length);
}

static void check_word(const struct lexer_token *token)
{
	int64_t value;

	require(token->length > 0);
	if (token->kind == LEXER_STRING || token->kind == LEXER_INCLUDE)
		check_string(token);
	if (token->kind == LEXER_INTEGER)
		(void)lexer_integer_value(token, &value);
	if (token->kind == LEXER_PUNCTUATION)
		require(token->length == 1);
	check_alone(token);
}

int fuzz_lexer(const uint8_t *data, size_t size)
{
	char *text = mem_dup_bytes(data, size);
	const char *last = text;
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, text, size);
	while ((token = lexer_next(&lexer)).kind != LEXER_END) {
		require(token.start >= last && token.length <= size);
		last = token.start + token.length;
		check_word(&token);
	}
	require(last <= text + size && token.start == text + size);
	free(text);
	return 0;
}
