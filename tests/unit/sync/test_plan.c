/* SPDX-License-Identifier: MIT */
/* Plan: one case per kind, with and without a list; the seams of the merge walk, and random lists
 * against the definition. */
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
#include "sync/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char here[] = "https://here.example", elsewhere[] = "https://elsewhere.example";
static char six[] = "0 6 * * *", seven[] = "0 7 * * *", name[] = "Finance", empty[] = "";

static struct plan_item only(const struct spec *spec, const struct state *state)
{
	struct plan plan;
	struct plan_item item;

	plan_diff(&plan, spec, state, NULL);
	assert_int_equal(plan.count, 1);
	item = plan.items[0];
	plan_clear(&plan);
	return item;
}

static void values_are_compared(void **state)
{
	static const struct {
		struct spec_value wanted, known;
		bool accepted, intended, uncertain, paused;
		enum plan_kind kind;
	} cases[] = {
		{.kind = PLAN_EQUAL, .accepted = true},
		{.kind = PLAN_AGAIN, .accepted = true, .intended = true},
		{.kind = PLAN_AGAIN, .accepted = true, .uncertain = true},
		{.kind = PLAN_NEW, .accepted = false, .intended = true},
		{.kind = PLAN_PAUSED, .accepted = false, .paused = true},
		{.kind = PLAN_PAUSED, .accepted = true, .paused = true},
		{.kind = PLAN_NEW, .accepted = false},
		{.kind = PLAN_CHANGED, .accepted = true, .wanted = {.indexing_cron = six}},
		{.kind = PLAN_CHANGED, .accepted = true, .known = {.indexing_cron = six}},
		{.kind = PLAN_CHANGED,
	         .accepted = true,
	         .intended = true,
	         .wanted = {.indexing_cron = six},
	         .known = {.indexing_cron = seven}},
		{.kind = PLAN_EQUAL,
	         .accepted = true,
	         .wanted = {.indexing_cron = six, .name = name},
	         .known = {.indexing_cron = six, .name = name}},
		{.kind = PLAN_CHANGED, .accepted = true, .wanted = {.name = name}},
		{.kind = PLAN_CHANGED, .accepted = true, .wanted = {.workspace = empty}},
		{.kind = PLAN_CHANGED, .accepted = true, .known = {.workspace = name}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spec_integration integration = {
			.id = 42, .value = cases[i].wanted, .paused = cases[i].paused};
		struct state_entry entry = {.id = 42,
		                            .accepted = cases[i].accepted,
		                            .intended = cases[i].intended,
		                            .uncertain = cases[i].uncertain,
		                            .value = cases[i].known};
		struct spec spec = {.api.url = here, .integrations = &integration, .count = 1};
		struct state known = {.url = here, .entries = &entry, .count = 1};
		struct plan_item item = only(&spec, &known);

		assert_int_equal(item.kind, cases[i].kind);
		assert_int_equal(item.id, 42);
		assert_ptr_equal(item.integration, &integration);
		assert_ptr_equal(item.entry, &entry);
		assert_int_equal(item.basis, PLAN_BY_STATE);
		assert_null(item.remote);
	}
}

#define CRON      PLAN_BIT(SPEC_INDEXING_CRON)
#define NAME      PLAN_BIT(SPEC_NAME)
#define WORKSPACE PLAN_BIT(SPEC_WORKSPACE)

static char monday[] = "0 6 * * mon", first[] = "0  6 * * 1", garbage[] = "at six";
static char growth[] = "Growth";

/* One integration that the list has, as a test writes it. */
struct listed {
	struct spec_value wanted, accepted; /* the latter: if `known` */
	bool known, intended;
	struct wire_remote remote;
	enum plan_kind kind;
	enum plan_basis basis;
	unsigned differs;
	const char *old_cron, *old_name;
};

static void check_listed(const struct listed *listed)
{
	struct spec_integration integration = {.id = 42, .value = listed->wanted};
	struct state_entry entry = {.id = 42,
	                            .accepted = true,
	                            .intended = listed->intended,
	                            .value = listed->accepted};
	struct wire_remote remote = listed->remote;
	struct wire_remotes remotes = {.items = &remote, .count = 1};
	struct spec spec = {.api.url = here,
	                    .drift.mode = SPEC_DRIFT_REPORT,
	                    .integrations = &integration,
	                    .count = 1};
	struct state state = {
		.url = listed->known ? here : NULL, .entries = &entry, .count = listed->known};
	struct plan plan;

	remote.id = 42;
	plan_diff(&plan, &spec, &state, &remotes);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.items[0].kind, listed->kind);
	assert_int_equal(plan.items[0].basis, listed->basis);
	assert_int_equal(plan.items[0].differs, listed->differs);
	assert_ptr_equal(plan.items[0].remote, &remote);
	assert_ptr_equal(plan.items[0].old.indexing_cron, listed->old_cron);
	assert_ptr_equal(plan.items[0].old.name, listed->old_name);
	assert_int_equal(plan.counts[listed->kind], 1);
	assert_int_equal(plan.not_shown, listed->basis == PLAN_NOT_SHOWN);
	assert_int_equal(plan.not_listed, 0);
	assert_int_equal(plan.unmanaged, 0);
	assert_int_equal(plan.listed, 1);
	plan_clear(&plan);
}

