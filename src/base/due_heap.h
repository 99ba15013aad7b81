/* SPDX-License-Identifier: MIT */
/* A binary heap of things that are due, the earliest first; each knows its index in it. */
#ifndef DUE_HEAP_H
#define DUE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUE_HEAP_NONE SIZE_MAX

/* Embedded in the thing that is due; `owner` leads back to it. */
struct due_heap_node {
	int64_t due_ms;
	size_t index; /* in its heap; DUE_HEAP_NONE while in none */
	void *owner;
};

/* What is compared lies in the heap itself: the things that are due are all over the memory. */
struct due_heap_entry {
	int64_t due_ms;
	uint64_t order; /* breaks ties: first in, first out */
	struct due_heap_node *node;
};

/* Zeroed is empty. */
struct due_heap {
	struct due_heap_entry *entries;
	size_t count;
	size_t capacity;
	uint64_t next_order;
};

/* Make a node that is in no heap. */
void due_heap_node_init(struct due_heap_node *node, void *owner);

/* Put a node in, or move it if it is already there. O(log n). */
void due_heap_push(struct due_heap *heap, struct due_heap_node *node, int64_t due_ms);

/* Take a node out; fine if it is in no heap. O(log n). */
void due_heap_remove(struct due_heap *heap, struct due_heap_node *node);

/* The earliest node, left in; NULL if empty. */
struct due_heap_node *due_heap_peek(const struct due_heap *heap);

/* The earliest of all but that one; NULL if there are fewer than two. O(1). */
struct due_heap_node *due_heap_peek_second(const struct due_heap *heap);

/* How many nodes come before that one, which is in the heap, but `max` where it is more. O(max). */
size_t due_heap_count_before(const struct due_heap *heap, const struct due_heap_node *node,
                             size_t max);

void due_heap_clear(struct due_heap *heap); /* the nodes are not touched */

#endif
