/* SPDX-License-Identifier: MIT */
/* Two lists, both sorted by id, are walked side by side, the smaller id first: what stands only in
 * the spec is new, what stands only in the state is gone, and where both have it the values are
 * compared. Nothing is sent or forgotten here; the plan only says what differs. */
#include "plan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

static enum plan_kind compare(const struct spec_integration *integration,
                              const struct state_entry *entry)
{
	if (!entry->accepted)
		return PLAN_NEW;
	if (!spec_value_equal(&integration->value, &entry->value))
		return PLAN_CHANGED;
	return entry->intended ? PLAN_MARKED : PLAN_EQUAL;
}

static struct plan_item pair(int64_t id, const struct spec_integration *integration,
                             const struct state_entry *entry)
{
	struct plan_item item = {.id = id, .integration = integration, .entry = entry};

	if (integration == NULL)
		item.kind = PLAN_GONE;
	else
		item.kind = entry != NULL ? compare(integration, entry) : PLAN_NEW;
	return item;
}

/* What one server accepted says nothing of another. */
static size_t count_known(const struct spec *spec, const struct state *state)
{
	bool same = state->url != NULL && strcmp(state->url, spec->api.url) == 0;

	return same ? state->count : 0;
}

void plan_diff(struct plan *plan, const struct spec *spec, const struct state *state)
{
	size_t known = count_known(spec, state);
	size_t i = 0, j = 0;

	*plan = (struct plan){0};
	plan->items = mem_alloc(spec->count + known, sizeof(*plan->items));
	while (i < spec->count || j < known) {
		int64_t wanted_id = i < spec->count ? spec->integrations[i].id : INT64_MAX;
		int64_t known_id = j < known ? state->entries[j].id : INT64_MAX;
		bool wanted = i < spec->count && wanted_id <= known_id;
		bool is_known = j < known && known_id <= wanted_id;

		plan->items[plan->count++] =
			pair(wanted ? wanted_id : known_id, wanted ? &spec->integrations[i] : NULL,
		             is_known ? &state->entries[j] : NULL);
		i += wanted;
		j += is_known;
	}
}

void plan_clear(struct plan *plan)
{
	free(plan->items);
	*plan = (struct plan){0};
}
