/* SPDX-License-Identifier: MIT */
/* Each wait goes through a load first, if it takes up the files, and then until what it is about is
 * settled: judged after each event of the reconciler, at one integration most of the time, since
 * all that stand before it in the list of ids are settled already. Before the answer all are judged
 * once more, as what was settled may have been edited since. A status waits for the files only.
 *
 * An answer names the integrations that the client did, or else those that are not in sync. */
#include "daemon/daemon_waits.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "base/span.h"
#include "daemon/control_status.h"
#include "daemon/daemon_internal.h"
#include "engine/report.h"
#include "sync/sync_query.h"

struct daemon_wait {
	LIST_ENTRY(daemon_wait) link;
	struct daemon *daemon;
	struct control_client *client;
	struct control_request request; /* owned */
	daemon_waits_answer_fn *answer; /* of a status that is held back; NULL: ours */
	uint64_t load;       /* number of the load that is waited for; 0: none, or it has ended */
	int64_t deadline_ms; /* INT64_MAX: none */
	size_t next;         /* of the ids, to be judged */
};

/* what is settled */

static bool is_accepted(enum sync_state shown)
{
	return shown == SYNC_IN_SYNC || shown == SYNC_CONFIRMING;
}

/* Append why nothing is sent at present; nothing if it is. */
static void add_hold(const struct sync *sync, int64_t now_ms, struct text *out)
{
	static const char *const errors[] = {
		[GATE_AUTH] = "not sent: the API key is refused",
		[GATE_CONFIG] = "not sent: the server cannot be used as configured",
		[GATE_BREAKER] = "not sent: the server cannot be reached",
	};
	const struct gate *gate = sync_gate(sync);
	char span[SPAN_TEXT_MAX];

	/* A server that fails now and then is still asked. */
	if (gate->state != GATE_OPEN && !gate->failing)
		text_add(out, errors[gate->state]);
	else if (gate->paused_until_ms > now_ms)
		text_printf(out, "not sent: the server asked to wait for another %s",
		            span_format(gate->paused_until_ms - now_ms, span));
}

static int64_t now_ms(const struct daemon *daemon)
{
	return (int64_t)uv_now(&daemon->loop);
}

/* Has what was pushed got its answer, whatever that is, or will it have none for now? */
static bool is_answered(const struct daemon *daemon, enum sync_state shown)
{
	struct text hold = {0};
	bool is_held;

	if (shown != SYNC_DUE)
		return shown != SYNC_IN_FLIGHT;
	add_hold(daemon->engine.sync, now_ms(daemon), &hold);
	is_held = hold.length > 0;
	text_clear(&hold);
	return is_held;
}

static bool is_settled(const struct daemon_wait *wait, int64_t id)
{
	const struct sync *sync = wait->daemon->engine.sync;
	struct sync_view view;

	if (!sync_view_of(sync, id, &view))
		return true; /* not managed, which the answer says */
	return wait->request.kind == CONTROL_PUSH ? is_answered(wait->daemon, view.shown)
	                                          : sync_shown_is_settled(view.shown);
}

static bool are_all_settled(const struct sync *sync)
{
	for (enum sync_state shown = 0; shown < SYNC_SHOWN_COUNT; shown++) {
		if (!sync_shown_is_settled(shown) && sync_shown_count(sync, shown) > 0)
			return false;
	}
	return true;
}

/* Judge each once, from the one on that was unsettled the last time. */
static bool go_on(struct daemon_wait *wait)
{
	const struct control_request *request = &wait->request;

	if (request->ids == NULL)
		return are_all_settled(wait->daemon->engine.sync);
	for (size_t i = 0; i < request->count; i++) {
		if (!is_settled(wait, request->ids[wait->next]))
			return false;
		wait->next = (wait->next + 1) % request->count;
	}
	return true;
}

/* answers */

static void add_error(const struct daemon *daemon, const struct sync_view *view, struct text *out)
{
	struct text error = {0};

	if (view->shown == SYNC_PAUSED)
		text_add(&error, "paused");
	else if (sync_shown_is_drift(view->shown))
		report_add_drift(view->shown == SYNC_GONE, view->drift, &error);
	else if (view->error_text != NULL)
		text_add(&error, view->error_text);
	else if (view->shown == SYNC_DUE)
		add_hold(daemon->engine.sync, now_ms(daemon), &error);
	json_out_string(out, "error", error.bytes);
	text_clear(&error);
}

