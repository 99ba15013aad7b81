/* SPDX-License-Identifier: MIT */
/* The world around the reconciler: what the server does with a request, what the operator does to
 * the file, and what a crash leaves of it all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/mem.h"
#include "sim.h"
#include "sync/state.h"

unsigned sim_draw(struct sim *sim, unsigned below)
{
	return (unsigned)(backoff_random(&sim->random) % below);
}

bool sim_chance(struct sim *sim, unsigned percent)
{
	return sim_draw(sim, 100) < percent;
}

void sim_fail(struct sim *sim, const char *invariant, int64_t id)
{
	if (sim->failure == NULL) {
		sim->failure = invariant;
		sim->failed_id = id;
	}
}

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void put(char **where, const char *value)
{
	char *copy = mem_dup(value);

	free(*where);
	*where = copy;
}

/* The server */

static void apply(struct sim *sim, const struct sim_request *request)
{
	struct sim_integration *integration = &sim->integrations[request->id];

	if (request->server != sim->server)
		return;
	integration->on_server = true;
	put(&integration->held, request->cron);
}

static struct sim_request *next_to_apply(struct sim *sim)
{
	struct sim_request *next = NULL;

	for (int i = 0; i < SIM_REQUESTS; i++) {
		struct sim_request *request = &sim->requests[i];

		if (request->apply_at <= sim->now &&
		    (next == NULL || request->apply_at < next->apply_at))
			next = request;
	}
	return next;
}

void sim_apply_due(struct sim *sim)
{
	struct sim_request *request;

	while ((request = next_to_apply(sim)) != NULL) {
		apply(sim, request);
		request->apply_at = request->apply_again_at;
		request->apply_again_at = INT64_MAX;
	}
}

static void time_out(struct sim *sim, struct sim_request *request)
{
	request->transfer = VERDICT_TRANSFER_UNKNOWN;
	request->answer_at = sim->now + SIM_TIMEOUT_MS;
	switch (sim_draw(sim, 3)) {
	case 0:
		break;
	case 1:
		request->apply_at = sim->now + sim_draw(sim, 1000);
		break;
	default:
		request->apply_at = request->answer_at + sim_draw(sim, 2 * SIM_TIMEOUT_MS - 1);
		break;
	}
}

static void reset(struct sim *sim, struct sim_request *request)
{
	request->transfer = VERDICT_TRANSFER_UNKNOWN;
	if (sim_chance(sim, 50))
		request->apply_at = request->answer_at - 1;
}

static void error_of_server(struct sim *sim, struct sim_request *request)
{
	static const int statuses[] = {500, 502, 503, 504, 408, 425};

	request->status = statuses[sim_draw(sim, 6)];
	if (request->status != 408 && request->status != 425 && sim_chance(sim, 30))
		request->apply_at = request->answer_at - 1;
	if (sim_chance(sim, 30))
		request->retry_after_ms = 1000 + sim_draw(sim, 60000);
}

static void answer_well(struct sim *sim, struct sim_request *request, bool broken)
{
	request->status = broken ? 422 : 200;
	if (!broken) {
		request->apply_at = request->answer_at - 1;
		request->apply_again_at = sim_chance(sim, 10) ? request->answer_at : INT64_MAX;
	}
}

static void misbehave(struct sim *sim, struct sim_request *request, bool broken)
{
	switch (sim_draw(sim, broken ? 2 : 5)) {
	case 0:
		request->transfer = VERDICT_TRANSFER_NOT_SENT;
		break;
	case 1:
		request->status = 404;
		break;
	case 2:
		time_out(sim, request);
		break;
	case 3:
		reset(sim, request);
		break;
	default:
		error_of_server(sim, request);
		break;
	}
}

static void decide(struct sim *sim, struct sim_request *request, bool broken)
{
	switch (sim->mode) {
	case SIM_HEALTHY:
	case SIM_MODES:
		answer_well(sim, request, broken);
		return;
	case SIM_FLAKY:
		if (sim_chance(sim, 40))
			misbehave(sim, request, broken);
		else
			answer_well(sim, request, broken);
		return;
	case SIM_OUTAGE:
		request->transfer = VERDICT_TRANSFER_NOT_SENT;
		return;
	case SIM_DENYING:
		request->status = sim_chance(sim, 50) ? 401 : 403;
		return;
	case SIM_MOVED:
		request->status = 307;
		return;
	case SIM_LIMITING:
		request->status = 429;
		request->retry_after_ms = 1000 + sim_draw(sim, 120000);
		return;
	}
}

