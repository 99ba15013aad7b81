/* SPDX-License-Identifier: MIT */
/* A look at what the server has: one GET of its list. A long one takes a second to read, so that is
 * done in the thread pool; the reconciler gets what was understood.
 *
 * A schedule that the server tells may be shown to the operator, so secrets are struck out of what
 * is no schedule that we can read: a server may echo anything. */
#include "engine/engine_internal.h"

#include <stdlib.h>

#include "api/api_paths.h"
#include "base/mem.h"
#include "cron/cron.h"
#include "engine/report.h"

char *engine_redact_cron(const struct engine *engine, char *cron)
{
	struct text text = {.length = 0};
	struct cron parsed;

	if (cron == NULL || (cron_parse(cron, &parsed, NULL) && parsed.kind != CRON_OPAQUE))
		return cron;
	redactor_apply(engine->redactor, cron, strlen(cron), &text);
	free(cron);
	return text_take(&text);
}

static void end_look(struct engine *engine, struct sync_event *event)
{
	struct remote_list *list = &engine->list;

	event->kind = SYNC_LISTED;
	event->verdict = list->verdict;
	event->retry_after_ms = list->retry_after_ms;
	if (!engine->closing)
		engine_step(engine, event);
}

static void work_parse(uv_work_t *work)
{
	struct engine *engine = work->data;
	struct remote_list *list = &engine->list;

	list->ok = wire_parse_list(list->body.bytes, list->body.length, &list->remotes);
	text_clear(&list->body);
}

static void on_parsed(uv_work_t *work, int status)
{
	struct engine *engine = work->data;
	struct remote_list *list = &engine->list;
	struct sync_event event = {.error_text = "the answer holds no list of integrations"};

	for (size_t i = 0; i < list->remotes.count; i++) {
		struct wire_remote *remote = &list->remotes.items[i];

		remote->indexing_cron = engine_redact_cron(engine, remote->indexing_cron);
	}
	if (list->ok && status == 0) {
		event.remotes = &list->remotes;
		event.error_text = NULL;
	} else {
		list->verdict.kind = VERDICT_REJECTED;
	}
	uv_update_time(engine->loop);
	end_look(engine, &event);
	wire_remotes_clear(&list->remotes);
}

static void on_list(const struct http_answer *answer, void *data)
{
	struct engine *engine = data;
	struct remote_list *list = &engine->list;
	struct report_answer report = {.status = 0};
	struct sync_event event = {.error_text = NULL};

	if (answer->cancelled)
		return;
	report_read(&report, answer, engine->redactor);
	list->verdict = report.verdict;
	list->retry_after_ms = answer->retry_after_ms;
	if (report.verdict.kind == VERDICT_ACCEPTED) {
		text_add_bytes(&list->body, answer->body, answer->body_length);
		list->work.data = engine;
		(void)uv_queue_work(engine->loop, &list->work, work_parse, on_parsed);
	} else {
		event.error_text = report.error_text;
		end_look(engine, &event);
	}
	report_clear(&report);
}

void remote_list_start(struct engine *engine)
{
	const struct http_request request = {.method = HTTP_GET, .path = API_PATHS_LIST};

	http_send(engine->http, &request, on_list, engine);
}
