/* SPDX-License-Identifier: MIT */
/* The reconciler and what it acts through, on one loop: answers become its events, its actions
 * become requests, writes of the state, and records. The daemon has one, and so has `apply`. */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/fault.h"
#include "base/redactor.h"
#include "base/text.h"
#include "config/specfile.h"
#include "engine/remote_list.h"
#include "engine/state_file.h"
#include "http/http.h"
#include "os/instance_lock.h"
#include "sync/state.h"
#include "sync/sync.h"

struct answer;       /* answer.h */
struct json_tokener; /* json-c */

/* Embedded, zeroed but for what is borrowed. */
struct engine {
	uv_loop_t *loop;             /* borrowed */
	const char *state_directory; /* borrowed */
	/* These may be NULL; what they are called with is borrowed. */
	void (*answered)(const struct answer *answer, void *data); /* of each PUT, first */
	/* Each action that was carried out; `answer` is what led to it, NULL for other events. */
	void (*acted)(const struct sync_action *action, const struct answer *answer, void *data);
	void (*stepped)(void *data); /* after each event, its actions carried out */
	void *data;
	bool is_brief; /* it ends by itself: see report_action() */
	struct sync *sync;
	struct http *http;
	struct redactor *redactor;    /* owned: of the secrets in force, and those before */
	struct json_tokener *tokener; /* owned: for the answers */
	uv_timer_t tick;              /* the reconciler's deadline */
	struct state_file file;
	struct remote_list list;
	struct instance_lock lock;
	struct state_key key; /* of the credentials' digests; set by engine_load_state() */
	bool closing;
};

/* Hold the state directory, made if it is not there, against any other instance. A failure is
 * reported; `advice` follows where another one runs: "", "; see …". EXIT_SUCCESS, EX_TEMPFAIL if
 * another one runs, or EXIT_FAILURE. */
int engine_lock(struct engine *engine, const char *advice);

/* Read what an earlier run left into an empty state, and the key of its digests. False, reported,
 * if the state cannot be used. */
bool engine_load_state(struct engine *engine, struct state *state);

/* Start the reconciler; the state is given. */
void engine_start_sync(struct engine *engine, struct state *state);

/* Make a fault of a specification without integrations after one that `had` some, unless it says
 * that this is meant. */
void engine_reject_emptied(struct specfile *specfile, const char *path, size_t had);

/* Open the adapters; after engine_start_sync(). False with a fault, and nothing is open. */
bool engine_open(struct engine *engine, const struct spec_api *api, struct fault *fault);

/* Have the reconciler take an event in at this moment, and carry its actions out. */
void engine_step(struct engine *engine, struct sync_event *event);

/* Whether requests and writes end as they must. */
bool engine_is_stuck(const struct engine *engine);

/* Whether an answer to the list is waited for. */
bool engine_is_asking(const struct engine *engine);

/* Whether the state is being written. */
bool engine_is_saving(const struct engine *engine);

/* Cancel what is in flight and close the handles; the loop then runs empty. Once. */
void engine_close(struct engine *engine);

/* The loop has ended: write the state once more. */
void engine_save_last(struct engine *engine);

/* Free what is left, and let the directory go. */
void engine_clear(struct engine *engine);

#endif
