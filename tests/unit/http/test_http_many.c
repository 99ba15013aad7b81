/* SPDX-License-Identifier: MIT */
/* Chains of requests, each begun by the answer to the one before: that nothing is lost or held, and
 * that the rest of the loop is not starved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/http_fixture.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

struct chain {
	struct fixture *fixture;
	int left, ended;
	size_t most;
	bool closes, refused;
	int burst, longest_burst; /* answers in one round of the loop */
};

static void on_link(const struct http_answer *answer, void *data);

static void send_link(struct chain *chain)
{
	struct http_request request = {.method = HTTP_PUT,
	                               .path = "/api/v1/lineage/bi/mode/7/",
	                               .body = mem_dup("{\"indexing_cron\":\"0 6 * * *\"}"),
	                               .body_length = 29};

	chain->left--;
	http_send(chain->fixture->http, &request, on_link, chain);
	if (http_in_flight(chain->fixture->http) > chain->most)
		chain->most = http_in_flight(chain->fixture->http);
}

static void on_link(const struct http_answer *answer, void *data)
{
	struct chain *chain = data;

	chain->ended++;
	if (++chain->burst > chain->longest_burst)
		chain->longest_burst = chain->burst;
	if (!chain->closes)
		assert_int_equal(answer->status, chain->refused ? 0 : 200);
	if (chain->closes && chain->ended == 1)
		http_close(chain->fixture->http);
	if (chain->left > 0)
		send_link(chain);
	if (chain->left == 0)
		uv_stop(&chain->fixture->loop);
}

static void on_round(uv_check_t *check)
{
	struct chain *chain = check->data;

	chain->burst = 0;
}

static void run_chain(struct chain *chain, int in_flight)
{
	int all = chain->left;
	uv_check_t check;

	assert_int_equal(uv_check_init(&chain->fixture->loop, &check), 0);
	check.data = chain;
	assert_int_equal(uv_check_start(&check, on_round), 0);
	for (int i = 0; i < in_flight; i++)
		send_link(chain);
	while (chain->ended < all)
		(void)uv_run(&chain->fixture->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&check, NULL);
	(void)uv_run(&chain->fixture->loop, UV_RUN_NOWAIT);
}

static void two_thousand_at_eight_in_flight(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;
	struct chain chain = {.fixture = &fixture, .left = 2000};

	(void)state;
	fixture_open(&fixture, &reply, 1);
	run_chain(&chain, 8);
	assert_int_equal(chain.most, 8);
	assert_int_equal(http_server_requests(fixture.server), 2000);
	assert_in_range(http_server_connections(fixture.server), 1, 8);
	assert_int_equal(http_in_flight(fixture.http), 0);
	assert_int_equal(http_oldest_ms(fixture.http), 0);
	fixture_close(&fixture);
}

/* Requests may be made from within a callback, even while all is being closed. */
static void closed_from_a_callback(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;
	struct chain chain = {.fixture = &fixture, .left = 40, .closes = true};

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (int i = 0; i < 8; i++)
		send_link(&chain);
	while (uv_run(&fixture.loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(chain.ended, 40);
	assert_int_equal(uv_loop_close(&fixture.loop), 0);
	http_server_stop(fixture.server);
}

/* However fast the answers come, the loop gets on to its other business between them. */
static void others_have_their_turn(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct chain asked, refused;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	asked = (struct chain){.fixture = &fixture, .left = 2000};
	run_chain(&asked, 8);
	assert_in_range(asked.longest_burst, 1, 32);
	http_read_only(fixture.http);
	refused = (struct chain){.fixture = &fixture, .left = 2000, .refused = true};
	run_chain(&refused, 8);
	assert_int_equal(refused.longest_burst, 8);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_thousand_at_eight_in_flight),
		cmocka_unit_test(closed_from_a_callback),
		cmocka_unit_test(others_have_their_turn),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests_name("http many", tests, NULL, NULL);
}
