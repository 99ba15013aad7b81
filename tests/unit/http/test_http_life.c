/* SPDX-License-Identifier: MIT */
/* Connections, pools and ends: reuse, servers that go, keys that change, a resolver
 * that stalls, a libcurl that fails or hangs, and a close in the midst of it. The program puts
 * itself before four functions of the libraries to play those faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/http_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
#define STALL_HOST   "stall.invalid"
#define STALL_MS     1500

static enum { CURL_WORKS, CURL_FAILS, CURL_HANGS } mood;
static atomic_llong clock_offset_s;
static atomic_int stalled;

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running)
{
	static CURLMcode (*real)(CURLM *, curl_socket_t, int, int *);

	*running = 0;
	if (mood == CURL_FAILS)
		return CURLM_INTERNAL_ERROR;
	if (mood == CURL_HANGS)
		return CURLM_OK;
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "curl_multi_socket_action");
	return real(multi, fd, mask, running);
}

/* By the name and with the times that libuv knows: on 32 bits those of our own calls are wider. */
struct plain_time {
	long tv_sec, tv_nsec;
};
int plain_clock(clockid_t clock, struct plain_time *time) __asm__("clock_gettime");

int plain_clock(clockid_t clock, struct plain_time *time)
{
	int failed = (int)syscall(SYS_clock_gettime, clock, time);

	time->tv_sec += (long)atomic_load(&clock_offset_s);
	return failed;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (node != NULL && strcmp(node, STALL_HOST) == 0) {
		atomic_fetch_add(&stalled, 1);
		(void)usleep(STALL_MS * 1000);
		atomic_fetch_sub(&stalled, 1);
		return EAI_AGAIN;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, result);
}

/* What was wiped while it still held these. */
static const char *const secrets[] = {"Key s3cret", "mode-token", "echoed"};
static int wiped[COUNT(secrets)];

static void count_and_wipe(void *bytes, size_t size)
{
	for (size_t i = 0; i < COUNT(secrets); i++)
		wiped[i] += memmem(bytes, size, secrets[i], strlen(secrets[i])) != NULL;
	memset(bytes, 0, size);
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

/* Under names of our own, as libc's headers may have bodies for theirs; the second is what
 * _FORTIFY_SOURCE makes of the first. */
void wipe(void *bytes, size_t size) __asm__("explicit_bzero");
void wipe_within(void *bytes, size_t size, size_t limit) __asm__("__explicit_bzero_chk");

void wipe(void *bytes, size_t size)
{
	count_and_wipe(bytes, size);
}

void wipe_within(void *bytes, size_t size, size_t limit)
{
	(void)limit;
	count_and_wipe(bytes, size);
}

static int64_t now_ms(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

static void a_connection_is_used_again(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (int i = 0; i < 20; i++)
		assert_int_equal(fixture_put_await(&fixture)->status, 200);
	assert_int_equal(http_server_connections(fixture.server), 1);
	http_drop_idle(fixture.http);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	assert_int_equal(http_server_connections(fixture.server), 2);
	fixture_close(&fixture);
}

/* Whether the loop got to hear of it or not. */
static void a_server_closes_idle_connections(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK, .then = HTTP_SERVER_CLOSE};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(fixture_put_await(&fixture)->status, 200);
		http_server_await_closed(fixture.server, i + 1);
		if (i % 2 == 0)
			fixture_run_for(&fixture, 1);
	}
	assert_int_equal(http_server_connections(fixture.server), 20);
	assert_int_equal(http_server_requests(fixture.server), 20);
	fixture_close(&fixture);
}

/* libcurl sends again on its own when a used connection dies: "could not connect" then does not
 * mean that nothing arrived. */
static void refused_after_a_silent_retry(void **state)
{
	static const struct http_server_reply replies[] = {
		{.bytes = OK}, {.bytes = "", .then = HTTP_SERVER_CLOSE, .deaf = true}};
	const struct fixture_answer *answer;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, replies, COUNT(replies));
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	answer = fixture_put_await(&fixture);
	assert_int_equal(answer->curl_code, CURLE_COULDNT_CONNECT);
	assert_int_equal(answer->transfer, VERDICT_TRANSFER_UNKNOWN);
	assert_int_equal(http_server_requests(fixture.server), 2);
	/* The same handle, and now nothing can have arrived. */
	answer = fixture_put_await(&fixture);
	assert_int_equal(answer->curl_code, CURLE_COULDNT_CONNECT);
	assert_int_equal(answer->transfer, VERDICT_TRANSFER_NOT_SENT);
	fixture_close(&fixture);
}