static struct sim_request *free_request(struct sim *sim)
{
	for (int i = 0; i < SIM_REQUESTS; i++) {
		struct sim_request *request = &sim->requests[i];

		if (!request->waiting && request->apply_at == INT64_MAX) {
			free(request->cron);
			*request = (struct sim_request){.apply_at = INT64_MAX,
			                                .apply_again_at = INT64_MAX};
			return request;
		}
	}
	sim_fail(sim, "more requests than the world holds", 0);
	return NULL;
}

void sim_resume(struct sim *sim)
{
	sim->paused_until = 0;
	sim->trial_at = 0;
	sim->trial_id = 0;
}

void sim_pause(struct sim *sim, int64_t id, const struct verdict *verdict, int64_t retry_after_ms)
{
	if (!verdict->host_wide || retry_after_ms <= 0)
		return;
	if (sim->now + retry_after_ms > sim->paused_until)
		sim->paused_until = sim->now + retry_after_ms;
	/* Only a 503 may be about one alone. */
	sim->trial_at = verdict->maybe_done ? sim->now + GATE_TRIAL_MS : 0;
	sim->paused_id = id;
}

static void check_pause(struct sim *sim, int64_t id)
{
	if (sim->now >= sim->paused_until)
		return;
	if (sim->trial_at == 0 || sim->now < sim->trial_at || id == sim->paused_id)
		sim_fail(sim, "I7: before Retry-After", id);
	if (sim->trial_id != 0)
		sim_fail(sim, "I7: two are tried at once", id);
	sim->trial_id = id;
}

static void check_send(struct sim *sim, const struct sync_action *action)
{
	struct sim_integration *integration = &sim->integrations[action->id];
	const char *cron = action->integration->value.indexing_cron;
	unsigned waiting = 0;

	for (int i = 0; i < SIM_REQUESTS; i++) {
		waiting += sim->requests[i].waiting;
		if (sim->requests[i].waiting && sim->requests[i].id == action->id)
			sim_fail(sim, "I2: two requests of one integration", action->id);
	}
	/* What was pushed before is repeated and confirmed as ever. */
	if (sim->asks && !integration->pushed && !integration->sent_early &&
	    sim->asks_in_vain == 0 && !sim->may_have_ended)
		sim_fail(sim, "I13: sent before the server was asked what it has", action->id);
	if (sim->stopping)
		sim_fail(sim, "sent after it was to stop", action->id);
	if (waiting >= SIM_IN_FLIGHT)
		sim_fail(sim, "more in flight than max_in_flight", action->id);
	if (!is_same(cron, integration->wanted))
		sim_fail(sim, "I3: a value that is not desired", action->id);
	if (!integration->managed || integration->paused)
		sim_fail(sim, "I4: not managed, or paused", action->id);
	check_pause(sim, action->id);
	if (integration->acked && is_same(cron, integration->acked_cron) &&
	    integration->excuses == 0 && !integration->crashed)
		sim_fail(sim, "I9: a repeated PUT without a reason", action->id);
	if (!sim->mark_refused && !sim_is_marked(sim, action->id))
		sim_fail(sim, "I10: sent without a mark on disk", action->id);
}

void sim_receive(struct sim *sim, const struct sync_action *action)
{
	struct sim_request *request;

	check_send(sim, action);
	/* The list may show it as wanted, which is no reason not to have it sent. */
	sim->integrations[action->id].excuses += sim->asks;
	sim->integrations[action->id].sent_early |= sim->asks;
	request = free_request(sim);
	if (request == NULL)
		return;
	sim->sends++;
	sim->integrations[action->id].sent++;
	sim->integrations[action->id].push_sent = true;
	sim->integrations[action->id].sent_since_look = true;
	sim->integrations[action->id].refused_until = 0;
	request->waiting = true;
	request->again = sim->integrations[action->id].failed;
	request->server = sim->server;
	request->id = action->id;
	request->generation = action->generation;
	request->token = sim->integrations[action->id].token;
	request->confirming = action->send.confirming;
	request->cron = mem_dup(action->integration->value.indexing_cron);
	request->transfer = VERDICT_TRANSFER_DONE;
	request->answer_at = sim->now + 2 + sim_draw(sim, 400);
	decide(sim, request, sim->integrations[action->id].broken);
}

/* A killed daemon's connections close: what was on the wire is applied now or never. */
void sim_lose_requests(struct sim *sim)
{
	for (int i = 0; i < SIM_REQUESTS; i++) {
		struct sim_request *request = &sim->requests[i];

		if (request->waiting) {
			if (request->apply_at != INT64_MAX && sim_chance(sim, 50))
				apply(sim, request);
			request->waiting = false;
			request->apply_at = INT64_MAX;
			request->apply_again_at = INT64_MAX;
		} else if (!request->doubt_on_disk) {
			request->apply_at = INT64_MAX;
			request->apply_again_at = INT64_MAX;
		}
	}
}

