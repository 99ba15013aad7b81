/* SPDX-License-Identifier: MIT */
/* It is not known which of many customs a server follows, so any sign of a further page counts:
 * a list that wrongly counts as partial leaves something unknown, the opposite would be a false
 * fact. */
#include "api/wire_internal.h"

#include <string.h>

#include "base/mem.h"

/* A text that can be a URL reference and no mere cursor. */
static bool is_reference(const char *text)
{
	return text[0] == '?' || strchr(text, '/') != NULL;
}

static void read_next(struct wire_page *page, struct json_object *value)
{
	struct json_object *inner = value;

	if (json_object_is_type(value, json_type_object) &&
	    !json_object_object_get_ex(value, "href", &inner) &&
	    !json_object_object_get_ex(value, "url", &inner))
		return;
	if (!json_object_get_boolean(inner)) /* null, false, 0 or an empty text */
		return;
	page->has_more = true;
	if (page->next == NULL && json_object_is_type(inner, json_type_string) &&
	    is_reference(json_object_get_string(inner)))
		page->next = mem_dup(json_object_get_string(inner));
}

static int64_t read_count(struct json_object *value, int64_t otherwise)
{
	int64_t number = json_object_get_int64(value);

	return json_object_is_type(value, json_type_int) && number >= 0 ? number : otherwise;
}

/* Numbers of this page and of all pages. */
struct numbers {
	int64_t page;
	int64_t pages;
};

static void read_member(struct wire_page *page, struct numbers *numbers, const char *name,
                        struct json_object *value)
{
	static const char *const nexts[] = {"next",      "next_url",
	                                    "next_page", "next_page_url",
	                                    "nextLink",  "@odata.nextLink",
	                                    "next_link", "nextPage",
	                                    "next_href", NULL};
	static const char *const mores[] = {
		"has_more",    "hasMore",     "has_next",   "hasNext",         "has_next_page",
		"hasNextPage", "next_cursor", "nextCursor", "next_page_token", "nextPageToken",
		"next_token",  "truncated",   NULL};
	static const char *const pages[] = {"pages",      "total_pages", "totalPages", "num_pages",
	                                    "page_count", "last_page",   NULL};
	static const char *const totals[] = {"total", "total_count", "totalCount",
	                                     "count", "total_items", NULL};

	if (wire_is_one_of(name, nexts))
		read_next(page, value);
	else if (wire_is_one_of(name, mores))
		page->has_more = page->has_more || json_object_get_boolean(value);
	else if (wire_is_one_of(name, pages))
		numbers->pages = read_count(value, numbers->pages);
	else if (strcmp(name, "page") == 0 || strcmp(name, "current_page") == 0)
		numbers->page = read_count(value, numbers->page);
	else if (wire_is_one_of(name, totals))
		page->total = read_count(value, page->total);
}

static void read_members(struct wire_page *page, struct numbers *numbers,
                         struct json_object *object)
{
	json_object_object_foreach(object, name, value) read_member(page, numbers, name, value);
}

void wire_page_read(struct json_object *frame, struct wire_page *page)
{
	struct numbers numbers = {.page = 1, .pages = 1};

	*page = (struct wire_page){.total = -1};
	if (!json_object_is_type(frame, json_type_object))
		return;
	read_members(page, &numbers, frame);
	json_object_object_foreach(frame, name, inner)
	{
		(void)name;
		if (json_object_is_type(inner, json_type_object))
			read_members(page, &numbers, inner);
	}
	page->has_more = page->has_more || numbers.pages > numbers.page;
}
