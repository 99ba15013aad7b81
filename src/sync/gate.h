/* SPDX-License-Identifier: MIT */
/* Whether the host may be asked at all: the auth and configuration gates, the breaker, a pause
 * that the server asked for, and the ramp after each of them (SPEC §6). */
#ifndef GATE_H
#define GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/verdict.h"

/*  open ──401, 403──▶ auth ─────┐
 *  open ──3xx, TLS──▶ config ───┤ one probe at a time, later and later;
 *  open ──failures──▶ breaker ──┘ an answer of the service ──▶ open, 1, 2, 4 … in flight
 */
enum gate_state { GATE_OPEN, GATE_AUTH, GATE_CONFIG, GATE_BREAKER };

#define GATE_PROBE_FIRST_MS   INT64_C(60000) /* auth and configuration */
#define GATE_PROBE_MAX_MS     INT64_C(900000)
#define GATE_BREAKER_FIRST_MS INT64_C(5000)
#define GATE_BREAKER_MAX_MS   INT64_C(300000)
#define GATE_BREAKER_FAILURES 5 /* in a row, over at least two integrations */

struct gate {
	enum gate_state state;
	unsigned probes;         /* that failed since it closed */
	int64_t probe_at_ms;     /* when the next one may go; only while closed */
	bool probing;            /* one is in flight */
	int64_t paused_until_ms; /* Retry-After of the host; 0: none */
	unsigned failures;       /* transient ones in a row */
	int64_t failed_id;       /* whose the first of these was */
	bool several;            /* others failed too */
	unsigned window;         /* the ramp: requests at once; 0: no limit of ours */
};

/* An answer, as the gate sees it. */
struct gate_answer {
	int64_t id;
	struct verdict verdict;
	int64_t retry_after_ms; /* 0: none */
	bool probe;             /* the request was the probe */
};

enum gate_change {
	GATE_STAYS,
	GATE_CLOSED, /* it was open, or closed for another reason */
	GATE_PROBE_FAILED,
	GATE_OPENED,
};

/* Zeroed is open. */

/* The earliest time a request may start: `now_ms` or later, INT64_MAX while only an answer helps.
 */
int64_t gate_ready_at(const struct gate *gate, int64_t now_ms);

/* How many requests may be in flight at once, at most `max`. */
unsigned gate_window(const struct gate *gate, unsigned max);

/* Note that a request starts; true if it is the probe. */
bool gate_start(struct gate *gate);

/* Take an answer in. `random` advances. */
enum gate_change gate_answer(struct gate *gate, const struct gate_answer *answer, int64_t now_ms,
                             uint64_t *random);

/* Open what `state` names (a new key, an operator's reload), if it is that which is closed. True if
 * it was. A pause that the server asked for stays; another server is another, zeroed, gate. */
bool gate_release(struct gate *gate, enum gate_state state);

#endif
