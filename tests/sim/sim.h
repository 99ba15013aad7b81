/* SPDX-License-Identifier: MIT */
/* A world for the reconciler: a server, a disk, an operator and a clock, all of them made of one
 * seed.
 *
 * The world is cruel within what SPEC §5 promises to survive: requests are refused, lost, answered
 * late, applied without an answer, applied long after their time-out, or applied twice; writes of
 * the state fail; the daemon is killed at any action, with or without its last write; edits are
 * taken back between; the file names another server, which has nothing. What it does not do: apply
 * a request of a killed daemon after the next one's, and lose a mark within the milliseconds before
 * it is on disk together with a late application; no client could tell.
 *
 * Checked all along, with the seed of the failing run in the message:
 *   I1  converges: what the server holds in the end is what was last desired
 *   I2  never two requests of one integration at once
 *   I3  nothing is sent but the value desired at that moment
 *   I4  nothing is sent for what is not managed, or paused
 *   I5  what is refused for good is reported each time and retried within its window
 *   I6  an outage costs at most a probe per interval of the breaker
 *   I7  Retry-After is obeyed by the whole host; after a 503 another one may be tried each minute
 *   I8  quiet: when nothing changes nothing is sent, but to what is refused
 *   I9  after a crash at most one repeated PUT per integration; otherwise none without a reason
 *   I10 a request is only sent with its mark on disk, unless the disk refused the mark
 *   I11 another hand's change on the server is reported once, and sent over only if it is to be
 *   I12 looks at the server go on, one at a time, never against Retry-After; beside requests only
 * of what failed before, to see whose error it is, or after half a minute I13 beside a server of
 * which nothing is known nothing is sent before it was asked what it has, but what is pushed, and
 * one to see whether the list hangs alone I14 what is pushed is sent, whatever is believed of it
 */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "sync/sync_query.h"

enum {
	SIM_IDS = 12,
	SIM_REQUESTS = 64,
	SIM_IN_FLIGHT = 4,
	SIM_TIMEOUT_MS = 30000,
};

enum sim_mode {
	SIM_HEALTHY,
	SIM_FLAKY,
	SIM_OUTAGE,
	SIM_DENYING,
	SIM_MOVED,
	SIM_LIMITING,
	SIM_MODES
};

/* A request on the wire, or what is left of one that may still be applied. */
struct sim_request {
	bool waiting; /* for its answer */
	bool again;   /* it failed at its last try */
	unsigned server;
	int64_t id;
	uint64_t generation;
	char *cron; /* owned */
	unsigned token;
	bool confirming;
	int64_t answer_at;
	int64_t apply_at; /* INT64_MAX: never, or done */
	int64_t apply_again_at;
	enum verdict_transfer transfer;
	int status;
	int64_t retry_after_ms;
	bool doubt_in_write; /* the unknown outcome is in the write that runs */
	bool doubt_on_disk;  /* it is in the saved state: a crash may not forget it */
};

/* One integration, from outside: what the operator wants, what the server has. */
struct sim_integration {
	bool managed;
	bool paused;
	bool broken;  /* the value is one that the server refuses */
	char *wanted; /* owned; NULL: no schedule */
	char *before; /* owned: to go back to */
	unsigned token;
	unsigned
		accepted_token; /* what came with the last PUT that was accepted, and known to be */
	bool adopts;            /* the list showed it as desired when that counted */
	bool sent_early;        /* before that */
	bool on_server;
	bool unlisted;   /* the list lacks it all the same */
	char *held;      /* owned: the server's value */
	char *unmeddled; /* owned: what that was before another hand came */
	bool acked;
	char *acked_cron;      /* owned: what the daemon knows to be accepted */
	unsigned excuses;      /* repeated PUTs that have a reason */
	bool crashed;          /* since then nothing was repeated: that is one more reason */
	int64_t refused_until; /* the reported retry; 0: not refused */
	unsigned sent;         /* in all */
	unsigned refusals;     /* answered so */
	unsigned refusals_told;
	bool sent_since_look; /* or under way as it began */
	bool failed;          /* at its last try, and not edited since */
	bool pushed;          /* and not accepted since, by a request of after the push */
	bool push_sent;
	unsigned repairs_left; /* for as many looks that show the same drift */
	bool drift_told;       /* this one, and nothing has changed since */
	char *drift;           /* owned */
	unsigned drifts;       /* reported in all */
	unsigned repairs;
};

