/* SPDX-License-Identifier: MIT */
/* What one integration alone suffers is its own. So a first answer that says "not you" only raises
 * a suspicion: the list and up to three others are asked, and a success of any of them is the
 * witness that the key and the URL are good. What has no witness closes the gate; then one request
 * at a time goes out as a probe, later and later.
 *
 * Transient failures in a row open the breaker. If none of them had an answer of the application it
 * is unreachable, and only probed; the list is the first probe. Otherwise it fails, and is asked on
 * at half the speed: some of what is due may be taken all the same.
 *
 * Any answer of the service itself opens all of these, a rejection of the value included: it shows
 * that the way is free. Then 1, 2, 4 … requests go at once until the ramp is over. */
#include "sync/gate.h"

#include "base/backoff.h"
#include "base/moment.h"

static const struct backoff probe_backoff = {.first_ms = GATE_PROBE_FIRST_MS,
                                             .max_ms = GATE_PROBE_MAX_MS};
static const struct backoff breaker_backoff = {.first_ms = GATE_BREAKER_FIRST_MS,
                                               .max_ms = GATE_BREAKER_MAX_MS};

static bool is_closed(const struct gate *gate)
{
	return gate->state != GATE_OPEN && !gate->failing;
}

bool gate_is_trial(const struct gate *gate, int64_t now_ms)
{
	return gate->paused_until_ms > now_ms && gate->trial_at_ms != 0;
}

bool gate_is_single(const struct gate *gate, int64_t now_ms)
{
	return is_closed(gate) || gate->suspect != GATE_OPEN || gate_is_trial(gate, now_ms);
}

/* When the next probe may go, if none is in flight. */
static int64_t probe_due(const struct gate *gate)
{
	if (gate->hurried && gate->probed_at_ms == 0)
		return 0;
	if (gate->hurried)
		return moment_sooner(gate->probe_at_ms, gate->probed_at_ms + GATE_HURRY_MS);
	return gate->probe_at_ms;
}

/* The end of a pause, or its next trial. */
static int64_t free_at_of(const struct gate *gate, int64_t now_ms)
{
	int64_t free_at = gate->paused_until_ms;

	if (gate->trial_at_ms != 0)
		free_at = moment_sooner(free_at, gate->trial_at_ms);
	return moment_later(now_ms, free_at);
}

int64_t gate_ready_at(const struct gate *gate, int64_t now_ms)
{
	int64_t free_at = free_at_of(gate, now_ms);

	if (gate->suspect != GATE_OPEN)
		return gate->probing || gate->witnesses >= GATE_WITNESSES ? INT64_MAX : free_at;
	if (is_closed(gate))
		return gate->probing ? INT64_MAX : moment_later(free_at, probe_due(gate));
	return gate->probing ? moment_later(now_ms, gate->paused_until_ms) : free_at;
}

int64_t gate_list_at(const struct gate *gate, int64_t now_ms)
{
	int64_t free_at = moment_later(now_ms, gate->paused_until_ms);

	if (gate->suspect != GATE_OPEN)
		return gate->list == GATE_LIST_NONE ? free_at : INT64_MAX;
	/* An edit knows better than the list whether it can be sent. */
	if (is_closed(gate) && gate->list_first && !gate->probing && !gate->hurried)
		return moment_later(free_at, probe_due(gate));
	return INT64_MAX;
}

int64_t gate_hurry_at(const struct gate *gate, int64_t now_ms)
{
	int64_t free_at = moment_later(now_ms, gate->paused_until_ms);

	if (!gate->failing || !gate->hurried || gate->suspect != GATE_OPEN)
		return INT64_MAX;
	return gate->probed_at_ms == 0 ? free_at
	                               : moment_later(free_at, gate->probed_at_ms + GATE_HURRY_MS);
}

unsigned gate_window(const struct gate *gate, unsigned max)
{
	if (gate->failing)
		return max > 1 ? max / 2 : 1;
	return gate->window != 0 && gate->window < max ? gate->window : max;
}

bool gate_has_witness(const struct gate *gate, int64_t now_ms)
{
	return gate->passed_at_ms != 0 && now_ms - gate->passed_at_ms < GATE_WITNESS_MS;
}

