/* SPDX-License-Identifier: MIT */
/* Lists that are sorted by id are walked side by side, the smaller id first: what stands only in
 * the spec is new, what stands only in the state is gone, and where both have it plan_decide() says
 * what is to be done. Nothing is sent or forgotten here.
 *
 * What is there now is shown as well as it is known: by the list, where that shows another value
 * than the file, else by what was accepted last. */
#include "sync/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cron/cron.h"

#define ALL_BITS (PLAN_BIT(SPEC_INDEXING_CRON) | PLAN_BIT(SPEC_NAME) | PLAN_BIT(SPEC_WORKSPACE))

/* the rule */

static unsigned compare(const struct spec_value *a, const struct spec_value *b)
{
	return (text_equal(a->indexing_cron, b->indexing_cron) ? 0 : PLAN_BIT(SPEC_INDEXING_CRON)) |
	       (text_equal(a->name, b->name) ? 0 : PLAN_BIT(SPEC_NAME)) |
	       (text_equal(a->workspace, b->workspace) ? 0 : PLAN_BIT(SPEC_WORKSPACE));
}

static unsigned compare_accepted(const struct spec_integration *desired,
                                 const struct state_entry *entry)
{
	bool is_rekeyed = entry->credentials != 0 && entry->credentials != desired->credentials;

	return compare(&desired->value, &entry->value) | (is_rekeyed ? PLAN_BIT(SPEC_TOKEN) : 0);
}

static unsigned given(const struct spec_value *value)
{
	return PLAN_BIT(SPEC_INDEXING_CRON) | (value->name != NULL ? PLAN_BIT(SPEC_NAME) : 0) |
	       (value->workspace != NULL ? PLAN_BIT(SPEC_WORKSPACE) : 0);
}

/* What the list shows, borrowed; which fields that are is returned. */
static unsigned get_shown(const struct wire_remote *remote, struct spec_value *shown)
{
	*shown = (struct spec_value){remote->indexing_cron, remote->name, remote->workspace};
	return given(shown) &
	       (remote->cron_known != WIRE_UNKNOWN ? ALL_BITS : ~PLAN_BIT(SPEC_INDEXING_CRON));
}

/* What the file does not give is not sent, so whatever is there stays. */
static unsigned find_contradicted(const struct spec_integration *desired,
                                  const struct wire_remote *remote)
{
	const struct spec_value *value = &desired->value;
	struct spec_value shown;
	unsigned differs;

	if (remote == NULL)
		return 0;
	differs = get_shown(remote, &shown) & given(value) & compare(value, &shown);
	if (cron_same(value->indexing_cron, shown.indexing_cron))
		differs &= ~PLAN_BIT(SPEC_INDEXING_CRON);
	return differs;
}

/* Whether the list shows all that the file gives. */
static bool is_shown(const struct spec_value *value, const struct wire_remote *remote)
{
	struct spec_value shown;

	return (given(value) & ~get_shown(remote, &shown)) == 0;
}

static struct plan_decision decide_accepted(const struct spec_integration *desired,
                                            const struct state_entry *entry,
                                            const struct wire_remote *remote)
{
	struct plan_decision decision = {.differs = compare_accepted(desired, entry)};

	if (decision.differs != 0) {
		decision.kind = PLAN_CHANGED;
	} else if (entry->intended || entry->uncertain) {
		decision.kind = PLAN_AGAIN;
	} else {
		decision.differs = find_contradicted(desired, remote);
		if (entry->contradicted + 1 >= PLAN_CONTRADICTED_MAX)
			decision.left = decision.differs & ~PLAN_BIT(SPEC_INDEXING_CRON);
		decision.differs &= ~decision.left;
		decision.kind = decision.differs != 0 ? PLAN_DRIFTED : PLAN_EQUAL;
	}
	return decision;
}

