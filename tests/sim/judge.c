/* SPDX-License-Identifier: MIT */
/* What must be true when all has been calm for a while, and stay so for a day. */
#include "sim.h"

#include <string.h>

#define HOUR_MS        INT64_C(3600000)
#define MINUTE_MS      INT64_C(60000)
#define QUIET_MS       (24 * HOUR_MS)
#define REFUSED_MAX_MS HOUR_MS

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_waiting(const struct sim *sim, int64_t id)
{
	for (int i = 0; i < SIM_REQUESTS; i++) {
		if (sim->requests[i].waiting && sim->requests[i].id == id)
			return true;
	}
	return false;
}

void sim_judge_end(struct sim *sim)
{
	for (int64_t id = 1; id <= SIM_IDS; id++) {
		const struct sim_integration *integration = &sim->integrations[id];

		if (!integration->managed || integration->paused)
			continue;
		if (integration->broken) {
			if ((integration->refused_until == 0 && !is_waiting(sim, id)) ||
			    integration->refused_until > sim->now + REFUSED_MAX_MS)
				sim_fail(sim, "I5: refused, and not to be retried", id);
		} else if (!integration->on_server ||
		           !is_same(integration->held, integration->wanted)) {
			sim_fail(sim, "I1: the server does not hold what was last desired", id);
		} else if (integration->accepted_token != integration->token) {
			sim_fail(sim, "I1: the server never had the last credentials", id);
		}
	}
}

/* One that the reconciler takes for done; 0: there is none. */
static int64_t find_at_rest(const struct sim *sim)
{
	for (int64_t id = 1; id <= SIM_IDS; id++) {
		const struct sim_integration *integration = &sim->integrations[id];

		if (integration->managed && !integration->paused && !integration->broken)
			return id;
	}
	return 0;
}

/* While all is well: one change by another hand, reported once, and sent over where that is
 * wished. */
static void judge_drift(struct sim *sim, int64_t id)
{
	struct sim_integration *integration = &sim->integrations[id];
	unsigned drifts = integration->drifts;
	unsigned repairs = integration->repairs;
	unsigned sent = integration->sent;

	sim_meddle(sim, id);
	sim_run_until(sim, sim->now + 3 * SIM_LOOK_MS);
	if (integration->drifts != drifts + 1 || integration->repairs != repairs + sim->repairs ||
	    integration->sent != sent + sim->repairs)
		sim_fail(sim, "I11: drift is not reported, or not repaired, once", id);
	sim_undo_meddling(sim);
	sim_run_until(sim, sim->now + 2 * SIM_LOOK_MS);
	if (sim->failure == NULL)
		sim_judge_end(sim);
}

/* The list lacks it for a while: reported once, and nothing is sent. */
static void judge_gone(struct sim *sim, int64_t id)
{
	struct sim_integration *integration = &sim->integrations[id];
	unsigned drifts = integration->drifts;
	unsigned sent = integration->sent;

	integration->unlisted = true;
	sim_run_until(sim, sim->now + 3 * SIM_LOOK_MS);
	if (integration->drifts != drifts + 1 || integration->sent != sent ||
	    sync_shown_count(sim->sync, SYNC_GONE) != 1)
		sim_fail(sim, "I11: one that is gone is not reported once", id);
	integration->unlisted = false;
	sim_run_until(sim, sim->now + 2 * SIM_LOOK_MS);
	if (sync_shown_count(sim->sync, SYNC_GONE) != 0)
		sim_fail(sim, "I11: one that is listed again is still gone", id);
}

/* What is pushed is sent once, whatever is believed of it. */
static void judge_push(struct sim *sim, int64_t id)
{
	unsigned sent = sim->integrations[id].sent;

	sim_push(sim, id);
	sim_run_until(sim, sim->now + MINUTE_MS);
	if (sim->failure == NULL && sim->integrations[id].sent != sent + 1)
		sim_fail(sim, "I14: what is pushed is not sent once", id);
}

static void judge_quiet(struct sim *sim)
{
	unsigned sent[SIM_IDS + 1] = {0};
	unsigned looks = sim->looks;

	for (int id = 1; id <= SIM_IDS; id++)
		sent[id] = sim->integrations[id].sent;
	sim_run_until(sim, sim->now + QUIET_MS);
	looks = sim->looks - looks;
	if (sync_count(sim->sync) > 0 &&
	    (looks < QUIET_MS / SIM_LOOK_MS - 10 || looks > QUIET_MS / SIM_LOOK_MS))
		sim_fail(sim, "I12: looks do not go on, or too often", 0);
	for (int id = 1; id <= SIM_IDS; id++) {
		unsigned more = sim->integrations[id].sent - sent[id];

		if (!sim->integrations[id].broken && more > 0)
			sim_fail(sim, "I8: not quiet", id);
		/* 24 a day at the slowest, twice that with the jitter. */
		if (more > 49)
			sim_fail(sim, "I5: refused too often", id);
	}
}

/* Of several failures the first is kept. */
void sim_judge_calm(struct sim *sim)
{
	int64_t id = find_at_rest(sim);

	if (id != 0) {
		judge_drift(sim, id);
		judge_gone(sim, id);
		judge_push(sim, id);
	}
	if (sim->failure == NULL)
		judge_quiet(sim);
}
