/* SPDX-License-Identifier: MIT */
/* A gate closes on the first answer that says "not like this, not you" and on a row of failures
 * that says "not now". While it is closed one request at a time goes out as a probe, later and
 * later.
 *
 * Any answer of the service itself to the probe opens it again, a refusal of the value included:
 * it shows that the way is free. Then 1, 2, 4 … requests go at once until the ramp is over.
 *
 * An answer to a request that was sent before the gate closed neither opens it nor counts as a
 * probe; but a graver reason replaces a lesser one: a key that is refused tells more than an
 * outage. */
#include "sync/gate.h"

#include "base/backoff.h"

static const struct backoff probe_backoff = {.first_ms = GATE_PROBE_FIRST_MS,
                                             .max_ms = GATE_PROBE_MAX_MS};
static const struct backoff breaker_backoff = {.first_ms = GATE_BREAKER_FIRST_MS,
                                               .max_ms = GATE_BREAKER_MAX_MS};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t gate_ready_at(const struct gate *gate, int64_t now_ms)
{
	if (gate->state == GATE_OPEN)
		return later(now_ms, gate->paused_until_ms);
	if (gate->probing)
		return INT64_MAX;
	return later(now_ms, later(gate->probe_at_ms, gate->paused_until_ms));
}

unsigned gate_window(const struct gate *gate, unsigned max)
{
	return gate->window != 0 && gate->window < max ? gate->window : max;
}

bool gate_start(struct gate *gate)
{
	gate->probing = gate->state != GATE_OPEN;
	return gate->probing;
}

static void schedule_probe(struct gate *gate, int64_t now_ms, uint64_t *random)
{
	const struct backoff *backoff =
		gate->state == GATE_BREAKER ? &breaker_backoff : &probe_backoff;

	gate->probe_at_ms = now_ms + backoff_delay(backoff, gate->probes + 1, random);
}

static enum gate_change shut(struct gate *gate, enum gate_state state, int64_t now_ms,
                             uint64_t *random)
{
	gate->state = state;
	gate->probes = 0;
	schedule_probe(gate, now_ms, random);
	return GATE_CLOSED;
}

static void open_up(struct gate *gate)
{
	gate->state = GATE_OPEN;
	gate->probes = 0;
	gate->failures = 0;
	gate->window = 1;
}

static bool count_failure(struct gate *gate, int64_t id)
{
	if (gate->failures == 0) {
		gate->failed_id = id;
		gate->several = false;
	} else if (gate->failed_id != id) {
		gate->several = true;
	}
	gate->failures++;
	return gate->failures >= GATE_BREAKER_FAILURES && gate->several;
}

/* The service itself answered, be it with a refusal of the value. */
static bool shows_free(enum verdict_kind kind)
{
	return kind == VERDICT_ACCEPTED || kind == VERDICT_REJECTED;
}

/* The state that an answer calls for; of a failure that does not open the breaker: the one it is.
 */
static enum gate_state called_for(struct gate *gate, const struct gate_answer *answer)
{
	switch (answer->verdict.kind) {
	case VERDICT_DENIED:
		return GATE_AUTH;
	case VERDICT_MISCONFIGURED:
		return GATE_CONFIG;
	case VERDICT_TRANSIENT:
		return count_failure(gate, answer->id) ? GATE_BREAKER : gate->state;
	case VERDICT_ACCEPTED:
	case VERDICT_REJECTED:
		break;
	}
	return GATE_OPEN;
}

static enum gate_change answer_probe(struct gate *gate, enum gate_state wanted, int64_t now_ms,
                                     uint64_t *random)
{
	gate->probing = false;
	if (wanted == GATE_OPEN) {
		open_up(gate);
		return GATE_OPENED;
	}
	if (wanted != gate->state && wanted != GATE_BREAKER)
		return shut(gate, wanted, now_ms, random);
	gate->probes++;
	schedule_probe(gate, now_ms, random);
	return GATE_PROBE_FAILED;
}

static enum gate_change answer_other(struct gate *gate, enum gate_state wanted, int64_t now_ms,
                                     uint64_t *random)
{
	if (gate->state == GATE_OPEN) {
		if (wanted != GATE_OPEN)
			return shut(gate, wanted, now_ms, random);
		return GATE_STAYS;
	}
	if (gate->state == GATE_BREAKER && (wanted == GATE_AUTH || wanted == GATE_CONFIG))
		return shut(gate, wanted, now_ms, random);
	return GATE_STAYS;
}

enum gate_change gate_answer(struct gate *gate, const struct gate_answer *answer, int64_t now_ms,
                             uint64_t *random)
{
	enum gate_state wanted = called_for(gate, answer);

	if (answer->verdict.host_wide && answer->retry_after_ms > 0) {
		gate->paused_until_ms =
			later(gate->paused_until_ms, now_ms + answer->retry_after_ms);
	}
	if (answer->probe && gate->probing)
		return answer_probe(gate, wanted, now_ms, random);
	if (shows_free(answer->verdict.kind)) {
		gate->failures = 0;
		if (gate->state == GATE_OPEN && gate->window != 0) {
			/* Past any limit of max_in_flight the ramp is over. */
			gate->window = gate->window < 64 ? gate->window * 2 : 0;
		}
	}
	return answer_other(gate, wanted, now_ms, random);
}

bool gate_release(struct gate *gate, enum gate_state state)
{
	if (gate->state != state || state == GATE_OPEN)
		return false;
	open_up(gate);
	gate->probing = false;
	return true;
}
