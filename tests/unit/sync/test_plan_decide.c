/* SPDX-License-Identifier: MIT */
/* The rule: one row per rule; and what `plan` shows, `apply` sends and the daemon sends held
 * together, over random specifications, states and lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/mem.h"
#include "support/sync_fixture.h"
#include "sync/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CRON         PLAN_BIT(SPEC_INDEXING_CRON)
#define NAME         PLAN_BIT(SPEC_NAME)
#define WORKSPACE    PLAN_BIT(SPEC_WORKSPACE)
#define CREDENTIALS  PLAN_BIT(SPEC_TOKEN)

static char six[] = "0 6 * * mon", spelled[] = "0  6 * * 1", seven[] = "0 7 * * *";
static char name[] = "a", trimmed[] = "b", empty[] = "";

struct row {
	struct spec_value desired;
	const struct state_entry *entry;
	const struct wire_remote *remote;
	bool adopts, paused;
	enum plan_kind kind;
	unsigned differs;
};

#define ACCEPTED .accepted = true, .credentials = 7, .value.indexing_cron = six
#define ENTRY(...)                  \
	&(const struct state_entry) \
	{                           \
		__VA_ARGS__         \
	}
#define SHOWN(...)                                    \
	&(const struct wire_remote)                   \
	{                                             \
		.cron_known = WIRE_GIVEN, __VA_ARGS__ \
	}

static void each_rule_decides(void **state)
{
	const struct row rows[] = {
		/* never accepted */
		{.desired.indexing_cron = six, .kind = PLAN_NEW},
		{.desired.indexing_cron = six, .adopts = true, .kind = PLAN_NEW},
		{.desired.indexing_cron = six, .paused = true, .kind = PLAN_PAUSED},
		{.desired.indexing_cron = six, .entry = ENTRY(.intended = true), .kind = PLAN_NEW},
		{.desired.indexing_cron = six,
	         .remote = SHOWN(.indexing_cron = six),
	         .kind = PLAN_NEW},
		{.desired.indexing_cron = six,
	         .adopts = true,
	         .remote = SHOWN(.indexing_cron = spelled),
	         .kind = PLAN_EQUAL},
		{.desired.indexing_cron = six,
	         .adopts = true,
	         .paused = true,
	         .remote = SHOWN(.indexing_cron = six),
	         .kind = PLAN_PAUSED},
		{.desired.indexing_cron = six,
	         .adopts = true,
	         .remote = SHOWN(.indexing_cron = seven),
	         .kind = PLAN_NEW},
		{.desired.indexing_cron = NULL,
	         .adopts = true,
	         .remote = SHOWN(.indexing_cron = empty),
	         .kind = PLAN_EQUAL},
		{.desired.indexing_cron = NULL,
	         .adopts = true,
	         .remote = &(const struct wire_remote){.cron_known = WIRE_UNKNOWN},
	         .kind = PLAN_NEW},
		{.desired = {.indexing_cron = six, .name = name},
	         .adopts = true,
	         .remote = SHOWN(.indexing_cron = six),
	         .kind = PLAN_NEW},
		{.desired = {.indexing_cron = six, .workspace = empty},
	         .adopts = true,
	         .remote = SHOWN(.indexing_cron = six, .name = name),
	         .kind = PLAN_NEW},
		{.desired = {.indexing_cron = six, .name = name, .workspace = empty},
	         .adopts = true,
	         .remote = SHOWN(.indexing_cron = six, .name = name, .workspace = empty),
	         .kind = PLAN_EQUAL},
		/* accepted */
		{.desired.indexing_cron = six, .entry = ENTRY(ACCEPTED), .kind = PLAN_EQUAL},
		{.desired.indexing_cron = spelled,
	         .entry = ENTRY(ACCEPTED),
	         .kind = PLAN_CHANGED,
	         .differs = CRON},
		{.desired = {.indexing_cron = six, .name = name, .workspace = empty},
	         .entry = ENTRY(ACCEPTED),
	         .kind = PLAN_CHANGED,
	         .differs = NAME | WORKSPACE},
		{.desired.indexing_cron = six,
	         .entry = ENTRY(.accepted = true, .credentials = 8, .value.indexing_cron = six),
	         .kind = PLAN_CHANGED,
	         .differs = CREDENTIALS},
		{.desired.indexing_cron = six,
	         .entry = ENTRY(.accepted = true, .value.indexing_cron = six),
	         .kind = PLAN_EQUAL},
		{.desired.indexing_cron = six,
	         .entry = ENTRY(ACCEPTED, .intended = true),
	         .kind = PLAN_AGAIN},
		{.desired.indexing_cron = six,
	         .entry = ENTRY(ACCEPTED, .uncertain = true),
	         .remote = SHOWN(.indexing_cron = seven),
	         .kind = PLAN_AGAIN},
		/* the list against what was accepted */
		{.desired.indexing_cron = seven,
	         .entry = ENTRY(ACCEPTED),
	         .remote = SHOWN(.indexing_cron = seven),
	         .kind = PLAN_CHANGED,
	         .differs = CRON},
		{.desired.indexing_cron = six,
	         .entry = ENTRY(ACCEPTED),
	         .remote = SHOWN(.indexing_cron = seven, .name = name),
	         .kind = PLAN_DRIFTED,
	         .differs = CRON},
		{.desired.indexing_cron = six,
	         .entry = ENTRY(ACCEPTED),
	         .remote = SHOWN(.indexing_cron = spelled),
	         .kind = PLAN_EQUAL},
		{.desired = {.indexing_cron = six, .name = name},
	         .entry = ENTRY(.accepted = true, .value = {.indexing_cron = six, .name = name}),
	         .remote = SHOWN(.indexing_cron = six, .name = trimmed),
	         .kind = PLAN_DRIFTED,
	         .differs = NAME},
		{.desired = {.indexing_cron = six, .name = name},
	         .entry = ENTRY(.accepted = true, .contradicted = PLAN_CONTRADICTED_MAX,
	                        .value = {.indexing_cron = six, .name = name}),
	         .remote = SHOWN(.indexing_cron = six, .name = trimmed),
	         .kind = PLAN_EQUAL},
		{.desired = {.indexing_cron = six, .name = name},
	         .entry = ENTRY(.accepted = true, .contradicted = PLAN_CONTRADICTED_MAX,
	                        .value = {.indexing_cron = six, .name = name}),
	         .remote = SHOWN(.indexing_cron = seven, .name = trimmed),
	         .kind = PLAN_DRIFTED,
	         .differs = CRON},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct spec_integration desired = {.id = 1,
		                                         .value = rows[i].desired,
		                                         .paused = rows[i].paused,
		                                         .credentials = 7};
		struct plan_decision decision =
			plan_decide(&desired, rows[i].entry, rows[i].remote, rows[i].adopts);

		if (decision.kind != rows[i].kind || decision.differs != rows[i].differs)
			fail_msg("row %zu: kind %d, differs %x", i, (int)decision.kind,
			         decision.differs);
	}
}

