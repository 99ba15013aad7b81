/* SPDX-License-Identifier: MIT */
/* What the reconciler knows, to be shown and to be saved. */
#ifndef SYNC_QUERY_H
#define SYNC_QUERY_H

#include "sync/sync.h"

/* The specification in force; NULL before the first. Borrowed until the next CONFIGURED. */
const struct spec *sync_spec(const struct sync *sync);

/* Append the state file's text of this moment, but for state_encode_end(), which needs time and no
 * mind. */
void sync_encode(const struct sync *sync, struct text *out);

/* The same when nothing will be sent any more: only what may have arrived keeps its mark. */
void sync_encode_last(const struct sync *sync, struct text *out);

const char *sync_state_name(enum sync_state state); /* "in-sync", "in-flight", … */

/* One integration, to be shown. Borrowed until the next step. */
struct sync_view {
	int64_t id;
	enum sync_state state;
	const struct spec_integration *integration;
	const struct state_entry *entry;
	uint64_t generation;
	uint64_t sent_generation; /* of what is in flight */
	unsigned attempts;        /* failed since the last success or edit */
	int64_t due_ms;           /* monotonic; INT64_MAX: not before something changes */
	const char *error_text;   /* the last error; NULL if there is none */
	enum spec_field about;    /* the part that it is about; SPEC_ID: none */
	bool drifted;             /* IN_SYNC as far as we sent it, but the server has … */
	const char *drift;        /* … this schedule; NULL: none */
};

size_t sync_count(const struct sync *sync);
struct sync_view sync_view_at(const struct sync *sync, size_t index); /* in the order of ids */

/* The index of the first integration whose id is greater; sync_count() if there is none. */
size_t sync_index_after(const struct sync *sync, int64_t id);

/* The last error of an integration; NULL if there is none. Borrowed until the next step. */
const char *sync_error_text(const struct sync *sync, int64_t id);

/* How many are in a state. O(1). */
size_t sync_count_of(const struct sync *sync, enum sync_state state);

/* How many of those in sync are so no longer on the server. O(1) if none is. */
size_t sync_count_drifted(const struct sync *sync);
const struct gate *sync_gate(const struct sync *sync);

#endif
