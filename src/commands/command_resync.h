/* SPDX-License-Identifier: MIT */
/* The command `resync`: have the server synchronise integrations now, outside their schedules. */
#ifndef COMMAND_RESYNC_H
#define COMMAND_RESYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* All borrowed. */
struct command_resync_options {
	const char *config_path;
	const int64_t *ids;
	size_t count;
	bool json;
	bool colour; /* of faults */
};

/* Ask for each of the ids, in their order, one at a time; a line of each goes to `out`, or one
 * document. Returns the exit code: 0 all were started, 1 some were not, 69 if none had an answer,
 * 77 if the key is refused (no other is asked then), 78 if the file has faults. */
int command_resync(const struct command_resync_options *options, struct text *out,
                   struct text *errors);

#endif
