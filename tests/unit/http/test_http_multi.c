/* SPDX-License-Identifier: MIT */
/* What libuv says of a socket, as it says it: an error on an idle connection, which is then not
 * used again, and one that comes while libcurl waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "http/http_memory.h"
#include "support/http_fixture.h"
#include "support/http_server.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

static uv_poll_t *watcher; /* the one that was started last */
static uv_poll_cb watcher_callback;
static unsigned starts, starts_that_work = UINT_MAX; /* after as many each one fails */
static bool has_no_room;                             /* for another watcher */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int __wrap_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int __real_uv_poll_init_socket(uv_loop_t *loop, uv_poll_t *handle, uv_os_sock_t fd);
int __wrap_uv_poll_init_socket(uv_loop_t *loop, uv_poll_t *handle, uv_os_sock_t fd);

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

static void one_that_cannot_be_watched_any_more_is_given_up(void **state)
{
	static const struct http_server_reply replies[] = {{.bytes = "", .then = HTTP_SERVER_STALL},
	                                                   {.bytes = OK}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, replies, 2);
	fixture_put(&fixture, "/1", "{}");
	while (http_server_requests(fixture.server) < 1)
		(void)uv_run(&fixture.loop, UV_RUN_NOWAIT);
	starts_that_work = 0;
	assert_int_equal(uv_poll_stop(watcher), 0);
	watcher_callback(watcher, UV_EBADF, 0);
	assert_given_up(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_with_an_error_is_not_used_again),
		cmocka_unit_test(an_error_while_it_waits_loses_no_answer),
		cmocka_unit_test(a_socket_that_cannot_be_watched_is_given_up),
		cmocka_unit_test(one_that_cannot_be_watched_any_more_is_given_up),
	};

	if (!http_memory_start())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
