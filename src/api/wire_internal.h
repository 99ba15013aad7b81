/* SPDX-License-Identifier: MIT */
/* What the files of wire share: json-c, made strict. */
#ifndef WIRE_INTERNAL_H
#define WIRE_INTERNAL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redactor;    /* base/redactor.h */
struct wire_remote; /* wire.h */

#define WIRE_DEPTH_MAX 32

/* Parse `bytes`, all of it one JSON text in UTF-8. The object is given to the caller; it is NULL
 * for null, and when `*error` is not json_tokener_success: json_tokener_continue says that the text
 * ended too early, json_tokener_error_depth that it nests deeper than WIRE_DEPTH_MAX allows. */
struct json_object *wire_parse(const char *bytes, size_t length, enum json_tokener_error *error);

/* The same with a tokener of the caller's (wire_tokener_new()). */
struct json_object *wire_parse_with(struct json_tokener *tokener, const char *bytes, size_t length,
                                    enum json_tokener_error *error);

/* Read the id of an element of the list: `bi_datasource_id`, or else `id`; a number, or one in a
 * string. False if it has none that may be used. */
bool wire_read_id(struct json_object *item, int64_t *id);

/* Read all else that is known of an element into a remote that holds no texts yet. */
void wire_read_remote(struct json_object *item, struct wire_remote *remote);

/* Make what a server sent fit to be shown: redacted, escaped and cut, in this order. Given. */
char *wire_show(const char *bytes, size_t length, size_t limit, const struct redactor *redactor);

/* The offset of the first byte that is no white space. */
size_t wire_skip_space(const char *bytes, size_t length);

/* Whether a name is in a NULL-ended list. */
bool wire_is_one_of(const char *name, const char *const *names);

/* Free its texts; of it nothing but the id is left. */
void wire_remote_clear(struct wire_remote *remote);

/* What a page of a list says of the pages beside it: in the members around the list. */
struct wire_page {
	char *next;    /* given: a URL reference of the next page; NULL: none is given */
	bool has_more; /* there is more, but nothing says where */
	int64_t total; /* elements of all pages; -1: unknown */
};

/* Read the members at the top and one object further in, by the names that are common: next (Django
 * REST, JSON:API, HAL), has_more, next_cursor, page and pages, total. */
void wire_page_read(struct json_object *frame, struct wire_page *page);

#endif
