/* SPDX-License-Identifier: MIT */
/* What may be written to a descriptor, if it is a terminal. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "log/log.h"

/* Whether it is one, and $NO_COLOR does not forbid colour (no-color.org). */
bool terminal_has_colour(int descriptor);

/* Whether a line on standard error can be drawn over itself: a terminal that $TERM does not call
 * dumb, and no log in JSON. */
bool terminal_has_progress(enum log_form form);

/* How wide it is: $COLUMNS, else as the terminal says; 0 if it is none. */
size_t terminal_columns(int descriptor);

#endif
