/* SPDX-License-Identifier: MIT */
/* Whose turn it is: whatever may be sent now is sent, else it is said when something may be.
 *
 * Three queues wait. Edits of the newest specification go first, but every fourth time what has
 * waited longer does. What failed at its last try goes when nothing else is ready, has a bucket of
 * its own and never more than half of the requests in flight, so that a thousand that fail for ever
 * cost the others next to nothing.
 *
 * While a gate is closed they go one by one, as probes: again edits first, and never the same one
 * twice in a row while another is due. */
#include "sync/sync_internal.h"

/* What failed and waited as long as this goes first: it must not starve either. */
#define PATIENCE_MS INT64_C(30000)
/* Edits in a row before something else gets a turn. */
#define EDITS_MAX 3
/* Sends of one integration in a row that nothing asked for: a bug of ours. */
#define RUNAWAYS_MAX 5

/* Who goes next, and when; item NULL: nobody before another event. */
struct turn {
	struct item *item;
	int64_t at_ms;
	bool retry;
};

static const struct turn nobody = {.at_ms = INT64_MAX};

static struct turn sooner_of(struct turn a, struct turn b)
{
	return b.at_ms < a.at_ms ? b : a;
}

/* The first of a queue but for one id. While a gate is closed what failed may be its probe before
 * its time. */
static struct turn turn_of(const struct sync *sync, const struct due_heap *queue, int64_t except,
                           int64_t now_ms)
{
	const struct due_heap_node *node = due_heap_peek(queue);
	bool retry = queue == &sync->retry;
	bool early = retry && sync->gate.state != GATE_OPEN && !sync->gate.failing &&
	             sync->gate.suspect == GATE_OPEN;
	struct item *item;

	if (node != NULL && ((struct item *)node->owner)->id == except)
		node = due_heap_peek_second(queue);
	if (node == NULL)
		return nobody;
	item = node->owner;
	return (struct turn){
		.item = item,
		.at_ms = moment_later(early ? item->failures.not_before_ms : node->due_ms, now_ms),
		.retry = retry};
}

/* Any of them, the first of them that is ready. */
static struct turn any_turn(const struct sync *sync, int64_t except, int64_t now_ms)
{
	struct turn turn = turn_of(sync, &sync->edited, except, now_ms);

	turn = sooner_of(turn, turn_of(sync, &sync->due, except, now_ms));
	return sooner_of(turn, turn_of(sync, &sync->retry, except, now_ms));
}

/* A probe, a witness, or a trial of a pause. */
static struct turn single_turn(const struct sync *sync, int64_t now_ms)
{
	const struct gate *gate = &sync->gate;
	bool is_trial = gate_is_trial(gate, now_ms);
	int64_t except = is_trial ? gate->paused_id : gate->probed_id;
	struct turn turn = any_turn(sync, except, now_ms);

	if (is_trial && turn.item == NULL)
		return (struct turn){.at_ms = gate->paused_until_ms};
	if (turn.at_ms > now_ms && !is_trial)
		turn = any_turn(sync, 0, now_ms);
	turn.at_ms = moment_later(turn.at_ms, gate_ready_at(gate, now_ms));
	return turn;
}

static struct turn first_turn(const struct sync *sync, int64_t now_ms)
{
	struct turn edited = turn_of(sync, &sync->edited, 0, now_ms);
	struct turn due = turn_of(sync, &sync->due, 0, now_ms);
	struct turn turn = sooner_of(edited, due);

	if (sync->edits_in_row >= EDITS_MAX && due.at_ms <= now_ms)
		turn = due;
	if (sync->gate.failing)
		turn.at_ms = moment_later(turn.at_ms, sync->first_try_at_ms);
	return turn;
}

static struct turn slow_turn(struct sync *sync, unsigned window, int64_t now_ms)
{
	struct turn turn = turn_of(sync, &sync->retry, 0, now_ms);

	if (sync->in_flight >= window || sync->retry_in_flight >= (window > 1 ? window / 2 : 1))
		return nobody;
	turn.at_ms = moment_later(turn.at_ms, token_bucket_ready_at(&sync->retry_bucket, now_ms));
	return turn;
}

