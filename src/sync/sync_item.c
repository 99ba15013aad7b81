/* SPDX-License-Identifier: MIT */
/* One integration in the reconciler: it is in exactly one state, and in the one heap that belongs
 * to it; item_set_state() is the only function that changes either.
 *
 * item_settle() is the question that is asked after each edit and each answer: is there anything to
 * send? If so, the intent has to be on disk first; if not, the intent goes. */
#include "sync/sync_item_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sync/plan.h"
#include "sync/sync_internal.h"

/* Of those that wait before one, to foresee its next try: a million that fail take no longer. */
#define COUNTED_MAX 1000
/* What becomes due together is sent in a mixed order. */
#define MIX_MS 1000

struct item *item_new(int64_t id)
{
	struct item *item = mem_new(struct item);

	item->id = id;
	item->entry.id = id;
	item->flight.sent_at_ms = INT64_MIN / 2;
	item->flight.ended_at_ms = INT64_MIN / 2;
	due_heap_node_init(&item->node, item);
	return item;
}

void item_free(struct item *item)
{
	spec_value_clear(&item->entry.value);
	spec_value_clear(&item->flight.value);
	free(item->failures.error.text);
	free(item->drift.remote);
	free(item);
}

size_t item_index(const struct sync *sync, int64_t id)
{
	size_t low = 0;
	size_t high = sync->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sync->items[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct item *item_find(const struct sync *sync, int64_t id)
{
	size_t index = item_index(sync, id);

	return index < sync->count && sync->items[index]->id == id ? sync->items[index] : NULL;
}

bool item_is_in_flight(const struct item *item)
{
	return item->state == SYNC_IN_FLIGHT || item->state == SYNC_LEAVING;
}

enum sync_state item_state(const struct item *item)
{
	return item->state == SYNC_IN_SYNC ? item->drift.kind : item->state;
}

/* The first of the queue goes when it is due and the rate limit lets it; the others follow at the
 * queue's own rate. What its own token may take, a second at the usual rate, is left out: one that
 * fails alone is tried again after its delay. */
int64_t item_retry_at(const struct sync *sync, const struct item *item)
{
	struct token_bucket all = sync->bucket;
	struct token_bucket retries = sync->retry_bucket;
	size_t before = due_heap_count_before(&sync->retry, &item->node, COUNTED_MAX);
	int64_t first_ms = moment_later(due_heap_peek(&sync->retry)->due_ms,
	                                token_bucket_ready_at(&all, all.at_ms));

	return moment_later(item->node.due_ms, token_bucket_ready_for(&retries, before, first_ms));
}

int64_t item_uncertain_ms(const struct sync *sync)
{
	return 2 * sync->spec->api.timeout_ms;
}

/* What is due waits where its history says: an edit before a first start, what failed apart. */
static struct due_heap *heap_of(struct sync *sync, const struct item *item)
{
	enum sync_state state = item->state;

	if (state == SYNC_SAVING_INTENT)
		return &sync->saving;
	if (state == SYNC_WAITING || state == SYNC_REJECTED || (state == SYNC_DUE && item->failed))
		return &sync->retry;
	if (state == SYNC_DUE && item->urgent)
		return &sync->edited;
	return state == SYNC_DUE || state == SYNC_CONFIRMING ? &sync->due : NULL;
}

void item_leave(struct sync *sync, struct item *item)
{
	if (item->heap != NULL)
		due_heap_remove(item->heap, &item->node);
	item->heap = NULL;
	sync->counts[item_state(item)]--;
}

void item_set_state(struct sync *sync, struct item *item, enum sync_state state, int64_t due_ms)
{
	item_leave(sync, item);
	item->state = state;
	item->heap = heap_of(sync, item);
	sync->counts[item_state(item)]++;
	if (item->heap != NULL)
		due_heap_push(item->heap, &item->node, due_ms);
	if (item->heap == &sync->edited)
		gate_hurry(&sync->gate);
}

/* Of very many, those of a run stay together: neighbours in memory are sent as neighbours. */
static int64_t draw_ahead_ms(struct sync *sync)
{
	if (sync->ahead_left == 0) {
		sync->ahead_ms = (int64_t)(backoff_random(&sync->random) % MIX_MS);
		sync->ahead_left = 1 + sync->count / MIX_MS;
	}
	sync->ahead_left--;
	return sync->ahead_ms;
}

/* By their ids the lowest, if they hang, would hold all slots until each of them was tried once,
 * and again after each reload. */
void item_set_due(struct sync *sync, struct item *item, int64_t now_ms)
{
	item_set_state(sync, item, SYNC_DUE, now_ms - draw_ahead_ms(sync));
}

void item_set_succeeded(struct sync *sync, struct item *item, bool succeeded)
{
	sync->succeeded -= item->succeeded;
	item->succeeded = succeeded;
	sync->succeeded += item->succeeded;
}

int64_t item_transient_delay(struct sync *sync, unsigned failures)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->first_ms, retry->max_ms};

	return backoff_delay(&backoff, failures, &sync->random);
}