/* A check of what the server has. */
struct sim_look {
	int64_t answer_at; /* INT64_MAX: none is under way */
	unsigned server;
	bool is_early;   /* shows the server at the question, not at the answer */
	bool is_partial; /* the schedules are not in it */
	enum verdict_transfer transfer;
	int status;
	int64_t retry_after_ms;
	struct wire_remotes seen;
	struct wire_remotes given; /* a copy, until the reconciler takes it */
};

struct sim {
	uint64_t seed;
	uint64_t random;
	int64_t now;
	struct sync *sync;
	char *disk;         /* owned: state.json as it was last renamed into place; NULL: none */
	struct text saving; /* what a running write holds */
	uint64_t saving_number;
	int64_t saving_until; /* INT64_MAX: no write */
	bool saving_fails;
	bool unencoded;    /* the running write is still to be put together */
	bool mark_refused; /* the last write failed: sends without a mark are right */
	struct sim_request requests[SIM_REQUESTS];
	struct sim_integration integrations[SIM_IDS + 1]; /* by id, from 1 */
	unsigned key;
	bool asks;       /* nothing is known of the server: it is asked before anything is sent */
	unsigned starts; /* of the daemon */
	unsigned asks_in_vain; /* since the start: it had no answer */
	unsigned answers;      /* since the start, to updates */
	bool may_have_ended;   /* the asking, as the list failed alone */
	int64_t looked_at;     /* when the last look ended */
	double rate;           /* requests a second; 0: no limit */
	unsigned server; /* how often the operator has moved to another one, which has nothing */
	struct sim_look look;
	unsigned looks;
	bool repairs;    /* drift is to be */
	bool fidgets;    /* the operator does: edits of the same few, one right after the other */
	bool rearranges; /* as many removals, pauses and moves as edits */
	enum sim_mode mode;
	unsigned values; /* made so far */
	int64_t paused_until;
	int64_t trial_at; /* of a pause: when another may be tried; 0: never */
	int64_t paused_id;
	int64_t trial_id; /* the one that is tried; 0: none */
	unsigned sends;
	bool calm;     /* the end: no faults any more */
	bool stopping; /* from here on nothing is to be sent */
	bool verbose;
	const char *failure; /* the invariant that broke; NULL: none */
	int64_t failed_id;
};

/* Play one history; false leaves the failure in the sim. */
bool sim_play(struct sim *sim, uint64_t seed, bool verbose);

void sim_step(struct sim *sim, struct sync_event event);
void sim_run_until(struct sim *sim, int64_t until);
void sim_start(struct sim *sim);
void sim_crash(struct sim *sim);
void sim_stop(struct sim *sim);
void sim_say(const struct sim *sim, const char *what, int64_t id, const char *more);

/* From outside (operator.c), and in the end (judge.c). */
void sim_act(struct sim *sim);
void sim_release(struct sim *sim);
void sim_push(struct sim *sim, int64_t id);
void sim_judge_end(struct sim *sim);
void sim_judge_calm(struct sim *sim);

/* The world's side (world.c). */
void sim_fill(struct sim *sim); /* the server has some of it, whoever sent that */
unsigned sim_draw(struct sim *sim, unsigned below);
bool sim_chance(struct sim *sim, unsigned percent);
void sim_fail(struct sim *sim, const char *invariant, int64_t id);
void sim_receive(struct sim *sim, const struct sync_action *action);
void sim_apply_due(struct sim *sim);
/* The server asked `id` (0: the list) and with it the whole host to wait. */
void sim_pause(struct sim *sim, int64_t id, const struct verdict *verdict, int64_t retry_after_ms);
void sim_resume(struct sim *sim);
void sim_freeze_look(struct sim *sim); /* what it shows is of the server as it is now */
void sim_lose_requests(struct sim *sim);
struct spec *sim_spec(const struct sim *sim);
int64_t sim_operate(struct sim *sim); /* the id that was edited */
void sim_add_or_remove(struct sim *sim, int64_t id);
void sim_move(struct sim *sim);                        /* another server */
bool sim_is_marked(const struct sim *sim, int64_t id); /* on the disk */

/* Looks, and another hand on the server (drift.c). */
#define SIM_LOOK_MS     INT64_C(600000)
#define SIM_PATIENCE_MS INT64_C(30000)
void sim_take_adopted(struct sim *sim, const struct sync_action *action);
void sim_check_adopted(struct sim *sim);
void sim_look(struct sim *sim, const struct sync_action *action);
struct sync_event sim_end_look(struct sim *sim); /* the list is borrowed until the next look */
void sim_take_drift(struct sim *sim, const struct sync_action *action);
void sim_meddle(struct sim *sim, int64_t id);
void sim_undo_meddling(struct sim *sim);
void sim_clear_look(struct sim *sim);

void sim_clear(struct sim *sim);

#endif