static void another_key(void **state)
{
	static const struct http_server_reply replies[] = {{.bytes = "", .then = HTTP_SERVER_STALL},
	                                                   {.bytes = OK}};
	static char first[] = "first", second[] = "second";
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, replies, COUNT(replies));
	fixture.api.key = first;
	fixture.api.timeout_ms = 300;
	http_configure(fixture.http, &fixture.api);
	fixture_put(&fixture, "/1", "{}");
	while (http_server_requests(fixture.server) == 0)
		(void)uv_run(&fixture.loop, UV_RUN_NOWAIT);
	fixture.api.key = second;
	fixture.api.timeout_ms = 20000; /* only the first is to reach its own */
	http_configure(fixture.http, &fixture.api);
	fixture_put(&fixture, "/2", "{}");
	assert_int_equal(fixture_await(&fixture, 1)->status, 200);
	assert_int_equal(fixture_await(&fixture, 2)->curl_code, CURLE_OPERATION_TIMEDOUT);
	fixture_put(&fixture, "/3", "{}");
	assert_int_equal(fixture_await(&fixture, 3)->status, 200);
	assert_non_null(
		strstr(http_server_request(fixture.server, 0), "\nAuthorization: Key first\r\n"));
	for (size_t i = 1; i < 3; i++) {
		const char *request = http_server_request(fixture.server, i);

		assert_non_null(strstr(request, "\nAuthorization: Key second\r\n"));
		assert_null(strstr(request, "first"));
	}
	fixture_close(&fixture);
}

/* Another edit of the file is no reason to shake hands again; what could change the answer is. */
static void connections_outlive_a_reload(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	static char key[] = "another", env[] = "env", file[] = "/dev/null";
	struct fixture fixture;
	size_t connections = 1;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(fixture_put_await(&fixture)->status, 200);
		assert_int_equal(http_server_connections(fixture.server), connections);
		fixture.api.connect_timeout_ms += i == 1;
		fixture.api.timeout_ms += i == 2;
		fixture.api.max_in_flight += i == 3;
		fixture.api.key = i >= 4 ? key : fixture.api.key;
		fixture.api.proxy = i >= 5 ? env : fixture.api.proxy;
		fixture.api.ca_file = i >= 6 ? file : NULL;
		http_configure(fixture.http, &fixture.api);
		connections += i > 0;
	}
	fixture_close(&fixture);
}

static void no_descriptor_left(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct rlimit old, tight;
	const struct fixture_answer *answer;
	struct fixture fixture;
	int next;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	next = dup(0);
	(void)close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = (struct rlimit){.rlim_cur = (rlim_t)next, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	answer = fixture_put_await(&fixture);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(answer->transfer, VERDICT_TRANSFER_NOT_SENT);
	assert_int_equal(answer->curl_code, CURLE_COULDNT_CONNECT);
	assert_string_equal(answer->error, "no file descriptor is left for a connection");
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	fixture_close(&fixture);
}

static void closed_in_flight(void **state)
{
	static const struct http_server_reply reply = {.bytes = "", .then = HTTP_SERVER_STALL};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (int i = 0; i < 5; i++)
		fixture_put(&fixture, "/", "{}");
	while (http_server_requests(fixture.server) < 3)
		(void)uv_run(&fixture.loop, UV_RUN_NOWAIT);
	assert_int_equal(fixture.answered, 0);
	fixture.api.timeout_ms++;
	http_configure(fixture.http, &fixture.api);
	fixture_put(&fixture, "/", "{}");
	fixture_close(&fixture);
	assert_int_equal(fixture.answered, 6);
	for (int i = 0; i < 6; i++) {
		assert_true(fixture.answers[i].cancelled);
		assert_int_equal(fixture.answers[i].status, 0);
	}
}

static void closed_before_the_loop_ran(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	fixture_put(&fixture, "/", "{}");
	http_drop_idle(fixture.http);
	http_read_only(fixture.http);
	fixture_put(&fixture, "/", "{}");
	fixture_close(&fixture);
	assert_int_equal(fixture.answered, 2);
	assert_true(fixture.answers[0].cancelled || fixture.answers[1].cancelled);
}

struct ticker {
	int64_t last_ms, worst_ms;
};

static void on_tick(uv_timer_t *timer)
{
	struct ticker *ticker = timer->data;
	int64_t now = now_ms();

	if (ticker->last_ms != 0 && now - ticker->last_ms > ticker->worst_ms)
		ticker->worst_ms = now - ticker->last_ms;
	ticker->last_ms = now;
}

/* Neither the answer nor the loop nor the close waits for a resolver. */
static void a_resolver_that_stalls(void **state)
{
	struct ticker ticker = {0};
	const struct fixture_answer *answer;
	int64_t began_ms;
	uv_timer_t timer;
	struct fixture fixture;

	(void)state;
	fixture_open_url(&fixture, "http://" STALL_HOST);
	fixture.api.connect_timeout_ms = 300;
	http_configure(fixture.http, &fixture.api);
	assert_int_equal(uv_timer_init(&fixture.loop, &timer), 0);
	timer.data = &ticker;
	assert_int_equal(uv_timer_start(&timer, on_tick, 10, 10), 0);
	began_ms = now_ms();
	answer = fixture_put_await(&fixture);
	assert_in_range(now_ms() - began_ms, 290, 700);
	assert_int_equal(answer->curl_code, CURLE_OPERATION_TIMEDOUT);
	assert_int_equal(answer->transfer, VERDICT_TRANSFER_NOT_SENT);
	fixture_put(&fixture, "/", "{}");
	fixture_run_for(&fixture, 50);
	uv_close((uv_handle_t *)&timer, NULL);
	fixture_close(&fixture);
	assert_true(fixture.answers[1].cancelled);
	assert_in_range(now_ms() - began_ms, 290, STALL_MS - 300);
	assert_in_range(ticker.worst_ms, 0, 200);
	while (atomic_load(&stalled) > 0)
		(void)usleep(10000);
	(void)usleep(100000);
}

static void libcurl_fails(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	fixture_put(&fixture, "/", "{}");
	fixture_put(&fixture, "/", "{}");
	mood = CURL_FAILS;
	(void)fixture_await(&fixture, 2);
	mood = CURL_WORKS;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture.answers[i].transfer, VERDICT_TRANSFER_UNKNOWN);
		assert_string_equal(fixture.answers[i].error, "Internal error");
	}
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	fixture_close(&fixture);
}

