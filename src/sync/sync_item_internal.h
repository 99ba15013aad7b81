/* SPDX-License-Identifier: MIT */
/* One integration in the reconciler. */
#ifndef SYNC_ITEM_INTERNAL_H
#define SYNC_ITEM_INTERNAL_H

#include "base/due_heap.h"
#include "sync/state.h"
#include "sync/sync.h"

/* A request on its way; what it is about is kept by value. */
struct flight {
	struct spec_value value; /* owned */
	uint64_t credentials;    /* their digest */
	uint64_t generation;
	int64_t sent_at_ms;  /* the last one's, also when it has ended */
	int64_t ended_at_ms; /* the last one's */
	bool probe;          /* for the gate */
	bool foreign;        /* to a server that is ours no longer */
	bool retry;          /* from the retry queue */
};

/* Since the last success or edit. */
struct failures {
	unsigned attempts;
	unsigned transients; /* of these, what the back-off grows by */
	unsigned rejections;
	int64_t not_before_ms;   /* Retry-After of this one */
	struct sync_error error; /* owned: the last one */
	enum spec_field about;   /* what that is about */
	bool denied;             /* 401, 403 or 3xx: a new key or URL makes it as new */
};

/* Of what the server has. */
struct uncertainty {
	int64_t until_ms;   /* a request may be applied as late as this; 0: none */
	bool maybe_applied; /* the server may have a value that it did not confirm */
	bool confirming;    /* the next success ends it */
};

struct drift {
	enum sync_state kind; /* IN_SYNC: none; DRIFTED; GONE */
	char *remote;         /* owned: DRIFTED: the server's schedule; NULL: none */
	bool listed;          /* a list of this run had it */
	bool repairing;       /* what is sent next is to end it */
	bool unseen;          /* a repair was accepted, but no list has shown it yet */
	unsigned repairs;     /* accepted since the server was last seen to be as it should */
	unsigned in_vain;     /* of these, after which it still had `remote` */
	int64_t repair_at_ms; /* not before this is it sent again */
};

struct item {
	int64_t id;
	const struct spec_integration *desired; /* borrowed from sync.spec; NULL: not in it */
	struct state_entry entry;               /* owned: what is remembered of it */
	uint64_t generation;                    /* of `desired`: changes with every edit of it */
	uint64_t forced;       /* sent although equal, in this generation or a later one; 0: not */
	uint64_t intent_save;  /* the save that brings entry.intended to disk */
	enum sync_state state; /* DRIFTED and GONE are IN_SYNC here: see item_state() */
	struct due_heap *heap; /* where it waits; NULL: nowhere */
	struct due_heap_node node;
	struct flight flight;
	struct failures failures;
	struct uncertainty uncertainty;
	struct drift drift;
	bool urgent;       /* edited, or pushed, and not sent since */
	bool failed;       /* at its last try, and not edited since: the retry queue */
	bool succeeded;    /* at its last try */
	unsigned runaways; /* sends in a row that nothing asked for */
	bool asked;        /* an edit or a release asked for the next send */
};

struct item *item_new(int64_t id);
void item_free(struct item *item);
size_t item_index(const struct sync *sync, int64_t id);      /* where it is, or would be */
struct item *item_find(const struct sync *sync, int64_t id); /* NULL: none */
void item_set_state(struct sync *sync, struct item *item, enum sync_state state, int64_t due_ms);
void item_set_due(struct sync *sync, struct item *item, int64_t now_ms); /* in a mixed order */
void item_leave(struct sync *sync, struct item *item); /* out of heaps and counts */
/* When what waits in the retry queue is tried again, as far as can be foreseen: not before its
 * time, nor before those that are due earlier, of which only so many go a second. */
int64_t item_retry_at(const struct sync *sync, const struct item *item);
void item_set_succeeded(struct sync *sync, struct item *item, bool succeeded); /* last try */
void item_settle(struct sync *sync, struct item *item, int64_t now_ms);
void item_forget_failures(struct item *item);
void item_begin_anew(struct item *item); /* as if it had never failed */
void item_set_error(struct item *item, const struct sync_answer *answer); /* of its last try */
void item_clear_error(struct item *item);
void item_retire_error(struct sync *sync, struct item *item); /* this step may still report it */
void item_set_uncertain(struct item *item, int64_t until_ms); /* 0: none */
bool item_is_in_flight(const struct item *item);
/* Its state, or what differs of one that is in sync as far as we sent it. */
enum sync_state item_state(const struct item *item);
/* How long a request whose outcome is unknown may still be applied. */
int64_t item_uncertain_ms(const struct sync *sync);
/* Until the next try after so many in a row. */
int64_t item_transient_delay(struct sync *sync, unsigned failures);
int64_t item_rejected_delay(struct sync *sync, unsigned rejections);

#endif
