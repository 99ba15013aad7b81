/* SPDX-License-Identifier: MIT */
/* What a page of a list says of the pages beside it: in the members around the list. */
#ifndef WIRE_PAGE_H
#define WIRE_PAGE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct wire_page {
	char *next;    /* given: a URL reference of the next page; NULL: none is given */
	bool has_more; /* there is more, but nothing says where */
	int64_t total; /* elements of all pages; -1: unknown */
};

/* Read the members at the top and one object further in, by the names that are common: next (Django
 * REST, JSON:API, HAL), has_more, next_cursor, page and pages, total. */
void wire_page_read(struct json_object *frame, struct wire_page *page);

#endif
