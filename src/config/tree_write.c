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
