/* SPDX-License-Identifier: MIT */
/* The queue against a list of what should be in it: order, whole records, the rest of one, the
 * bound, and how much memory it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/mem.h"
#include "log/log_internal.h"

#define SEEDS  200
#define STEPS  400
#define LARGE  5000
#define HEAD   8 /* bytes of each record beside its own */
#define NUMBER 10

struct model {
	struct log_queue queue;
	uint64_t random;
	unsigned first, next; /* of the records that are in it */
	size_t consumed;      /* bytes of the first one */
};

/* The bytes of record `number`: as many and such as no other one near it has. */
static size_t spell(unsigned number, char bytes[LARGE])
{
	size_t length = 1 + (size_t)number * 977 % (LARGE - 1);

	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(number * 7 + i);
	return length;
}

static void add(struct model *model)
{
	char bytes[LARGE];
	size_t length = spell(model->next, bytes);

	assert_true(log_queue_add(&model->queue, bytes, length, model->next % 3 == 0));
	model->next++;
}

static void check_first(struct model *model)
{
	char bytes[LARGE];
	struct log_entry entry;
	size_t length;

	if (model->first == model->next) {
		assert_false(log_queue_first(&model->queue, &entry));
		assert_null(model->queue.held.bytes);
		return;
	}
	length = spell(model->first, bytes) - model->consumed;
	assert_true(log_queue_first(&model->queue, &entry));
	assert_int_equal(entry.length, length);
	assert_int_equal(entry.is_datagram, model->first % 3 == 0);
	assert_memory_equal(entry.bytes, bytes + model->consumed, length);
}

static void consume(struct model *model, bool whole)
{
	struct log_entry entry;
	size_t count;

	if (!log_queue_first(&model->queue, &entry))
		return;
	count = whole ? entry.length : 1 + (size_t)(backoff_random(&model->random) % entry.length);
	log_queue_consume(&model->queue, count);
	model->consumed += count;
	if (count == entry.length) {
		model->first++;
		model->consumed = 0;
	}
}

static size_t held(const struct model *model)
{
	return model->queue.held.length - model->queue.start;
}

static void agrees_with_a_list(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < SEEDS; seed++) {
		struct model model = {.random = seed};
		size_t most = 0;

		for (int step = 0; step < STEPS; step++) {
			if (backoff_random(&model.random) % 2 == 0)
				add(&model);
			else
				consume(&model, backoff_random(&model.random) % 3 != 0);
			check_first(&model);
			most = held(&model) > most ? held(&model) : most;
			/* At most a few times what was held at once. */
			assert_true(model.queue.held.capacity <= 4 * (most + LARGE));
		}
		while (model.first != model.next) {
			consume(&model, true);
			check_first(&model);
		}
	}
}

/* Ten are held all the time, a thousand pass: the block does not grow with them. */
static void a_long_life_takes_no_memory(void **state)
{
	struct model model = {0};
	size_t capacity;

	(void)state;
	for (int i = 0; i < NUMBER; i++)
		add(&model);
	for (int i = 0; i < NUMBER; i++) {
		add(&model);
		consume(&model, true);
	}
	capacity = model.queue.held.capacity;
	for (int i = 0; i < 1000; i++) {
		add(&model);
		consume(&model, true);
		check_first(&model);
	}
	assert_true(model.queue.held.capacity <= 2 * capacity);
	while (model.first != model.next)
		consume(&model, true);
	assert_null(model.queue.held.bytes);
}

static void it_is_bounded(void **state)
{
	struct log_queue queue = {0};
	char *bytes = mem_alloc(1, LOG_QUEUE_MAX + 1);
	struct log_entry entry;

	(void)state;
	assert_false(log_queue_add(&queue, bytes, LOG_QUEUE_MAX + 1, false));
	assert_false(log_queue_add(&queue, bytes, SIZE_MAX, false));
	assert_false(log_queue_add(&queue, bytes, LOG_QUEUE_MAX - HEAD + 1, false));
	assert_null(queue.held.bytes);
	assert_true(log_queue_add(&queue, bytes, LOG_QUEUE_MAX - HEAD, false));
	assert_false(log_queue_add(&queue, bytes, 1, false));
	log_queue_consume(&queue, HEAD + 1);
	assert_true(log_queue_add(&queue, "x", 1, true));
	assert_false(log_queue_add(&queue, "x", 1, true));
	log_queue_consume(&queue, LOG_QUEUE_MAX - 2 * HEAD - 1);
	assert_true(log_queue_first(&queue, &entry));
	assert_int_equal(entry.length, 1);
	assert_true(entry.is_datagram);
	log_queue_consume(&queue, 1);
	assert_null(queue.held.bytes);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_list),
		cmocka_unit_test(a_long_life_takes_no_memory),
		cmocka_unit_test(it_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
