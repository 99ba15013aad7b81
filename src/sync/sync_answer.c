/* SPDX-License-Identifier: MIT */
/* An answer meets the integration it is about, and the gate.
 *
 * First the gate takes it in: it counts for the host, whoever it is about. Then the integration:
 * accepted values are remembered; refusals go to the rejected queue; failures back off. An edit
 * that came meanwhile beats all of these: the newest value is due at once.
 *
 * What a gate refuses is held, not failed: it goes to the end of the queue, so that the next probe
 * is another one. If that one passes, those that were held are refused for themselves. */
#include "sync/sync_internal.h"

#include <stdlib.h>

#include "base/mem.h"

/* How long a request whose outcome is unknown may still be applied: twice its time-out. */
int64_t sync_uncertain_ms(const struct sync *sync)
{
	return 2 * sync->spec->api.timeout_ms;
}

static void keep_words(struct item *item, const struct sync_event *event)
{
	free(item->error_text);
	item->error_text = mem_dup(event->error_text);
	item->about = event->about;
}

static void remember(struct sync *sync, struct item *item, const struct sync_event *event)
{
	spec_value_clear(&sync->old_value);
	sync->old_value = item->entry.value;
	item->entry.value = spec_value_copy(&sync->answered);
	item->entry.accepted = true;
	item->entry.accepted_at = event->unix_s;
	sync_changed(sync, event->now_ms);
}

static void tell_accepted(struct sync *sync, struct item *item, bool had_old, bool confirming)
{
	struct sync_action *action = sync_act(sync, SYNC_REPORT_ACCEPTED, item);

	action->value = &sync->answered;
	action->old = had_old ? &sync->old_value : NULL;
	action->generation = item->sent_generation;
	action->attempt = item->attempts + 1;
	action->confirming = confirming;
}

static void accept(struct sync *sync, struct item *item, const struct sync_event *event)
{
	bool had_old = item->entry.accepted;
	bool confirming = item->confirming;

	remember(sync, item, event);
	tell_accepted(sync, item, had_old, confirming);
	drift_answered(sync, item, event);
	item->maybe_applied = false;
	item->denied = false;
	item->confirming = false;
	item->forced = item->sent_generation < item->forced ? item->forced : 0;
	item_forget_failures(item);
	free(item->error_text);
	item->error_text = NULL;
	if (confirming)
		item_set_uncertain(item, 0);
	item_settle(sync, item, event->now_ms);
}

static void reject(struct sync *sync, struct item *item, const struct sync_event *event)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->rejected_first_ms, retry->rejected_max_ms};
	struct sync_action *action = sync_act(sync, SYNC_REPORT_REJECTED, item);
	int64_t delay = backoff_delay(&backoff, ++item->rejections, &sync->random);

	action->attempt = ++item->attempts;
	action->generation = item->sent_generation;
	action->value = &sync->answered;
	item->transients = 0;
	if (item->sent_generation != item->generation) {
		item_settle(sync, item, event->now_ms);
	} else if (retry->rejected_limit > 0 && item->rejections >= retry->rejected_limit) {
		item_set_state(sync, item, SYNC_PARKED, 0);
		action->retry_ms = -1;
	} else {
		item_set_state(sync, item, SYNC_REJECTED, event->now_ms + delay);
		action->retry_ms = delay;
	}
}

static int64_t transient_delay(struct sync *sync, struct item *item, const struct sync_event *event)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->first_ms, retry->max_ms};

	/* While the breaker is open only its own probes grow rarer. */
	if (sync->gate.state != GATE_BREAKER || item->transients == 0)
		item->transients++;
	if (event->retry_after_ms > 0) {
		item->not_before_ms = event->now_ms + event->retry_after_ms;
		return event->retry_after_ms;
	}
	item->not_before_ms = 0;
	return backoff_delay(&backoff, item->transients, &sync->random);
}

