/* SPDX-License-Identifier: MIT */
/* What the files of wire share: json-c, made strict; what a page says; and what takes a JSON
 * document apart as it arrives: the elements of its lists one at a time, and the rest, so that no
 * more than one element is ever held. */
#ifndef WIRE_INTERNAL_H
#define WIRE_INTERNAL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct redactor;    /* base/redactor.h */
struct wire_answer; /* wire.h */
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

#define WIRE_SPLIT_ELEMENT_MAX (64 * 1024) /* bytes of an element that are kept */
#define WIRE_SPLIT_FRAME_MAX   (64 * 1024) /* bytes beside the lists; with more it is broken */
#define WIRE_SPLIT_NAME_MAX    40          /* bytes of a list's name, the rest is cut off */
#define WIRE_SPLIT_DEPTH_MAX   30

/* A list is an array that is the document, or a member of it within at most three objects. */
struct wire_split_events {
	/* A list begins; `name` is its member's, as the document spells it; "" for the document. */
	void (*on_list)(const char *name, void *data);
	/* An element ended; `bytes` is borrowed, and NULL if there were too many. It need not be
	 * JSON. False: what it is part of is none. */
	bool (*on_element)(const char *bytes, size_t length, void *data);
};

/* Embedded; zeroed but for `events` (borrowed) and `data` it is at the start of a document. */
struct wire_split {
	const struct wire_split_events *events;
	void *data;
	struct text frame;   /* the document so far, with its lists empty */
	struct text element; /* that arrives; wiped, as a server may echo secrets */
	char name[WIRE_SPLIT_NAME_MAX + 1];
	size_t name_length;
	char open[WIRE_SPLIT_DEPTH_MAX]; /* brackets of the frame */
	size_t depth;
	size_t arrays; /* of them that are no lists */
	size_t nested; /* brackets within the element */
	enum { WIRE_SPLIT_FRAME, WIRE_SPLIT_LIST, WIRE_SPLIT_ELEMENT } where;
	bool in_string;
	bool escaping;         /* the byte before was a backslash that counts */
	bool awaits_element;   /* behind a comma */
	bool awaits_separator; /* behind an element */
	bool is_long;          /* the element is too long */
	bool is_broken;        /* this is no JSON: all else is ignored */
};

/* Take the next bytes; both callbacks may come from within. */
void wire_split_feed(struct wire_split *split, const char *bytes, size_t length);

/* Whether the document was whole, so far as can be seen without parsing its parts. */
bool wire_split_is_whole(const struct wire_split *split);

/* Free what is held, and begin with another document. */
void wire_split_reset(struct wire_split *split);

/* Say in a line that may be shown what the body is: the first line of plain text, a page after its
 * status ("Service Unavailable (text/html)"), nothing, compressed, or JSON that is broken or says
 * nothing, as `error` of the attempt to parse it has it. Given. `*is_page` becomes whether it is a
 * page of something between us and the application. */
char *wire_plain_reason(const struct wire_answer *answer, enum json_tokener_error error,
                        const struct redactor *redactor, bool *is_page);

#endif
