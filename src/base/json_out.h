/* SPDX-License-Identifier: MIT */
/* A small JSON writer (RFC 8259) that appends to a text. */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The writer has no state of its own: a comma is written where the text ends in a value, and
 * nowhere else. So calls may be mixed with text_add(), and a document may follow another once a
 * line break separates them. A document that is emptied out in pieces needs a comma of the
 * caller's at the start of each piece within an object or an array; none follows one.
 *
 * `key` is the name of a member, of letters that JSON takes as they are; NULL in an array and for
 * the outermost value. Text from anywhere is escaped as text_add_json() says. */
void json_out_open_object(struct text *out, const char *key);
void json_out_close_object(struct text *out);
void json_out_open_array(struct text *out, const char *key);
void json_out_close_array(struct text *out);

/* `value` NULL is null. */
void json_out_string(struct text *out, const char *key, const char *value);

void json_out_bytes(struct text *out, const char *key, const char *bytes, size_t length);
void json_out_int(struct text *out, const char *key, int64_t value);
void json_out_bool(struct text *out, const char *key, bool value);
void json_out_null(struct text *out, const char *key);

/* The value if `is_there`, else null. */
void json_out_int_or_null(struct text *out, const char *key, int64_t value, bool is_there);

/* Start a new line before the next member or element: a document of one element a line can be read,
 * and searched, without a parser. */
void json_out_line(struct text *out);

#endif
