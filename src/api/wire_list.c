/* SPDX-License-Identifier: MIT */
/* Each element is parsed by itself, and what is kept of it are a few short texts, if its id is
 * asked for. Several arrays may hold elements with ids: those of all kinds of data sources when
 * they are named after kinds, else only the first one's, since the others may be anything.
 *
 * Never a wrong fact: of an id that is there twice nothing is known, of one that is listed as
 * another kind only that. Duplicates are dropped whenever the array is full, so that it never grows
 * much beyond what is asked for. */
#include "api/wire_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/wire_internal.h"
#include "base/mem.h"

#define GROUPS_MAX    16
#define SPARE         (64 * 1024)       /* items beyond the ids, for what is there twice */
#define ALL_MAX       (2 * SPARE)       /* items when all are kept */
#define TEXT_MAX      (2 * 1024 * 1024) /* bytes of texts beyond those of the ids */
#define TEXT_OF_ONE   128               /* bytes of texts of an id */
#define TEXT_OVERHEAD 16                /* bytes that an allocation costs besides */

/* An array of the document. */
struct group {
	char name[WIRE_SPLIT_NAME_MAX + 1];
	bool has_ids;
};

struct wire_list {
	struct wire_split split;
	struct json_tokener *tokener;
	struct redactor *const *redactor;
	int64_t *ids; /* NULL: all are asked for */
	size_t id_count;
	struct wire_remotes remotes;
	size_t capacity;
	size_t items_max;
	bool is_full; /* after a merge, or nearly so */
	size_t text_bytes, text_max;
	struct group groups[GROUPS_MAX];
	size_t group_count;
	size_t group;    /* of the element that arrives; GROUPS_MAX: it is ignored */
	size_t elements; /* of all pages */
	size_t arrays;   /* of this page */
	size_t bytes;
};

void wire_list_mark_partial(struct wire_list *list, const char *why)
{
	if (list->remotes.partial == NULL)
		list->remotes.partial = why;
}

static void on_list(const char *name, void *data)
{
	struct wire_list *list = data;

	list->arrays++;
	for (list->group = 0; list->group < list->group_count; list->group++) {
		if (strcmp(list->groups[list->group].name, name) == 0)
			return;
	}
	if (list->group_count == GROUPS_MAX)
		wire_list_mark_partial(list, "holds too many lists");
	else
		(void)stpcpy(list->groups[list->group_count++].name, name);
}

static bool is_asked_for(const struct wire_list *list, int64_t id)
{
	return list->ids == NULL ||
	       bsearch(&id, list->ids, list->id_count, sizeof(*list->ids), mem_compare_int) != NULL;
}

static size_t cost_of_text(const char *text)
{
	return text != NULL ? strlen(text) + 1 + TEXT_OVERHEAD : 0;
}

static size_t cost_of(const struct wire_remote *remote)
{
	return cost_of_text(remote->type) + cost_of_text(remote->name) +
	       cost_of_text(remote->workspace) + cost_of_text(remote->indexing_cron);
}

/* Free the texts of an item: nothing but its id is known. */
static void strip(struct wire_list *list, struct wire_remote *remote)
{
	list->text_bytes -= cost_of(remote);
	wire_remote_clear(remote);
}

static int compare_items(const void *left, const void *right)
{
	const struct wire_remote *a = left, *b = right;
	int by_id = mem_compare_int(a, b);

	return by_id != 0 ? by_id : (int)a->group - (int)b->group;
}

/* Most servers list by id. */
static void sort(struct wire_remotes *remotes)
{
	for (size_t i = 1; i < remotes->count; i++) {
		if (compare_items(&remotes->items[i - 1], &remotes->items[i]) > 0) {
			qsort(remotes->items, remotes->count, sizeof(*remotes->items),
			      compare_items);
			return;
		}
	}
}

/* Of an id that is twice in a group nothing but the id is known. */
static void merge(struct wire_list *list)
{
	struct wire_remotes *remotes = &list->remotes;
	size_t kept = 0;

	sort(remotes);
	for (size_t i = 0; i < remotes->count; i++) {
		struct wire_remote *item = &remotes->items[i];
		struct wire_remote *before = &remotes->items[kept > 0 ? kept - 1 : 0];

		if (kept == 0 || compare_items(before, item) != 0) {
			remotes->items[kept++] = *item;
			continue;
		}
		strip(list, item);
		strip(list, before);
		before->group = item->group;
	}
	remotes->count = kept;
}