static struct control_status_context context_of(const struct daemon *daemon)
{
	return (struct control_status_context){.now_ms = now_ms(daemon),
	                                       .unix_s = (int64_t)time(NULL)};
}

static void add_outcome(const struct sync_view *view, void *data, struct text *out)
{
	const struct daemon *daemon = data;
	struct control_status_context context = context_of(daemon);

	json_out_open_object(out, NULL);
	json_out_int(out, "id", view->id);
	json_out_string(out, "name",
	                view->integration != NULL ? view->integration->value.name : NULL);
	json_out_string(out, "state", sync_shown_name(view->shown));
	json_out_bool(out, "accepted", is_accepted(view->shown));
	json_out_int(out, "attempts", view->attempts);
	add_error(daemon, view, out);
	control_status_add_next(view, &context, out);
	json_out_close_object(out);
}

static void add_unknown(int64_t id, struct text *out)
{
	json_out_open_object(out, NULL);
	json_out_int(out, "id", id);
	json_out_string(out, "state", "unknown");
	json_out_bool(out, "accepted", false);
	json_out_string(out, "error", "not in the configuration");
	json_out_close_object(out);
}

static void add_unsettled(const struct sync_view *view, void *data, struct text *out)
{
	if (view->shown != SYNC_IN_SYNC && view->shown != SYNC_PAUSED)
		add_outcome(view, data, out);
}

/* Whether the files as they are now are not what is in force. */
static bool is_rejected(const struct daemon *daemon)
{
	return daemon->is_refused || daemon->unread != NULL;
}

static void start_answer(struct text *answer, const char *result)
{
	json_out_open_object(answer, NULL);
	json_out_string(answer, "result", result);
}

static void answer_integrations(struct daemon_wait *wait, const char *result)
{
	struct answer_stream_options options = {
		.sync = wait->daemon->engine.sync,
		.request = &wait->request,
		.add = wait->request.ids != NULL ? add_outcome : add_unsettled,
		.add_unknown = add_unknown,
		.data = wait->daemon,
	};
	struct control_status_context context = context_of(wait->daemon);

	start_answer(&options.head, result);
	control_status_add_gate(sync_gate(options.sync), &context, &options.head);
	json_out_open_array(&options.head, "integrations");
	answer_stream_start(wait->client, &options);
}

static void answer_load(struct daemon_wait *wait)
{
	const struct daemon *daemon = wait->daemon;
	struct text answer = {0};

	if (daemon->unread != NULL) {
		start_answer(&answer, "unread");
		json_out_string(&answer, "error", daemon->unread);
	} else {
		start_answer(&answer, daemon->is_refused ? "refused" : "in-force");
	}
	if (is_rejected(daemon))
		control_status_add_faults(daemon->unread == NULL ? &daemon->faults : NULL,
		                          control_is_trusted(wait->client), &answer);
	json_out_close_object(&answer);
	control_answer(wait->client, &answer);
}

/* the list */

static void free_wait(struct daemon_wait *wait)
{
	LIST_REMOVE(wait, link);
	control_request_clear(&wait->request);
	free(wait);
}

static void on_gone(void *data)
{
	free_wait(data);
}

/* Answer what has an answer by now, and free it; false if it has none. */
static bool judge(struct daemon *daemon, struct daemon_wait *wait)
{
	bool is_late = now_ms(daemon) >= wait->deadline_ms;

	if (wait->answer != NULL) {
		if (!is_late && daemon_waits_for_files(daemon))
			return false;
		wait->answer(daemon, wait->client, &wait->request);
	} else if (wait->load == 0 && go_on(wait)) {
		answer_integrations(wait, wait->request.kind == CONTROL_PUSH ? "done" : "settled");
	} else if (is_late) {
		answer_integrations(wait, "timeout");
	} else {
		return false;
	}
	free_wait(wait);
	return true;
}

static void judge_all(struct daemon *daemon);

static void on_deadline(uv_timer_t *timer)
{
	judge_all(timer->data);
}

