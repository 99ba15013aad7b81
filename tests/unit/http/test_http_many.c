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

#define OTHERS 50 /* times that the loop's other business must have had its turn */

struct chain {
	struct fixture *fixture;
	int left, sent, ended;
	int most;
	bool closes, refused;
	bool is_endless; /* goes on until the others had their turn */
	int others;
};

static void on_link(const struct http_answer *answer, void *data);

static void send_link(struct chain *chain)
{
	struct http_request request = {.method = HTTP_PUT,
	                               .path = "/api/v1/lineage/bi/mode/7/",
	                               .body = mem_dup("{\"indexing_cron\":\"0 6 * * *\"}"),
	                               .body_length = 29};

	chain->left--;
	chain->sent++;
	http_send(chain->fixture->http, &request, on_link, chain);
	if (chain->sent - chain->ended > chain->most)
		chain->most = chain->sent - chain->ended;
}

static void on_link(const struct http_answer *answer, void *data)
{
	struct chain *chain = data;

	chain->ended++;
	if (chain->is_endless && chain->others < OTHERS)
		chain->left++;
	if (!chain->closes)
		assert_int_equal(answer->status, chain->refused ? 0 : 200);
	if (chain->closes && chain->ended == 1)
		http_close(chain->fixture->http);
	if (chain->left > 0)
		send_link(chain);
	if (chain->left == 0)
		uv_stop(&chain->fixture->loop);
}

static void run_chain(struct chain *chain, int in_flight)
{
	for (int i = 0; i < in_flight; i++)
		send_link(chain);
	while (chain->ended < chain->sent)
		(void)uv_run(&chain->fixture->loop, UV_RUN_ONCE);
}

/* What is slow here is the machine. */
static void be_patient(struct fixture *fixture)
{
	fixture->api.timeout_ms = fixture->api.connect_timeout_ms = 60000;
	http_configure(fixture->http, &fixture->api);
}

static void two_thousand_at_eight_in_flight(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;
	struct chain chain = {.fixture = &fixture, .left = 2000};

	(void)state;
	fixture_open(&fixture, &reply, 1);
	be_patient(&fixture);
	run_chain(&chain, 8);
	assert_int_equal(chain.most, 8);
	assert_int_equal(http_server_requests(fixture.server), 2000);
	assert_in_range(http_server_connections(fixture.server), 1, 8);
	assert_int_equal(http_oldest_ms(fixture.http), 0);
	fixture_close(&fixture);
}

/* Whatever else ends in the same iteration, what a callback has sent goes out. */
static void the_last_one_goes_out_too(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	be_patient(&fixture);
	for (int i = 0; i < 500; i++) {
		struct chain chain = {.fixture = &fixture, .left = 3};

		run_chain(&chain, 2);
		assert_int_equal(chain.ended, 3);
	}
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
	be_patient(&fixture);
	for (int i = 0; i < 8; i++)
		send_link(&chain);
	while (uv_run(&fixture.loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(chain.ended, 40);
	assert_int_equal(uv_loop_close(&fixture.loop), 0);
	http_server_stop(fixture.server);
}

static void on_other(uv_timer_t *timer)
{
	struct chain *chain = timer->data;

	chain->others++;
}

/* However fast the answers come, the loop gets on to its other business between them; if not, this
 * has no end. */
static void others_have_their_turn(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;
	uv_timer_t other;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	be_patient(&fixture);
	assert_int_equal(uv_timer_init(&fixture.loop, &other), 0);
	for (int refused = 0; refused <= 1; refused++) {
		struct chain chain = {.fixture = &fixture,
		                      .left = 8,
		                      .is_endless = true,
		                      .refused = refused != 0};

		other.data = &chain;
		assert_int_equal(uv_timer_start(&other, on_other, 1, 1), 0);
		run_chain(&chain, 8);
		assert_true(chain.others >= OTHERS);
		assert_true(chain.ended > 8);
		http_read_only(fixture.http);
	}
	uv_close((uv_handle_t *)&other, NULL);
	fixture_close(&fixture);
}

#define LIST_BYTES (8 * 1024 * 1024)
#define AT_ONCE_MAX                                                                  \
	(320 * 1024) /* bytes: three turns of libcurl; the list needs 50 ms for them \
	              */

struct stream {
	size_t at_once, most, all;
	bool ended;
};

static bool on_stream(const char *bytes, size_t length, void *data)
{
	struct stream *stream = data;

	(void)bytes;
	stream->all += length;
	stream->at_once += length;
	if (stream->at_once > stream->most)
		stream->most = stream->at_once;
	return true;
}

static void on_stream_end(const struct http_answer *answer, void *data)
{
	struct stream *stream = data;

	assert_int_equal(answer->status, 200);
	stream->ended = true;
}

static void on_iteration(uv_check_t *check)
{
	struct stream *stream = check->data;

	stream->at_once = 0;
}

/* However much has arrived, not all of it is handed up before the loop gets on. */
static void a_list_comes_in_pieces(void **state)
{
	static const struct http_server_reply reply = {
		.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n",
		.padding = LIST_BYTES};
	const struct http_request request = {.method = HTTP_GET, .path = "/", .on_body = on_stream};
	struct stream stream = {0};
	struct fixture fixture;
	uv_check_t check;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	be_patient(&fixture);
	assert_int_equal(uv_check_init(&fixture.loop, &check), 0);
	check.data = &stream;
	assert_int_equal(uv_check_start(&check, on_iteration), 0);
	http_send(fixture.http, &request, on_stream_end, &stream);
	while (!stream.ended)
		(void)uv_run(&fixture.loop, UV_RUN_ONCE);
	assert_int_equal(stream.all, LIST_BYTES);
	assert_in_range(stream.most, 1, AT_ONCE_MAX);
	uv_close((uv_handle_t *)&check, NULL);
	fixture_close(&fixture);
}

#define TOGETHER 16

/* They were begun in one iteration and so time out in one; nothing else happens that would have
 * libcurl hand up the rest. */
static void what_ends_together_is_handed_up_together(void **state)
{
	static const struct http_server_reply reply = {.bytes = "", .then = HTTP_SERVER_STALL};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	fixture.api.timeout_ms = 300;
	http_configure(fixture.http, &fixture.api);
	for (int i = 0; i < TOGETHER; i++)
		fixture_put(&fixture, "/api/v1/lineage/bi/mode/7/", "{}");
	fixture_run_for(&fixture, 3000);
	assert_int_equal(fixture.answered, TOGETHER);
	for (int i = 0; i < TOGETHER; i++)
		assert_int_equal(fixture.answers[i].curl_code, CURLE_OPERATION_TIMEDOUT);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_thousand_at_eight_in_flight),
		cmocka_unit_test(the_last_one_goes_out_too),
		cmocka_unit_test(closed_from_a_callback),
		cmocka_unit_test(others_have_their_turn),
		cmocka_unit_test(a_list_comes_in_pieces),
		cmocka_unit_test(what_ends_together_is_handed_up_together),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests_name("http many", tests, NULL, NULL);
}
