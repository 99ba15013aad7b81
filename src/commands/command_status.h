/* SPDX-License-Identifier: MIT */
/* The command `status`: what the running daemon shows of itself, as a table or as its file. */
#ifndef COMMAND_STATUS_H
#define COMMAND_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* All borrowed. */
struct command_status_options {
	const char *runtime_directory; /* where status.json is */
	const char *state_directory;   /* where the lock is, while no status.json says it */
	int64_t now_unix_s;
	size_t columns; /* that the last error is cut to; 0: it is shown whole */
	size_t lines;   /* that there is room for, what is not in sync first; 0: all are shown */
	bool colour;
	bool json;
};

/* Append the table, or the file as it is, to `out`. Returns the exit code: 0 all in
 * sync, 1 not, 3 not running; what hinders is appended to `errors`. What the file says is escaped
 * before it is shown, but for `json`. */
int command_status(const struct command_status_options *options, struct text *out,
                   struct text *errors);

/* Show the table on the terminal, again every second, until a signal ends it. Lines, columns and
 * the time are set here. Returns 0, or EX_IOERR if the terminal takes no more. */
int command_status_watch(struct command_status_options *options);

#endif
