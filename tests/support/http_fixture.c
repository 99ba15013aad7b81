/* SPDX-License-Identifier: MIT */
/* Every rig ends with uv_loop_close(): a handle that was left open fails the test it is from. */
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
	struct rig *rig = data;
	struct rig_answer *kept = &rig->answers[rig->answered % RIG_ANSWERS_MAX];

	assert_false(rig->within);
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
	copy(kept->body, sizeof(kept->body), answer->body);
	kept->body_length = answer->body_length;
	kept->cut = answer->body_cut;
	kept->cancelled = answer->cancelled;
	rig->answered++;
	/* UV_RUN_ONCE would go on to wait for input after a timer's callback. */
	uv_stop(&rig->loop);
}

static void open_http(struct rig *rig)
{
	struct fault fault = {.text = NULL};

	rig->api.url = rig->url;
	rig->http = http_open(&rig->loop, &rig->api, &fault);
	assert_non_null(rig->http);
}

void rig_open_url(struct rig *rig, const char *url)
{
	static char key[] = "s3cret", proxy[] = "";

	*rig = (struct rig){.server = NULL};
	rig->api = (struct spec_api){.key = key,
	                             .proxy = proxy,
	                             .connect_timeout_ms = 2000,
	                             .timeout_ms = 2000,
	                             .max_in_flight = 8};
	(void)snprintf(rig->url, sizeof(rig->url), "%s", url);
	assert_int_equal(uv_loop_init(&rig->loop), 0);
	open_http(rig);
}

void rig_open(struct rig *rig, const struct http_server_reply *replies, size_t count)
{
	struct http_server *server = http_server_start(replies, count);
	char url[64];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", http_server_port(server));
	rig_open_url(rig, url);
	rig->server = server;
}

void rig_close(struct rig *rig)
{
	rig->within = true;
	http_close(rig->http);
	rig->within = false;
	while (uv_run(&rig->loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	if (rig->server != NULL)
		http_server_stop(rig->server);
}

static void start(struct rig *rig, const struct http_request *request)
{
	rig->within = true;
	http_send(rig->http, request, on_answer, rig);
	rig->within = false;
}

void rig_put(struct rig *rig, const char *path, const char *body)
{
	start(rig, &(struct http_request){.method = HTTP_PUT,
	                                  .path = path,
	                                  .body = mem_dup(body),
	                                  .body_length = body != NULL ? strlen(body) : 0});
}

void rig_get(struct rig *rig, const char *path)
{
	start(rig, &(struct http_request){.method = HTTP_GET, .path = path});
}

const struct rig_answer *rig_await(struct rig *rig, size_t count)
{
	while (rig->answered < count)
		(void)uv_run(&rig->loop, UV_RUN_DEFAULT);
	assert_int_equal(rig->answered, count);
	return &rig->answers[(count - 1) % RIG_ANSWERS_MAX];
}

const struct rig_answer *rig_put_await(struct rig *rig)
{
	rig_put(rig, "/api/v1/lineage/bi/mode/42/", "{\"indexing_cron\":null}");
	return rig_await(rig, rig->answered + 1);
}

static void on_over(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
	uv_stop(timer->loop);
}

void rig_run_for(struct rig *rig, uint64_t ms)
{
	bool over = false;
	uv_timer_t timer;

	assert_int_equal(uv_timer_init(&rig->loop, &timer), 0);
	timer.data = &over;
	uv_update_time(&rig->loop);
	assert_int_equal(uv_timer_start(&timer, on_over, ms, 0), 0);
	while (!over)
		(void)uv_run(&rig->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	(void)uv_run(&rig->loop, UV_RUN_NOWAIT);
}
