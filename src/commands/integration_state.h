/* SPDX-License-Identifier: MIT */
/* What the running daemon's answers say of one integration, for people. */
#ifndef INTEGRATION_STATE_H
#define INTEGRATION_STATE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* What a state means to the operator. */
struct integration_state {
	const char *name;   /* as in the answer: "in-sync", "due", … */
	const char *colour; /* of a terminal; "": none */
	const char *next;   /* what comes next; NULL: an attempt, at the answer's `next_at` */
	bool in_sync;       /* or meant not to be: paused, leaving */
	bool is_paused;     /* its schedule is not the server's */
	bool unsettled;     /* `wait` waits on, although it is in sync */
};

/* Of an integration of an answer; a state that is not known is one that is not in sync. */
const struct integration_state *integration_state_of(struct json_object *integration);

/* Append when the next attempt is: "now", "in 2min 10s", "after the probe", "-". A closed gate or a
 * pause, of the answer's member `gate` (may be NULL), holds back what would be due before its end.
 */
void integration_state_add_next(struct json_object *integration, struct json_object *gate,
                                int64_t now_unix_s, struct text *out);

/* Append the whole of what is wrong with it, in one line:
 *   FILE:14: integration 42 'Mode: Finance' is rejected: 422 …; attempt 3, next try in 2min 10s */
void integration_state_add_problem(struct json_object *integration, struct json_object *gate,
                                   int64_t now_unix_s, struct text *out);

bool integration_state_gate_is_closed(struct json_object *gate);

#endif
