/* SPDX-License-Identifier: MIT */
/* The way on and the way back: the nodes are written in the dialect that every libconfig since 1.5
 * reads alike, and what libconfig or cron_parse says of the result is found again in the files. A
 * newline stands before each node, so that the line is the number of the node. Arrays are written
 * empty: no key takes one, and libconfig would only quarrel about their elements. A long list is
 * written in parts, as libconfig takes memory and time for it that are worth having back. */
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>

#include "config/lexer.h"

static const char *text_of(const struct outline *outline, uint32_t offset)
{
	return outline->source->text + offset;
}

/* ---- writing ---- */

/* Literals as they stand, side by side on one line. */
static void write_string(const struct outline *outline, const struct outline_node *node,
                         struct text *out)
{
	struct lex lex;
	lex_init(&lex, text_of(outline, node->value), node->value_length);
	for (struct lex_token token = lex_next(&lex); token.kind == LEX_STRING;
	     token = lex_next(&lex)) {
		const char *at = token.start;
		const char *end = at + token.length;
		const char *newline;
		while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
			text_add_bytes(out, at, (size_t)(newline - at));
			text_add(out, "\\n");
			at = newline + 1;
		}
		text_add_bytes(out, at, (size_t)(end - at));
	}
}

static void write_integer(const struct outline *outline, const struct outline_node *node,
                          struct text *out)
{
	struct lex_token token = {LEX_INTEGER, text_of(outline, node->value), node->value_length};
	long long value = 0;
	lex_integer_value(&token, &value);
	text_add_int(out, value);
	if (value < INT32_MIN || value > INT32_MAX)
		text_add_char(out, 'L');
}

static void write_node(const struct outline *outline, uint32_t index, uint32_t apart,
                       struct text *out);

static void write_members(const struct outline *outline, uint32_t index, const char *separator,
                          uint32_t apart, struct text *out)
{
	bool first = true;
	for (uint32_t i = outline->nodes[index].first; i; i = outline->nodes[i].next) {
		if (outline->nodes[i].left_out)
			continue;
		if (!first)
			text_add(out, separator);
		first = false;
		write_node(outline, i, apart, out);
	}
}

static void write_value(const struct outline *outline, uint32_t index, uint32_t apart,
                        struct text *out)
{
	const struct outline_node *node = &outline->nodes[index];
	switch (node->kind) {
	case OUTLINE_GROUP:
		text_add_char(out, '{');
		write_members(outline, index, ";", apart, out);
		text_add_char(out, '}');
		return;
	case OUTLINE_LIST:
		text_add_char(out, '(');
		if (index != apart)
			write_members(outline, index, ",", apart, out);
		text_add_char(out, ')');
		return;
	case OUTLINE_ARRAY:
		text_add(out, "[]");
		return;
	case OUTLINE_STRING:
		write_string(outline, node, out);
		return;
	case OUTLINE_INTEGER:
		write_integer(outline, node, out);
		return;
	case OUTLINE_NUMBER:
	case OUTLINE_BOOLEAN:
		text_add_bytes(out, text_of(outline, node->value), node->value_length);
		return;
	case OUTLINE_BROKEN:
		return; /* always left out */
	}
}

static void write_node(const struct outline *outline, uint32_t index, uint32_t apart,
                       struct text *out)
{
	const struct outline_node *node = &outline->nodes[index];
	text_add_char(out, '\n');
	if (node->name_length) {
		text_add_bytes(out, text_of(outline, node->name), node->name_length);
		text_add_char(out, '=');
	}
	write_value(outline, index, apart, out);
}

void outline_write(const struct outline *outline, uint32_t apart, struct text *out)
{
	write_members(outline, 0, ";", apart, out);
	text_add(out, "\n");
}

uint32_t outline_write_part(const struct outline *outline, uint32_t from, size_t count,
                            struct text *out)
{
	uint32_t i = from;
	text_add(out, "part=(");
	for (size_t written = 0; i && written < count; i = outline->nodes[i].next) {
		if (outline->nodes[i].left_out)
			continue;
		text_add(out, written++ > 0 ? "," : "");
		write_node(outline, i, 0, out);
	}
	text_add(out, ")\n");
	return i;
}

