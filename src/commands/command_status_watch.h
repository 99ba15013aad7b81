/* SPDX-License-Identifier: MIT */
/* `status --watch`: the same on the terminal, again every second. */
#ifndef COMMAND_STATUS_WATCH_H
#define COMMAND_STATUS_WATCH_H

#include "commands/command_status.h"

/* Draw until a signal ends it. Lines, columns and the time are set here. Returns 0, or EX_IOERR if
 * the terminal takes no more. */
int command_status_watch(struct command_status_options *options);

#endif
