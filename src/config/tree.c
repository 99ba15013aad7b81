/* SPDX-License-Identifier: MIT */
/* Nodes in an array, linked by index; what stands in the files is pointed at and never copied.
 *
 * Several files make one configuration. Their top-level groups of one name become the first of
 * them, which takes the others' members; a list that may grow takes the others' elements. Then no
 * group may say a key twice: the second is reported with the place of the first, and left out. */
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/keys.h"
#include "config/lexer.h"
#include "config/secrecy.h"

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

	tree->nodes = mem_room(tree->nodes, &tree->capacity, tree->count + 1);
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
	return at[1] == 'x' || at[1] == 'X' ? 4 : 2;
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

	return place(tree, (size_t)(from - tree->source->text), (size_t)(last - from) + unit(last));
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

/* several files */

static bool names_equal(const struct tree *tree, uint32_t a, uint32_t b)
{
	const struct tree_node *one = &tree->nodes[a];
	const struct tree_node *other = &tree->nodes[b];
	const char *text = tree->source->text;

	return one->name_length == other->name_length &&
	       memcmp(text + one->name, text + other->name, one->name_length) == 0;
}

/* Whether `other`, of the same name, goes on with what `node` began: only what stands in no group
 * does. */
static bool goes_on(const struct tree *tree, uint32_t group, uint32_t node, uint32_t other)
{
	const struct tree_node *known = &tree->nodes[node];
	const struct keys_field *key =
		keys_find_in(&keys_top, text_of(tree, known->name), known->name_length);

	if (group != 0 || known->kind != tree->nodes[other].kind ||
	    tree_place(tree, node).file == tree_place(tree, other).file)
		return false;
	return known->kind == TREE_GROUP ||
	       (known->kind == TREE_LIST && key == &keys_top.fields[KEYS_INTEGRATIONS]);
}

/* Give the members of `from` to `node`; `from` stays behind, empty and left out. */
static void take_members(struct tree *tree, uint32_t node, uint32_t from)
{
	struct tree_node *taker = &tree->nodes[node];
	struct tree_node *giver = &tree->nodes[from];

	if (taker->first == 0)
		taker->first = giver->first;
	else
		tree->nodes[taker->last].next = giver->first;
	if (giver->first != 0)
		taker->last = giver->last;
	taker->damaged = taker->damaged || giver->damaged;
	giver->first = 0;
	giver->last = 0;
	giver->left_out = true;
}

static bool is_at_top(const struct tree *tree, uint32_t node)
{
	uint32_t i = tree->nodes[0].first;

	while (i != 0 && i != node)
		i = tree->nodes[i].next;
	return i != 0;
}

/* The key stands behind that of its group, if that is one of ours and stands at the top. */
static void report_double(const struct tree *tree, uint32_t group, uint32_t first, uint32_t second,
                          struct faults *faults)
{
	const struct tree_node *node = &tree->nodes[second];
	const struct tree_node *above = &tree->nodes[group];
	const char *text = tree->source->text;
	bool is_shown = secrecy_may_name(text + node->name, node->name_length);
	bool has_prefix = is_shown && is_at_top(tree, group) &&
	                  keys_find(text + above->name, above->name_length) != NULL;
	struct fault_place earlier = tree_place(tree, first);

	faults_add(faults, FAULT_ERROR, tree_place(tree, second),
	           "%.*s%s%.*s is already set at %s:%d:%d",
	           has_prefix ? (int)above->name_length : 0, text + above->name,
	           has_prefix ? "." : "",
	           is_shown ? (int)node->name_length : (int)strlen("this key"),
	           is_shown ? text + node->name : "this key", earlier.file, earlier.line,
	           earlier.column);
}

/* Judge `node` against the members of its group before it, of which there are few
 * (TREE_MEMBERS_MAX). */
static void compare(struct tree *tree, uint32_t group, uint32_t node, struct faults *faults)
{
	for (uint32_t i = tree->nodes[group].first; i != node; i = tree->nodes[i].next) {
		if (tree->nodes[node].name_length == 0 || !names_equal(tree, i, node))
			continue;
		if (goes_on(tree, group, i, node)) {
			take_members(tree, i, node);
			return;
		}
		if (!tree->nodes[i].left_out || tree->nodes[i].kind == TREE_BROKEN) {
			report_double(tree, group, i, node, faults);
			tree->nodes[node].left_out = true;
			return;
		}
	}
}

static void compare_members(struct tree *tree, uint32_t group, struct faults *faults)
{
	size_t count = 0;
	uint32_t last = 0;

	for (uint32_t i = tree->nodes[group].first; i != 0; i = tree->nodes[i].next) {
		if (++count > TREE_MEMBERS_MAX) {
			faults_add(faults, FAULT_ERROR, tree_place(tree, i),
			           "more than %d settings in one group", TREE_MEMBERS_MAX);
			tree->nodes[last].next = 0;
			tree->nodes[group].last = last;
			return;
		}
		compare(tree, group, i, faults);
		last = i;
	}
}

static void merge_below(struct tree *tree, uint32_t node, struct faults *faults)
{
	if (tree->nodes[node].kind == TREE_GROUP)
		compare_members(tree, node, faults);
	for (uint32_t i = tree->nodes[node].first; i != 0; i = tree->nodes[i].next)
		merge_below(tree, i, faults);
}

void tree_merge(struct tree *tree, struct faults *faults)
{
	merge_below(tree, 0, faults);
}
