/* SPDX-License-Identifier: MIT */
/* Requests against a server that says exactly what it is told to, byte by byte. That each answer
 * comes once, and not from within a call, is checked by the fixture for every test. */
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
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/http_fixture.h"
#include "version.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
#define REFUSED                                                                \
	"HTTP/1.1 422 X\r\nContent-Type: application/json\r\nContent-Length: " \
	"13\r\n\r\n{\"detail\":[]}"

static void whole_answers(void **state)
{
	static const struct {
		struct http_server_reply reply;
		struct fixture_answer answer;
	} cases[] = {
		{.reply.bytes = OK,
	         .answer = {.status = 200, .body = "{}", .content_type = "(null)"}},
		{.reply.bytes = "HTTP/1.1 204 No Content\r\n\r\n",
	         .answer = {.status = 204, .content_type = "(null)"}},
		{.reply.bytes = REFUSED,
	         .answer = {.status = 422,
	                    .body = "{\"detail\":[]}",
	                    .content_type = "application/json"}},
		{.reply = {.bytes = REFUSED, .dripping = true},
	         .answer = {.status = 422,
	                    .body = "{\"detail\":[]}",
	                    .content_type = "application/json"}},
		{.reply.bytes = "HTTP/1.1 100 Continue\r\n\r\n" OK,
	         .answer = {.status = 200, .body = "{}", .content_type = "(null)"}},
		{.reply = {.bytes = "HTTP/1.0 500 Oops\r\nContent-Type: text/html\r\n\r\n<p>",
	                   .then = HTTP_SERVER_CLOSE},
	         .answer = {.status = 500, .body = "<p>", .content_type = "text/html"}},
		{.reply.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	                        "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
	         .answer = {.status = 200, .body = "{}", .content_type = "(null)"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fixture_answer *answer;
		struct fixture fixture;

		fixture_open(&fixture, &cases[i].reply, 1);
		answer = fixture_put_await(&fixture);
		assert_int_equal(answer->transfer, VERDICT_TRANSFER_DONE);
		assert_int_equal(answer->status, cases[i].answer.status);
		assert_int_equal(answer->curl_code, 0);
		assert_string_equal(answer->error, "");
		assert_string_equal(answer->body, cases[i].answer.body);
		assert_int_equal(answer->body_length, strlen(cases[i].answer.body));
		assert_string_equal(answer->content_type, cases[i].answer.content_type);
		assert_string_equal(answer->location, "(null)");
		assert_false(answer->cut || answer->cancelled);
		fixture_close(&fixture);
	}
}

static void broken_answers(void **state)
{
	static const struct {
		struct http_server_reply reply;
		enum verdict_transfer transfer;
		int status, code;
	} cases[] = {
		{.reply = {.bytes = "", .then = HTTP_SERVER_RESET},
	         .transfer = VERDICT_TRANSFER_UNKNOWN,
	         .code = CURLE_RECV_ERROR},
		{.reply = {.bytes = "", .then = HTTP_SERVER_CLOSE},
	         .transfer = VERDICT_TRANSFER_UNKNOWN,
	         .code = CURLE_GOT_NOTHING},
		{.reply = {.bytes = "", .then = HTTP_SERVER_STALL},
	         .transfer = VERDICT_TRANSFER_UNKNOWN,
	         .code = CURLE_OPERATION_TIMEDOUT},
		{.reply = {.bytes = "\1\2garbage\r\n\r\n", .then = HTTP_SERVER_CLOSE},
	         .transfer = VERDICT_TRANSFER_UNKNOWN,
	         .code = CURLE_UNSUPPORTED_PROTOCOL},
		{.reply = {.bytes = "HTTP/1.1 100 Continue\r\n\r\n", .then = HTTP_SERVER_CLOSE},
	         .transfer = VERDICT_TRANSFER_UNKNOWN,
	         .code = CURLE_GOT_NOTHING},
		{.reply = {.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	                   .then = HTTP_SERVER_CLOSE},
	         .transfer = VERDICT_TRANSFER_DONE,
	         .status = 200,
	         .code = CURLE_RECV_ERROR},
		{.reply = {.bytes = "HTTP/1.1 422 X\r\nContent-Length: 99\r\n\r\n{",
	                   .then = HTTP_SERVER_CLOSE},
	         .transfer = VERDICT_TRANSFER_DONE,
	         .status = 422,
	         .code = CURLE_PARTIAL_FILE},
		{.reply = {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
	                   .then = HTTP_SERVER_STALL},
	         .transfer = VERDICT_TRANSFER_DONE,
	         .status = 200,
	         .code = CURLE_OPERATION_TIMEDOUT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fixture_answer *answer;
		struct fixture fixture;

		fixture_open(&fixture, &cases[i].reply, 1);
		fixture.api.timeout_ms = 200;
		http_configure(fixture.http, &fixture.api);
		answer = fixture_put_await(&fixture);
		assert_int_equal(answer->transfer, cases[i].transfer);
		assert_int_equal(answer->status, cases[i].status);
		assert_int_equal(answer->curl_code, cases[i].code);
		assert_string_not_equal(answer->error, "");
		fixture_close(&fixture);
	}
}

static void answer_and_reset_together(void **state)
{
	static const struct http_server_reply reply = {.bytes = REFUSED, .then = HTTP_SERVER_RESET};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(fixture_put_await(&fixture)->status, 422);
		assert_string_equal(fixture.answers[i].body, "{\"detail\":[]}");
		http_drop_idle(fixture.http);
	}
	assert_int_equal(http_server_requests(fixture.server), 20);
	fixture_close(&fixture);
}

/* A connection that was reset while it was idle must not cost a request. */
static void reset_while_idle(void **state)
{
	static const struct http_server_reply reply = {.bytes = REFUSED, .then = HTTP_SERVER_RESET};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(fixture_put_await(&fixture)->status, 422);
		http_server_await_closed(fixture.server, i + 1);
		fixture_run_for(&fixture, 1);
	}
	assert_int_equal(http_server_requests(fixture.server), 10);
	fixture_close(&fixture);
}

static void long_answers_are_cut(void **state)
{
	static const struct http_server_reply replies[] = {
		{.bytes = "HTTP/1.1 422 X\r\nContent-Length: 1048576\r\n\r\n", .padding = 1048576},
		{.bytes = "HTTP/1.1 200 X\r\n\r\n", .padding = 1048576, .then = HTTP_SERVER_CLOSE},
		{.bytes = "HTTP/1.1 200 X\r\nContent-Length: 65536\r\n\r\n", .padding = 65536},
		{.bytes = "HTTP/1.1 200 X\r\nContent-Length: 1048576\r\n\r\n", .padding = 1048576},
		{.bytes = "HTTP/1.1 200 X\r\nContent-Length: 99999999\r\n\r\n",
	         .then = HTTP_SERVER_STALL},
	};
	static const struct {
		size_t length;
		int status;
		bool get, cut;
	} answers[] = {
		{.length = HTTP_BODY_MAX, .status = 422, .cut = true},
		{.length = HTTP_BODY_MAX, .status = 200, .cut = true},
		{.length = HTTP_BODY_MAX, .status = 200},
		{.length = HTTP_BODY_MAX, .status = 200, .get = true, .cut = true},
		{.length = 0, .status = 200, .get = true, .cut = true},
	};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, replies, COUNT(replies));
	for (size_t i = 0; i < COUNT(answers); i++) {
		(answers[i].get ? fixture_get(&fixture, "/") : fixture_put(&fixture, "/", "{}"));
		(void)fixture_await(&fixture, i + 1);
		assert_int_equal(fixture.answers[i].transfer, VERDICT_TRANSFER_DONE);
		assert_int_equal(fixture.answers[i].status, answers[i].status);
		assert_int_equal(fixture.answers[i].body_length, answers[i].length);
		assert_int_equal(fixture.answers[i].cut, answers[i].cut);
		assert_int_equal(fixture.answers[i].curl_code, 0);
	}
	fixture_close(&fixture);
}