static void judge_all(struct daemon *daemon)
{
	int64_t nearest_ms = INT64_MAX;
	struct daemon_wait *next;

	for (struct daemon_wait *wait = LIST_FIRST(&daemon->waits.all); wait != NULL; wait = next) {
		next = LIST_NEXT(wait, link);
		if (!judge(daemon, wait) && wait->deadline_ms < nearest_ms)
			nearest_ms = wait->deadline_ms;
	}
	if (nearest_ms == INT64_MAX)
		(void)uv_timer_stop(&daemon->waits.timer);
	else
		(void)uv_timer_start(
			&daemon->waits.timer, on_deadline,
			(uint64_t)(nearest_ms > now_ms(daemon) ? nearest_ms - now_ms(daemon) : 0),
			0);
}

/* A paused one is not sent, whoever asks. */
static void push(struct daemon *daemon, const struct control_request *request)
{
	for (size_t i = 0; i < request->count; i++) {
		struct sync_event event = {.kind = SYNC_PUSHED, .pushed_id = request->ids[i]};

		engine_step(&daemon->engine, &event);
	}
}

static struct daemon_wait *new_wait(struct daemon *daemon, struct control_client *client,
                                    struct control_request *request)
{
	struct daemon_wait *wait = mem_new(struct daemon_wait);

	wait->daemon = daemon;
	wait->client = client;
	wait->request = *request;
	wait->deadline_ms = INT64_MAX;
	*request = (struct control_request){0};
	control_wait(client, on_gone, wait);
	return wait;
}

/* It may be answered, and freed, right away. */
static void put_in_list(struct daemon_wait *wait)
{
	struct daemon *daemon = wait->daemon;

	LIST_INSERT_HEAD(&daemon->waits.all, wait, link);
	judge_all(daemon);
}

/* What is pushed is no wait yet: after the first of several it would be seen as answered. */
void daemon_waits_add(struct daemon *daemon, struct control_client *client,
                      struct control_request *request)
{
	struct daemon_wait *wait = new_wait(daemon, client, request);

	if (wait->request.kind == CONTROL_WAIT)
		wait->deadline_ms = now_ms(daemon) + wait->request.timeout_ms;
	if (wait->request.kind == CONTROL_PUSH)
		push(daemon, &wait->request);
	else
		wait->load = loader_start(&daemon->loader, wait->request.kind == CONTROL_RELOAD);
	put_in_list(wait);
}

bool daemon_waits_for_files(const struct daemon *daemon)
{
	return loader_is_loading(&daemon->loader) || watch_is_pending(daemon->watch);
}

void daemon_waits_hold(struct daemon *daemon, struct control_client *client,
                       struct control_request *request, daemon_waits_answer_fn *answer)
{
	struct daemon_wait *wait = new_wait(daemon, client, request);

	wait->answer = answer;
	wait->deadline_ms = now_ms(daemon) + DAEMON_WAITS_HOLD_MS;
	put_in_list(wait);
}

void daemon_waits_loaded(struct daemon *daemon, uint64_t number)
{
	struct daemon_wait *next;

	for (struct daemon_wait *wait = LIST_FIRST(&daemon->waits.all); wait != NULL; wait = next) {
		next = LIST_NEXT(wait, link);
		if (wait->load == 0 || wait->load > number)
			continue;
		wait->load = 0;
		if (wait->request.kind == CONTROL_WAIT && !is_rejected(daemon))
			continue;
		answer_load(wait);
		free_wait(wait);
	}
	judge_all(daemon);
}

void daemon_waits_stepped(struct daemon *daemon)
{
	if (!LIST_EMPTY(&daemon->waits.all))
		judge_all(daemon);
}

void daemon_waits_open(struct daemon *daemon)
{
	LIST_INIT(&daemon->waits.all);
	(void)uv_timer_init(&daemon->loop, &daemon->waits.timer);
	daemon->waits.timer.data = daemon;
}

void daemon_waits_close(struct daemon *daemon)
{
	struct daemon_wait *wait;

	while ((wait = LIST_FIRST(&daemon->waits.all)) != NULL) {
		control_reject(wait->client, "the daemon is stopping", EX_TEMPFAIL);
		free_wait(wait);
	}
	uv_close((uv_handle_t *)&daemon->waits.timer, NULL);
}
