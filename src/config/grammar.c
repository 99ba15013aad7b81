/* SPDX-License-Identifier: MIT */
/* libconfig stops at the first error of a text; an operator wants all of them. So its grammar is
 * read here, by descent: a statement that makes no sense is reported at its own place and skipped
 * up to where the next one can begin, and all that does make sense becomes a node.
 *
 * What file_text_check.c has reported is not reported again: a value that it replaced is a broken
 * one, and a bracket that never closes is closed without a word. */
#include "config/specfile_internal.h"

#include <string.h>

#include "config/advice.h"
#include "config/lexer.h"
#include "config/parser.h"

static void parse_value(struct parser *parser, uint32_t node);

static void end_setting(struct parser *parser, uint32_t group)
{
	if (parser_is(parser, ";,")) {
		parser_advance(parser);
		return;
	}
	if (parser_closes(parser) || parser->token.kind == LEXER_NAME)
		return; /* libconfig's separators are optional */
	parser_complain(parser, &parser->token,
	                parser->depth ? "expected ';' or '}' before " : "expected ';' before ",
	                &parser->token, "");
	parser_node(parser, group)->damaged = true;
	parser_skip_statement(parser);
}

/* Whether the words from the next one on are a text without quotes: a name, what no value begins
 * with, or a number that more stands behind. */
static bool is_bare(const struct parser *parser)
{
	const struct lexer_token *token = &parser->token;
	const char *end = token->start + token->length;
	struct lexer ahead = parser->lexer;
	struct lexer_token next;

	if (token->kind == LEXER_NAME)
		return !parser_begins_setting(parser) || token->start[token->length] == ':';
	if (token->kind == LEXER_STRAY)
		return true;
	if (token->kind != LEXER_INTEGER && token->kind != LEXER_FLOAT &&
	    token->kind != LEXER_BOOLEAN)
		return false;
	next = lexer_next(&ahead);
	if (next.kind == LEXER_PUNCTUATION && *next.start == ',' && next.start == end)
		return token->kind == LEXER_INTEGER && end[1] >= '0' && end[1] <= '9';
	if (next.kind == LEXER_END || next.kind == LEXER_PUNCTUATION || next.kind == LEXER_STRING ||
	    next.kind == LEXER_INCLUDE || next.kind == LEXER_REPLACED)
		return false;
	if (next.start == end)
		return true;
	if (!advice_is_text(&parser->key) || memchr(end, '\n', (size_t)(next.start - end)) != NULL)
		return false;
	return next.kind != LEXER_NAME || !lexer_precedes_equals(ahead);
}

static void parse_bare(struct parser *parser)
{
	struct lexer_token value = parser->token;
	const char *limit = parser->lexer.end;
	struct text sentence = {0};

	value.length = advice_bare_length(value.start, limit);
	advice_add_prefix(&parser->key, &sentence);
	advice_on_bare(&parser->key, &value, &sentence);
	parser_complain(parser, &value, sentence.bytes, NULL, "");
	text_clear(&sentence);
	while (!parser_at_end(parser) && parser->token.start < value.start + value.length)
		parser_advance(parser);
}

/* A value is missing behind the equals sign at `equals`. */
static void complain_of_nothing(struct parser *parser, uint32_t group, const char *equals)
{
	bool is_comment = equals[1 + strspn(equals + 1, " \t")] == '#';

	parser_complain(parser, parser_gap(parser), "expected a value after ", &parser->key,
	                is_comment ? "; '#' begins a comment" : "");
	if (is_comment)
		parser_node(parser, group)->damaged = true;
	parser_skip_statement(parser);
}

/* What stands behind the equals sign. */
static void parse_member(struct parser *parser, uint32_t group, uint32_t node)
{
	const char *equals = parser->previous.start;
	bool is_on_line = !parser_at_end(parser) &&
	                  equals + 1 + strspn(equals + 1, " \t") == parser->token.start;

	parser_node(parser, node)->apart = !is_on_line;
	if (parser->token.kind == LEXER_REPLACED) {
		parser_skip_statement(parser);
		return;
	}
	if (is_on_line && parser_is(parser, "=:")) {
		parser_complain(parser, &parser->token,
		                "one '=' stands between a key and its value", NULL, "");
		parser_advance(parser);
		parse_member(parser, group, node);
		return;
	}
	if (is_on_line && is_bare(parser)) {
		parse_bare(parser);
	} else if (parser_begins_value(parser)) {
		parse_value(parser, node);
	} else {
		if (*equals != ':' || !notation_skip_yaml(parser))
			complain_of_nothing(parser, group, equals);
		return;
	}
	end_setting(parser, group);
}

