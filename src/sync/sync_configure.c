/* SPDX-License-Identifier: MIT */
/* A new specification meets what is known: a merge walk of two lists sorted by id.
 *
 * What is edited is settled anew, at once and with its failures forgotten; what is in flight is let
 * finish, and its answer finds a newer generation. What is removed is forgotten, but for a request
 * in flight: it stays as "leaving" until the answer, so that a re-added id never has two.
 *
 * Another base URL is another server: nothing was accepted there yet. */
#include "sync/sync_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sync/plan.h"

struct change {
	bool first;     /* the first specification of this run */
	bool was_known; /* an earlier run left a state */
	bool moved;     /* another base URL */
	bool rekeyed;   /* another API key, or another way to the server */
	int64_t now_ms;
};

static void configure_rates(struct sync *sync, bool first, int64_t now_ms)
{
	double rate = sync->spec->api.rate_limit;

	if (first) {
		token_bucket_init(&sync->bucket, rate, 2 * rate, now_ms);
		token_bucket_init(&sync->retry_bucket, host_base_rate(sync), 1, now_ms);
	} else {
		token_bucket_configure(&sync->bucket, rate, 2 * rate, now_ms);
	}
	host_set_retry_rate(sync, host_base_rate(sync), now_ms);
}

static void configure_gate(struct sync *sync, struct change *change)
{
	struct server *server = &sync->server;
	uint64_t key = spec_key_hash(&sync->spec->api, server->hash_seed);
	uint64_t transport = spec_transport_hash(&sync->spec->api, server->hash_seed);

	change->rekeyed = key != server->key_hash || transport != server->transport_hash;
	/* Of the first one's server it may be known already that it asked to wait. */
	if (transport != server->transport_hash && !change->first)
		sync->gate = (struct gate){.state = GATE_OPEN};
	else if (key != server->key_hash)
		(void)gate_release(&sync->gate, GATE_AUTH);
	/* The content of a TLS file may have been fixed; trying costs one probe. */
	(void)gate_release(&sync->gate, GATE_CONFIG);
	if (change->rekeyed) {
		sync->gate.passed_at_ms = 0;
		sync->held_count = 0;
	}
	server->key_hash = key;
	server->transport_hash = transport;
}

static void configure_url(struct sync *sync, struct change *change)
{
	struct server *server = &sync->server;

	change->moved = server->url == NULL || strcmp(server->url, sync->spec->api.url) != 0;
	if (change->moved) {
		free(server->url);
		server->url = mem_dup(sync->spec->api.url);
	}
}

/* Nothing that another server accepted counts, nor what is under way to it. */
static void move_away(struct item *item)
{
	spec_value_clear(&item->entry.value);
	item->entry.accepted = false;
	item_set_uncertain(item, 0);
	item->uncertainty.confirming = false;
	item->drift.listed = false;
	item->flight.foreign = item_is_in_flight(item);
}

static bool is_edited(const struct spec_integration *before, const struct spec_integration *desired,
                      const struct change *change)
{
	return before == NULL || change->moved || before->paused != desired->paused ||
	       !spec_value_equal(&before->value, &desired->value) ||
	       before->credentials != desired->credentials;
}

static void adopt(struct sync *sync, struct item *item, const struct spec_integration *desired,
                  const struct change *change)
{
	const struct spec_integration *before = item->desired;

	item->desired = desired;
	/* Those of which nothing is known count as accepted: new ones are noticed from then on. */
	if (item->entry.accepted && item->entry.credentials == 0 && desired->credentials != 0) {
		item->entry.credentials = desired->credentials;
		save_changed(sync, change->now_ms);
	}
	if (!is_edited(before, desired, change))
		return;
	drift_forget(sync, item);
	if (before != NULL)
		item->entry.contradicted = 0;
	item->generation = sync->generations;
	item->urgent = !change->first;
	item->uncertainty.confirming = false;
	item_begin_anew(item);
	item_clear_error(item);
	if (item->state == SYNC_LEAVING)
		item_set_state(sync, item, SYNC_IN_FLIGHT, 0);
	if (!item_is_in_flight(item))
		item_settle(sync, item, change->now_ms);
}

static struct item *add(struct sync *sync, const struct spec_integration *desired,
                        const struct change *change)
{
	struct item *item = item_new(desired->id);

	sync->counts[item->state]++;
	adopt(sync, item, desired, change);
	/* At a start the state knows all but those that were never to be sent. */
	if (!change->first || (change->was_known && !desired->paused))
		(void)action_add(sync, SYNC_REPORT_ADDED, item);
	return item;
}

/* True if the item stays, because a request is in flight. */
static bool drop(struct sync *sync, struct item *item, const struct change *change)
{
	if (change->moved)
		move_away(item);
	if (item->state == SYNC_LEAVING)
		return true;
	(void)action_add(sync, SYNC_REPORT_REMOVED, item);
	drift_forget(sync, item);
	item_set_succeeded(sync, item, false);
	save_changed(sync, change->now_ms);
	if (item->state != SYNC_IN_FLIGHT) {
		item_leave(sync, item);
		item_free(item);
		return false;
	}
	item_set_state(sync, item, SYNC_LEAVING, 0);
	item->desired = NULL;
	spec_value_clear(&item->entry.value);
	item->entry.accepted = false;
	item->entry.intended = false;
	item_set_uncertain(item, 0);
	return true;
}

