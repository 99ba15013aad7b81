/* SPDX-License-Identifier: MIT */
/* Client: what each kind of answer comes to, in which words, and that nothing is sent twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "commands/client.h"
#include "support/http_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY          "canary-key"

struct fixture {
	struct http_server *server;
	struct spec *spec;
	struct client *client;
	struct fault fault;
};

static void open_url(struct fixture *fixture, int port)
{
	fixture->spec = spec_new();
	free(fixture->spec->api.url);
	fixture->spec->api.url = mem_printf("http://127.0.0.1:%d", port);
	fixture->spec->api.key = mem_dup(KEY);
	fixture->spec->api.timeout_ms = 500;
	fixture->client = client_open(fixture->spec, &fixture->fault);
	assert_non_null(fixture->client);
}

static void open_rig(struct fixture *fixture, const struct http_server_reply *replies, size_t count)
{
	*fixture = (struct fixture){.server = http_server_start(replies, count)};
	open_url(fixture, http_server_port(fixture->server));
}

static void close_rig(struct fixture *fixture)
{
	client_close(fixture->client);
	spec_free(fixture->spec);
	fault_clear(&fixture->fault);
	if (fixture->server != NULL)
		http_server_stop(fixture->server);
}

static void list_is_asked_for_once(void **state)
{
	static const struct http_server_reply reply = {
		.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n"
			 "[{\"id\":43},{\"id\":42,\"name\":\"F\"}]\n"};
	struct wire_remotes remotes;
	struct fixture fixture;

	(void)state;
	open_rig(&fixture, &reply, 1);
	assert_int_equal(client_list(fixture.client, &remotes, &fixture.fault), CLIENT_DONE);
	assert_null(fixture.fault.text);
	assert_int_equal(remotes.count, 2);
	assert_int_equal(remotes.items[0].id, 42);
	assert_string_equal(remotes.items[0].name, "F");
	wire_remotes_clear(&remotes);
	assert_int_equal(http_server_requests(fixture.server), 1);
	assert_non_null(strstr(http_server_request(fixture.server, 0),
	                       "GET /api/v1/lineage/bi/ HTTP/1.1\r\n"));
	assert_non_null(
		strstr(http_server_request(fixture.server, 0), "Authorization: Key " KEY "\r\n"));
	close_rig(&fixture);
}

static void other_answers_are_told_in_words(void **state)
{
	static const struct {
		struct http_server_reply reply;
		enum client_outcome outcome;
		const char *error_text;
		int exit_code;
	} cases[] = {
		{.reply.bytes = "HTTP/1.1 401 No\r\nContent-Length: 25\r\n\r\n"
	                        "{\"detail\":\"" KEY "?\"}\n\n",
	         .outcome = CLIENT_REFUSED,
	         .error_text = "401 [redacted]?",
	         .exit_code = 77},
		{.reply.bytes = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
	         .outcome = CLIENT_FORBIDDEN,
	         .error_text = "403 the answer has no body",
	         .exit_code = 77},
		{.reply.bytes = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
	         .outcome = CLIENT_FAILED,
	         .error_text = "503 the answer has no body",
	         .exit_code = 1},
		{.reply.bytes = "HTTP/1.1 307 No\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
	         .outcome = CLIENT_FAILED,
	         .error_text = "307 redirects to ",
	         .exit_code = 1},
		{.reply.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n",
	         .outcome = CLIENT_FAILED,
	         .error_text = "200, but there is no list of integrations in it",
	         .exit_code = 1},
		{.reply.bytes = "HTTP/1.1 204 OK\r\n\r\n",
	         .outcome = CLIENT_FAILED,
	         .error_text = "204, but there is no list of integrations in it",
	         .exit_code = 1},
		{.reply = {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n[{\"id\":42}]",
	                   .then = HTTP_SERVER_CLOSE},
	         .outcome = CLIENT_FAILED,
	         .error_text = "200, but the list of integrations is cut off",
	         .exit_code = 1},
		{.reply = {.bytes = "", .then = HTTP_SERVER_CLOSE},
	         .outcome = CLIENT_UNREACHABLE,
	         .error_text = "no answer: Empty reply from server",
	         .exit_code = 69},
		{.reply = {.bytes = "", .then = HTTP_SERVER_STALL},
	         .outcome = CLIENT_UNREACHABLE,
	         .error_text = "no answer: Operation timed out",
	         .exit_code = 69},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire_remotes remotes;
		enum client_outcome outcome;
		struct fixture fixture;

		open_rig(&fixture, &cases[i].reply, 1);
		outcome = client_list(fixture.client, &remotes, &fixture.fault);
		assert_int_equal(outcome, cases[i].outcome);
		assert_int_equal(client_exit_code(outcome), cases[i].exit_code);
		assert_memory_equal(fixture.fault.text, cases[i].error_text,
		                    strlen(cases[i].error_text));
		assert_null(strstr(fixture.fault.text, "canary"));
		assert_int_equal(remotes.count, 0);
		assert_int_equal(http_server_requests(fixture.server), 1);
		close_rig(&fixture);
	}
	assert_int_equal(client_exit_code(CLIENT_DONE), 0);
}

/* As long as that is not longer than a request may take. */
static void server_that_asks_to_wait_is_obeyed(void **state)
{
#define BUSY(seconds) "HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: " seconds "\r\n\r\n"
	static const struct {
		struct http_server_reply replies[3];
		enum client_outcome outcome;
		const char *error_text;
		size_t requests;
	} cases[] = {
		{{{.bytes = BUSY("1")},
	          {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"}},
	         CLIENT_DONE,
	         NULL,
	         2},
		{{{.bytes = BUSY("1")}, {.bytes = BUSY("60")}},
	         CLIENT_FAILED,
	         "503 the answer has no body; it asks to wait for 1min",
	         2},
		{{{.bytes = BUSY("3600")}},
	         CLIENT_FAILED,
	         "503 the answer has no body; it asks to wait for 1h",
	         1},
		{{{.bytes = BUSY("3600000000")}},
	         CLIENT_FAILED,
	         "503 the answer has no body; its Retry-After is no time to wait for, and is "
	         "ignored",
	         1},
		{{{.bytes = "HTTP/1.1 409 No\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n"}},
	         CLIENT_FAILED,
	         "409 the answer has no body; it asks to wait for 1s",
	         1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire_remotes remotes;
		struct fixture fixture;

		open_rig(&fixture, cases[i].replies, 3);
		client_close(fixture.client);
		fixture.spec->api.timeout_ms = 30000;
		fixture.client = client_open(fixture.spec, &fixture.fault);
		assert_non_null(fixture.client);
		assert_int_equal(client_list(fixture.client, &remotes, &fixture.fault),
		                 cases[i].outcome);
		if (cases[i].error_text == NULL)
			assert_null(fixture.fault.text);
		else
			assert_string_equal(fixture.fault.text, cases[i].error_text);
		assert_int_equal(http_server_requests(fixture.server), cases[i].requests);
		wire_remotes_clear(&remotes);
		close_rig(&fixture);
	}
}

static void nobody_there_is_unreachable(void **state)
{
	struct wire_remotes remotes;
	struct fixture fixture = {0};

	(void)state;
	open_url(&fixture, http_server_free_port());
	assert_int_equal(client_list(fixture.client, &remotes, &fixture.fault), CLIENT_UNREACHABLE);
	assert_memory_equal(fixture.fault.text, "no answer: Failed to connect to 127.0.0.1 port ",
	                    47);
	close_rig(&fixture);
}

/* On a connection that was used before libcurl would send the second request once more. */
static void synchronisation_is_never_sent_again(void **state)
{
	static const struct http_server_reply replies[] = {
		{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n"},
		{.bytes = "", .then = HTTP_SERVER_CLOSE}};
	struct fixture fixture;

	(void)state;
	open_rig(&fixture, replies, COUNT(replies));
	assert_int_equal(client_resync(fixture.client, 42, &fixture.fault), CLIENT_DONE);
	assert_null(fixture.fault.text);
	assert_int_equal(client_resync(fixture.client, INT64_MAX, &fixture.fault),
	                 CLIENT_UNREACHABLE);
	assert_string_equal(fixture.fault.text, "no answer: Empty reply from server");
	assert_int_equal(http_server_connections(fixture.server), 2);
	assert_int_equal(http_server_requests(fixture.server), 2);
	assert_non_null(strstr(http_server_request(fixture.server, 0),
	                       "GET /api/v1/lineage/bi/42/sync/ HTTP/1.1\r\n"));
	assert_non_null(strstr(http_server_request(fixture.server, 1),
	                       "GET /api/v1/lineage/bi/9223372036854775807/sync/ HTTP"));
	close_rig(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_is_asked_for_once),
		cmocka_unit_test(other_answers_are_told_in_words),
		cmocka_unit_test(server_that_asks_to_wait_is_obeyed),
		cmocka_unit_test(nobody_there_is_unreachable),
		cmocka_unit_test(synchronisation_is_never_sent_again),
	};
	int failed;

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	failed = cmocka_run_group_tests_name("client", tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
