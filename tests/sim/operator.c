/* SPDX-License-Identifier: MIT */
/* What is done to the daemon from outside: edits, reloads, pushes, kills, another hand on the
 * server. */
#include "sim.h"

static void configure(struct sim *sim)
{
	sim_step(sim, (struct sync_event){.kind = SYNC_CONFIGURED, .spec = sim_spec(sim)});
}

void sim_release(struct sim *sim)
{
	sim_say(sim, "release", 0, NULL);
	sim_resume(sim);
	sim_step(sim, (struct sync_event){.kind = SYNC_RELEASED});
}

/* One that is not managed, or paused, is passed over. */
void sim_push(struct sim *sim, int64_t id)
{
	struct sim_integration *integration = &sim->integrations[id];
	bool is_sent = integration->managed && !integration->paused;

	sim_say(sim, "push", id, NULL);
	integration->excuses += is_sent;
	integration->pushed = is_sent;
	integration->push_sent = false;
	sim_step(sim, (struct sync_event){.kind = SYNC_PUSHED, .pushed_id = id});
}

static void operate(struct sim *sim)
{
	int64_t id = sim_operate(sim);
	struct sim_integration *integration = &sim->integrations[id];

	integration->drift_told = false;
	sim_say(sim, integration->managed ? "edit" : "unmanaged", id, integration->wanted);
	sim_say(sim, integration->paused ? "paused" : "active", id, NULL);
}

static struct sim_request *draw_waiting(struct sim *sim)
{
	for (unsigned i = sim_draw(sim, SIM_REQUESTS), n = 0; n < SIM_REQUESTS; n++) {
		struct sim_request *request = &sim->requests[(i + n) % SIM_REQUESTS];

		if (request->waiting && sim->integrations[request->id].managed)
			return request;
	}
	return NULL;
}

/* The file goes through three versions while one request is under way. */
static void rearrange_in_flight(struct sim *sim)
{
	const struct sim_request *request = draw_waiting(sim);
	int64_t id;

	if (request == NULL)
		return;
	id = request->id;
	sim_say(sim, "rearrange", id, NULL);
	sim_add_or_remove(sim, id);
	configure(sim);
	if (sim->failure == NULL && sim_chance(sim, 50)) {
		sim_move(sim);
		configure(sim);
	}
	if (sim->failure == NULL) {
		sim_add_or_remove(sim, id);
		configure(sim);
	}
}

static void restart(struct sim *sim)
{
	if (sim->mark_refused)
		return;
	if (sim_chance(sim, 50))
		sim_crash(sim);
	else
		sim_stop(sim);
	if (sim_chance(sim, 50))
		operate(sim);
	sim_start(sim);
}

void sim_act(struct sim *sim)
{
	switch (sim_draw(sim, sim->rearranges ? 17 : 15)) {
	case 15:
	case 16:
		rearrange_in_flight(sim);
		return;
	case 0:
		sim->mode = (enum sim_mode)sim_draw(sim, SIM_MODES);
		sim_say(sim, "mode", sim->mode, NULL);
		return;
	case 1:
		sim_release(sim);
		return;
	case 2:
		restart(sim);
		return;
	case 3:
	case 4:
		sim_say(sim, "meddle", 0, NULL);
		sim_meddle(sim, 1 + sim_draw(sim, SIM_IDS));
		return;
	case 5:
		sim_push(sim, 1 + sim_draw(sim, SIM_IDS));
		return;
	default:
		operate(sim);
		configure(sim);
		return;
	}
}
