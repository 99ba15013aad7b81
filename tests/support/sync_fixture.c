/* SPDX-License-Identifier: MIT */
/* The fixture keeps the generation of what it saw sent in the reconciler itself: an answer is
 * always to the newest SEND of its id. */
#include "support/sync_fixture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sync/state.h"

struct spec *fixture_spec(const struct fixture_integration *integrations)
{
	struct spec *spec = spec_new();
	size_t count = 0;

	while (integrations[count].id != 0)
		count++;
	spec->api.key = mem_dup("key");
	spec->api.rate_limit = 0;
	spec->api.max_in_flight = 4;
	spec->api.timeout_ms = 30000;
	spec->drift.mode = SPEC_DRIFT_OFF;
	spec->retry = (struct spec_retry){.first_ms = 1000,
	                                  .max_ms = 8000,
	                                  .rejected_first_ms = 30000,
	                                  .rejected_max_ms = 120000};
	spec->integrations = mem_alloc(count + 1, sizeof(*spec->integrations));
	spec->count = count;
	for (size_t i = 0; i < count; i++) {
		struct spec_integration *made = &spec->integrations[i];

		made->id = integrations[i].id;
		made->value.indexing_cron = mem_dup(integrations[i].cron);
		made->token =
			mem_dup(integrations[i].token != NULL ? integrations[i].token : "token");
		made->password = mem_dup("password");
		made->paused = integrations[i].paused;
	}
	state_digest_credentials(spec, &(const struct state_key){.bytes = {1}});
	return spec;
}

#define UNKNOWN VERDICT_TRANSFER_UNKNOWN
#define UNSENT  VERDICT_TRANSFER_NOT_SENT
#define SETUP   VERDICT_TRANSFER_SETUP

struct spec *fixture_one(const char *cron)
{
	const struct fixture_integration list[] = {{.id = 42, .cron = cron}, {.id = 0}};

	return fixture_spec(list);
}

struct spec *fixture_two(const char *a, const char *b)
{
	const struct fixture_integration list[] = {
		{.id = 1, .cron = a}, {.id = 2, .cron = b}, {.id = 0}};

	return fixture_spec(list);
}

struct spec *fixture_many(int64_t count)
{
	struct fixture_integration *list = mem_alloc((size_t)count + 1, sizeof(*list));
	struct spec *spec;

	for (int64_t i = 0; i < count; i++)
		list[i] = (struct fixture_integration){.id = i + 1, .cron = "0 * * * *"};
	spec = fixture_spec(list);
	free(list);
	return spec;
}

void fixture_step(struct fixture *fixture, struct sync_event *event)
{
	event->now_ms = fixture->now_ms;
	event->unix_s = fixture->now_ms / 1000;
	if (event->kind == SYNC_SAVED)
		fixture->saving = 0;
	if (event->kind == SYNC_LISTED)
		fixture->is_listing = false;
	fixture->actions = sync_step(fixture->sync, event, &fixture->count);
	for (size_t i = 0; i < fixture->count; i++) {
		if (fixture->actions[i].kind == SYNC_SAVE)
			fixture->saving = fixture->actions[i].save;
		if (fixture->actions[i].kind == SYNC_LIST)
			fixture->is_listing = true;
	}
}

static void step(struct fixture *fixture, struct sync_event event)
{
	fixture_step(fixture, &event);
}

void fixture_open(struct fixture *fixture, struct state *state)
{
	struct state lost = {.lost = true};

	*fixture = (struct fixture){.sync = sync_new(state != NULL ? state : &lost, FIXTURE_SEED),
	                            .now_ms = 1000000};
}

void fixture_close(struct fixture *fixture)
{
	sync_free(fixture->sync);
}

void fixture_configure(struct fixture *fixture, struct spec *spec)
{
	step(fixture, (struct sync_event){.kind = SYNC_CONFIGURED, .spec = spec});
}

void fixture_release(struct fixture *fixture)
{
	step(fixture, (struct sync_event){.kind = SYNC_RELEASED});
}

void fixture_push(struct fixture *fixture, int64_t id)
{
	step(fixture, (struct sync_event){.kind = SYNC_PUSHED, .pushed_id = id});
}

void fixture_stop(struct fixture *fixture)
{
	step(fixture, (struct sync_event){.kind = SYNC_STOPPED});
}