static void only_a_first_start_asks(void **state)
{
	char here[] = "https://here", there[] = "https://there";
	struct spec spec = {.api.url = here, .drift.mode = SPEC_DRIFT_REPORT};

	(void)state;
	assert_true(plan_adopts(&spec, NULL));
	assert_true(plan_adopts(&spec, &(const struct state){0}));
	assert_true(plan_adopts(&spec, &(const struct state){.url = there}));
	assert_false(plan_adopts(&spec, &(const struct state){.url = here}));
	assert_false(plan_adopts(&spec, &(const struct state){.lost = true}));
	spec.drift.mode = SPEC_DRIFT_OFF;
	assert_false(plan_adopts(&spec, NULL));
}

/* plan, apply and the daemon */

#define IDS 12

static const char here[] = "https://here.example", elsewhere[] = "https://elsewhere.example";

static char *any_of(const char *const *choices, size_t count, uint64_t *random)
{
	return mem_dup(choices[backoff_random(random) % count]);
}

static struct spec_value any_value(uint64_t *random)
{
	static const char *const crons[] = {NULL, "0 6 * * mon", "0 6 * * 1", "0 7 * * *"};
	static const char *const names[] = {NULL, NULL, "a", "b"};
	static const char *const workspaces[] = {NULL, NULL, "", "w"};

	return (struct spec_value){.indexing_cron = any_of(crons, COUNT(crons), random),
	                           .name = any_of(names, COUNT(names), random),
	                           .workspace = any_of(workspaces, COUNT(workspaces), random)};
}

