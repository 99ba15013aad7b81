/* SPDX-License-Identifier: MIT */
/* libconfig stops at the first error of a text; an operator wants all of them. So its grammar is
 * read here first, by descent: a statement that makes no sense is told at its own place and skipped
 * up to where the next one can begin, and all that does make sense becomes a node. What is written
 * from the nodes (tree_write) is always a text that libconfig accepts.
 *
 * What source.c has told already is not told again: an unterminated string or comment reads as the
 * end of the file, and a bracket that never closes is closed without a word. */
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/lexer.h"

#define SHOWN_MAX 40 /* bytes of a foreign word in a sentence */

struct parser {
	struct tree *tree;
	const struct source *source;
	struct faults *faults;
	struct lexer lexer;
	struct lexer_token token;    /* the next one, not yet taken */
	struct lexer_token previous; /* the last one that was taken */
	char awaited[TREE_DEPTH_MAX];
	int depth;
	bool (*may_show)(const char *name, size_t length);
	struct lexer_token key; /* what a value is being read for; no length: nothing */
	bool full;              /* TREE_NODES_MAX was reached: nothing more is read */
};

static void parse_value(struct parser *parser, uint32_t node);

static uint32_t offset_of(const struct parser *parser, const struct lexer_token *token)
{
	return (uint32_t)(token->start - parser->source->text);
}

/* words */

static bool is(const struct parser *parser, char punctuation)
{
	return parser->token.kind == LEXER_PUNCTUATION && *parser->token.start == punctuation;
}

static bool is_one_of(const struct parser *parser, const char *punctuations)
{
	return parser->token.kind == LEXER_PUNCTUATION &&
	       strchr(punctuations, *parser->token.start);
}

static bool at_end(const struct parser *parser)
{
	return parser->token.kind == LEXER_END;
}

/* Take the next word. An include that is still in the text failed, and was told. */
static void advance(struct parser *parser)
{
	parser->previous = parser->token;
	if (is_one_of(parser, ";}"))
		parser->key.length = 0;
	do
		parser->token = lexer_next(&parser->lexer);
	while (parser->token.kind == LEXER_INCLUDE);
	if (parser->full || parser->token.kind == LEXER_OPEN_STRING ||
	    parser->token.kind == LEXER_OPEN_COMMENT)
		parser->token.kind = LEXER_END;
}

/* Whether the name that comes next is followed by an equals sign, and so begins a setting. */
static bool begins_setting(const struct parser *parser)
{
	if (parser->token.kind != LEXER_NAME)
		return false;
	struct lexer ahead = parser->lexer;
	struct lexer_token token = lexer_next(&ahead);
	return token.kind == LEXER_PUNCTUATION && (*token.start == '=' || *token.start == ':');
}

static bool begins_value(const struct parser *parser)
{
	enum lexer_kind kind = parser->token.kind;
	return kind == LEXER_STRING || kind == LEXER_INTEGER || kind == LEXER_FLOAT ||
	       kind == LEXER_BOOLEAN || is_one_of(parser, "{([");
}

/* Whether a bracket comes next that something open waits for; the end closes everything. */
static bool closes(const struct parser *parser)
{
	if (at_end(parser))
		return true;
	if (!is_one_of(parser, "})]"))
		return false;
	return memchr(parser->awaited, *parser->token.start, (size_t)parser->depth) != NULL;
}

/* faults */

static bool is_told(const struct parser *parser, const struct fault_place *place)
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

/* A string is not shown, nor what stands where a secret should: it may be one. */
static void add_word(const struct parser *parser, const struct lexer_token *token, struct text *out)
{
	if (token->kind == LEXER_END) {
		text_add(out, "the end of the file");
	} else if (token->kind == LEXER_STRING) {
		text_add(out, "a string");
	} else if (token->kind != LEXER_PUNCTUATION && parser->key.length > 0 &&
	           !parser->may_show(parser->key.start, parser->key.length)) {
		text_add(out, "this value");
	} else {
		text_add_char(out, '\'');
		text_escape(out, token->start, token->length, SHOWN_MAX);
		text_add_char(out, '\'');
	}
}

