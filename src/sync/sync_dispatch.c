/* SPDX-License-Identifier: MIT */
/* Whose turn it is: whatever may be sent now is sent, else it is said when something may be.
 *
 * Two queues wait: what is due, and what was rejected. The rejected queue goes when nothing else is
 * ready, has a bucket of its own and never more than half of the requests in flight, so that a
 * hundred rejected integrations cost the others next to nothing. */
#include "sync/sync_internal.h"

/* A rejected one that waited as long as this goes first: it must not starve either. */
#define PATIENCE_MS INT64_C(30000)
/* Sends of one integration in a row that nothing asked for: a bug of ours. */
#define RUNAWAYS_MAX 5

/* Who goes next, and when; item NULL: nobody before another event. */
struct turn {
	struct item *item;
	int64_t at_ms;
	bool rejected;
};

/* While a gate is closed what waits for a transient failure may be its probe before its time. */
static int64_t ready_at(const struct sync *sync, const struct item *item)
{
	if (sync->gate.state != GATE_OPEN && item->state == SYNC_WAITING)
		return item->failures.not_before_ms;
	return item->node.due_ms;
}

static struct turn due_turn(const struct sync *sync)
{
	const struct due_heap_node *node = due_heap_peek(&sync->due);
	struct item *item = node != NULL ? node->owner : NULL;

	return (struct turn){.item = item,
	                     .at_ms = item != NULL ? ready_at(sync, item) : INT64_MAX};
}

static struct turn rejected_turn(struct sync *sync, unsigned window, int64_t now_ms)
{
	const struct due_heap_node *node = due_heap_peek(&sync->rejected);

	if (node == NULL || sync->rejected_in_flight >= (window + 1) / 2)
		return (struct turn){.at_ms = INT64_MAX};
	return (struct turn){
		.item = node->owner,
		.at_ms = moment_later(node->due_ms,
	                              token_bucket_ready_at(&sync->rejected_bucket, now_ms)),
		.rejected = true};
}

static struct turn next_turn(struct sync *sync, int64_t now_ms)
{
	unsigned window = gate_window(&sync->gate, (unsigned)sync->spec->api.max_in_flight);
	struct turn turn = due_turn(sync);
	struct turn rejected = rejected_turn(sync, window, now_ms);

	if (rejected.at_ms < turn.at_ms &&
	    (turn.at_ms > now_ms || rejected.at_ms < now_ms - PATIENCE_MS))
		turn = rejected;
	if (turn.item == NULL || sync->stopped || sync->in_flight >= window)
		return (struct turn){.at_ms = INT64_MAX};
	turn.at_ms = moment_later(turn.at_ms, gate_ready_at(&sync->gate, now_ms));
	turn.at_ms = moment_later(turn.at_ms, token_bucket_ready_at(&sync->bucket, now_ms));
	return turn;
}

/* Nothing but a bug of ours sends sooner than any back-off allows without a reason. */
static bool is_runaway(const struct sync *sync, struct item *item, int64_t now_ms)
{
	const struct spec_retry *retry = &sync->spec->retry;
	int64_t least = moment_sooner(retry->first_ms, retry->rejected_first_ms) / 2;

	if (item->asked || item->uncertainty.confirming ||
	    now_ms - item->flight.sent_at_ms >= least)
		item->runaways = 0;
	else
		item->runaways++;
	item->asked = false;
	return item->runaways > RUNAWAYS_MAX;
}

static void take_tokens(struct sync *sync, const struct turn *turn, int64_t now_ms)
{
	token_bucket_take(&sync->bucket, now_ms);
	if (turn->rejected) {
		token_bucket_take(&sync->rejected_bucket, now_ms);
		sync->rejected_in_flight++;
	}
	sync->in_flight++;
}

static void send(struct sync *sync, const struct turn *turn, int64_t now_ms)
{
	struct item *item = turn->item;
	struct sync_action *action;

	if (is_runaway(sync, item, now_ms)) {
		item_set_state(sync, item, SYNC_PARKED, 0);
		action_add(sync, SYNC_REPORT_RUNAWAY, item)->failed.retry_ms = -1;
		return;
	}
	take_tokens(sync, turn, now_ms);
	item->flight = (struct flight){.value = spec_value_copy(&item->desired->value),
	                               .credentials = item->desired->credentials,
	                               .generation = item->generation,
	                               .sent_at_ms = now_ms,
	                               .probe = gate_start(&sync->gate),
	                               .rejected = turn->rejected};
	item_set_state(sync, item, SYNC_IN_FLIGHT, 0);
	action = action_add(sync, SYNC_SEND, item);
	action->send.value = &item->flight.value;
	action->send.attempt = item->failures.attempts + 1;
	action->send.confirming = item->uncertainty.confirming;
}

/* What is due goes first; a check of the server's list takes what time is left. */
int64_t dispatch(struct sync *sync, int64_t now_ms)
{
	struct turn turn = next_turn(sync, now_ms);

	while (turn.item != NULL && turn.at_ms <= now_ms) {
		send(sync, &turn, now_ms);
		turn = next_turn(sync, now_ms);
	}
	return moment_sooner(turn.at_ms, drift_check(sync, now_ms));
}
