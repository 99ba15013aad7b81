/* SPDX-License-Identifier: MIT */
/* The command `check`: every fault of the configuration, and what it asks for. */
#ifndef COMMAND_CHECK_H
#define COMMAND_CHECK_H

#include <stdbool.h>

#include "base/text.h"

/* Load the configuration at `path` without any network. Faults and warnings are appended to
 * `errors` as a compiler prints them, then a table of the integrations, their schedules in words
 * and their next runs to `out`; with `json` one document to `out` holds both. Neither ever holds a
 * secret. Returns the exit code: 0, or 78 if the daemon would refuse the file. */
int command_check(const char *path, bool json, bool colour, struct text *out, struct text *errors);

#endif
