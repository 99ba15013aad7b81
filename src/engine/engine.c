/* SPDX-License-Identifier: MIT */
/* One event in, and what follows from it: the reconciler decides, and each of its actions becomes a
 * call here. A PUT's answer comes back as the next event; so does the end of a write, and the
 * moment that the reconciler asked to be woken at.
 *
 * A request under way names its integration by value, so that a reload cannot free what it is
 * about. What is cancelled at the end is no answer: its intent stays in the state, and the next run
 * sends it again. */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>

#include "api/wire.h"
#include "base/mem.h"
#include "engine/report.h"
#include "engine/state_file.h"
#include "log/log.h"
#include "os/store.h"
#include "sync/sync_query.h"

#define STUCK_EXTRA_MS 10000 /* beyond its time-out a request must have been answered */
#define STUCK_SAVE_MS  30000 /* a write of the state must have ended */

struct flight {
	struct engine *engine;
	int64_t id;
	uint64_t generation;
};

static void step(struct engine *engine, struct sync_event *event, const struct answer *answer);

static void on_answer(const struct http_answer *http, void *data)
{
	struct flight *flight = data;
	struct engine *engine = flight->engine;
	struct answer answer = {0};
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .answer = {.id = flight->id,
	                                      .generation = flight->generation,
	                                      .retry_after_ms = http->retry_after_ms}};

	free(flight);
	if (http->cancelled)
		return;
	answer_read(&answer, http, engine->redactor);
	answer_read_update(&answer, http, engine->tokener, engine->redactor);
	event.answer.verdict = answer.verdict;
	event.answer.status = answer.status;
	event.answer.curl_code = answer.curl_code;
	event.answer.error_text = answer.error_text;
	event.answer.known = answer.known;
	event.answer.cron = answer.cron;
	if (answer.details.count > 0)
		event.answer.about = answer.details.items[0].about;
	if (engine->answered != NULL)
		engine->answered(&answer, engine->data);
	step(engine, &event, &answer);
	answer_clear(&answer);
}

/* What is cancelled at the end is no news. */
static void on_list(const struct sync_list *result, bool is_cancelled, void *data)
{
	struct engine *engine = data;
	struct sync_event event = {.kind = SYNC_LISTED, .list = *result};

	if (!is_cancelled && !engine->closing)
		engine_step(engine, &event);
}

/* Of the list nothing is kept but what is managed. */
static void ask_for_list(struct engine *engine)
{
	const struct spec *spec = sync_spec(engine->sync);
	int64_t *ids = mem_alloc(spec->count, sizeof(*ids));

	for (size_t i = 0; i < spec->count; i++)
		ids[i] = spec->integrations[i].id;
	engine->list.rate_limit = spec->api.rate_limit;
	remote_list_start(&engine->list, ids, spec->count);
}

static void send_put(struct engine *engine, const struct sync_action *action)
{
	struct flight *flight = mem_new(struct flight);
	struct text body = {0};
	char path[WIRE_PATH_MAX];
	struct http_request request = {.method = HTTP_PUT,
	                               .path = wire_path_update(action->id, path)};

	flight->engine = engine;
	flight->id = action->id;
	flight->generation = action->generation;
	wire_put_body(action->integration, &body);
	request.body_length = body.length;
	request.body = text_take(&body);
	http_send(engine->http, &request, on_answer, flight);
}

static void on_saved(uint64_t number, bool is_saved, void *data)
{
	struct sync_event event = {.kind = SYNC_SAVED,
	                           .save = {.number = number, .saved = is_saved}};

	engine_step(data, &event);
}

static void carry_out(struct engine *engine, const struct sync_action *action,
                      const struct answer *answer)
{
	if (action->kind == SYNC_SEND)
		send_put(engine, action);
	else if (action->kind == SYNC_SAVE)
		state_file_start(&engine->file, action->save);
	else if (action->kind == SYNC_LIST)
		ask_for_list(engine);
	report_action(action, answer, engine->is_brief);
	if (engine->acted != NULL)
		engine->acted(action, answer, engine->data);
}

static void on_tick(uv_timer_t *timer)
{
	struct sync_event event = {.kind = SYNC_TICKED};

	engine_step(timer->data, &event);
}

static void arm_tick(struct engine *engine)
{
	int64_t deadline = sync_deadline(engine->sync);
	int64_t now = (int64_t)uv_now(engine->loop);

	if (deadline == INT64_MAX) {
		(void)uv_timer_stop(&engine->tick);
	} else {
		/* With 0 libuv would call again before it looks for anything else. */
		(void)uv_timer_start(&engine->tick, on_tick,
		                     deadline > now ? (uint64_t)(deadline - now) : 1, 0);
	}
}

