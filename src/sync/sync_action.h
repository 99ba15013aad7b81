/* SPDX-License-Identifier: MIT */
/* What the reconciler asks for and reports: a list that one step fills, in the order in which it is
 * to be carried out. */
#ifndef SYNC_ACTION_H
#define SYNC_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/wire.h"
#include "sync/gate.h"

struct sync;

enum sync_action_kind {
	SYNC_SEND, /* PUT the integration; answer with ANSWERED, exactly once */
	SYNC_SAVE, /* write sync_encode()'s text of this moment, or later; answer with SAVED */
	SYNC_LIST, /* GET the list of what the server has; answer with LISTED, exactly once */
	SYNC_REPORT_ADOPTED, /* what the server shows counts as accepted */
	SYNC_REPORT_ASKING,  /* it does not say what it has; it is asked again before all else */
	SYNC_REPORT_ADDED,
	SYNC_REPORT_REMOVED,
	SYNC_REPORT_ACCEPTED,
	SYNC_REPORT_REJECTED,
	SYNC_REPORT_FAILED,   /* transient */
	SYNC_REPORT_HELD,     /* stopped by a gate, which reports why; this one waits for it */
	SYNC_REPORT_GATE,     /* a gate closed, or its probe failed */
	SYNC_REPORT_OPENED,   /* a gate opened */
	SYNC_REPORT_PAUSED,   /* the server asked the whole host to wait */
	SYNC_REPORT_RUNAWAY,  /* our bug: sent too often, parked */
	SYNC_REPORT_DRIFT,    /* the server has another schedule than was accepted */
	SYNC_REPORT_REPAIRED, /* it was sent again, and the list shows it */
	SYNC_REPORT_UNKNOWN,  /* what the server has cannot be seen, or not of all */
};

/* What failed; zeroed: nothing did. */
struct sync_error {
	char *text;    /* in one line */
	int status;    /* HTTP's; 0: none */
	int curl_code; /* CURLcode; 0: none */
};

/* All borrowed until the next step. */
struct sync_action {
	enum sync_action_kind kind;
	bool by_answer; /* the PUT that this step's ANSWERED ended was this integration's */
	int64_t id;     /* 0: of none */
	const struct spec_integration *integration; /* NULL: none, or no longer in the spec */
	uint64_t generation;
	union {
		struct {
			const struct spec_value *value;
			unsigned attempt; /* from 1, of this value */
			bool confirming;  /* once more, after an unknown outcome */
		} send;                   /* SEND */
		struct {
			const struct spec_value *value;
			size_t count; /* 0: this one; else of how many it was reported */
		} adopted;            /* ADOPTED */
		struct {
			const struct spec_value *value;
			const struct spec_value *old; /* accepted before; NULL: nothing was */
			unsigned attempt;
			bool confirming;
		} accepted; /* ACCEPTED */
		struct {
			const struct spec_value
				*value; /* what was sent; NULL: not known any more */
			const struct spec_value *accepted; /* last; NULL: nothing was */
			struct sync_error error;
			unsigned attempt;
			int64_t retry_ms;     /* until the next try; -1: waits for a change */
			enum gate_state gate; /* whose probe it waits for; GATE_OPEN: none */
		} failed;                     /* REJECTED, FAILED, HELD, RUNAWAY, ASKING */
		struct {
			enum gate_state state;
			bool failing;            /* BREAKER: slowed down, not stopped */
			unsigned probes;         /* that failed since it closed */
			int64_t retry_ms;        /* until the next one; PAUSED: until it ends */
			struct sync_error error; /* what closed it; OPENED: none */
		} gate;                          /* GATE, OPENED, PAUSED */
		struct {
			const struct spec_value *value; /* accepted last */
			const char *remote;             /* the server's schedule; NULL: none */
			bool gone;                      /* DRIFT: it does not list it any more */
			bool repairs;                   /* it is due now */
			bool in_vain;                   /* it was, twice; it is left as it is */
		} drift;                                /* DRIFT, REPAIRED */
		struct {
			const char *error_text; /* why there is no list; NULL: of `count` entries */
			size_t count; /* that show no schedule, or are not there; `id` is the first
			               */
			const char *type;    /* borrowed from the list: the other kind as which
			                        it has the first; NULL: none */
			const char *partial; /* static: why the list is not whole, as
			                        wire_remotes has it; NULL: it is */
		} unknown;                   /* UNKNOWN */
		uint64_t save;               /* SAVE: its number */
	};
};

#endif
