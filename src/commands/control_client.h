/* SPDX-License-Identifier: MIT */
/* One question to the running daemon over its control socket (SPEC §7), and its answer. */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define CONTROL_CLIENT_NOT_RUNNING 3 /* an exit code of commands */

/* All borrowed. */
struct control_client_request {
	const char *name;   /* "status", "wait", … */
	const int64_t *ids; /* NULL: none are named */
	size_t count;
	int64_t timeout_ms;    /* that the daemon keeps; 0: none is named */
	int64_t wait_ms;       /* for the answer; 0: 10 s, for what is answered at once */
	struct text *verbatim; /* the answer is appended to it as it is; NULL: it is not */

	/* Called about twice a second while there is no answer; NULL: not. */
	void (*waiting)(int64_t elapsed_ms, const void *data);
	const void *data;
};

/* Ask the daemon whose runtime directory it is, and wait for its answer. Returns 0 with `*answer`
 * (owned: json_object_put()), or NULL there and an exit code, with why in a line of `errors` (NULL:
 * nowhere): CONTROL_CLIENT_NOT_RUNNING where nobody listens, any more or at all; EX_TEMPFAIL where
 * the daemon has too many clients or closes the connection;
 * EX_NOPERM for a request that is not this user's to make; EX_USAGE for one that is too long;
 * EXIT_FAILURE else. */
int control_client_ask(const char *runtime_directory, const struct control_client_request *request,
                       struct json_object **answer, struct text *errors);

/* Read members of an answer: `otherwise` or NULL if it is missing, null or of another type. Strings
 * are borrowed from the object. */
int64_t control_client_int(struct json_object *object, const char *key, int64_t otherwise);
bool control_client_bool(struct json_object *object, const char *key);
const char *control_client_string(struct json_object *object, const char *key);

/* The members of an array by their index; 0 and NULL if it is none. */
size_t control_client_count(struct json_object *object, const char *key);
struct json_object *control_client_at(struct json_object *object, const char *key, size_t index);

/* Print the faults that the object has, as `check` prints them. */
void control_client_print_faults(struct json_object *object, bool colour, struct text *out);

/* integration_state.c: what the answers say of one integration, for people.
 * What a state means to the operator. */
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