/* Count down `*lines` in the order of writing. */
static uint32_t find(const struct outline *outline, uint32_t index, size_t *lines)
{
	if (--*lines == 0)
		return index;
	if (outline->nodes[index].kind == OUTLINE_ARRAY)
		return 0;
	for (uint32_t i = outline->nodes[index].first; i; i = outline->nodes[i].next) {
		uint32_t found = outline->nodes[i].left_out ? 0 : find(outline, i, lines);
		if (found)
			return found;
	}
	return 0;
}

uint32_t outline_nth(const struct outline *outline, size_t line)
{
	return line > 0 ? find(outline, 0, &line) : 0;
}

uint32_t outline_part_nth(const struct outline *outline, uint32_t from, size_t line)
{
	uint32_t found = 0;
	if (line < 2)
		return from;
	line--;
	for (uint32_t i = from; i && !found; i = outline->nodes[i].next)
		found = outline->nodes[i].left_out ? 0 : find(outline, i, &line);
	return found;
}

/* ---- places ---- */

static struct fault_place place(const struct outline *outline, size_t offset, size_t width)
{
	const char *start = outline->source->text + offset;
	const char *newline = memchr(start, '\n', width);
	if (newline)
		width = (size_t)(newline - start);
	return source_place(outline->source, offset, width ? width : 1);
}

struct fault_place outline_place(const struct outline *outline, uint32_t node)
{
	const struct outline_node *placed = &outline->nodes[node];
	if (placed->name_length)
		return place(outline, placed->name, placed->name_length);
	return outline_value_place(outline, node);
}

struct fault_place outline_value_place(const struct outline *outline, uint32_t node)
{
	const struct outline_node *placed = &outline->nodes[node];
	return place(outline, placed->value, placed->value_length);
}

/* The bytes that one byte of the value takes in a literal. */
static size_t unit(const char *at)
{
	if (*at != '\\')
		return 1;
	return at[1] == 'x' ? 4 : 2;
}

/* Where the byte `offset` of the value stands; its closing quote if it is the end. */
static const char *locate(const struct outline *outline, const struct outline_node *node,
                          size_t offset)
{
	struct lex lex;
	lex_init(&lex, text_of(outline, node->value), node->value_length);
	const char *at = text_of(outline, node->value);
	for (struct lex_token token = lex_next(&lex); token.kind == LEX_STRING;
	     token = lex_next(&lex)) {
		const char *end = token.start + token.length - 1;
		for (at = token.start + 1; at < end && offset > 0; offset--)
			at += unit(at);
		if (at < end)
			return at;
	}
	return at;
}

struct fault_place outline_string_place(const struct outline *outline, uint32_t node, size_t offset,
                                        size_t width)
{
	const struct outline_node *placed = &outline->nodes[node];
	const char *from = locate(outline, placed, offset);
	const char *last = locate(outline, placed, offset + (width ? width - 1 : 0));
	const char *limit = text_of(outline, placed->value) + placed->value_length;
	size_t length = last >= from ? (size_t)(last - from) + unit(last) : 1;
	if (length > (size_t)(limit - from))
		length = (size_t)(limit - from);
	return place(outline, (size_t)(from - outline->source->text), length);
}

/* ---- the rest ---- */

bool outline_named(const struct outline *outline, uint32_t node, const char *name)
{
	const struct outline_node *named = &outline->nodes[node];
	return strlen(name) == named->name_length &&
	       memcmp(text_of(outline, named->name), name, named->name_length) == 0;
}

const char *outline_kind_text(enum outline_kind kind)
{
	switch (kind) {
	case OUTLINE_GROUP:
		return "a group";
	case OUTLINE_LIST:
		return "a list";
	case OUTLINE_ARRAY:
		return "an array";
	case OUTLINE_STRING:
		return "a string";
	case OUTLINE_INTEGER:
		return "an integer";
	case OUTLINE_NUMBER:
		return "a number";
	case OUTLINE_BOOLEAN:
		return "a boolean";
	case OUTLINE_BROKEN:
		return "nothing";
	}
	return "nothing";
}

void outline_clear(struct outline *outline)
{
	free(outline->nodes);
	*outline = (struct outline){0};
}
