/* SPDX-License-Identifier: MIT */
/* Somebody may change a schedule on the server itself. So now and then the reconciler asks what the
 * server has, and compares it with what was accepted.
 *
 * A check delays no update: it is asked for when nothing is in flight but what failed before, and
 * no token of the rate limit would be missed, the gates permitting. But it waits half a minute for
 * that, not for ever: a thousand updates that hang take hours, and edits may never end. Of a closed
 * gate it may be the probe, where nothing else is left to be one. Only what is in sync, and was so
 * when the check began, is compared: of all else the list may show the past. Another spelling of a
 * schedule is no drift.
 *
 * Drift is reported once per change. If it is to be repaired it is due like an edit, intent and
 * all. Only a list that shows it makes it repaired: the answer to an update may be an echo. A
 * server that accepts it twice and shows the same as before does as it likes; it is left alone
 * until something changes. What a whole list does not have any more is gone, which nothing that is
 * sent could repair. What a list does not show is reported once, then passed over in silence.
 *
 * A list meets the integrations in pieces, side by side in the order of ids: each may lead to a
 * report, and the loop must not wait for 100,000 of them. Between two pieces they come, go, are
 * edited, sent. So the id is remembered up to which all are compared, and each is judged as it is
 * when its turn comes; what was sent since the list was asked for is not judged at all. */
#include "sync/sync_drift_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cron/cron.h"
#include "sync/sync_internal.h"

/* After the start, and after what makes the last check worthless: what is due then goes first. */
#define SOON_MS INT64_C(5000)
/* Repairs that change nothing, after which there are no more. */
#define IN_VAIN_MAX 2
/* Transient failures in a row, after which it is reported that nothing can be seen. */
#define FAILURES_MAX 10
/* A check waits for updates as long as this. */
#define PATIENCE_MS INT64_C(30000)
/* In one piece: a report costs some 10 us, comparing what is equal 0.2 us. */
#define REPORTS_MAX 250
#define ITEMS_MAX   5000

/* An empty text is how some servers say "none". */
static const char *none_if_empty(const char *cron)
{
	return cron != NULL && cron[0] == '\0' ? NULL : cron;
}

static void set_kind(struct sync *sync, struct item *item, enum sync_state kind)
{
	sync->counts[item_state(item)]--;
	item->drift.kind = kind;
	sync->counts[item_state(item)]++;
}

static void set_drifted(struct sync *sync, struct item *item, const char *remote)
{
	char *copy = mem_dup(remote);

	set_kind(sync, item, SYNC_DRIFTED);
	free(item->drift.remote);
	item->drift.remote = copy;
}

/* What is shown of it to the operator stays valid for this step. */
static void end_drift(struct sync *sync, struct item *item)
{
	set_kind(sync, item, SYNC_IN_SYNC);
	item->drift = (struct drift){.remote = item->drift.remote, .listed = item->drift.listed};
}

void drift_forget(struct sync *sync, struct item *item)
{
	end_drift(sync, item);
	free(item->drift.remote);
	item->drift.remote = NULL;
}

void drift_retry(struct sync *sync, struct item *item, int64_t now_ms)
{
	struct checker *checker = &sync->checker;

	item->drift.in_vain = 0;
	item->drift.repair_at_ms = 0;
	if (item->drift.kind != SYNC_IN_SYNC)
		checker->at_ms = moment_sooner(checker->at_ms, now_ms + SOON_MS);
}

static struct sync_action *report(struct sync *sync, enum sync_action_kind kind,
                                  const struct item *item)
{
	struct sync_action *action = action_add(sync, kind, item);

	action->drift.value = &item->entry.value;
	action->drift.remote = item->drift.remote;
	action->drift.gone = item->drift.kind == SYNC_GONE;
	return action;
}

