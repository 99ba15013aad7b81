/* SPDX-License-Identifier: MIT */
/* One history: events in the order of their times, until the operator rests and all is calm; then
 * the last word is compared, and a day is spent in which nothing may happen (judge.c). */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define HOUR_MS        INT64_C(3600000)
#define ROUNDS         6
#define CALM_MS        (3 * HOUR_MS)
#define STEPS_MAX      200000
#define REFUSED_MAX_MS INT64_C(3600000)
#define CRASH_PERCENT  2
#define GRACE_MS       5000
#define TRIAL_MS       GATE_TRIAL_MS

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Whether the state on disk says this of an integration. */
static bool says(const struct sim *sim, int64_t id, const char *what)
{
	char *line = mem_printf("{\"id\":%" PRId64 ",", id);
	const char *at = sim->disk != NULL ? strstr(sim->disk, line) : NULL;
	const char *end = at != NULL ? strchr(at, '\n') : NULL;
	const char *found = at != NULL ? strstr(at, what) : NULL;

	free(line);
	return found != NULL && (end == NULL || found < end);
}

bool sim_is_marked(const struct sim *sim, int64_t id)
{
	return says(sim, id, "\"intended\":true");
}

void sim_say(const struct sim *sim, const char *what, int64_t id, const char *more)
{
	if (sim->verbose) {
		(void)fprintf(stderr, "%10.3f %-12s %" PRId64 " %s\n", (double)sim->now / 1000,
		              what, id, more != NULL ? more : "");
	}
}

/* A crash, and the next start */

void sim_start(struct sim *sim)
{
	struct state state = {0};
	struct fault fault = {0};

	struct spec *spec = sim_spec(sim);

	if (sim->disk != NULL && !state_decode(&state, sim->disk, strlen(sim->disk), &fault)) {
		sim_fail(sim, "a state that was written cannot be read", 0);
		fault_clear(&fault);
	}
	sim->starts++;
	sim->asks_in_vain = 0;
	sim->may_have_ended = false;
	sim->answers = 0;
	sim->asks = spec->count > 0 && (state.url == NULL || strcmp(state.url, spec->api.url) != 0);
	sim->sync = sync_new(&state, sim->random);
	sim_step(sim, (struct sync_event){.kind = SYNC_CONFIGURED, .spec = spec});
}

static void keep_doubts(struct sim *sim, bool written)
{
	for (int i = 0; i < SIM_REQUESTS; i++) {
		struct sim_request *request = &sim->requests[i];

		if (written)
			request->doubt_on_disk = request->doubt_on_disk || request->doubt_in_write;
		request->doubt_in_write = !written && !request->waiting;
	}
}

/* What was being written is renamed into place. */
static void keep_disk(struct sim *sim)
{
	free(sim->disk);
	sim->disk = mem_dup_bytes(sim->saving.bytes, sim->saving.length);
	keep_doubts(sim, true);
}

/* What no run takes along to the next. */
static void end_run(struct sim *sim)
{
	sim->saving_until = INT64_MAX;
	sim->unencoded = false;
	sim->look.answer_at = INT64_MAX;
	text_clear(&sim->saving);
	sim_lose_requests(sim);
	sim_resume(sim);
	for (int id = 1; id <= SIM_IDS; id++) {
		struct sim_integration *integration = &sim->integrations[id];

		/* An outcome that was unknown is confirmed by the next run. */
		integration->excuses += says(sim, id, "\"uncertain\":true");
		integration->refused_until = 0;
		integration->refusals_told = integration->refusals;
		integration->drift_told = false;
		integration->failed = false;
		integration->pushed = false;
		integration->adopts = false;
		/* An outcome of then may still arrive, so it is sent. */
		integration->sent_early = sim_is_marked(sim, id);
	}
	sim->now += 1 + sim_draw(sim, 5000);
	sim_apply_due(sim);
}

