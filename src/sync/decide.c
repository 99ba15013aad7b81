/* SPDX-License-Identifier: MIT */
/* What was accepted last counts first, compared to the letter, since the text is sent as written.
 * Only of what was accepted as it is, or never, does the server's list have a say: there another
 * spelling of a schedule is the same, and what it does not show is neither equal nor different. */
#include "sync/decide.h"

#include <string.h>

#include "base/text.h"
#include "cron/cron.h"

static unsigned compare_accepted(const struct spec_integration *desired,
                                 const struct state_entry *entry)
{
	const struct spec_value *value = &desired->value;
	unsigned differs = 0;

	if (!text_equal(value->indexing_cron, entry->value.indexing_cron))
		differs |= DECIDE_BIT(SPEC_INDEXING_CRON);
	if (!text_equal(value->name, entry->value.name))
		differs |= DECIDE_BIT(SPEC_NAME);
	if (!text_equal(value->workspace, entry->value.workspace))
		differs |= DECIDE_BIT(SPEC_WORKSPACE);
	if (entry->credentials != 0 && entry->credentials != desired->credentials)
		differs |= DECIDE_BIT(SPEC_TOKEN);
	return differs;
}

/* What the file does not give is not sent, so whatever is there stays. */
static bool is_contradicted(const char *desired, const char *shown)
{
	return desired != NULL && shown != NULL && strcmp(desired, shown) != 0;
}

unsigned decide_contradicted(const struct spec_integration *desired,
                             const struct wire_remote *remote)
{
	const struct spec_value *value = &desired->value;
	unsigned differs = 0;

	if (remote == NULL)
		return 0;
	if (remote->cron_known != WIRE_UNKNOWN &&
	    !cron_same(value->indexing_cron, remote->indexing_cron))
		differs |= DECIDE_BIT(SPEC_INDEXING_CRON);
	if (is_contradicted(value->name, remote->name))
		differs |= DECIDE_BIT(SPEC_NAME);
	if (is_contradicted(value->workspace, remote->workspace))
		differs |= DECIDE_BIT(SPEC_WORKSPACE);
	return differs;
}

/* Whether the list shows all that the file gives. */
static bool is_shown(const struct spec_value *value, const struct wire_remote *remote)
{
	return remote->cron_known != WIRE_UNKNOWN &&
	       (value->name == NULL || remote->name != NULL) &&
	       (value->workspace == NULL || remote->workspace != NULL);
}

static struct decision decide_accepted(const struct spec_integration *desired,
                                       const struct state_entry *entry,
                                       const struct wire_remote *remote)
{
	struct decision decision = {.differs = compare_accepted(desired, entry)};

	if (decision.differs != 0) {
		decision.kind = DECIDE_CHANGED;
	} else if (entry->intended || entry->uncertain) {
		decision.kind = DECIDE_AGAIN;
	} else {
		decision.differs = decide_contradicted(desired, remote);
		if (entry->contradicted + 1 >= DECIDE_CONTRADICTED_MAX)
			decision.left = decision.differs & ~DECIDE_BIT(SPEC_INDEXING_CRON);
		decision.differs &= ~decision.left;
		decision.kind = decision.differs != 0 ? DECIDE_DRIFTED : DECIDE_EQUAL;
	}
	return decision;
}

struct decision decide(const struct spec_integration *desired, const struct state_entry *entry,
                       const struct wire_remote *remote, bool adopts)
{
	if (desired->paused)
		return (struct decision){.kind = DECIDE_PAUSED};
	if (entry != NULL && entry->accepted)
		return decide_accepted(desired, entry, remote);
	if (adopts && remote != NULL && is_shown(&desired->value, remote) &&
	    decide_contradicted(desired, remote) == 0)
		return (struct decision){.kind = DECIDE_ADOPTED};
	return (struct decision){.kind = DECIDE_NEW};
}

bool decide_sends(enum decision_kind kind)
{
	return kind == DECIDE_NEW || kind == DECIDE_CHANGED || kind == DECIDE_AGAIN ||
	       kind == DECIDE_DRIFTED;
}

bool decide_adopts(const struct spec *spec, const struct state *state)
{
	bool is_known =
		state != NULL && state->url != NULL && strcmp(state->url, spec->api.url) == 0;
	bool is_lost = state != NULL && state->lost;

	return spec->drift.mode != SPEC_DRIFT_OFF && !is_known && !is_lost;
}