void sim_fill(struct sim *sim)
{
	for (int id = 1; id <= SIM_IDS; id++) {
		struct sim_integration *integration = &sim->integrations[id];

		integration->on_server = sim_chance(sim, 70);
		if (integration->on_server)
			put(&integration->held,
			    sim_chance(sim, 70) ? integration->wanted : "foreign");
	}
}

/* The operator */

static void edit(struct sim *sim, struct sim_integration *integration)
{
	char value[32];
	char *old = integration->wanted;

	if (sim_chance(sim, sim->fidgets ? 50 : 25)) {
		/* Take the last edit back. */
		integration->wanted = integration->before;
		integration->before = old;
	} else {
		bool broken = sim_chance(sim, 20);

		(void)snprintf(value, sizeof(value), "%s%u", broken ? "bad" : "v", ++sim->values);
		free(integration->before);
		integration->before = old;
		integration->wanted = sim_chance(sim, 10) ? NULL : mem_dup(value);
	}
	integration->broken =
		integration->wanted != NULL && strncmp(integration->wanted, "bad", 3) == 0;
	integration->refused_until = 0;
	/* The same value again is no edit. */
	integration->failed =
		integration->failed && is_same(integration->wanted, integration->before);
}

void sim_add_or_remove(struct sim *sim, int64_t id)
{
	struct sim_integration *integration = &sim->integrations[id];

	integration->managed = !integration->managed;
	integration->refused_until = 0;
	integration->failed = false;
	integration->acked = false;
}

static void rotate(struct sim_integration *integration)
{
	integration->token++;
	integration->excuses++;
	integration->refused_until = 0;
	integration->failed = false;
}

/* What is on the wire still gets to the server before. */
void sim_move(struct sim *sim)
{
	sim_freeze_look(sim);
	sim->server++;
	sim_resume(sim);
	for (int id = 1; id <= SIM_IDS; id++) {
		struct sim_integration *integration = &sim->integrations[id];

		integration->on_server = false;
		put(&integration->held, NULL);
		integration->acked = false;
		integration->refused_until = 0;
		integration->failed = false;
		integration->drift_told = false;
	}
}

int64_t sim_operate(struct sim *sim)
{
	int64_t id = 1 + sim_draw(sim, sim->fidgets ? 2 : SIM_IDS);
	struct sim_integration *integration = &sim->integrations[id];

	switch (sim_draw(sim, sim->rearranges ? 6 : 20)) {
	case 0:
		sim_add_or_remove(sim, id);
		break;
	case 1:
		integration->paused = !integration->paused;
		integration->refused_until = 0;
		integration->failed = false;
		break;
	case 2:
		rotate(integration);
		break;
	case 3:
		sim->key += sim_chance(sim, 50);
		sim->rate = (double[]){0, 0.5, 5}[sim_draw(sim, 3)];
		sim->repairs ^= sim_chance(sim, 50);
		break;
	case 4:
		sim_move(sim);
		break;
	default:
		edit(sim, integration);
		break;
	}
	return id;
}

struct spec *sim_spec(const struct sim *sim)
{
	struct spec *spec = spec_new();

	free(spec->api.url);
	spec->api.url = mem_printf("https://server%u", sim->server);
	spec->api.key = mem_printf("key%u", sim->key);
	spec->api.rate_limit = sim->rate;
	spec->api.max_in_flight = SIM_IN_FLIGHT;
	spec->api.timeout_ms = SIM_TIMEOUT_MS;
	spec->drift.mode = sim->repairs ? SPEC_DRIFT_REPAIR : SPEC_DRIFT_REPORT;
	spec->drift.interval_ms = SIM_LOOK_MS;
	spec->integrations = mem_alloc(SIM_IDS + 1, sizeof(*spec->integrations));
	for (int64_t id = 1; id <= SIM_IDS; id++) {
		const struct sim_integration *integration = &sim->integrations[id];
		struct spec_integration *made = &spec->integrations[spec->count];

		if (!integration->managed)
			continue;
		spec->count++;
		made->id = id;
		made->value.indexing_cron = mem_dup(integration->wanted);
		made->token = mem_printf("token%u", integration->token);
		made->password = mem_dup("password");
		made->paused = integration->paused;
	}
	state_digest_credentials(spec, &(const struct state_key){.bytes = {1}});
	return spec;
}

void sim_clear(struct sim *sim)
{
	sync_free(sim->sync);
	sim_clear_look(sim);
	text_clear(&sim->saving);
	free(sim->disk);
	for (int i = 0; i < SIM_REQUESTS; i++)
		free(sim->requests[i].cron);
	for (int i = 1; i <= SIM_IDS; i++) {
		free(sim->integrations[i].wanted);
		free(sim->integrations[i].before);
		free(sim->integrations[i].held);
		free(sim->integrations[i].acked_cron);
	}
}
