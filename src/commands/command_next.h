/* SPDX-License-Identifier: MIT */
/* The command `next`: schedules in words, when they run next, and the picture of a week. */
#ifndef COMMAND_NEXT_H
#define COMMAND_NEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define COMMAND_NEXT_MAX 1000 /* runs shown at most */

struct command_next_options {
	const char *config_path; /* borrowed during the call, as all texts */
	const char *what;        /* an expression, or an id, all digits; NULL: all integrations */
	int count;   /* runs to show, 1 to COMMAND_NEXT_MAX; of all: those of 24 h at most */
	bool week;   /* draw the week instead */
	bool json;   /* one document */
	bool colour; /* in the picture */
	int64_t now_unix_s;
};

/* Append what was asked for to `out`; with a single schedule its words and warnings come first.
 * Returns the exit code: 0; 64 with the fault and a caret, or the neighbours of an id that is not
 * there, appended to `errors`; 78 with its faults for a file that has errors; 75 for one that
 * cannot be read now. Secrets are not read: whoever may read the file may see its schedules.
 */
int command_next(const struct command_next_options *options, struct text *out, struct text *errors);

#endif