static bool maybe(uint64_t *random)
{
	return backoff_random(random) % 2 == 0;
}

/* The same for a seed, however often it is made. */
static struct spec *any_spec(uint64_t seed)
{
	struct fixture_integration chosen[IDS + 1] = {{.id = 0}};
	uint64_t random = seed;
	struct spec *spec;
	size_t count = 0;

	for (int64_t id = 1; id <= IDS; id++) {
		if (maybe(&random))
			chosen[count++] = (struct fixture_integration){
				.id = id, .paused = maybe(&random) && maybe(&random)};
	}
	spec = fixture_spec(chosen);
	free(spec->api.url);
	spec->api.url = mem_dup(here);
	spec->drift.mode = (enum spec_drift_mode)(backoff_random(&random) % 3);
	for (size_t i = 0; i < count; i++)
		spec->integrations[i].value = any_value(&random);
	return spec;
}

static uint64_t any_credentials(const struct spec *spec, int64_t id, uint64_t *random)
{
	const struct spec_integration *integration = spec_find(spec, id);
	uint64_t same = integration != NULL ? integration->credentials : 0;

	return backoff_random(random) % 4 == 0 ? backoff_random(random) % 2 * 99 : same;
}

static void fill_state(struct state *state, const struct spec *spec, uint64_t seed)
{
	uint64_t random = seed + 1;

	*state = (struct state){.lost = maybe(&random) && maybe(&random)};
	if (state->lost || maybe(&random))
		return;
	state->url = mem_dup(maybe(&random) || maybe(&random) ? here : elsewhere);
	state->entries = mem_alloc(IDS, sizeof(*state->entries));
	for (int64_t id = 1; id <= IDS; id++) {
		const struct spec_integration *integration = spec_find(spec, id);
		struct state_entry *entry = &state->entries[state->count];

		if (maybe(&random))
			continue;
		state->count++;
		*entry = (struct state_entry){.id = id,
		                              .accepted = maybe(&random) || maybe(&random),
		                              .intended = maybe(&random) && maybe(&random),
		                              .uncertain = maybe(&random) && maybe(&random),
		                              .contradicted = (unsigned)maybe(&random) * 2,
		                              .credentials = any_credentials(spec, id, &random)};
		if (entry->accepted)
			entry->value = integration != NULL && maybe(&random)
			                       ? spec_value_copy(&integration->value)
			                       : any_value(&random);
	}
}

static void fill_remotes(struct wire_remotes *remotes, const struct spec *spec, uint64_t seed)
{
	uint64_t random = seed + 2;

	*remotes = (struct wire_remotes){.items = mem_alloc(IDS, sizeof(*remotes->items))};
	for (int64_t id = 1; id <= IDS; id++) {
		const struct spec_integration *integration = spec_find(spec, id);
		struct wire_remote *remote = &remotes->items[remotes->count];
		struct spec_value value;

		if (maybe(&random) && maybe(&random))
			continue;
		remotes->count++;
		value = integration != NULL && maybe(&random) ? spec_value_copy(&integration->value)
		                                              : any_value(&random);
		*remote = (struct wire_remote){.id = id,
		                               .name = value.name,
		                               .workspace = value.workspace,
		                               .cron_known = WIRE_UNKNOWN};
		if (maybe(&random) || maybe(&random)) {
			remote->cron_known = value.indexing_cron != NULL ? WIRE_GIVEN : WIRE_NONE;
			remote->indexing_cron = value.indexing_cron;
		} else {
			free(value.indexing_cron);
		}
	}
}

/* A reconciler whose PUTs are all accepted and which is shown always the same list. */
struct run {
	struct fixture fixture;
	const struct wire_remotes *remotes; /* NULL: it gets 404 */
	int64_t waiting[16 * IDS];
	size_t head, tail;
	uint64_t sent; /* ids, as bits */
	uint64_t save;
	bool asks;
};

static void carry_out(struct run *run)
{
	for (size_t i = 0; i < run->fixture.count; i++) {
		const struct sync_action *action = &run->fixture.actions[i];

		if (action->kind == SYNC_SAVE)
			run->save = action->save;
		run->asks = run->asks || action->kind == SYNC_LIST;
		if (action->kind != SYNC_SEND)
			continue;
		assert_true(run->tail < COUNT(run->waiting));
		run->waiting[run->tail++] = action->id;
		run->sent |= UINT64_C(1) << action->id;
	}
}

