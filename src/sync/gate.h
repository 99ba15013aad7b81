/* SPDX-License-Identifier: MIT */
/* Whether the host may be asked, and by how many at once: the auth and configuration gates, the
 * breaker, a pause that the server asked for, and the ramp after each of them (SPEC §6).
 *
 *   open ──401, 403, 3xx──▶ suspected ──no witness──▶ auth or configuration: closed
 *   open ──TLS, URL, 407────────────────────────────▶ configuration: closed
 *   open ──failures in a row──▶ breaker: closed; if the application answers only slowed down
 *   closed ──a probe passes──▶ open, 1, 2, 4 … in flight
 *
 * A gate closes and a breaker opens: an open breaker is a closed gate. */
#ifndef GATE_H
#define GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/verdict.h"

enum gate_state { GATE_OPEN, GATE_AUTH, GATE_CONFIG, GATE_BREAKER };

#define GATE_PROBE_FIRST_MS   INT64_C(60000) /* auth and configuration */
#define GATE_PROBE_MAX_MS     INT64_C(900000)
#define GATE_BREAKER_FIRST_MS INT64_C(5000)
#define GATE_BREAKER_MAX_MS   INT64_C(300000)
#define GATE_HURRY_MS         INT64_C(1000)  /* between probes that an edit asks for */
#define GATE_FIRST_TRY_MS     INT64_C(500)   /* between first tries while the server fails */
#define GATE_TRIAL_MS         INT64_C(60000) /* of a pause: until another one is tried */
#define GATE_WITNESS_MS       INT64_C(60000) /* a success is a witness for as long */
#define GATE_WITNESSES        3              /* integrations that are asked for one */
#define GATE_BREAKER_FAILURES 5              /* in a row */

/* Zeroed is open. Times are 0 for never. */
struct gate {
	enum gate_state state;
	bool failing;            /* BREAKER: the application answers, if only with errors */
	unsigned probes;         /* that failed since it closed */
	int64_t probe_at_ms;     /* when the next one may go */
	int64_t probed_at_ms;    /* when the last one went */
	int64_t probed_id;       /* which it was; 0: the list */
	bool probing;            /* a probe, a witness or a trial is in flight */
	bool hurried;            /* an edit or a release asked for a probe at once */
	bool list_first;         /* BREAKER: the list is the first probe */
	enum gate_state suspect; /* what closes unless there is a witness; GATE_OPEN: nothing */
	unsigned witnesses;      /* integrations that were asked for one */
	enum gate_list { GATE_LIST_NONE, GATE_LIST_ASKED, GATE_LIST_ENDED } list; /* likewise */
	int64_t passed_at_ms;    /* the last success with this key and URL */
	int64_t paused_until_ms; /* Retry-After of the host */
	int64_t trial_at_ms;     /* when another one may be tried meanwhile */
	int64_t paused_id;       /* who was asked to wait */
	unsigned failures;       /* transient ones in a row */
	unsigned unanswered;     /* the last ones of these without an answer of the application */
	unsigned window;         /* the ramp: requests at once; 0: no limit of ours */
};

/* An answer, as the gate sees it. */
struct gate_answer {
	int64_t id; /* 0: of the list */
	struct verdict verdict;
	int64_t retry_after_ms; /* 0: none */
	bool probe;             /* gate_start() said so */
	bool quiet;             /* of one that is known to fail while others pass: trips nothing */
	unsigned in_flight;     /* other requests */
};

enum gate_change {
	GATE_STAYS,
	GATE_WITNESSED,
	GATE_CLOSED, /* it was open, or closed for another reason */
	GATE_PROBE_FAILED,
	GATE_OPENED,
};

/* Whether requests go one at a time, as probes, witnesses or trials, not as their turn comes. */
bool gate_is_single(const struct gate *gate, int64_t now_ms);

/* Whether the host is paused, but another one than `paused_id` may be tried meanwhile. */
bool gate_is_trial(const struct gate *gate, int64_t now_ms);

/* The earliest time a request may start: `now_ms` or later, INT64_MAX while only an answer helps.
 */
int64_t gate_ready_at(const struct gate *gate, int64_t now_ms);

/* The earliest time the list may be asked for, as a witness or the first probe; INT64_MAX: no. */
int64_t gate_list_at(const struct gate *gate, int64_t now_ms);

/* While the server fails: when the probe that an edit asked for may pass by the turns of the
 * others; INT64_MAX: none was asked for. */
int64_t gate_hurry_at(const struct gate *gate, int64_t now_ms);

/* How many requests may be in flight at once, at most `max`. */
unsigned gate_window(const struct gate *gate, unsigned max);

/* Whether a success is as recent as to be a witness. */
bool gate_has_witness(const struct gate *gate, int64_t now_ms);

/* Note that a request (0: the list) starts; true if its answer is to say `probe`. */
bool gate_start(struct gate *gate, int64_t id, int64_t now_ms);

/* Take an answer in. `random` advances. */
enum gate_change gate_answer(struct gate *gate, const struct gate_answer *answer, int64_t now_ms,
                             uint64_t *random);

/* Close what is suspect, if nothing is left to be asked: `others` can still be a witness. */
enum gate_change gate_condemn(struct gate *gate, bool others, int64_t now_ms, uint64_t *random);

/* An edit or a release: a probe is due at once, at most one a second. */
void gate_hurry(struct gate *gate);

/* Open what `state` names (a new key, an operator's reload), if it is that which is closed or
 * suspect. True if it was. */
bool gate_release(struct gate *gate, enum gate_state state);

/* End the pause that the server asked for. */
void gate_resume(struct gate *gate);

#endif
