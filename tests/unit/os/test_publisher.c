/* SPDX-License-Identifier: MIT */
/* What is encoded is written, one write at a time, and each write has one result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "os/loop.h"
#include "os/publisher.h"

struct world {
	uv_loop_t loop;
	struct publisher publisher;
	unsigned encoded;
	unsigned parts; /* that a text still has before its last one */
	bool is_begun;  /* one was put in */
	unsigned written;
	bool fails; /* the next write does */
	struct result {
		bool fails, is_news;
	} results[8];
	unsigned done;
};

static bool encode(struct text *out, void *data)
{
	struct world *world = data;

	assert_int_equal(out->length > 0, world->is_begun);
	world->is_begun = world->parts > 0;
	if (world->is_begun) {
		world->parts--;
		text_add(out, "text ");
		return false;
	}
	text_printf(out, "text %u", ++world->encoded);
	return true;
}

static bool write_text(struct text *text, struct fault *fault, void *data)
{
	struct world *world = data;

	world->written++;
	assert_int_equal(strncmp(text->bytes, "text ", 5), 0);
	text_add(text, ", and an end");
	return world->fails ? fault_set(fault, "no room") : true;
}

static void on_done(const char *why, bool is_news, void *data)
{
	struct world *world = data;

	if (why != NULL)
		assert_string_equal(why, "no room");
	assert_false(world->publisher.is_running);
	world->results[world->done++] = (struct result){why != NULL, is_news};
}

static void open_world(struct world *world)
{
	struct fault fault = {0};

	*world = (struct world){0};
	assert_true(loop_open(&world->loop, &fault));
	publisher_open(
		&world->publisher, &world->loop,
		&(const struct publisher_options){
			.encode = encode, .write = write_text, .done = on_done, .data = world});
}

static void close_world(struct world *world)
{
	publisher_close(&world->publisher);
	loop_close(&world->loop);
}

/* Each failure is known as the first or as another one, so that it is reported once. */
static void results_say_what_is_news(void **state)
{
	static const struct result results[] = {{false, false}, {true, true},   {true, false},
	                                        {false, true},  {false, false}, {true, true}};
	struct world world;

	(void)state;
	open_world(&world);
	for (unsigned i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		world.fails = results[i].fails;
		publisher_start(&world.publisher);
		assert_int_equal(world.encoded, i); /* in the next iteration */
		assert_true(world.publisher.is_running);
		(void)uv_run(&world.loop, UV_RUN_DEFAULT);
		assert_int_equal(world.done, i + 1);
		assert_int_equal(world.results[i].fails, results[i].fails);
		assert_int_equal(world.results[i].is_news, results[i].is_news);
	}
	assert_int_equal(world.publisher.failures, 3);
	close_world(&world);
}

static void now_blocks_until_it_is_written(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	publisher_write_now(&world.publisher);
	assert_int_equal(world.done, 1);
	close_world(&world);
	publisher_write_now(&world.publisher);
	assert_int_equal(world.done, 2);
	assert_false(world.results[1].fails);
	assert_false(world.results[1].is_news);
}

static void a_write_that_was_not_begun_is_dropped(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	publisher_start(&world.publisher);
	close_world(&world);
	assert_int_equal(world.encoded, 0);
	assert_int_equal(world.done, 0);
	assert_int_equal(publisher_age_ms(&world.publisher), 0);
}

/* A write that does not end is known by its age, from the start on. */
static void its_age_is_that_of_the_write(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	assert_int_equal(publisher_age_ms(&world.publisher), 0);
	uv_sleep(30);
	uv_update_time(&world.loop);
	publisher_start(&world.publisher);
	assert_int_equal(publisher_age_ms(&world.publisher), 0);
	uv_sleep(30);
	uv_update_time(&world.loop);
	assert_in_range(publisher_age_ms(&world.publisher), 25, 20000);
	(void)uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_int_equal(publisher_age_ms(&world.publisher), 0);
	close_world(&world);
}

static void a_write_that_was_begun_is_let_finish(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	publisher_start(&world.publisher);
	while (world.encoded == 0)
		(void)uv_run(&world.loop, UV_RUN_NOWAIT);
	close_world(&world);
	assert_int_equal(world.written, 1);
	assert_int_equal(world.done, 1);
}

static void a_text_takes_an_iteration_for_each_part(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	world.parts = 3;
	publisher_start(&world.publisher);
	for (unsigned left = 3; left > 0; left--) {
		assert_int_equal(world.parts, left);
		(void)uv_run(&world.loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(world.encoded, 0);
	assert_string_equal(world.publisher.text.bytes, "text text text ");
	assert_true(world.publisher.is_running);
	(void)uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_int_equal(world.written, 1);
	assert_int_equal(world.done, 1);
	close_world(&world);
}

/* What is written now does not have half of it before. */
static void half_a_text_is_dropped(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	world.parts = 5;
	publisher_start(&world.publisher);
	(void)uv_run(&world.loop, UV_RUN_NOWAIT);
	assert_int_equal(world.parts, 4);
	close_world(&world);
	assert_int_equal(world.publisher.text.length, 0);
	assert_false(world.publisher.is_running);
	assert_int_equal(world.done, 0);
	world.is_begun = false;
	publisher_write_now(&world.publisher);
	assert_int_equal(world.parts, 0);
	assert_int_equal(world.done, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_say_what_is_news),
		cmocka_unit_test(now_blocks_until_it_is_written),
		cmocka_unit_test(a_write_that_was_not_begun_is_dropped),
		cmocka_unit_test(its_age_is_that_of_the_write),
		cmocka_unit_test(a_write_that_was_begun_is_let_finish),
		cmocka_unit_test(a_text_takes_an_iteration_for_each_part),
		cmocka_unit_test(half_a_text_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
