/* SPDX-License-Identifier: MIT */
/* The heap: order and ties by example, and random pushes, moves and removals against a list that is
 * searched from end to end, with the shape checked after each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/due_heap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void init_all(struct due_heap_node *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		due_heap_node_init(&nodes[i], &nodes[i]);
}

static struct due_heap_node *pop(struct due_heap *heap)
{
	struct due_heap_node *node = due_heap_peek(heap);

	due_heap_remove(heap, node);
	return node;
}

static void empty_heap(void **state)
{
	struct due_heap heap = {0};
	struct due_heap_node node;

	(void)state;
	due_heap_node_init(&node, &heap);
	assert_ptr_equal(node.owner, &heap);
	assert_true(node.index == DUE_HEAP_NONE);
	assert_null(due_heap_peek(&heap));
	due_heap_remove(&heap, &node);
	assert_null(due_heap_peek(&heap));
	due_heap_clear(&heap);
}

static void earliest_comes_first(void **state)
{
	static const int64_t due_ms[] = {50, -3, 10, INT64_MAX, 10, INT64_MIN, 0, 10};
	static const size_t want[] = {5, 1, 6, 2, 4, 7, 0, 3};
	struct due_heap_node nodes[COUNT(due_ms)];
	struct due_heap heap = {0};

	(void)state;
	init_all(nodes, COUNT(nodes));
	for (size_t i = 0; i < COUNT(nodes); i++)
		due_heap_push(&heap, &nodes[i], due_ms[i]);
	assert_int_equal(heap.count, COUNT(nodes));
	for (size_t i = 0; i < COUNT(nodes); i++) {
		struct due_heap_node *node = pop(&heap);

		assert_ptr_equal(node, &nodes[want[i]]);
		assert_ptr_equal(node->owner, node);
		assert_true(node->index == DUE_HEAP_NONE);
	}
	assert_null(due_heap_peek(&heap));
	due_heap_clear(&heap);
}

static void push_moves_what_is_in(void **state)
{
	struct due_heap_node nodes[3];
	struct due_heap heap = {0};

	(void)state;
	init_all(nodes, 3);
	for (size_t i = 0; i < 3; i++)
		due_heap_push(&heap, &nodes[i], 10);
	due_heap_push(&heap, &nodes[0], 10); /* now the last of its time */
	due_heap_push(&heap, &nodes[2], 5);
	assert_int_equal(heap.count, 3);
	assert_ptr_equal(pop(&heap), &nodes[2]);
	assert_ptr_equal(pop(&heap), &nodes[1]);
	assert_ptr_equal(pop(&heap), &nodes[0]);
	due_heap_clear(&heap);
}

static void clear_leaves_an_empty_heap(void **state)
{
	struct due_heap_node nodes[20], again;
	struct due_heap heap = {0};

	(void)state;
	init_all(nodes, 20);
	for (size_t i = 0; i < 20; i++)
		due_heap_push(&heap, &nodes[i], 1);
	due_heap_clear(&heap);
	assert_null(due_heap_peek(&heap));
	due_heap_node_init(&again, NULL);
	due_heap_push(&heap, &again, 1);
	assert_ptr_equal(due_heap_peek(&heap), &again);
	due_heap_clear(&heap);
}

static void check_shape(const struct due_heap *heap)
{
	for (size_t i = 0; i < heap->count; i++) {
		const struct due_heap_entry *entry = &heap->entries[i];

		assert_int_equal(entry->node->index, i);
		assert_int_equal(entry->node->due_ms, entry->due_ms);
		if (i > 0)
			assert_true(heap->entries[(i - 1) / 2].due_ms <= entry->due_ms);
	}
}

/* Of two nodes of the heap. */
static bool comes_before(const struct due_heap *heap, const struct due_heap_node *a,
                         const struct due_heap_node *b)
{
	return a->due_ms != b->due_ms
	               ? a->due_ms < b->due_ms
	               : heap->entries[a->index].order < heap->entries[b->index].order;
}

static void check_earliest(const struct due_heap *heap, struct due_heap_node *nodes, size_t count)
{
	struct due_heap_node *want = NULL;
	size_t inside = 0;

	for (size_t i = 0; i < count; i++) {
		struct due_heap_node *node = &nodes[i];

		if (node->index == DUE_HEAP_NONE)
			continue;
		inside++;
		if (want == NULL || comes_before(heap, node, want))
			want = node;
	}
	assert_int_equal(heap->count, inside);
	assert_ptr_equal(due_heap_peek(heap), want);
}

static void check_second(const struct due_heap *heap)
{
	struct due_heap_node *second = due_heap_peek_second(heap);

	assert_int_equal(second != NULL, heap->count > 1);
	for (size_t i = 1; i < heap->count; i++)
		assert_false(comes_before(heap, heap->entries[i].node, second));
}

static void agrees_with_a_search(void **state)
{
	struct due_heap_node nodes[40];
	struct due_heap heap = {0};
	uint64_t random = 11;

	(void)state;
	init_all(nodes, COUNT(nodes));
	for (int step = 0; step < 20000; step++) {
		struct due_heap_node *node = &nodes[backoff_random(&random) % COUNT(nodes)];

		if (backoff_random(&random) % 3 == 0)
			due_heap_remove(&heap, node);
		else
			due_heap_push(&heap, node, (int64_t)(backoff_random(&random) % 30));
		check_shape(&heap);
		check_earliest(&heap, nodes, COUNT(nodes));
		check_second(&heap);
	}
	due_heap_clear(&heap);
}

/* Against counting all, after pushes in disorder and with ties. */
static void those_before_one_are_counted(void **state)
{
	struct due_heap_node nodes[200];
	struct due_heap heap = {0};
	uint64_t random = 7;

	(void)state;
	init_all(nodes, COUNT(nodes));
	for (size_t i = 0; i < COUNT(nodes); i++)
		due_heap_push(&heap, &nodes[i], (int64_t)(backoff_random(&random) % 50));
	for (size_t i = 0; i < COUNT(nodes); i++) {
		size_t before = 0;

		for (size_t j = 0; j < COUNT(nodes); j++)
			before += comes_before(&heap, &nodes[j], &nodes[i]);
		assert_int_equal(due_heap_count_before(&heap, &nodes[i], SIZE_MAX), before);
		assert_int_equal(due_heap_count_before(&heap, &nodes[i], 20),
		                 before < 20 ? before : 20);
	}
	due_heap_clear(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_heap),
		cmocka_unit_test(earliest_comes_first),
		cmocka_unit_test(push_moves_what_is_in),
		cmocka_unit_test(clear_leaves_an_empty_heap),
		cmocka_unit_test(agrees_with_a_search),
		cmocka_unit_test(those_before_one_are_counted),
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
