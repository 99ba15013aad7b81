/* SPDX-License-Identifier: MIT */
/* One load at a time; who asks while one runs is served by the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/loader.h"
#include "os/loop.h"

struct world {
	uv_loop_t loop;
	struct loader loader;
	struct secret_environment environment;
	char *path;
	unsigned begun;
	unsigned ended;
	uint64_t number;
	bool is_reload;
	bool is_good;
	unsigned asks; /* for so many more loads, from `ended` */
};

static void on_begun(const struct load *load, void *data)
{
	struct world *world = data;

	world->begun++;
	assert_int_equal(world->begun, world->ended + 1);
	assert_int_equal(load->number, world->begun);
}

static void on_ended(struct load *load, void *data)
{
	struct world *world = data;

	world->ended++;
	world->number = load->number;
	world->is_reload = load->is_reload;
	world->is_good = load->specfile.spec != NULL;
	assert_int_equal(load->redactor != NULL, world->is_good);
	if (world->asks > 0) {
		world->asks--;
		assert_int_equal(loader_start(&world->loader, true), load->number + 1);
	}
}

static void on_overdue(const struct load *load, void *data)
{
	(void)load;
	(void)data;
	fail();
}

static void save(const struct world *world, const char *text)
{
	FILE *file = fopen(world->path, "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(world->path, 0600), 0);
}

static void open_world(struct world *world)
{
	char pattern[] = "/tmp/test_loader.XXXXXX";
	struct fault fault = {0};
	int fd = mkstemp(pattern);

	*world = (struct world){0};
	assert_true(fd >= 0);
	(void)close(fd);
	world->path = mem_dup(pattern);
	save(world, "api = { key = \"a-key-of-the-api\"; };\n"
	            "integrations = ( { id = 1; indexing_cron = false; token = \"a-token\"; "
	            "password = \"a-password\"; } );\n");
	assert_true(loop_open(&world->loop, &fault));
	loader_open(&world->loader, &world->loop,
	            &(const struct loader_options){.path = world->path,
	                                           .environment = &world->environment,
	                                           .begun = on_begun,
	                                           .ended = on_ended,
	                                           .overdue = on_overdue,
	                                           .data = world});
}

static void close_world(struct world *world)
{
	loader_close(&world->loader);
	loop_close(&world->loop);
	(void)unlink(world->path);
	free(world->path);
}

static void run(struct world *world)
{
	(void)uv_run(&world->loop, UV_RUN_DEFAULT);
}

static void loads_are_good_or_not(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	assert_false(loader_is_loading(&world.loader));
	assert_int_equal(loader_start(&world.loader, false), 1);
	assert_true(loader_is_loading(&world.loader));
	run(&world);
	assert_false(loader_is_loading(&world.loader));
	assert_true(world.is_good && !world.is_reload);
	save(&world, "garbage");
	assert_int_equal(loader_start(&world.loader, true), 2);
	run(&world);
	assert_true(!world.is_good && world.is_reload);
	close_world(&world);
}

/* Whatever asks while a load runs is served by one more load, which is a reload if any of them is.
 */
static void what_asks_meanwhile_shares_the_next_load(void **state)
{
	static const bool reloads[][3] = {{false, false, false},
	                                  {true, false, false},
	                                  {false, true, false},
	                                  {false, false, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(reloads) / sizeof(reloads[0]); i++) {
		struct world world;
		bool is_reload = false;

		open_world(&world);
		assert_int_equal(loader_start(&world.loader, false), 1);
		for (size_t j = 0; j < 3; j++) {
			assert_int_equal(loader_start(&world.loader, reloads[i][j]), 2);
			is_reload = is_reload || reloads[i][j];
		}
		run(&world);
		assert_int_equal(world.ended, 2);
		assert_int_equal(world.number, 2);
		assert_int_equal(world.is_reload, is_reload);
		close_world(&world);
	}
}

static void a_load_may_ask_for_the_next(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	world.asks = 3;
	(void)loader_start(&world.loader, false);
	run(&world);
	assert_int_equal(world.ended, 4);
	loader_trim(&world.loader);
	run(&world);
	assert_int_equal(loader_age_ms(&world.loader), 0);
	close_world(&world);
}

static void a_closed_loader_ends_nothing(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	(void)loader_start(&world.loader, false);
	(void)loader_start(&world.loader, false);
	close_world(&world);
	assert_int_equal(world.ended, 0);
	assert_int_equal(world.begun, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_are_good_or_not),
		cmocka_unit_test(what_asks_meanwhile_shares_the_next_load),
		cmocka_unit_test(a_load_may_ask_for_the_next),
		cmocka_unit_test(a_closed_loader_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
