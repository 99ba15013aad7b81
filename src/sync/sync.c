/* SPDX-License-Identifier: MIT */
/* The reconciler's round: an event changes what is known (sync_configure.c, sync_answer.c), then
 * whatever may be sent is sent, then whatever should be on disk is asked to be saved.
 *
 * Two lanes wait for their turn: the queue, and the rejected queue of what the server refuses for
 * good. The rejected queue goes when the queue has nothing ready, has a bucket of its own and never
 * more than half of the requests in flight, so that a hundred refused integrations cost the others
 * next to nothing.
 *
 * Nothing here looks at all integrations but a new specification and an operator's release: any
 * other event costs O(log n). */
#include "sync/sync_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Marks are saved at once; what was accepted may wait for company. */
#define SAVE_QUIET_MS  INT64_C(200)
#define SAVE_LATEST_MS INT64_C(2000)
/* After a failed write. */
#define SAVE_RETRY_FIRST_MS INT64_C(60000)
#define SAVE_RETRY_MAX_MS   INT64_C(300000)
/* A slow one that waited as long as this goes before the queue: it must not starve either. */
#define SLOW_PATIENCE_MS INT64_C(30000)
/* Sends of one integration in a row that nothing asked for: a bug of ours. */
#define HASTY_MAX 5

/* Who goes next, and when; item NULL: nobody before another event. */
struct turn {
	struct item *item;
	int64_t at_ms;
	bool slow;
};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct sync_action *sync_act(struct sync *sync, enum sync_action_kind kind, struct item *item)
{
	struct sync_action *action;

	sync->actions = mem_grow(sync->actions, &sync->action_capacity, sync->action_count + 1,
	                         sizeof(*sync->actions));
	action = &sync->actions[sync->action_count++];
	*action = (struct sync_action){.kind = kind};
	if (item != NULL) {
		action->id = item->id;
		action->integration = item->desired;
		action->generation = item->generation;
	}
	return action;
}

void sync_changed(struct sync *sync, int64_t now_ms)
{
	if (sync->changed_at_ms == INT64_MAX)
		sync->changed_at_ms = now_ms;
	if (sync->save_failures == 0) {
		sync->save_at_ms =
			sooner(now_ms + SAVE_QUIET_MS, sync->changed_at_ms + SAVE_LATEST_MS);
	}
}

/* While a gate is closed what waits for a transient failure may be its probe before its time. */
static int64_t ready_at(const struct sync *sync, const struct item *item)
{
	if (sync->gate.state != GATE_OPEN && item->state == SYNC_WAITING)
		return item->not_before_ms;
	return item->node.due_ms;
}

static struct turn queue_turn(const struct sync *sync)
{
	const struct due_heap_node *node = due_heap_peek(&sync->queue);
	struct item *item = node != NULL ? node->owner : NULL;

	return (struct turn){.item = item,
	                     .at_ms = item != NULL ? ready_at(sync, item) : INT64_MAX};
}

static struct turn slow_turn(struct sync *sync, unsigned window, int64_t now_ms)
{
	const struct due_heap_node *node = due_heap_peek(&sync->slow);

	if (node == NULL || sync->slow_in_flight >= (window + 1) / 2)
		return (struct turn){.at_ms = INT64_MAX};
	return (struct turn){
		.item = node->owner,
		.at_ms = later(node->due_ms, token_bucket_ready_at(&sync->slow_bucket, now_ms)),
		.slow = true};
}

static struct turn next_turn(struct sync *sync, int64_t now_ms)
{
	unsigned window = gate_window(&sync->gate, (unsigned)sync->spec->api.max_in_flight);
	struct turn turn = queue_turn(sync);
	struct turn slow = slow_turn(sync, window, now_ms);