void fixture_save(struct fixture *fixture, uint64_t save, bool saved)
{
	step(fixture,
	     (struct sync_event){.kind = SYNC_SAVED, .save = {.number = save, .saved = saved}});
}

void fixture_end_saves(struct fixture *fixture)
{
	while (fixture->saving != 0)
		fixture_save(fixture, fixture->saving, true);
}

void fixture_answer(struct fixture *fixture, int64_t id, enum verdict_transfer transfer, int status,
                    int64_t retry_after_ms)
{
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .answer = {.id = id,
	                                      .verdict = verdict_of(transfer, status),
	                                      .retry_after_ms = retry_after_ms}};

	if (status < 200 || status >= 300)
		event.answer.error_text = "words";
	event.answer.generation = fixture_view(fixture, id).sent_generation;
	step(fixture, event);
}

static void take_list(struct fixture *fixture, const struct wire_remote *remotes,
                      const char *partial)
{
	struct wire_remotes list = {.partial = partial};

	while (remotes[list.count].id != 0)
		list.count++;
	list.items = mem_alloc(list.count + 1, sizeof(*list.items));
	for (size_t i = 0; i < list.count; i++) {
		list.items[i] = remotes[i];
		list.items[i].indexing_cron = mem_dup(remotes[i].indexing_cron);
		list.items[i].name = mem_dup(remotes[i].name);
		list.items[i].workspace = mem_dup(remotes[i].workspace);
		list.items[i].type = mem_dup(remotes[i].type);
	}
	step(fixture,
	     (struct sync_event){.kind = SYNC_LISTED,
	                         .list = {.verdict = verdict_of(VERDICT_TRANSFER_DONE, 200),
	                                  .remotes = &list}});
	assert(list.items == NULL);
}

static void fail_list(struct fixture *fixture, struct verdict verdict, int64_t retry_after_ms)
{
	step(fixture, (struct sync_event){.kind = SYNC_LISTED,
	                                  .list = {.verdict = verdict,
	                                           .retry_after_ms = retry_after_ms,
	                                           .error_text = "words"}});
}

void fixture_list(struct fixture *fixture, int status, int64_t retry_after_ms,
                  const struct wire_remote *remotes)
{
	if (remotes != NULL)
		take_list(fixture, remotes, NULL);
	else
		fail_list(fixture, verdict_of(VERDICT_TRANSFER_DONE, status), retry_after_ms);
}

void fixture_list_failed(struct fixture *fixture, enum verdict_transfer transfer, int status)
{
	fail_list(fixture, verdict_of(transfer, status), 0);
}

void fixture_list_partial(struct fixture *fixture, const struct wire_remote *remotes)
{
	take_list(fixture, remotes, "has more pages");
}

void fixture_answer_with(struct fixture *fixture, int64_t id, enum wire_known known,
                         const char *cron)
{
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .answer = {.id = id,
	                                      .verdict = verdict_of(VERDICT_TRANSFER_DONE, 200),
	                                      .known = known,
	                                      .cron = cron}};

	event.answer.generation = fixture_view(fixture, id).sent_generation;
	step(fixture, event);
}

void fixture_tick(struct fixture *fixture)
{
	step(fixture, (struct sync_event){.kind = SYNC_TICKED});
}

unsigned fixture_pass(struct fixture *fixture, int64_t ms)
{
	int64_t end = fixture->now_ms + ms;
	unsigned sends = 0;

	while (sync_deadline(fixture->sync) <= end) {
		int64_t deadline = sync_deadline(fixture->sync);

		fixture->now_ms = deadline > fixture->now_ms ? deadline : fixture->now_ms;
		fixture_tick(fixture);
		sends += fixture_count(fixture, SYNC_SEND);
	}
	fixture->now_ms = end;
	return sends;
}

void fixture_start(struct fixture *fixture, struct spec *spec)
{
	const struct sync_action *save;

	fixture_configure(fixture, spec);
	save = fixture_find(fixture, SYNC_SAVE, 0);
	if (save != NULL)
		fixture_save(fixture, save->save, true);
}

const struct sync_action *fixture_find(const struct fixture *fixture, enum sync_action_kind kind,
                                       int64_t id)
{
	for (size_t i = 0; i < fixture->count; i++) {
		if (fixture->actions[i].kind == kind && (id == 0 || fixture->actions[i].id == id))
			return &fixture->actions[i];
	}
	return NULL;
}