void sim_crash(struct sim *sim)
{
	sim_say(sim, "crash", 0, NULL);
	sync_free(sim->sync);
	sim->sync = NULL;
	if (sim->saving_until != INT64_MAX && !sim->unencoded && !sim->saving_fails &&
	    sim_chance(sim, 50))
		keep_disk(sim);
	for (int id = 1; id <= SIM_IDS; id++)
		sim->integrations[id].crashed = true;
	end_run(sim);
}

/* The daemon is to stop: what is in flight gets some seconds, and the state is written. */
void sim_stop(struct sim *sim)
{
	bool was_calm = sim->calm;

	sim_say(sim, "stop", 0, NULL);
	sim->calm = true;
	sim->stopping = true;
	sim_step(sim, (struct sync_event){.kind = SYNC_STOPPED});
	sim_run_until(sim, sim->now + GRACE_MS);
	sim->stopping = false;
	sim->calm = was_calm;
	for (int i = 0; i < SIM_REQUESTS; i++) {
		if (sim->requests[i].waiting)
			sim->integrations[sim->requests[i].id].crashed = true;
	}
	text_clear(&sim->saving);
	sync_encode(sim->sync, true, &sim->saving);
	state_encode_end(&sim->saving);
	keep_doubts(sim, false);
	keep_disk(sim);
	sync_free(sim->sync);
	sim->sync = NULL;
	end_run(sim);
}

/* Actions */

/* What the write holds: the daemon puts it together when it comes to it. */
static void encode(struct sim *sim)
{
	sim->unencoded = false;
	text_clear(&sim->saving);
	sync_encode(sim->sync, false, &sim->saving);
	state_encode_end(&sim->saving);
	keep_doubts(sim, false);
}

static void save(struct sim *sim, const struct sync_action *action)
{
	if (sim->saving_until != INT64_MAX)
		sim_fail(sim, "two writes at once", 0);
	sim->saving_number = action->save;
	sim->saving_until = sim->now + 1 + sim_draw(sim, 30);
	sim->saving_fails = !sim->calm && sim_chance(sim, 3);
	sim->unencoded = sim_chance(sim, 50);
	if (!sim->unencoded)
		encode(sim);
}

static void take_told(struct sim *sim, const struct sync_action *action)
{
	struct sim_integration *integration = &sim->integrations[action->id];

	if (action->kind == SYNC_REPORT_REJECTED) {
		integration->refusals_told = integration->refusals;
		integration->refused_until =
			action->failed.retry_ms > 0 ? sim->now + action->failed.retry_ms : 0;
		if (action->failed.retry_ms > REFUSED_MAX_MS)
			sim_fail(sim, "I5: a refusal waits longer than its window", action->id);
	}
	if (action->kind == SYNC_REPORT_DRIFT || action->kind == SYNC_REPORT_REPAIRED) {
		sim_say(sim, action->drift.gone ? "gone" : "drift", action->id,
		        action->drift.remote);
		sim_take_drift(sim, action);
	}
	if (action->kind == SYNC_REPORT_ADOPTED && action->adopted.count == 0) {
		sim_say(sim, "adopted", action->id, NULL);
		sim_take_adopted(sim, action);
	}
	if (action->kind == SYNC_REPORT_RUNAWAY)
		sim_fail(sim, "runaway", action->id);
}

static bool carry_out(struct sim *sim, const struct sync_action *action)
{
	if (action->kind == SYNC_SEND) {
		sim_say(sim, "send", action->id, action->integration->value.indexing_cron);
		sim_receive(sim, action);
	} else if (action->kind == SYNC_SAVE) {
		save(sim, action);
	} else if (action->kind == SYNC_LIST) {
		sim_say(sim, "look", 0, NULL);
		sim_look(sim, action);
	} else {
		take_told(sim, action);
	}
	return sim->calm || sim->mark_refused || !sim_chance(sim, CRASH_PERCENT);
}

void sim_step(struct sim *sim, struct sync_event event)
{
	const struct sync_action *actions;
	size_t count = 0;

	event.now_ms = sim->now;
	event.unix_s = sim->now / 1000;
	actions = sync_step(sim->sync, &event, &count);
	for (size_t i = 0; i < count && sim->failure == NULL; i++) {
		if (!carry_out(sim, &actions[i])) {
			sim_crash(sim);
			sim_start(sim);
			return;
		}
	}
}

