/* SPDX-License-Identifier: MIT */
/* The first start beside a server (SPEC §5, adoption): it is asked what it has before anything is
 * sent, and what it shows to be as the file says counts as accepted.
 *
 * Until then nothing is sent but what the operator pushes: a run that ends while it asks leaves
 * nothing behind, and the next one asks again, unless something was sent. While the server cannot
 * be reached no PUT would succeed either, so there is no hurry; any answer that is one ends the
 * asking, with a list or without.
 *
 * But the list alone may hang for ever, or end in a 504. So after its first time-out one
 * integration is sent, to see. If that has an answer, and the next list again has none, the asking
 * ends as well: the first updates wait for two time-outs, and not for ever. If it has none either,
 * both are tried again, and an outage costs the adoption of one. */
#include "sync/sync_internal.h"

#include "sync/plan.h"

/* As long as this is no mere interruption. */
#define HANGS_MS INT64_C(10000)

static void adopt(struct sync *sync, struct item *item, int64_t unix_s)
{
	struct state_entry *entry = &item->entry;

	spec_value_clear(&entry->value);
	entry->value = spec_value_copy(&item->desired->value);
	entry->credentials = item->desired->credentials;
	entry->accepted = true;
	entry->accepted_at = unix_s;
	entry->intended = false;
	item->uncertainty.maybe_applied = false;
	action_add(sync, SYNC_REPORT_ADOPTED, item)->adopted.value = &entry->value;
}

void adopt_compare(struct sync *sync, struct item *item, const struct wire_remote *remote,
                   const struct sync_event *event)
{
	if (item->state != SYNC_ASKING || item->entry.accepted ||
	    plan_decide(item->desired, &item->entry, remote, true).kind != PLAN_EQUAL)
		return;
	adopt(sync, item, event->unix_s);
	sync->list.adopted++;
}

void adopt_end(struct sync *sync, int64_t now_ms)
{
	sync->adopting = false;
	if (sync->list.adopted > 0)
		action_add(sync, SYNC_REPORT_ADOPTED, NULL)->adopted.count = sync->list.adopted;
	for (size_t i = 0; i < sync->count; i++) {
		if (sync->items[i]->state == SYNC_ASKING)
			item_settle(sync, sync->items[i], now_ms);
	}
	save_changed(sync, now_ms);
}

int64_t adopt_asks_for(const struct sync *sync, const struct sync_list *list)
{
	const struct verdict *verdict = &list->verdict;
	bool is_unreachable = verdict->unanswered || verdict->host_wide ||
	                      (verdict->kind == VERDICT_MISCONFIGURED && !verdict->needs_witness);

	return sync->adopting && list->remotes == NULL && is_unreachable ? ADOPT_ID : 0;
}

/* A closed gate says when, and why. */
static void ask_again(struct sync *sync, const struct sync_list *list, int64_t now_ms)
{
	struct checker *checker = &sync->checker;
	struct sync_action *action;
	int64_t delay_ms;

	checker->at_ms = now_ms;
	if (sync->gate.state != GATE_OPEN)
		return;
	delay_ms = item_transient_delay(sync, ++checker->failures);
	checker->at_ms += moment_later(delay_ms, list->retry_after_ms);
	action = action_add(sync, SYNC_REPORT_ASKING, NULL);
	action->failed.error = sync->borrowed.error;
	action->failed.retry_ms = checker->at_ms - now_ms;
	action->failed.attempt = checker->failures;
}

/* Have one sent, unless another is under way that shows as much. */
static void send_one(struct sync *sync, int64_t now_ms)
{
	const size_t *counts = sync->counts;

	if (counts[SYNC_SAVING_INTENT] + counts[SYNC_DUE] + counts[SYNC_IN_FLIGHT] +
	            counts[SYNC_WAITING] >
	    0)
		return;
	for (size_t i = 0; i < sync->count; i++) {
		struct item *item = sync->items[i];

		if (item->state == SYNC_ASKING) {
			item->forced = item->generation;
			item_settle(sync, item, now_ms);
			return;
		}
	}
}

/* The list has no answer after a while, be it from us or a proxy that the time was over. */
static bool hangs(const struct sync *sync, const struct sync_list *list, int64_t now_ms)
{
	int64_t least_ms = moment_sooner(sync->spec->api.timeout_ms, HANGS_MS);

	return list->verdict.maybe_done && now_ms - sync->checker.began_ms >= least_ms;
}

/* Though an update had one shortly before it was asked for. */
static bool hangs_alone(const struct sync *sync, const struct sync_list *list, int64_t now_ms)
{
	int64_t before_ms = sync->checker.began_ms - sync->answered_at_ms;

	return hangs(sync, list, now_ms) && sync->answered_at_ms != 0 && before_ms >= 0 &&
	       before_ms < GATE_WITNESS_MS;
}

bool adopt_fails(struct sync *sync, const struct sync_list *list, int64_t now_ms)
{
	bool is_answered = adopt_asks_for(sync, list) == 0;

	if (sync->gate.state == GATE_OPEN && (is_answered || hangs_alone(sync, list, now_ms))) {
		adopt_end(sync, now_ms);
		return false;
	}
	ask_again(sync, list, now_ms);
	if (hangs(sync, list, now_ms))
		send_one(sync, now_ms);
	return true;
}

void adopt_answered(struct sync *sync, const struct verdict *verdict, int64_t now_ms)
{
	if (!sync->adopting || verdict->unanswered || verdict->host_wide)
		return;
	sync->answered_at_ms = now_ms;
	sync->checker.at_ms = now_ms;
}
