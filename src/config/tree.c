/* SPDX-License-Identifier: MIT */
/* libconfig stops at the first error of a text; an operator wants all of them. So its grammar is
 * read here first, by descent: a statement that makes no sense is told at its own place and skipped
 * up to where the next one can begin, and all that does make sense becomes a node. What is written
 * from the nodes (outline_write) is always a text that libconfig accepts.
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
	struct outline *outline;
	const struct source *source;
	struct faults *faults;
	struct lex lex;
	struct lex_token token;    /* the next one, not yet taken */
	struct lex_token previous; /* the last one that was taken */
	char awaited[OUTLINE_DEPTH_MAX];
	int depth;
	bool (*may_show)(const char *name, size_t length);
	struct lex_token key; /* what a value is being read for; no length: nothing */
	bool full;            /* OUTLINE_NODES_MAX was reached: nothing more is read */
};

static void parse_value(struct parser *parser, uint32_t node);

static uint32_t offset_of(const struct parser *parser, const struct lex_token *token)
{
	return (uint32_t)(token->start - parser->source->text);
}

/* ---- words ---- */

static bool is(const struct parser *parser, char punctuation)
{
	return parser->token.kind == LEX_PUNCTUATION && *parser->token.start == punctuation;
}

static bool is_one_of(const struct parser *parser, const char *punctuations)
{
	return parser->token.kind == LEX_PUNCTUATION && strchr(punctuations, *parser->token.start);
}

static bool at_end(const struct parser *parser)
{
	return parser->token.kind == LEX_END;
}

/* Take the next word. An include that is still in the text failed, and was told. */
static void advance(struct parser *parser)
{
	parser->previous = parser->token;
	if (is_one_of(parser, ";}"))
		parser->key.length = 0;
	do
		parser->token = lex_next(&parser->lex);
	while (parser->token.kind == LEX_INCLUDE);
	if (parser->full || parser->token.kind == LEX_OPEN_STRING ||
	    parser->token.kind == LEX_OPEN_COMMENT)
		parser->token.kind = LEX_END;
}

/* Whether the name that comes next is followed by an equals sign, and so begins a setting. */
static bool begins_setting(const struct parser *parser)
{
	if (parser->token.kind != LEX_NAME)
		return false;
	struct lex ahead = parser->lex;
	struct lex_token token = lex_next(&ahead);
	return token.kind == LEX_PUNCTUATION && (*token.start == '=' || *token.start == ':');
}

