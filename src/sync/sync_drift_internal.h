/* SPDX-License-Identifier: MIT */
/* Asking the server for its list, now and then or as a witness, and what differs in it. */
#ifndef SYNC_DRIFT_INTERNAL_H
#define SYNC_DRIFT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

struct item;
struct sync;
struct sync_answer;
struct sync_event;

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

/* `afresh`: what was seen is worthless. */
void drift_configure(struct sync *sync, bool afresh, bool other_mode, int64_t now_ms);

/* Ask for the list if the gate wants it, or if it is time; the result is when, INT64_MAX: not
 * before another event. */
int64_t drift_ask(struct sync *sync, int64_t now_ms);
int64_t drift_check(struct sync *sync, int64_t now_ms);

/* Take an answer to that in. */
void drift_listed(struct sync *sync, const struct sync_event *event);

/* Take in what the answer to an accepted PUT says of the schedule. */
void drift_answered(struct sync *sync, struct item *item, const struct sync_answer *answer,
                    int64_t now_ms);

void drift_forget(struct sync *sync, struct item *item);

/* Have the next list repair it anew, if that was in vain. */
void drift_retry(struct sync *sync, struct item *item, int64_t now_ms);

#endif