static const struct listed lists[] = {
	/* What was accepted counts first, then the list. */
	{.wanted = {.indexing_cron = six},
         .remote = {.cron_known = WIRE_GIVEN, .indexing_cron = six},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_EQUAL,
         .old_cron = six},
	{.wanted = {.indexing_cron = six},
         .known = true,
         .accepted = {.indexing_cron = seven},
         .remote = {.cron_known = WIRE_GIVEN, .indexing_cron = six},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_CHANGED,
         .differs = CRON,
         .old_cron = seven},
	{.wanted = {.indexing_cron = six},
         .known = true,
         .accepted = {.indexing_cron = six},
         .remote = {.cron_known = WIRE_GIVEN, .indexing_cron = seven},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_DRIFTED,
         .differs = CRON,
         .old_cron = seven},
	{.wanted = {.indexing_cron = six},
         .known = true,
         .intended = true,
         .accepted = {.indexing_cron = six},
         .remote = {.cron_known = WIRE_GIVEN, .indexing_cron = six},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_AGAIN,
         .old_cron = six},
	/* Another spelling is no change; no schedule is another one than any. */
	{.wanted = {.indexing_cron = monday},
         .remote = {.cron_known = WIRE_GIVEN, .indexing_cron = first},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_EQUAL,
         .old_cron = first},
	{.wanted = {.indexing_cron = six},
         .remote = {.cron_known = WIRE_NONE},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_CHANGED,
         .differs = CRON},
	{.wanted = {0},
         .remote = {.cron_known = WIRE_GIVEN, .indexing_cron = six},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_CHANGED,
         .differs = CRON,
         .old_cron = six},
	{.wanted = {0},
         .remote = {.cron_known = WIRE_NONE},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_EQUAL},
	{.wanted = {.indexing_cron = six},
         .remote = {.cron_known = WIRE_GIVEN, .indexing_cron = garbage},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_CHANGED,
         .differs = CRON,
         .old_cron = garbage},
	/* A name counts where the file gives it and somebody knows the one that is there. */
	{.wanted = {.name = name},
         .remote = {.cron_known = WIRE_NONE, .name = growth},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_CHANGED,
         .differs = NAME,
         .old_name = growth},
	{.wanted = {0},
         .remote = {.cron_known = WIRE_NONE, .name = growth},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_EQUAL,
         .old_name = growth},
	{.wanted = {.name = name},
         .remote = {.cron_known = WIRE_NONE},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_NEW,
         .differs = CRON | NAME},
	{.wanted = {.name = name},
         .known = true,
         .accepted = {.name = growth},
         .remote = {.cron_known = WIRE_NONE},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_CHANGED,
         .differs = NAME,
         .old_name = growth},
	{.wanted = {.indexing_cron = six, .name = name, .workspace = empty},
         .remote = {.cron_known = WIRE_NONE, .name = growth, .workspace = name},
         .basis = PLAN_BY_LIST,
         .kind = PLAN_CHANGED,
         .differs = CRON | NAME | WORKSPACE,
         .old_name = growth},
	/* Where the list does not show the schedule, the state does, or nobody. */
	{.wanted = {.indexing_cron = six, .name = name},
         .remote = {.cron_known = WIRE_UNKNOWN, .name = growth},
         .basis = PLAN_NOT_SHOWN,
         .kind = PLAN_NEW,
         .differs = CRON | NAME,
         .old_name = growth},
	{.wanted = {.indexing_cron = six},
         .known = true,
         .accepted = {.indexing_cron = six},
         .remote = {.cron_known = WIRE_UNKNOWN},
         .basis = PLAN_NOT_SHOWN,
         .kind = PLAN_EQUAL,
         .old_cron = six},
	{.wanted = {.indexing_cron = monday},
         .known = true,
         .accepted = {.indexing_cron = first},
         .remote = {.cron_known = WIRE_UNKNOWN},
         .basis = PLAN_NOT_SHOWN,
         .kind = PLAN_CHANGED,
         .differs = CRON,
         .old_cron = first},
	{.wanted = {.indexing_cron = six},
         .known = true,
         .accepted = {.indexing_cron = six},
         .remote = {.cron_known = WIRE_UNKNOWN, .name = growth},
         .basis = PLAN_NOT_SHOWN,
         .kind = PLAN_EQUAL,
         .old_cron = six,
         .old_name = growth},
};

