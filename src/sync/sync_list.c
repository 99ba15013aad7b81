/* SPDX-License-Identifier: MIT */
/* Between two pieces anything may happen to the integrations: they come, go, are edited, sent. So
 * the id is remembered up to which all are compared, and each is judged as it is when its turn
 * comes; what was sent since the list was asked for is not judged at all (sync_drift.c). */
#include "sync/sync_list_internal.h"

#include "sync/sync_internal.h"

/* In one piece: a report costs some 10 us, comparing what is equal 0.2 us. */
#define REPORTS_MAX 250
#define ITEMS_MAX   5000

void list_start(struct sync *sync, struct wire_remotes *remotes, struct list_use use)
{
	size_t adopted = sync->list.adopted;

	list_drop(sync);
	sync->list = (struct list){.use = use,
	                           .remotes = *remotes,
	                           .running = true,
	                           .began_ms = sync->checker.began_ms,
	                           .adopted = adopted};
	*remotes = (struct wire_remotes){0};
}

void list_drop(struct sync *sync)
{
	wire_remotes_clear(&sync->borrowed.remotes);
	sync->borrowed.remotes = sync->list.remotes;
	sync->list = (struct list){0};
}

/* What the list has of the id; NULL: nothing. Ids only grow. */
static const struct wire_remote *find(struct list *list, int64_t id)
{
	const struct wire_remotes *remotes = &list->remotes;

	while (list->at < remotes->count && remotes->items[list->at].id < id)
		list->at++;
	return list->at < remotes->count && remotes->items[list->at].id == id
	               ? &remotes->items[list->at]
	               : NULL;
}

void list_go_on(struct sync *sync, const struct sync_event *event)
{
	struct list *list = &sync->list;
	size_t index, end_at;

	if (!list->running)
		return;
	index = list->after_id < INT64_MAX ? item_index(sync, list->after_id + 1) : sync->count;
	end_at = index + ITEMS_MAX;
	while (index < sync->count && index < end_at && sync->action_count < REPORTS_MAX) {
		struct item *item = sync->items[index++];

		list->after_id = item->id;
		list->use.compare(sync, item, find(list, item->id), event);
	}
	if (index < sync->count)
		return;
	list->use.end(sync, event->now_ms);
	list_drop(sync);
}