void drift_configure(struct sync *sync, bool afresh, bool other_mode, int64_t now_ms)
{
	const struct spec_drift *drift = &sync->spec->drift;
	struct checker *checker = &sync->checker;

	if (afresh || other_mode) {
		checker->reported = false;
		checker->failures = 0;
	}
	if (drift->mode == SPEC_DRIFT_OFF) {
		checker->at_ms = INT64_MAX;
		for (size_t i = 0; other_mode && i < sync->count; i++)
			drift_forget(sync, sync->items[i]);
	} else if (afresh || other_mode) {
		checker->at_ms = now_ms + moment_sooner(drift->interval_ms, SOON_MS);
	} else {
		checker->at_ms = moment_sooner(checker->at_ms, now_ms + drift->interval_ms);
	}
	if (sync->adopting)
		checker->at_ms = now_ms;
}

/* Something else waits to be sent, and will find out whether the gate can open. */
static bool has_probe(const struct sync *sync)
{
	return due_heap_peek(&sync->edited) != NULL || due_heap_peek(&sync->due) != NULL ||
	       due_heap_peek(&sync->retry) != NULL;
}

static int64_t ask_at(struct sync *sync, int64_t at_ms, int64_t now_ms)
{
	struct checker *checker = &sync->checker;

	if (at_ms > now_ms)
		return at_ms;
	checker->probe = gate_start(&sync->gate, 0, now_ms);
	if (checker->running)
		return INT64_MAX;
	token_bucket_take(&sync->bucket, now_ms);
	checker->running = true;
	checker->began_ms = now_ms;
	(void)action_add(sync, SYNC_LIST, NULL);
	return INT64_MAX;
}

int64_t drift_ask(struct sync *sync, int64_t now_ms)
{
	bool is_foreign = sync->checker.running && sync->checker.foreign;
	int64_t at_ms = gate_list_at(&sync->gate, now_ms);

	/* Another server's list says nothing of this one. */
	if (sync->stopped || is_foreign)
		return INT64_MAX;
	if (at_ms != INT64_MAX && !sync->checker.running)
		at_ms = moment_later(at_ms, token_bucket_ready_at(&sync->bucket, now_ms));
	return ask_at(sync, at_ms, now_ms);
}

/* When no update would be delayed, or it has waited long enough for that. */
static int64_t idle_at(struct sync *sync, int64_t now_ms)
{
	int64_t overdue_at = sync->checker.at_ms + PATIENCE_MS;
	bool is_busy =
		sync->in_flight > sync->retry_in_flight || due_heap_peek(&sync->saving) != NULL;

	if (sync->adopting)
		return now_ms;
	return is_busy ? overdue_at
	               : moment_sooner(overdue_at, token_bucket_full_at(&sync->bucket, now_ms));
}

int64_t drift_check(struct sync *sync, int64_t now_ms)
{
	struct checker *checker = &sync->checker;
	bool is_closed = sync->gate.state != GATE_OPEN && !sync->gate.failing;
	int64_t at_ms = checker->at_ms;

	if (at_ms == INT64_MAX || checker->running || sync->list.running || sync->stopped ||
	    sync->count == 0 || (is_closed && has_probe(sync)))
		return INT64_MAX;
	at_ms = moment_later(at_ms, gate_ready_at(&sync->gate, now_ms));
	at_ms = moment_later(at_ms, sync->gate.paused_until_ms);
	at_ms = moment_later(at_ms, idle_at(sync, now_ms));
	at_ms = moment_later(at_ms, token_bucket_ready_at(&sync->bucket, now_ms));
	return ask_at(sync, at_ms, now_ms);
}

static void repair(struct sync *sync, struct item *item, int64_t now_ms)
{
	item->forced = item->generation;
	item->drift.repairing = true;
	item_settle(sync, item, now_ms);
}

/* The server has something else than was accepted. */
static void find(struct sync *sync, struct item *item, const char *remote, int64_t now_ms)
{
	struct drift *drift = &item->drift;
	bool is_known =
		(drift->kind == SYNC_DRIFTED || drift->unseen) && text_equal(drift->remote, remote);
	bool was_unseen = drift->unseen;
	bool is_over, repairs;

	drift->in_vain = is_known ? drift->in_vain + was_unseen : 0;
	drift->unseen = false;
	repairs = sync->spec->drift.mode == SPEC_DRIFT_REPAIR && now_ms >= drift->repair_at_ms &&
	          drift->in_vain < IN_VAIN_MAX;
	set_drifted(sync, item, remote);
	is_over = was_unseen && drift->in_vain == IN_VAIN_MAX;
	if (!is_known || is_over || (repairs && drift->repairs == 0)) {
		struct sync_action *action = report(sync, SYNC_REPORT_DRIFT, item);

		action->drift.repairs = repairs;
		action->drift.in_vain = is_over;
	}
	if (repairs)
		repair(sync, item, now_ms);
}