struct plan_decision plan_decide(const struct spec_integration *desired,
                                 const struct state_entry *entry, const struct wire_remote *remote,
                                 bool adopts)
{
	if (desired->paused)
		return (struct plan_decision){.kind = PLAN_PAUSED};
	if (entry != NULL && entry->accepted)
		return decide_accepted(desired, entry, remote);
	if (adopts && remote != NULL && is_shown(&desired->value, remote) &&
	    find_contradicted(desired, remote) == 0)
		return (struct plan_decision){.kind = PLAN_EQUAL};
	return (struct plan_decision){.kind = PLAN_NEW};
}

/* What one server accepted says nothing of another. */
static bool is_of_server(const struct state *state, const struct spec *spec)
{
	return state != NULL && text_equal(state->url, spec->api.url);
}

bool plan_adopts(const struct spec *spec, const struct state *state)
{
	bool is_lost = state != NULL && state->lost;

	return spec->drift.mode != SPEC_DRIFT_OFF && !is_of_server(state, spec) && !is_lost;
}

/* one integration */

static bool is_accepted(const struct plan_item *item)
{
	return item->entry != NULL && item->entry->accepted;
}

static void recall(struct plan_item *item)
{
	unsigned shows, contradicted = ALL_BITS;
	struct spec_value shown;

	if (is_accepted(item)) {
		item->old = item->entry->value;
		item->known = ALL_BITS;
	}
	if (item->remote == NULL)
		return;
	if (item->integration != NULL)
		contradicted = find_contradicted(item->integration, item->remote);
	shows = get_shown(item->remote, &shown);
	item->known |= shows;
	/* That the server has it already is no reason to show nothing of what was accepted. */
	if (is_accepted(item))
		shows &= contradicted | ~item->differs;
	if ((shows & PLAN_BIT(SPEC_INDEXING_CRON)) != 0)
		item->old.indexing_cron = shown.indexing_cron;
	if ((shows & PLAN_BIT(SPEC_NAME)) != 0)
		item->old.name = shown.name;
	if ((shows & PLAN_BIT(SPEC_WORKSPACE)) != 0)
		item->old.workspace = shown.workspace;
}

/* Never accepted, but on the server it may be: then it is shown as a change of that. */
static void judge_new(struct plan_item *item)
{
	unsigned contradicted = find_contradicted(item->integration, item->remote);
	bool is_change = item->basis == PLAN_BY_LIST && contradicted != 0;

	item->kind = is_change ? PLAN_CHANGED : PLAN_NEW;
	item->differs = is_change ? contradicted : given(&item->integration->value);
}

static void judge(struct plan_item *item, bool adopts)
{
	struct plan_decision decision;

	item->kind = PLAN_GONE;
	if (item->integration != NULL) {
		decision = plan_decide(item->integration, item->entry, item->remote, adopts);
		item->kind = decision.kind;
		item->differs = decision.differs;
		item->left = decision.left;
		if (decision.kind == PLAN_NEW)
			judge_new(item);
	}
	recall(item);
}

/* the walk */

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
		item->basis = PLAN_NOT_SHOWN;
	else
		item->basis = PLAN_BY_LIST;
}

static void count(struct plan *plan, const struct plan_item *item)
{
	bool matters = item->kind != PLAN_GONE && item->kind != PLAN_PAUSED;

	plan->counts[item->kind]++;
	plan->not_listed += matters && item->basis == PLAN_NOT_LISTED;
	plan->not_shown += matters && item->basis == PLAN_NOT_SHOWN;
}

static bool has(const struct plan *plan, int64_t id)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->items[i].id == id)
			return true;
	}
	return false;
}

int64_t plan_keep(struct plan *plan, const int64_t *ids, size_t id_count)
{
	size_t end = plan->count;

	memset(plan->counts, 0, sizeof(plan->counts));
	plan->count = plan->not_listed = plan->not_shown = 0;
	for (size_t i = 0; i < end; i++) {
		for (size_t j = 0; j < id_count; j++) {
			if (plan->items[i].id != ids[j])
				continue;
			plan->items[plan->count] = plan->items[i];
			count(plan, &plan->items[plan->count++]);
			break;
		}
	}
	for (size_t j = 0; j < id_count; j++) {
		if (!has(plan, ids[j]))
			return ids[j];
	}
	return 0;
}

