/* SPDX-License-Identifier: MIT */
/* Proxies: of the configuration, of the environment, none, and ones that cannot be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/http_fixture.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

static void proxies(void **state)
{
	static const struct http_server_reply direct = {.bytes = OK};
	static const struct http_server_reply proxied = {
		.bytes = "HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n"};
	struct http_server *proxy = http_server_start(&proxied, 1);
	static char none[] = "", environment[] = "env";
	char url[64];
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &direct, 1);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", http_server_port(proxy));
	(void)setenv("http_proxy", url, 1);
	(void)setenv("ALL_PROXY", url, 1);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	fixture.api.proxy = none;
	http_configure(fixture.http, &fixture.api);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	fixture.api.proxy = environment;
	http_configure(fixture.http, &fixture.api);
	assert_int_equal(fixture_put_await(&fixture)->status, 201);
	(void)setenv("no_proxy", "*", 1);
	assert_int_equal(fixture_put_await(&fixture)->status, 200);
	fixture.api.proxy = url;
	http_configure(fixture.http, &fixture.api);
	assert_int_equal(fixture_put_await(&fixture)->status, 201);
	assert_memory_equal(http_server_request(proxy, 0), "PUT http://127.0.0.1:", 21);
	assert_int_equal(http_server_requests(proxy), 2);
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
	(void)unsetenv("no_proxy");
	fixture_close(&fixture);
	http_server_stop(proxy);
}

/* The proxy said no before anything was sent to the server itself. */
static void a_proxy_refuses_a_tunnel(void **state)
{
	static const struct http_server_reply refusal = {
		.bytes = "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"};
	struct http_server *proxy = http_server_start(&refusal, 1);
	const struct fixture_answer *answer;
	char url[64];
	struct fixture fixture;

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", http_server_port(proxy));
	fixture_open_url(&fixture, "https://datafold.invalid");
	fixture.api.proxy = url;
	http_configure(fixture.http, &fixture.api);
	answer = fixture_put_await(&fixture);
	assert_int_equal(answer->status, 0);
	assert_int_equal(answer->transfer, VERDICT_TRANSFER_NOT_SENT);
	assert_null(strstr(http_server_request(proxy, 0), "s3cret"));
	assert_non_null(strstr(http_server_request(proxy, 0), "User-Agent: dfmode-sync/"));
	fixture_close(&fixture);
	http_server_stop(proxy);
}

/* libcurl's own message repeats what it cannot read. */
static void a_malformed_proxy_keeps_its_password(void **state)
{
	static const char *const urls[] = {"http://user:s3cret-p", "user:s3cret-p@proxy:99999",
	                                   "gopher://user:s3cret-p@proxy",
	                                   "http://user:s3cret-p@proxy:x"};
	static const struct http_server_reply direct = {.bytes = OK};
	static char environment[] = "env";
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &direct, 1);
	fixture.api.proxy = environment;
	http_configure(fixture.http, &fixture.api);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		const struct fixture_answer *answer;

		(void)setenv("http_proxy", urls[i], 1);
		answer = fixture_put_await(&fixture);
		assert_int_equal(answer->transfer, VERDICT_TRANSFER_SETUP);
		assert_non_null(strstr(answer->error, "the proxy in the environment is malformed"));
		assert_null(strstr(answer->error, "s3cret"));
	}
	(void)unsetenv("http_proxy");
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proxies),
		cmocka_unit_test(a_proxy_refuses_a_tunnel),
		cmocka_unit_test(a_malformed_proxy_keeps_its_password),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(60);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests_name("http proxy", tests, NULL, NULL);
}
