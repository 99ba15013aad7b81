/* SPDX-License-Identifier: MIT */
/* What source.c and file_text_check.c have reported is passed over: an include that failed, and
 * behind a string or comment without an end nothing is left. One fault at a place is enough. */
#include "config/parser.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/advice.h"
#include "config/keys.h"

static uint32_t offset_of(const struct parser *parser, const struct lexer_token *token)
{
	return (uint32_t)(token->start - parser->source->text);
}

/* words */

bool parser_is(const struct parser *parser, const char *punctuations)
{
	return parser->token.kind == LEXER_PUNCTUATION &&
	       strchr(punctuations, *parser->token.start);
}

bool parser_at_end(const struct parser *parser)
{
	return parser->token.kind == LEXER_END;
}

/* An include that is still in the text failed, and was reported; what was
 * replaced on several lines is one word. */
void parser_advance(struct parser *parser)
{
	parser->previous = parser->token;
	if (parser_is(parser, ";}"))
		parser->key.length = 0;
	do
		parser->token = lexer_next(&parser->lexer);
	while (parser->token.kind == LEXER_INCLUDE ||
	       (parser->token.kind == LEXER_REPLACED && parser->previous.kind == LEXER_REPLACED));
	if (parser->full || parser->token.kind == LEXER_OPEN_STRING ||
	    parser->token.kind == LEXER_OPEN_COMMENT)
		parser->token.kind = LEXER_END;
}

bool parser_begins_setting(const struct parser *parser)
{
	return parser->token.kind == LEXER_NAME && lexer_precedes_equals(parser->lexer);
}

bool parser_begins_value(const struct parser *parser)
{
	enum lexer_kind kind = parser->token.kind;

	return kind == LEXER_STRING || kind == LEXER_INTEGER || kind == LEXER_FLOAT ||
	       kind == LEXER_BOOLEAN || parser_is(parser, "{([");
}

bool parser_has_lost_bracket(const struct parser *parser)
{
	const struct lexer_token *token = &parser->token;

	return parser->depth > 0 && parser_begins_setting(parser) && parser->faults->errors > 0 &&
	       token->start > parser->source->text && token->start[-1] == '\n' &&
	       keys_find_in(&keys_top, token->start, token->length) != NULL;
}

bool parser_closes(const struct parser *parser)
{
	if (parser_at_end(parser) || parser_has_lost_bracket(parser))
		return true;
	if (!parser_is(parser, "})]"))
		return false;
	return memchr(parser->awaited, *parser->token.start, (size_t)parser->depth) != NULL;
}

/* faults */

static bool is_reported(const struct parser *parser, const struct fault_place *place)
{
	const struct faults *faults = parser->faults;

	for (size_t i = 0; i < faults->count; i++) {
		const struct fault_entry *entry = &faults->entries[i];

		if (entry->line == place->line && entry->column == place->column && entry->file &&
		    place->file && strcmp(entry->file, place->file) == 0)
			return true;
	}
	return false;
}

/* Of a bracket that closes what the file leaves open, the opening one was reported. */
void parser_complain(struct parser *parser, const struct lexer_token *token, const char *before,
                     const struct lexer_token *shown, const char *after)
{
	size_t width = token->kind != LEXER_END && token->length > 0 ? token->length : 1;
	struct fault_place place = source_place(parser->source, offset_of(parser, token), width);
	bool is_in_no_file = place.line == 0 && place.column > 0;
	struct text word = {0};

	if (is_in_no_file || is_reported(parser, &place))
		return;
	text_add(&word, "");
	if (shown != NULL && parser->faults->errors < FAULTS_MAX) /* else it is only counted */
		advice_add_word(shown, &word);
	faults_add(parser->faults, FAULT_ERROR, place, "%s%s%s", before, word.bytes, after);
	text_clear(&word);
}

const struct lexer_token *parser_gap(const struct parser *parser)
{
	const char *from = parser->previous.start;
	const char *to = parser->token.start;
	bool near =
		!parser_at_end(parser) && from <= to && !memchr(from, '\n', (size_t)(to - from));

	return near ? &parser->token : &parser->previous;
}

struct tree_node *parser_node(const struct parser *parser, uint32_t node)
{
	return &parser->tree->nodes[node];
}

uint32_t parser_add(struct parser *parser, uint32_t parent, const struct lexer_token *name)
{
	if (parser->tree->count == TREE_NODES_MAX) {
		parser_complain(parser, &parser->previous,
		                "more settings than can be read: nothing after this one was", NULL,
		                "");
		parser->full = true;
	}
	return tree_add(parser->tree, parent, name != NULL ? offset_of(parser, name) : 0,
	                name != NULL ? name->length : 0);
}

void parser_fill(struct parser *parser, uint32_t node, enum tree_kind kind)
{
	struct tree_node *filled = parser_node(parser, node);

	filled->kind = kind;
	filled->left_out = false;
	filled->value = offset_of(parser, &parser->token);
	filled->value_length = (uint32_t)parser->token.length;
}

/* values without brackets: a string is several literals side by side, of which each may have an
 * escape that is none; what is no value is left broken, and was reported */

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
	const char *wrong;
	size_t length;
	char *value;
	bool has_nul;

	if (memchr(token->start, '\\', token->length) == NULL)
		return true;
	value = mem_alloc(token->length, 1);
	length = lexer_string_copy(token, value, &wrong);
	has_nul = memchr(value, '\0', length) != NULL;
	if (wrong != NULL)
		complain_about_escape(parser, wrong);
	else if (has_nul)
		parser_complain(parser, token, "a string cannot hold a NUL byte", NULL, "");
	mem_wipe(value, length);
	free(value);
	return wrong == NULL && !has_nul;
}

static void read_string(struct parser *parser, uint32_t node)
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

	if (digits[0] != '0' || !isdigit((unsigned char)digits[1]))
		return;
	faults_add(parser->faults, FAULT_WARNING,
	           source_place(parser->source, offset_of(parser, token), token->length),
	           "a zero before a number is read as nothing here, and as octal elsewhere; leave "
	           "it out");
}

static void read_integer(struct parser *parser, uint32_t node)
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

void parser_read_scalar(struct parser *parser, uint32_t node)
{
	enum lexer_kind kind = parser->token.kind;

	if (kind == LEXER_STRING) {
		read_string(parser, node);
	} else if (kind == LEXER_INTEGER) {
		read_integer(parser, node);
	} else {
		parser_fill(parser, node, kind == LEXER_FLOAT ? TREE_NUMBER : TREE_BOOLEAN);
		parser_advance(parser);
	}
}

/* recovery */

void parser_skip_word(struct parser *parser)
{
	size_t depth = 0;

	do {
		if (parser_is(parser, "{(["))
			depth++;
		else if (depth > 0 && parser_is(parser, "})]"))
			depth--;
		parser_advance(parser);
	} while (depth > 0 && !parser_at_end(parser));
}

void parser_skip_statement(struct parser *parser)
{
	bool is_at_end = false;

	while (!is_at_end && !parser_closes(parser) && !parser_begins_setting(parser)) {
		is_at_end = parser_is(parser, ";,");
		parser_skip_word(parser);
	}
}

void parser_skip_element(struct parser *parser)
{
	while (!parser_closes(parser) && !parser_is(parser, ","))
		parser_skip_word(parser);
}
