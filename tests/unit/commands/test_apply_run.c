/* SPDX-License-Identifier: MIT */
/* The loop of `apply` against a server: it ends when each is decided, or when it makes no sense to
 * go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/command_apply_internal.h"
#include "os/loop.h"
#include "support/http_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ANSWER(line) .bytes = "HTTP/1.1 " line "\r\nContent-Length: 2\r\n\r\n{}"

static struct spec *make_spec(int port, size_t count)
{
	struct spec *spec = spec_new();

	free(spec->api.url);
	spec->api.url = mem_printf("http://127.0.0.1:%d", port);
	spec->api.key = mem_dup("k1234567");
	spec->api.rate_limit = 0;
	spec->api.max_in_flight = 1;
	spec->api.timeout_ms = 20000;
	spec->retry.rejected_limit = 1;
	spec->drift.mode = SPEC_DRIFT_OFF;
	spec->integrations = mem_alloc(count, sizeof(*spec->integrations));
	spec->count = count;
	for (size_t i = 0; i < count; i++) {
		spec->integrations[i] =
			(struct spec_integration){.id = (int64_t)i + 1,
		                                  .value.indexing_cron = mem_dup("0 6 * * *"),
		                                  .token = mem_dup("t1234567"),
		                                  .password = mem_dup("p1234567"),
		                                  .places[SPEC_ID] = {"a.conf", 1}};
	}
	return spec;
}

/* One request at a time; `list` is the answer to a GET of the list, if one goes
 * out as a witness. */
static struct apply_sum run_against(size_t integrations, const struct http_server_reply *replies,
                                    size_t count, int64_t timeout_ms, bool *denied)
{
	char directory[] = "/tmp/test_apply_run.XXXXXX";
	struct http_server *server = http_server_start(replies, count);
	struct apply_run run = {.timeout_ms = timeout_ms != 0 ? timeout_ms : 60000};
	struct state state = {0};
	struct fault fault = {0};
	struct apply_sum sum;
	char *file;

	assert_non_null(mkdtemp(directory));
	assert_true(loop_open(&run.loop, &fault));
	run.engine = (struct engine){
		.loop = &run.loop, .state_directory = directory, .lock = INSTANCE_LOCK_NONE};
	engine_start_sync(&run.engine, &state);
	assert_true(apply_run_all(&run, make_spec(http_server_port(server), integrations), &fault));
	sum = apply_sum_of(&run.result);
	assert_int_equal(run.rejected, sum.rejected);
	*denied = run.denied;
	loop_close(&run.loop);
	engine_clear(&run.engine);
	apply_run_clear(&run);
	http_server_stop(server);
	file = mem_printf("%s/state.json", directory);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(directory), 0);
	free(file);
	return sum;
}

static void it_ends_when_each_is_decided(void **state)
{
	static const struct {
		struct http_server_reply replies[3];
		struct apply_sum sum;
		bool denied;
		bool is_single;     /* one integration; else two */
		int64_t timeout_ms; /* 0: more than it ever takes */
	} rows[] = {
		{.replies = {{ANSWER("200 OK")}, {ANSWER("200 OK")}, {ANSWER("200 OK")}},
	         .sum = {.accepted = 2}},
		{.replies = {{ANSWER("422 No")}, {ANSWER("200 OK")}, {ANSWER("200 OK")}},
	         .sum = {.accepted = 1, .rejected = 1}},
		/* Nobody is a witness for the key: the first, the list, and the other. */
		{.replies = {{ANSWER("401 No")}, {ANSWER("401 No")}, {ANSWER("401 No")}},
	         .sum = {.not_sent = 2},
	         .denied = true},
		/* The list, which is asked for as a witness, takes its time: that is waited for. */
		{.replies = {{ANSWER("401 No")},
	                     {.bytes = "HTTP/1.1 401 No\r\nContent-Length: 4000\r\n\r\n",
	                      .padding = 4000,
	                      .dripping = true},
	                     {ANSWER("401 No")}},
	         .sum = {.not_sent = 1},
	         .denied = true,
	         .is_single = true},
		/* Nothing is decided within its time. */
		{.replies = {{ANSWER("500 No")}, {ANSWER("500 No")}, {ANSWER("500 No")}},
	         .sum = {.unanswered = 2},
	         .timeout_ms = 700},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool denied = false;
		struct apply_sum sum =
			run_against(rows[i].is_single ? 1 : 2, rows[i].replies,
		                    COUNT(rows[i].replies), rows[i].timeout_ms, &denied);

		assert_int_equal(sum.accepted, rows[i].sum.accepted);
		assert_int_equal(sum.rejected, rows[i].sum.rejected);
		assert_int_equal(sum.unanswered, rows[i].sum.unanswered);
		assert_int_equal(sum.not_sent, rows[i].sum.not_sent);
		assert_int_equal(denied, rows[i].denied);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_when_each_is_decided),
	};

	return cmocka_run_group_tests_name("apply_run", tests, NULL, NULL);
}