/* Another key, or another way to the server: what that stopped is as new. */
static void try_anew(struct sync *sync, struct item *item, int64_t now_ms)
{
	item_set_succeeded(sync, item, false);
	if (!item->failures.denied)
		return;
	item_begin_anew(item);
	if (item->state == SYNC_DUE || item->state == SYNC_REJECTED || item->state == SYNC_PARKED)
		item_settle(sync, item, now_ms);
}

static void keep(struct sync *sync, struct item *item, const struct spec_integration *desired,
                 const struct change *change)
{
	const struct spec_integration *before = item->desired;

	/* An outcome that was unknown when the last run ended: count its time from now. */
	if (item->uncertainty.until_ms == INT64_MAX)
		item->uncertainty.until_ms = change->now_ms + item_uncertain_ms(sync);
	if (change->moved)
		move_away(item);
	if (item->state == SYNC_LEAVING) {
		item->desired = NULL;
		adopt(sync, item, desired, change);
		(void)action_add(sync, SYNC_REPORT_ADDED, item);
		return;
	}
	/* An edit of before stands behind those of now. */
	item->urgent = false;
	if (item->heap == &sync->edited)
		item_set_state(sync, item, SYNC_DUE, item->node.due_ms);
	adopt(sync, item, desired, change);
	if (before != NULL && change->rekeyed)
		try_anew(sync, item, change->now_ms);
}

static void merge(struct sync *sync, const struct change *change)
{
	const struct spec *spec = sync->spec;
	struct item **merged = mem_alloc(sync->count + spec->count + 1, sizeof(*merged));
	size_t count = 0;
	size_t old = 0;
	size_t new = 0;

	while (old < sync->count || new < spec->count) {
		struct item *item = old < sync->count ? sync->items[old] : NULL;
		const struct spec_integration *desired =
			new < spec->count ? &spec->integrations[new] : NULL;

		if (desired == NULL || (item != NULL && item->id < desired->id)) {
			if (drop(sync, item, change))
				merged[count++] = item;
			old++;
		} else if (item == NULL || desired->id < item->id) {
			merged[count++] = add(sync, desired, change);
			new ++;
		} else {
			keep(sync, item, desired, change);
			merged[count++] = item;
			old++;
			new ++;
		}
	}
	free(sync->items);
	sync->items = merged;
	sync->count = count;
}

void configure_spec(struct sync *sync, const struct sync_event *event)
{
	struct spec *spec = event->spec;
	int64_t now_ms = event->now_ms;
	struct change change = {
		.first = sync->spec == NULL, .was_known = sync->count > 0, .now_ms = now_ms};
	const struct state known = {.url = sync->server.url, .lost = sync->server.lost};
	bool other_mode = change.first || sync->spec->drift.mode != spec->drift.mode;

	sync->borrowed.spec = sync->spec;
	sync->spec = spec;
	sync->generations++;
	configure_rates(sync, change.first, now_ms);
	configure_gate(sync, &change);
	/* The first one's URL is not taken for known before that. */
	if (change.first)
		sync->adopting = spec->count > 0 && plan_adopts(spec, &known);
	configure_url(sync, &change);
	merge(sync, &change);
	if (change.moved)
		sync->checker.foreign = sync->checker.running;
	if (change.moved || spec->drift.mode == SPEC_DRIFT_OFF)
		drift_drop(sync);
	if (sync->adopting && spec->drift.mode == SPEC_DRIFT_OFF)
		adopt_end(sync, now_ms);
	drift_configure(sync, change.first || change.moved || change.rekeyed, other_mode, now_ms);
}

static bool waits(const struct item *item)
{
	return item->state == SYNC_WAITING || item->state == SYNC_REJECTED ||
	       item->state == SYNC_PARKED || (item->state == SYNC_DUE && item->failed);
}

/* What failed is due now, but stays in its queue: whose failure it is, is remembered. */
void configure_release(struct sync *sync, const struct sync_event *event)
{
	int64_t now_ms = event->now_ms;

	if (sync->adopting && !sync->list.running)
		sync->checker.at_ms = now_ms;
	for (size_t i = 0; i < sync->count; i++) {
		struct item *item = sync->items[i];

		drift_retry(sync, item, now_ms);
		if (waits(item) || item_is_in_flight(item))
			item_forget_failures(item);
		if (waits(item))
			item_settle(sync, item, now_ms);
	}
	gate_resume(&sync->gate);
	if (sync->gate.state == GATE_BREAKER)
		gate_hurry(&sync->gate);
	else if (gate_release(&sync->gate, sync->gate.state) ||
	         gate_release(&sync->gate, sync->gate.suspect))
		sync->held_count = 0;
}

/* Like new credentials: sent although it is equal, after the answer to what is in flight. */
void configure_push(struct sync *sync, const struct sync_event *event)
{
	struct item *item = item_find(sync, event->pushed_id);

	if (item == NULL || item->desired == NULL || item->desired->paused)
		return;
	item->generation = ++sync->generations;
	item->forced = item->generation;
	item->urgent = true;
	item_begin_anew(item);
	if (!item_is_in_flight(item)) {
		/* What may be applied late still may be, after this. */
		item->uncertainty.confirming = false;
		item_settle(sync, item, event->now_ms);
	}
}
