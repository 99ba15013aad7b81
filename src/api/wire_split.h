/* SPDX-License-Identifier: MIT */
/* Takes a JSON document apart as it arrives: the elements of its lists one at a time, and the rest,
 * so that no more than one element is ever held. */
#ifndef WIRE_SPLIT_H
#define WIRE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

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

#endif
