/* SPDX-License-Identifier: MIT */
/* A merge walk of lists sorted by id: what the file asks for against what the server has, or else
 * against what it accepted last: new, changed, equal, paused or gone. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sync/decide.h"

enum plan_kind {
	PLAN_NEW,     /* never accepted, and the list does not show another value */
	PLAN_CHANGED, /* something else was accepted last, or is there, or other credentials */
	PLAN_AGAIN,   /* equal, but an earlier request may have been lost, or be applied late */
	PLAN_DRIFTED, /* it was accepted as it is, but the server shows something else */
	PLAN_EQUAL,
	PLAN_PAUSED, /* known, shown, never sent */
	PLAN_GONE,   /* in the state only: no longer managed */
	PLAN_KIND_COUNT,
};

/* What an item was compared with. */
enum plan_basis {
	PLAN_BY_STATE,   /* what was accepted last: there is no list */
	PLAN_BY_LIST,    /* the list, which shows its schedule */
	PLAN_NOT_LISTED, /* what was accepted last: the list does not have this id */
	PLAN_NOT_SHOWN,  /* likewise: the list has it, but does not show its schedule */
};

#define PLAN_BIT(field) DECIDE_BIT(field)

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
	unsigned left; /* of what differs too, but was accepted twice, and is left as it is */
};

struct plan {
	struct plan_item *items; /* owned, in the order of ids */
	size_t count;
	size_t counts[PLAN_KIND_COUNT];
	size_t not_listed; /* of what is in the file and not paused */
	size_t not_shown;  /* likewise */
	size_t listed;     /* integrations in the list, of any type */
	size_t unmanaged;  /* of them, may be Mode's and are neither in the file nor gone */
	bool by_list;      /* there is a list */
	enum spec_drift_mode drift_mode;
};

/* Compare, as decide() does. `remotes` is what the server's list shows; NULL: there is none. A
 * state of another base URL counts as empty (nothing was accepted there). All three are borrowed by
 * the plan. O(n). */
void plan_diff(struct plan *plan, const struct spec *spec, const struct state *state,
               const struct wire_remotes *remotes);

/* Keep the items of these ids, and count them alone; the list's own counts are not changed. Returns
 * the first of the ids that has no item; 0: each has one. */
int64_t plan_keep(struct plan *plan, const int64_t *ids, size_t count);

/* Whether `apply` would send the item. */
bool plan_sends(const struct plan_item *item);

/* Whether the daemon would: what drifted only if it repairs that, and of that only schedules. */
bool plan_daemon_sends(const struct plan *plan, const struct plan_item *item);

/* Whether a person wants to see it: it would be sent, is gone, or is missing on the server. */
bool plan_is_notable(const struct plan_item *item);

/* The name in the file, else the one that is there; NULL: none is known. Borrowed. */
const char *plan_name(const struct plan_item *item);

/* How many would be sent. */
size_t plan_count_sends(const struct plan *plan);

/* Make the state (empty before; the caller's to clear, or given to sync_new()) with which the
 * reconciler, without any list, sends just what the plan would: what is adopted counts as accepted
 * at `now_unix_s`; of what drifted, what is there now counts as accepted last. */
void plan_assume(const struct plan *plan, const struct spec *spec, int64_t now_unix_s,
                 struct state *state);

void plan_clear(struct plan *plan);

#endif
