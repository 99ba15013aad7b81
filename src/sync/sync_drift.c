/* SPDX-License-Identifier: MIT */
/* Somebody may change a schedule on the server itself. So now and then the reconciler asks what the
 * server has, and holds it against what was accepted.
 *
 * A look delays no update: it is asked for when nothing is in flight and no token of the rate limit
 * would be missed, the gates permitting; of a closed gate it may be the probe, where nothing else
 * is left to be one. Only what is in sync, and was so when the look began, is
 * judged: of all else it may show the past. Another spelling of a schedule is no drift.
 *
 * Drift is told once per change. If it is to be repaired it is due like an edit, mark and all; a
 * server that takes the repair and still shows the old schedule gets the next one later and later.
 * What a look cannot see is told once, then passed over in silence. */
#include "sync/sync_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cron/cron_compare.h"

/* After the start, and after what makes the last look worthless: what is due then goes first. */
#define SOON_MS INT64_C(5000)
/* Transient failures in a row, after which it is told that nothing can be seen. */
#define FAILURES_MAX 10

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool is_equal_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* An empty text is how some servers say "none". */
static const char *none_if_empty(const char *cron)
{
	return cron != NULL && cron[0] == '\0' ? NULL : cron;
}

static void end_drift(struct sync *sync, struct item *item)
{
	sync->drifted -= item->drifted;
	item->drifted = false;
	free(item->drift);
	item->drift = NULL;
}

void drift_forget(struct sync *sync, struct item *item)
{
	end_drift(sync, item);
	item->repairing = false;
	item->repairs = 0;
	item->repair_at_ms = 0;
}

static void note_drift(struct sync *sync, struct item *item, const char *remote)
{
	end_drift(sync, item);
	item->drifted = true;
	item->drift = mem_dup(remote);
	sync->drifted++;
}

static struct sync_action *tell(struct sync *sync, enum sync_action_kind kind, struct item *item)
{
	struct sync_action *action = sync_act(sync, kind, item);

	action->value = &item->entry.value;
	action->remote = item->drift;
	return action;
}

void drift_configure(struct sync *sync, bool afresh, int64_t now_ms)
{
	const struct spec_drift *drift = &sync->spec->drift;
	bool is_other = sync->retired == NULL || sync->retired->drift.mode != drift->mode;

	if (afresh || is_other) {
		sync->blind = false;
		sync->check_failures = 0;
	}
	if (drift->mode == SPEC_DRIFT_OFF) {
		sync->look_at_ms = INT64_MAX;
		for (size_t i = 0; is_other && i < sync->count; i++)
			drift_forget(sync, sync->items[i]);
	} else if (afresh || is_other) {
		sync->look_at_ms = now_ms + sooner(drift->interval_ms, SOON_MS);
	} else {
		sync->look_at_ms = sooner(sync->look_at_ms, now_ms + drift->interval_ms);
	}
}

/* Something else waits to be sent, and will find out whether the gate can open. */
static bool has_probe(const struct sync *sync)
{
	return due_heap_peek(&sync->queue) != NULL || due_heap_peek(&sync->slow) != NULL;
}

int64_t drift_look(struct sync *sync, int64_t now_ms)
{
	int64_t at_ms = sync->look_at_ms;

	if (at_ms == INT64_MAX || sync->looking || sync->stopped || sync->in_flight > 0 ||
	    sync->count == 0 || due_heap_peek(&sync->marking) != NULL ||
	    (sync->gate.state != GATE_OPEN && has_probe(sync)))
		return INT64_MAX;
	at_ms = later(at_ms, gate_ready_at(&sync->gate, now_ms));
	at_ms = later(at_ms, token_bucket_full_at(&sync->bucket, now_ms));
	if (at_ms > now_ms)
		return at_ms;
	token_bucket_take(&sync->bucket, now_ms);
	sync->looking = true;
	sync->look_probes = gate_start(&sync->gate);
	sync->looked_at_ms = now_ms;
	(void)sync_act(sync, SYNC_LIST, NULL);
	return INT64_MAX;
}

static void repair(struct sync *sync, struct item *item, int64_t now_ms)
{
	item->forced = item->generation;
	item->repairing = true;
	item_settle(sync, item, now_ms);
}

static void find(struct sync *sync, struct item *item, const char *remote, int64_t now_ms)
{
	bool is_known = item->drifted && is_equal_text(item->drift, remote);
	bool repairs = sync->spec->drift.mode == SPEC_DRIFT_REPAIR && now_ms >= item->repair_at_ms;

	if (is_known && !repairs)
		return;
	note_drift(sync, item, remote);
	tell(sync, SYNC_REPORT_DRIFT, item)->repairs = repairs;
	if (repairs)
		repair(sync, item, now_ms);
}

/* Whether a look that began then tells of the present. */
static bool is_at_rest(const struct sync *sync, const struct item *item)
{
	return item->state == SYNC_IN_SYNC && item->desired != NULL &&
	       item->sent_at_ms < sync->looked_at_ms;
}

