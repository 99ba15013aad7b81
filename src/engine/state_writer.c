/* SPDX-License-Identifier: MIT */
/* The state file: read once at the start, written in the thread pool whenever the reconciler asks,
 * and once more when the loop has ended.
 *
 * With 100,000 integrations the text takes 15 ms, and so does taking in the schedules that it is
 * about: one after the other would be one long pause, so the text waits for the next turn.
 *
 * A file that cannot be understood is set aside, never overwritten, and everything is sent again.
 * A write that fails is told once; the work goes on, and the reconciler tries again later. */
#include "engine/engine_internal.h"

#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/digest_key.h"
#include "log/log.h"
#include "os/store.h"
#include "sync/sync_query.h"

#define STATE_NAME "state.json"

static void tell(enum event event, int level, char *message)
{
	log_write(&(const struct log_record){.event = event, .level = level, .message = message});
	free(message);
}

static bool set_aside(const struct engine *engine, const struct fault *why)
{
	const char *directory = engine->state_directory;
	struct fault fault = {.text = NULL};
	char *aside = NULL;

	if (!store_set_aside(directory, STATE_NAME, &aside, &fault)) {
		tell(EVENT_STATE_CORRUPT, 0,
		     mem_printf("%s/%s cannot be used (%s), nor set aside: %s", directory,
		                STATE_NAME, why->text, fault.text));
		fault_clear(&fault);
		return false;
	}
	tell(EVENT_STATE_CORRUPT, 0,
	     mem_printf("%s/%s cannot be used: %s; kept as %s, and everything is sent again",
	                directory, STATE_NAME, why->text, aside));
	free(aside);
	return true;
}

/* Which credentials were accepted cannot be told any more: they count as those of now. */
static void forget_credentials(const struct engine *engine, struct state *state)
{
	for (size_t i = 0; i < state->count; i++)
		state->entries[i].credentials = 0;
	tell(EVENT_STATE_CORRUPT, LOG_WARNING,
	     mem_printf("%s/" DIGEST_KEY_NAME " is lost, or another one: credentials that changed "
	                "while nothing ran are not noticed this once",
	                engine->state_directory));
}

static void load_key(struct engine *engine, struct state *state)
{
	struct fault fault = {.text = NULL};
	uint64_t id;

	if (digest_key_read(engine->state_directory, &engine->key, &fault) != STORE_READ &&
	    !digest_key_make(engine->state_directory, &engine->key, &fault)) {
		tell(EVENT_STATE_CORRUPT, LOG_WARNING,
		     mem_printf(
			     "%s; credentials that change while nothing runs will not be noticed",
			     fault.text));
	}
	fault_clear(&fault);
	id = credentials_key_id(&engine->key);
	if (state->key_id != 0 && state->key_id != id)
		forget_credentials(engine, state);
	state->key_id = id;
}

static bool load_file(const struct engine *engine, struct state *state)
{
	struct fault fault = {.text = NULL};
	struct text text = {.length = 0};
	enum store_result result =
		store_read(engine->state_directory, STATE_NAME, STATE_MAX, &text, &fault);
	bool usable = result != STORE_FAILED;

	if (result == STORE_FAILED)
		tell(EVENT_STATE_CORRUPT, 0, mem_printf("%s; repair or remove it", fault.text));
	else if (result == STORE_UNFIT ||
	         (result == STORE_READ &&
	          !state_decode(state, text.bytes != NULL ? text.bytes : "", text.length, &fault)))
		usable = set_aside(engine, &fault);
	fault_clear(&fault);
	text_clear(&text);
	return usable;
}

/* What was not understood leaves `state` empty. */
bool engine_load_state(struct engine *engine, struct state *state)
{
	if (!load_file(engine, state))
		return false;
	load_key(engine, state);
	return true;
}

static uint64_t draw_seed(void)
{
	uint64_t seed = 0;

	if (getentropy(&seed, sizeof(seed)) != 0)
		seed = (uint64_t)uv_hrtime() ^ (uint64_t)getpid();
	return seed;
}

void engine_start_sync(struct engine *engine, struct state *state)
{
	engine->sync = sync_new(state, draw_seed());
}

static bool write_state(const struct engine *engine, struct text *text, struct fault *fault)
{
	state_encode_end(text);
	return store_replace(engine->state_directory, STATE_NAME, text->bytes, text->length,
	                     STORE_KEPT, fault);
}

static void tell_result(struct state_writer *save)
{
	if (!save->ok && !save->failing) {
		tell(EVENT_STATE_WRITE_FAILED, 0,
		     mem_printf(
			     "%s; the old state stays, schedules are still sent, tried again later",
			     save->fault.text));
	}
	if (save->ok && save->failing) {
		tell(EVENT_STATE_WRITE_FAILED, LOG_NOTICE,
		     mem_printf("the state is written again"));
	}
	save->failing = !save->ok;
	save->failures += !save->ok;
	fault_clear(&save->fault);
}

static void work_save(uv_work_t *work)
{
	struct engine *engine = work->data;

	engine->save.ok = write_state(engine, &engine->save.text, &engine->save.fault);
}

static void on_saved(uv_work_t *work, int status)
{
	struct engine *engine = work->data;
	struct state_writer *save = &engine->save;
	struct sync_event event = {.kind = SYNC_SAVED, .save = {.number = save->number}};

	save->running = false;
	save->ok = save->ok && status == 0;
	text_clear(&save->text);
	tell_result(save);
	event.save.saved = save->ok;
	engine_step(engine, &event);
}

/* What has changed since the reconciler asked is in it as well: there can only be more marks. */
static void on_soon(uv_idle_t *idle)
{
	struct engine *engine = idle->data;
	struct state_writer *save = &engine->save;

	(void)uv_idle_stop(idle);
	sync_encode(engine->sync, &save->text);
	(void)uv_queue_work(engine->loop, &save->work, work_save, on_saved);
}

void state_writer_open(struct engine *engine)
{
	(void)uv_idle_init(engine->loop, &engine->save.soon);
	engine->save.soon.data = engine;
	engine->save.work.data = engine;
}

void state_writer_start(struct engine *engine, uint64_t number)
{
	struct state_writer *save = &engine->save;

	if (engine->closing)
		return; /* engine_save_last() is still to come */
	save->number = number;
	save->started_ms = uv_now(engine->loop);
	save->running = true;
	save->ok = false;
	(void)uv_idle_start(&save->soon, on_soon);
}

/* The loop has ended: nothing is left that waiting could hold up. What was never sent, or refused,
 * leaves no mark: if it is taken back before the next start, there is nothing to do. */
void engine_save_last(struct engine *engine)
{
	struct state_writer *save = &engine->save;

	sync_encode_last(engine->sync, &save->text);
	save->ok = write_state(engine, &save->text, &save->fault);
	tell_result(save);
	text_clear(&save->text);
}
