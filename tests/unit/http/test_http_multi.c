/* SPDX-License-Identifier: MIT */
/* What libuv says of a socket, as it says it: an error on an idle connection, which is then not
 * used again, and one that comes while libcurl waits for it; and what libcurl does not take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "http/http.h"
#include "http/http_internal.h"
#include "support/http_fixture.h"
#include "support/http_server.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

static uv_poll_t *watcher; /* the one that was started last */
static uv_poll_cb watcher_callback;
static unsigned starts, starts_that_work = UINT_MAX; /* after as many each one fails */
static bool has_no_room;                             /* for another watcher */
static unsigned adds_until_refused;                  /* that one alone is; 0: none */
static CURLM *last_multi, *useless;                  /* this one takes none */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int __wrap_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int __real_uv_poll_init_socket(uv_loop_t *loop, uv_poll_t *handle, uv_os_sock_t fd);
int __wrap_uv_poll_init_socket(uv_loop_t *loop, uv_poll_t *handle, uv_os_sock_t fd);

CURLMcode __real_curl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy);

int __wrap_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback)
{
	watcher = handle;
	watcher_callback = callback;
	if (starts++ >= starts_that_work)
		return UV_EINVAL;
	return __real_uv_poll_start(handle, events, callback);
}

int __wrap_uv_poll_init_socket(uv_loop_t *loop, uv_poll_t *handle, uv_os_sock_t fd)
{
	return has_no_room ? UV_ENOMEM : __real_uv_poll_init_socket(loop, handle, fd);
}

CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy)
{
	if (multi == useless)
		return CURLM_BAD_HANDLE;
	if (adds_until_refused > 0 && --adds_until_refused == 0)
		return CURLM_OUT_OF_MEMORY;
	last_multi = multi;
	return __real_curl_multi_add_handle(multi, easy);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void an_idle_connection_with_an_error_is_not_used_again(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	assert_int_equal(http_server_connections(fixture.server), 1);
	/* As libuv reports EPOLLERR: it has stopped the watcher. */
	assert_int_equal(uv_poll_stop(watcher), 0);
	watcher_callback(watcher, UV_EBADF, 0);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	assert_int_equal(http_server_connections(fixture.server), 2);
	assert_int_equal(http_oldest_ms(fixture.http), 0);
	fixture_close(&fixture);
}

static void an_error_while_it_waits_loses_no_answer(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	fixture_put(&fixture, "/1", "{}");
	assert_int_equal(fixture.answered, 0);
	for (size_t i = 0; i < 3 && fixture.answered == 0; i++) {
		(void)uv_run(&fixture.loop, UV_RUN_ONCE);
		if (fixture.answered == 0 && watcher != NULL &&
		    !uv_is_closing((uv_handle_t *)watcher)) {
			(void)uv_poll_stop(watcher);
			watcher_callback(watcher, UV_EBADF, 0);
		}
	}
	assert_int_equal(fixture_await(&fixture, 1)->status, 200);
	assert_int_equal(http_oldest_ms(fixture.http), 0);
	fixture_close(&fixture);
}

/* At once, and not when the time-out is over; what comes next has a pool of its own. */
static void assert_given_up(struct fixture *fixture)
{
	const struct fixture_answer *answer = fixture_await(fixture, 1);

	assert_int_equal(answer->status, 0);
	assert_int_equal(answer->transfer, VERDICT_TRANSFER_UNKNOWN);
	assert_string_equal(answer->error, "a socket cannot be watched");
	has_no_room = false;
	starts_that_work = UINT_MAX;
	assert_int_equal(fixture_put_await(fixture)->status, 200);
	assert_int_equal(http_oldest_ms(fixture->http), 0);
	fixture_close(fixture);
}

/* The first start is for the connection, the second one for the answer. */
static void a_socket_that_cannot_be_watched_is_given_up(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	static const unsigned working[] = {0, 1, UINT_MAX};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < sizeof(working) / sizeof(working[0]); i++) {
		fixture_open(&fixture, &reply, 1);
		starts = 0;
		starts_that_work = working[i];
		has_no_room = working[i] == UINT_MAX;
		fixture_put(&fixture, "/1", "{}");
		assert_given_up(&fixture);
	}
}