static void date(char *to, size_t size, time_t seconds)
{
	struct tm tm;

	(void)strftime(to, size, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &tm));
}

static void retry_after(void **state)
{
	static const struct {
		const char *header; /* NULL: a date, `in_s` from now */
		time_t in_s;
		int64_t min_ms, max_ms;
	} cases[] = {
		{.header = "120", .min_ms = 120000, .max_ms = 120000},
		{.header = "0"},
		{.header = ""},
		{.header = "1.5", .min_ms = 1000, .max_ms = 1000},
		{.header = "120,60", .min_ms = 120000, .max_ms = 120000},
		{.header = "soon"},
		{.header = "-5"},
		{.header = "123456789012345678901234"},
		{.header = "9223372036854775807"},
		{.header = "99999999999"},
		{.header = "21600", .min_ms = HTTP_RETRY_AFTER_MAX, .max_ms = HTTP_RETRY_AFTER_MAX},
		{.header = "Wed, 21 Oct 2015 07:28:00 GMT"},
		{.header = "Fri, 31 Dec 2099 23:59:59 GMT",
	         .min_ms = HTTP_RETRY_AFTER_MAX,
	         .max_ms = HTTP_RETRY_AFTER_MAX},
		{.in_s = 60, .min_ms = 50000, .max_ms = 60000},
		{.in_s = -60},
		{.in_s = 3600, .min_ms = 3590000, .max_ms = 3600000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char bytes[256], text[64];
		struct http_server_reply replies[] = {{.bytes = bytes}, {.bytes = OK}};
		const struct fixture_answer *answer;
		struct fixture fixture;

		date(text, sizeof(text), time(NULL) + cases[i].in_s);
		(void)snprintf(bytes, sizeof(bytes),
		               "HTTP/1.1 503 X\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
		               cases[i].header != NULL ? cases[i].header : text);
		fixture_open(&fixture, replies, COUNT(replies));
		answer = fixture_put_await(&fixture);
		assert_int_equal(answer->status, 503);
		assert_in_range(answer->retry_after_ms, cases[i].min_ms, cases[i].max_ms);
		/* The same handle must not remember it. */
		assert_int_equal(fixture_put_await(&fixture)->retry_after_ms, 0);
		fixture_close(&fixture);
	}
}

static void redirects_are_not_followed(void **state)
{
	static const struct http_server_reply replies[] = {
		{.bytes =
	                 "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"},
		{.bytes = "HTTP/1.1 307 X\r\nLocation: https://x.invalid/y\r\nContent-Length: "
	                  "0\r\n\r\n"},
		{.bytes = "HTTP/1.1 301 X\r\nContent-Length: 0\r\n\r\n"},
		{.bytes = "HTTP/1.1 201 X\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"},
	};
	char here[160];
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, replies, COUNT(replies));
	(void)snprintf(here, sizeof(here), "%s/elsewhere", fixture.url);
	for (size_t i = 0; i < COUNT(replies); i++)
		(void)fixture_put_await(&fixture);
	assert_int_equal(fixture.answers[0].status, 302);
	assert_string_equal(fixture.answers[0].location, here);
	assert_string_equal(fixture.answers[1].location, "https://x.invalid/y");
	assert_string_equal(fixture.answers[2].location, "(null)");
	assert_string_equal(fixture.answers[3].location, "(null)");
	assert_int_equal(http_server_requests(fixture.server), COUNT(replies));
	fixture_close(&fixture);
}

