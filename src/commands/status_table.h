/* SPDX-License-Identifier: MIT */
/* The table of `status`: a row for each integration of the running daemon. */
#ifndef STATUS_TABLE_H
#define STATUS_TABLE_H

#include <json-c/json.h>
#include <stddef.h>

#include "base/text.h"
#include "commands/command_line.h"

/* Append the titles and the rows of `status`, an answer of the daemon. A column that says nothing
 * of any integration is left out; names and schedules are cut, and then further columns left out,
 * until it fits. At most `most` rows are shown, what is not in sync first; 0: all. */
void status_table_add(struct json_object *status, const struct command_line *line, size_t most,
                      struct text *out);

#endif
