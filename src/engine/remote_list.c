/* SPDX-License-Identifier: MIT */
/* One GET of the server's list. A long one takes a second to read, so that is done in the thread
 * pool; who asked gets what was understood, with the secrets struck out. */
#include "engine/remote_list.h"

#include <stdlib.h>

#include "api/api_paths.h"
#include "engine/answer.h"

static void work_parse(uv_work_t *work)
{
	struct remote_list *list = work->data;

	list->is_list = wire_parse_list(list->body.bytes, list->body.length, &list->remotes);
	text_clear(&list->body);
}

static void on_parsed(uv_work_t *work, int status)
{
	struct remote_list *list = work->data;
	struct remote_list_result result = {.verdict = list->verdict,
	                                    .retry_after_ms = list->retry_after_ms};
	struct wire_remotes remotes = list->remotes;

	for (size_t i = 0; i < remotes.count; i++) {
		remotes.items[i].indexing_cron =
			answer_redact_cron(remotes.items[i].indexing_cron, *list->redactor);
	}
	list->remotes = (struct wire_remotes){.count = 0};
	if (list->is_list && status == 0) {
		result.remotes = &remotes;
	} else {
		result.verdict.kind = VERDICT_REJECTED;
		result.error_text = "the answer holds no list of integrations";
	}
	uv_update_time(list->loop);
	list->done(&result, list->data);
	wire_remotes_clear(&remotes);
}

static void on_answer(const struct http_answer *http, void *data)
{
	struct remote_list *list = data;
	struct remote_list_result result = {.cancelled = http->cancelled};
	struct answer answer = {.status = 0};

	if (http->cancelled) {
		list->done(&result, list->data);
		return;
	}
	answer_read(&answer, http, *list->redactor);
	result.verdict = list->verdict = answer.verdict;
	result.retry_after_ms = list->retry_after_ms = http->retry_after_ms;
	result.error_text = answer.error_text;
	if (answer.verdict.kind == VERDICT_ACCEPTED) {
		text_add_bytes(&list->body, http->body, http->body_length);
		list->work.data = list;
		(void)uv_queue_work(list->loop, &list->work, work_parse, on_parsed);
	} else {
		list->done(&result, list->data);
	}
	answer_clear(&answer);
}

void remote_list_start(struct remote_list *list, uv_loop_t *loop, struct http *http,
                       struct redactor *const *redactor, remote_list_done_fn *done, void *data)
{
	const struct http_request request = {.method = HTTP_GET, .path = API_PATHS_LIST};

	list->loop = loop;
	list->redactor = redactor;
	list->done = done;
	list->data = data;
	http_send(http, &request, on_answer, list);
}
