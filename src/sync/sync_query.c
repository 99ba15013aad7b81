/* SPDX-License-Identifier: MIT */
/* What the reconciler knows, to be shown and to be kept. */
#include "sync/sync_query.h"

#include "sync/sync_internal.h"

const char *sync_state_name(enum sync_state state)
{
	static const char *const names[SYNC_STATE_COUNT] = {
		[SYNC_IN_SYNC] = "in-sync",
		[SYNC_SAVING_INTENT] = "due",
		[SYNC_DUE] = "due",
		[SYNC_IN_FLIGHT] = "in-flight",
		[SYNC_CONFIRMING] = "confirming",
		[SYNC_WAITING] = "waiting",
		[SYNC_REJECTED] = "rejected",
		[SYNC_PARKED] = "parked",
		[SYNC_PAUSED] = "paused",
		[SYNC_LEAVING] = "leaving",
	};

	return names[state];
}

const struct spec *sync_spec(const struct sync *sync)
{
	return sync->spec;
}

/* Something else than what was accepted. */
static bool may_have_arrived(const struct item *item)
{
	return item_is_in_flight(item) || item->maybe_applied || item->entry.uncertain;
}

static void encode(const struct sync *sync, bool is_last, struct text *out)
{
	state_encode_start(out, sync->url);
	for (size_t i = 0; i < sync->count; i++) {
		const struct item *item = sync->items[i];
		struct state_entry entry = item->entry;

		if (!entry.accepted && !entry.intended)
			continue;
		/* Known it stays: the next run does not tell of it as added. */
		entry.intended = entry.intended && (!is_last || may_have_arrived(item));
		state_encode_entry(out, &entry);
	}
}

void sync_encode(const struct sync *sync, struct text *out)
{
	encode(sync, false, out);
}

void sync_encode_last(const struct sync *sync, struct text *out)
{
	encode(sync, true, out);
}

size_t sync_count(const struct sync *sync)
{
	return sync->count;
}

size_t sync_index_after(const struct sync *sync, int64_t id)
{
	return id < INT64_MAX ? item_index(sync, id + 1) : sync->count;
}

struct sync_view sync_view_at(const struct sync *sync, size_t index)
{
	const struct item *item = sync->items[index];
	struct sync_view view = {.id = item->id,
	                         .state = item->state,
	                         .integration = item->desired,
	                         .entry = &item->entry,
	                         .generation = item->generation,
	                         .sent_generation = item->sent_generation,
	                         .attempts = item->attempts,
	                         .due_ms = INT64_MAX,
	                         .error_text = item->error_text,
	                         .about = item->about,
	                         .drifted = item->drifted && item->state == SYNC_IN_SYNC,
	                         .drift = item->drift};

	if (item->node.index != DUE_HEAP_NONE && item->state != SYNC_SAVING_INTENT)
		view.due_ms = item->node.due_ms;
	return view;
}

const char *sync_error_text(const struct sync *sync, int64_t id)
{
	const struct item *item = item_find(sync, id);

	return item != NULL ? item->error_text : NULL;
}

size_t sync_count_of(const struct sync *sync, enum sync_state state)
{
	return sync->counts[state];
}

size_t sync_count_drifted(const struct sync *sync)
{
	size_t count = 0;

	for (size_t i = 0; sync->drifted > 0 && i < sync->count; i++)
		count += sync->items[i]->drifted && sync->items[i]->state == SYNC_IN_SYNC;
	return count;
}

const struct gate *sync_gate(const struct sync *sync)
{
	return &sync->gate;
}
