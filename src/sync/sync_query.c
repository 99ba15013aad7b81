/* SPDX-License-Identifier: MIT */
/* What is shown is not always a state: saving an intent is part of being due, and what is in sync
 * with us may have drifted on the server. This is the only file that knows. */
#include "sync/sync_query.h"

#include "sync/sync_internal.h"

static const struct {
	const char *name;
	bool settled;
} shown_rows[SYNC_SHOWN_COUNT] = {
	[SYNC_IN_SYNC] = {"in-sync", true},
	[SYNC_DUE] = {"due", false},
	[SYNC_IN_FLIGHT] = {"in-flight", false},
	[SYNC_CONFIRMING] = {"confirming", false},
	[SYNC_WAITING] = {"waiting", false},
	[SYNC_REJECTED] = {"rejected", true},
	[SYNC_PARKED] = {"parked", true},
	[SYNC_PAUSED] = {"paused", true},
	[SYNC_LEAVING] = {"leaving", false},
	[SYNC_DRIFTED] = {"drifted", true},
	[SYNC_GONE] = {"gone", true},
};

static enum sync_state shown_of(const struct item *item)
{
	enum sync_state state = item_state(item);

	return state < SYNC_SHOWN_COUNT ? state : SYNC_DUE;
}

const char *sync_shown_name(enum sync_state shown)
{
	return shown_rows[shown].name;
}

bool sync_shown_is_settled(enum sync_state shown)
{
	return shown_rows[shown].settled;
}

bool sync_shown_is_drift(enum sync_state shown)
{
	return shown == SYNC_DRIFTED || shown == SYNC_GONE;
}

size_t sync_shown_count(const struct sync *sync, enum sync_state shown)
{
	size_t count = sync->counts[shown];

	for (enum sync_state state = SYNC_SHOWN_COUNT; state < SYNC_STATE_COUNT; state++)
		count += shown == SYNC_DUE ? sync->counts[state] : 0;
	return count;
}

const struct spec *sync_spec(const struct sync *sync)
{
	return sync->spec;
}

/* Something else than what was accepted. */
static bool may_have_arrived(const struct item *item)
{
	return item_is_in_flight(item) || item->uncertainty.maybe_applied || item->entry.uncertain;
}

static void encode_item(const struct item *item, bool is_last, struct text *out)
{
	struct state_entry entry = item->entry;

	if (!entry.accepted && !entry.intended)
		return;
	/* Known it stays: the next run does not report it as added. */
	entry.intended = entry.intended && (!is_last || may_have_arrived(item));
	state_encode_entry(out, &entry);
}

bool sync_encode_part(const struct sync *sync, bool is_last, size_t max, int64_t *after,
                      struct text *out)
{
	bool is_known = !sync->adopting || sync->was_sent;
	size_t index = sync_index_after(sync, *after);

	/* Until the server was asked nothing is known of it, and the next run asks again. */
	if (*after == 0)
		state_encode_start(out, is_known ? sync->server.url : NULL, sync->server.key_id);
	for (; index < sync->count && max > 0; index++, max--) {
		encode_item(sync->items[index], is_last, out);
		*after = sync->items[index]->id;
	}
	return index == sync->count;
}

void sync_encode(const struct sync *sync, bool is_last, struct text *out)
{
	int64_t after = 0;

	(void)sync_encode_part(sync, is_last, SIZE_MAX, &after, out);
}

size_t sync_count(const struct sync *sync)
{
	return sync->count;
}

size_t sync_index_after(const struct sync *sync, int64_t id)
{
	return id < INT64_MAX ? item_index(sync, id + 1) : sync->count;
}

static struct sync_view view_of(const struct sync *sync, const struct item *item)
{
	enum sync_state shown = shown_of(item);
	struct sync_view view = {.id = item->id,
	                         .shown = shown,
	                         .integration = item->desired,
	                         .entry = &item->entry,
	                         .generation = item->generation,
	                         .sent_generation = item->flight.generation,
	                         .attempts = item->failures.attempts,
	                         .due_ms = INT64_MAX,
	                         .error_text = item->failures.error.text,
	                         .about = item->failures.about,
	                         .drift = sync_shown_is_drift(shown) ? item->drift.remote : NULL};

	/* What a gate holds is due as soon as the gate opens. */
	if (item->state == SYNC_DUE)
		view.due_ms = item->failed ? item->flight.sent_at_ms : item->node.due_ms;
	else if (item->heap == &sync->retry)
		view.due_ms = item_retry_at(sync, item);
	else if (item->heap != NULL && item->state != SYNC_SAVING_INTENT)
		view.due_ms = item->node.due_ms;
	return view;
}

struct sync_view sync_view_at(const struct sync *sync, size_t index)
{
	return view_of(sync, sync->items[index]);
}

bool sync_view_of(const struct sync *sync, int64_t id, struct sync_view *view)
{
	const struct item *item = item_find(sync, id);

	if (item == NULL)
		return false;
	*view = view_of(sync, item);
	return true;
}

size_t sync_count_in_flight(const struct sync *sync)
{
	return sync->in_flight;
}

const struct gate *sync_gate(const struct sync *sync)
{
	return &sync->gate;
}
