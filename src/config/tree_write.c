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

static const char *text_of(const struct tree *tree, uint32_t offset)
{
	return tree->source->text + offset;
}

/* writing */

/* Literals as they stand, side by side on one line. */
static void write_string(const struct tree *tree, const struct tree_node *node, struct text *out)
{
	struct lexer lexer;
	lexer_init(&lexer, text_of(tree, node->value), node->value_length);
	for (struct lexer_token token = lexer_next(&lexer); token.kind == LEXER_STRING;
	     token = lexer_next(&lexer)) {
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

static void write_integer(const struct tree *tree, const struct tree_node *node, struct text *out)
{
	struct lexer_token token = {LEXER_INTEGER, text_of(tree, node->value), node->value_length};
	long long value = 0;
	lexer_integer_value(&token, &value);
	text_add_int(out, value);
	if (value < INT32_MIN || value > INT32_MAX)
		text_add_char(out, 'L');
}

static void write_node(const struct tree *tree, uint32_t index, uint32_t apart, struct text *out);

static void write_members(const struct tree *tree, uint32_t index, const char *separator,
                          uint32_t apart, struct text *out)
{
	bool first = true;
	for (uint32_t i = tree->nodes[index].first; i; i = tree->nodes[i].next) {
		if (tree->nodes[i].left_out)
			continue;
		if (!first)
			text_add(out, separator);
		first = false;
		write_node(tree, i, apart, out);
	}
}

static void write_value(const struct tree *tree, uint32_t index, uint32_t apart, struct text *out)
{
	const struct tree_node *node = &tree->nodes[index];
	switch (node->kind) {
	case TREE_GROUP:
		text_add_char(out, '{');
		write_members(tree, index, ";", apart, out);
		text_add_char(out, '}');
		return;
	case TREE_LIST:
		text_add_char(out, '(');
		if (index != apart)
			write_members(tree, index, ",", apart, out);
		text_add_char(out, ')');
		return;
	case TREE_ARRAY:
		text_add(out, "[]");
		return;
	case TREE_STRING:
		write_string(tree, node, out);
		return;
	case TREE_INTEGER:
		write_integer(tree, node, out);
		return;
	case TREE_NUMBER:
	case TREE_BOOLEAN:
		text_add_bytes(out, text_of(tree, node->value), node->value_length);
		return;
	case TREE_BROKEN:
		return; /* always left out */
	}
}

static void write_node(const struct tree *tree, uint32_t index, uint32_t apart, struct text *out)
{
	const struct tree_node *node = &tree->nodes[index];
	text_add_char(out, '\n');
	if (node->name_length) {
		text_add_bytes(out, text_of(tree, node->name), node->name_length);
		text_add_char(out, '=');
	}
	write_value(tree, index, apart, out);
}

void tree_write(const struct tree *tree, uint32_t apart, struct text *out)
{
	write_members(tree, 0, ";", apart, out);
	text_add(out, "\n");
}

uint32_t tree_write_part(const struct tree *tree, uint32_t from, size_t count, struct text *out)
{
	uint32_t i = from;
	text_add(out, "part=(");
	for (size_t written = 0; i && written < count; i = tree->nodes[i].next) {
		if (tree->nodes[i].left_out)
			continue;
		text_add(out, written++ > 0 ? "," : "");
		write_node(tree, i, 0, out);
	}
	text_add(out, ")\n");
	return i;
}

/* Count down `*lines` in the order of writing. */
static uint32_t find(const struct tree *tree, uint32_t index, size_t *lines)
{
	if (--*lines == 0)
		return index;
	if (tree->nodes[index].kind == TREE_ARRAY)
		return 0;
	for (uint32_t i = tree->nodes[index].first; i; i = tree->nodes[i].next) {
		uint32_t found = tree->nodes[i].left_out ? 0 : find(tree, i, lines);
		if (found)
			return found;
	}
	return 0;
}

uint32_t tree_nth(const struct tree *tree, size_t line)
{
	return line > 0 ? find(tree, 0, &line) : 0;
}

uint32_t tree_part_nth(const struct tree *tree, uint32_t from, size_t line)
{
	uint32_t found = 0;
	if (line < 2)
		return from;
	line--;
	for (uint32_t i = from; i && !found; i = tree->nodes[i].next)
		found = tree->nodes[i].left_out ? 0 : find(tree, i, &line);
	return found;
}

/* places */

static struct fault_place place(const struct tree *tree, size_t offset, size_t width)
{
	const char *start = tree->source->text + offset;
	const char *newline = memchr(start, '\n', width);
	if (newline)
		width = (size_t)(newline - start);
	return source_place(tree->source, offset, width ? width : 1);
}

struct fault_place tree_place(const struct tree *tree, uint32_t node)
{
	const struct tree_node *placed = &tree->nodes[node];
	if (placed->name_length)
		return place(tree, placed->name, placed->name_length);
	return tree_value_place(tree, node);
}

struct fault_place tree_value_place(const struct tree *tree, uint32_t node)
{
	const struct tree_node *placed = &tree->nodes[node];
	return place(tree, placed->value, placed->value_length);
}

/* The bytes that one byte of the value takes in a literal. */
static size_t unit(const char *at)
{
	if (*at != '\\')
		return 1;
	return at[1] == 'x' ? 4 : 2;
}

/* Where the byte `offset` of the value stands; its closing quote if it is the end. */
static const char *locate(const struct tree *tree, const struct tree_node *node, size_t offset)
{
	struct lexer lexer;
	lexer_init(&lexer, text_of(tree, node->value), node->value_length);
	const char *at = text_of(tree, node->value);
	for (struct lexer_token token = lexer_next(&lexer); token.kind == LEXER_STRING;
	     token = lexer_next(&lexer)) {
		const char *end = token.start + token.length - 1;
		for (at = token.start + 1; at < end && offset > 0; offset--)
			at += unit(at);
		if (at < end)
			return at;
	}
	return at;
}

struct fault_place tree_string_place(const struct tree *tree, uint32_t node, size_t offset,
                                     size_t width)
{
	const struct tree_node *placed = &tree->nodes[node];
	const char *from = locate(tree, placed, offset);
	const char *last = locate(tree, placed, offset + (width ? width - 1 : 0));
	const char *limit = text_of(tree, placed->value) + placed->value_length;
	size_t length = last >= from ? (size_t)(last - from) + unit(last) : 1;
	if (length > (size_t)(limit - from))
		length = (size_t)(limit - from);
	return place(tree, (size_t)(from - tree->source->text), length);
}

/* the rest */

bool tree_named(const struct tree *tree, uint32_t node, const char *name)
{
	const struct tree_node *named = &tree->nodes[node];
	return strlen(name) == named->name_length &&
	       memcmp(text_of(tree, named->name), name, named->name_length) == 0;
}

const char *tree_kind_text(enum tree_kind kind)
{
	switch (kind) {
	case TREE_GROUP:
		return "a group";
	case TREE_LIST:
		return "a list";
	case TREE_ARRAY:
		return "an array";
	case TREE_STRING:
		return "a string";
	case TREE_INTEGER:
		return "an integer";
	case TREE_NUMBER:
		return "a number";
	case TREE_BOOLEAN:
		return "a boolean";
	case TREE_BROKEN:
		return "nothing";
	}
	return "nothing";
}

void tree_clear(struct tree *tree)
{
	free(tree->nodes);
	*tree = (struct tree){0};
}
