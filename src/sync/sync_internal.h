/* SPDX-License-Identifier: MIT */
/* What the files of the reconciler share, and nobody else sees. Calls run in one line: sync →
 * dispatch → answer, configure → drift → adopt → host → item → save → action. */
#ifndef SYNC_INTERNAL_H
#define SYNC_INTERNAL_H

#include "base/backoff.h"
#include "base/moment.h"
#include "base/token_bucket.h"
#include "sync/sync.h"
#include "sync/sync_drift_internal.h"
#include "sync/sync_item_internal.h"

/* What the actions of a step borrow beyond items and spec. */
struct borrowed {
	struct spec *spec;                     /* owned: the one before */
	struct spec_value old_value, answered; /* owned: accepted before; sent in vain */
	struct sync_error error;               /* owned: why there is no list */
	char *retired_text;                    /* owned: of an error of before */
	struct wire_remotes remotes;           /* owned: the list that ended */
};

/* Writes of the state. */
struct saver {
	uint64_t next;         /* the number of the next one */
	uint64_t ended;        /* of the last one that ended, well or not */
	int64_t changed_at_ms; /* the first change that none holds; INT64_MAX: none */
	int64_t at_ms;         /* when to save without haste; INT64_MAX: no need */
	unsigned failures;     /* in a row */
	bool urgent;           /* intents wait for it */
	bool running;
};

/* Whose acceptances the entries hold, and the ways there. */
struct server {
	char *url;       /* owned */
	uint64_t key_id; /* of the credentials' digests */
	bool lost;       /* what an earlier run knew */
	uint64_t hash_seed, key_hash, transport_hash;
};

struct sync {
	struct spec *spec;                      /* owned */
	struct item **items;                    /* owned, sorted by id */
	size_t count, counts[SYNC_STATE_COUNT]; /* these as item_state() says */
	struct due_heap saving;                 /* SAVING_INTENT; due is the number of a save */
	struct due_heap edited; /* DUE: the edits of the newest specification, and pushed ones */
	struct due_heap due;    /* DUE, CONFIRMING */
	struct due_heap retry;  /* WAITING, REJECTED, and DUE of what failed */
	struct gate gate;
	struct token_bucket bucket;        /* all requests */
	struct token_bucket retry_bucket;  /* the retry queue's share of them */
	size_t in_flight, retry_in_flight; /* requests, leaving ones included */
	double retry_rate;                 /* a second */
	int64_t first_try_at_ms;           /* not before this, while the server fails */
	unsigned edits_in_row;             /* sent before all else */
	size_t succeeded;                  /* integrations whose last try did */
	int64_t *held; /* owned: ids that the closed gate's answers were about */
	size_t held_count, held_capacity;
	struct server server;
	struct saver saver;
	struct checker checker;
	struct list list;
	struct sync_action *actions; /* owned */
	size_t action_count, action_capacity;
	struct borrowed borrowed;
	uint64_t random, generations;
	int64_t ahead_ms;  /* how long before now the next are queued, which mixes their order */
	size_t ahead_left; /* how many more by that much */
	int64_t deadline_ms;
	int64_t answered_id;    /* of this step's ANSWERED; 0: none */
	bool stopped, adopting; /* that: nothing is sent before the server's list was seen */
	int64_t answered_at_ms; /* the last update meanwhile; 0: none was */
	bool was_sent;          /* one was, or is about to be */
};

/* sync_action.c: append one about an item, or about none (NULL). Valid until the next. */
struct sync_action *action_add(struct sync *sync, enum sync_action_kind kind,
                               const struct item *item);
/* The same of its last try, which failed. */
struct sync_action *action_add_failed(struct sync *sync, enum sync_action_kind kind,
                                      const struct item *item);
void action_clear(struct sync *sync); /* what the last step's borrowed */

void save_changed(struct sync *sync, int64_t now_ms);  /* the state differs from the disk's */
int64_t save_start(struct sync *sync, int64_t now_ms); /* if it is time, or else when it is */
void save_flush(struct sync *sync, const struct sync_event *event); /* no later than it can be */
void save_end(struct sync *sync, const struct sync_event *event);

/* sync_host.c */
void host_answer(struct sync *sync, const struct item *item, const struct gate_answer *answer,
                 int64_t now_ms);
void host_hold(struct sync *sync, struct item *item, int64_t now_ms);
bool host_condemn(struct sync *sync, bool others, int64_t now_ms); /* true: a gate closed */
void host_set_retry_rate(struct sync *sync, double rate, int64_t now_ms);
double host_base_rate(const struct sync *sync); /* of the retry queue */

/* sync_configure.c */
void configure_spec(struct sync *sync, const struct sync_event *event);
void configure_release(struct sync *sync, const struct sync_event *event);
void configure_push(struct sync *sync, const struct sync_event *event);

/* sync_answer.c */
void answer_take(struct sync *sync, const struct sync_event *event);

/* sync_dispatch.c: send what may be sent; the result is when more may be. */
int64_t dispatch(struct sync *sync, int64_t now_ms);

#endif