static bool begins_value(const struct parser *parser)
{
	enum lex_kind kind = parser->token.kind;
	return kind == LEX_STRING || kind == LEX_INTEGER || kind == LEX_FLOAT ||
	       kind == LEX_BOOLEAN || is_one_of(parser, "{([");
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

/* ---- faults ---- */

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
static void add_word(const struct parser *parser, const struct lex_token *token, struct text *out)
{
	if (token->kind == LEX_END) {
		text_add(out, "the end of the file");
	} else if (token->kind == LEX_STRING) {
		text_add(out, "a string");
	} else if (token->kind != LEX_PUNCTUATION && parser->key.length > 0 &&
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
static void complain(struct parser *parser, const struct lex_token *token, const char *before,
                     const struct lex_token *shown, const char *after)
{
	size_t width = token->kind != LEX_END && token->length ? token->length : 1;
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
static const struct lex_token *gap(const struct parser *parser)
{
	const char *from = parser->previous.start;
	const char *to = parser->token.start;
	bool near = !at_end(parser) && from <= to && !memchr(from, '\n', (size_t)(to - from));
	return near ? &parser->token : &parser->previous;
}

static struct outline_node *node_at(const struct parser *parser, uint32_t node)
{
	return &parser->outline->nodes[node];
}

static uint32_t add(struct parser *parser, uint32_t parent, const struct lex_token *name)
{
	struct outline *outline = parser->outline;
	if (outline->count == OUTLINE_NODES_MAX) {
		complain(parser, &parser->previous,
		         "more settings than can be read: nothing after ", &parser->previous,
		         " was");
		parser->full = true;
	}
	outline->nodes = mem_grow(outline->nodes, &outline->capacity, outline->count + 1,
	                          sizeof(*outline->nodes));
	uint32_t node = (uint32_t)outline->count++;
	outline->nodes[node] = (struct outline_node){.kind = OUTLINE_BROKEN, .left_out = true};
	if (name) {
		outline->nodes[node].name = offset_of(parser, name);
		outline->nodes[node].name_length = (uint32_t)name->length;
	}
	struct outline_node *above = &outline->nodes[parent];
	if (above->first)
		outline->nodes[above->last].next = node;
	else
		above->first = node;
	above->last = node;
	return node;
}

static void fill(struct parser *parser, uint32_t node, enum outline_kind kind)
{
	struct outline_node *filled = node_at(parser, node);
	filled->kind = kind;
	filled->left_out = false;
	filled->value = offset_of(parser, &parser->token);
	filled->value_length = (uint32_t)parser->token.length;
}

/* ---- recovery ---- */

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

/* ---- the grammar ---- */

static bool check_string(struct parser *parser)
{
	const struct lex_token *token = &parser->token;
	if (!memchr(token->start, '\\', token->length))
		return true;
	size_t length = 0;
	const char *wrong = NULL;
	char *value = lex_string_value(token, &length, &wrong);
	bool has_nul = value && memchr(value, '\0', length);
	struct lex_token at = *token;
	if (!value) {
		at.start = wrong;
		at.length = 2;
		complain(parser, &at, "a string has no escape ",
		         &(struct lex_token){LEX_STRAY, wrong, 2},
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
	fill(parser, node, OUTLINE_STRING);
	bool good = true;
	uint32_t end = 0;
	while (parser->token.kind == LEX_STRING) {
		good = check_string(parser) && good;
		end = offset_of(parser, &parser->token) + (uint32_t)parser->token.length;
		advance(parser);
	}
	struct outline_node *filled = node_at(parser, node);
	filled->value_length = end - filled->value;
	if (!good) {
		filled->kind = OUTLINE_BROKEN;
		filled->left_out = true;
	}
}

static void parse_integer(struct parser *parser, uint32_t node)
{
	long long value = 0;
	if (lex_integer_value(&parser->token, &value)) {
		fill(parser, node, OUTLINE_INTEGER);
	} else {
		const struct outline_node *named = node_at(parser, node);
		struct text before = {0};
		text_add_bytes(&before, parser->source->text + named->name, named->name_length);
		text_add(&before, named->name_length ? ": " : "");
		complain(parser, &parser->token, before.bytes, &parser->token,
		         " is too large for an integer");
		text_clear(&before);
	}
	advance(parser);
}

static void parse_scalar(struct parser *parser, uint32_t node, enum outline_kind kind)
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
	if (closes(parser) || parser->token.kind == LEX_NAME)
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
	struct lex_token name = parser->previous;
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
	bool is_word = parser->token.kind == LEX_STRAY ||
	               (parser->token.kind == LEX_NAME && !begins_setting(parser));
	parser->key.length = 0;
	complain(parser, gap(parser), "expected a value after ", &name,
	         is_word ? "; text stands in double quotes" : "");
	skip_statement(parser);
}

static void parse_settings(struct parser *parser, uint32_t group)
{
	while (!closes(parser)) {
		if (parser->token.kind == LEX_NAME) {
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
		enum outline_kind kind;
	} brackets[] = {
		{'{', '}', OUTLINE_GROUP},
		{'(', ')', OUTLINE_LIST},
		{'[', ']', OUTLINE_ARRAY},
	};
	size_t which = 0;
	while (brackets[which].opening != *parser->token.start)
		which++;
	if (parser->depth == OUTLINE_DEPTH_MAX) {
		complain(parser, &parser->token, "", &parser->token, " is nested too deep");
		skip_brackets(parser);
		return;
	}
	fill(parser, node, brackets[which].kind);
	parser->awaited[parser->depth++] = brackets[which].closing;
	advance(parser);
	bool whole = true;
	if (brackets[which].kind == OUTLINE_GROUP)
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
	enum lex_kind kind = parser->token.kind;
	if (kind == LEX_STRING)
		parse_string(parser, node);
	else if (kind == LEX_INTEGER)
		parse_integer(parser, node);
	else if (kind == LEX_FLOAT)
		parse_scalar(parser, node, OUTLINE_NUMBER);
	else if (kind == LEX_BOOLEAN)
		parse_scalar(parser, node, OUTLINE_BOOLEAN);
	else
		parse_brackets(parser, node);
}

/* One file with all that it includes: nothing that is open at its end goes on in the next. */
static void parse_file(struct parser *parser, size_t begin, size_t end)
{
	lex_init(&parser->lex, parser->source->text + begin, end - begin);
	parser->token = (struct lex_token){LEX_END, parser->source->text + begin, 0};
	parser->depth = 0;
	advance(parser);
	while (!at_end(parser))
		parse_settings(parser, 0);
}

void outline_parse(struct outline *outline, const struct source *source,
                   bool (*may_show)(const char *name, size_t length), struct faults *faults)
{
	*outline = (struct outline){.source = source};
	outline->nodes = mem_grow(NULL, &outline->capacity, 64, sizeof(*outline->nodes));
	outline->nodes[0] = (struct outline_node){.kind = OUTLINE_GROUP};
	outline->count = 1;
	struct parser parser = {
		.outline = outline, .source = source, .faults = faults, .may_show = may_show};
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
