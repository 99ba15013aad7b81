/* SPDX-License-Identifier: MIT */
/* The command `plan`: what would be sent, against the server where it answers. It sends nothing. */
#ifndef COMMAND_PLAN_H
#define COMMAND_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* All borrowed. */
struct command_plan_options {
	const char *config_path;
	const int64_t *ids; /* only these; NULL: all */
	size_t id_count;
	const char *state_directory;   /* is only read, whoever holds its lock */
	const char *runtime_directory; /* of a daemon, which is asked what is under way */
	int64_t now_unix_s;
	bool colour;       /* of the plan */
	bool error_colour; /* of faults */
	bool json;
};

/* Append what differs to `out`, as lines for people or as one document; what fails is appended to
 * `errors`. What others wrote is redacted, and escaped. Returns the exit code: 0 nothing to do, 2
 * something to send, 77 if the key is refused, 78 if the file has faults; and if there is nothing
 * to compare with, 69 where the server does not answer, else 1. */
int command_plan(const struct command_plan_options *options, struct text *out, struct text *errors);

#endif