static void list_is_compared_with(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++)
		check_listed(&lists[i]);
}

static void what_is_in_one_list_only_is_told_apart(void **state)
{
	static char mode[] = "Mode", spelled[] = "mode_analytics", other[] = "Modern BI";
	struct spec_integration integrations[] = {{.id = 2}, {.id = 4, .paused = true}, {.id = 6}};
	struct state_entry entries[] = {{.id = 3, .accepted = true}, {.id = 6, .accepted = true}};
	struct wire_remote items[] = {{.id = 1, .type = mode},    {.id = 3, .type = mode},
	                              {.id = 5, .type = other},   {.id = 7},
	                              {.id = 8, .type = spelled}, {.id = 9, .type = empty}};
	struct wire_remotes remotes = {.items = items, .count = COUNT(items)};
	struct spec spec = {.api.url = here, .integrations = integrations, .count = 3};
	struct state known = {.url = here, .entries = entries, .count = 2};
	struct plan plan;

	(void)state;
	plan_diff(&plan, &spec, &known, &remotes);
	assert_int_equal(plan.count, 4);
	assert_int_equal(plan.items[0].kind, PLAN_NEW);
	assert_int_equal(plan.items[0].basis, PLAN_NOT_LISTED);
	assert_int_equal(plan.items[1].kind, PLAN_GONE);
	assert_ptr_equal(plan.items[1].remote, &items[1]);
	assert_int_equal(plan.items[2].kind, PLAN_PAUSED);
	assert_int_equal(plan.items[3].kind, PLAN_EQUAL);
	assert_int_equal(plan.items[3].basis, PLAN_NOT_LISTED);
	assert_int_equal(plan.not_listed, 2);
	assert_int_equal(plan.listed, 6);
	assert_int_equal(plan.unmanaged, 3);
	assert_int_equal(plan_count_sends(&plan), 1);
	plan_clear(&plan);
}