/* Room for one more item, or NULL if there is none to be had. */
static struct wire_remote *next_item(struct wire_list *list)
{
	struct wire_remotes *remotes = &list->remotes;

	/* Where little is twice, to merge again and again would cost more than all else. */
	if (remotes->count == list->capacity && !list->is_full) {
		merge(list);
		list->is_full = remotes->count > list->items_max - list->items_max / 8;
	}
	if (remotes->count == list->items_max)
		return NULL;
	remotes->items = mem_room(remotes->items, &list->capacity, remotes->count + 1);
	return &remotes->items[remotes->count++];
}

static void keep(struct wire_list *list, struct json_object *object, int64_t id)
{
	struct wire_remote *item = next_item(list);

	if (item == NULL) {
		wire_list_mark_partial(list, "is too long to be kept");
		return;
	}
	*item = (struct wire_remote){.id = id, .group = (unsigned)list->group};
	wire_read_remote(object, item);
	item->indexing_cron = wire_redact_cron(item->indexing_cron, *list->redactor);
	list->text_bytes += cost_of(item);
	if (list->text_bytes > list->text_max) {
		strip(list, item);
		item->group = (unsigned)list->group;
		wire_list_mark_partial(list, "holds too much text to be kept");
	}
}

/* An element without an id need not be parsed. A backslash may hide one. */
static bool may_have_id(const char *bytes, size_t length)
{
	return bytes[0] == '{' &&
	       (memmem(bytes, length, "id\"", 3) != NULL || memchr(bytes, '\\', length) != NULL);
}

static bool on_element(const char *bytes, size_t length, void *data)
{
	struct wire_list *list = data;
	enum json_tokener_error error;
	struct json_object *object;
	int64_t id;

	list->elements++;
	if (bytes == NULL)
		wire_list_mark_partial(list, "has an entry of more than 64 KiB");
	if (bytes == NULL || list->group == GROUPS_MAX || !may_have_id(bytes, length))
		return true;
	object = wire_parse_with(list->tokener, bytes, length, &error);
	if (error == json_tokener_error_depth)
		wire_list_mark_partial(list, "has an entry that is nested too deeply");
	else if (error != json_tokener_success)
		return false;
	if (wire_read_id(object, &id)) {
		list->groups[list->group].has_ids = true;
		if (is_asked_for(list, id))
			keep(list, object, id);
	}
	json_object_put(object);
	return true;
}

struct wire_list *wire_list_new(int64_t *ids, size_t count, struct redactor *const *redactor)
{
	static const struct wire_split_events events = {.on_list = on_list,
	                                                .on_element = on_element};
	struct wire_list *list = mem_new(struct wire_list);

	list->split = (struct wire_split){.events = &events, .data = list};
	list->tokener = wire_tokener_new();
	list->redactor = redactor;
	list->ids = ids;
	list->id_count = count;
	list->items_max = ids != NULL ? count + SPARE : ALL_MAX;
	list->text_max = TEXT_MAX + (ids != NULL ? count : SPARE) * TEXT_OF_ONE;
	list->remotes.items = mem_grow(NULL, &list->capacity, ids != NULL ? count + 1 : 1,
	                               sizeof(*list->remotes.items));
	return list;
}

bool wire_list_feed(struct wire_list *list, const char *bytes, size_t length)
{
	list->bytes += length;
	if (list->bytes > WIRE_LIST_BYTES_MAX)
		return false;
	wire_split_feed(&list->split, bytes, length);
	return true;
}

/* Whether this is a list at all: something has an id, or there is nothing in the only array. */
static bool holds_list(const struct wire_list *list)
{
	for (size_t i = 0; i < list->group_count; i++) {
		if (list->groups[i].has_ids)
			return true;
	}
	return list->elements == 0 && list->group_count > 0;
}

