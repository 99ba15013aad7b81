/* SPDX-License-Identifier: MIT */
/* The loop of `apply`: what is to be sent becomes a list of jobs, and it ends when each is decided.
 */
#ifndef APPLY_RUN_H
#define APPLY_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "commands/apply_line.h"
#include "commands/apply_sum.h"
#include "engine/engine.h"

#define APPLY_RUN_SIGNALS 3 /* INT, TERM, HUP */

/* Set `loop`, `engine` and `timeout_ms`, and zero the rest. */
struct apply_run {
	uv_loop_t loop;
	struct engine engine;
	int64_t timeout_ms; /* without progress, until it gives up */
	struct apply_line line;
	uv_signal_t signals[APPLY_RUN_SIGNALS];
	uv_timer_t beat;
	uv_timer_t grace;       /* of what is in flight when it stops */
	struct apply_job *jobs; /* owned, in the order of ids */
	size_t count;
	size_t rejected;
	size_t decided_most; /* as many as ever were decided at once */
	uint64_t started_ms;
	uint64_t decided_ms;   /* the last time that more were decided than before */
	struct sync_list list; /* how asking for it ended before; zeroed: well */
	char *list_error;      /* owned: its text */
	char *error_text;      /* owned: of the last failure */
	bool reached;          /* there was an answer */
	bool denied;           /* the key is refused */
	bool over;             /* nothing is to be sent any more */
	bool running;
	bool stopping;
	bool closing;
};

/* Run from the first event to the last; the engine's sync is there. `spec` is given. False with a
 * fault if libcurl cannot start. */
bool apply_run_all(struct apply_run *run, struct spec *spec, struct fault *fault);

/* How it ended. Borrowed until apply_run_clear(). */
struct apply_result apply_run_result(const struct apply_run *run);

/* Free what it owns, but for the loop and the engine. */
void apply_run_clear(struct apply_run *run);

#endif
