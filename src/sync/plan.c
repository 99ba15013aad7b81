/* SPDX-License-Identifier: MIT */
/* Lists that are sorted by id are walked side by side, the smaller id first: what stands only in
 * the spec is new, what stands only in the state is gone, and where both have it the values are
 * compared. Nothing is sent or forgotten here; the plan only says what differs.
 *
 * The server's list, where there is one, knows better than the state what is there now, but may not
 * tell all of it. So each part of an integration is compared with the best that is known of it, and
 * a part of which nothing is known is no difference. Only of an integration whose schedule the list
 * does not tell, and that was never accepted, nothing better is known than that it is new. */
#include "sync/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cron/cron_compare.h"

#define ALL_BITS (PLAN_BIT(SPEC_INDEXING_CRON) | PLAN_BIT(SPEC_NAME) | PLAN_BIT(SPEC_WORKSPACE))

/* one integration */

static bool same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL ? strcmp(a, b) == 0 : a == b;
}

static bool is_accepted(const struct plan_item *item)
{
	return item->entry != NULL && item->entry->accepted;
}

/* The list is asked first, then what was accepted. */
static void recall(struct plan_item *item)
{
	const struct wire_remote *remote = item->remote;

	if (is_accepted(item)) {
		item->old = item->entry->value;
		item->known = ALL_BITS;
	}
	if (remote != NULL && remote->cron_known != WIRE_UNKNOWN) {
		item->old.indexing_cron = remote->indexing_cron;
		item->known |= PLAN_BIT(SPEC_INDEXING_CRON);
	}
	if (remote != NULL && remote->name != NULL) {
		item->old.name = remote->name;
		item->known |= PLAN_BIT(SPEC_NAME);
	}
	if (remote != NULL && remote->workspace != NULL) {
		item->old.workspace = remote->workspace;
		item->known |= PLAN_BIT(SPEC_WORKSPACE);
	}
}

/* What was accepted is compared to the letter, as the reconciler does. */
static bool cron_differs(const struct plan_item *item)
{
	const char *wanted = item->integration->value.indexing_cron;

	if (item->basis == PLAN_BY_LIST)
		return !cron_same(wanted, item->old.indexing_cron);
	return !same_text(wanted, item->old.indexing_cron);
}

/* What the file does not give is not sent, so what is there stays. Of the state alone it counts, as
 * the reconciler sees it. */
static bool text_differs(const struct plan_item *item, enum spec_field field, const char *wanted,
                         const char *old)
{
	if (item->remote != NULL && wanted == NULL)
		return false;
	return (item->known & PLAN_BIT(field)) != 0 && !same_text(wanted, old);
}

/* No list shows them: only what was accepted can be compared with. */
static bool credentials_differ(const struct plan_item *item)
{
	return is_accepted(item) && item->entry->credentials != 0 &&
	       item->entry->credentials != item->integration->credentials;
}

static unsigned compare(const struct plan_item *item)
{
	const struct spec_value *wanted = &item->integration->value;
	unsigned differs = 0;

	if (credentials_differ(item))
		differs |= PLAN_BIT(SPEC_TOKEN);
	if (cron_differs(item))
		differs |= PLAN_BIT(SPEC_INDEXING_CRON);
	if (text_differs(item, SPEC_NAME, wanted->name, item->old.name))
		differs |= PLAN_BIT(SPEC_NAME);
	if (text_differs(item, SPEC_WORKSPACE, wanted->workspace, item->old.workspace))
		differs |= PLAN_BIT(SPEC_WORKSPACE);
	return differs;
}

static unsigned given(const struct spec_value *value)
{
	return PLAN_BIT(SPEC_INDEXING_CRON) | (value->name != NULL ? PLAN_BIT(SPEC_NAME) : 0) |
	       (value->workspace != NULL ? PLAN_BIT(SPEC_WORKSPACE) : 0);
}

static bool is_marked(const struct plan_item *item)
{
	return item->entry != NULL && (item->entry->intended || item->entry->uncertain);
}

static void judge(struct plan_item *item)
{
	recall(item);
	if (item->integration == NULL) {
		item->kind = PLAN_GONE;
		return;
	}
	if (item->basis != PLAN_BY_LIST && !is_accepted(item)) {
		item->kind = PLAN_NEW;
		item->differs = given(&item->integration->value);
	} else {
		item->differs = compare(item);
		item->kind = item->differs != 0 ? PLAN_CHANGED
		             : is_marked(item)  ? PLAN_MARKED
		                                : PLAN_EQUAL;
	}
	if (item->integration->paused)
		item->kind = PLAN_PAUSED;
}

/* the walk */

/* What one server accepted says nothing of another. */
static size_t count_known(const struct spec *spec, const struct state *state)
{
	bool same = state->url != NULL && strcmp(state->url, spec->api.url) == 0;

	return same ? state->count : 0;
}

