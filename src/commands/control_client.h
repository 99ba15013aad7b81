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

#endif