/* The sentence is `before`, then the word `shown` (NULL: none), then `after`. A string is not
 * shown: it may be a secret. */
static void complain(struct parser *parser, const struct lexer_token *token, const char *before,
                     const struct lexer_token *shown, const char *after)
{
	size_t width = token->kind != LEXER_END && token->length ? token->length : 1;
	struct fault_place place = source_place(parser->source, offset_of(parser, token), width);
	if (is_told(parser, &place))
		return;
	struct text word = {0};
	if (shown)
		add_word(parser, shown, &word);
	faults_add(parser->faults, FAULT_ERROR, &place, "%s%s%s", before,
	           word.length ? word.bytes : "", after);
	text_clear(&word);
}

/* Where something is missing: the word that stands there instead, or, where that is on another
 * line, the one after which it is missing. */
static const struct lexer_token *gap(const struct parser *parser)
{
	const char *from = parser->previous.start;
	const char *to = parser->token.start;
	bool near = !at_end(parser) && from <= to && !memchr(from, '\n', (size_t)(to - from));
	return near ? &parser->token : &parser->previous;
}

static struct tree_node *node_at(const struct parser *parser, uint32_t node)
{
	return &parser->tree->nodes[node];
}

static uint32_t add(struct parser *parser, uint32_t parent, const struct lexer_token *name)
{
	struct tree *tree = parser->tree;
	if (tree->count == TREE_NODES_MAX) {
		complain(parser, &parser->previous,
		         "more settings than can be read: nothing after ", &parser->previous,
		         " was");
		parser->full = true;
	}
	tree->nodes = mem_grow(tree->nodes, &tree->capacity, tree->count + 1, sizeof(*tree->nodes));
	uint32_t node = (uint32_t)tree->count++;
	tree->nodes[node] = (struct tree_node){.kind = TREE_BROKEN, .left_out = true};
	if (name) {
		tree->nodes[node].name = offset_of(parser, name);
		tree->nodes[node].name_length = (uint32_t)name->length;
	}
	struct tree_node *above = &tree->nodes[parent];
	if (above->first)
		tree->nodes[above->last].next = node;
	else
		above->first = node;
	above->last = node;
	return node;
}

static void fill(struct parser *parser, uint32_t node, enum tree_kind kind)
{
	struct tree_node *filled = node_at(parser, node);
	filled->kind = kind;
	filled->left_out = false;
	filled->value = offset_of(parser, &parser->token);
	filled->value_length = (uint32_t)parser->token.length;
}

/* recovery */

static void skip_brackets(struct parser *parser)
{
	size_t depth = 0;
	do {
		if (is_one_of(parser, "{(["))
			depth++;
		else if (is_one_of(parser, "})]"))
			depth--;
		advance(parser);
	} while (depth > 0 && !at_end(parser));
}

/* Skip what belongs to a statement that makes no sense. */
static void skip_statement(struct parser *parser)
{
	while (!closes(parser) && !begins_setting(parser)) {
		bool ends = is_one_of(parser, ";,");
		if (is_one_of(parser, "{(["))
			skip_brackets(parser);
		else
			advance(parser);
		if (ends)
			return;
	}
}

static void skip_element(struct parser *parser)
{
	while (!closes(parser) && !is(parser, ',')) {
		if (is_one_of(parser, "{(["))
			skip_brackets(parser);
		else
			advance(parser);
	}
}

/* the grammar */

static bool check_string(struct parser *parser)
{
	const struct lexer_token *token = &parser->token;
	if (!memchr(token->start, '\\', token->length))
		return true;
	size_t length = 0;
	const char *wrong = NULL;
	char *value = lexer_string_value(token, &length, &wrong);
	bool has_nul = value && memchr(value, '\0', length);
	struct lexer_token at = *token;
	if (!value) {
		at.start = wrong;
		at.length = 2;
		complain(parser, &at, "a string has no escape ",
		         &(struct lexer_token){LEXER_STRAY, wrong, 2},
		         "; a backslash itself is written \\\\");
	}
	if (has_nul)
		complain(parser, &at, "a string cannot hold a NUL byte", NULL, "");
	bool good = value && !has_nul;
	mem_free_secret(value);
	return good;
}

