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

/* Whether `other` goes on with what `node` began. */
static bool goes_on(const struct tree *tree, uint32_t node, uint32_t other, const char *list)
{
	enum tree_kind kind = tree->nodes[node].kind;
	if (kind != tree->nodes[other].kind || in_one_file(tree, node, other))
		return false;
	return kind == TREE_GROUP || (kind == TREE_LIST && tree_named(tree, node, list));
}

/* Give the members of `from` to `node`; `from` stays behind, empty and left out. */
static void take_members(struct tree *tree, uint32_t node, uint32_t from)
{
	struct tree_node *taker = &tree->nodes[node];
	struct tree_node *giver = &tree->nodes[from];
	if (!taker->first)
		taker->first = giver->first;
	else
		tree->nodes[taker->last].next = giver->first;
	if (giver->first)
		taker->last = giver->last;
	taker->damaged = taker->damaged || giver->damaged;
	giver->first = 0;
	giver->last = 0;
	giver->left_out = true;
}

static void report_double(const struct tree *tree, uint32_t first, uint32_t second,
                          const char *prefix, struct faults *faults)
{
	const struct tree_node *node = &tree->nodes[second];
	const char *name = tree->source->text + node->name;
	bool is_shown = secrecy_may_name(name, node->name_length);
	struct fault_place place = tree_place(tree, second);
	struct fault_place earlier = tree_place(tree, first);

	faults_add(faults, FAULT_ERROR, &place, "%s%.*s is already set at %s:%d:%d",
	           is_shown ? prefix : "",
	           is_shown ? (int)node->name_length : (int)strlen("this key"),
	           is_shown ? name : "this key", earlier.file, earlier.line, earlier.column);
}

/* Judge `node` against the members of its group before it, of which there are few
 * (TREE_MEMBERS_MAX). */
static void compare(struct tree *tree, uint32_t group, uint32_t node, const char *list,
                    const char *prefix, struct faults *faults)
{
	for (uint32_t i = tree->nodes[group].first; i != node; i = tree->nodes[i].next) {
		if (tree->nodes[node].name_length == 0 || !names_equal(tree, i, node))
			continue;
		if (list && goes_on(tree, i, node, list)) {
			take_members(tree, i, node);
			return;
		}
		if (!tree->nodes[i].left_out || tree->nodes[i].kind == TREE_BROKEN) {
			report_double(tree, i, node, prefix, faults);
			tree->nodes[node].left_out = true;
			return;
		}
	}
}

/* `list` is NULL but for the group of all files, where alone groups are joined. */
static void compare_members(struct tree *tree, uint32_t group, const char *list, const char *prefix,
                            struct faults *faults)
{
	size_t count = 0;
	uint32_t last = 0;
	for (uint32_t i = tree->nodes[group].first; i; i = tree->nodes[i].next) {
		if (++count > TREE_MEMBERS_MAX) {
			struct fault_place place = tree_place(tree, i);
			faults_add(faults, FAULT_ERROR, &place,
			           "more than %d settings in one group", TREE_MEMBERS_MAX);
			tree->nodes[last].next = 0;
			tree->nodes[group].last = last;
			return;
		}
		compare(tree, group, i, list, prefix, faults);
		last = i;
	}
}

static void join_below(struct tree *tree, uint32_t node, const char *prefix, struct faults *faults)
{
	if (tree->nodes[node].kind == TREE_GROUP)
		compare_members(tree, node, NULL, prefix, faults);
	for (uint32_t i = tree->nodes[node].first; i; i = tree->nodes[i].next)
		join_below(tree, i, "", faults);
}

static void add_prefix(const struct tree *tree, uint32_t node, struct text *out)
{
	const char *name = tree->source->text + tree->nodes[node].name;
	size_t length = tree->nodes[node].name_length;

	if (keys_find(name, length) != NULL)
		text_printf(out, "%.*s.", (int)length, name);
	else
		text_add(out, "");
}

void tree_merge(struct tree *tree, const char *list, struct faults *faults)
{
	compare_members(tree, 0, list, "", faults);
	for (uint32_t i = tree->nodes[0].first; i; i = tree->nodes[i].next) {
		struct text prefix = {0};
		add_prefix(tree, i, &prefix);
		join_below(tree, i, prefix.bytes, faults);
		text_clear(&prefix);
	}
}
