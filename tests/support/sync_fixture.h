/* SPDX-License-Identifier: MIT */
/* A mind under fake time: specifications made of literals, events by name, actions looked up. */
#ifndef SYNC_FIXTURE_H
#define SYNC_FIXTURE_H

#include "sync/sync_query.h"

#define RIG_SEED 7

struct rig {
	struct sync *sync;
	int64_t now_ms;
	const struct sync_action *actions; /* of the last step */
	size_t count;
};

/* An integration, as a test writes it; the last of a list has id 0. */
struct rig_integration {
	int64_t id;
	const char *cron;  /* NULL: no schedule */
	const char *token; /* NULL: "token" */
	bool paused;
};

/* A specification with rate_limit 0, 4 in flight, first 1 s, max 8 s, rejected 30 s to 120 s,
 * time-out 30 s, no drift. Given to the caller, who may change it before rig_configure(). */
struct spec *rig_spec(const struct rig_integration *integrations);

void rig_open(struct rig *rig, struct state *state);
void rig_close(struct rig *rig);

void rig_configure(struct rig *rig, struct spec *spec);
void rig_release(struct rig *rig);
void rig_stop(struct rig *rig);
void rig_save(struct rig *rig, uint64_t save, bool saved);
void rig_answer(struct rig *rig, int64_t id, enum verdict_transfer transfer, int status,
                int64_t retry_after_ms);

/* Answer a look. A remote's id 0 ends the list; NULL: there is no list, but this status. */
void rig_list(struct rig *rig, int status, int64_t retry_after_ms,
              const struct wire_remote *remotes);

/* Answer a PUT with 200 and a schedule. */
void rig_answer_with(struct rig *rig, int64_t id, enum wire_known known, const char *cron);

/* Let `ms` pass, ticking at every deadline on the way; the actions of the last tick that had any
 * stay in the rig, and the number of SENDs in all is returned. */
unsigned rig_pass(struct rig *rig, int64_t ms);

/* Configure, and answer the save that it asks for at once; the actions are those after the save. */
void rig_start(struct rig *rig, struct spec *spec);

/* The action of a kind about an id (0: any) in the last step; NULL if there is none. */
const struct sync_action *rig_find(const struct rig *rig, enum sync_action_kind kind, int64_t id);
unsigned rig_count(const struct rig *rig, enum sync_action_kind kind);

struct sync_view rig_view(const struct rig *rig, int64_t id);

#endif
