/* SPDX-License-Identifier: MIT */
/* The list over a connection: pages are followed where they may be, the rest makes it partial. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <curl/curl.h>

#include "base/mem.h"
#include "engine/remote_list.h"
#include "support/http_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEAD(rest)   "HTTP/1.1 200 OK\r\nConnection: close\r\n" rest "\r\n"
#define LIST_PATH    "/base/api/v1/lineage/bi/"

struct fixture {
	uv_loop_t loop;
	struct http_server *server;
	struct http *http;
	struct spec_api api;
	struct redactor *redactor;
	struct remote_list list;
	size_t callbacks;
	bool cancelled;
	struct text result; /* "1 2 3; partial" or the error */
};

static unsigned trims;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __wrap_malloc_trim(size_t pad);

int __wrap_malloc_trim(size_t pad)
{
	(void)pad;
	trims++;
	return 1;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void on_done(const struct sync_list *result, bool is_cancelled, void *data)
{
	struct fixture *fixture = data;

	fixture->callbacks++;
	fixture->cancelled = is_cancelled;
	if (is_cancelled)
		return;
	if (result->remotes == NULL) {
		text_add(&fixture->result, result->error_text);
		assert_int_not_equal(result->verdict.kind, VERDICT_ACCEPTED);
		return;
	}
	assert_null(result->error_text);
	text_add(&fixture->result, "");
	for (size_t i = 0; i < result->remotes->count; i++) {
		text_add_int(&fixture->result, result->remotes->items[i].id);
		text_add_char(&fixture->result, ' ');
	}
	if (result->remotes->partial != NULL)
		text_printf(&fixture->result, "but it %s", result->remotes->partial);
}

static void open_fixture(struct fixture *fixture, const struct http_server_reply *replies,
                         size_t count)
{
	struct fault fault = {0};

	*fixture = (struct fixture){.server = http_server_start(replies, count)};
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	fixture->api = (struct spec_api){
		.url = mem_printf("http://127.0.0.1:%d/base/", http_server_port(fixture->server)),
		.key = mem_dup("canary"),
		.connect_timeout_ms = 2000,
		.timeout_ms = 2000,
		.max_in_flight = 4};
	fixture->http = http_open(&fixture->loop, &fixture->api, &fault);
	assert_non_null(fixture->http);
	remote_list_init(&fixture->list, &fixture->loop);
}

static void start(struct fixture *fixture, int64_t *ids, size_t count, double rate_limit)
{
	fixture->list.http = fixture->http;
	fixture->list.redactor = &fixture->redactor;
	fixture->list.rate_limit = rate_limit;
	fixture->list.done = on_done;
	fixture->list.data = fixture;
	remote_list_start(&fixture->list, ids, count);
	assert_int_equal(fixture->callbacks, 0);
}

static void await(struct fixture *fixture)
{
	while (fixture->callbacks == 0)
		(void)uv_run(&fixture->loop, UV_RUN_ONCE);
}

static void close_fixture(struct fixture *fixture)
{
	remote_list_close(&fixture->list);
	http_close(fixture->http);
	(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	http_server_stop(fixture->server);
	free(fixture->api.url);
	free(fixture->api.key);
	text_clear(&fixture->result);
}

#define PAGE(next, id) HEAD() "{\"next\":\"" next "\",\"results\":[{\"id\":" id "}]}"
#define LAST(id)       HEAD() "{\"next\":null,\"results\":[{\"id\":" id "}]}"

static const struct {
	const char *replies[3];
	const char *result;
	const char *second; /* request line; NULL: there is no second request */
} cases[] = {
	{{HEAD() "[{\"id\":2},{\"id\":1}]"}, "1 2 ", NULL},
	{{PAGE("?page=2", "1"), PAGE("?page=3", "2"), LAST("3")},
         "1 2 3 ",
         "GET " LIST_PATH "?page=2 HTTP"},
	{{PAGE("/base/api/v1/lineage/bi/?page=2&x=%20y", "1"), LAST("2")},
         "1 2 ",
         "GET " LIST_PATH "?page=2&x=%20y HTTP"},
	{{PAGE("/api/v1/lineage/bi?page=2", "1"), LAST("2")},
         "1 2 ",
         "GET " LIST_PATH "?page=2 HTTP"},
	{{HEAD("Link: </x>; rel=\"prev\"\r\nLink: <?p=2>; rel=\"next\"\r\n") "[{\"id\":1}]",
          HEAD() "[{\"id\":2}]"},
         "1 2 ",
         "GET " LIST_PATH "?p=2 HTTP"},
	{{PAGE("http://127.0.0.2/base/api/v1/lineage/bi/?page=2", "1")},
         "1 but it has a next page at another address",
         NULL},
	{{PAGE("https://evil.example/base/api/v1/lineage/bi/?page=2", "1")},
         "1 but it has a next page at another address",
         NULL},
	{{PAGE("/api/v1/lineage/bi/1/sync/?page=2", "1")},
         "1 but it has a next page at another address",
         NULL},
	{{PAGE("/base/api/v1/lineage/bi/", "1")},
         "1 but it has a next page at another address",
         NULL},
	{{PAGE("?page=2", "1"), PAGE("?page=2", "2")},
         "1 2 but it has pages that lead back",
         "GET " LIST_PATH "?page=2 HTTP"},
	{{PAGE("cursor", "1")}, "1 but it has further pages, which cannot be followed", NULL},
	{{"HTTP/1.1 206 X\r\nConnection: close\r\n\r\n[{\"id\":1}]"},
         "1 but it came in part",
         NULL},
	{{PAGE("?page=2", "1"), "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"},
         "500 the answer has no body",
         "GET " LIST_PATH "?page=2 HTTP"},
	{{PAGE("?page=2", "1"), HEAD() "{}"},
         "200, but there is no list of integrations in it",
         "GET " LIST_PATH "?page=2 HTTP"},
	{{HEAD("Content-Encoding: gzip\r\n") "\x1f\x8b"},
         "200, but the list is compressed, which was not asked for",
         NULL},
	{{HEAD("Content-Length: 100\r\n") "[{\"id\":1},"},
         "200, but the list of integrations is cut off",
         NULL},
	{{HEAD("Content-Length: 99999999\r\n") "["},
         "200, but the list of integrations is larger than 64 MiB",
         NULL},
	{{"HTTP/1.1 403 X\r\nContent-Length: 15\r\n\r\n{\"detail\":\"no\"}"}, "403 no", NULL},
	{{HEAD() "<html>"}, "200, but there is no list of integrations in it", NULL},
};

static void lists_and_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_server_reply replies[3];
		struct fixture fixture;
		size_t count = 0;

		for (; count < 3 && cases[i].replies[count] != NULL; count++)
			replies[count] = (struct http_server_reply){
				.bytes = cases[i].replies[count], .then = HTTP_SERVER_CLOSE};
		open_fixture(&fixture, replies, count);
		start(&fixture, NULL, 0, 0);
		await(&fixture);
		assert_int_equal(fixture.callbacks, 1);
		assert_string_equal(fixture.result.bytes, cases[i].result);
		if (cases[i].second != NULL)
			assert_memory_equal(http_server_request(fixture.server, 1), cases[i].second,
			                    strlen(cases[i].second));
		else
			assert_int_equal(http_server_requests(fixture.server), 1);
		close_fixture(&fixture);
	}
}