/* Without an equals sign a word that is no key is not read as one. */
static void parse_setting(struct parser *parser, uint32_t group, const struct lexer_token *name)
{
	bool has_equals = lexer_precedes_equals(parser->lexer);
	bool is_named = has_equals || keys_find(name->start, name->length) != NULL;
	uint32_t node;

	if (!has_equals && notation_skip_setting(parser)) {
		parser_node(parser, group)->damaged = true;
		return;
	}
	node = parser_add(parser, group, is_named ? name : NULL);
	parser->key = *name;
	parser_advance(parser);
	if (has_equals) {
		parser_advance(parser);
	} else {
		parser_complain(parser, name, "expected '=' after ", name, "");
		parser_node(parser, group)->damaged = true;
		if (!is_named || !parser_begins_value(parser)) {
			parser_skip_statement(parser);
			return;
		}
	}
	parse_member(parser, group, node);
}

static bool is_name(const struct lexer_token *word)
{
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, word->start, word->length);
	token = lexer_next(&lexer);
	return token.kind == LEXER_NAME && token.length == word->length;
}

/* As in JSON. What cannot be a name is none, and its setting is only read over. */
static void parse_quoted_setting(struct parser *parser, uint32_t group)
{
	struct lexer_token name = parser->token;

	name.kind = LEXER_NAME;
	name.start++;
	name.length -= 2;
	if (!parser->has_quoted_key)
		parser_complain(parser, &parser->token, "a key stands without quotes: write ",
		                &name, " without them");
	parser->has_quoted_key = true;
	if (!is_name(&name)) {
		name.length = 0;
		parser_node(parser, group)->damaged = true;
	}
	parse_setting(parser, group, &name);
}

/* What begins no setting. */
static void skip_word(struct parser *parser, uint32_t group)
{
	const struct lexer_token word = parser->token;

	if (word.kind == LEXER_REPLACED) {
		parser_advance(parser);
		if (parser_is(parser, "=:"))
			parser_skip_statement(parser);
	} else if (parser_is(parser, "})]") && parser->faults->errors > 0) {
		parser_advance(parser); /* what it would have closed was reported as unclosed */
	} else if (parser_is(parser, ";,})]")) {
		parser_complain(parser, &word, "unexpected ", &word, "");
		parser_advance(parser);
	} else {
		parser_complain(parser, &word, "expected a key, found ", &word,
		                notation_remedy(parser, group));
		parser_skip_statement(parser);
	}
}

static void parse_settings(struct parser *parser, uint32_t group)
{
	while (!parser_closes(parser)) {
		struct lexer_token name = parser->token;

		if (name.kind == LEXER_NAME) {
			parse_setting(parser, group, &name);
			continue;
		}
		if (name.kind == LEXER_STRING && lexer_precedes_equals(parser->lexer)) {
			parse_quoted_setting(parser, group);
			continue;
		}
		parser_node(parser, group)->damaged = true;
		if (!notation_skip_comment(parser) && !notation_skip_file(parser))
			skip_word(parser, group);
	}
}

/* `what` is missing before the next word, or, where that is on another line, after the last one. */
static void complain_of_gap(struct parser *parser, const char *what)
{
	const struct lexer_token *gap = parser_gap(parser);
	struct text before = {0};

	text_printf(&before, "expected %s %s ", what, gap == &parser->token ? "before" : "after");
	parser_complain(parser, gap, before.bytes, gap, "");
	text_clear(&before);
}

/* What comes between two elements. False if the list seems to have ended without its bracket. */
static bool end_element(struct parser *parser, uint32_t list)
{
	char what[] = "',' or '?'";

	if (parser_is(parser, ",")) {
		parser_advance(parser);
		return true;
	}
	parser_node(parser, list)->damaged = true;
	if (parser->previous.kind == LEXER_REPLACED)
		return true;
	what[sizeof(what) - 3] = parser->awaited[parser->depth - 1];
	complain_of_gap(parser, what);
	if (parser_begins_value(parser))
		return true;
	if (parser_begins_setting(parser))
		return false;
	if (parser_is(parser, ";")) {
		parser_advance(parser);
		return !parser_begins_setting(parser) && !parser_at_end(parser);
	}
	parser_skip_element(parser);
	return true;
}

/* False as end_element. */
static bool parse_elements(struct parser *parser, uint32_t list)
{
	while (!parser_closes(parser)) {
		if (parser_begins_value(parser) || parser->token.kind == LEXER_REPLACED) {
			parse_value(parser, parser_add(parser, list, NULL));
			if (!parser_closes(parser) && !end_element(parser, list))
				return false;
			continue;
		}
		parser_node(parser, list)->damaged = true;
		parser_complain(parser, &parser->token, "expected a value before ", &parser->token,
		                parser_begins_setting(parser)
		                        ? "; each element of a list stands in { }"
		                        : "");
		parser_skip_element(parser);
		if (parser_is(parser, ","))
			parser_advance(parser);
	}
	return true;
}