static void judge(struct sync *sync, struct item *item, const struct wire_remote *remote,
                  int64_t now_ms)
{
	const char *cron = none_if_empty(remote->indexing_cron);

	if (cron_same(cron, item->entry.value.indexing_cron))
		drift_forget(sync, item);
	else
		find(sync, item, cron, now_ms);
}

/* Two lists in the order of ids, side by side. What is settled meanwhile moves between heaps, never
 * in the list. */
static void compare(struct sync *sync, const struct wire_remotes *remotes, int64_t now_ms)
{
	size_t unseen = 0;
	int64_t first = 0;
	size_t at = 0;

	for (size_t i = 0; i < sync->count; i++) {
		struct item *item = sync->items[i];

		while (at < remotes->count && remotes->items[at].id < item->id)
			at++;
		if (!is_at_rest(sync, item))
			continue;
		if (at < remotes->count && remotes->items[at].id == item->id &&
		    remotes->items[at].cron_known != WIRE_UNKNOWN)
			judge(sync, item, &remotes->items[at], now_ms);
		else if (unseen++ == 0)
			first = item->id;
	}
	if (unseen > 0 && !sync->blind) {
		struct sync_action *action =
			sync_act(sync, SYNC_REPORT_UNKNOWN, item_find(sync, first));

		action->unseen = unseen;
	}
	sync->blind = unseen > 0;
}

static void fail(struct sync *sync, const struct sync_event *event)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->first_ms, retry->max_ms};
	bool is_transient = event->verdict.kind == VERDICT_TRANSIENT;
	int64_t interval_ms = sync->spec->drift.interval_ms;
	int64_t delay_ms = interval_ms;

	if (is_transient && ++sync->check_failures < FAILURES_MAX) {
		delay_ms = sooner(interval_ms,
		                  backoff_delay(&backoff, sync->check_failures, &sync->random));
	} else if (!sync->blind) {
		sync->blind = true;
		free(sync->look_words);
		sync->look_words =
			mem_dup(event->error_text != NULL ? event->error_text : "no answer");
		sync_act(sync, SYNC_REPORT_UNKNOWN, NULL)->error_text = sync->look_words;
	}
	sync->look_at_ms = event->now_ms + later(delay_ms, event->retry_after_ms);
}

/* Of a probe that failed the gate keeps count; only that one passed is worth a word. */
static void probe(struct sync *sync, const struct sync_event *event)
{
	const struct gate_answer answer = {
		.verdict = event->verdict, .retry_after_ms = event->retry_after_ms, .probe = true};
	enum gate_state before = sync->gate.state;

	if (gate_answer(&sync->gate, &answer, event->now_ms, &sync->random) == GATE_OPENED) {
		sync->held_count = 0;
		sync_act(sync, SYNC_REPORT_OPENED, NULL)->gate = before;
	}
}

void drift_listed(struct sync *sync, const struct sync_event *event)
{
	bool is_foreign = sync->look_foreign;

	sync->looking = false;
	sync->look_foreign = false;
	if (sync->look_probes && sync->gate.probing && !is_foreign)
		probe(sync, event);
	if (is_foreign || sync->look_at_ms == INT64_MAX)
		return;
	if (event->verdict.host_wide && event->retry_after_ms > 0) {
		sync->gate.paused_until_ms =
			later(sync->gate.paused_until_ms, event->now_ms + event->retry_after_ms);
	}
	if (event->remotes == NULL) {
		fail(sync, event);
		return;
	}
	sync->check_failures = 0;
	sync->look_at_ms = event->now_ms + sync->spec->drift.interval_ms;
	compare(sync, event->remotes, event->now_ms);
}

static void end_repair(struct sync *sync, struct item *item, int64_t now_ms)
{
	const struct spec_retry *retry = &sync->spec->retry;
	const struct backoff backoff = {retry->rejected_first_ms, retry->rejected_max_ms};

	item->repairing = false;
	item->repair_at_ms = now_ms + backoff_delay(&backoff, ++item->repairs, &sync->random);
}

/* An update was accepted; its answer may say that it was not taken as it was meant. */
void drift_answered(struct sync *sync, struct item *item, const struct sync_event *event)
{
	const char *remote = none_if_empty(event->cron);
	bool differs = sync->spec->drift.mode != SPEC_DRIFT_OFF && event->known != WIRE_UNKNOWN &&
	               item->sent_generation == item->generation &&
	               !cron_same(remote, sync->answered.indexing_cron);
	bool repaired = item->repairing;

	if (repaired)
		end_repair(sync, item, event->now_ms);
	if (differs) {
		if (!item->drifted || !is_equal_text(item->drift, remote)) {
			note_drift(sync, item, remote);
			(void)tell(sync, SYNC_REPORT_DRIFT, item);
		}
		return;
	}
	free(sync->old_drift);
	sync->old_drift = mem_dup(item->drift);
	end_drift(sync, item);
	if (repaired)
		tell(sync, SYNC_REPORT_REPAIRED, item)->remote = sync->old_drift;
}