/* Events */

/* A repeated PUT uses up its reason: the crash, or one of the others. */
static void excuse(struct sim_integration *integration)
{
	if (integration->crashed)
		integration->crashed = false;
	else if (integration->excuses > 0)
		integration->excuses--;
}

static void note_answer(struct sim *sim, const struct sim_request *request,
                        const struct verdict *verdict)
{
	struct sim_integration *integration = &sim->integrations[request->id];

	if (request->server != sim->server)
		return;
	if (verdict->kind == VERDICT_ACCEPTED) {
		if (integration->acked && is_same(request->cron, integration->acked_cron))
			excuse(integration);
		integration->acked = integration->managed;
		integration->pushed = integration->pushed && !integration->push_sent;
		integration->accepted_token = request->token;
		integration->drift_told = false;
		free(integration->acked_cron);
		integration->acked_cron = mem_dup(request->cron);
	}
	/* What was accepted is sent again if it may be overwritten, and confirmed if it may be
	 * later. */
	integration->excuses += (unsigned)verdict->maybe_done + verdict->uncertain;
	integration->refusals += verdict->kind == VERDICT_REJECTED && integration->managed;
	if (sim->trial_id == request->id) {
		sim->trial_id = 0;
		sim->trial_at = sim->trial_at != 0 ? sim->now + TRIAL_MS : 0;
		if (verdict->kind == VERDICT_ACCEPTED || verdict->kind == VERDICT_REJECTED)
			sim_resume(sim);
	}
	sim_pause(sim, request->id, verdict, request->retry_after_ms);
}

static void answer(struct sim *sim, struct sim_request *request)
{
	struct sync_event event = {
		.kind = SYNC_ANSWERED,
		.answer = {.id = request->id,
	                   .generation = request->generation,
	                   .verdict = verdict_of(request->transfer, request->status),
	                   .retry_after_ms = request->retry_after_ms}};
	struct sim_integration *integration = &sim->integrations[request->id];
	bool managed = integration->managed;

	request->waiting = false;
	integration->failed = event.answer.verdict.kind != VERDICT_ACCEPTED;
	sim->answers += !event.answer.verdict.unanswered && !event.answer.verdict.host_wide;
	event.answer.error_text = event.answer.verdict.kind == VERDICT_ACCEPTED ? NULL : "words";
	sim_say(sim, verdict_name(event.answer.verdict.kind), request->id, request->cron);
	note_answer(sim, request, &event.answer.verdict);
	sim_step(sim, event);
	if (managed && integration->refusals_told != integration->refusals)
		sim_fail(sim, "I5: a rejection was not reported", request->id);
}

static void end_save(struct sim *sim)
{
	bool saved = !sim->saving_fails;

	if (sim->unencoded)
		encode(sim);
	if (saved)
		keep_disk(sim);
	sim->mark_refused = !saved;
	sim->saving_until = INT64_MAX;
	sim_step(sim, (struct sync_event){.kind = SYNC_SAVED, .save = {sim->saving_number, saved}});
}

static void end_look(struct sim *sim)
{
	bool asked = sim->asks;

	struct sync_event event = sim_end_look(sim);
	bool is_listed = event.list.remotes != NULL;
	unsigned starts = sim->starts;

	sim_step(sim, event);
	if (!asked || sim->asks || sim->starts != starts)
		return;
	if (is_listed) {
		sim_check_adopted(sim);
	} else if (sync_gate(sim->sync)->state != GATE_OPEN) {
		/* Behind a closed gate no answer is the last one. */
		sim->asks = true;
		sim->may_have_ended = true;
	}
}

static struct sim_request *next_answer(struct sim *sim)
{
	struct sim_request *next = NULL;

	for (int i = 0; i < SIM_REQUESTS; i++) {
		struct sim_request *request = &sim->requests[i];

		if (request->waiting && (next == NULL || request->answer_at < next->answer_at))
			next = request;
	}
	return next;
}

