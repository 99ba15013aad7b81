/* SPDX-License-Identifier: MIT */
/* Plan: one case per kind, the seams of the merge walk, and random lists against the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>

#include "backoff.h"
#include "mem.h"
#include "plan.h"

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
		bool accepted, intended;
		enum plan_kind kind;
	} cases[] = {
		{.kind = PLAN_EQUAL, .accepted = true},
		{.kind = PLAN_MARKED, .accepted = true, .intended = true},
		{.kind = PLAN_NEW, .accepted = false, .intended = true},
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
		struct spec_integration integration = {.id = 42, .value = cases[i].wanted};
		struct state_entry entry = {.id = 42,
		                            .accepted = cases[i].accepted,
		                            .intended = cases[i].intended,
		                            .value = cases[i].known};
		struct spec spec = {.api.url = here, .integrations = &integration, .count = 1};
		struct state known = {.url = here, .entries = &entry, .count = 1};
		struct plan_item item = only(&spec, &known);

		assert_int_equal(item.kind, cases[i].kind);
		assert_int_equal(item.id, 42);
		assert_ptr_equal(item.integration, &integration);
		assert_ptr_equal(item.entry, &entry);
	}
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
	plan_clear(&plan);
}

static void walk_meets_every_id_once(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int round = 0; round < 2000; round++)
		check_walk(backoff_random(&random), backoff_random(&random));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_compared),
		cmocka_unit_test(either_side_may_be_alone),
		cmocka_unit_test(other_server_knows_nothing),
		cmocka_unit_test(walk_meets_every_id_once),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
