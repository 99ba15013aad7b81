/* SPDX-License-Identifier: MIT */
/* Several files make one configuration. Their top-level groups of one name become the first of
 * them, which takes the others' members; a list that may grow takes the others' elements. Then no
 * group may say a key twice: the second is told with the place of the first, and left out. */
#include "config/tree.h"

#include <string.h>

static bool names_equal(const struct outline *outline, uint32_t a, uint32_t b)
{
	const struct outline_node *one = &outline->nodes[a];
	const struct outline_node *other = &outline->nodes[b];
	const char *text = outline->source->text;
	return one->name_length == other->name_length &&
	       memcmp(text + one->name, text + other->name, one->name_length) == 0;
}

static bool in_one_file(const struct outline *outline, uint32_t a, uint32_t b)
{
	return outline_place(outline, a).file == outline_place(outline, b).file;
}

/* Whether `other` goes on with what `node` began. */
static bool goes_on(const struct outline *outline, uint32_t node, uint32_t other, const char *list)
{
	enum outline_kind kind = outline->nodes[node].kind;
	if (kind != outline->nodes[other].kind || in_one_file(outline, node, other))
		return false;
	return kind == OUTLINE_GROUP ||
	       (kind == OUTLINE_LIST && outline_named(outline, node, list));
}

/* Give the members of `from` to `node`; `from` stays behind, empty and left out. */
static void take_members(struct outline *outline, uint32_t node, uint32_t from)
{
	struct outline_node *taker = &outline->nodes[node];
	struct outline_node *giver = &outline->nodes[from];
	if (!taker->first)
		taker->first = giver->first;
	else
		outline->nodes[taker->last].next = giver->first;
	if (giver->first)
		taker->last = giver->last;
	taker->damaged = taker->damaged || giver->damaged;
	giver->first = 0;
	giver->last = 0;
	giver->left_out = true;
}

static void tell_double(const struct outline *outline, uint32_t first, uint32_t second,
                        const char *prefix, struct faults *faults)
{
	const struct outline_node *node = &outline->nodes[second];
	struct fault_place place = outline_place(outline, second);
	struct fault_place earlier = outline_place(outline, first);
	faults_add(faults, FAULT_ERROR, &place, "%s%.*s is already set at %s:%d:%d", prefix,
	           (int)node->name_length, outline->source->text + node->name, earlier.file,
	           earlier.line, earlier.column);
}

/* Judge `node` against the members of its group before it, of which there are few
 * (OUTLINE_MEMBERS_MAX). */
static void compare(struct outline *outline, uint32_t group, uint32_t node, const char *list,
                    const char *prefix, struct faults *faults)
{
	for (uint32_t i = outline->nodes[group].first; i != node; i = outline->nodes[i].next) {
		if (!names_equal(outline, i, node))
			continue;
		if (list && goes_on(outline, i, node, list)) {
			take_members(outline, i, node);
			return;
		}
		if (!outline->nodes[i].left_out || outline->nodes[i].kind == OUTLINE_BROKEN) {
			tell_double(outline, i, node, prefix, faults);
			outline->nodes[node].left_out = true;
			return;
		}
	}
}

/* `list` is NULL but for the group of all files, where alone groups are joined. */
static void compare_members(struct outline *outline, uint32_t group, const char *list,
                            const char *prefix, struct faults *faults)
{
	size_t count = 0;
	uint32_t last = 0;
	for (uint32_t i = outline->nodes[group].first; i; i = outline->nodes[i].next) {
		if (++count > OUTLINE_MEMBERS_MAX) {
			struct fault_place place = outline_place(outline, i);
			faults_add(faults, FAULT_ERROR, &place,
			           "more than %d settings in one group", OUTLINE_MEMBERS_MAX);
			outline->nodes[last].next = 0;
			outline->nodes[group].last = last;
			return;
		}
		compare(outline, group, i, list, prefix, faults);
		last = i;
	}
}

static void join_below(struct outline *outline, uint32_t node, const char *prefix,
                       struct faults *faults)
{
	if (outline->nodes[node].kind == OUTLINE_GROUP)
		compare_members(outline, node, NULL, prefix, faults);
	for (uint32_t i = outline->nodes[node].first; i; i = outline->nodes[i].next)
		join_below(outline, i, "", faults);
}

void outline_join(struct outline *outline, const char *list, struct faults *faults)
{
	compare_members(outline, 0, list, "", faults);
	for (uint32_t i = outline->nodes[0].first; i; i = outline->nodes[i].next) {
		struct text prefix = {0};
		text_add_bytes(&prefix, outline->source->text + outline->nodes[i].name,
		               outline->nodes[i].name_length);
		text_add_char(&prefix, '.');
		join_below(outline, i, prefix.bytes, faults);
		text_clear(&prefix);
	}
}