static void parse_string(struct parser *parser, uint32_t node)
{
	fill(parser, node, TREE_STRING);
	bool good = true;
	uint32_t end = 0;
	while (parser->token.kind == LEXER_STRING) {
		good = check_string(parser) && good;
		end = offset_of(parser, &parser->token) + (uint32_t)parser->token.length;
		advance(parser);
	}
	struct tree_node *filled = node_at(parser, node);
	filled->value_length = end - filled->value;
	if (!good) {
		filled->kind = TREE_BROKEN;
		filled->left_out = true;
	}
}

static void parse_integer(struct parser *parser, uint32_t node)
{
	long long value = 0;
	if (lexer_integer_value(&parser->token, &value)) {
		fill(parser, node, TREE_INTEGER);
	} else {
		const struct tree_node *named = node_at(parser, node);
		struct text before = {0};
		text_add_bytes(&before, parser->source->text + named->name, named->name_length);
		text_add(&before, named->name_length ? ": " : "");
		complain(parser, &parser->token, before.bytes, &parser->token,
		         " is too large for an integer");
		text_clear(&before);
	}
	advance(parser);
}

static void parse_scalar(struct parser *parser, uint32_t node, enum tree_kind kind)
{
	fill(parser, node, kind);
	advance(parser);
}

static void end_setting(struct parser *parser, uint32_t group)
{
	if (is_one_of(parser, ";,")) {
		advance(parser);
		return;
	}
	if (closes(parser) || parser->token.kind == LEXER_NAME)
		return; /* libconfig's separators are optional */
	complain(parser, &parser->token,
	         parser->depth ? "expected ';' or '}' before " : "expected ';' before ",
	         &parser->token, "");
	node_at(parser, group)->damaged = true;
	skip_statement(parser);
}

static void parse_setting(struct parser *parser, uint32_t group)
{
	bool has_equals = begins_setting(parser);
	advance(parser);
	struct lexer_token name = parser->previous;
	uint32_t node = add(parser, group, &name);
	if (!has_equals)
		complain(parser, &name, "expected '=' after ", &name, "");
	parser->key = name;
	if (has_equals) {
		advance(parser);
	} else if (!begins_value(parser)) {
		skip_statement(parser);
		return;
	}
	if (begins_value(parser)) {
		parse_value(parser, node);
		end_setting(parser, group);
		return;
	}
	bool is_word = parser->token.kind == LEXER_STRAY ||
	               (parser->token.kind == LEXER_NAME && !begins_setting(parser));
	parser->key.length = 0;
	complain(parser, gap(parser), "expected a value after ", &name,
	         is_word ? "; text stands in double quotes" : "");
	skip_statement(parser);
}

static void parse_settings(struct parser *parser, uint32_t group)
{
	while (!closes(parser)) {
		if (parser->token.kind == LEXER_NAME) {
			parse_setting(parser, group);
			continue;
		}
		node_at(parser, group)->damaged = true;
		if (is_one_of(parser, "})]") && parser->faults->errors > 0) {
			advance(parser); /* what it would have closed was told to be unclosed */
			continue;
		}
		if (is_one_of(parser, ";,})]")) {
			complain(parser, &parser->token, "unexpected ", &parser->token, "");
			advance(parser);
			continue;
		}
		bool is_json = is(parser, '{') && parser->depth == 0;
		complain(parser, &parser->token, "expected a key, found ", &parser->token,
		         is_json ? "; no braces stand around a file of libconfig" : "");
		skip_statement(parser);
	}
}