/* One that the server has, and does not answer. */
static void put_unanswered(struct fixture *fixture)
{
	fixture_put(fixture, "/1", "{}");
	while (http_server_requests(fixture->server) < 1)
		(void)uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

/* Its socket cannot be watched any more, nor any other. */
static void lose_watcher(void)
{
	starts_that_work = 0;
	assert_int_equal(uv_poll_stop(watcher), 0);
	watcher_callback(watcher, UV_EBADF, 0);
}

static void one_that_cannot_be_watched_any_more_is_given_up(void **state)
{
	static const struct http_server_reply replies[] = {{.bytes = "", .then = HTTP_SERVER_STALL},
	                                                   {.bytes = OK}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, replies, 2);
	put_unanswered(&fixture);
	lose_watcher();
	assert_given_up(&fixture);
}

/* One that libcurl does not take was not sent, and is no matter of the others: neither of one that
 * is under way (the first handle was used before), nor of those that are begun after it. */
static void one_that_is_refused_fails_alone(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;
	unsigned refused = 0;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	fixture_put(&fixture, "/2", "{}");
	(void)uv_run(&fixture.loop, UV_RUN_NOWAIT);
	adds_until_refused = 2;
	for (int i = 0; i < 3; i++)
		fixture_put(&fixture, "/3", "{}");
	(void)fixture_await(&fixture, 5);
	for (size_t i = 0; i < 5; i++) {
		const struct fixture_answer *answer = &fixture.answers[i];

		if (answer->status == 200)
			continue;
		refused++;
		assert_int_equal(answer->transfer, VERDICT_TRANSFER_NOT_SENT);
		assert_string_equal(answer->error, "Out of memory");
	}
	assert_int_equal(refused, 1);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	assert_int_equal(http_oldest_ms(fixture.http), 0);
	fixture_close(&fixture);
}

static void a_multi_that_takes_none_is_replaced(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	useless = last_multi;
	assert_int_equal(fixture_put_await(&fixture)->transfer, VERDICT_TRANSFER_NOT_SENT);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	useless = NULL;
	fixture_close(&fixture);
}

/* What was not begun when libcurl is given up was not sent. */
static void one_that_waits_while_libcurl_fails_was_not_sent(void **state)
{
	static const struct http_server_reply replies[] = {{.bytes = "", .then = HTTP_SERVER_STALL},
	                                                   {.bytes = OK}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, replies, 2);
	put_unanswered(&fixture);
	fixture_put(&fixture, "/2", "{}");
	lose_watcher();
	(void)fixture_await(&fixture, 2);
	starts_that_work = UINT_MAX;
	assert_int_equal(fixture.answers[0].transfer, VERDICT_TRANSFER_UNKNOWN);
	assert_int_equal(fixture.answers[1].transfer, VERDICT_TRANSFER_NOT_SENT);
	assert_string_equal(fixture.answers[1].error, "a socket cannot be watched");
	fixture_close(&fixture);
}

static void on_easy_done(CURL *easy, CURLcode code, int socket_errno, void *data)
{
	CURL **done = data;

	(void)code;
	(void)socket_errno;
	assert_null(*done);
	*done = easy;
}

static void on_easy_turn(const char *broken, void *data)
{
	(void)data;
	assert_null(broken);
}

static void on_easy_closed(void *data)
{
	(void)data;
}

/* Not started yet, it is as if it had never been added. */
static void one_that_is_taken_out_does_not_start(void **state)
{
	static const struct http_multi_events events = {
		.on_done = on_easy_done, .on_turn = on_easy_turn, .on_closed = on_easy_closed};
	static const struct http_server_reply reply = {.bytes = OK};
	struct http_server *server = http_server_start(&reply, 1);
	CURL *handles[2], *done = NULL;
	struct http_multi *multi;
	uv_loop_t loop;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	multi = http_multi_open(&loop, 2, &events, &done);
	for (int i = 0; i < 2; i++) {
		handles[i] = curl_easy_init();
		http_multi_adopt(multi, handles[i]);
		(void)curl_easy_setopt(handles[i], CURLOPT_URL, "http://127.0.0.1/");
		(void)curl_easy_setopt(handles[i], CURLOPT_PORT, (long)http_server_port(server));
		(void)curl_easy_setopt(handles[i], CURLOPT_PROXY, "");
		(void)curl_easy_setopt(handles[i], CURLOPT_NOBODY, 1L);
		http_multi_add(multi, handles[i]);
	}
	assert_false(http_multi_remove(multi, handles[0]));
	while (done == NULL)
		(void)uv_run(&loop, UV_RUN_ONCE);
	assert_ptr_equal(done, handles[1]);
	http_multi_close(multi);
	while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(uv_loop_close(&loop), 0);
	http_server_await_closed(server, 1);
	assert_int_equal(http_server_connections(server), 1);
	for (int i = 0; i < 2; i++)
		curl_easy_cleanup(handles[i]);
	http_server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_with_an_error_is_not_used_again),
		cmocka_unit_test(an_error_while_it_waits_loses_no_answer),
		cmocka_unit_test(a_socket_that_cannot_be_watched_is_given_up),
		cmocka_unit_test(one_that_cannot_be_watched_any_more_is_given_up),
		cmocka_unit_test(one_that_is_refused_fails_alone),
		cmocka_unit_test(a_multi_that_takes_none_is_replaced),
		cmocka_unit_test(one_that_waits_while_libcurl_fails_was_not_sent),
		cmocka_unit_test(one_that_is_taken_out_does_not_start),
	};

	if (!http_memory_start())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
