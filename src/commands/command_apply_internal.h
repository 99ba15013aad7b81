/* SPDX-License-Identifier: MIT */
/* The parts of `apply`: the progress line that it draws on a terminal; what became of each
 * integration that was to be sent, and of all of them; the loop, in which these are jobs, and which
 * ends when each is decided. */
#ifndef COMMAND_APPLY_INTERNAL_H
#define COMMAND_APPLY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/text.h"
#include "engine/engine.h"
#include "sync/sync_query.h"

/* How far it is. */
struct apply_line_progress {
	size_t done;
	size_t total;
	size_t rejected;   /* of those that are done */
	size_t confirming; /* done, but sent once more later */
	size_t retrying;
	int64_t elapsed_ms;
	int64_t next_ms;    /* until something is sent; INT64_MAX: only after an answer */
	int64_t give_up_ms; /* until it is over, if nothing more is decided before */
	bool stalled;       /* nothing is sent but what failed before */
	bool stopping;
	const char *error_text; /* borrowed: of the last failure; NULL: none */
};

struct apply_line {
	bool on_terminal; /* else nothing is ever drawn */
	bool drawn;       /* it is on the terminal */
};

/* Append the line, at most `columns` wide. */
void apply_line_format(const struct apply_line_progress *progress, size_t columns,
                       struct text *out);

/* Draw it over the last one on standard error, in the terminal's width. Never blocks. */
void apply_line_show_progress(struct apply_line *line, const struct apply_line_progress *progress);

/* Likewise another text, which fits into a line. */
void apply_line_show(struct apply_line *line, const char *text);

/* Take the line off the terminal, before something else is written there. `line` is a struct
 * apply_line (log_set_before()). */
void apply_line_wipe(void *line);

/* Something to be sent. */
struct apply_job {
	int64_t id; /* first (mem_compare_int()) */
	enum { APPLY_OPEN, APPLY_ACCEPTED, APPLY_REJECTED } outcome;
};

/* All borrowed. */
struct apply_result {
	const struct sync *sync; /* when all is over */
	const struct apply_job *jobs;
	size_t count;
	int64_t elapsed_ms;
};

struct apply_sum {
	size_t accepted;
	size_t unconfirmed; /* of these: to be sent once more, after an unknown outcome */
	size_t rejected;
	size_t unanswered;
	size_t not_sent; /* it was not their turn */
};

/* Count them. */
struct apply_sum apply_sum_of(const struct apply_result *result);

/* Append a line for each that failed, the place to fix first, and the sum. */
void apply_sum_print(const struct apply_result *result, struct text *out);

/* Append one document: the counts, and each integration with its outcome. */
void apply_sum_print_json(const struct apply_result *result, struct text *out);

#define APPLY_RUN_SIGNALS 3 /* INT, TERM, HUP */

/* Set `loop`, `engine` and `timeout_ms`, and zero the rest. */
struct apply_run {
	uv_loop_t loop;
	struct engine engine;
	int64_t timeout_ms; /* without progress, until it gives up */
	struct apply_line line;
	uv_signal_t signals[APPLY_RUN_SIGNALS];
	uv_timer_t beat;
	uv_timer_t grace;           /* of what is in flight when it stops */
	struct apply_job *jobs;     /* owned, in the order of ids */
	struct apply_result result; /* how it ended, or so far: of these jobs */
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

/* Free what it owns, but for the loop and the engine. */
void apply_run_clear(struct apply_run *run);

#endif
