/* SPDX-License-Identifier: MIT */
/* The parts of `status`: the table, and the picture that is drawn again and again. */
#ifndef COMMAND_STATUS_INTERNAL_H
#define COMMAND_STATUS_INTERNAL_H

#include <json-c/json.h>
#include <stddef.h>

#include "commands/command_line.h"

/* Append the titles and the rows of `status`, an answer of the daemon. A column that says nothing
 * of any integration is left out; names and schedules are cut, and then further columns left out,
 * until it fits. At most `most` rows are shown, what is not in sync first; 0: all. */
void status_table_add(struct json_object *status, const struct command_line *line, size_t most,
                      struct text *out);

/* Draw what `show` appends until a signal ends it; lines, columns and the time of its line are set
 * here. Returns 0, or EX_IOERR if the terminal takes no more. */
typedef int command_status_show_fn(const struct command_line *line, struct text *out,
                                   struct text *errors);
int command_status_watch(const struct command_line *line, command_status_show_fn *show);

#endif
