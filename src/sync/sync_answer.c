/* SPDX-License-Identifier: MIT */
/* An answer meets the integration it is about, and the gate.
 *
 * First the gate takes it in: it counts for the host, whoever it is about. Then the integration:
 * accepted values are remembered; rejections go to the rejected queue; failures back off. An edit
 * that came meanwhile beats all of these: the newest value is due at once.
 *
 * What a gate stops is held, not failed: it goes to the end of the queue, so that the next probe
 * is another one. If that one passes, those that were held are rejected for themselves. */
#include "sync/sync_internal.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

static void remember(struct sync *sync, struct item *item, const struct sync_event *event)
{
	sync->borrowed.old_value = item->entry.value;
	item->entry.value = spec_value_copy(&sync->borrowed.answered);
	item->entry.credentials = item->flight.credentials;
	item->entry.accepted = true;
	item->entry.accepted_at = event->unix_s;
	save_changed(sync, event->now_ms);
}

static void report_accepted(struct sync *sync, const struct item *item, bool had_old)
{
	struct sync_action *action = action_add(sync, SYNC_REPORT_ACCEPTED, item);

	action->generation = item->flight.generation;
	action->accepted.value = &sync->borrowed.answered;
	action->accepted.old = had_old ? &sync->borrowed.old_value : NULL;
	action->accepted.attempt = item->failures.attempts + 1;
	action->accepted.confirming = item->uncertainty.confirming;
}

static void accept(struct sync *sync, struct item *item, const struct sync_event *event)
{
	bool had_old = item->entry.accepted;

	remember(sync, item, event);
	report_accepted(sync, item, had_old);
	drift_answered(sync, item, &event->answer, event->now_ms);
	if (item->uncertainty.confirming)
		item_set_uncertain(item, 0);
	item->uncertainty.confirming = false;
	item->uncertainty.maybe_applied = false;
	item->forced = item->flight.generation < item->forced ? item->forced : 0;
	item->failures.denied = false;
	item_forget_failures(item);
	item_set_error(item, NULL, SPEC_ID);
	item_settle(sync, item, event->now_ms);
}

static struct sync_action *report_failed(struct sync *sync, enum sync_action_kind kind,
                                         const struct item *item)
{
	struct sync_action *action = action_add(sync, kind, item);

	action->generation = item->flight.generation;
	action->failed.value = &sync->borrowed.answered;
	action->failed.error_text = item->failures.error_text;
	action->failed.attempt = item->failures.attempts;
	return action;
}

static int64_t rejected_delay(struct sync *sync, struct item *item)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->rejected_first_ms, retry->rejected_max_ms};

	return backoff_delay(&backoff, ++item->failures.rejections, &sync->random);
}

static void reject(struct sync *sync, struct item *item, const struct sync_event *event)
{
	int64_t limit = sync->spec->retry.rejected_limit;
	int64_t delay = rejected_delay(sync, item);
	struct sync_action *action;

	item->failures.attempts++;
	item->failures.transients = 0;
	action = report_failed(sync, SYNC_REPORT_REJECTED, item);
	if (item->flight.generation != item->generation) {
		item_settle(sync, item, event->now_ms);
	} else if (limit > 0 && item->failures.rejections >= limit) {
		action->failed.retry_ms = -1;
		item_set_state(sync, item, SYNC_PARKED, 0);
	} else {
		action->failed.retry_ms = delay;
		item_set_state(sync, item, SYNC_REJECTED, event->now_ms + delay);
	}
}

static int64_t transient_delay(struct sync *sync, struct item *item, const struct sync_event *event)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->first_ms, retry->max_ms};
	struct failures *failures = &item->failures;

	/* While the breaker is open only its own probes grow rarer. */
	if (sync->gate.state != GATE_BREAKER || failures->transients == 0)
		failures->transients++;
	if (event->answer.retry_after_ms > 0) {
		failures->not_before_ms = event->now_ms + event->answer.retry_after_ms;
		return event->answer.retry_after_ms;
	}
	failures->not_before_ms = 0;
	return backoff_delay(&backoff, failures->transients, &sync->random);
}

/* A crash must not forget that the outcome is unknown either. */
static void note_unknown(struct sync *sync, struct item *item, const struct sync_event *event)
{
	const struct verdict *verdict = &event->answer.verdict;

	item->uncertainty.maybe_applied = item->uncertainty.maybe_applied || verdict->maybe_done;
	if (verdict->uncertain) {
		item_set_uncertain(item, event->now_ms + item_uncertain_ms(sync));
		item->uncertainty.confirming = false;
		sync->saver.urgent = true;
	}
}

static void fail(struct sync *sync, struct item *item, const struct sync_event *event)
{
	int64_t delay = transient_delay(sync, item, event);
	struct sync_action *action;

	item->failures.attempts++;
	action = report_failed(sync, SYNC_REPORT_FAILED, item);
	note_unknown(sync, item, event);
	if (item->flight.generation != item->generation) {
		item->failures.transients = 0;
		item->failures.not_before_ms = 0;
		item_settle(sync, item, event->now_ms);
		return;
	}
	action->failed.retry_ms = delay;
	action->failed.gate = sync->gate.state;
	item_set_state(sync, item, SYNC_WAITING, event->now_ms + delay);
}