static void only_what_is_asked_for_is_kept(void **state)
{
	static const struct http_server_reply reply = {
		.bytes = HEAD() "[{\"id\":1},{\"id\":2},{\"id\":3}]", .then = HTTP_SERVER_CLOSE};
	int64_t *ids = mem_alloc(2, sizeof(*ids));
	struct fixture fixture;

	(void)state;
	ids[0] = 2;
	ids[1] = 7;
	open_fixture(&fixture, &reply, 1);
	start(&fixture, ids, 2, 0);
	await(&fixture);
	assert_string_equal(fixture.result.bytes, "2 ");
	close_fixture(&fixture);
}

/* Only a long list leaves memory worth giving back, and that but once. */
static void memory_of_a_long_list_is_given_back(void **state)
{
	static const size_t lengths[] = {1000, 1024 * 1024};

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct text body = {0};
		struct http_server_reply reply = {.then = HTTP_SERVER_CLOSE};
		struct fixture fixture;

		text_add(&body, HEAD() "[{\"id\":1},");
		while (body.length < lengths[i])
			text_add(&body, "                                ");
		text_add(&body, "{\"id\":2}]                            ");
		reply.bytes = body.bytes;
		open_fixture(&fixture, &reply, 1);
		trims = 0;
		start(&fixture, NULL, 0, 0);
		await(&fixture);
		assert_string_equal(fixture.result.bytes, "1 2 ");
		assert_int_equal(trims, i);
		close_fixture(&fixture);
		text_clear(&body);
	}
}

