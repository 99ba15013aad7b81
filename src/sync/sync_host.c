/* SPDX-License-Identifier: MIT */
/* What answers say of the host: the gate takes them in, and what it decides is reported and carried
 * out. What a gate stopped is held; if another one passes, it was rejected for itself. */
#include "sync/sync_internal.h"

#include "base/mem.h"

#define RATE_SHARE 5.0 /* of the rate limit, for the retry queue */
#define RATE_USUAL 5.0 /* a second, where there is no limit */
#define RATE_MAX   1000.0

double host_base_rate(const struct sync *sync)
{
	double limit = sync->spec->api.rate_limit;

	return (limit > 0 ? limit : RATE_USUAL) / RATE_SHARE;
}

/* At the rate limit, which counts all requests, it needs none of its own. */
void host_set_retry_rate(struct sync *sync, double rate, int64_t now_ms)
{
	double limit = sync->spec->api.rate_limit > 0 ? sync->spec->api.rate_limit : RATE_MAX;

	sync->retry_rate = rate < limit ? rate : limit;
	token_bucket_configure(&sync->retry_bucket, rate < limit ? rate : 0, rate, now_ms);
}

/* Of the list (NULL) it is the step's own error. */
static struct sync_action *report(struct sync *sync, enum sync_action_kind kind,
                                  const struct item *item, int64_t retry_ms)
{
	struct sync_action *action = action_add(sync, kind, item);

	action->gate.error = item != NULL ? item->failures.error : sync->borrowed.error;
	action->gate.retry_ms = retry_ms;
	return action;
}

static void report_gate(struct sync *sync, const struct item *item, int64_t now_ms)
{
	const struct gate *gate = &sync->gate;
	int64_t retry_ms = gate->failing ? 0 : gate_ready_at(gate, now_ms) - now_ms;
	struct sync_action *action = report(sync, SYNC_REPORT_GATE, item, retry_ms);

	action->gate.state = gate->state;
	action->gate.failing = gate->failing;
	action->gate.probes = gate->probes;
}

void host_hold(struct sync *sync, struct item *item, int64_t now_ms)
{
	sync->held = mem_room(sync->held, &sync->held_capacity, sync->held_count + 1);
	sync->held[sync->held_count++] = item->id;
	item->failures.denied = true;
	item->failed = true;
	item->asked = true;
	/* Behind all others: the next probe is another one. */
	item_set_state(sync, item, SYNC_DUE, now_ms + GATE_PROBE_FIRST_MS);
}

static void reject_held(struct sync *sync, int64_t now_ms)
{
	for (size_t i = 0; i < sync->held_count; i++) {
		struct item *item = item_find(sync, sync->held[i]);

		if (item != NULL && item->state == SYNC_DUE && item->failed) {
			int64_t delay = item_rejected_delay(sync, ++item->failures.rejections);
			struct sync_action *action =
				action_add_failed(sync, SYNC_REPORT_REJECTED, item);

			item_set_state(sync, item, SYNC_REJECTED, now_ms + delay);
			action->failed.retry_ms = item_retry_at(sync, item) - now_ms;
		}
	}
	sync->held_count = 0;
}

void host_answer(struct sync *sync, const struct item *item, const struct gate_answer *answer,
                 int64_t now_ms)
{
	struct gate *gate = &sync->gate;
	enum gate_state before = gate->state;
	bool was_paused = gate->paused_until_ms > now_ms;
	enum gate_change change = gate_answer(gate, answer, now_ms, &sync->random);

	if (change == GATE_OPENED)
		action_add(sync, SYNC_REPORT_OPENED, item)->gate.state = before;
	if (change == GATE_OPENED || change == GATE_WITNESSED)
		reject_held(sync, now_ms);
	if (change == GATE_CLOSED || change == GATE_PROBE_FAILED)
		report_gate(sync, item, now_ms);
	if (!was_paused && gate->paused_until_ms > now_ms)
		(void)report(sync, SYNC_REPORT_PAUSED, item, gate->paused_until_ms - now_ms);
}

bool host_condemn(struct sync *sync, bool others, int64_t now_ms)
{
	const struct item *item = NULL;

	if (sync->in_flight > 0 ||
	    gate_condemn(&sync->gate, others, now_ms, &sync->random) != GATE_CLOSED)
		return false;
	for (size_t i = 0; i < sync->held_count && item == NULL; i++)
		item = item_find(sync, sync->held[i]);
	report_gate(sync, item, now_ms);
	return true;
}
