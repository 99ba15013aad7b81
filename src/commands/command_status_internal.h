/* SPDX-License-Identifier: MIT */
/* What the files of the command `status` share, and nobody else sees. */
#ifndef COMMAND_STATUS_INTERNAL_H
#define COMMAND_STATUS_INTERNAL_H

#include <json-c/json.h>

#include "commands/command_status.h"

#define STATUS_WORDS_MAX 1024 /* bytes of one text of the file that are shown */

/* command_status.c */
int64_t command_status_int(struct json_object *object, const char *key, int64_t otherwise);
const char *command_status_string(struct json_object *object, const char *key); /* NULL: none */

/* command_status_table.c */
void command_status_show(struct text *out, const char *error_text,
                         size_t max); /* escaped; NULL is nothing */
bool command_status_gate_is_closed(struct json_object *gate);

/* Append an empty line and the table, if there are integrations. True if all are in sync. */
bool command_status_add_table(struct json_object *status,
                              const struct command_status_options *options, struct text *out);

#endif