/* What comes between two elements. False if the list seems to have ended without its bracket. */
static bool end_element(struct parser *parser, uint32_t list)
{
	if (is(parser, ',')) {
		advance(parser);
		return true;
	}
	node_at(parser, list)->damaged = true;
	complain(parser, &parser->token, "expected ',' or ')' before ", &parser->token, "");
	if (begins_value(parser))
		return true;
	if (begins_setting(parser))
		return false;
	if (is(parser, ';')) {
		advance(parser);
		return !begins_setting(parser) && !at_end(parser);
	}
	skip_element(parser);
	return true;
}

/* False as end_element. */
static bool parse_elements(struct parser *parser, uint32_t list)
{
	while (!closes(parser)) {
		if (begins_value(parser)) {
			parse_value(parser, add(parser, list, NULL));
			if (!closes(parser) && !end_element(parser, list))
				return false;
			continue;
		}
		node_at(parser, list)->damaged = true;
		complain(parser, &parser->token, "expected a value before ", &parser->token,
		         begins_setting(parser) ? "; each element of a list stands in { }" : "");
		skip_element(parser);
		if (is(parser, ','))
			advance(parser);
	}
	return true;
}

/* An enclosing bracket that waits for this one gets it; a missing end of file was told. */
static void close_bracket(struct parser *parser, char closing)
{
	if (is(parser, closing)) {
		advance(parser);
		return;
	}
	if (at_end(parser) && parser->faults->errors > 0)
		return;
	const char before[] = {'e',  'x', 'p', 'e', 'c', 't', 'e', 'd', ' ', '\'', closing,
	                       '\'', ' ', 'b', 'e', 'f', 'o', 'r', 'e', ' ', '\0'};
	complain(parser, &parser->token, before, &parser->token, "");
}

static void parse_brackets(struct parser *parser, uint32_t node)
{
	static const struct {
		char opening;
		char closing;
		enum tree_kind kind;
	} brackets[] = {
		{'{', '}', TREE_GROUP},
		{'(', ')', TREE_LIST},
		{'[', ']', TREE_ARRAY},
	};
	size_t which = 0;
	while (brackets[which].opening != *parser->token.start)
		which++;
	if (parser->depth == TREE_DEPTH_MAX) {
		complain(parser, &parser->token, "", &parser->token, " is nested too deep");
		skip_brackets(parser);
		return;
	}
	fill(parser, node, brackets[which].kind);
	parser->awaited[parser->depth++] = brackets[which].closing;
	advance(parser);
	bool whole = true;
	if (brackets[which].kind == TREE_GROUP)
		parse_settings(parser, node);
	else
		whole = parse_elements(parser, node);
	parser->depth--;
	if (whole)
		close_bracket(parser, brackets[which].closing);
}

/* Only where begins_value(). */
static void parse_value(struct parser *parser, uint32_t node)
{
	enum lexer_kind kind = parser->token.kind;
	if (kind == LEXER_STRING)
		parse_string(parser, node);
	else if (kind == LEXER_INTEGER)
		parse_integer(parser, node);
	else if (kind == LEXER_FLOAT)
		parse_scalar(parser, node, TREE_NUMBER);
	else if (kind == LEXER_BOOLEAN)
		parse_scalar(parser, node, TREE_BOOLEAN);
	else
		parse_brackets(parser, node);
}

/* One file with all that it includes: nothing that is open at its end goes on in the next. */
static void parse_file(struct parser *parser, size_t begin, size_t end)
{
	lexer_init(&parser->lexer, parser->source->text + begin, end - begin);
	parser->token = (struct lexer_token){LEXER_END, parser->source->text + begin, 0};
	parser->depth = 0;
	advance(parser);
	while (!at_end(parser))
		parse_settings(parser, 0);
}

void tree_parse(struct tree *tree, const struct source *source,
                bool (*may_show)(const char *name, size_t length), struct faults *faults)
{
	*tree = (struct tree){.source = source};
	tree->nodes = mem_grow(NULL, &tree->capacity, 64, sizeof(*tree->nodes));
	tree->nodes[0] = (struct tree_node){.kind = TREE_GROUP};
	tree->count = 1;
	struct parser parser = {
		.tree = tree, .source = source, .faults = faults, .may_show = may_show};
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
