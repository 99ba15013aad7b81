/* SPDX-License-Identifier: MIT */
/* `status --watch`: the same on the terminal, again every second. */
#ifndef COMMAND_STATUS_WATCH_H
#define COMMAND_STATUS_WATCH_H

#include "commands/command_line.h"

/* Draw what `show` appends until a signal ends it; lines, columns and the time of its line are set
 * here. Returns 0, or EX_IOERR if the terminal takes no more. */
typedef int command_status_show_fn(const struct command_line *line, struct text *out,
                                   struct text *errors);
int command_status_watch(const struct command_line *line, command_status_show_fn *show);

#endif