/* Find an id in the list, from where the one before was; what is passed over is not managed. */
static const struct wire_remote *pass_to(struct plan *plan, const struct wire_remotes *remotes,
                                         int64_t id, size_t *at)
{
	while (*at < remotes->count && remotes->items[*at].id < id)
		plan->unmanaged += wire_may_be_mode(&remotes->items[(*at)++]);
	if (*at < remotes->count && remotes->items[*at].id == id)
		return &remotes->items[(*at)++];
	return NULL;
}

static void look_up(struct plan *plan, struct plan_item *item, const struct wire_remotes *remotes,
                    size_t *at)
{
	if (remotes == NULL)
		return;
	item->remote = pass_to(plan, remotes, item->id, at);
	if (item->remote == NULL && remotes->partial == NULL)
		item->basis = PLAN_NOT_LISTED;
	else if (item->remote == NULL || item->remote->cron_known == WIRE_UNKNOWN)
		item->basis = PLAN_NOT_TOLD;
	else
		item->basis = PLAN_BY_LIST;
}

static void count(struct plan *plan, const struct plan_item *item)
{
	bool matters = item->kind != PLAN_GONE && item->kind != PLAN_PAUSED;

	plan->counts[item->kind]++;
	plan->not_listed += matters && item->basis == PLAN_NOT_LISTED;
	plan->not_told += matters && item->basis == PLAN_NOT_TOLD;
}

void plan_diff(struct plan *plan, const struct spec *spec, const struct state *state,
               const struct wire_remotes *remotes)
{
	size_t known = count_known(spec, state);
	size_t i = 0, j = 0, at = 0;

	*plan = (struct plan){.by_list = remotes != NULL,
	                      .listed = remotes != NULL ? remotes->count : 0};
	plan->items = mem_alloc(spec->count + known, sizeof(*plan->items));
	while (i < spec->count || j < known) {
		int64_t wanted_id = i < spec->count ? spec->integrations[i].id : INT64_MAX;
		int64_t known_id = j < known ? state->entries[j].id : INT64_MAX;
		bool wanted = i < spec->count && wanted_id <= known_id;
		bool is_known = j < known && known_id <= wanted_id;
		struct plan_item *item = &plan->items[plan->count++];

		item->id = wanted ? wanted_id : known_id;
		item->integration = wanted ? &spec->integrations[i++] : NULL;
		item->entry = is_known ? &state->entries[j++] : NULL;
		look_up(plan, item, remotes, &at);
		judge(item);
		count(plan, item);
	}
	for (; remotes != NULL && at < remotes->count; at++)
		plan->unmanaged += wire_may_be_mode(&remotes->items[at]);
}

bool plan_sends(const struct plan_item *item)
{
	return item->kind == PLAN_NEW || item->kind == PLAN_CHANGED || item->kind == PLAN_MARKED;
}

size_t plan_count_sends(const struct plan *plan)
{
	return plan->counts[PLAN_NEW] + plan->counts[PLAN_CHANGED] + plan->counts[PLAN_MARKED];
}

/* the state to begin with */

/* Whether the list had a say in what the plan says of it. */
static bool knows_better(const struct plan_item *item)
{
	return item->remote != NULL && (item->kind == PLAN_CHANGED || item->kind == PLAN_MARKED ||
	                                item->kind == PLAN_EQUAL);
}

static void assume(const struct plan_item *item, int64_t now_unix_s, struct state_entry *entry)
{
	bool is_there = item->kind == PLAN_EQUAL || item->kind == PLAN_MARKED;
	const struct spec_value *value = is_there ? &item->integration->value : &item->old;

	spec_value_clear(&entry->value);
	if (!is_there && !entry->accepted)
		return;
	entry->value = spec_value_copy(value);
	entry->accepted_at = entry->accepted ? entry->accepted_at : now_unix_s;
	entry->accepted = true;
}

void plan_assume(const struct plan *plan, const struct spec *spec, int64_t now_unix_s,
                 struct state *state)
{
	*state = (struct state){.url = mem_dup(spec->api.url)};
	state->entries = mem_alloc(plan->count, sizeof(*state->entries));
	state->capacity = plan->count;
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];
		bool is_better = knows_better(item);
		struct state_entry *entry = &state->entries[state->count];

		if (item->entry == NULL && !is_better)
			continue;
		state->count++;
		entry->id = item->id;
		if (item->entry != NULL) {
			*entry = *item->entry;
			entry->value = spec_value_copy(&item->entry->value);
		}
		if (is_better)
			assume(item, now_unix_s, entry);
	}
}

void plan_clear(struct plan *plan)
{
	free(plan->items);
	*plan = (struct plan){0};
}