int64_t item_rejected_delay(struct sync *sync, unsigned rejections)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->rejected_first_ms, retry->rejected_max_ms};

	return backoff_delay(&backoff, rejections, &sync->random);
}

void item_set_uncertain(struct item *item, int64_t until_ms)
{
	item->uncertainty.until_ms = until_ms;
	item->entry.uncertain = until_ms != 0;
}

void item_clear_error(struct item *item)
{
	free(item->failures.error.text);
	item->failures.error = (struct sync_error){0};
	item->failures.about = SPEC_ID;
}

void item_set_error(struct item *item, const struct sync_answer *answer)
{
	item_clear_error(item);
	item->failures.error =
		(struct sync_error){mem_dup(answer->error_text), answer->status, answer->curl_code};
	item->failures.about = answer->about;
}

void item_forget_failures(struct item *item)
{
	item->failures.attempts = 0;
	item->failures.transients = 0;
	item->failures.rejections = 0;
	item->failures.not_before_ms = 0;
	item->asked = true;
}

void item_begin_anew(struct item *item)
{
	item->failed = false;
	item->failures.denied = false;
	item_forget_failures(item);
}

void item_retire_error(struct sync *sync, struct item *item)
{
	if (item->failures.error.text != NULL) {
		free(sync->borrowed.retired_text);
		sync->borrowed.retired_text = item->failures.error.text;
		item->failures.error.text = NULL;
	}
	item_clear_error(item);
}

static bool differs(const struct item *item)
{
	enum plan_kind kind = plan_decide(item->desired, &item->entry, NULL, false).kind;

	return kind == PLAN_NEW || kind == PLAN_CHANGED;
}

static void rest(struct sync *sync, struct item *item, enum sync_state state, int64_t now_ms)
{
	if (state == SYNC_IN_SYNC && item->entry.intended) {
		item->entry.intended = false;
		save_changed(sync, now_ms);
	}
	item_set_state(sync, item, state, 0);
}

/* The intent is on disk as soon as a save that was started after it was set has ended. */
static void save_intent(struct sync *sync, struct item *item)
{
	sync->was_sent = sync->was_sent || sync->adopting;
	if (!item->entry.intended) {
		item->entry.intended = true;
		item->intent_save = sync->saver.next;
		sync->saver.urgent = true;
	}
	item_set_state(sync, item, SYNC_SAVING_INTENT, (int64_t)item->intent_save);
}

/* All is as it should be, but for a lost request that may still be applied: send once more when it
 * cannot any longer. Until then the intent stays, as a crash now must send it once more. */
static void schedule_confirmation(struct sync *sync, struct item *item, int64_t now_ms)
{
	item->uncertainty.confirming = true;
	item_set_state(sync, item, SYNC_CONFIRMING,
	               moment_later(item->uncertainty.until_ms, now_ms));
}

void item_settle(struct sync *sync, struct item *item, int64_t now_ms)
{
	bool is_equal = !differs(item) && !item->uncertainty.maybe_applied && item->forced == 0;

	if (is_equal || item->desired->paused)
		item_retire_error(sync, item);
	if (item->desired->paused)
		rest(sync, item, SYNC_PAUSED, now_ms);
	else if (is_equal && item->uncertainty.until_ms != 0)
		schedule_confirmation(sync, item, now_ms);
	else if (is_equal)
		rest(sync, item, SYNC_IN_SYNC, now_ms);
	else if (sync->adopting && item->forced == 0)
		item_set_state(sync, item, SYNC_ASKING, 0);
	else if (item->state == SYNC_SAVING_INTENT)
		return;
	else if (item->entry.intended && item->intent_save <= sync->saver.ended)
		item_set_due(sync, item, now_ms);
	else
		save_intent(sync, item);
}
