/* SPDX-License-Identifier: MIT */
/* The reconciler: one event in (with its time), actions out, and when to be called next. The same
 * events, times and seed give the same actions.
 *
 *   in sync ──new, edited, drift──▶ saving intent ──on disk──▶ due ──its turn──▶ in flight
 *
 *   in flight ──2xx──────────▶ in sync; confirming, if an outcome before was unknown
 *             ──transient────▶ waiting ──back-off──▶ in flight
 *             ──rejected─────▶ rejected ──back-off──▶ in flight; parked after rejected_limit
 *             ──gate matter──▶ due, behind all others, for another probe
 *
 *   an edit: due, at once; of what is in flight: after its answer
 *   paused: known, shown, never sent; leaving: removed while in flight, then forgotten
 */
#ifndef SYNC_H
#define SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sync/gate.h"
#include "sync/state.h"
#include "sync/sync_action.h"

/* What an integration is, and is shown as everywhere alike. */
enum sync_state {
	SYNC_IN_SYNC,
	SYNC_DUE,        /* to be sent as soon as it is its turn */
	SYNC_IN_FLIGHT,  /* a request is under way */
	SYNC_CONFIRMING, /* accepted, and sent once more later, after an unknown outcome */
	SYNC_WAITING,    /* failed, tried again later */
	SYNC_REJECTED,   /* likewise, seldom */
	SYNC_PARKED,     /* tried again after a change or a release only */
	SYNC_PAUSED,     /* never sent */
	SYNC_LEAVING,    /* no longer in the file, a request still under way */
	SYNC_DRIFTED,    /* in sync as far as we sent it, but the server has something else */
	SYNC_GONE,       /* likewise, but the server does not list it any more */
	SYNC_SHOWN_COUNT,
	/* Shown as DUE: */
	SYNC_ASKING = SYNC_SHOWN_COUNT, /* not before the server's list was seen */
	SYNC_SAVING_INTENT,
	SYNC_STATE_COUNT,
};

/* How a PUT ended. */
struct sync_answer {
	int64_t id;          /* of the action that sent it */
	uint64_t generation; /* likewise */
	struct verdict verdict;
	int status;             /* HTTP's, to be shown; 0: none */
	int curl_code;          /* likewise CURLcode */
	int64_t retry_after_ms; /* 0: none */
	const char *error_text; /* copied: what failed, in one line; else NULL */
	enum spec_field about;  /* the part that a rejection is about; SPEC_ID: none */
	enum wire_known known;  /* what the answer says of the schedule */
	const char *cron;       /* copied: that schedule, redacted */
};

/* How asking for the server's list ended. */
struct sync_list {
	struct verdict verdict;
	int status;                   /* HTTP's, to be shown; 0: none */
	int curl_code;                /* likewise CURLcode */
	int64_t retry_after_ms;       /* 0: none */
	const char *error_text;       /* copied: why there is no list; else NULL */
	struct wire_remotes *remotes; /* given, redacted; NULL: there is no list */
};

enum sync_event_kind {
	SYNC_CONFIGURED, /* a specification was loaded */
	SYNC_RELEASED,   /* the operator asked: what waits is due now, gates open */
	SYNC_PUSHED,     /* the operator asked for one to be sent, whatever is believed of it */
	SYNC_ANSWERED,   /* a PUT ended */
	SYNC_LISTED,     /* a GET of the list ended */
	SYNC_SAVED,      /* a write of the state ended */
	SYNC_FLUSHED,    /* somebody is to read the state file: write it, if it lags */
	SYNC_TICKED,     /* sync_deadline() has come */
	SYNC_STOPPED,    /* nothing is started any more; answers still count */
};

struct sync_event {
	enum sync_event_kind kind;
	int64_t now_ms; /* monotonic */
	int64_t unix_s; /* wall clock, only ever recorded */
	union {
		struct spec *spec;         /* CONFIGURED: given */
		int64_t pushed_id;         /* PUSHED: one that is not managed is passed over */
		struct sync_answer answer; /* ANSWERED */
		struct sync_list list;     /* LISTED */
		struct {
			uint64_t number; /* of the action */
			bool saved;      /* it is on disk */
		} save;                  /* SAVED */
	};
};

/* `state` is given: what an earlier run left; NULL: nothing known. `seed` drives the jitter. */
struct sync *sync_new(struct state *state, uint64_t seed);

/* Take one event in. The actions are borrowed until the next step and in the order in which they
 * are to be carried out. */
const struct sync_action *sync_step(struct sync *sync, const struct sync_event *event,
                                    size_t *count);

/* When SYNC_TICKED is expected; INT64_MAX: not before another event. */
int64_t sync_deadline(const struct sync *sync);

/* The specification that the last CONFIGURED replaced, given to the caller, who frees it when its
 * actions are carried out; NULL: none. What is not taken is freed by the next step. */
struct spec *sync_take_retired(struct sync *sync);

void sync_free(struct sync *sync);

#endif