static struct turn queue_turn(struct sync *sync, int64_t now_ms)
{
	unsigned window = gate_window(&sync->gate, (unsigned)sync->spec->api.max_in_flight);
	/* What hangs again and again must not take up the ramp. */
	size_t counted = sync->in_flight - (sync->gate.failing ? 0 : sync->retry_in_flight);
	struct turn turn = counted < window ? first_turn(sync, now_ms) : nobody;
	struct turn slow = slow_turn(sync, window, now_ms);

	if (slow.item != NULL && slow.at_ms <= now_ms &&
	    slow.item->node.due_ms < now_ms - PATIENCE_MS)
		return slow;
	return sooner_of(turn, slow);
}

static struct turn next_turn(struct sync *sync, int64_t now_ms)
{
	const struct gate *gate = &sync->gate;
	int64_t hurry_at = gate_hurry_at(gate, now_ms);
	struct turn turn;

	if (sync->stopped || sync->in_flight >= (size_t)sync->spec->api.max_in_flight)
		return nobody;
	if (gate_is_single(gate, now_ms))
		turn = single_turn(sync, now_ms);
	else
		turn = queue_turn(sync, now_ms);
	if (hurry_at != INT64_MAX) {
		struct turn hurried = any_turn(sync, gate->probed_id, now_ms);

		hurried.at_ms = moment_later(hurried.at_ms, hurry_at);
		turn = sooner_of(turn, hurried);
	}
	if (turn.item == NULL)
		return turn;
	turn.at_ms = moment_later(turn.at_ms, gate_ready_at(gate, now_ms));
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

static void count_turn(struct sync *sync, const struct turn *turn, int64_t now_ms)
{
	token_bucket_take(&sync->bucket, now_ms);
	sync->in_flight++;
	if (turn->retry) {
		token_bucket_take(&sync->retry_bucket, now_ms);
		sync->retry_in_flight++;
	} else {
		sync->first_try_at_ms = now_ms + GATE_FIRST_TRY_MS;
		sync->edits_in_row = turn->item->urgent ? sync->edits_in_row + 1 : 0;
	}
}

static void send(struct sync *sync, const struct turn *turn, int64_t now_ms)
{
	struct item *item = turn->item;
	struct sync_action *action;

	if (is_runaway(sync, item, now_ms)) {
		item_set_state(sync, item, SYNC_PARKED, 0);
		action_add_failed(sync, SYNC_REPORT_RUNAWAY, item)->failed.retry_ms = -1;
		return;
	}
	count_turn(sync, turn, now_ms);
	item->urgent = false;
	item->flight = (struct flight){.value = spec_value_copy(&item->desired->value),
	                               .credentials = item->desired->credentials,
	                               .generation = item->generation,
	                               .sent_at_ms = now_ms,
	                               .probe = gate_start(&sync->gate, item->id, now_ms),
	                               .retry = turn->retry};
	item_set_state(sync, item, SYNC_IN_FLIGHT, 0);
	action = action_add(sync, SYNC_SEND, item);
	action->send.value = &item->flight.value;
	action->send.attempt = item->failures.attempts + 1;
	action->send.confirming = item->uncertainty.confirming;
}

/* What is due goes first; a check of the server's list takes what time is left. */
static int64_t send_due(struct sync *sync, int64_t now_ms)
{
	int64_t ask_at = drift_ask(sync, now_ms);
	struct turn turn = next_turn(sync, now_ms);

	while (turn.item != NULL && turn.at_ms <= now_ms) {
		send(sync, &turn, now_ms);
		turn = next_turn(sync, now_ms);
	}
	return moment_sooner(moment_sooner(ask_at, turn.at_ms), drift_check(sync, now_ms));
}

int64_t dispatch(struct sync *sync, int64_t now_ms)
{
	int64_t next_at = send_due(sync, now_ms);

	/* Who else is due may be a witness still. */
	if (host_condemn(sync, any_turn(sync, 0, now_ms).at_ms <= now_ms, now_ms))
		next_at = send_due(sync, now_ms);
	return next_at;
}