static void hold(struct sync *sync, struct item *item, int64_t now_ms)
{
	item->failures.attempts++;
	(void)report_failed(sync, SYNC_REPORT_HELD, item);
	sync->held = mem_grow(sync->held, &sync->held_capacity, sync->held_count + 1,
	                      sizeof(*sync->held));
	sync->held[sync->held_count++] = item->id;
	item->asked = true;
	item_settle(sync, item, now_ms);
}

/* The way is free for `passed`: what was held is rejected for itself. */
static void reject_held(struct sync *sync, int64_t passed, int64_t now_ms)
{
	for (size_t i = 0; i < sync->held_count; i++) {
		struct item *item = item_find(sync, sync->held[i]);

		if (item != NULL && item->id != passed && item->state == SYNC_DUE) {
			int64_t delay = rejected_delay(sync, item);
			struct sync_action *action = action_add(sync, SYNC_REPORT_REJECTED, item);

			action->failed.error_text = item->failures.error_text;
			action->failed.attempt = item->failures.attempts;
			action->failed.retry_ms = delay;
			item->failures.denied = true;
			item_set_state(sync, item, SYNC_REJECTED, now_ms + delay);
		}
	}
	sync->held_count = 0;
}

static void report_gate(struct sync *sync, const struct item *item, enum gate_change change,
                        enum gate_state before, const struct sync_event *event)
{
	struct sync_action *action;
	bool opened = change == GATE_OPENED;

	if (change == GATE_STAYS)
		return;
	action = action_add(sync, opened ? SYNC_REPORT_OPENED : SYNC_REPORT_GATE, item);
	action->gate.state = opened ? before : sync->gate.state;
	if (opened)
		return;
	action->gate.probes = sync->gate.probes;
	action->gate.error_text = item->failures.error_text;
	action->gate.retry_ms = gate_ready_at(&sync->gate, event->now_ms) - event->now_ms;
}

static enum gate_change ask_gate(struct sync *sync, struct item *item,
                                 const struct sync_event *event)
{
	const struct gate_answer answer = {.id = item->id,
	                                   .verdict = event->answer.verdict,
	                                   .retry_after_ms = event->answer.retry_after_ms,
	                                   .probe = item->flight.probe};
	enum gate_state before = sync->gate.state;
	enum gate_change change;

	if (item->flight.foreign)
		return GATE_STAYS;
	change = gate_answer(&sync->gate, &answer, event->now_ms, &sync->random);
	report_gate(sync, item, change, before, event);
	return change;
}

static void take_in(struct sync *sync, struct item *item, const struct sync_event *event)
{
	switch (event->answer.verdict.kind) {
	case VERDICT_ACCEPTED:
		accept(sync, item, event);
		return;
	case VERDICT_REJECTED:
		reject(sync, item, event);
		return;
	case VERDICT_TRANSIENT:
		fail(sync, item, event);
		return;
	case VERDICT_DENIED:
	case VERDICT_MISCONFIGURED:
		hold(sync, item, event->now_ms);
		return;
	}
}

static bool is_gate_matter(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_DENIED || verdict->kind == VERDICT_MISCONFIGURED;
}

static void judge(struct sync *sync, struct item *item, const struct sync_event *event)
{
	enum gate_change change;

	item_set_error(item, event->answer.error_text, event->answer.about);
	change = ask_gate(sync, item, event);
	if (item->state != SYNC_LEAVING) {
		if (item->flight.foreign) {
			item->asked = true;
			item_settle(sync, item, event->now_ms);
		} else {
			take_in(sync, item, event);
		}
	}
	if (change == GATE_OPENED)
		reject_held(sync, item->id, event->now_ms);
}

static void forget(struct sync *sync, struct item *item)
{
	size_t index = item_index(sync, item->id);

	item_leave(sync, item);
	sync->count--;
	memmove(&sync->items[index], &sync->items[index + 1],
	        (sync->count - index) * sizeof(struct item *));
	item_free(item);
}

static void end_flight(struct sync *sync, struct item *item)
{
	sync->in_flight--;
	sync->rejected_in_flight -= item->flight.rejected;
	sync->borrowed.answered = item->flight.value;
	item->flight.value = (struct spec_value){.indexing_cron = NULL};
}

void answer_take(struct sync *sync, const struct sync_event *event)
{
	struct item *item = item_find(sync, event->answer.id);
	struct sync_event as_seen = *event;

	assert(item != NULL && item_is_in_flight(item));
	assert(item->flight.generation == event->answer.generation);
	sync->answered_id = item->id;
	end_flight(sync, item);
	if (item->failures.denied && is_gate_matter(&event->answer.verdict))
		as_seen.answer.verdict.kind = VERDICT_REJECTED;
	judge(sync, item, &as_seen);
	item->flight.foreign = false;
	item->flight.probe = false;
	item->flight.rejected = false;
	if (item->state == SYNC_LEAVING)
		forget(sync, item);
}
