/* SPDX-License-Identifier: MIT */
/* A reconciler under fake time: specifications made of literals, events by name, actions looked up.
 */
#ifndef SYNC_FIXTURE_H
#define SYNC_FIXTURE_H

#include "sync/sync_query.h"

#define FIXTURE_SEED 7

struct fixture {
	struct sync *sync;
	int64_t now_ms;
	const struct sync_action *actions; /* of the last step */
	size_t count;
	uint64_t saving; /* the number of the write that runs; 0: none */
	bool is_listing; /* the list is asked for */
};

/* An integration, as a test writes it; the last of a list has id 0. */
struct fixture_integration {
	int64_t id;
	const char *cron;  /* NULL: no schedule */
	const char *token; /* NULL: "token" */
	bool paused;
};

/* A specification with rate_limit 0, 4 in flight, first 1 s, max 8 s, rejected 30 s to 120 s,
 * time-out 30 s, no drift. Given to the caller, who may change it before fixture_configure(). */
struct spec *fixture_spec(const struct fixture_integration *integrations);

/* The same of 42 alone, of 1 and 2, and of 1 to `count`. */
struct spec *fixture_one(const char *cron);
struct spec *fixture_two(const char *first, const char *second);
struct spec *fixture_many(int64_t count);

void fixture_open(struct fixture *fixture, struct state *state);
void fixture_close(struct fixture *fixture);

/* Take in an event, at the fixture's time, that has no function of its own here. */
void fixture_step(struct fixture *fixture, struct sync_event *event);

void fixture_configure(struct fixture *fixture, struct spec *spec);
void fixture_release(struct fixture *fixture);
void fixture_push(struct fixture *fixture, int64_t id);
void fixture_stop(struct fixture *fixture);
void fixture_save(struct fixture *fixture, uint64_t save, bool saved);

/* End the write that runs, and those that follow from it, well. */
void fixture_end_saves(struct fixture *fixture);

void fixture_answer(struct fixture *fixture, int64_t id, enum verdict_transfer transfer, int status,
                    int64_t retry_after_ms);

/* Answer a drift check. A remote's id 0 ends the list; NULL: there is no list, but this status. */
void fixture_list(struct fixture *fixture, int status, int64_t retry_after_ms,
                  const struct wire_remote *remotes);
void fixture_list_failed(struct fixture *fixture, enum verdict_transfer transfer, int status);
void fixture_list_partial(struct fixture *fixture, const struct wire_remote *remotes);

/* Answer a PUT with 200 and a schedule. */
void fixture_answer_with(struct fixture *fixture, int64_t id, enum wire_known known,
                         const char *cron);

/* Let `ms` pass, ticking at every deadline on the way; the actions of the last tick that had any
 * stay in the fixture, and the number of SENDs in all is returned. */
unsigned fixture_pass(struct fixture *fixture, int64_t ms);

/* The deadline has come. */
void fixture_tick(struct fixture *fixture);

/* Configure, and answer the save that it asks for at once; the actions are those after the save. */
void fixture_start(struct fixture *fixture, struct spec *spec);

/* The action of a kind about an id (0: any) in the last step; NULL if there is none. */
const struct sync_action *fixture_find(const struct fixture *fixture, enum sync_action_kind kind,
                                       int64_t id);
/* Which the last step sends, the first of them: of many it may be any. */
int64_t fixture_sent(const struct fixture *fixture);
unsigned fixture_count(const struct fixture *fixture, enum sync_action_kind kind);

/* Encode and decode the state as a stop or a crash, and the next start do; fixture_restart() is the
 * crash. */
void fixture_start_again(struct fixture *fixture, bool is_stop);
void fixture_restart(struct fixture *fixture);

/* Accept whatever is sent, until nothing is. */
void fixture_accept_all(struct fixture *fixture);

#define FIXTURE_DRIFT_SOON_MS 5000
#define FIXTURE_DRIFT_MS      3600000

/* A specification of 42 and 43 with an hour from one drift check to the next. Given. */
struct spec *fixture_drift_spec(enum spec_drift_mode mode, const char *cron);

/* Have both accepted and saved, and the first list asked for. */
void fixture_drift_start(struct fixture *fixture, enum spec_drift_mode mode);

/* Show what a server holds that was changed by nobody, but for 42. */
void fixture_drift_list(struct fixture *fixture, const char *cron);

/* Let the hour pass after which the list is asked for again. */
void fixture_drift_next(struct fixture *fixture);

struct sync_view fixture_view(const struct fixture *fixture, int64_t id);

#endif
