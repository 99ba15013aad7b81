/* SPDX-License-Identifier: MIT */
/* The command `reload`: have the running daemon take up the files now. */
#ifndef COMMAND_RELOAD_H
#define COMMAND_RELOAD_H

#include <json-c/json.h>
#include <stdbool.h>

#include "base/text.h"

/* Wait until the daemon of this runtime directory has loaded the files, retried what waits and
 * released its gates. What is wrong is appended to `errors`: the faults as `check` prints them.
 * Returns the exit code: 0 the files are in force, 78 they are refused, 3 not running, 77 not for
 * this user, 75 the files cannot be read now, else 1. */
int command_reload(const char *runtime_directory, bool colour, struct text *out,
                   struct text *errors);

/* The same of an answer that has a result: 0 with nothing appended if the files were not refused.
 */
int command_reload_judge(struct json_object *answer, bool colour, struct text *errors);

#endif