static void what_is_sent(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	char put[512], get[512], empty[512];
	struct fixture fixture;
	int port;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	port = http_server_port(fixture.server);
	fixture_put(&fixture, "/a/42/", "{\"x\":1}");
	(void)fixture_await(&fixture, 1);
	fixture_get(&fixture, "/a/?page=2");
	(void)fixture_await(&fixture, 2);
	fixture_put(&fixture, "/a/42/", "{\"x\":1}");
	(void)fixture_await(&fixture, 3);
	fixture_put(&fixture, "/a/42/", NULL);
	(void)fixture_await(&fixture, 4);
#define HEAD "Host: 127.0.0.1:%d\r\n"
#define REST                                                        \
	"Authorization: Key s3cret\r\nAccept: application/json\r\n" \
	"User-Agent: dfmode-sync/" PACKAGE_VERSION "\r\n"
#define TYPE     "Content-Type: application/json\r\n"
#define IDENTITY "Accept-Encoding: identity\r\n"
	(void)snprintf(put, sizeof(put),
	               "PUT /a/42/ HTTP/1.1\r\n" HEAD TYPE REST
	               "Content-Length: 7\r\n\r\n{\"x\":1}",
	               port);
	(void)snprintf(get, sizeof(get), "GET /a/?page=2 HTTP/1.1\r\n" HEAD IDENTITY REST "\r\n",
	               port);
	(void)snprintf(empty, sizeof(empty),
	               "PUT /a/42/ HTTP/1.1\r\n" HEAD TYPE REST "Content-Length: 0\r\n\r\n", port);
	assert_string_equal(http_server_request(fixture.server, 0), put);
	assert_string_equal(http_server_request(fixture.server, 1), get);
	assert_string_equal(http_server_request(fixture.server, 2), put);
	assert_string_equal(http_server_request(fixture.server, 3), empty);
	assert_int_equal(http_server_connections(fixture.server), 1);
	fixture_close(&fixture);
}

/* What the base has of a path stands before each request's own. */
static void a_base_with_a_path(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	static const struct {
		const char *base, *line;
	} cases[] = {
		{.base = "", .line = "PUT /a/42/ HTTP/1.1\r\n"},
		{.base = "/", .line = "PUT /a/42/ HTTP/1.1\r\n"},
		{.base = "/df", .line = "PUT /df/a/42/ HTTP/1.1\r\n"},
		{.base = "/df/one/", .line = "PUT /df/one/a/42/ HTTP/1.1\r\n"},
	};
	char url[160];
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)snprintf(url, sizeof(url), "%s%s", fixture.url, cases[i].base);
		fixture.api.url = url;
		http_configure(fixture.http, &fixture.api);
		fixture_put(&fixture, "/a/42/", "{}");
		assert_int_equal(fixture_await(&fixture, i + 1)->status, 200);
		assert_memory_equal(http_server_request(fixture.server, i), cases[i].line,
		                    strlen(cases[i].line));
	}
	fixture_close(&fixture);
}

