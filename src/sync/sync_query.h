/* SPDX-License-Identifier: MIT */
/* What the reconciler knows, to be shown and to be saved. */
#ifndef SYNC_QUERY_H
#define SYNC_QUERY_H

#include "sync/sync.h"

/* The specification in force; NULL before the first. Borrowed until the next CONFIGURED. */
const struct spec *sync_spec(const struct sync *sync);

/* Append the state file's text of this moment, but for state_encode_end(), which needs time and no
 * reconciler. `is_last`: nothing will be sent any more, so only what may have arrived keeps its
 * intent. */
void sync_encode(const struct sync *sync, bool is_last, struct text *out);

/* The same in parts: `max` integrations, from the first one behind `*after` on, which becomes the
 * last of them; 0: from the beginning. False: there are more. Each is as it is at that moment, so
 * after a new specification begin again. */
bool sync_encode_part(const struct sync *sync, bool is_last, size_t max, int64_t *after,
                      struct text *out);

/* "in-sync", "due", … */
const char *sync_shown_name(enum sync_state shown);

/* Whether nothing is under way or to come by itself soon. What is rejected is settled too. */
bool sync_shown_is_settled(enum sync_state shown);

/* Whether it was accepted, and the server differs all the same. */
bool sync_shown_is_drift(enum sync_state shown);

/* How many are shown so. O(1). */
size_t sync_shown_count(const struct sync *sync, enum sync_state shown);

/* One integration, to be shown. Borrowed until the next step. */
struct sync_view {
	int64_t id;
	enum sync_state shown;
	const struct spec_integration *integration; /* NULL when LEAVING */
	const struct state_entry *entry;
	uint64_t generation;
	uint64_t sent_generation; /* of what is in flight */
	unsigned attempts;        /* failed since the last success or edit */
	int64_t due_ms;           /* monotonic; INT64_MAX: not before something changes */
	const char *error_text;   /* the last error; NULL if there is none */
	enum spec_field about;    /* the part that it is about; SPEC_ID: none */
	const char *drift;        /* DRIFTED: the server's schedule; NULL: none */
};

size_t sync_count(const struct sync *sync);
struct sync_view sync_view_at(const struct sync *sync, size_t index); /* in the order of ids */

/* The view of an id; false if there is none. O(log n). */
bool sync_view_of(const struct sync *sync, int64_t id, struct sync_view *view);

/* The index of the first integration whose id is greater; sync_count() if there is none. */
size_t sync_index_after(const struct sync *sync, int64_t id);

/* Requests under way, also of what was removed. O(1). */
size_t sync_count_in_flight(const struct sync *sync);

const struct gate *sync_gate(const struct sync *sync);

#endif