/* An enclosing bracket that waits for this one gets it; a missing one was reported. */
static void close_bracket(struct parser *parser)
{
	char closing = parser->awaited[parser->depth - 1];
	const char what[] = {'\'', closing, '\'', '\0'};
	bool is_reported = parser->faults->errors > 0 &&
	                   (parser_at_end(parser) || parser_has_lost_bracket(parser));

	if (parser_is(parser, (const char[]){closing, '\0'}))
		parser_advance(parser);
	else if (!is_reported)
		complain_of_gap(parser, what);
}

struct bracket {
	char opening, closing;
	enum tree_kind kind;
};

/* Whether the bracket that comes next is the wrong one for what stands in it: "{ {", or "( id ="
 * for an element or a group of ours. */
static bool is_wrong_bracket(const struct parser *parser, const struct bracket *bracket)
{
	bool is_element = parser->depth > 0 && parser->awaited[parser->depth - 1] != '}';
	struct lexer ahead = parser->lexer;
	struct lexer_token next = lexer_next(&ahead);
	const struct keys_field *field;

	if (bracket->kind == TREE_GROUP)
		return next.kind == LEXER_PUNCTUATION && *next.start == '{';
	if (next.kind != LEXER_NAME || !lexer_precedes_equals(ahead))
		return false;
	field = keys_find(parser->key.start, parser->key.length);
	return is_element || (field != NULL && field->type == KEYS_TYPE_GROUP);
}

static void parse_inside(struct parser *parser, uint32_t node, const struct bracket *bracket)
{
	struct bracket read = *bracket;
	bool is_whole = true;

	if (is_wrong_bracket(parser, bracket)) {
		read.kind = bracket->kind == TREE_GROUP ? TREE_LIST : TREE_GROUP;
		parser_complain(parser, &parser->token,
		                read.kind == TREE_LIST ? "a list stands in ( ), not in { }"
		                                       : "a group stands in { }",
		                NULL, "");
	}
	parser_fill(parser, node, read.kind);
	parser->awaited[parser->depth++] = read.closing;
	parser_advance(parser);
	if (read.kind == TREE_GROUP)
		parse_settings(parser, node);
	else
		is_whole = parse_elements(parser, node);
	if (is_whole)
		close_bracket(parser);
	parser->depth--;
}

static void parse_brackets(struct parser *parser, uint32_t node)
{
	static const struct bracket brackets[] = {
		{'{', '}', TREE_GROUP},
		{'(', ')', TREE_LIST},
		{'[', ']', TREE_ARRAY},
	};
	size_t which = 0;

	while (brackets[which].opening != *parser->token.start)
		which++;
	if (parser->depth < TREE_DEPTH_MAX) {
		parse_inside(parser, node, &brackets[which]);
		return;
	}
	parser_complain(parser, &parser->token, "", &parser->token, " is nested too deep");
	parser_skip_word(parser);
}

/* Only where begins_value(), or of what was replaced. */
static void parse_value(struct parser *parser, uint32_t node)
{
	enum lexer_kind kind = parser->token.kind;

	if (kind == LEXER_REPLACED)
		parser_advance(parser);
	else if (kind == LEXER_PUNCTUATION)
		parse_brackets(parser, node);
	else
		parser_read_scalar(parser, node);
}

/* One file with all that it includes: nothing that is open at its end goes on in the next. */
static void parse_file(struct parser *parser, size_t begin, size_t end)
{
	lexer_init(&parser->lexer, parser->source->text + begin, end - begin);
	parser->token = (struct lexer_token){LEXER_END, parser->source->text + begin, 0};
	parser->depth = 0;
	parser_advance(parser);
	while (!parser_at_end(parser))
		parse_settings(parser, 0);
}

void grammar_parse(struct tree *tree, const struct source *source, struct faults *faults)
{
	struct parser parser = {.tree = tree, .source = source, .faults = faults};

	tree_init(tree, source);
	for (size_t i = 0; i < source->root_count; i++) {
		bool is_last = i + 1 == source->root_count;
		size_t begin = source->roots[i];
		size_t next = is_last ? source->line_count : source->roots[i + 1];

		if (begin >= source->line_count)
			break;
		parse_file(&parser, source->lines[begin].start,
		           next < source->line_count ? source->lines[next].start : source->length);
	}
}