void plan_diff(struct plan *plan, const struct spec *spec, const struct state *state,
               const struct wire_remotes *remotes)
{
	size_t known = is_of_server(state, spec) ? state->count : 0;
	bool adopts = plan_adopts(spec, state);
	size_t i = 0, j = 0, at = 0;

	*plan = (struct plan){.drift_mode = spec->drift.mode,
	                      .by_list = remotes != NULL,
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
		judge(item, adopts);
		count(plan, item);
	}
	for (; remotes != NULL && at < remotes->count; at++)
		plan->unmanaged += wire_may_be_mode(&remotes->items[at]);
}

bool plan_sends(const struct plan_item *item)
{
	return item->kind == PLAN_NEW || item->kind == PLAN_CHANGED || item->kind == PLAN_AGAIN ||
	       item->kind == PLAN_DRIFTED;
}

bool plan_daemon_sends(const struct plan *plan, const struct plan_item *item)
{
	if (item->kind != PLAN_DRIFTED)
		return plan_sends(item);
	return plan->drift_mode == SPEC_DRIFT_REPAIR &&
	       (item->differs & PLAN_BIT(SPEC_INDEXING_CRON)) != 0;
}

size_t plan_count_sends(const struct plan *plan)
{
	return plan->counts[PLAN_NEW] + plan->counts[PLAN_CHANGED] + plan->counts[PLAN_AGAIN] +
	       plan->counts[PLAN_DRIFTED];
}

bool plan_is_notable(const struct plan_item *item)
{
	return plan_sends(item) || item->kind == PLAN_GONE ||
	       (item->kind == PLAN_EQUAL && item->basis == PLAN_NOT_LISTED);
}

const char *plan_name(const struct plan_item *item)
{
	const struct spec_integration *desired = item->integration;

	return desired != NULL && desired->value.name != NULL ? desired->value.name
	                                                      : item->old.name;
}

/* the state to begin with */

/* What was accepted counts, whatever the list shows; that is reported once. */
static void note_left(const struct plan_item *item, struct state_entry *entry)
{
	if (item->left != 0)
		entry->contradicted = PLAN_CONTRADICTED_MAX;
	else if (item->remote != NULL && find_contradicted(item->integration, item->remote) == 0)
		entry->contradicted = 0;
}

/* `entry` is what is remembered of the item, if anything is; its value is borrowed still. */
static void assume(const struct plan_item *item, int64_t now_unix_s, struct state_entry *entry)
{
	const struct spec_value *value = &entry->value;

	if (item->kind == PLAN_EQUAL && !is_accepted(item)) {
		*entry = (struct state_entry){.id = item->id,
		                              .accepted = true,
		                              .accepted_at = now_unix_s,
		                              .credentials = item->integration->credentials};
		value = &item->integration->value;
	} else if (item->kind == PLAN_DRIFTED) {
		/* It is sent as a change of what is there. */
		value = &item->old;
		entry->contradicted += (item->differs & ~PLAN_BIT(SPEC_INDEXING_CRON)) != 0;
	} else if (item->kind == PLAN_CHANGED) {
		entry->contradicted = 0;
	} else if (item->kind == PLAN_EQUAL) {
		note_left(item, entry);
	}
	entry->value = spec_value_copy(value);
}

void plan_assume(const struct plan *plan, const struct spec *spec, int64_t now_unix_s,
                 struct state *state)
{
	*state = (struct state){.url = mem_dup(spec->api.url)};
	state->entries = mem_alloc(plan->count, sizeof(*state->entries));
	state->capacity = plan->count;
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];
		struct state_entry *entry = &state->entries[state->count];

		if (item->entry == NULL && item->kind != PLAN_EQUAL)
			continue;
		state->count++;
		if (item->entry != NULL)
			*entry = *item->entry;
		assume(item, now_unix_s, entry);
	}
}

void plan_clear(struct plan *plan)
{
	free(plan->items);
	*plan = (struct plan){0};
}
