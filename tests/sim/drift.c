/* SPDX-License-Identifier: MIT */
/* Somebody else changes schedules on the server, and the reconciler looks at what it has: sometimes
 * the check fails, sometimes it shows the past, sometimes it lacks what matters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim.h"

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void decide(struct sim *sim, struct sim_look *look)
{
	static const int statuses[] = {503, 404, 500, 408};

	switch (sim->mode) {
	case SIM_HEALTHY:
	case SIM_MODES:
		look->status = 200;
		return;
	case SIM_FLAKY:
		look->status = sim_chance(sim, 40) ? statuses[sim_draw(sim, 4)] : 200;
		look->is_partial = sim_chance(sim, 20);
		look->retry_after_ms =
			look->status == 503 ? (int64_t)sim_draw(sim, 2) * 1000 * sim_draw(sim, 60)
					    : 0;
		return;
	case SIM_OUTAGE:
		look->transfer = VERDICT_TRANSFER_NOT_SENT;
		return;
	case SIM_DENYING:
		look->status = 403;
		return;
	case SIM_MOVED:
		look->status = 307;
		return;
	case SIM_LIMITING:
		look->status = 429;
		look->retry_after_ms = 1000 + sim_draw(sim, 120000);
		return;
	}
}

static void see(struct sim *sim)
{
	struct wire_remotes *seen = &sim->look.seen;

	seen->items = mem_alloc(SIM_IDS, sizeof(*seen->items));
	for (int64_t id = 1; id <= SIM_IDS; id++) {
		const struct sim_integration *integration = &sim->integrations[id];
		struct wire_remote *remote = &seen->items[seen->count];

		if (!integration->on_server || integration->unlisted)
			continue;
		seen->count++;
		remote->id = id;
		if (!sim->look.is_partial || id % 2 == 0) {
			remote->cron_known = integration->held != NULL ? WIRE_GIVEN : WIRE_NONE;
			remote->indexing_cron = mem_dup(integration->held);
		}
	}
}

void sim_freeze_look(struct sim *sim)
{
	if (sim->look.answer_at != INT64_MAX && !sim->look.is_early) {
		see(sim);
		sim->look.is_early = true;
	}
}

/* A gate is closed, or would close without a witness. */
static bool is_in_trouble(const struct sim *sim)
{
	const struct gate *gate = sync_gate(sim->sync);

	return gate->state != GATE_OPEN || gate->suspect != GATE_OPEN;
}

/* Of what is under way the list may show the past. */
static void look_beside(struct sim *sim, const struct sim_request *request)
{
	sim->integrations[request->id].sent_since_look = true;
	if (!is_in_trouble(sim) && !request->again && !sim->asks &&
	    sim->now < sim->looked_at + SIM_PATIENCE_MS)
		sim_fail(sim, "I12: a check beside a request", request->id);
}

void sim_look(struct sim *sim, const struct sync_action *action)
{
	struct sim_look *look = &sim->look;

	(void)action;
	if (look->answer_at != INT64_MAX)
		sim_fail(sim, "I12: two looks at once", 0);
	if (sim->now < sim->paused_until)
		sim_fail(sim, "I12: a check before Retry-After", 0);
	for (int id = 1; id <= SIM_IDS; id++)
		sim->integrations[id].sent_since_look = false;
	for (int i = 0; i < SIM_REQUESTS; i++) {
		if (sim->requests[i].waiting)
			look_beside(sim, &sim->requests[i]);
	}
	wire_remotes_clear(&look->seen);
	*look = (struct sim_look){.answer_at = sim->now + 2 + sim_draw(sim, 400),
	                          .server = sim->server,
	                          .is_early = sim_chance(sim, 50)};
	if (sim_chance(sim, 20))
		look->answer_at += sim_draw(sim, 20000);
	decide(sim, look);
	sim->looks++;
	if (look->is_early)
		see(sim);
}

/* What the server shows as it is wanted is to be counted as accepted. */
static void expect_adoption(struct sim *sim, const struct wire_remote *remote)
{
	struct sim_integration *integration = &sim->integrations[remote->id];

	integration->adopts = integration->managed && !integration->paused &&
	                      remote->cron_known != WIRE_UNKNOWN &&
	                      is_same(remote->indexing_cron, integration->wanted);
}

/* Credentials, which no list shows, count as equal. */
void sim_take_adopted(struct sim *sim, const struct sync_action *action)
{
	struct sim_integration *integration = &sim->integrations[action->id];

	if (!integration->adopts)
		sim_fail(sim, "I13: adopted, but not shown by the server as desired", action->id);
	integration->adopts = false;
	integration->acked = true;
	integration->accepted_token = integration->token;
	free(integration->acked_cron);
	integration->acked_cron = mem_dup(integration->wanted);
}

/* All were, but what was sent before, or may be under way since an earlier run. */
void sim_check_adopted(struct sim *sim)
{
	unsigned others = sim->asks_in_vain; /* one each time is to see whether an update passes */

	for (int id = 1; id <= SIM_IDS; id++) {
		struct sim_integration *integration = &sim->integrations[id];

		if (integration->adopts && !integration->sent_early && !integration->pushed &&
		    !sim->may_have_ended && others-- == 0)
			sim_fail(sim, "I13: shown by the server as desired, and not adopted", id);
		integration->adopts = false;
	}
}

/* The reconciler takes the list it is given, and what was seen is still asked about here. */
static struct wire_remotes copy_seen(const struct wire_remotes *seen)
{
	struct wire_remotes copy = {.count = seen->count};