static void answer_list(struct run *run)
{
	struct wire_remote shown[IDS + 1] = {{.id = 0}};

	run->asks = false;
	for (size_t i = 0; run->remotes != NULL && i < run->remotes->count; i++)
		shown[i] = run->remotes->items[i];
	fixture_list(&run->fixture, run->remotes != NULL ? 200 : 404, 0,
	             run->remotes != NULL ? shown : NULL);
}

/* What it sends within half an hour: all that it sends once, and drift at its first check. */
static uint64_t run_reconciler(struct state *state, struct spec *spec,
                               const struct wire_remotes *remotes)
{
	struct run run = {.remotes = remotes};
	int64_t end_ms;

	fixture_open(&run.fixture, state);
	end_ms = run.fixture.now_ms + 1800000;
	fixture_configure(&run.fixture, spec);
	for (;;) {
		int64_t deadline = sync_deadline(run.fixture.sync);

		carry_out(&run);
		if (run.save != 0) {
			uint64_t number = run.save;

			run.save = 0;
			fixture_save(&run.fixture, number, true);
		} else if (run.head < run.tail) {
			fixture_answer(&run.fixture, run.waiting[run.head++], VERDICT_TRANSFER_DONE,
			               200, 0);
		} else if (run.asks) {
			answer_list(&run);
		} else if (deadline < end_ms) {
			(void)fixture_pass(&run.fixture, deadline - run.fixture.now_ms);
		} else {
			break;
		}
	}
	fixture_close(&run.fixture);
	return run.sent;
}

struct planned {
	uint64_t apply, daemon; /* ids that it sends, as bits */
};

static struct planned planned_of(const struct plan *plan)
{
	struct planned planned = {0};

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		planned.apply |= (uint64_t)plan_sends(item) << item->id;
		planned.daemon |= (uint64_t)plan_daemon_sends(plan, item) << item->id;
	}
	return planned;
}

static void check(uint64_t seed, bool has_list)
{
	struct spec *spec = any_spec(seed);
	struct state state, assumed;
	struct wire_remotes list, *remotes = has_list ? &list : NULL;
	struct planned planned;
	struct plan plan;
	uint64_t applied, sent;

	fill_state(&state, spec, seed);
	fill_remotes(&list, spec, seed);
	plan_diff(&plan, spec, &state, remotes);
	planned = planned_of(&plan);
	plan_assume(&plan, spec, 7, &assumed);
	plan_clear(&plan);
	spec_free(spec);
	spec = any_spec(seed);
	spec->drift.mode = SPEC_DRIFT_OFF;
	applied = run_reconciler(&assumed, spec, NULL);
	sent = run_reconciler(&state, any_spec(seed), remotes);
	if (applied != planned.apply || sent != planned.daemon)
		fail_msg("seed %d: planned %x, applied %x; by the daemon planned %x, sent %x",
		         (int)seed, (unsigned)planned.apply, (unsigned)applied,
		         (unsigned)planned.daemon, (unsigned)sent);
	wire_remotes_clear(&list);
}

static void plan_apply_and_the_daemon_agree(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6000; seed++)
		check(seed * 1000, seed % 4 != 0);
}

static void what_is_sent(void **state)
{
	(void)state;
	assert_false(plan_sends(&(const struct plan_item){.kind = PLAN_PAUSED}));
	assert_false(plan_sends(&(const struct plan_item){.kind = PLAN_EQUAL}));
	assert_false(plan_sends(&(const struct plan_item){.kind = PLAN_GONE}));
	assert_true(plan_sends(&(const struct plan_item){.kind = PLAN_NEW}));
	assert_true(plan_sends(&(const struct plan_item){.kind = PLAN_CHANGED}));
	assert_true(plan_sends(&(const struct plan_item){.kind = PLAN_AGAIN}));
	assert_true(plan_sends(&(const struct plan_item){.kind = PLAN_DRIFTED}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_decides),
		cmocka_unit_test(only_a_first_start_asks),
		cmocka_unit_test(plan_apply_and_the_daemon_agree),
		cmocka_unit_test(what_is_sent),
	};

	return cmocka_run_group_tests_name("plan_decide", tests, NULL, NULL);
}
