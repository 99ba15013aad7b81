/* SPDX-License-Identifier: MIT */
/* The list of actions: about which integration each is, whether this step's answer was its, and how
 * long what it borrows is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/sync_fixture.h"

#define DONE VERDICT_TRANSFER_DONE

/* What is saved, sent and reported of an integration names it; what is about none does not. */
static void an_action_names_its_integration(void **state)
{
	struct fixture fixture;
	const struct sync_action *action;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	action = fixture_find(&fixture, SYNC_SAVE, 0);
	assert_int_equal(action->id, 0);
	assert_null(action->integration);
	assert_int_equal(action->generation, 0);
	assert_true(action->save > 0);
	fixture_save(&fixture, fixture.saving, true);
	action = fixture_find(&fixture, SYNC_SEND, 42);
	assert_int_equal(action->integration->id, 42);
	assert_string_equal(action->integration->value.indexing_cron, "0 6 * * *");
	assert_string_equal(action->send.value->indexing_cron, "0 6 * * *");
	assert_int_equal(action->send.attempt, 1);
	assert_int_not_equal(action->generation, 0);
	fixture_close(&fixture);
}

/* An edit is another generation, so that an answer of the one before is known for what it is. */
static void an_edit_is_another_generation(void **state)
{
	struct fixture fixture;
	uint64_t first;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	first = fixture_find(&fixture, SYNC_SEND, 42)->generation;
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42)->generation, first);
	fixture_start(&fixture, fixture_one("0 7 * * *"));
	assert_int_not_equal(fixture_find(&fixture, SYNC_SEND, 42)->generation, first);
	fixture_close(&fixture);
}

/* An answer may lead to actions of others, which it did not answer. */
static void only_the_answered_one_is_by_the_answer(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_two("0 1 * * *", "0 2 * * *");

	(void)state;
	spec->api.max_in_flight = 1;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, spec);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 1);
	assert_false(fixture_find(&fixture, SYNC_SEND, 1)->by_answer);
	fixture_answer(&fixture, 1, DONE, 200, 0);
	assert_true(fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 1)->by_answer);
	assert_false(fixture_find(&fixture, SYNC_SEND, 2)->by_answer);
	fixture_answer(&fixture, 2, DONE, 422, 0);
	assert_true(fixture_find(&fixture, SYNC_REPORT_REJECTED, 2)->by_answer);
	/* The next step is about no answer. */
	fixture_release(&fixture);
	assert_false(fixture_find(&fixture, SYNC_SEND, 2)->by_answer);
	fixture_close(&fixture);
}

/* Who reports the removal can still name it; the specification before is there for as long. */
static void what_was_removed_is_named(void **state)
{
	struct fixture fixture;
	const struct sync_action *action;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 1 * * *", "0 2 * * *"));
	fixture_answer(&fixture, 1, DONE, 200, 0);
	fixture_answer(&fixture, 2, DONE, 200, 0);
	fixture_configure(&fixture, fixture_many(1));
	action = fixture_find(&fixture, SYNC_REPORT_REMOVED, 2);
	assert_int_equal(action->integration->id, 2);
	assert_string_equal(action->integration->value.indexing_cron, "0 2 * * *");
	fixture_close(&fixture);
}

/* The value before an edit is there until the next step, and the list begins anew with each. */
static void what_is_borrowed_lives_for_a_step(void **state)
{
	struct fixture fixture;
	const struct sync_action *accepted;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	accepted = fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42);
	assert_null(accepted->accepted.old);
	fixture_start(&fixture, fixture_one("0 7 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	accepted = fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42);
	assert_string_equal(accepted->accepted.old->indexing_cron, "0 6 * * *");
	assert_string_equal(accepted->accepted.value->indexing_cron, "0 7 * * *");
	fixture_end_saves(&fixture);
	fixture_push(&fixture, 7); /* nobody's */
	assert_int_equal(fixture.count, 0);
	fixture_close(&fixture);
}

/* The specification before is there for the actions of the step that replaced it. */
static void the_specification_before_can_be_taken_once(void **state)
{
	struct fixture fixture;
	struct spec *retired;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	assert_null(sync_take_retired(fixture.sync));
	fixture_configure(&fixture, fixture_one("0 7 * * *"));
	retired = sync_take_retired(fixture.sync);
	assert_string_equal(retired->integrations[0].value.indexing_cron, "0 6 * * *");
	assert_null(sync_take_retired(fixture.sync));
	spec_free(retired);
	fixture_close(&fixture);
}

/* The list grows as it must: one action for each of many integrations. */
static void there_is_an_action_for_each(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_many(1000);
	bool sent[1001] = {false};

	(void)state;
	spec->api.max_in_flight = 64;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, spec);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 64);
	for (size_t i = 0; i < fixture.count; i++) {
		if (fixture.actions[i].kind == SYNC_SEND) {
			assert_false(sent[fixture.actions[i].id]);
			sent[fixture.actions[i].id] = true;
		}
	}
	fixture_configure(&fixture, fixture_many(2000));
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ADDED), 1000);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_action_names_its_integration),
		cmocka_unit_test(an_edit_is_another_generation),
		cmocka_unit_test(only_the_answered_one_is_by_the_answer),
		cmocka_unit_test(what_was_removed_is_named),
		cmocka_unit_test(what_is_borrowed_lives_for_a_step),
		cmocka_unit_test(the_specification_before_can_be_taken_once),
		cmocka_unit_test(there_is_an_action_for_each),
	};

	return cmocka_run_group_tests_name("sync_action", tests, NULL, NULL);
}