bool gate_start(struct gate *gate, int64_t id, int64_t now_ms)
{
	bool single = gate_is_single(gate, now_ms);

	if (gate->suspect != GATE_OPEN && id == 0) {
		gate->list = GATE_LIST_ASKED;
		return true;
	}
	if (gate->hurried || single) {
		gate->probed_at_ms = now_ms;
		gate->probed_id = id;
	}
	gate->hurried = gate->hurried && gate->state == GATE_OPEN;
	gate->witnesses += gate->suspect != GATE_OPEN;
	gate->list_first = gate->list_first && id != 0;
	gate->probing = single;
	return single;
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
	gate->failing = state == GATE_BREAKER && gate->unanswered < GATE_BREAKER_FAILURES;
	gate->list_first = state == GATE_BREAKER && !gate->failing;
	gate->state = state;
	gate->suspect = GATE_OPEN;
	gate->probes = 0;
	gate->probing = false;
	schedule_probe(gate, now_ms, random);
	return GATE_CLOSED;
}

static void open_up(struct gate *gate, unsigned in_flight)
{
	gate->state = GATE_OPEN;
	gate->suspect = GATE_OPEN;
	gate->failing = false;
	gate->probing = false;
	gate->hurried = false;
	gate->probes = 0;
	gate->failures = 0;
	gate->unanswered = 0;
	gate->window = in_flight + 1;
}

/* The service itself answered, be it with a rejection of the value. */
static bool passes(const struct gate_answer *answer)
{
	enum verdict_kind kind = answer->verdict.kind;

	return kind == VERDICT_ACCEPTED || (kind == VERDICT_REJECTED && answer->id != 0);
}

static enum gate_change pass(struct gate *gate, const struct gate_answer *answer, int64_t now_ms)
{
	bool suspected = gate->suspect != GATE_OPEN;

	gate->passed_at_ms = now_ms;
	/* A witness or a probe that was sent before the pause is no trial of it. */
	if (answer->probe && gate->trial_at_ms != 0 && gate->probed_at_ms >= gate->trial_at_ms)
		gate_resume(gate);
	if (gate->state != GATE_OPEN) {
		open_up(gate, answer->in_flight);
		return GATE_OPENED;
	}
	gate->probing = gate->probing && !answer->probe;
	gate->hurried = false;
	gate->failures = 0;
	gate->unanswered = 0;
	/* Past any limit of max_in_flight the ramp is over. */
	if (gate->window != 0)
		gate->window = gate->window < 64 ? gate->window * 2 : 0;
	gate->suspect = GATE_OPEN;
	return suspected ? GATE_WITNESSED : GATE_STAYS;
}

static enum gate_change count_failure(struct gate *gate, const struct gate_answer *answer,
                                      int64_t now_ms, uint64_t *random)
{
	if (answer->quiet)
		return GATE_STAYS;
	gate->failures++;
	gate->unanswered = answer->verdict.unanswered ? gate->unanswered + 1 : 0;
	if (gate->failing ? gate->unanswered >= GATE_BREAKER_FAILURES
	                  : gate->state == GATE_OPEN && gate->failures >= GATE_BREAKER_FAILURES)
		return shut(gate, GATE_BREAKER, now_ms, random);
	return GATE_STAYS;
}

/* A person has to act; nothing but a witness speaks against it. */
static enum gate_change deny(struct gate *gate, const struct gate_answer *answer, int64_t now_ms,
                             uint64_t *random)
{
	bool denied = answer->verdict.kind == VERDICT_DENIED;
	enum gate_state state = denied ? GATE_AUTH : GATE_CONFIG;

	if (gate->state == GATE_AUTH || gate->state == GATE_CONFIG)
		return GATE_STAYS;
	if (!answer->verdict.needs_witness)
		return shut(gate, state, now_ms, random);
	if (gate->suspect != GATE_OPEN)
		return GATE_STAYS;
	gate->suspect = state;
	gate->witnesses = 0;
	gate->list = GATE_LIST_NONE;
	return GATE_STAYS;
}

/* The application answers, of a server that was taken for unreachable. In a list any status below
 * 500 is its own. */
static bool begin_failing(struct gate *gate, const struct gate_answer *answer)
{
	const struct verdict *verdict = &answer->verdict;
	bool is_own = answer->id == 0 ? !verdict->maybe_done : verdict->kind == VERDICT_TRANSIENT;

	if (gate->state != GATE_BREAKER || gate->failing || verdict->unanswered || !is_own)
		return false;
	gate->failing = true;
	gate->unanswered = 0;
	gate->probing = false;
	return true;
}

