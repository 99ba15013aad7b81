/* SPDX-License-Identifier: MIT */
/* An answer in pieces, over a socket: each integration once, commas where they belong, whatever is
 * left out, and nothing left when the client hangs up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "daemon/daemon_internal.h"
#include "os/loop.h"
#include "support/client_fixture.h"
#include "support/sync_fixture.h"

#define MANY 1000 /* several pieces */

struct world {
	uv_loop_t loop;
	struct control *control;
	struct fixture fixture;
	struct control_request request;
	unsigned every; /* every so many integrations are shown */
	bool shows_unknown;
	char *path;
};

static void add(const struct sync_view *view, void *data, struct text *out)
{
	const struct world *world = data;

	if (view->id % world->every == 0)
		json_out_int(out, NULL, view->id);
}

static void add_unknown(int64_t id, struct text *out)
{
	json_out_int(out, NULL, -id);
}

static void on_request(struct control_client *client, const char *line, size_t length, void *data)
{
	struct world *world = data;
	struct answer_stream_options options = {.sync = world->fixture.sync,
	                                        .request = &world->request,
	                                        .add = add,
	                                        .add_unknown =
	                                                world->shows_unknown ? add_unknown : NULL,
	                                        .data = world};

	(void)line;
	(void)length;
	json_out_open_object(&options.head, NULL);
	json_out_open_array(&options.head, "ids");
	answer_stream_start(client, &options);
	assert_null(world->request.ids);
}

static void on_failed(const char *sentence, void *data)
{
	(void)data;
	fail_msg("%s", sentence);
}

static int open_world(void **state)
{
	struct world *world = mem_new(struct world);
	struct fault fault = {0};

	world->every = 1;
	world->path = mem_printf("/tmp/test_answer_stream.%" PRId64, (int64_t)getpid());
	assert_true(loop_open(&world->loop, &fault));
	world->control =
		control_open(&world->loop, world->path,
	                     &(const struct control_options){.request = on_request,
	                                                     .failed = on_failed,
	                                                     .data = world,
	                                                     .patience_ms = CONTROL_PATIENCE_MS},
	                     &fault);
	assert_non_null(world->control);
	fixture_open(&world->fixture, NULL);
	fixture_start(&world->fixture, fixture_many(MANY));
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	control_close(world->control);
	loop_close(&world->loop);
	fixture_close(&world->fixture);
	free(world->path);
	free(world);
	return 0;
}

/* All multiples of `every`, as they have to come. */
static void assert_multiples(struct world *world, unsigned every)
{
	struct text expected = {0};
	char *answer;

	world->every = every;
	answer = client_read(&world->loop, client_ask(world->path, "?"));
	text_add(&expected, "{\"ids\":[");
	for (unsigned id = every; id <= MANY; id += every)
		text_printf(&expected, "%s%u", id == every ? "" : ",", id);
	text_add(&expected, "]}");
	assert_string_equal(answer, expected.bytes);
	text_clear(&expected);
	free(answer);
}

static void each_comes_once(void **state)
{
	assert_multiples(*state, 1);
}

/* Pieces in which nothing, or nothing but the last one, is shown. */
static void what_is_left_out_leaves_no_comma(void **state)
{
	static const unsigned everies[] = {2, 3, 200, 201, 300, 999, 1000, 1001};

	for (size_t i = 0; i < sizeof(everies) / sizeof(everies[0]); i++)
		assert_multiples(*state, everies[i]);
}

static void ids_choose(void **state)
{
	static const int64_t ids[] = {3, 2000, 5, 2001};
	struct world *world = *state;

	for (int unknown = 0; unknown < 2; unknown++) {
		char *answer;

		world->shows_unknown = unknown;
		world->request.ids = mem_alloc(4, sizeof(ids[0]));
		memcpy(world->request.ids, ids, sizeof(ids));
		world->request.count = 4;
		answer = client_read(&world->loop, client_ask(world->path, "?"));
		assert_string_equal(answer,
		                    unknown ? "{\"ids\":[3,-2000,5,-2001]}" : "{\"ids\":[3,5]}");
		free(answer);
	}
}

/* Some go between two pieces, some come: what is there is shown, nothing twice. */
static void integrations_may_change_meanwhile(void **state)
{
	struct world *world = *state;
	int fd = client_ask(world->path, "?");
	char byte;
	char *answer;

	while (recv(fd, &byte, 1, 0) < 1)
		(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	fixture_configure(&world->fixture, fixture_many(10));
	answer = client_read(&world->loop, fd);
	assert_int_equal(strncmp(answer, "\"ids\":[1,2,3", 12), 0);
	assert_string_equal(answer + strlen(answer) - 2, "]}");
	free(answer);
}

static void a_client_that_hangs_up_leaves_nothing(void **state)
{
	struct world *world = *state;
	int fd = client_ask(world->path, "?");

	(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	(void)close(fd);
	assert_multiples(world, 7);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_comes_once),
		TEST(what_is_left_out_leaves_no_comma),
		TEST(ids_choose),
		TEST(integrations_may_change_meanwhile),
		TEST(a_client_that_hangs_up_leaves_nothing),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as main() does: a client may be gone */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
