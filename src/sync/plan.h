/* SPDX-License-Identifier: MIT */
/* Whether an integration is sent, and why: one function decides for `plan`, `apply` and the daemon
 * ; and what that says of all, what the file asks for against what the server has, or else
 * against what it accepted last. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/wire.h"
#include "config/spec.h"
#include "sync/state.h"

enum plan_kind {
	PLAN_NEW,     /* sent: never accepted (of a plan: nor shown with another value) */
	PLAN_CHANGED, /* sent: something else was accepted last, or other credentials */
	PLAN_AGAIN,   /* sent: equal, but an earlier request may be lost, or be applied late */
	PLAN_DRIFTED, /* it was accepted so, but the server shows something else: `apply` sends it,
	                 the daemon does as drift.mode says */
	PLAN_EQUAL,   /* not sent: accepted so, or adopted: the server shows all of it */
	PLAN_PAUSED,  /* known, shown, never sent */
	PLAN_GONE,    /* in the state only: no longer managed */
	PLAN_KIND_COUNT,
};

/* What an item was compared with. */
enum plan_basis {
	PLAN_BY_STATE,   /* what was accepted last: there is no list */
	PLAN_BY_LIST,    /* the list, which shows its schedule */
	PLAN_NOT_LISTED, /* what was accepted last: the list does not have this id */
	PLAN_NOT_SHOWN,  /* likewise: the list has it, but does not show its schedule */
};

/* A set of fields; that of SPEC_TOKEN stands for the credentials. */
#define PLAN_BIT(field) (1u << (field))

/* A name or workspace that was accepted this often, and the list shows another each time, is no
 * longer sent: the server trims it, or does as it likes. */
#define PLAN_CONTRADICTED_MAX 2

struct plan_decision {
	enum plan_kind kind; /* never GONE */
	unsigned differs;    /* CHANGED, DRIFTED: PLAN_BIT()s of what does */
	unsigned left;       /* EQUAL, DRIFTED: of what does too, but is not sent again */
};

/* `entry`: what is remembered of it; NULL: nothing. `remote`: what the server's list shows; NULL:
 * it does not have it, or there is none. `adopts`: nothing at all is known of this server yet, and
 * drift.mode is not "off". All borrowed. */
struct plan_decision plan_decide(const struct spec_integration *desired,
                                 const struct state_entry *entry, const struct wire_remote *remote,
                                 bool adopts);

/* Whether the first start beside a server with this state (NULL: none) asks what is there already.
 */
bool plan_adopts(const struct spec *spec, const struct state *state);

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

/* Compare, as plan_decide() does. `remotes` is what the server's list shows; NULL: there is none. A
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
