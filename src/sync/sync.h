/* SPDX-License-Identifier: MIT */
/* The reconciler: one event in (with its time), actions out, and when to be called next. The same
 * events, times and seed give the same actions. */
#ifndef SYNC_H
#define SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/wire.h"
#include "sync/gate.h"
#include "sync/state.h"

/*   in sync ──new, edit, mark──▶ marking ──mark on disk──▶ due ──its turn──▶ in flight
 *   in flight ──2xx──────────▶ in sync; confirming, if an outcome before was unknown
 *             ──transient────▶ waiting ──back-off──▶ in flight
 *             ──refused──────▶ rejected ──rejected queue──▶ in flight; parked after rejected_limit
 *   an edit: due, at once; of what is in flight: after its answer
 *   paused: known, shown, never sent; leaving: removed while in flight, then forgotten
 *   drift: what is in sync, but not on the server: told, or due at once (drift.mode)
 */
enum sync_state {
	SYNC_IN_SYNC,
	SYNC_SAVING_INTENT,
	SYNC_DUE,
	SYNC_IN_FLIGHT,
	SYNC_CONFIRMING,
	SYNC_WAITING,
	SYNC_REJECTED,
	SYNC_PARKED,
	SYNC_PAUSED,
	SYNC_LEAVING,
	SYNC_STATE_COUNT,
};

enum sync_event_kind {
	SYNC_CONFIGURED, /* a specification was loaded */
	SYNC_RELEASED,   /* the operator asked: what waits is due now, gates open */
	SYNC_ANSWERED,   /* a PUT ended */
	SYNC_LISTED,     /* a look at what the server has ended */
	SYNC_SAVED,      /* a write of the state ended */
	SYNC_TICKED,     /* sync_deadline() has come */
	SYNC_STOPPED,    /* nothing is started any more; answers still count */
};

struct sync_event {
	enum sync_event_kind kind;
	int64_t now_ms;      /* monotonic */
	int64_t unix_s;      /* wall clock, only ever recorded */
	struct spec *spec;   /* CONFIGURED: given */
	int64_t id;          /* ANSWERED: of the action that sent it */
	uint64_t generation; /* ANSWERED: likewise */
	struct verdict verdict;
	int64_t retry_after_ms; /* ANSWERED, LISTED: 0: none */
	const char *error_text; /* ANSWERED, LISTED: copied: what failed, in one line; else NULL */
	enum spec_field about;  /* ANSWERED: the part that a refusal is about; SPEC_ID: none */
	enum wire_known known;  /* ANSWERED: what the answer says of the schedule */
	const char *cron;       /* ANSWERED: copied: the schedule it says; redacted */
	const struct wire_remotes *remotes; /* LISTED: borrowed, redacted; NULL: no list was had */
	uint64_t save;                      /* SAVED: of the action */
	bool saved;                         /* SAVED: it is on disk */
};

enum sync_action_kind {
	SYNC_SEND, /* PUT the integration; answer with ANSWERED, exactly once */
	SYNC_SAVE, /* write sync_encode()'s text of this moment, or later; answer with SAVED */
	SYNC_LIST, /* GET the list of what the server has; answer with LISTED, exactly once */
	SYNC_REPORT_ADDED,
	SYNC_REPORT_REMOVED,
	SYNC_REPORT_ACCEPTED,
	SYNC_REPORT_REJECTED,
	SYNC_REPORT_FAILED,   /* transient */
	SYNC_REPORT_HELD,     /* refused by a gate: told by the gate, this one waits for it */
	SYNC_REPORT_GATE,     /* `gate` closed, or its probe failed */
	SYNC_REPORT_OPENED,   /* `gate` opened */
	SYNC_REPORT_RUNAWAY,  /* our bug: sent too often, parked */
	SYNC_REPORT_DRIFT,    /* the server has another schedule than was accepted */
	SYNC_REPORT_REPAIRED, /* it was sent again, and accepted */
	SYNC_REPORT_UNKNOWN,  /* what the server has cannot be seen, or not of all */
};

/* All borrowed until the next step. */
struct sync_action {
	enum sync_action_kind kind;
	int64_t id;
	const struct spec_integration *integration; /* NULL if the spec no longer has it */
	const struct spec_value *value; /* what is sent, was accepted or refused; else NULL */
	const struct spec_value *old;   /* what was accepted before; NULL if nothing was */
	uint64_t generation;
	unsigned attempt; /* SEND, ACCEPTED, REJECTED, FAILED: from 1, of this value */
	int64_t retry_ms; /* REJECTED, FAILED, GATE: until the next try; -1: waits for a change */
	bool confirming;  /* SEND, ACCEPTED: the second look after an unknown outcome */
	enum gate_state gate;   /* FAILED, GATE, OPENED: which one; GATE_OPEN: none */
	unsigned probes;        /* GATE: probes that failed so far */
	const char *remote;     /* DRIFT, REPAIRED: the server's schedule; NULL: none */
	const char *error_text; /* BLIND: why there is no list; NULL: `unseen` of its entries */
	size_t unseen; /* BLIND: that tell no schedule, or are not there; `id` is the first */
	bool repairs;  /* DRIFT: it is due now */
	uint64_t save;
};

/* `state` is given: what an earlier run left; NULL: nothing known. `seed` drives the jitter. */
struct sync *sync_new(struct state *state, uint64_t seed);

/* Take one event in. The actions are borrowed until the next step and in the order in which they
 * are to be carried out. */
const struct sync_action *sync_step(struct sync *sync, const struct sync_event *event,
                                    size_t *count);

/* When SYNC_TICKED is wanted; INT64_MAX: not before another event. */
int64_t sync_deadline(const struct sync *sync);

/* The specification that the last CONFIGURED replaced, given to the caller, who frees it when its
 * actions are carried out; NULL: none. What is not taken is freed by the next step. */
struct spec *sync_take_retired(struct sync *sync);

void sync_free(struct sync *sync);

#endif
