/* SPDX-License-Identifier: MIT */
/* The server's list meets the integrations, side by side in the order of ids, and some hundreds at
 * a time: each may lead to a report, and the loop must not wait for 100,000 of them. */
#ifndef SYNC_LIST_INTERNAL_H
#define SYNC_LIST_INTERNAL_H

#include "api/wire.h"

struct item;
struct sync;
struct sync_event;

/* What is done with a list. */
struct list_use {
	/* Judge one by what the list has of it (NULL: nothing). */
	void (*compare)(struct sync *sync, struct item *item, const struct wire_remote *remote,
	                const struct sync_event *event);
	void (*end)(struct sync *sync, int64_t now_ms); /* all were compared */
};

struct list {
	struct list_use use;
	struct wire_remotes remotes; /* owned */
	size_t at;                   /* the next of these */
	int64_t after_id;            /* of the integrations, the last that was compared */
	bool running;
	int64_t began_ms;  /* when it was asked for */
	size_t adopted;    /* so far */
	size_t unseen;     /* their schedule is not shown, so far */
	int64_t unseen_id; /* the first of these */
	const char *type;  /* of that one, if it is another kind; else NULL */
};

/* Start with a list, which is taken from its owner. */
void list_start(struct sync *sync, struct wire_remotes *remotes, struct list_use use);

/* Compare the next ones, if a list is there; each step does so. */
void list_go_on(struct sync *sync, const struct sync_event *event);

/* Forget the list. What is reported of it stays borrowed until the next step. */
void list_drop(struct sync *sync);

#endif