/* Accepted, and not in a whole list. One that is empty, and never had it, may show nothing to this
 * key. */
static bool is_missing(const struct list *list, const struct item *item,
                       const struct wire_remote *remote)
{
	return remote == NULL && list->remotes.partial == NULL &&
	       (list->remotes.count > 0 || item->drift.listed);
}

static void miss(struct sync *sync, struct item *item)
{
	bool is_known = item->drift.kind == SYNC_GONE;

	drift_forget(sync, item);
	set_kind(sync, item, SYNC_GONE);
	if (!is_known)
		(void)report(sync, SYNC_REPORT_DRIFT, item);
}

/* Whether a list that was asked for then shows the present. */
static bool is_at_rest(const struct sync *sync, const struct item *item)
{
	return item->state == SYNC_IN_SYNC && item->desired != NULL &&
	       item->flight.ended_at_ms < sync->list.began_ms;
}

static void judge(struct sync *sync, struct item *item, const struct wire_remote *remote,
                  int64_t now_ms)
{
	const char *cron = none_if_empty(remote->indexing_cron);

	if (!cron_same(cron, item->entry.value.indexing_cron)) {
		find(sync, item, cron, now_ms);
		return;
	}
	if (item->drift.repairs > 0)
		(void)report(sync, SYNC_REPORT_REPAIRED, item);
	end_drift(sync, item);
}

static void compare(struct sync *sync, struct item *item, const struct wire_remote *remote,
                    int64_t now_ms)
{
	struct list *list = &sync->list;

	item->drift.listed = item->drift.listed || remote != NULL;
	if (!is_at_rest(sync, item))
		return;
	if (remote != NULL && remote->cron_known != WIRE_UNKNOWN) {
		judge(sync, item, remote, now_ms);
	} else if (is_missing(list, item, remote)) {
		miss(sync, item);
	} else if (list->unseen++ == 0) {
		list->unseen_id = item->id;
		list->type = remote != NULL && !wire_may_be_mode(remote) ? remote->type : NULL;
	}
}

static void report_unseen(struct sync *sync)
{
	const struct list *list = &sync->list;
	struct sync_action *action;

	if (list->unseen > 0 && !sync->checker.reported) {
		action = action_add(sync, SYNC_REPORT_UNKNOWN, item_find(sync, list->unseen_id));
		action->unknown.count = list->unseen;
		action->unknown.type = list->type;
		action->unknown.partial = list->remotes.partial;
	}
	sync->checker.reported = list->unseen > 0;
}

/* What the list has of the id; NULL: nothing. Ids only grow. */
static const struct wire_remote *find_remote(struct list *list, int64_t id)
{
	const struct wire_remotes *remotes = &list->remotes;

	while (list->at < remotes->count && remotes->items[list->at].id < id)
		list->at++;
	return list->at < remotes->count && remotes->items[list->at].id == id
	               ? &remotes->items[list->at]
	               : NULL;
}

void drift_go_on(struct sync *sync, const struct sync_event *event)
{
	struct list *list = &sync->list;
	size_t index, end_at;

	if (!list->running)
		return;
	index = list->after_id < INT64_MAX ? item_index(sync, list->after_id + 1) : sync->count;
	end_at = index + ITEMS_MAX;
	while (index < sync->count && index < end_at && sync->action_count < REPORTS_MAX) {
		struct item *item = sync->items[index++];
		const struct wire_remote *remote = find_remote(list, item->id);

		list->after_id = item->id;
		if (sync->adopting)
			adopt_compare(sync, item, remote, event);
		else
			compare(sync, item, remote, event->now_ms);
	}
	if (index < sync->count)
		return;
	if (sync->adopting)
		adopt_end(sync, event->now_ms);
	else
		report_unseen(sync);
	drift_drop(sync);
}

