/* SPDX-License-Identifier: MIT */
/* What a plan says of each integration beside its kind, and in all: what differs, what is known,
 * what is worth a line, how many are sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sync/plan.h"

#define CRON      PLAN_BIT(SPEC_INDEXING_CRON)
#define NAME      PLAN_BIT(SPEC_NAME)
#define WORKSPACE PLAN_BIT(SPEC_WORKSPACE)

static char url[] = "https://here.example";
static char six[] = "0 6 * * *", seven[] = "0 7 * * *", name[] = "Finance", acme[] = "acme";

/* Compare one integration with what was accepted (NULL: nothing) and a list (NULL: none). */
static struct plan_item plan_one(const struct spec_value *desired,
                                 const struct spec_value *accepted,
                                 const struct wire_remotes *remotes, struct plan *plan)
{
	struct spec_integration integration = {.id = 42, .value = *desired};
	struct state_entry entry = {.id = 42, .accepted = true};
	const struct spec spec = {.api.url = url, .integrations = &integration, .count = 1};
	struct state state = {.url = url, .entries = &entry, .count = accepted != NULL};
	struct plan_item item;

	if (accepted != NULL)
		entry.value = *accepted;
	plan_diff(plan, &spec, &state, remotes);
	assert_int_equal(plan->count, 1);
	item = plan->items[0];
	plan_clear(plan);
	return item;
}

/* Of what is new there is only what is given; of what was accepted all is known. */
static void what_differs_and_what_is_known(void **state)
{
	static const struct {
		struct spec_value desired, accepted;
		bool is_accepted;
		unsigned differs, known;
	} cases[] = {
		{.desired = {.indexing_cron = six}, .differs = CRON},
		{.desired = {.indexing_cron = six, .name = name}, .differs = CRON | NAME},
		{.desired = {.indexing_cron = six, .workspace = acme}, .differs = CRON | WORKSPACE},
		{.desired = {.indexing_cron = six},
	         .accepted = {.indexing_cron = six},
	         .is_accepted = true,
	         .known = CRON | NAME | WORKSPACE},
		{.desired = {.indexing_cron = six},
	         .accepted = {.indexing_cron = seven},
	         .is_accepted = true,
	         .differs = CRON,
	         .known = CRON | NAME | WORKSPACE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct plan plan;
		struct plan_item item =
			plan_one(&cases[i].desired,
		                 cases[i].is_accepted ? &cases[i].accepted : NULL, NULL, &plan);

		assert_int_equal(item.differs, cases[i].differs);
		assert_int_equal(item.known, cases[i].known);
	}
}

/* What a part of a list lacks may be in the rest. */
static void a_partial_list_lacks_nothing(void **state)
{
	const struct spec_value value = {.indexing_cron = six};
	struct wire_remotes remotes = {.partial = "has further pages"};
	struct plan plan;

	(void)state;
	assert_int_equal(plan_one(&value, &value, &remotes, &plan).basis, PLAN_NOT_SHOWN);
	remotes.partial = NULL;
	assert_int_equal(plan_one(&value, &value, &remotes, &plan).basis, PLAN_NOT_LISTED);
}

/* Whatever is sent, was left by the file, or is equal and not there. */
static void what_is_worth_a_line(void **state)
{
	static const struct {
		enum plan_kind kind;
		enum plan_basis basis;
		bool is_notable, sends;
	} cases[] = {
		{PLAN_NEW, PLAN_BY_STATE, true, true},
		{PLAN_CHANGED, PLAN_BY_LIST, true, true},
		{PLAN_AGAIN, PLAN_BY_LIST, true, true},
		{PLAN_DRIFTED, PLAN_BY_LIST, true, true},
		{PLAN_GONE, PLAN_BY_STATE, true, false},
		{PLAN_EQUAL, PLAN_BY_LIST, false, false},
		{PLAN_EQUAL, PLAN_BY_STATE, false, false},
		{PLAN_EQUAL, PLAN_NOT_SHOWN, false, false},
		{PLAN_EQUAL, PLAN_NOT_LISTED, true, false},
		{PLAN_PAUSED, PLAN_NOT_LISTED, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct plan_item item = {.kind = cases[i].kind, .basis = cases[i].basis};
		struct plan plan = {.counts = {0}};

		plan.counts[item.kind] = 3;
		assert_int_equal(plan_is_notable(&item), cases[i].is_notable);
		assert_int_equal(plan_sends(&item), cases[i].sends);
		assert_int_equal(plan_count_sends(&plan), cases[i].sends ? 3 : 0);
	}
}

/* A name that the server has after all, or that is another now, was not sent in vain. */
static void a_name_sent_in_vain_is_forgotten(void **state)
{
	static const struct {
		char *accepted, *listed;
		unsigned contradicted;
	} cases[] = {{name, name, 0}, {acme, name, 0}, {name, acme, 2}, {name, NULL, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct spec_integration integration = {.id = 42, .value.name = name};
		struct state_entry entry = {.id = 42,
		                            .accepted = true,
		                            .contradicted = 1,
		                            .value.name = cases[i].accepted};
		struct wire_remote remote = {
			.id = 42, .cron_known = WIRE_NONE, .name = cases[i].listed};
		const struct wire_remotes remotes = {.items = &remote, .count = 1};
		const struct spec spec = {.api.url = url, .integrations = &integration, .count = 1};
		const struct state before = {.url = url, .entries = &entry, .count = 1};
		struct state assumed = {0};
		struct plan plan;

		plan_diff(&plan, &spec, &before, &remotes);
		plan_assume(&plan, &spec, 1700000000, &assumed);
		assert_int_equal(assumed.count, 1);
		assert_int_equal(assumed.entries[0].contradicted, cases[i].contradicted);
		state_clear(&assumed);
		plan_clear(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_and_what_is_known),
		cmocka_unit_test(a_partial_list_lacks_nothing),
		cmocka_unit_test(what_is_worth_a_line),
		cmocka_unit_test(a_name_sent_in_vain_is_forgotten),
	};

	return cmocka_run_group_tests_name("plan_sums", tests, NULL, NULL);
}
