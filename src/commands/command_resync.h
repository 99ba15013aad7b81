/* SPDX-License-Identifier: MIT */
/* The command `resync`: have the server synchronise integrations now, outside their schedules. */
#ifndef COMMAND_RESYNC_H
#define COMMAND_RESYNC_H

#include <stdbool.h>

#include "base/text.h"

/* Ask for each of the ids (a NULL-ended list of words), in their order, one at a time, each once; a
 * line of each goes to `out`. Returns the exit code: 0 all were started, 1 some were not, 64 if a
 * word is no id (nothing is asked then), 69 if none had an answer, 77 if the key is refused (no
 * other is asked then), 78 if the file has faults. */
int command_resync(const char *config_path, char *const *error_text, bool colour, struct text *out,
                   struct text *errors);

#endif
