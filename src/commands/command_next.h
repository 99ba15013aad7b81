/* SPDX-License-Identifier: MIT */
/* The command `next`: a schedule in words, and its next runs. */
#ifndef COMMAND_NEXT_H
#define COMMAND_NEXT_H

#include <stdint.h>

#include "base/text.h"

#define COMMAND_NEXT_COUNT 5    /* runs shown when nothing else is asked for */
#define COMMAND_NEXT_MAX   1000 /* runs shown at most */

/* Append the schedule in words, its warnings, and its first `count` runs after `now_unix_s`, in UTC
 * and local time, to `out`. Returns the exit code: 0, or 64 with the fault, the expression and a
 * caret below it appended to `errors`. */
int command_next(const char *expression, int count, int64_t now_unix_s, struct text *out,
                 struct text *errors);

/* The same of the integration with this id, all digits, in the file at `path` and what belongs to
 * it. 64 also for an id that is not there, with its neighbours appended to `errors`; 78 with its
 * faults for a file that has errors. */
int command_next_id(const char *path, const char *id, int count, int64_t now_unix_s,
                    struct text *out, struct text *errors);

#endif
