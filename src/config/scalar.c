/* SPDX-License-Identifier: MIT */
/* A string is several literals side by side, of which each may have an escape that is none. What is
 * no value is left broken, and was reported. */
#include "config/scalar.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/advice.h"

static void complain_about_escape(struct parser *parser, const char *wrong)
{
	const struct lexer_token at = {.kind = LEXER_STRAY, .start = wrong, .length = 2};
	bool is_plain = wrong[1] > ' ' && wrong[1] < 0x7f;
	const char before[] = {'\'', '\\', wrong[1], '\'', '\0'};

	parser_complain(parser, &at, is_plain ? before : "this", NULL,
	                " is no escape; a backslash itself is written \\\\");
}

static bool check_string(struct parser *parser)
{
	const struct lexer_token *token = &parser->token;
	const char *wrong = NULL;
	size_t length = 0;
	char *value;
	bool has_nul;

	if (memchr(token->start, '\\', token->length) == NULL)
		return true;
	value = lexer_string_value(token, &length, &wrong);
	if (value == NULL) {
		complain_about_escape(parser, wrong);
		return false;
	}
	has_nul = memchr(value, '\0', length) != NULL;
	if (has_nul)
		parser_complain(parser, token, "a string cannot hold a NUL byte", NULL, "");
	mem_wipe(value, length);
	free(value);
	return !has_nul;
}

static void parse_string(struct parser *parser, uint32_t node)
{
	bool good = true;
	uint32_t end = 0;
	struct tree_node *filled;

	parser_fill(parser, node, TREE_STRING);
	while (parser->token.kind == LEXER_STRING) {
		good = check_string(parser) && good;
		end = (uint32_t)(parser->token.start + parser->token.length - parser->source->text);
		parser_advance(parser);
	}
	filled = parser_node(parser, node);
	filled->value_length = end - filled->value;
	if (!good) {
		filled->kind = TREE_BROKEN;
		filled->left_out = true;
	}
}

/* To libconfig 1.5 it is nothing, to 1.7 the sign of an octal number. */
static void warn_of_zero(const struct parser *parser)
{
	const struct lexer_token *token = &parser->token;
	const char *digits = token->start + (strchr("+-", *token->start) != NULL);
	struct fault_place place;

	if (digits[0] != '0' || !isdigit((unsigned char)digits[1]))
		return;
	place = source_place(parser->source, (size_t)(token->start - parser->source->text),
	                     token->length);
	faults_add(parser->faults, FAULT_WARNING, &place,
	           "a zero before a number is read as nothing here, and as octal elsewhere; leave "
	           "it out");
}

static void parse_integer(struct parser *parser, uint32_t node)
{
	int64_t value = 0;
	struct text before = {0};

	if (lexer_integer_value(&parser->token, &value)) {
		parser_fill(parser, node, TREE_INTEGER);
		warn_of_zero(parser);
	} else {
		text_add(&before, "");
		advice_add_prefix(&parser->key, &before);
		parser_complain(parser, &parser->token, before.bytes, NULL,
		                "the number is too large for an integer");
		text_clear(&before);
	}
	parser_advance(parser);
}

static void parse_word(struct parser *parser, uint32_t node, enum tree_kind kind)
{
	parser_fill(parser, node, kind);
	parser_advance(parser);
}

void scalar_parse(struct parser *parser, uint32_t node)
{
	enum lexer_kind kind = parser->token.kind;

	if (kind == LEXER_STRING)
		parse_string(parser, node);
	else if (kind == LEXER_INTEGER)
		parse_integer(parser, node);
	else
		parse_word(parser, node, kind == LEXER_FLOAT ? TREE_NUMBER : TREE_BOOLEAN);
}
