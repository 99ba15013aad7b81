/* SPDX-License-Identifier: MIT */
/* A server that answers as a scenario says, a disk and a clock around the reconciler: for questions
 * of when and how often, with any number of integrations. Each request is held to the rate limit
 * and to max_in_flight. */
#ifndef PLAY_H
#define PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "sync/sync_query.h"

enum {
	PLAY_SLOTS = 64,
	PLAY_IN_FLIGHT = 4,
	PLAY_RATE = 5,
	PLAY_BURST = 2 * PLAY_RATE,
	PLAY_TIMEOUT_MS = 30000,
	PLAY_LATENCY_MS = 20, /* of a write of the state */
};

struct play_reply {
	enum verdict_transfer transfer;
	int status;
	int64_t latency_ms;
	int64_t retry_after_ms;
};

/* A request under way. */
struct play_slot {
	bool taken;
	int64_t id; /* 0: the list */
	uint64_t generation;
	int64_t answer_at;
	struct play_reply reply;
};

struct play {
	/* What the server will answer to a request that is sent now; `id` 0 is the list. */
	struct play_reply (*reply)(const struct play *play, int64_t id);
	/* Before an action is carried out; may be NULL. */
	void (*acted)(struct play *play, const struct sync_action *action);
	void *data; /* the scenario's */
	struct sync *sync;
	int64_t now;
	struct play_slot slots[PLAY_SLOTS];
	unsigned in_flight; /* PUTs */
	int64_t save_at;    /* INT64_MAX: no write */
	uint64_t save;
	double tokens; /* an independent count of the rate */
	int64_t tokens_at;
	unsigned sends;
	unsigned lists;
	const char *failure; /* NULL: none */
};

/* Start a reconciler that knows nothing. */
void play_open(struct play *play);
void play_close(struct play *play);
void play_fail(struct play *play, const char *what);

/* A specification of integrations 1 to `count` with drift off; `version` tells schedules of an
 * integration apart. Given to the caller. */
struct spec *play_spec(size_t count, const unsigned *versions);

void play_configure(struct play *play, struct spec *spec);
void play_release(struct play *play);

/* Let everything happen that happens until then. */
void play_until(struct play *play, int64_t until);

#endif
