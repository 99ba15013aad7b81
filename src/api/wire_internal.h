/* SPDX-License-Identifier: MIT */
/* What the files of wire share: json-c, made strict. */
#ifndef WIRE_INTERNAL_H
#define WIRE_INTERNAL_H

#include <json-c/json.h>
#include <stddef.h>

#define WIRE_DEPTH_MAX 32

/* Parse `bytes`, all of it one JSON text in UTF-8. The object is given to the caller; it is NULL
 * for null, and when `*error` is not json_tokener_success: json_tokener_continue says that the text
 * ended too early, json_tokener_error_depth that it nests deeper than WIRE_DEPTH_MAX allows. */
struct json_object *wire_parse(const char *bytes, size_t length, enum json_tokener_error *error);

#endif