	if (slow.at_ms < turn.at_ms &&
	    (turn.at_ms > now_ms || slow.at_ms < now_ms - SLOW_PATIENCE_MS))
		turn = slow;
	if (turn.item == NULL || sync->stopped || sync->in_flight >= window)
		return (struct turn){.at_ms = INT64_MAX};
	turn.at_ms = later(turn.at_ms, gate_ready_at(&sync->gate, now_ms));
	turn.at_ms = later(turn.at_ms, token_bucket_ready_at(&sync->bucket, now_ms));
	return turn;
}

/* Nothing but a bug of ours sends sooner than any back-off allows without a reason. */
static bool is_runaway(const struct sync *sync, struct item *item, int64_t now_ms)
{
	const struct spec_retry *retry = &sync->spec->retry;
	int64_t least = sooner(retry->first_ms, retry->rejected_first_ms) / 2;

	if (item->excused || item->confirming || now_ms - item->sent_at_ms >= least)
		item->hasty = 0;
	else
		item->hasty++;
	item->excused = false;
	item->sent_at_ms = now_ms;
	return item->hasty > HASTY_MAX;
}

static void send(struct sync *sync, const struct turn *turn, int64_t now_ms)
{
	struct item *item = turn->item;
	struct sync_action *action;

	if (is_runaway(sync, item, now_ms)) {
		item_set_state(sync, item, SYNC_PARKED, 0);
		(void)sync_act(sync, SYNC_REPORT_RUNAWAY, item);
		return;
	}
	token_bucket_take(&sync->bucket, now_ms);
	if (turn->slow) {
		token_bucket_take(&sync->slow_bucket, now_ms);
		sync->slow_in_flight++;
	}
	sync->in_flight++;
	item->slow = turn->slow;
	item->probe = gate_start(&sync->gate);
	item->sent = spec_value_copy(&item->desired->value);
	item->sent_generation = item->generation;
	item_set_state(sync, item, SYNC_IN_FLIGHT, 0);
	action = sync_act(sync, SYNC_SEND, item);
	action->attempt = item->attempts + 1;
	action->value = &item->sent;
	action->confirming = item->confirming;
}

/* What is due goes first; a look at the server takes what time is left. */
static int64_t dispatch(struct sync *sync, int64_t now_ms)
{
	struct turn turn = next_turn(sync, now_ms);

	while (turn.item != NULL && turn.at_ms <= now_ms) {
		send(sync, &turn, now_ms);
		turn = next_turn(sync, now_ms);
	}
	return sooner(turn.at_ms, drift_look(sync, now_ms));
}

static int64_t plan_save(struct sync *sync, int64_t now_ms)
{
	if (sync->saving)
		return INT64_MAX;
	if (!sync->save_urgent && now_ms < sync->save_at_ms)
		return sync->save_at_ms;
	sync->saving = true;
	sync->save_urgent = false;
	sync->save_at_ms = INT64_MAX;
	sync->changed_at_ms = INT64_MAX;
	sync_act(sync, SYNC_SAVE, NULL)->save = sync->next_save++;
	return INT64_MAX;
}

/* Whether or not the write succeeded, what waited for it goes on: a full disk must not keep a
 * schedule from the server. Only a crash before the next good write costs something: a repeated
 * PUT, or an edit that is taken back meanwhile and taken for nothing to do. */