/* Whether the arrays are named after kinds of data sources. */
static bool is_grouped(const struct wire_list *list)
{
	static const char *const kinds[] = {"mode",     "tableau",  "looker",     "hightouch",
	                                    "power_bi", "powerbi",  "power-bi",   "sigma",
	                                    "metabase", "superset", "quicksight", NULL};

	for (size_t i = 0; i < list->group_count; i++) {
		for (const char *const *kind = kinds; *kind != NULL; kind++) {
			if (strcasecmp(*kind, list->groups[i].name) == 0)
				return true;
		}
	}
	return false;
}

static void judge_page(struct wire_list *list, const char *link, struct wire_page *page)
{
	if (page->next == NULL)
		page->next = mem_dup(link);
	if (page->next == NULL && page->has_more)
		wire_list_mark_partial(list, "has further pages, which cannot be followed");
	else if (page->next == NULL && page->total > (int64_t)list->elements)
		wire_list_mark_partial(list, "has fewer entries than it says");
}

bool wire_list_end_page(struct wire_list *list, const char *link, char **next)
{
	const struct text *frame = &list->split.frame;
	enum json_tokener_error error;
	struct json_object *root;
	struct wire_page page;
	bool is_list;

	root = wire_parse_with(list->tokener, frame->length > 0 ? frame->bytes : "", frame->length,
	                       &error);
	wire_page_read(root, &page);
	is_list = wire_split_is_whole(&list->split) && error == json_tokener_success &&
	          list->arrays > 0 && holds_list(list) &&
	          (list->elements > 0 || list->arrays == 1 || is_grouped(list));
	json_object_put(root);
	judge_page(list, link, &page);
	*next = page.next;
	list->arrays = 0;
	wire_split_reset(&list->split);
	return is_list;
}

size_t wire_list_bytes(const struct wire_list *list)
{
	return list->bytes;
}

/* The only group that counts where groups are not kinds; GROUPS_MAX: all count. */
static size_t chosen_group(const struct wire_list *list)
{
	size_t group = 0;

	if (is_grouped(list))
		return GROUPS_MAX;
	while (group < list->group_count && !list->groups[group].has_ids)
		group++;
	return group;
}

static void name_kinds(struct wire_list *list)
{
	for (size_t i = 0; i < list->remotes.count; i++) {
		struct wire_remote *item = &list->remotes.items[i];

		free(item->type);
		item->type = mem_dup(list->groups[item->group].name);
	}
}

/* Keep one item for each id: the one of Mode, if it is the only one. Of all else no more is known
 * than which kind it is. */
static void settle_kinds(struct wire_remotes *remotes)
{
	size_t kept = 0;

	for (size_t i = 0; i < remotes->count; i++) {
		struct wire_remote item = remotes->items[i];
		struct wire_remote *before = &remotes->items[kept > 0 ? kept - 1 : 0];

		if (!wire_may_be_mode(&item)) {
			char *type = item.type;

			item.type = NULL;
			wire_remote_clear(&item);
			item.type = type;
		}
		if (kept == 0 || before->id != item.id) {
			remotes->items[kept++] = item;
		} else if (wire_may_be_mode(&item) && !wire_may_be_mode(before)) {
			wire_remote_clear(before);
			*before = item;
		} else {
			if (wire_may_be_mode(&item))
				wire_remote_clear(before);
			wire_remote_clear(&item);
		}
	}
	remotes->count = kept;
}

static void drop_other_groups(struct wire_list *list, size_t group)
{
	struct wire_remotes *remotes = &list->remotes;
	size_t kept = 0;

	for (size_t i = 0; i < remotes->count; i++) {
		if (remotes->items[i].group == group)
			remotes->items[kept++] = remotes->items[i];
		else
			wire_remote_clear(&remotes->items[i]);
	}
	remotes->count = kept;
}

bool wire_list_take(struct wire_list *list, struct wire_remotes *remotes)
{
	size_t group = chosen_group(list);

	merge(list);
	if (group < GROUPS_MAX)
		drop_other_groups(list, group);
	else
		name_kinds(list);
	settle_kinds(&list->remotes);
	*remotes = list->remotes;
	list->remotes = (struct wire_remotes){0};
	return holds_list(list);
}

void wire_list_free(struct wire_list *list)
{
	if (list == NULL)
		return;
	wire_split_reset(&list->split);
	wire_tokener_free(list->tokener);
	wire_remotes_clear(&list->remotes);
	free(list->ids);
	free(list);
}
