/* SPDX-License-Identifier: MIT */
/* An answer meets the integration it is about, and the gate.
 *
 * First the gate takes it in: it counts for the host, whoever it is about, but for the failure that
 * one integration has alone. Then the integration: accepted values are remembered; what was
 * rejected or failed backs off in the retry queue. An edit that came meanwhile beats all of these:
 * the newest value is due at once. */
#include "sync/sync_internal.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

static void remember(struct sync *sync, struct item *item, const struct sync_event *event)
{
	sync->borrowed.old_value = item->entry.value;
	item->entry.value = sync->borrowed.answered;
	sync->borrowed.answered = (struct spec_value){0};
	item->entry.credentials = item->flight.credentials;
	item->entry.accepted = true;
	item->entry.accepted_at = event->unix_s;
	save_changed(sync, event->now_ms);
}

static void report_accepted(struct sync *sync, const struct item *item, bool had_old)
{
	struct sync_action *action = action_add(sync, SYNC_REPORT_ACCEPTED, item);

	action->generation = item->flight.generation;
	action->accepted.value = &item->entry.value;
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
	item_set_succeeded(sync, item, true);
	item_begin_anew(item);
	item_clear_error(item);
	item_settle(sync, item, event->now_ms);
}

static struct sync_action *report_failed(struct sync *sync, enum sync_action_kind kind,
                                         const struct item *item)
{
	struct sync_action *action = action_add_failed(sync, kind, item);

	action->generation = item->flight.generation;
	action->failed.value = &sync->borrowed.answered;
	return action;
}

static bool is_gate_matter(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_DENIED || verdict->kind == VERDICT_MISCONFIGURED;
}

static void reject(struct sync *sync, struct item *item, const struct sync_event *event)
{
	int64_t limit = sync->spec->retry.rejected_limit;
	int64_t delay = item_rejected_delay(sync, ++item->failures.rejections);
	struct sync_action *action;

	item->failures.attempts++;
	item->failures.transients = 0;
	action = report_failed(sync, SYNC_REPORT_REJECTED, item);
	if (item->flight.generation != item->generation) {
		item_settle(sync, item, event->now_ms);
		return;
	}
	item->failed = true;
	item->failures.denied = is_gate_matter(&event->answer.verdict);
	if (limit > 0 && item->failures.rejections >= limit) {
		action->failed.retry_ms = -1;
		item_set_state(sync, item, SYNC_PARKED, 0);
	} else {
		item_set_state(sync, item, SYNC_REJECTED, event->now_ms + delay);
		action->failed.retry_ms = item_retry_at(sync, item) - event->now_ms;
	}
}

static int64_t transient_delay(struct sync *sync, struct item *item, const struct sync_event *event)
{
	struct failures *failures = &item->failures;

	/* While the breaker is open only its own probes grow rarer. */
	if (sync->gate.state != GATE_BREAKER || failures->transients == 0)
		failures->transients++;
	if (event->answer.retry_after_ms > 0) {
		failures->not_before_ms = event->now_ms + event->answer.retry_after_ms;
		return event->answer.retry_after_ms;
	}
	failures->not_before_ms = 0;
	return item_transient_delay(sync, failures->transients);
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
	action->failed.gate = sync->gate.failing ? GATE_OPEN : sync->gate.state;
	item->failed = true;
	item_set_state(sync, item, SYNC_WAITING, event->now_ms + delay);
	action->failed.retry_ms = item_retry_at(sync, item) - event->now_ms;
}

static void hold(struct sync *sync, struct item *item, int64_t now_ms)
{
	item->failures.attempts++;
	(void)report_failed(sync, SYNC_REPORT_HELD, item);
	if (item->flight.generation == item->generation)
		host_hold(sync, item, now_ms);
	else
		item_settle(sync, item, now_ms);
}

static void take_in(struct sync *sync, struct item *item, const struct sync_event *event, bool own)
{
	enum verdict_kind kind = event->answer.verdict.kind;

	item_set_succeeded(sync, item, false);
	if (kind == VERDICT_ACCEPTED)
		accept(sync, item, event);
	else if (kind == VERDICT_TRANSIENT)
		fail(sync, item, event);
	else if (kind == VERDICT_REJECTED || own)
		reject(sync, item, event);
	else
		hold(sync, item, event->now_ms);
}

/* A failure that only this one has: it failed before, while the last try of another succeeded, or
 * another one has just passed where this one is stopped. */
static bool is_own_failure(const struct sync *sync, const struct item *item,
                           const struct verdict *verdict, int64_t now_ms)
{
	bool others = item->flight.retry && sync->succeeded > item->succeeded;

	if (!is_gate_matter(verdict))
		return others;
	return verdict->needs_witness && (others || gate_has_witness(&sync->gate, now_ms)) &&
	       sync->gate.suspect == GATE_OPEN &&
	       (sync->gate.state == GATE_OPEN || sync->gate.failing);
}

static void judge(struct sync *sync, struct item *item, const struct sync_event *event)
{
	const struct verdict *verdict = &event->answer.verdict;
	bool own = is_own_failure(sync, item, verdict, event->now_ms);
	const struct gate_answer answer = {.id = item->id,
	                                   .verdict = *verdict,
	                                   .retry_after_ms = event->answer.retry_after_ms,
	                                   .probe = item->flight.probe,
	                                   .quiet = own,
	                                   .in_flight = (unsigned)sync->in_flight};

	item_set_error(item, &event->answer);
	if (item->flight.foreign) {
		if (item->state != SYNC_LEAVING) {
			item->asked = true;
			item_settle(sync, item, event->now_ms);
		}
		return;
	}
	host_answer(sync, item, &answer, event->now_ms);
	adopt_answered(sync, verdict, event->now_ms);
	if (item->state != SYNC_LEAVING)
		take_in(sync, item, event, own);
}

static void forget(struct sync *sync, struct item *item)
{
	size_t index = item_index(sync, item->id);

	item_leave(sync, item);
	item_set_succeeded(sync, item, false);
	sync->count--;
	memmove(&sync->items[index], &sync->items[index + 1],
	        (sync->count - index) * sizeof(struct item *));
	item_retire_error(sync, item);
	item_free(item);
}

static void end_flight(struct sync *sync, struct item *item, int64_t now_ms)
{
	item->flight.ended_at_ms = now_ms;
	sync->in_flight--;
	sync->retry_in_flight -= item->flight.retry;
	sync->borrowed.answered = item->flight.value;
	item->flight.value = (struct spec_value){0};
}

void answer_take(struct sync *sync, const struct sync_event *event)
{
	struct item *item = item_find(sync, event->answer.id);
	bool accepted = event->answer.verdict.kind == VERDICT_ACCEPTED;

	assert(item != NULL && item_is_in_flight(item));
	assert(item->flight.generation == event->answer.generation);
	sync->answered_id = item->id;
	end_flight(sync, item, event->now_ms);
	/* What failed is tried faster and faster as long as it succeeds. */
	if (item->flight.retry)
		host_set_retry_rate(sync, accepted ? 2 * sync->retry_rate : host_base_rate(sync),
		                    event->now_ms);
	judge(sync, item, event);
	if (item->state == SYNC_LEAVING)
		forget(sync, item);
}