static void a_large_body_goes_out_whole(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	size_t length = 1000 * 1000; /* of an integration there are less than 100,000 */
	char *body = mem_alloc(1, length + 1);
	const char *request;
	struct fixture fixture;

	(void)state;
	memset(body, 'b', length);
	fixture_open(&fixture, &reply, 1);
	fixture_put(&fixture, "/", body);
	assert_int_equal(fixture_await(&fixture, 1)->status, 200);
	request = http_server_request(fixture.server, 0);
	assert_null(strcasestr(request, "Expect"));
	assert_string_equal(strstr(request, "\r\n\r\n") + 4, body);
	fixture_close(&fixture);
	free(body);
}

/* Nothing of it may reach a server. */
static void injection(void **state)
{
	static const char *const keys[] = {"key\n",     "a\r\nX: y", "k\ty", "k\x7f",
	                                   "k\xc3\xa9", "",          NULL};
	static const char *const paths[] = {"/a b", "/a\r\nX: y", "/a\nPUT / HTTP/1.1"};
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	for (size_t i = 0; i < COUNT(paths); i++) {
		fixture_put(&fixture, paths[i], "{}");
		assert_int_equal(fixture_await(&fixture, i + 1)->transfer, VERDICT_TRANSFER_SETUP);
		assert_int_equal(fixture.answers[i].curl_code, CURLE_URL_MALFORMAT);
	}
	for (size_t i = 0; i < COUNT(keys); i++) {
		char *key = mem_dup(keys[i]);
		const struct fixture_answer *answer;

		fixture.api.key = key;
		http_configure(fixture.http, &fixture.api);
		mem_free_secret(key);
		answer = fixture_put_await(&fixture);
		assert_int_equal(answer->transfer, VERDICT_TRANSFER_SETUP);
		assert_string_equal(answer->error,
		                    keys[i] != NULL && *keys[i] != '\0'
		                            ? "the API key holds a byte that no header may hold"
		                            : "there is no API key");
	}
	assert_int_equal(http_server_connections(fixture.server), 0);
	fixture_close(&fixture);
}

static void nobody_there(void **state)
{
	char refused[64];
	const struct {
		const char *url;
		int code;
		enum verdict_transfer transfer;
	} cases[] = {
		{.url = refused,
	         .code = CURLE_COULDNT_CONNECT,
	         .transfer = VERDICT_TRANSFER_NOT_SENT},
		{.url = "http://host.invalid",
	         .code = CURLE_COULDNT_RESOLVE_HOST,
	         .transfer = VERDICT_TRANSFER_NOT_SENT},
		{.url = "file:///etc",
	         .code = CURLE_UNSUPPORTED_PROTOCOL,
	         .transfer = VERDICT_TRANSFER_SETUP},
		{.url = "http://[::1",
	         .code = 0, /* libcurl was not asked */
	         .transfer = VERDICT_TRANSFER_SETUP},
	};

	(void)state;
	(void)snprintf(refused, sizeof(refused), "http://127.0.0.1:%d", http_server_free_port());
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fixture_answer *answer;
		struct fixture fixture;

		fixture_open_url(&fixture, cases[i].url);
		answer = fixture_put_await(&fixture);
		assert_int_equal(answer->curl_code, cases[i].code);
		assert_int_equal(answer->transfer, cases[i].transfer);
		assert_int_equal(answer->status, 0);
		assert_string_not_equal(answer->error, "");
		fixture_close(&fixture);
	}
}

static void only_reading(void **state)
{
	static const struct http_server_reply reply = {.bytes = OK};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &reply, 1);
	http_read_only(fixture.http);
	fixture_put(&fixture, "/", "{}");
	assert_int_equal(fixture_await(&fixture, 1)->transfer, VERDICT_TRANSFER_NOT_SENT);
	assert_string_equal(fixture.answers[0].error, "only reading is allowed here");
	fixture_get(&fixture, "/");
	assert_int_equal(fixture_await(&fixture, 2)->status, 200);
	fixture_put(&fixture, "/", "{}");
	assert_int_equal(fixture_await(&fixture, 3)->transfer, VERDICT_TRANSFER_NOT_SENT);
	assert_int_equal(http_server_requests(fixture.server), 1);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_answers),
		cmocka_unit_test(broken_answers),
		cmocka_unit_test(answer_and_reset_together),
		cmocka_unit_test(reset_while_idle),
		cmocka_unit_test(long_answers_are_cut),
		cmocka_unit_test(retry_after),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(what_is_sent),
		cmocka_unit_test(a_base_with_a_path),
		cmocka_unit_test(a_large_body_goes_out_whole),
		cmocka_unit_test(injection),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(only_reading),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
