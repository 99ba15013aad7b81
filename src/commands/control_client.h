/* SPDX-License-Identifier: MIT */
/* One question to the running daemon over its control socket (SPEC §7), and its answer. */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"

#define CONTROL_CLIENT_NOT_RUNNING 3     /* an exit code of commands */
#define CONTROL_CLIENT_WAIT_MS     10000 /* for what the daemon answers at once */

/* All borrowed. */
struct control_client_request {
	const char *name;   /* "status", "wait", … */
	const int64_t *ids; /* NULL: none are named */
	size_t count;
	int64_t timeout_ms; /* that the daemon keeps; 0: none is named */
};

/* A connection of one question. Zeroed is closed. */
struct control_client_link {
	int fd;             /* valid while `path` is there */
	char *path;         /* owned: of the socket */
	struct text answer; /* owned: what came so far, in the end one line */
};

/* These return 0, or an exit code with a fault: CONTROL_CLIENT_NOT_RUNNING where nobody listens,
 * any more or at all; EX_TEMPFAIL where there is no answer in time, or the daemon has too many
 * clients or closes the connection; EX_NOPERM for a request that is not this user's to make;
 * EXIT_FAILURE else.
 *
 * Connect to the daemon whose runtime directory it is, and send the request. The link is to be
 * closed in any case. */
int control_client_open(struct control_client_link *link, const char *runtime_directory,
                        const struct control_client_request *request, struct fault *fault);

/* Wait at most `wait_ms` for the whole answer: `*answer` is owned (json_object_put()), or NULL if
 * there is none yet. A signal that is handled ends the wait too. */
int control_client_receive(struct control_client_link *link, int64_t wait_ms,
                           struct json_object **answer, struct fault *fault);

void control_client_close(struct control_client_link *link);

/* All of it, for what is answered within CONTROL_CLIENT_WAIT_MS. */
int control_client_ask(const char *runtime_directory, const struct control_client_request *request,
                       struct json_object **answer, struct fault *fault);

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
