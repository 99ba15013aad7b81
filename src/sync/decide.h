/* SPDX-License-Identifier: MIT */
/* Whether an integration is sent, and why: one function decides for `plan`, `apply` and the daemon
 * (SPEC §5). */
#ifndef DECIDE_H
#define DECIDE_H

#include <stdbool.h>

#include "api/wire.h"
#include "config/spec.h"
#include "sync/state.h"

enum decision_kind {
	DECIDE_PAUSED,  /* never sent */
	DECIDE_EQUAL,   /* not sent: it was accepted so */
	DECIDE_ADOPTED, /* not sent: never accepted from here, but the server shows all of it */
	DECIDE_NEW,     /* sent: never accepted */
	DECIDE_CHANGED, /* sent: something else was accepted last, or other credentials */
	DECIDE_AGAIN,   /* sent: equal, but an earlier request may be lost, or be applied late */
	DECIDE_DRIFTED, /* it was accepted so, but the server shows something else: `apply` sends
	                   it, the daemon does as drift.mode says */
};

/* A set of fields; that of SPEC_TOKEN stands for the credentials. */
#define DECIDE_BIT(field) (1u << (field))

struct decision {
	enum decision_kind kind;
	unsigned differs; /* CHANGED, DRIFTED: DECIDE_BIT()s of what does */
	unsigned left;    /* EQUAL, DRIFTED: of what does too, but is not sent again */
};

/* A name or workspace that was accepted this often, and the list shows another each time, is no
 * longer sent: the server trims it, or does as it likes. */
#define DECIDE_CONTRADICTED_MAX 2

/* `entry`: what is remembered of it; NULL: nothing. `remote`: what the server's list shows; NULL:
 * it does not have it, or there is none. `adopts`: nothing at all is known of this server yet, and
 * drift.mode is not "off". All borrowed. */
struct decision decide(const struct spec_integration *desired, const struct state_entry *entry,
                       const struct wire_remote *remote, bool adopts);

/* Whether `apply` sends it; the daemon sends the same, but for what is DRIFTED. */
bool decide_sends(enum decision_kind kind);

/* Whether the first start beside a server with this state (NULL: none) asks what is there already.
 */
bool decide_adopts(const struct spec *spec, const struct state *state);

/* The fields that the list shows otherwise than the file gives them. */
unsigned decide_contradicted(const struct spec_integration *desired,
                             const struct wire_remote *remote);

#endif
