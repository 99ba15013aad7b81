/* SPDX-License-Identifier: MIT */
/* What the files say, before anybody judges it: every setting with its place, faults and all. */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "config/source.h"

#define TREE_DEPTH_MAX   16      /* brackets within brackets */
#define TREE_MEMBERS_MAX 100     /* settings of one group: libconfig's cost is their square */
#define TREE_NODES_MAX   2000000 /* settings and elements in all */

enum tree_kind {
	TREE_GROUP,
	TREE_LIST,
	TREE_ARRAY,
	TREE_STRING, /* all its literals, joined */
	TREE_INTEGER,
	TREE_NUMBER, /* with a point or an exponent */
	TREE_BOOLEAN,
	TREE_BROKEN, /* it has a name, but no value that can be read, which was reported */
};

/* A setting or an element. Offsets are into source.text; node 0 is the group of all files. */
struct tree_node {
	enum tree_kind kind;
	bool left_out; /* broken or doubled: it is not to be used */
	bool apart;    /* its value is not on the line of its name, or a comment is between them */
	bool damaged;  /* a group or list that lost a part to a syntax error */
	uint32_t name; /* an element has no name: name_length is 0 */
	uint32_t name_length;
	uint32_t value; /* its literals; the opening bracket of what has brackets */
	uint32_t value_length;
	uint32_t first; /* its members; 0: none */
	uint32_t last;
	uint32_t next; /* its next sibling; 0: none */
};

/* A tree in an array. */
struct tree {
	const struct source *source; /* borrowed */
	struct tree_node *nodes;     /* owned */
	size_t count;
	size_t capacity;
};

/* A group without members, of which the source is borrowed as long as the tree lives. */
void tree_init(struct tree *tree, const struct source *source);

/* Add a broken node as the last of `parent`; its name is an offset into source.text. */
uint32_t tree_add(struct tree *tree, uint32_t parent, uint32_t name, size_t name_length);

/* Put together what several files say of one group, and leave out what is said twice: that is a
 * fault, unless it is a group, or the list of integrations, in two files. */
void tree_merge(struct tree *tree, struct faults *faults);

/* The place of a node's name (of its value if it has none), and of its value. */
struct fault_place tree_place(const struct tree *tree, uint32_t node);
struct fault_place tree_value_place(const struct tree *tree, uint32_t node);

/* The place of `width` bytes from the byte `offset` on of what a string stands for: escapes and
 * joined literals are followed back to the file. */
struct fault_place tree_string_place(const struct tree *tree, uint32_t node, size_t offset,
                                     size_t width);

/* "a string", "an integer", …: what stands in the file, for a sentence. */
const char *tree_kind_text(enum tree_kind kind);

void tree_clear(struct tree *tree);

#endif
