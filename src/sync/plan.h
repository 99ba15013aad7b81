/* SPDX-License-Identifier: MIT */
/* A merge walk of lists sorted by id: what the file asks for against what the server has, or else
 * against what it accepted last: new, changed, equal, paused or gone. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/wire.h"
#include "config/spec.h"
#include "sync/state.h"

enum plan_kind {
	PLAN_NEW,     /* never accepted, and the list does not tell its schedule */
	PLAN_CHANGED, /* another value is there, or was accepted last */
	PLAN_MARKED,  /* equal, but an intent mark says that it may not be, or not stay so */
	PLAN_EQUAL,
	PLAN_PAUSED, /* known, shown, never sent */
	PLAN_GONE,   /* in the state only: no longer managed */
	PLAN_KIND_COUNT,
};

/* What an item was compared with. */
enum plan_basis {
	PLAN_BY_STATE,   /* what was accepted last: there is no list */
	PLAN_BY_LIST,    /* the list, which tells its schedule */
	PLAN_NOT_LISTED, /* what was accepted last: the list does not have this id */
	PLAN_NOT_TOLD,   /* likewise: the list has it, but does not tell its schedule */
};

#define PLAN_BIT(field) (1u << (field)) /* of a spec_field; SPEC_TOKEN: the credentials */

struct plan_item {
	enum plan_kind kind;
	enum plan_basis basis;
	int64_t id;
	const struct spec_integration *integration; /* borrowed; NULL when gone */
	const struct state_entry *entry;            /* borrowed; NULL when there is none */
	const struct wire_remote *remote;           /* borrowed; NULL when there is none */
	struct spec_value old; /* borrowed: there now, as far as is known; the server's strings are
	                          neither redacted nor escaped */
	unsigned known;        /* PLAN_BIT()s of `old` that are known; the rest is NULL */
	unsigned differs;      /* PLAN_BIT()s of what would change; when new: of what is given */
};

struct plan {
	struct plan_item *items; /* owned, in the order of ids */
	size_t count;
	size_t counts[PLAN_KIND_COUNT];
	size_t not_listed; /* of what is in the file and not paused */
	size_t not_told;   /* likewise */
	size_t listed;     /* integrations in the list, of any type */
	size_t unmanaged;  /* of them, may be Mode's and are neither in the file nor gone */
	bool by_list;      /* there is a list */
};

/* Compare. `remotes` is what the server's list says; NULL: compare with the state alone. Of a part
 * that the list does not tell the state's word counts; what neither knows is not changed. Another
 * spelling of a schedule in the list is no change. A state of another base URL counts as empty
 * (nothing was accepted there). All three are borrowed by the plan. O(n). */
void plan_diff(struct plan *plan, const struct spec *spec, const struct state *state,
               const struct wire_remotes *remotes);

/* Whether the item would be sent. */
bool plan_sends(const struct plan_item *item);

/* How many would be sent. */
size_t plan_count_sends(const struct plan *plan);

/* Make the state (empty before; the caller's to clear, or given to sync_new()) with which the
 * reconciler sends just what the plan would: what the list has as it is wanted counts as accepted,
 * when the state does not say when, at `now_unix_s`; of what differs there, what is there now
 * counts as accepted last, if anything ever was. The rest is as in the state. */
void plan_assume(const struct plan *plan, const struct spec *spec, int64_t now_unix_s,
                 struct state *state);

void plan_clear(struct plan *plan);

#endif
