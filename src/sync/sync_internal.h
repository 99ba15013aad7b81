/* SPDX-License-Identifier: MIT */
/* What the files of the reconciler share, and nobody else sees. */
#ifndef SYNC_INTERNAL_H
#define SYNC_INTERNAL_H

#include "base/backoff.h"
#include "base/due_heap.h"
#include "base/token_bucket.h"
#include "sync/sync.h"

struct item {
	int64_t id;
	const struct spec_integration *desired; /* borrowed from sync.spec; NULL: not in it */
	struct state_entry entry;               /* owned: what is remembered of it */
	struct spec_value sent;                 /* owned: what is in flight */
	char *error_text;                       /* owned: the last error; NULL: none */
	char *drift;               /* owned: the server's schedule, if `drifted`; NULL: none */
	enum spec_field about;     /* what the last error is about */
	struct due_heap_node node; /* in the heap that belongs to `state` */
	uint64_t generation;       /* of `want`: changes with every edit of it */
	uint64_t sent_generation;
	uint64_t intent_save; /* the save that brings entry.intended to disk */
	uint64_t forced;      /* sent although equal, in this generation or a later one; 0: not */
	int64_t uncertain_until_ms; /* a request may be applied as late as this; 0: none */
	int64_t not_before_ms;      /* Retry-After of this one */
	int64_t sent_at_ms;         /* the last time; for the runaway guard */
	enum sync_state state;
	int64_t repair_at_ms; /* not before this is drift sent again */
	unsigned attempts;    /* failed since the last success or edit */
	unsigned transients;  /* of these, what the back-off grows by */
	unsigned rejections;
	unsigned hasty;     /* sends that nothing asked for */
	bool maybe_applied; /* the server may have a value that it did not confirm */
	bool confirming;    /* the next success ends the uncertainty */
	bool denied;        /* refused alone, while others pass: no matter for a gate */
	bool foreign;       /* what is in flight goes to a server that is ours no longer */
	bool probe;         /* what is in flight is the gate's probe */
	bool slow;          /* what is in flight came from the rejected queue */
	bool excused;       /* an edit or a release asked for the next send */
	bool drifted;       /* told: the server has `drift` instead */
	bool repairing;     /* what is sent next is to end that */
	unsigned repairs;   /* accepted since the server was last seen to have it */
};

struct sync {
	struct spec *spec;    /* owned */
	struct spec *retired; /* owned: the one before, borrowed by actions until the next step */
	struct item **items;  /* owned, sorted by id */
	size_t count;
	struct due_heap marking; /* MARKING; due is the number of a save */
	struct due_heap queue;   /* DUE, CONFIRMING, WAITING */
	struct due_heap slow;    /* REJECTED */
	struct gate gate;
	struct token_bucket bucket;      /* all requests */
	struct token_bucket slow_bucket; /* the rejected queue's share of them */
	struct sync_action *actions;
	size_t action_count;
	size_t action_capacity;
	struct spec_value old_value; /* owned: borrowed by an action until the next step */
	struct spec_value answered;  /* owned: what was answered, likewise */
	char *url;                   /* owned: whose acceptances the entries hold */
	int64_t *held;               /* owned: ids that the closed gate's answers were about */
	size_t held_count, held_capacity;
	size_t counts[SYNC_STATE_COUNT];
	size_t in_flight; /* requests, leaving ones included */
	size_t slow_in_flight;
	uint64_t random;
	uint64_t hash_seed;
	uint64_t key_hash;
	uint64_t transport_hash;
	uint64_t generations;
	uint64_t next_save;      /* the number of the next save */
	uint64_t ended_save;     /* the number of the last one that ended, well or not */
	int64_t changed_at_ms;   /* the first unsaved change; INT64_MAX: none */
	int64_t save_at_ms;      /* when to save without haste; INT64_MAX: no need */
	int64_t look_at_ms;      /* when to look at what the server has; INT64_MAX: never */
	int64_t looked_at_ms;    /* when the last look began */
	unsigned check_failures; /* in a row */
	size_t drifted;          /* integrations that are */
	int64_t deadline_ms;
	unsigned save_failures;       /* in a row */
	bool save_urgent;             /* marks wait for it */
	char *look_words, *old_drift; /* owned: borrowed by an action until the next step */
	bool looking, look_probes, look_foreign; /* a look: under way, for the gate, at another's */
	bool blind;                              /* told: not all of it can be seen */
	bool saving, stopped;
};

/* sync_item.c */
struct item *item_new(int64_t id);
void item_free(struct item *item);
size_t item_index(const struct sync *sync, int64_t id);      /* where it is, or would be */
struct item *item_find(const struct sync *sync, int64_t id); /* NULL: none */
void item_set_state(struct sync *sync, struct item *item, enum sync_state state, int64_t due_ms);
void item_leave(struct sync *sync, struct item *item); /* out of heaps and counts */
void item_settle(struct sync *sync, struct item *item, int64_t now_ms);
void item_forget_failures(struct item *item);
void item_set_uncertain(struct item *item, int64_t until_ms); /* 0: none */
bool item_is_in_flight(const struct item *item);

/* sync_configure.c */
void sync_configure(struct sync *sync, struct spec *spec, int64_t now_ms);
void sync_release(struct sync *sync, int64_t now_ms);

/* sync_answer.c */
int64_t sync_uncertain_ms(const struct sync *sync); /* a lost request may be applied this late */
void sync_answer(struct sync *sync, struct item *item, const struct sync_event *event);

/* sync_drift.c */
void drift_configure(struct sync *sync, bool afresh, int64_t now_ms);
int64_t drift_look(struct sync *sync, int64_t now_ms); /* or else when it may be */
void drift_listed(struct sync *sync, const struct sync_event *event);
void drift_answered(struct sync *sync, struct item *item, const struct sync_event *event);
void drift_forget(struct sync *sync, struct item *item);

/* sync.c */
struct sync_action *sync_act(struct sync *sync, enum sync_action_kind kind, struct item *item);
void sync_changed(struct sync *sync, int64_t now_ms); /* the state differs from the disk's */

#endif
