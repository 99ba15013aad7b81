/* SPDX-License-Identifier: MIT */
/* The table of `status`: a row for each integration of the running daemon. */
#ifndef STATUS_TABLE_H
#define STATUS_TABLE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct status_table_options {
	int64_t now_unix_s;
	size_t columns; /* it is to fit into; 0: as many as it takes */
	size_t rows;    /* shown at most, what is not in sync first; 0: all */
	bool colour;
};

/* Append the titles and the rows of `status`, an answer of the daemon. A column that says nothing
 * of any integration is left out; names and schedules are cut, and then further columns left out,
 * until it fits. */
void status_table_add(struct json_object *status, const struct status_table_options *options,
                      struct text *out);

#endif
