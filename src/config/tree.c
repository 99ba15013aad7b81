/* SPDX-License-Identifier: MIT */
/* Nodes in an array, linked by index; what stands in the files is pointed at and never copied. */
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/lexer.h"

static const char *text_of(const struct tree *tree, uint32_t offset)
{
	return tree->source->text + offset;
}

void tree_init(struct tree *tree, const struct source *source)
{
	*tree = (struct tree){.source = source};
	tree->nodes = mem_grow(NULL, &tree->capacity, 64, sizeof(*tree->nodes));
	tree->nodes[0] = (struct tree_node){.kind = TREE_GROUP};
	tree->count = 1;
}

uint32_t tree_add(struct tree *tree, uint32_t parent, uint32_t name, size_t name_length)
{
	uint32_t node = (uint32_t)tree->count;
	struct tree_node *above;

	tree->nodes = mem_grow(tree->nodes, &tree->capacity, tree->count + 1, sizeof(*tree->nodes));
	tree->nodes[tree->count++] = (struct tree_node){
		.kind = TREE_BROKEN,
		.left_out = true,
		.name = name,
		.name_length = (uint32_t)name_length,
	};
	above = &tree->nodes[parent];
	if (above->first != 0)
		tree->nodes[above->last].next = node;
	else
		above->first = node;
	above->last = node;
	return node;
}

/* places */

static struct fault_place place(const struct tree *tree, size_t offset, size_t width)
{
	const char *start = tree->source->text + offset;
	const char *newline = memchr(start, '\n', width);

	if (newline != NULL)
		width = (size_t)(newline - start);
	return source_place(tree->source, offset, width > 0 ? width : 1);
}

struct fault_place tree_place(const struct tree *tree, uint32_t node)
{
	const struct tree_node *placed = &tree->nodes[node];

	if (placed->name_length > 0)
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
	const char *at = text_of(tree, node->value);
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, at, node->value_length);
	for (token = lexer_next(&lexer); token.kind == LEXER_STRING; token = lexer_next(&lexer)) {
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
	const char *last = locate(tree, placed, offset + (width > 0 ? width - 1 : 0));
	const char *limit = text_of(tree, placed->value) + placed->value_length;
	size_t length = last >= from ? (size_t)(last - from) + unit(last) : 1;

	if (length > (size_t)(limit - from))
		length = (size_t)(limit - from);
	return place(tree, (size_t)(from - tree->source->text), length);
}

char *tree_string(const struct tree *tree, uint32_t node)
{
	const struct tree_node *string = &tree->nodes[node];
	char *joined = mem_alloc(string->value_length, 1);
	size_t filled = 0;
	const char *wrong; /* none is: the parser has read it */
	struct lexer lexer;
	struct lexer_token token;

	lexer_init(&lexer, text_of(tree, string->value), string->value_length);
	for (token = lexer_next(&lexer); token.kind == LEXER_STRING; token = lexer_next(&lexer))
		filled += lexer_string_copy(&token, joined + filled, &wrong);
	joined[filled] = '\0';
	return joined;
}

int64_t tree_integer(const struct tree *tree, uint32_t node)
{
	const struct tree_node *integer = &tree->nodes[node];
	const struct lexer_token token = {
		.kind = LEXER_INTEGER,
		.start = text_of(tree, integer->value),
		.length = integer->value_length,
	};
	int64_t value = 0;

	(void)lexer_integer_value(&token, &value);
	return value;
}

/* The text goes on with what is no digit, and the locale of numbers is never set. */
double tree_number(const struct tree *tree, uint32_t node)
{
	return strtod(text_of(tree, tree->nodes[node].value), NULL);
}

bool tree_boolean(const struct tree *tree, uint32_t node)
{
	return strchr("tT", *text_of(tree, tree->nodes[node].value)) != NULL;
}

bool tree_named(const struct tree *tree, uint32_t node, const char *name)
{
	const struct tree_node *named = &tree->nodes[node];

	return strlen(name) == named->name_length &&
	       memcmp(text_of(tree, named->name), name, named->name_length) == 0;
}

const char *tree_kind_text(enum tree_kind kind)
{
	static const char *const texts[] = {
		[TREE_GROUP] = "a group",      [TREE_LIST] = "a list",
		[TREE_ARRAY] = "an array",     [TREE_STRING] = "a string",
		[TREE_INTEGER] = "an integer", [TREE_NUMBER] = "a floating-point number",
		[TREE_BOOLEAN] = "a boolean",  [TREE_BROKEN] = "nothing",
	};

	return texts[kind];
}

void tree_clear(struct tree *tree)
{
	free(tree->nodes);
	*tree = (struct tree){0};
}