/* Later than the time-out, libcurl should have said so; the clock is put forward to see it. */
static void libcurl_hangs(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	fixture_put(&fixture, "/", "{}");
	mood = CURL_HANGS;
	fixture_run_for(&fixture, 20);
	assert_int_equal(fixture.answered, 0);
	atomic_store(&clock_offset_s, 11);
	fixture_run_for(&fixture, 20);
	assert_int_equal(fixture.answered, 0);
	assert_in_range(http_oldest_ms(fixture.http), 11000, 11999);
	atomic_store(&clock_offset_s, 13);
	assert_int_equal(fixture_await(&fixture, 1)->transfer, VERDICT_TRANSFER_UNKNOWN);
	assert_string_equal(fixture.answers[0].error, "the request hung beyond its time-out");
	mood = CURL_WORKS;
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	fixture_close(&fixture);
}

/* What hangs in a pool is no matter of the one after it, whose requests hang later. */
static void the_next_pool_hangs_by_itself(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	mood = CURL_HANGS;
	fixture_put(&fixture, "/", "{}");
	fixture_run_for(&fixture, 1);
	http_drop_idle(fixture.http);
	atomic_fetch_add(&clock_offset_s, 6);
	fixture_run_for(&fixture, 1);
	fixture_put(&fixture, "/", "{}");
	atomic_fetch_add(&clock_offset_s, 7);
	fixture_run_for(&fixture, 20);
	assert_int_equal(fixture.answered, 1);
	atomic_fetch_add(&clock_offset_s, 6);
	fixture_run_for(&fixture, 20);
	assert_int_equal(fixture.answered, 2);
	assert_int_equal(fixture.answers[1].transfer, VERDICT_TRANSFER_UNKNOWN);
	mood = CURL_WORKS;
	fixture_close(&fixture);
}

/* The key, what was sent, and what a server may have sent back of it. */
static void secrets_are_wiped(void **state)
{
	static const struct http_server_reply reply = {
		.bytes = "HTTP/1.1 422 X\r\nContent-Length: 6\r\n\r\nechoed"};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	memset(wiped, 0, sizeof(wiped));
	fixture_put(&fixture, "/", "{\"token\":\"mode-token\"}");
	(void)fixture_await(&fixture, 1);
	fixture_run_for(&fixture, 1);
	assert_int_equal(wiped[1], 1);
	assert_int_equal(wiped[2], 1);
	fixture_put(&fixture, "/", "{\"token\":\"mode-token\"}");
	fixture_close(&fixture);
	assert_int_equal(wiped[1], 2);
	/* The line that the header was made of is gone since fixture_open(). */
	assert_int_equal(wiped[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_used_again),
		cmocka_unit_test(a_server_closes_idle_connections),
		cmocka_unit_test(refused_after_a_silent_retry),
		cmocka_unit_test(another_key),
		cmocka_unit_test(connections_outlive_a_reload),
		cmocka_unit_test(no_descriptor_left),
		cmocka_unit_test(closed_in_flight),
		cmocka_unit_test(closed_before_the_loop_ran),
		cmocka_unit_test(a_resolver_that_stalls),
		cmocka_unit_test(secrets_are_wiped),
		cmocka_unit_test(libcurl_fails),
		cmocka_unit_test(libcurl_hangs),
		cmocka_unit_test(the_next_pool_hangs_by_itself),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests_name("http life", tests, NULL, NULL);
}