static void fail(struct sync *sync, struct item *item, const struct sync_event *event)
{
	struct sync_action *action = sync_act(sync, SYNC_REPORT_FAILED, item);
	int64_t delay = transient_delay(sync, item, event);

	action->attempt = ++item->attempts;
	action->generation = item->sent_generation;
	action->value = &sync->answered;
	item->maybe_applied = item->maybe_applied || event->verdict.maybe_done;
	if (event->verdict.uncertain) {
		item_set_uncertain(item, event->now_ms + sync_uncertain_ms(sync));
		/* A crash must not forget it either. */
		sync->save_urgent = true;
		item->confirming = false;
	}
	if (item->sent_generation != item->generation) {
		item->transients = 0;
		item->not_before_ms = 0;
		item_settle(sync, item, event->now_ms);
		return;
	}
	item_set_state(sync, item, SYNC_WAITING, event->now_ms + delay);
	action->retry_ms = delay;
	action->gate = sync->gate.state;
}

static void hold(struct sync *sync, struct item *item, const struct sync_event *event)
{
	struct sync_action *action = sync_act(sync, SYNC_REPORT_HELD, item);

	action->attempt = ++item->attempts;
	action->generation = item->sent_generation;
	sync->held = mem_grow(sync->held, &sync->held_capacity, sync->held_count + 1,
	                      sizeof(*sync->held));
	sync->held[sync->held_count++] = item->id;
	item->excused = true;
	item_settle(sync, item, event->now_ms);
}

/* The way is free for `passed`: what was held is refused for itself, and goes to the rejected
 * queue. */
static void part_held(struct sync *sync, int64_t passed, int64_t now_ms)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->rejected_first_ms, retry->rejected_max_ms};

	for (size_t i = 0; i < sync->held_count; i++) {
		struct item *item = item_find(sync, sync->held[i]);

		if (item != NULL && item->id != passed && item->state == SYNC_DUE) {
			int64_t delay = backoff_delay(&backoff, ++item->rejections, &sync->random);
			struct sync_action *action = sync_act(sync, SYNC_REPORT_REJECTED, item);

			action->attempt = item->attempts;
			action->generation = item->generation;
			action->retry_ms = delay;
			item->denied = true;
			item_set_state(sync, item, SYNC_REJECTED, now_ms + delay);
		}
	}
	sync->held_count = 0;
}

static void tell_gate(struct sync *sync, struct item *item, enum gate_change change,
                      enum gate_state before, int64_t now_ms)
{
	struct sync_action *action;

	if (change == GATE_STAYS)
		return;
	action =
		sync_act(sync, change == GATE_OPENED ? SYNC_REPORT_OPENED : SYNC_REPORT_GATE, item);
	action->gate = change == GATE_OPENED ? before : sync->gate.state;
	action->probes = sync->gate.probes;
	action->retry_ms = change == GATE_OPENED ? 0 : gate_ready_at(&sync->gate, now_ms) - now_ms;
}

static enum gate_change ask_gate(struct sync *sync, struct item *item,
                                 const struct sync_event *event)
{
	const struct gate_answer answer = {.id = item->id,
	                                   .verdict = event->verdict,
	                                   .retry_after_ms = event->retry_after_ms,
	                                   .probe = item->probe};
	enum gate_state before = sync->gate.state;
	enum gate_change change;

	if (item->foreign)
		return GATE_STAYS;
	change = gate_answer(&sync->gate, &answer, event->now_ms, &sync->random);
	tell_gate(sync, item, change, before, event->now_ms);
	return change;
}

static void take_in(struct sync *sync, struct item *item, const struct sync_event *event)
{
	switch (event->verdict.kind) {
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
		hold(sync, item, event);
		return;
	}
}

static bool is_gate_matter(const struct sync_event *event)
{
	return event->verdict.kind == VERDICT_DENIED ||
	       event->verdict.kind == VERDICT_MISCONFIGURED;
}

void sync_answer(struct sync *sync, struct item *item, const struct sync_event *event)
{
	struct sync_event as_seen = *event;
	enum gate_change change;

	if (item->denied && is_gate_matter(event))
		as_seen.verdict.kind = VERDICT_REJECTED;
	sync->answered = item->sent;
	item->sent = (struct spec_value){.indexing_cron = NULL};
	change = ask_gate(sync, item, &as_seen);
	if (item->state != SYNC_LEAVING) {
		keep_words(item, event);
		if (item->foreign) {
			item->excused = true;
			item_settle(sync, item, event->now_ms);
		} else {
			take_in(sync, item, &as_seen);
		}
	}
	if (change == GATE_OPENED)
		part_held(sync, event->id, event->now_ms);
	item->foreign = false;
	item->probe = false;
}
