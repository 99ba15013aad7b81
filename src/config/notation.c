/* SPDX-License-Identifier: MIT */
/* A file of another language would be reported at each of its lines, and none of the sentences
 * would say what is wrong with it. So its first line is reported, and the rest is left. */
#include "config/parser.h"

#include <string.h>

#include "config/keys.h"

static struct lexer_token after(struct lexer lexer, int words)
{
	struct lexer_token token = lexer_next(&lexer);

	while (--words > 0)
		token = lexer_next(&lexer);
	return token;
}

static bool is_first_on_line(const struct parser *parser)
{
	return lexer_begins_line(parser->source->text, parser->token.start);
}

static void report(struct parser *parser, const char *sentence)
{
	parser_complain(parser, &parser->token, sentence, NULL, "");
}

static void skip_file(struct parser *parser, const char *sentence)
{
	report(parser, sentence);
	parser->tree->nodes[0].damaged = true;
	parser->lexer.at = parser->lexer.end;
	parser_advance(parser);
}

/* "- id: 42", "url: …" */
static bool is_yaml(const struct parser *parser)
{
	struct lexer_token name = parser->token;
	struct lexer lexer = parser->lexer;
	const char *end;

	if (name.kind == LEXER_STRAY && *name.start == '-')
		name = lexer_next(&lexer);
	end = name.start + name.length;
	return is_first_on_line(parser) && name.kind == LEXER_NAME && *end == ':' &&
	       strchr(" \t\r\n", end[1]) != NULL;
}

bool notation_skip_yaml(struct parser *parser)
{
	if (parser->depth > 0 || !is_yaml(parser))
		return false;
	skip_file(parser, "this looks like YAML; a group is written api = { url = \"...\"; }");
	return true;
}

bool notation_skip_file(struct parser *parser)
{
	if (parser->depth > 0)
		return false;
	if (parser->token.kind == LEXER_STRAY && notation_skip_yaml(parser))
		return true;
	if (!parser_is(parser, "[") || !is_first_on_line(parser))
		return false;
	skip_file(parser, "this looks like INI or TOML; a group is written api = { url = "
	                  "\"...\"; }");
	return true;
}

static bool begins_comment(const struct parser *parser)
{
	static const char *const marks[] = {"--", "%", "<!--", "'"};
	const char *at = parser->token.start;

	if (parser_is(parser, ";"))
		return is_first_on_line(parser) && at[1 + strspn(at + 1, " \t\r")] != '\n';
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (parser->token.kind == LEXER_STRAY &&
		    strncmp(at, marks[i], strlen(marks[i])) == 0)
			return true;
	}
	return false;
}

bool notation_skip_comment(struct parser *parser)
{
	const char *end;

	if (!begins_comment(parser))
		return false;
	end = strchr(parser->token.start, '\n');
	report(parser, "a comment begins with '#'");
	do
		parser_advance(parser);
	while (!parser_closes(parser) && end != NULL && parser->token.start < end);
	return true;
}

/* "log.level": what it is to be is said if both are ours. */
static void report_dots(struct parser *parser, const struct lexer_token *second)
{
	const struct lexer_token *first = &parser->token;
	const struct lexer_token whole = {
		.kind = LEXER_NAME,
		.start = first->start,
		.length = (size_t)(second->start + second->length - first->start),
	};
	bool is_known = keys_find(first->start, first->length) != NULL &&
	                keys_find(second->start, second->length) != NULL;
	struct text sentence = {0};

	text_add(&sentence, "a key has no dots");
	if (is_known && parser->depth == 0)
		text_printf(&sentence, "; write %.*s = { %.*s = ...; }", (int)first->length,
		            first->start, (int)second->length, second->start);
	else if (is_known)
		text_printf(&sentence, "; write %.*s alone", (int)second->length, second->start);
	parser_complain(parser, &whole, sentence.bytes, NULL, "");
	text_clear(&sentence);
}

/* Whether two words are a key of which the underscore was left out. */
static bool are_key(const struct lexer_token *first, const struct lexer_token *second,
                    struct text *key)
{
	text_printf(key, "%.*s_%.*s", (int)first->length, first->start, (int)second->length,
	            second->start);
	return first->length + second->length < 40 && keys_find(key->bytes, key->length) != NULL;
}

static bool report_blank(struct parser *parser, const struct lexer_token *second)
{
	struct text key = {0};
	bool is_key = second->kind == LEXER_NAME && are_key(&parser->token, second, &key);

	if (is_key)
		parser_complain(parser, &parser->token, "a key has no blanks; write ", NULL,
		                key.bytes);
	text_clear(&key);
	return is_key;
}

/* An include without its '@'. */
static bool skip_include(struct parser *parser, const struct lexer_token *next)
{
	if (next->kind != LEXER_STRING || parser->token.length != 7 ||
	    memcmp(parser->token.start, "include", 7) != 0)
		return false;
	report(parser, "an include is written @include \"FILE\"");
	parser_advance(parser);
	parser_advance(parser);
	return true;
}

bool notation_skip_setting(struct parser *parser)
{
	struct lexer_token next = after(parser->lexer, 1);
	struct lexer_token last = after(parser->lexer, 2);
	const char *end = parser->token.start + parser->token.length;

	if (skip_include(parser, &next))
		return true;
	if (next.start == end && *end == '.' && next.length == 1 && last.kind == LEXER_NAME)
		report_dots(parser, &last);
	else if (report_blank(parser, &next))
		last = next;
	else
		return false;
	while (!parser_at_end(parser) && parser->token.start <= last.start)
		parser_advance(parser);
	if (parser_is(parser, "=:"))
		parser_advance(parser);
	parser_skip_statement(parser);
	return true;
}

const char *notation_remedy(const struct parser *parser, uint32_t group)
{
	const struct tree_node *node = parser_node(parser, group);

	if (!parser_is(parser, "{") || parser->depth > 0)
		return "";
	if (node->last != 0 && parser->previous.kind == LEXER_PUNCTUATION &&
	    *parser->previous.start == ',')
		return "; a list of groups stands in ( )";
	return "; no braces stand around a file of libconfig";
}
