/* SPDX-License-Identifier: MIT */
/* Several files make one configuration. Their top-level groups of one name become the first of
 * them, which takes the others' members; a list that may grow takes the others' elements. Then no
 * group may say a key twice: the second is reported with the place of the first, and left out. */
#include "config/tree.h"

#include <string.h>

#include "config/keys.h"
#include "config/secrecy.h"

static bool names_equal(const struct tree *tree, uint32_t a, uint32_t b)
{
	const struct tree_node *one = &tree->nodes[a];
	const struct tree_node *other = &tree->nodes[b];
	const char *text = tree->source->text;

	return one->name_length == other->name_length &&
	       memcmp(text + one->name, text + other->name, one->name_length) == 0;
}

static bool in_one_file(const struct tree *tree, uint32_t a, uint32_t b)
{
	return tree_place(tree, a).file == tree_place(tree, b).file;
}

/* Whether `other`, of the same name, goes on with what `node` began: only what stands in no group
 * does. */
static bool goes_on(const struct tree *tree, uint32_t group, uint32_t node, uint32_t other)
{
	const char *list = keys_top.fields[KEYS_INTEGRATIONS].key;
	enum tree_kind kind = tree->nodes[node].kind;

	if (group != 0 || kind != tree->nodes[other].kind || in_one_file(tree, node, other))
		return false;
	return kind == TREE_GROUP || (kind == TREE_LIST && tree_named(tree, node, list));
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

/* The key stands behind that of its group, if that is one of ours. */
static void report_double(const struct tree *tree, uint32_t group, uint32_t first, uint32_t second,
                          struct faults *faults)
{
	const struct tree_node *node = &tree->nodes[second];
	const struct tree_node *above = &tree->nodes[group];
	const char *text = tree->source->text;
	bool is_shown = secrecy_may_name(text + node->name, node->name_length);
	bool has_prefix = is_shown && keys_find(text + above->name, above->name_length) != NULL;
	struct fault_place place = tree_place(tree, second);
	struct fault_place earlier = tree_place(tree, first);

	faults_add(faults, FAULT_ERROR, &place, "%.*s%s%.*s is already set at %s:%d:%d",
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
			struct fault_place place = tree_place(tree, i);

			faults_add(faults, FAULT_ERROR, &place,
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