int64_t fixture_sent(const struct fixture *fixture)
{
	const struct sync_action *action = fixture_find(fixture, SYNC_SEND, 0);

	assert(action != NULL);
	return action->id;
}

unsigned fixture_count(const struct fixture *fixture, enum sync_action_kind kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < fixture->count; i++)
		count += fixture->actions[i].kind == kind;
	return count;
}

struct sync_view fixture_view(const struct fixture *fixture, int64_t id)
{
	struct sync_view view = {0};

	(void)sync_view_of(fixture->sync, id, &view);
	return view;
}

/* Accept whatever is sent until nothing is. */
void fixture_accept_all(struct fixture *fixture)
{
	for (;;) {
		bool any = false;

		for (size_t i = 0; i < sync_count(fixture->sync); i++) {
			struct sync_view view = sync_view_at(fixture->sync, i);

			if (view.shown == SYNC_IN_FLIGHT) {
				fixture_answer(fixture, view.id, VERDICT_TRANSFER_DONE, 200, 0);
				any = true;
			}
		}
		if (!any)
			return;
	}
}

void fixture_start_again(struct fixture *fixture, bool is_stop)
{
	struct text text = {0};
	struct state state = {0};
	struct fault fault = {0};

	sync_encode(fixture->sync, is_stop, &text);
	state_encode_end(&text);
	if (!state_decode(&state, text.bytes, text.length, &fault))
		abort();
	text_clear(&text);
	fixture_close(fixture);
	fixture_open(fixture, &state);
}

void fixture_restart(struct fixture *fixture)
{
	fixture_start_again(fixture, false);
}

struct spec *fixture_drift_spec(enum spec_drift_mode mode, const char *cron)
{
	const struct fixture_integration integrations[] = {
		{.id = 42, .cron = cron}, {.id = 43, .cron = "0 7 * * *"}, {.id = 0}};
	struct spec *spec = fixture_spec(integrations);

	spec->drift.mode = mode;
	spec->drift.interval_ms = FIXTURE_DRIFT_MS;
	return spec;
}

/* What a server holds that was changed by nobody, but for 42. */
void fixture_drift_list(struct fixture *fixture, const char *cron)
{
	const struct wire_remote remotes[] = {
		{.id = 7, .cron_known = WIRE_GIVEN, .indexing_cron = mem_dup("9 9 9 9 *")},
		{.id = 42,
	         .cron_known = cron != NULL ? WIRE_GIVEN : WIRE_NONE,
	         .indexing_cron = mem_dup(cron)},
		{.id = 43, .cron_known = WIRE_GIVEN, .indexing_cron = mem_dup("0 7 * * *")},
		{.id = 0}};

	fixture_list(fixture, 200, 0, remotes);
	for (size_t i = 0; remotes[i].id != 0; i++)
		free(remotes[i].indexing_cron);
}

/* Both accepted and saved, the first look asked for. */
/* Let `ms` pass, in which nothing is sent, and the list is asked for at the end only. */
static void pass_until_list(struct fixture *fixture, int64_t ms)
{
	unsigned sent = fixture_pass(fixture, ms - 1);

	assert(sent == 0 && fixture_find(fixture, SYNC_LIST, 0) == NULL);
	sent = fixture_pass(fixture, 1);
	assert(sent == 0 && fixture_find(fixture, SYNC_LIST, 0) != NULL);
	(void)sent;
}

void fixture_drift_start(struct fixture *fixture, enum spec_drift_mode mode)
{
	const struct sync_action *save;

	fixture_open(fixture, NULL);
	fixture_start(fixture, fixture_drift_spec(mode, "0 6 * * *"));
	fixture_answer(fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	fixture_answer(fixture, 43, VERDICT_TRANSFER_DONE, 200, 0);
	(void)fixture_pass(fixture, 2100);
	save = fixture_find(fixture, SYNC_SAVE, 0);
	assert(save != NULL);
	fixture_save(fixture, save->save, true);
	pass_until_list(fixture, FIXTURE_DRIFT_SOON_MS - 2100);
}

void fixture_drift_next(struct fixture *fixture)
{
	pass_until_list(fixture, FIXTURE_DRIFT_MS);
}