	copy.items = mem_alloc(SIM_IDS, sizeof(*copy.items));
	for (size_t i = 0; i < seen->count; i++) {
		copy.items[i] = seen->items[i];
		copy.items[i].indexing_cron = mem_dup(seen->items[i].indexing_cron);
	}
	return copy;
}

/* A repair in vain is repeated once, and one that was too early is made later. */
static void excuse_repair(const struct wire_remote *remote, struct sim_integration *integration)
{
	if (integration->repairs_left == 0 || remote->cron_known == WIRE_UNKNOWN ||
	    !is_same(remote->indexing_cron, integration->drift))
		return;
	integration->excuses++;
	integration->repairs_left--;
}

struct sync_event sim_end_look(struct sim *sim)
{
	struct sim_look *look = &sim->look;
	struct sync_event event = {.kind = SYNC_LISTED,
	                           .list = {.verdict = verdict_of(look->transfer, look->status),
	                                    .retry_after_ms = look->retry_after_ms}};

	bool asked = sim->asks;
	bool has_answer = !event.list.verdict.unanswered && !event.list.verdict.host_wide;

	if (look->server == sim->server) {
		sim->asks = asked && !has_answer;
		sim->asks_in_vain += event.list.verdict.maybe_done;
		/* It fails alone, though an update was answered. */
		sim->may_have_ended =
			sim->may_have_ended || (sim->answers > 0 && event.list.verdict.maybe_done);
	}
	sim_say(sim, verdict_name(event.list.verdict.kind), 0,
	        sim->asks ? "the list, and asks" : "the list");
	look->answer_at = INT64_MAX;
	if (look->server == sim->server)
		sim->looked_at = sim->now;
	if (look->server == sim->server)
		sim_pause(sim, 0, &event.list.verdict, look->retry_after_ms);
	if (event.list.verdict.kind != VERDICT_ACCEPTED) {
		event.list.error_text = "words";
		return event;
	}
	if (!look->is_early)
		see(sim);
	for (size_t i = 0; i < look->seen.count; i++) {
		const struct wire_remote *remote = &look->seen.items[i];
		struct sim_integration *integration = &sim->integrations[remote->id];

		if (asked && !sim->asks)
			expect_adoption(sim, remote);
		excuse_repair(remote, integration);
		if (remote->cron_known != WIRE_UNKNOWN &&
		    is_same(remote->indexing_cron, integration->acked_cron))
			integration->drift_told = false;
	}
	look->given = copy_seen(&look->seen);
	event.list.remotes = &look->given;
	return event;
}

static const struct wire_remote *seen_of(const struct sim *sim, int64_t id)
{
	for (size_t i = 0; i < sim->look.seen.count; i++) {
		if (sim->look.seen.items[i].id == id)
			return &sim->look.seen.items[i];
	}
	return NULL;
}

void sim_take_drift(struct sim *sim, const struct sync_action *action)
{
	struct sim_integration *integration = &sim->integrations[action->id];
	const struct wire_remote *remote = seen_of(sim, action->id);

	if (action->kind == SYNC_REPORT_REPAIRED) {
		if (remote == NULL || !is_same(remote->indexing_cron, integration->wanted))
			sim_fail(sim, "I11: called repaired, though no look shows it", action->id);
		integration->repairs++;
		return;
	}
	if (action->drift.gone
	            ? remote != NULL
	            : remote == NULL || !is_same(remote->indexing_cron, action->drift.remote))
		sim_fail(sim, "I11: drift that the list did not show", action->id);
	if (integration->sent_since_look)
		sim_fail(sim, "I11: a list believed that may show the past", action->id);
	if (!action->drift.gone && is_same(action->drift.remote, integration->wanted))
		sim_fail(sim, "I11: what is wanted, taken for drift", action->id);
	if (integration->drift_told && is_same(integration->drift, action->drift.remote) &&
	    !action->drift.repairs)
		sim_fail(sim, "I11: drift reported twice", action->id);
	if (action->drift.repairs && !sim->repairs)
		sim_fail(sim, "I11: repaired, though it is only to be reported", action->id);
	integration->excuses += action->drift.repairs;
	integration->repairs_left = sim->repairs ? 2 - action->drift.repairs : 0;
	integration->drifts++;
	integration->drift_told = true;
	free(integration->drift);
	integration->drift = mem_dup(action->drift.remote);
}

static bool is_meddled(const struct sim_integration *integration)
{
	return integration->held != NULL && integration->held[0] == 'm';
}

void sim_meddle(struct sim *sim, int64_t id)
{
	struct sim_integration *integration = &sim->integrations[id];

	if (integration->on_server) {
		if (!is_meddled(integration)) {
			free(integration->unmeddled);
			integration->unmeddled = mem_dup(integration->held);
		}
		free(integration->held);
		integration->held = mem_printf("m%u", ++sim->values);
	}
}

/* Where drift is only reported, the other hand has to take its changes back. */
void sim_undo_meddling(struct sim *sim)
{
	for (int id = 1; id <= SIM_IDS; id++) {
		struct sim_integration *integration = &sim->integrations[id];

		if (is_meddled(integration) && !sim->repairs) {
			free(integration->held);
			integration->held = mem_dup(integration->acked ? integration->acked_cron
			                                               : integration->unmeddled);
		}
	}
}

void sim_clear_look(struct sim *sim)
{
	wire_remotes_clear(&sim->look.seen);
	for (int id = 1; id <= SIM_IDS; id++) {
		free(sim->integrations[id].drift);
		free(sim->integrations[id].unmeddled);
	}
}