/* Each page costs what a request costs. */
static void pages_keep_to_the_rate_limit(void **state)
{
	static const struct http_server_reply replies[] = {
		{.bytes = PAGE("?page=2", "1"), .then = HTTP_SERVER_CLOSE},
		{.bytes = PAGE("?page=3", "2"), .then = HTTP_SERVER_CLOSE},
		{.bytes = LAST("3"), .then = HTTP_SERVER_CLOSE}};
	struct fixture fixture;
	uint64_t before_ms;

	(void)state;
	open_fixture(&fixture, replies, COUNT(replies));
	before_ms = uv_now(&fixture.loop);
	start(&fixture, NULL, 0, 10);
	await(&fixture);
	assert_in_range(uv_now(&fixture.loop) - before_ms, 199, 1500);
	assert_string_equal(fixture.result.bytes, "1 2 3 ");
	close_fixture(&fixture);
}

/* While a request is under way its end is called back; between two pages there is nothing. */
static void it_can_be_closed_at_any_time(void **state)
{
	static const struct http_server_reply stalls = {.bytes = HEAD() "[{\"id\":1},",
	                                                .then = HTTP_SERVER_STALL};
	static const struct http_server_reply page = {.bytes = PAGE("?page=2", "1"),
	                                              .then = HTTP_SERVER_CLOSE};
	struct fixture fixture;

	(void)state;
	open_fixture(&fixture, &stalls, 1);
	start(&fixture, NULL, 0, 0);
	while (http_server_requests(fixture.server) == 0)
		(void)uv_run(&fixture.loop, UV_RUN_NOWAIT);
	close_fixture(&fixture);
	assert_int_equal(fixture.callbacks, 1);
	assert_true(fixture.cancelled);
	open_fixture(&fixture, &page, 1);
	start(&fixture, NULL, 0, 0.01);
	while (!uv_is_active((uv_handle_t *)&fixture.list.pause))
		(void)uv_run(&fixture.loop, UV_RUN_ONCE);
	close_fixture(&fixture);
	assert_int_equal(fixture.callbacks, 0);
}

static int begin(void **state)
{
	(void)state;
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	curl_global_cleanup();
	return 0;
}

/* Each page leads to another one: what is read, the first one and as many behind it, is a part. */
static void a_list_without_end_is_cut(void **state)
{
	struct http_server_reply *replies = mem_alloc(REMOTE_LIST_PAGES_MAX + 1, sizeof(*replies));
	char **texts = mem_alloc(REMOTE_LIST_PAGES_MAX + 1, sizeof(*texts));
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i <= REMOTE_LIST_PAGES_MAX; i++) {
		char *body = mem_printf("{\"next\":\"?page=%zu\",\"results\":[{\"id\":7}]}", i + 2);

		replies[i].bytes = texts[i] = mem_printf(
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
		free(body);
	}
	open_fixture(&fixture, replies, REMOTE_LIST_PAGES_MAX + 1);
	start(&fixture, NULL, 0, 0);
	await(&fixture);
	assert_string_equal(fixture.result.bytes, "7 but it has more than 1000 pages");
	assert_int_equal(http_server_requests(fixture.server), 1 + REMOTE_LIST_PAGES_MAX);
	close_fixture(&fixture);
	for (size_t i = 0; i <= REMOTE_LIST_PAGES_MAX; i++)
		free(texts[i]);
	free(texts);
	free(replies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_and_pages),
		cmocka_unit_test(only_what_is_asked_for_is_kept),
		cmocka_unit_test(memory_of_a_long_list_is_given_back),
		cmocka_unit_test(pages_keep_to_the_rate_limit),
		cmocka_unit_test(a_list_without_end_is_cut),
		cmocka_unit_test(it_can_be_closed_at_any_time),
	};

	return cmocka_run_group_tests_name("remote_list", tests, begin, end);
}