static void either_side_may_be_alone(void **state)
{
	struct spec_integration integration = {.id = INT64_MAX};
	struct state_entry entry = {.id = INT64_MAX, .accepted = true};
	struct spec full = {.api.url = here, .integrations = &integration, .count = 1};
	struct spec none = {.api.url = here};
	struct state known = {.url = here, .entries = &entry, .count = 1};
	struct state nothing = {0};
	struct plan plan;
	struct plan_item item = only(&full, &nothing);

	(void)state;
	assert_int_equal(item.kind, PLAN_NEW);
	assert_ptr_equal(item.integration, &integration);
	assert_null(item.entry);
	item = only(&none, &known);
	assert_int_equal(item.kind, PLAN_GONE);
	assert_int_equal(item.id, INT64_MAX);
	assert_null(item.integration);
	assert_ptr_equal(item.entry, &entry);
	assert_int_equal(only(&full, &known).kind, PLAN_EQUAL);
	known.count = 0;
	assert_null(only(&full, &known).entry);
	full.count = 0;
	known.count = 1;
	assert_null(only(&full, &known).integration);
	plan_diff(&plan, &none, &nothing, NULL);
	assert_int_equal(plan.count, 0);
	plan_clear(&plan);
	plan_clear(&plan);
}

static void other_server_knows_nothing(void **state)
{
	struct spec_integration integrations[] = {{.id = 1}, {.id = 2}};
	struct state_entry entries[] = {{.id = 2, .accepted = true}, {.id = 3, .accepted = true}};
	struct spec spec = {.api.url = here, .integrations = integrations, .count = 2};
	struct state known = {.url = elsewhere, .entries = entries, .count = 2};
	struct plan plan;

	(void)state;
	plan_diff(&plan, &spec, &known, NULL);
	assert_int_equal(plan.count, 2);
	for (size_t i = 0; i < plan.count; i++) {
		assert_int_equal(plan.items[i].kind, PLAN_NEW);
		assert_null(plan.items[i].entry);
	}
	plan_clear(&plan);
}

#define IDS 12

/* Two random sets of the ids 1 to IDS, as bits. */
static void check_kept(struct plan *plan, uint64_t all)
{
	static const int64_t ids[] = {3, 1};
	bool has_one = all >> 1 & 1, has_three = all >> 3 & 1;

	assert_int_equal(plan_keep(plan, ids, 2), !has_three ? 3 : !has_one ? 1 : 0);
	assert_int_equal(plan->count, (size_t)has_one + has_three);
	assert_true(plan_count_sends(plan) <= plan->count);
}

static void check_walk(uint64_t wanted, uint64_t known)
{
	struct spec_integration integrations[IDS];
	struct state_entry entries[IDS];
	struct spec spec = {.api.url = here, .integrations = integrations};
	struct state state = {.url = here, .entries = entries};
	struct plan plan;
	size_t at = 0;

	for (int64_t id = 1; id <= IDS; id++) {
		if (wanted >> id & 1)
			integrations[spec.count++] = (struct spec_integration){.id = id};
		if (known >> id & 1)
			entries[state.count++] = (struct state_entry){.id = id, .accepted = true};
	}
	plan_diff(&plan, &spec, &state, NULL);
	for (int64_t id = 1; id <= IDS; id++) {
		bool in_spec = wanted >> id & 1, in_state = known >> id & 1;

		if (!in_spec && !in_state)
			continue;
		assert_true(at < plan.count);
		assert_int_equal(plan.items[at].id, id);
		assert_int_equal(plan.items[at].integration != NULL, in_spec);
		assert_int_equal(plan.items[at].entry != NULL, in_state);
		assert_int_equal(plan.items[at].kind, !in_spec    ? PLAN_GONE
		                                      : !in_state ? PLAN_NEW
		                                                  : PLAN_EQUAL);
		at++;
	}
	assert_int_equal(at, plan.count);
	check_kept(&plan, wanted | known);
	plan_clear(&plan);
}

static void walk_meets_every_id_once(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int round = 0; round < 2000; round++)
		check_walk(backoff_random(&random), backoff_random(&random));
}

static void assert_entry(const struct state_entry *entry, int64_t id, int64_t accepted_at,
                         const char *cron)
{
	assert_int_equal(entry->id, id);
	assert_true(entry->accepted);
	assert_int_equal(entry->accepted_at, accepted_at);
	assert_string_equal(entry->value.indexing_cron, cron);
}

