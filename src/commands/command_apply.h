/* SPDX-License-Identifier: MIT */
/* The command `apply`: send what differs, once, and wait for the answers. */
#ifndef COMMAND_APPLY_H
#define COMMAND_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "config/secret.h"

/* All borrowed. */
struct command_apply_options {
	const char *config_path;
	const char *state_directory;
	struct secret_environment environment;
	int64_t timeout_ms;  /* without progress, until it gives up */
	bool json;           /* one document instead of lines */
	bool level_is_given; /* the command line's log level beats the file's */
	bool on_terminal;    /* one line on standard error shows how far it is */
};

/* Run to the end; the log is open. What was not accepted, each with its place, and the sum are
 * appended to `out`. Returns an exit code of sysexits(3): 0 all accepted, 1 some not,
 * EX_UNAVAILABLE without any answer, EX_TEMPFAIL if another instance runs, EX_NOPERM for a refused
 * key, EX_CONFIG for a bad file. */
int command_apply(const struct command_apply_options *options, struct text *out);

#endif
