/* SPDX-License-Identifier: MIT */
/* A GET for each page of the server's list. What arrives is read at once, from within libcurl's
 * callback: a chunk at a time, so the loop is never held for long, and nothing has to be waited for
 * when the daemon stops. Only the query of a next page is taken from the server: the path stays
 * ours, as others may have side effects. */
#include "engine/remote_list.h"

#include <malloc.h>
#include <stdlib.h>

#include "api/wire.h"
#include "engine/answer.h"

#define HTTP_PARTIAL 206
#define TRIMMED_FROM (1024 * 1024) /* bytes of a list, after which memory is given back */

static void send_page(struct remote_list *list);

static bool on_body(const char *bytes, size_t length, void *data)
{
	struct remote_list *list = data;

	return wire_list_feed(list->list, bytes, length);
}

/* Detach, then call: another list may be asked for from within. */
static void finish(struct remote_list *list, struct sync_list *result, bool is_cancelled)
{
	struct wire_list *read = list->list;
	struct wire_remotes remotes = {0};
	bool is_large = wire_list_bytes(read) >= TRIMMED_FROM;

	list->list = NULL;
	text_clear(&list->path);
	if (result->verdict.kind == VERDICT_ACCEPTED && result->error_text == NULL &&
	    !is_cancelled && wire_list_take(read, &remotes))
		result->remotes = &remotes;
	wire_list_free(read);
	list->done(result, is_cancelled, list->data);
	wire_remotes_clear(&remotes);
	if (is_large)
		(void)malloc_trim(0);
}

/* What was accepted, but holds no list, is no success. */
static void reject(struct remote_list *list, struct sync_list *result, const char *what)
{
	struct text text = {0};

	text_printf(&text, "%d, but %s", result->status, what);
	result->verdict.kind = VERDICT_REJECTED;
	result->error_text = text.bytes;
	finish(list, result, false);
	text_clear(&text);
}

static void on_pause(uv_timer_t *timer)
{
	send_page(timer->data);
}

/* Whether a page follows, at the query that is now in `path`. */
static bool find_next(struct remote_list *list, const char *reference)
{
	size_t length = sizeof(WIRE_PATH_LIST) - 1;
	uint64_t hash;

	if (list->pages == REMOTE_LIST_PAGES_MAX) {
		wire_list_mark_partial(list->list, "has more than 1000 pages");
		return false;
	}
	text_truncate(&list->path, length);
	if (!http_next_page(list->http, WIRE_PATH_LIST, reference, &list->path)) {
		wire_list_mark_partial(list->list, "has a next page at another address");
		return false;
	}
	hash = text_hash(TEXT_HASH_START, list->path.bytes, list->path.length);
	for (size_t i = 0; i < list->pages; i++) {
		if (list->seen[i] == hash) {
			wire_list_mark_partial(list->list, "has pages that lead back");
			return false;
		}
	}
	list->seen[list->pages++] = hash;
	return true;
}

static void end_page(struct remote_list *list, const struct http_answer *http,
                     struct sync_list *result)
{
	char *next = NULL;
	bool is_list = wire_list_end_page(list->list, http->next, &next);
	bool has_next = is_list && next != NULL && find_next(list, next);
	double pause_ms = list->rate_limit > 0 ? 1000 / list->rate_limit : 0;

	free(next);
	if (http->status == HTTP_PARTIAL)
		wire_list_mark_partial(list->list, "came in part");
	if (!is_list)
		reject(list, result, "there is no list of integrations in it");
	else if (!has_next)
		finish(list, result, false);
	else
		(void)uv_timer_start(&list->pause, on_pause, (uint64_t)pause_ms, 0);
}

static void on_answer(const struct http_answer *http, void *data)
{
	struct remote_list *list = data;
	struct sync_list result = {.retry_after_ms = http->retry_after_ms,
	                           .status = http->status,
	                           .curl_code = http->curl_code};
	struct answer answer = {0};

	if (http->cancelled) {
		finish(list, &result, true);
		return;
	}
	answer_read(&answer, http, *list->redactor);
	result.verdict = answer.verdict;
	result.error_text = answer.error_text;
	if (answer.verdict.kind != VERDICT_ACCEPTED)
		finish(list, &result, false);
	else if (http->coding != NULL)
		reject(list, &result, "the list is compressed, which was not asked for");
	else if (http->body_cut)
		reject(list, &result, "the list of integrations is larger than 64 MiB");
	else if (http->curl_code != 0)
		reject(list, &result, "the list of integrations is cut off");
	else
		end_page(list, http, &result);
	answer_clear(&answer);
}

static void send_page(struct remote_list *list)
{
	const struct http_request request = {
		.method = HTTP_GET, .path = list->path.bytes, .on_body = on_body};

	http_send(list->http, &request, on_answer, list);
}

void remote_list_init(struct remote_list *list, uv_loop_t *loop)
{
	(void)uv_timer_init(loop, &list->pause);
	list->pause.data = list;
}

void remote_list_start(struct remote_list *list, int64_t *ids, size_t count)
{
	list->list = wire_list_new(ids, count, list->redactor);
	list->pages = 0;
	text_add(&list->path, WIRE_PATH_LIST);
	send_page(list);
}

void remote_list_close(struct remote_list *list)
{
	if (uv_is_active((uv_handle_t *)&list->pause)) {
		wire_list_free(list->list);
		list->list = NULL;
		text_clear(&list->path);
	}
	uv_close((uv_handle_t *)&list->pause, NULL);
}
