/* SPDX-License-Identifier: MIT */
/* The reconciler's step: an event changes what is known, then whatever may be sent is sent, and
 * whatever should be on disk is asked to be saved.
 *
 * Nothing here looks at all integrations but a new specification, an operator's release and a list
 * of the server: any other event costs O(log n). */
#include "sync/sync.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sync/sync_internal.h"

static void take_save(struct sync *sync, const struct sync_event *event)
{
	struct due_heap_node *node = due_heap_peek(&sync->saving);

	save_end(sync, event);
	while (node != NULL && (uint64_t)node->due_ms <= event->save.number) {
		item_set_due(sync, node->owner, event->now_ms);
		node = due_heap_peek(&sync->saving);
	}
}

static void stop(struct sync *sync, const struct sync_event *event)
{
	(void)event;
	sync->stopped = true;
	drift_drop(sync);
}

/* NULL: only time has passed. */
static void (*const takers[])(struct sync *sync, const struct sync_event *event) = {
	[SYNC_CONFIGURED] = configure_spec,
	[SYNC_RELEASED] = configure_release,
	[SYNC_PUSHED] = configure_push,
	[SYNC_ANSWERED] = answer_take,
	[SYNC_LISTED] = drift_listed,
	[SYNC_SAVED] = take_save,
	[SYNC_FLUSHED] = save_flush,
	[SYNC_TICKED] = NULL,
	[SYNC_STOPPED] = stop,
};

const struct sync_action *sync_step(struct sync *sync, const struct sync_event *event,
                                    size_t *count)
{
	action_clear(sync);
	if (takers[event->kind] != NULL)
		takers[event->kind](sync, event);
	drift_go_on(sync, event);
	sync->deadline_ms = INT64_MAX;
	if (sync->spec != NULL) {
		int64_t save_at = save_start(sync, event->now_ms);

		sync->deadline_ms = moment_sooner(save_at, dispatch(sync, event->now_ms));
	}
	if (sync->list.running)
		sync->deadline_ms = event->now_ms;
	*count = sync->action_count;
	return sync->actions;
}

int64_t sync_deadline(const struct sync *sync)
{
	return sync->deadline_ms;
}

struct spec *sync_take_retired(struct sync *sync)
{
	struct spec *retired = sync->borrowed.spec;

	sync->borrowed.spec = NULL;
	return retired;
}

static void take_state(struct sync *sync, struct state *state)
{
	sync->server.url = state->url;
	sync->server.key_id = state->key_id;
	sync->server.lost = state->lost;
	sync->items = mem_alloc(state->count + 1, sizeof(struct item *));
	sync->count = state->count;
	sync->counts[SYNC_IN_SYNC] = state->count;
	for (size_t i = 0; i < state->count; i++) {
		struct item *item = item_new(state->entries[i].id);

		item->entry = state->entries[i];
		item->uncertainty.maybe_applied = item->entry.intended;
		item_set_succeeded(sync, item, item->entry.accepted && !item->entry.intended);
		/* When it was is not known any more: as late as can be, from the first event on. */
		item->uncertainty.until_ms = item->entry.uncertain ? INT64_MAX : 0;
		sync->items[i] = item;
	}
	free(state->entries);
	*state = (struct state){0};
}

struct sync *sync_new(struct state *state, uint64_t seed)
{
	struct sync *sync = mem_new(struct sync);

	sync->random = seed;
	sync->server.hash_seed = backoff_random(&sync->random);
	sync->saver = (struct saver){.next = 1, .changed_at_ms = INT64_MAX, .at_ms = INT64_MAX};
	sync->checker.at_ms = INT64_MAX;
	sync->deadline_ms = INT64_MAX;
	if (state != NULL)
		take_state(sync, state);
	return sync;
}

void sync_free(struct sync *sync)
{
	if (sync == NULL)
		return;
	drift_drop(sync);
	action_clear(sync);
	for (size_t i = 0; i < sync->count; i++)
		item_free(sync->items[i]);
	free(sync->items);
	due_heap_clear(&sync->saving);
	due_heap_clear(&sync->due);
	due_heap_clear(&sync->edited);
	due_heap_clear(&sync->retry);
	spec_free(sync->spec);
	free(sync->actions);
	free(sync->held);
	free(sync->server.url);
	free(sync);
}
