/* SPDX-License-Identifier: MIT */
/* Writes on a loop: each is answered once, by its number, the key goes before the state, and what
 * fails is reported once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/state_file.h"
#include "os/loop.h"
#include "support/log_fixture.h"
#include "support/scratch.h"
#include "support/sync_fixture.h"
#include "sync/state.h"

struct world {
	uv_loop_t loop;
	struct fixture fixture;
	struct state_file file;
	struct state_key key;
	char *directory;
	int log[2];
	uint64_t number; /* of the last write that ended */
	unsigned ended;
	bool is_saved;
};

static void on_saved(uint64_t number, bool is_saved, void *data)
{
	struct world *world = data;

	world->number = number;
	world->is_saved = is_saved;
	world->ended++;
}

static int open_world(void **state)
{
	struct world *world = mem_new(struct world);
	struct fault fault = {0};

	world->directory = scratch_new();
	assert_true(loop_open(&world->loop, &fault));
	fixture_open(&world->fixture, NULL);
	fixture_start(&world->fixture, fixture_one("0 6 * * *"));
	memset(world->key.bytes, 'k', sizeof(world->key.bytes));
	world->file.directory = world->directory;
	world->file.sync = world->fixture.sync;
	world->file.key = &world->key;
	world->file.done = on_saved;
	world->file.data = world;
	state_file_open(&world->file, &world->loop);
	open_pipe(world->log, LOG_FORM_TEXT, LOG_INFO);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	close_pipe(world->log);
	if (!world->file.is_closed)
		state_file_close(&world->file);
	loop_close(&world->loop);
	fixture_close(&world->fixture);
	scratch_remove(world->directory);
	free(world);
	return 0;
}

static void write_state(struct world *world, uint64_t number)
{
	unsigned before = world->ended;

	state_file_start(&world->file, number);
	while (world->ended == before)
		(void)uv_run(&world->loop, UV_RUN_ONCE);
	assert_int_equal(world->ended, before + 1);
	assert_int_equal(world->number, number);
}

/* What is in the file, decoded: how many entries, how many with an intent. */
static void assert_entries(const struct world *world, size_t count, size_t intended)
{
	struct fault fault = {0};
	struct text text = {0};
	struct state state = {0};
	size_t found = 0;

	assert_int_equal(store_read(world->directory, STATE_FILE_NAME, STATE_MAX, &text, &fault),
	                 STORE_READ);
	assert_true(state_decode(&state, text.bytes, text.length, &fault));
	assert_int_equal(state.count, count);
	for (size_t i = 0; i < state.count; i++)
		found += state.entries[i].intended;
	assert_int_equal(found, intended);
	state_clear(&state);
	text_clear(&text);
}

static void a_write_has_the_state_of_its_moment(void **state)
{
	struct world *world = *state;

	write_state(world, 5);
	assert_true(world->is_saved);
	assert_entries(world, 1, 1);
	fixture_answer(&world->fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	write_state(world, 6);
	assert_entries(world, 1, 0);
	assert_string_equal(drain(world->log[0]), "");
}

static void a_failure_is_reported_once(void **state)
{
	struct world *world = *state;
	const char *real = world->directory;

	world->file.directory = "/nonexistent";
	write_state(world, 1);
	assert_false(world->is_saved);
	assert_string_equal(drain(world->log[0]),
	                    "warning: cannot open '/nonexistent': No such file or directory; the "
	                    "old state stays, schedules are still sent, tried again later\n");
	write_state(world, 2);
	assert_false(world->is_saved);
	assert_string_equal(drain(world->log[0]), "");
	world->file.directory = real;
	write_state(world, 3);
	assert_true(world->is_saved);
	assert_string_equal(drain(world->log[0]), "the state is written again\n");
	write_state(world, 4);
	assert_string_equal(drain(world->log[0]), "");
}

static void a_key_that_is_due_goes_first(void **state)
{
	struct world *world = *state;
	char *blocker = mem_printf("%s/" STATE_FILE_KEY_NAME "/file", world->directory);
	char *path = mem_printf("%s/" STATE_FILE_KEY_NAME, world->directory);
	char *state_path = mem_printf("%s/" STATE_FILE_NAME, world->directory);
	struct state_key read;
	struct fault fault = {0};

	/* A directory that is not empty is not replaced. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mkdir(blocker, 0700), 0);
	world->file.key_is_due = true;
	write_state(world, 1);
	assert_false(world->is_saved);
	assert_true(world->file.key_is_due);
	assert_int_equal(access(state_path, F_OK), -1);
	assert_int_equal(rmdir(blocker), 0);
	assert_int_equal(rmdir(path), 0);
	write_state(world, 2);
	assert_true(world->is_saved);
	assert_false(world->file.key_is_due);
	assert_int_equal(state_file_read_key(world->directory, &read, &fault), STORE_READ);
	assert_memory_equal(read.bytes, world->key.bytes, sizeof(read.bytes));
	assert_entries(world, 1, 1);
	free(blocker);
	free(path);
	free(state_path);
}

/* What was never sent leaves no intent behind at the end; nothing asks for the answer. */
static void the_last_one_blocks_and_answers_nobody(void **state)
{
	struct world *world = *state;

	state_file_close(&world->file);
	state_file_start(&world->file, 9);
	(void)uv_run(&world->loop, UV_RUN_DEFAULT);
	assert_int_equal(world->ended, 0);
	state_file_write_last(&world->file);
	assert_int_equal(world->ended, 0);
	assert_entries(world, 1, 1);
}

/* Each iteration of the loop has a part to do, and not all of it. */
static void many_are_written_in_parts(void **state)
{
	struct world *world = *state;
	unsigned iterations = 0;

	fixture_configure(&world->fixture, fixture_many(2 * STATE_FILE_PART + 1));
	state_file_start(&world->file, 7);
	for (; world->file.encoded_id < 2 * STATE_FILE_PART + 1; iterations++)
		(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_int_equal(iterations, 3);
	while (world->ended == 0)
		(void)uv_run(&world->loop, UV_RUN_ONCE);
	assert_int_equal(world->number, 7);
	assert_entries(world, 2 * STATE_FILE_PART + 1, 2 * STATE_FILE_PART + 1);
}

/* None of what was put together before another specification came is in the file. */
static void a_new_specification_begins_anew(void **state)
{
	struct world *world = *state;

	fixture_configure(&world->fixture, fixture_many(3 * STATE_FILE_PART));
	state_file_start(&world->file, 7);
	(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_int_equal(world->file.encoded_id, STATE_FILE_PART);
	fixture_configure(&world->fixture, fixture_many(STATE_FILE_PART / 2));
	while (world->ended == 0)
		(void)uv_run(&world->loop, UV_RUN_ONCE);
	assert_entries(world, STATE_FILE_PART / 2, STATE_FILE_PART / 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_write_has_the_state_of_its_moment),
		TEST(a_failure_is_reported_once),
		TEST(a_key_that_is_due_goes_first),
		TEST(the_last_one_blocks_and_answers_nobody),
		TEST(many_are_written_in_parts),
		TEST(a_new_specification_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
