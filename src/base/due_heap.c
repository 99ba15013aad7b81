/* SPDX-License-Identifier: MIT */
/* An array in which no node is due before its parent, at (i - 1) / 2. Each node is told its index
 * whenever it moves, so that one in the middle is taken out or moved without a search. Nodes that
 * are due together come out in the order they were pushed. */
#include "base/due_heap.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

static bool is_before(const struct heap_node *a, const struct heap_node *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void place(struct heap *heap, struct heap_node *node, size_t index)
{
	heap->nodes[index] = node;
	node->index = index;
}

static void rise(struct heap *heap, struct heap_node *node, size_t index)
{
	while (index > 0 && is_before(node, heap->nodes[(index - 1) / 2])) {
		place(heap, heap->nodes[(index - 1) / 2], index);
		index = (index - 1) / 2;
	}
	place(heap, node, index);
}

static void sink(struct heap *heap, struct heap_node *node, size_t index)
{
	for (size_t child = 2 * index + 1; child < heap->count; child = 2 * index + 1) {
		if (child + 1 < heap->count &&
		    is_before(heap->nodes[child + 1], heap->nodes[child]))
			child++;
		if (!is_before(heap->nodes[child], node))
			break;
		place(heap, heap->nodes[child], index);
		index = child;
	}
	place(heap, node, index);
}

void heap_node_init(struct heap_node *node, void *owner)
{
	*node = (struct heap_node){.index = HEAP_NONE, .owner = owner};
}

void heap_push(struct heap *heap, struct heap_node *node, int64_t due_ms)
{
	heap_remove(heap, node);
	heap->nodes = mem_grow(heap->nodes, &heap->capacity, heap->count + 1, sizeof(*heap->nodes));
	node->due_ms = due_ms;
	node->order = heap->next_order++;
	rise(heap, node, heap->count++);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
	size_t index = node->index;
	struct heap_node *last;

	if (index == HEAP_NONE)
		return;
	assert(index < heap->count && heap->nodes[index] == node);
	node->index = HEAP_NONE;
	last = heap->nodes[--heap->count];
	if (last == node)
		return;
	if (index > 0 && is_before(last, heap->nodes[(index - 1) / 2]))
		rise(heap, last, index);
	else
		sink(heap, last, index);
}

struct heap_node *heap_peek(const struct heap *heap)
{
	return heap->count > 0 ? heap->nodes[0] : NULL;
}

void heap_clear(struct heap *heap)
{
	free(heap->nodes);
	*heap = (struct heap){0};
}
