/* SPDX-License-Identifier: MIT */
/* A binary heap of things that are due, the earliest first; each knows its own place in it. */
#ifndef DUE_HEAP_H
#define DUE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_NONE SIZE_MAX

/* Embedded in the thing that is due; `owner` leads back to it. */
struct heap_node {
	int64_t due_ms;
	uint64_t order; /* breaks ties: first in, first out; set by heap_push */
	size_t index;   /* in its heap; HEAP_NONE while in none */
	void *owner;
};

/* Zeroed is empty. */
struct heap {
	struct heap_node **nodes;
	size_t count;
	size_t capacity;
	uint64_t next_order;
};

/* Make a node that is in no heap. */
void heap_node_init(struct heap_node *node, void *owner);

/* Put a node in, or move it if it is already there. O(log n). */
void heap_push(struct heap *heap, struct heap_node *node, int64_t due_ms);

/* Take a node out; fine if it is in no heap. O(log n). */
void heap_remove(struct heap *heap, struct heap_node *node);

/* The earliest node, left in; NULL if empty. */
struct heap_node *heap_peek(const struct heap *heap);

void heap_clear(struct heap *heap); /* the nodes are not touched */

#endif
