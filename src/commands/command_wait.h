/* SPDX-License-Identifier: MIT */
/* The commands `wait` and `push`: what becomes of integrations, by the running daemon. */
#ifndef COMMAND_WAIT_H
#define COMMAND_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* All borrowed. */
struct command_wait_options {
	const char *runtime_directory;
	const int64_t *ids; /* NULL: all, of `wait` */
	size_t count;
	int64_t timeout_ms; /* of `wait` */
	bool colour;        /* of faults */
	bool on_terminal;   /* a line on standard error shows how far it is */
};

#define COMMAND_WAIT_MAX_MS (INT64_C(24) * 3600 * 1000) /* longer time-outs the daemon rejects */

/* Have the daemon take up the files as they are now, and wait until the integrations are settled.
 * Each that is not in sync is appended to `out`, with its reason, then a summary; other errors to
 * `errors`. Returns the exit code: 0 all in sync, 1 not, or not in time, 78 the files are refused,
 * 3 not running, 77 not for this user. */
int command_wait(const struct command_wait_options *options, struct text *out, struct text *errors);

/* Have the daemon send these integrations now, whatever it believes the server has. Returns the
 * exit code: 0 all were accepted, 1 not, 3 not running, 77 not for this user. */
int command_push(const struct command_wait_options *options, struct text *out, struct text *errors);

#endif