static enum gate_change fail_probe(struct gate *gate, const struct gate_answer *answer,
                                   int64_t now_ms, uint64_t *random)
{
	enum gate_state state = answer->verdict.kind == VERDICT_DENIED ? GATE_AUTH : GATE_CONFIG;

	gate->probing = false;
	if (begin_failing(gate, answer))
		return GATE_STAYS;
	if (answer->id != 0 && answer->verdict.kind != VERDICT_TRANSIENT && state != gate->state)
		return gate->state == GATE_BREAKER ? deny(gate, answer, now_ms, random)
		                                   : shut(gate, state, now_ms, random);
	/* What an edit asked for comes on top, and does not put the next one off. */
	if (now_ms < gate->probe_at_ms)
		return GATE_STAYS;
	gate->probes++;
	schedule_probe(gate, now_ms, random);
	return GATE_PROBE_FAILED;
}

static enum gate_change take_list(struct gate *gate, const struct gate_answer *answer,
                                  int64_t now_ms, uint64_t *random)
{
	bool passed = passes(answer);

	gate->passed_at_ms = passed ? now_ms : gate->passed_at_ms;
	if (gate->suspect != GATE_OPEN)
		gate->list = GATE_LIST_ENDED;
	if (begin_failing(gate, answer))
		return GATE_STAYS;
	if (passed && gate->suspect != GATE_OPEN) {
		gate->suspect = GATE_OPEN;
		return GATE_WITNESSED;
	}
	if (!answer->probe || !is_closed(gate) || !gate->probing)
		return GATE_STAYS;
	if (!passed)
		return fail_probe(gate, answer, now_ms, random);
	open_up(gate, answer->in_flight);
	return GATE_OPENED;
}

static void note_pause(struct gate *gate, const struct gate_answer *answer, int64_t now_ms)
{
	int64_t until_ms = now_ms + answer->retry_after_ms;

	if (!answer->verdict.host_wide || answer->retry_after_ms <= 0)
		return;
	gate->paused_until_ms = moment_later(gate->paused_until_ms, until_ms);
	gate->paused_id = answer->id;
	/* A 429 is about all; a 503 may be about one. */
	gate->trial_at_ms = answer->verdict.maybe_done ? now_ms + GATE_TRIAL_MS : 0;
}

enum gate_change gate_answer(struct gate *gate, const struct gate_answer *answer, int64_t now_ms,
                             uint64_t *random)
{
	note_pause(gate, answer, now_ms);
	if (answer->id == 0)
		return take_list(gate, answer, now_ms, random);
	/* What was sent before the key was refused says nothing of it. */
	if (passes(answer))
		return answer->probe || !is_closed(gate) || gate->state == GATE_BREAKER
		               ? pass(gate, answer, now_ms)
		               : GATE_STAYS;
	if (answer->probe && is_closed(gate) && gate->probing)
		return fail_probe(gate, answer, now_ms, random);
	if (answer->probe)
		gate->probing = false;
	if (answer->probe && gate->trial_at_ms != 0)
		gate->trial_at_ms = now_ms + GATE_TRIAL_MS;
	if (answer->verdict.kind == VERDICT_TRANSIENT)
		return count_failure(gate, answer, now_ms, random);
	return answer->quiet ? GATE_STAYS : deny(gate, answer, now_ms, random);
}

enum gate_change gate_condemn(struct gate *gate, bool others, int64_t now_ms, uint64_t *random)
{
	if (gate->suspect == GATE_OPEN || gate->list != GATE_LIST_ENDED || gate->probing ||
	    (others && gate->witnesses < GATE_WITNESSES))
		return GATE_STAYS;
	return shut(gate, gate->suspect, now_ms, random);
}

void gate_hurry(struct gate *gate)
{
	gate->hurried = gate->state != GATE_OPEN || gate->suspect != GATE_OPEN;
}

bool gate_release(struct gate *gate, enum gate_state state)
{
	if (state == GATE_OPEN || (gate->state != state && gate->suspect != state))
		return false;
	open_up(gate, 0);
	return true;
}

void gate_resume(struct gate *gate)
{
	gate->paused_until_ms = 0;
	gate->trial_at_ms = 0;
}