/* Let the next thing happen that is due by `until`; false if nothing is. */
static bool happen(struct sim *sim, int64_t until)
{
	struct sim_request *request = next_answer(sim);
	int64_t answer_at = request != NULL ? request->answer_at : INT64_MAX;
	int64_t deadline = sync_deadline(sim->sync);
	int64_t next =
		sooner(sooner(answer_at, deadline), sooner(sim->saving_until, sim->look.answer_at));

	if (next > until) {
		sim->now = until > sim->now ? until : sim->now;
		sim_apply_due(sim);
		return false;
	}
	sim->now = next > sim->now ? next : sim->now;
	sim_apply_due(sim);
	if (sim->saving_until <= sim->now)
		end_save(sim);
	else if (sim->look.answer_at <= sim->now)
		end_look(sim);
	else if (answer_at <= sim->now)
		answer(sim, request);
	else
		sim_step(sim, (struct sync_event){.kind = SYNC_TICKED});
	return true;
}

void sim_run_until(struct sim *sim, int64_t until)
{
	unsigned steps = 0;

	while (sim->failure == NULL && happen(sim, until)) {
		if (++steps > STEPS_MAX)
			sim_fail(sim, "it never rests", 0);
	}
}

/* Mostly seconds, as an operator edits; sometimes long enough for every time-out to end. */
static int64_t draw_gap(struct sim *sim)
{
	static const unsigned gaps[] = {50, 50, 500, 50, 2000, 2000, 45000, 45000, 600000};
	const unsigned *first = gaps + (sim->fidgets ? 0 : 3);

	return sim_draw(sim, first[sim_draw(sim, 6)]);
}

static void be_cruel(struct sim *sim)
{
	unsigned acts = 3 + sim_draw(sim, 10);

	sim->calm = false;
	sim->mode = sim_chance(sim, 60) ? SIM_FLAKY : (enum sim_mode)sim_draw(sim, SIM_MODES);
	for (unsigned i = 0; i < acts && sim->failure == NULL; i++) {
		sim_run_until(sim, sim->now + draw_gap(sim));
		if (sim->failure == NULL)
			sim_act(sim);
	}
	sim_run_until(sim, sim->now + draw_gap(sim));
}

/* From here on nothing goes wrong any more: what was promised must come true. */
static void be_calm(struct sim *sim)
{
	sim->mode = SIM_HEALTHY;
	sim->calm = true;
	sim_undo_meddling(sim);
	if (sim_chance(sim, 30))
		sim_release(sim);
	sim_run_until(sim, sim->now + CALM_MS);
	if (sim->failure == NULL)
		sim_judge_end(sim);
}

static void live(struct sim *sim)
{
	sim->mode = SIM_FLAKY;
	sim_start(sim);
	for (int i = 0; i < ROUNDS && sim->failure == NULL; i++) {
		be_cruel(sim);
		be_calm(sim);
	}
	if (sim->failure == NULL)
		sim_judge_calm(sim);
}

bool sim_play(struct sim *sim, uint64_t seed, bool verbose)
{
	*sim = (struct sim){.seed = seed,
	                    .random = seed,
	                    .now = 1000,
	                    .saving_until = INT64_MAX,
	                    .look = {.answer_at = INT64_MAX},
	                    .repairs = seed % 2 == 0,
	                    .fidgets = seed % 4 >= 2,
	                    .rearranges = seed % 8 >= 5,
	                    .verbose = verbose};
	for (int i = 0; i < SIM_REQUESTS; i++) {
		sim->requests[i].apply_at = INT64_MAX;
		sim->requests[i].apply_again_at = INT64_MAX;
	}
	for (int id = 1; id <= SIM_IDS; id++) {
		sim->integrations[id].managed = id % 3 != 0;
		sim->integrations[id].wanted = mem_printf("v%u", ++sim->values);
	}
	if (seed % 3 == 0)
		sim_fill(sim);
	live(sim);
	return sim->failure == NULL;
}
