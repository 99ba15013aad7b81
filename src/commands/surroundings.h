/* SPDX-License-Identifier: MIT */
/* What a command finds where it runs: the terminal that a descriptor may be, and the directories of
 * the daemon that reads a configuration. */
#ifndef SURROUNDINGS_H
#define SURROUNDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "log/log.h"

/* Whether a descriptor is a terminal, and $NO_COLOR does not forbid colour (no-color.org). */
bool surroundings_have_colour(int descriptor);

/* Whether a line on standard error can be drawn over itself: a terminal that $TERM does not call
 * dumb, and no log in JSON. */
bool surroundings_have_progress(enum log_form form);

/* How wide a terminal is: as it says itself; 0 if it is none, or does not say. */
size_t surroundings_terminal_columns(int descriptor);

/* How wide a table may be there: $COLUMNS, else as the terminal says; 0 if it is none. */
size_t surroundings_columns(int descriptor);

/* The directory that `given` names, as systemd's $STATE_DIRECTORY and $RUNTIME_DIRECTORY do: the
 * first of several, separated by colons. NULL or empty: `usual`, or, for
 * /etc/dfmode-sync/NAME.conf, the file of the instance dfmode-sync@NAME, `usual` with "-NAME" after
 * it. A new string. */
char *surroundings_directory(const char *given, const char *usual, const char *config_path);

/* The unit that reads a configuration: dfmode-sync.service, or dfmode-sync@NAME.service for
 * /etc/dfmode-sync/NAME.conf. A new string. */
char *surroundings_unit(const char *config_path);

#endif
