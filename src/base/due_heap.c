/* SPDX-License-Identifier: MIT */
/* An array in which no node is due before its parent, at (i - 1) / 2. Each node holds its index
 * whenever it moves, so that one in the middle is taken out or moved without a search. Nodes that
 * are due together come out in the order they were pushed. */
#include "base/due_heap.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

static bool is_before(const struct due_heap_entry *a, const struct due_heap_entry *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void put(struct due_heap *heap, const struct due_heap_entry *entry, size_t index)
{
	heap->entries[index] = *entry;
	entry->node->index = index;
}

static void rise(struct due_heap *heap, struct due_heap_entry entry, size_t index)
{
	while (index > 0 && is_before(&entry, &heap->entries[(index - 1) / 2])) {
		put(heap, &heap->entries[(index - 1) / 2], index);
		index = (index - 1) / 2;
	}
	put(heap, &entry, index);
}

static void sink(struct due_heap *heap, struct due_heap_entry entry, size_t index)
{
	for (size_t child = 2 * index + 1; child < heap->count; child = 2 * index + 1) {
		if (child + 1 < heap->count &&
		    is_before(&heap->entries[child + 1], &heap->entries[child]))
			child++;
		if (!is_before(&heap->entries[child], &entry))
			break;
		put(heap, &heap->entries[child], index);
		index = child;
	}
	put(heap, &entry, index);
}

void due_heap_node_init(struct due_heap_node *node, void *owner)
{
	*node = (struct due_heap_node){.index = DUE_HEAP_NONE, .owner = owner};
}

void due_heap_push(struct due_heap *heap, struct due_heap_node *node, int64_t due_ms)
{
	const struct due_heap_entry entry = {
		.due_ms = due_ms, .order = heap->next_order++, .node = node};

	due_heap_remove(heap, node);
	heap->entries =
		mem_grow(heap->entries, &heap->capacity, heap->count + 1, sizeof(*heap->entries));
	node->due_ms = due_ms;
	rise(heap, entry, heap->count++);
}

void due_heap_remove(struct due_heap *heap, struct due_heap_node *node)
{
	size_t index = node->index;
	const struct due_heap_entry *last;

	if (index == DUE_HEAP_NONE)
		return;
	assert(index < heap->count && heap->entries[index].node == node);
	node->index = DUE_HEAP_NONE;
	last = &heap->entries[--heap->count];
	if (last->node == node)
		return;
	if (index > 0 && is_before(last, &heap->entries[(index - 1) / 2]))
		rise(heap, *last, index);
	else
		sink(heap, *last, index);
}

struct due_heap_node *due_heap_peek(const struct due_heap *heap)
{
	return heap->count > 0 ? heap->entries[0].node : NULL;
}

/* Its children are the only ones that nothing but the root comes before. */
struct due_heap_node *due_heap_peek_second(const struct due_heap *heap)
{
	if (heap->count > 2 && is_before(&heap->entries[2], &heap->entries[1]))
		return heap->entries[2].node;
	return heap->count > 1 ? heap->entries[1].node : NULL;
}

/* Only below a node that comes before can others do so, so that no more than thrice as many are
 * seen as are counted. */
static size_t count_before(const struct due_heap *heap, size_t index,
                           const struct due_heap_entry *entry, size_t max)
{
	size_t count = 1;

	if (index >= heap->count || max == 0 || !is_before(&heap->entries[index], entry))
		return 0;
	for (size_t child = 2 * index + 1; child <= 2 * index + 2; child++)
		count += count_before(heap, child, entry, max - count);
	return count;
}

size_t due_heap_count_before(const struct due_heap *heap, const struct due_heap_node *node,
                             size_t max)
{
	return count_before(heap, 0, &heap->entries[node->index], max);
}

void due_heap_clear(struct due_heap *heap)
{
	free(heap->entries);
	*heap = (struct due_heap){0};
}