static void step(struct engine *engine, struct sync_event *event, const struct answer *answer)
{
	const struct sync_action *actions;
	size_t count = 0;

	event->now_ms = (int64_t)uv_now(engine->loop);
	event->unix_s = (int64_t)time(NULL);
	actions = sync_step(engine->sync, event, &count);
	for (size_t i = 0; i < count; i++)
		carry_out(engine, &actions[i], actions[i].by_answer ? answer : NULL);
	if (!engine->closing)
		arm_tick(engine);
	if (engine->stepped != NULL)
		engine->stepped(engine->data);
}

void engine_step(struct engine *engine, struct sync_event *event)
{
	step(engine, event, NULL);
}

bool engine_is_stuck(const struct engine *engine)
{
	int64_t timeout_ms = sync_spec(engine->sync)->api.timeout_ms;

	return http_oldest_ms(engine->http) > timeout_ms + STUCK_EXTRA_MS ||
	       publisher_age_ms(&engine->file.publisher) > STUCK_SAVE_MS;
}

bool engine_is_asking(const struct engine *engine)
{
	return engine->list.list != NULL;
}

bool engine_is_saving(const struct engine *engine)
{
	return engine->file.publisher.is_running;
}

bool engine_load_state(struct engine *engine, struct state *state)
{
	return state_file_load(engine->state_directory, state, &engine->key,
	                       &engine->file.key_is_due);
}

static uint64_t draw_seed(void)
{
	uint64_t seed = 0;

	if (getentropy(&seed, sizeof(seed)) != 0)
		seed = uv_hrtime() ^ (uint64_t)getpid();
	return seed;
}

void engine_start_sync(struct engine *engine, struct state *state)
{
	engine->sync = sync_new(state, draw_seed());
}

void engine_save_last(struct engine *engine)
{
	state_file_write_last(&engine->file);
}

int engine_lock(struct engine *engine, const char *advice)
{
	const char *directory = engine->state_directory;
	struct fault fault = {0};
	pid_t holder = -1;
	int result = EXIT_FAILURE;

	if (store_make_directory(directory, &fault) &&
	    instance_lock_take(&engine->lock, directory, &holder, &fault)) {
		result = EXIT_SUCCESS;
	} else if (holder >= 0) {
		log_event(EVENT_NONE, LOG_ERR,
		          "already running as process %ld, which holds %s/lock%s", (long)holder,
		          directory, advice);
		result = EX_TEMPFAIL;
	} else {
		log_event(EVENT_NONE, LOG_ERR, "%s; $STATE_DIRECTORY names another directory",
		          fault.text);
	}
	fault_clear(&fault);
	return result;
}

/* An empty list after one that had some is more often a slip than a wish (SPEC §2, allow_empty). */
void engine_reject_emptied(struct specfile *specfile, const char *path, size_t had)
{
	const struct fault_place place = {.file = path};

	if (specfile->spec == NULL || specfile->spec->count > 0 || specfile->spec->allow_empty ||
	    had == 0)
		return;
	faults_add(&specfile->faults, FAULT_ERROR, place,
	           "integrations: none are left of %zu; set allow_empty = true if that is meant",
	           had);
	spec_free(specfile->spec);
	specfile->spec = NULL;
}

bool engine_open(struct engine *engine, const struct spec_api *api, struct fault *fault)
{
	engine->http = http_open(engine->loop, api, fault);
	if (engine->http == NULL)
		return false;
	engine->tokener = wire_tokener_new();
	(void)uv_timer_init(engine->loop, &engine->tick);
	engine->tick.data = engine;
	engine->list.http = engine->http;
	engine->list.redactor = &engine->redactor;
	engine->list.done = on_list;
	engine->list.data = engine;
	remote_list_init(&engine->list, engine->loop);
	engine->file.directory = engine->state_directory;
	engine->file.sync = engine->sync;
	engine->file.key = &engine->key;
	engine->file.done = on_saved;
	engine->file.data = engine;
	state_file_open(&engine->file, engine->loop);
	return true;
}

void engine_close(struct engine *engine)
{
	engine->closing = true;
	uv_close((uv_handle_t *)&engine->tick, NULL);
	state_file_close(&engine->file);
	remote_list_close(&engine->list);
	http_close(engine->http);
}

void engine_clear(struct engine *engine)
{
	sync_free(engine->sync);
	redactor_free(engine->redactor);
	wire_tokener_free(engine->tokener);
	instance_lock_release(&engine->lock);
}
