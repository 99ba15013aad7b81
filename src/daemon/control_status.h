/* SPDX-License-Identifier: MIT */
/* What the running daemon shows of itself, as one line of JSON; never a secret. */
#ifndef CONTROL_STATUS_H
#define CONTROL_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"
#include "sync/sync_query.h"

#define CONTROL_STATUS_VERSION 2

/* The files as they are now, compared with what is in force. */
enum control_status_config {
	CONTROL_STATUS_IN_FORCE,
	CONTROL_STATUS_CHANGED, /* they are about to be loaded */
	CONTROL_STATUS_REFUSED,
	CONTROL_STATUS_UNREAD, /* they cannot be read at present */
};

/* What the reconciler does not know. All borrowed. */
struct control_status_context {
	int64_t now_ms; /* monotonic, as the reconciler's */
	int64_t unix_s; /* the same moment by the wall clock */
	int64_t started_at;
	int64_t pid;
	const char *config_path;
	enum control_status_config config;
	const struct faults *faults; /* of the last load; NULL: none */
	bool shows_excerpts;         /* the lines that the faults are in, too */
	const char *state_directory;
	bool state_failing; /* the state could not be written the last time */
	bool stopping;
	uint64_t log_dropped;
};

/* Begin an object with the members that are about the whole. Times are unix seconds; null is "not",
 * "none" or "not before something changes". */
void control_status_add_members(const struct sync *sync,
                                const struct control_status_context *context, struct text *out);

/* Append the member "gate": whether the server is asked at present, and when it is again. */
void control_status_add_gate(const struct gate *gate, const struct control_status_context *context,
                             struct text *out);

/* Append one integration as an object; a comma comes before it where `out` ends in another. */
void control_status_add_integration(const struct sync_view *view,
                                    const struct control_status_context *context, struct text *out);

/* Append as members when it is tried again, and where in the files what its error is about stands.
 */
void control_status_add_next(const struct sync_view *view,
                             const struct control_status_context *context, struct text *out);

/* Append the faults of a load as members: "errors" and "faults", each with its file, line, column,
 * severity, message and (if shown) excerpt. NULL: none. */
void control_status_add_faults(const struct faults *faults, bool shows_excerpts, struct text *out);

#endif
