/* SPDX-License-Identifier: MIT */
/* Answers, ends of writes and deadlines in the order of their times. */
#include "play.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/moment.h"

void play_fail(struct play *play, const char *what)
{
	if (play->failure == NULL)
		play->failure = what;
}

static void count_rate(struct play *play)
{
	play->tokens += (double)(play->now - play->tokens_at) * (double)PLAY_RATE / 1000;
	play->tokens_at = play->now;
	if (play->tokens > (double)PLAY_BURST)
		play->tokens = PLAY_BURST;
	play->tokens--;
	/* One in a hundred of a token is a rounded millisecond. */
	if (play->tokens < -0.01)
		play_fail(play, "faster than the rate limit");
}

static void take_slot(struct play *play, int64_t id, uint64_t generation)
{
	struct play_slot *slot = play->slots;

	count_rate(play);
	while (slot->taken)
		slot++;
	*slot = (struct play_slot){.taken = true, .id = id, .generation = generation};
	slot->reply = play->reply(play, id);
	slot->answer_at = play->now + slot->reply.latency_ms;
}

static void carry_out(struct play *play, const struct sync_action *action)
{
	if (play->acted != NULL)
		play->acted(play, action);
	if (action->kind == SYNC_SAVE) {
		play->save = action->save;
		play->save_at = play->now + PLAY_LATENCY_MS;
	} else if (action->kind == SYNC_LIST) {
		play->lists++;
		take_slot(play, 0, 0);
	} else if (action->kind == SYNC_SEND) {
		play->sends++;
		if (++play->in_flight > PLAY_IN_FLIGHT)
			play_fail(play, "more than max_in_flight");
		take_slot(play, action->id, action->generation);
	} else if (action->kind == SYNC_REPORT_RUNAWAY) {
		play_fail(play, "a runaway");
	}
}

static void step(struct play *play, struct sync_event event)
{
	const struct sync_action *actions;
	size_t count = 0;

	event.now_ms = play->now;
	event.unix_s = play->now / 1000;
	actions = sync_step(play->sync, &event, &count);
	for (size_t i = 0; i < count; i++)
		carry_out(play, &actions[i]);
}

void play_open(struct play *play)
{
	play->sync = sync_new(NULL, 1);
	play->now = 1000;
	play->tokens = PLAY_BURST;
	play->tokens_at = play->now;
	play->save_at = INT64_MAX;
}

void play_close(struct play *play)
{
	sync_free(play->sync);
}

struct spec *play_spec(size_t count, const unsigned *versions)
{
	struct spec *spec = spec_new();

	spec->api.rate_limit = PLAY_RATE;
	spec->api.max_in_flight = PLAY_IN_FLIGHT;
	spec->api.timeout_ms = PLAY_TIMEOUT_MS;
	spec->drift.mode = SPEC_DRIFT_OFF;
	spec->integrations = mem_alloc(count, sizeof(*spec->integrations));
	spec->count = count;
	for (size_t i = 0; i < count; i++) {
		spec->integrations[i] = (struct spec_integration){
			.id = (int64_t)i + 1,
			.value.indexing_cron = mem_printf("%u 6 * * *", versions[i]),
			.token = mem_dup("token"),
			.password = mem_dup("password")};
	}
	return spec;
}

void play_configure(struct play *play, struct spec *spec)
{
	step(play, (struct sync_event){.kind = SYNC_CONFIGURED, .spec = spec});
}

void play_release(struct play *play)
{
	step(play, (struct sync_event){.kind = SYNC_RELEASED});
}

static struct play_slot *next_answer(struct play *play)
{
	struct play_slot *next = NULL;

	for (size_t i = 0; i < PLAY_SLOTS; i++) {
		struct play_slot *slot = &play->slots[i];

		if (slot->taken && (next == NULL || slot->answer_at < next->answer_at))
			next = slot;
	}
	return next;
}

static void answer_list(struct play *play, const struct play_reply *reply)
{
	struct wire_remotes none = {0};
	struct sync_event event = {.kind = SYNC_LISTED};

	event.list.verdict = verdict_of(reply->transfer, reply->status);
	event.list.retry_after_ms = reply->retry_after_ms;
	if (event.list.verdict.kind == VERDICT_ACCEPTED)
		event.list.remotes = &none;
	else
		event.list.error_text = "no list";
	step(play, event);
}

static void answer(struct play *play, struct play_slot *slot)
{
	const struct play_reply *reply = &slot->reply;
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .answer = {.id = slot->id, .generation = slot->generation}};

	slot->taken = false;
	if (slot->id == 0) {
		answer_list(play, reply);
		return;
	}
	play->in_flight--;
	event.answer.verdict = verdict_of(reply->transfer, reply->status);
	event.answer.retry_after_ms = reply->retry_after_ms;
	if (event.answer.verdict.kind != VERDICT_ACCEPTED)
		event.answer.error_text = "no";
	step(play, event);
}

static void end_save(struct play *play)
{
	struct sync_event event = {.kind = SYNC_SAVED,
	                           .save = {.number = play->save, .saved = true}};

	play->save_at = INT64_MAX;
	step(play, event);
}

void play_until(struct play *play, int64_t until)
{
	for (;;) {
		struct play_slot *slot = next_answer(play);
		int64_t answer_at = slot != NULL ? slot->answer_at : INT64_MAX;
		int64_t next = moment_sooner(moment_sooner(answer_at, play->save_at),
		                             sync_deadline(play->sync));

		if (next > until)
			break;
		play->now = moment_later(next, play->now);
		if (play->save_at <= play->now)
			end_save(play);
		else if (answer_at <= play->now)
			answer(play, slot);
		else
			step(play, (struct sync_event){.kind = SYNC_TICKED});
	}
	play->now = until;
}