void drift_drop(struct sync *sync)
{
	wire_remotes_clear(&sync->borrowed.remotes);
	sync->borrowed.remotes = sync->list.remotes;
	sync->list = (struct list){0};
}

static void start(struct sync *sync, struct wire_remotes *remotes)
{
	size_t adopted = sync->list.adopted;

	drift_drop(sync);
	sync->list = (struct list){.remotes = *remotes,
	                           .running = true,
	                           .began_ms = sync->checker.began_ms,
	                           .adopted = adopted};
	*remotes = (struct wire_remotes){0};
}

static void fail(struct sync *sync, const struct sync_list *list, int64_t now_ms)
{
	struct checker *checker = &sync->checker;
	int64_t interval_ms = sync->spec->drift.interval_ms;
	int64_t delay_ms = interval_ms;

	if (list->verdict.kind == VERDICT_TRANSIENT && ++checker->failures < FAILURES_MAX) {
		delay_ms =
			moment_sooner(interval_ms, item_transient_delay(sync, checker->failures));
	} else if (!checker->reported) {
		checker->reported = true;
		action_add(sync, SYNC_REPORT_UNKNOWN, NULL)->unknown.error_text =
			sync->borrowed.error.text;
	}
	checker->at_ms = now_ms + moment_later(delay_ms, list->retry_after_ms);
}

void drift_listed(struct sync *sync, const struct sync_event *event)
{
	struct checker *checker = &sync->checker;
	const struct sync_list *list = &event->list;
	/* As a witness it is the list, whatever it stands for besides. */
	bool is_witness = sync->gate.suspect != GATE_OPEN;
	const struct gate_answer answer = {.id = is_witness ? 0 : adopt_asks_for(sync, list),
	                                   .verdict = list->verdict,
	                                   .retry_after_ms = list->retry_after_ms,
	                                   .probe = checker->probe,
	                                   .in_flight = (unsigned)sync->in_flight};
	bool is_foreign = checker->foreign;

	checker->running = false;
	checker->foreign = false;
	if (list->remotes != NULL && (is_foreign || checker->at_ms == INT64_MAX))
		wire_remotes_clear(list->remotes);
	if (is_foreign)
		return;
	if (list->remotes == NULL)
		sync->borrowed.error = (struct sync_error){
			mem_dup(list->error_text != NULL ? list->error_text : "no answer"),
			list->status, list->curl_code};
	host_answer(sync, NULL, &answer, event->now_ms);
	if (checker->at_ms == INT64_MAX)
		return;
	if (list->remotes == NULL) {
		if (!sync->adopting || !adopt_fails(sync, list, event->now_ms))
			fail(sync, list, event->now_ms);
		return;
	}
	checker->failures = 0;
	checker->at_ms = event->now_ms + sync->spec->drift.interval_ms;
	start(sync, list->remotes);
}

/* The repair was accepted: see soon whether the server has it, and if not, repeat it later. */
static void end_repair(struct sync *sync, struct item *item, int64_t now_ms)
{
	struct checker *checker = &sync->checker;
	struct drift *drift = &item->drift;

	drift->repairing = false;
	drift->unseen = true;
	drift->repair_at_ms = now_ms + item_rejected_delay(sync, ++drift->repairs);
	if (checker->at_ms != INT64_MAX)
		checker->at_ms = moment_sooner(checker->at_ms, now_ms + SOON_MS);
}

/* An update was accepted; its answer may say that it was not taken as it was meant. */
void drift_answered(struct sync *sync, struct item *item, const struct sync_answer *answer,
                    int64_t now_ms)
{
	const char *remote = none_if_empty(answer->cron);
	bool differs = sync->spec->drift.mode != SPEC_DRIFT_OFF && answer->known != WIRE_UNKNOWN &&
	               item->flight.generation == item->generation &&
	               !cron_same(remote, item->entry.value.indexing_cron);

	if (item->drift.repairing)
		end_repair(sync, item, now_ms);
	if (!differs) {
		set_kind(sync, item, SYNC_IN_SYNC);
	} else if (item->drift.kind != SYNC_DRIFTED || !text_equal(item->drift.remote, remote)) {
		set_drifted(sync, item, remote);
		(void)report(sync, SYNC_REPORT_DRIFT, item);
	}
}
