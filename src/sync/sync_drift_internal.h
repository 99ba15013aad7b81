/* SPDX-License-Identifier: MIT */
/* Asking the server for its list, now and then, as a witness, or before all else at a first start;
 * and what differs in it. */
#ifndef SYNC_DRIFT_INTERNAL_H
#define SYNC_DRIFT_INTERNAL_H

#include "api/verdict.h"
#include "api/wire.h"

struct item;
struct sync;
struct sync_answer;
struct sync_event;
struct sync_list;

/* Drift checks. */
struct checker {
	int64_t at_ms;    /* the next one; INT64_MAX: never */
	int64_t began_ms; /* the last one */
	unsigned failures;
	bool running;
	bool probe;    /* the one that runs is for the gate */
	bool foreign;  /* it asks a server that is ours no longer */
	bool reported; /* that not all can be seen */
};

/* A list that meets the integrations. */
struct list {
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

/* `afresh`: what was seen is worthless. */
void drift_configure(struct sync *sync, bool afresh, bool other_mode, int64_t now_ms);

/* Ask for the list if the gate wants it, or if it is time; the result is when, INT64_MAX: not
 * before another event. */
int64_t drift_ask(struct sync *sync, int64_t now_ms);
int64_t drift_check(struct sync *sync, int64_t now_ms);

/* Take an answer to that in; if there is a list, it is taken from its owner. */
void drift_listed(struct sync *sync, const struct sync_event *event);

/* Take in what the answer to an accepted PUT says of the schedule. */
void drift_answered(struct sync *sync, struct item *item, const struct sync_answer *answer,
                    int64_t now_ms);

void drift_forget(struct sync *sync, struct item *item);

/* Have the next list repair it anew, if that was in vain. */
void drift_retry(struct sync *sync, struct item *item, int64_t now_ms);

/* Compare the next ones, if a list is there; each step does so. */
void drift_go_on(struct sync *sync, const struct sync_event *event);

/* Forget the list. What is reported of it stays borrowed until the next step. */
void drift_drop(struct sync *sync);

/* sync_adopt.c. What the gate takes a list for that nobody answered: a request like any other,
 * since there is none beside it. 0: for the list. */
#define ADOPT_ID (-1)
int64_t adopt_asks_for(const struct sync *sync, const struct sync_list *list);

/* There is no list. True if it is asked for again; else what waited for it goes on. */
bool adopt_fails(struct sync *sync, const struct sync_list *list, int64_t now_ms);

/* Note that an update was answered. */
void adopt_answered(struct sync *sync, const struct verdict *verdict, int64_t now_ms);

/* Count one as accepted, if the list shows it so. NULL: it does not have it. */
void adopt_compare(struct sync *sync, struct item *item, const struct wire_remote *remote,
                   const struct sync_event *event);

/* Whatever waited for the list goes on: it is accepted now, or due. */
void adopt_end(struct sync *sync, int64_t now_ms);

#endif
