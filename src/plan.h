/* SPDX-License-Identifier: MIT */
/* A merge walk of two lists sorted by id: what is new, changed, equal or gone. */
#ifndef PLAN_H
#define PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "spec.h"
#include "state.h"

enum plan_kind {
	PLAN_NEW,     /* in the spec only, or never accepted */
	PLAN_CHANGED, /* accepted with another value */
	PLAN_MARKED,  /* equal, but an intent mark says that it may not be */
	PLAN_EQUAL,
	PLAN_GONE, /* in the state only: no longer managed */
};

struct plan_item {
	enum plan_kind kind;
	int64_t id;
	const struct spec_integration *integration; /* lent; NULL when gone */
	const struct state_entry *entry;            /* lent; NULL when there is none */
};

struct plan {
	struct plan_item *items; /* owned, in the order of ids */
	size_t count;
};

/* Compare. A state of another base URL counts as empty (nothing was accepted there). O(n). */
void plan_diff(struct plan *plan, const struct spec *spec, const struct state *state);

void plan_clear(struct plan *plan);

#endif
