/* SPDX-License-Identifier: MIT */
/* An answer is paired with its integration here: whoever carries actions out need not know which of
 * them the answer led to. */
#include "sync/sync_action.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sync/sync_internal.h"

struct sync_action *action_add(struct sync *sync, enum sync_action_kind kind,
                               const struct item *item)
{
	struct sync_action *action;

	sync->actions = mem_room(sync->actions, &sync->action_capacity, sync->action_count + 1);
	action = &sync->actions[sync->action_count++];
	*action = (struct sync_action){.kind = kind};
	if (item != NULL) {
		action->id = item->id;
		action->integration = item->desired;
		action->generation = item->generation;
		action->by_answer = item->id == sync->answered_id;
	}
	return action;
}

struct sync_action *action_add_failed(struct sync *sync, enum sync_action_kind kind,
                                      const struct item *item)
{
	struct sync_action *action = action_add(sync, kind, item);

	action->failed.accepted = item->entry.accepted ? &item->entry.value : NULL;
	action->failed.error = item->failures.error;
	action->failed.attempt = item->failures.attempts;
	return action;
}

void action_clear(struct sync *sync)
{
	struct borrowed *borrowed = &sync->borrowed;

	spec_free(borrowed->spec);
	spec_value_clear(&borrowed->old_value);
	spec_value_clear(&borrowed->answered);
	free(borrowed->error.text);
	free(borrowed->retired_text);
	wire_remotes_clear(&borrowed->remotes);
	*borrowed = (struct borrowed){0};
	sync->action_count = 0;
	sync->answered_id = 0;
}
