/* SPDX-License-Identifier: MIT */
/* What libuv says of a socket, as it says it: an error on an idle connection, which is then not
 * used again, and one that comes while libcurl waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http/http_memory.h"
#include "support/http_fixture.h"
#include "support/http_server.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

static uv_poll_t *watcher; /* the one that was started last */
static uv_poll_cb watcher_callback;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int __wrap_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);

int __wrap_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback)
{
	watcher = handle;
	watcher_callback = callback;
	return __real_uv_poll_start(handle, events, callback);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_with_an_error_is_not_used_again),
		cmocka_unit_test(an_error_while_it_waits_loses_no_answer),
	};

	if (!http_memory_start())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
