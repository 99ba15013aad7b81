/* SPDX-License-Identifier: MIT */
/* The command `status`: what the running daemon has in force, exact at that moment. */
#ifndef COMMAND_STATUS_H
#define COMMAND_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* All borrowed. */
struct command_status_options {
	const char *runtime_directory; /* with the control socket */
	const int64_t *ids;            /* NULL: all integrations */
	size_t id_count;
	int64_t now_unix_s;
	size_t columns; /* that the table is to fit into; 0: it is not for a terminal */
	size_t lines;   /* that there is room for; 0: any number */
	bool colour;
	bool json;
};

/* Append the table, and below it each problem in full, to `out`, or the daemon's answer as it is;
 * if there is none, why, to `errors`. Returns the exit code: 0 all that was asked for is in sync
 * and the files are in force, 1 not, 3 not running. */
int command_status(const struct command_status_options *options, struct text *out,
                   struct text *errors);

#endif