/* What is reported of it afterwards: when it was accepted, and what was there before. */
static void assumed_state_remembers(void **state)
{
	struct spec_integration integrations[] = {
		{.id = 1, .value.indexing_cron = six, .credentials = 8},
		{.id = 2, .value.indexing_cron = six, .credentials = 8},
		{.id = 3, .value.indexing_cron = six, .credentials = 8}};
	struct state_entry entries[] = {
		{.id = 2, .accepted = true, .accepted_at = 5, .value.indexing_cron = six},
		{.id = 3, .accepted = true, .accepted_at = 5, .value.indexing_cron = six},
		{.id = 9, .accepted = true, .accepted_at = 5, .value.indexing_cron = seven}};
	struct wire_remote items[] = {{.id = 1, .cron_known = WIRE_GIVEN, .indexing_cron = six},
	                              {.id = 2, .cron_known = WIRE_GIVEN, .indexing_cron = six},
	                              {.id = 3, .cron_known = WIRE_GIVEN, .indexing_cron = seven}};
	struct wire_remotes remotes = {.items = items, .count = COUNT(items)};
	struct spec spec = {.api.url = here,
	                    .drift.mode = SPEC_DRIFT_REPORT,
	                    .integrations = integrations,
	                    .count = COUNT(integrations)};
	struct state known = {.url = here, .entries = entries, .count = COUNT(entries)};
	struct state nothing = {0}, assumed;
	struct plan plan;

	(void)state;
	plan_diff(&plan, &spec, &known, &remotes);
	plan_assume(&plan, &spec, 7, &assumed);
	plan_clear(&plan);
	assert_string_equal(assumed.url, here);
	assert_int_equal(assumed.count, 3);
	assert_entry(&assumed.entries[0], 2, 5, six);
	assert_entry(&assumed.entries[1], 3, 5, seven);
	assert_entry(&assumed.entries[2], 9, 5, seven);
	state_clear(&assumed);
	plan_diff(&plan, &spec, &nothing, &remotes);
	plan_assume(&plan, &spec, 7, &assumed);
	plan_clear(&plan);
	assert_int_equal(assumed.count, 2);
	assert_entry(&assumed.entries[0], 1, 7, six);
	assert_entry(&assumed.entries[1], 2, 7, six);
	assert_true(assumed.entries[0].credentials == 8);
	state_clear(&assumed);
}

/* A server that trims names takes a name twice; then nobody sends it any more. */
static void contradicted_name_is_sent_twice(void **state)
{
	struct spec_integration integration = {.id = 1, .value = {.name = name}};
	struct state_entry entry = {.id = 1, .accepted = true, .value = {.name = name}};
	struct wire_remote remote = {.id = 1, .cron_known = WIRE_NONE, .name = growth};
	struct wire_remotes remotes = {.items = &remote, .count = 1};
	struct spec spec = {.api.url = here, .integrations = &integration, .count = 1};
	struct state known = {.url = here, .entries = &entry, .count = 1}, assumed;
	unsigned sends = 0;

	(void)state;
	for (int run = 0; run < 5; run++) {
		struct plan plan;

		plan_diff(&plan, &spec, &known, &remotes);
		sends += plan_sends(&plan.items[0]);
		plan_assume(&plan, &spec, 7, &assumed);
		plan_clear(&plan);
		entry.contradicted = assumed.entries[0].contradicted;
		state_clear(&assumed);
	}
	/* The first time it was sent for itself. */
	assert_int_equal(sends, PLAN_CONTRADICTED_MAX - 1);
	assert_int_equal(entry.contradicted, PLAN_CONTRADICTED_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_compared),
		cmocka_unit_test(list_is_compared_with),
		cmocka_unit_test(what_is_in_one_list_only_is_told_apart),
		cmocka_unit_test(either_side_may_be_alone),
		cmocka_unit_test(other_server_knows_nothing),
		cmocka_unit_test(walk_meets_every_id_once),
		cmocka_unit_test(assumed_state_remembers),
		cmocka_unit_test(contradicted_name_is_sent_twice),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
