/* SPDX-License-Identifier: MIT */
/* status.json: what the running daemon shows of itself; never a secret. */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "sync/sync.h"

#define STATUS_NAME    "status.json"
#define STATUS_VERSION 1
#define STATUS_MAX     (256 * 1024 * 1024) /* bytes of a file that is read at all */

/* What the reconciler does not know. All borrowed. */
struct status_context {
	int64_t now_ms; /* monotonic, as the reconciler's */
	int64_t unix_s; /* the same moment by the wall clock */
	int64_t started_at;
	int64_t pid;
	const char *config_path;
	const char *state_directory; /* whose lock tells whether the daemon lives */
	bool refused;                /* the file as it is now is not what is in force */
	size_t refused_errors;
	const char *refused_fault; /* the first of them, with its place; NULL: none */
	bool state_failing;        /* the state could not be written the last time */
	bool stopping;
	uint64_t log_dropped;
};

/* Append the file's text in pieces, between which the reconciler may go on: a JSON object, its
 * members and then one integration a line. Times are unix seconds; null is "not", "none" or "not
 * before something changes". First the members; then, until status_encode_more() returns false,
 * `count` integrations more, those of a greater id than `*last` (0 at first), which it sets. */
void status_encode_start(const struct sync *sync, const struct status_context *context,
                         struct text *out);
bool status_encode_more(const struct sync *sync, const struct status_context *context, size_t count,
                        int64_t *last, struct text *out);

#endif
