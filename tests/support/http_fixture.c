/* SPDX-License-Identifier: MIT */
/* Every fixture ends with uv_loop_close(): a handle that was left open fails the test it is from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/http_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from != NULL ? from : "(null)");
}

static void on_answer(const struct http_answer *answer, void *data)
{
	struct fixture *fixture = data;
	struct fixture_answer *kept = &fixture->answers[fixture->answered % FIXTURE_ANSWERS_MAX];

	assert_false(fixture->within);
	assert_non_null(answer->error);
	assert_non_null(answer->body);
	assert_int_equal(answer->body[answer->body_length], '\0');
	kept->transfer = answer->transfer;
	kept->status = answer->status;
	kept->curl_code = answer->curl_code;
	kept->retry_after_ms = answer->retry_after_ms;
	copy(kept->error, sizeof(kept->error), answer->error);
	copy(kept->location, sizeof(kept->location), answer->location);
	copy(kept->content_type, sizeof(kept->content_type), answer->content_type);
	copy(kept->coding, sizeof(kept->coding), answer->coding);
	copy(kept->body, sizeof(kept->body), answer->body);
	kept->body_length = answer->body_length;
	kept->cut = answer->body_cut;
	kept->cancelled = answer->cancelled;
	fixture->answered++;
	/* UV_RUN_ONCE would go on to wait for input after a timer's callback. */
	uv_stop(&fixture->loop);
}

static void open_http(struct fixture *fixture)
{
	struct fault fault = {0};

	fixture->api.url = fixture->url;
	fixture->http = http_open(&fixture->loop, &fixture->api, &fault);
	assert_non_null(fixture->http);
}

void fixture_open_url(struct fixture *fixture, const char *url)
{
	static char key[] = "s3cret", proxy[] = "";

	*fixture = (struct fixture){0};
	fixture->api = (struct spec_api){.key = key,
	                                 .proxy = proxy,
	                                 .connect_timeout_ms = 2000,
	                                 .timeout_ms = 2000,
	                                 .max_in_flight = 8};
	(void)snprintf(fixture->url, sizeof(fixture->url), "%s", url);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	open_http(fixture);
}

void fixture_open(struct fixture *fixture, const struct http_server_reply *replies, size_t count)
{
	struct http_server *server = http_server_start(replies, count);
	char url[64];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", http_server_port(server));
	fixture_open_url(fixture, url);
	fixture->server = server;
}

void fixture_close(struct fixture *fixture)
{
	fixture->within = true;
	http_close(fixture->http);
	fixture->within = false;
	while (uv_run(&fixture->loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	if (fixture->server != NULL)
		http_server_stop(fixture->server);
}

static void start(struct fixture *fixture, const struct http_request *request)
{
	fixture->within = true;
	http_send(fixture->http, request, on_answer, fixture);
	fixture->within = false;
}

void fixture_put(struct fixture *fixture, const char *path, const char *body)
{
	start(fixture, &(struct http_request){.method = HTTP_PUT,
	                                      .path = path,
	                                      .body = mem_dup(body),
	                                      .body_length = body != NULL ? strlen(body) : 0});
}

void fixture_get(struct fixture *fixture, const char *path)
{
	start(fixture, &(struct http_request){.method = HTTP_GET, .path = path});
}

const struct fixture_answer *fixture_await(struct fixture *fixture, size_t count)
{
	while (fixture->answered < count)
		(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(fixture->answered, count);
	return &fixture->answers[(count - 1) % FIXTURE_ANSWERS_MAX];
}

const struct fixture_answer *fixture_put_await(struct fixture *fixture)
{
	fixture_put(fixture, "/api/v1/lineage/bi/mode/42/", "{\"indexing_cron\":null}");
	return fixture_await(fixture, fixture->answered + 1);
}

static void on_over(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
	uv_stop(timer->loop);
}

void fixture_run_for(struct fixture *fixture, uint64_t ms)
{
	bool over = false;
	uv_timer_t timer;

	assert_int_equal(uv_timer_init(&fixture->loop, &timer), 0);
	timer.data = &over;
	uv_update_time(&fixture->loop);
	assert_int_equal(uv_timer_start(&timer, on_over, ms, 0), 0);
	while (!over)
		(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	(void)uv_run(&fixture->loop, UV_RUN_NOWAIT);
}