static void take_save(struct sync *sync, const struct sync_event *event)
{
	static const struct backoff retry = {SAVE_RETRY_FIRST_MS, SAVE_RETRY_MAX_MS};
	struct due_heap_node *node = due_heap_peek(&sync->marking);

	sync->saving = false;
	sync->ended_save = event->save;
	if (event->saved) {
		sync->save_failures = 0;
	} else {
		sync->save_failures++;
		sync->save_at_ms =
			event->now_ms + backoff_delay(&retry, sync->save_failures, &sync->random);
	}
	while (node != NULL && (uint64_t)node->due_ms <= event->save) {
		item_set_state(sync, node->owner, SYNC_DUE, event->now_ms);
		node = due_heap_peek(&sync->marking);
	}
	if (event->saved && sync->changed_at_ms != INT64_MAX) {
		sync->save_at_ms =
			sooner(sync->changed_at_ms + SAVE_LATEST_MS, event->now_ms + SAVE_QUIET_MS);
	}
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

static void take_answer(struct sync *sync, const struct sync_event *event)
{
	struct item *item = item_find(sync, event->id);

	assert(item != NULL && item_is_in_flight(item));
	assert(item->sent_generation == event->generation);
	sync->in_flight--;
	if (item->slow) {
		sync->slow_in_flight--;
		item->slow = false;
	}
	sync_answer(sync, item, event);
	if (item->state == SYNC_LEAVING)
		forget(sync, item);
}

static void take_event(struct sync *sync, const struct sync_event *event)
{
	switch (event->kind) {
	case SYNC_CONFIGURED:
		sync_configure(sync, event->spec, event->now_ms);
		return;
	case SYNC_RELEASED:
		sync_release(sync, event->now_ms);
		return;
	case SYNC_ANSWERED:
		take_answer(sync, event);
		return;
	case SYNC_LISTED:
		drift_listed(sync, event);
		return;
	case SYNC_SAVED:
		take_save(sync, event);
		return;
	case SYNC_TICKED:
		return;
	case SYNC_STOPPED:
		sync->stopped = true;
		return;
	}
}

const struct sync_action *sync_step(struct sync *sync, const struct sync_event *event,
                                    size_t *count)
{
	spec_free(sync->retired);
	sync->retired = NULL;
	spec_value_clear(&sync->old_value);
	spec_value_clear(&sync->answered);
	sync->action_count = 0;
	take_event(sync, event);
	sync->deadline_ms = INT64_MAX;
	if (sync->spec != NULL) {
		int64_t save_at = plan_save(sync, event->now_ms);

		sync->deadline_ms = sooner(save_at, dispatch(sync, event->now_ms));
	}
	*count = sync->action_count;
	return sync->actions;
}

int64_t sync_deadline(const struct sync *sync)
{
	return sync->deadline_ms;
}

struct sync *sync_new(struct state *state, uint64_t seed)
{
	struct sync *sync = mem_new(struct sync);

	sync->random = seed;
	sync->hash_seed = backoff_random(&sync->random);
	sync->next_save = 1;
	sync->changed_at_ms = INT64_MAX;
	sync->save_at_ms = INT64_MAX;
	sync->deadline_ms = INT64_MAX;
	sync->look_at_ms = INT64_MAX;
	if (state == NULL)
		return sync;
	sync->url = state->url;
	sync->items = mem_alloc(state->count + 1, sizeof(struct item *));
	sync->count = state->count;
	sync->counts[SYNC_IN_SYNC] = state->count;
	for (size_t i = 0; i < state->count; i++) {
		struct item *item = item_new(state->entries[i].id);

		item->entry = state->entries[i];
		item->maybe_applied = item->entry.intended;
		/* When it was is not known any more: as late as can be, from the first event on. */
		item->uncertain_until_ms = item->entry.uncertain ? INT64_MAX : 0;
		sync->items[i] = item;
	}
	free(state->entries);
	*state = (struct state){.url = NULL};
	return sync;
}

void sync_free(struct sync *sync)
{
	if (sync == NULL)
		return;
	for (size_t i = 0; i < sync->count; i++)
		item_free(sync->items[i]);
	free(sync->items);
	due_heap_clear(&sync->marking);
	due_heap_clear(&sync->queue);
	due_heap_clear(&sync->slow);
	spec_value_clear(&sync->old_value);
	spec_value_clear(&sync->answered);
	spec_free(sync->spec);
	spec_free(sync->retired);
	free(sync->actions);
	free(sync->held);
	free(sync->look_words);
	free(sync->old_drift);
	free(sync->url);
	free(sync);
}
