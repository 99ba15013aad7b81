/* SPDX-License-Identifier: MIT */
/* What the files of the command `apply` share, and nobody else sees. */
#ifndef COMMAND_APPLY_INTERNAL_H
#define COMMAND_APPLY_INTERNAL_H

#include <stddef.h>
#include <uv.h>

#include "commands/command_apply.h"
#include "engine/engine.h"

#define COMMAND_APPLY_SIGNALS 3 /* INT, TERM, HUP */

/* Something to be sent, and what became of it. */
struct command_apply_job {
	int64_t id;
	size_t index; /* of its sync_view */
	enum { JOB_OPEN, JOB_ACCEPTED, JOB_REFUSED } outcome;
};

/* How it all ended. */
struct command_apply_sum {
	size_t accepted;
	size_t unconfirmed; /* of these: to be sent once more, after an outcome that is unknown */
	size_t refused;
	size_t unanswered;
	size_t not_sent; /* it was not their turn */
	int64_t elapsed_ms;
};

/* How far it is. */
struct command_apply_progress {
	size_t done;
	size_t total;
	size_t refused;    /* of those that are done */
	size_t confirming; /* done, but for a second look */
	size_t retrying;
	int64_t elapsed_ms;
	int64_t next_ms;    /* until something is sent; INT64_MAX: only after an answer */
	int64_t give_up_ms; /* until it is over, if nothing is settled before */
	bool stalled;       /* nothing is sent but what failed before */
	bool stopping;
	const char *error_text; /* borrowed: of the last failure; NULL: none */
};

struct command_apply {
	const struct command_apply_options *options;
	uv_loop_t loop;
	uv_signal_t signals[COMMAND_APPLY_SIGNALS];
	uv_timer_t beat;
	uv_timer_t grace; /* of what is in flight when it stops */
	struct engine engine;
	struct command_apply_job *jobs; /* owned, in the order of ids */
	size_t count;
	size_t refused;
	size_t settled_most; /* as many as ever were settled at once */
	uint64_t started_ms;
	uint64_t settled_ms; /* the last time that more were settled than before */
	char *error_text;    /* owned: of the last failure */
	bool by_list;        /* the server told what it has */
	bool reached;        /* there was an answer */
	bool denied;         /* the key is refused */
	bool over;           /* nothing is to be sent any more */
	bool running;
	bool stopping;
	bool closing;
	bool drawn; /* the line is on the terminal */
};

/* command_apply_run.c: the loop, from the first event to the last. `spec` is given. False with a
 * fault if libcurl cannot start. */
bool command_apply_run(struct command_apply *apply, struct spec *spec, struct fault *fault);

/* command_apply_line.c */
void command_apply_draw(const struct command_apply_progress *progress, size_t columns,
                        struct text *out);
void command_apply_show(struct command_apply *apply, const char *line); /* instead of the last */
void command_apply_wipe(void *apply);
size_t command_apply_columns(void); /* of the terminal on standard error */

/* command_apply_sum.c: name what was not accepted, and add up. */
void command_apply_add_up(const struct command_apply *apply, struct command_apply_sum *sum,
                          struct text *out);
void command_apply_tell_sum(const struct command_apply_sum *sum, struct text *out);

/* The same as one document, each integration in it. */
void command_apply_add_document(const struct command_apply *apply, struct command_apply_sum *sum,
                                struct text *out);

#endif
