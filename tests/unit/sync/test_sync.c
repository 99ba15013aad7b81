/* SPDX-License-Identifier: MIT */
/* Intents, restarts and stops of the reconciler, under fake time. tests/sim asks the same of random
 * histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "support/sync_fixture.h"

#define DONE VERDICT_TRANSFER_DONE

static void sends_only_after_the_intent_is_saved(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 1);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_DUE);
	assert_true(fixture_view(&fixture, 42).entry->intended);
	fixture_save(&fixture, 1, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_string_equal(fixture_find(&fixture, SYNC_SEND, 42)->integration->value.indexing_cron,
	                    "0 6 * * *");
	fixture_close(&fixture);
}

/* A pause that is taken back at once is no way around the intent. */
static void a_pause_does_not_outrun_the_intent(void **state)
{
	const struct fixture_integration paused[] = {
		{.id = 42, .cron = "0 1 * * *", .paused = true}, {.id = 0}};
	struct fixture fixture;
	uint64_t save;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_one("0 1 * * *"));
	save = fixture_find(&fixture, SYNC_SAVE, 0)->save;
	fixture_configure(&fixture, fixture_spec(paused));
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_PAUSED);
	fixture_configure(&fixture, fixture_one("0 1 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_DUE);
	fixture_save(&fixture, save, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_configure(&fixture, fixture_spec(paused));
	fixture_answer(&fixture, 42, DONE, 500, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_PAUSED);
	fixture_configure(&fixture, fixture_one("0 1 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42)); /* its intent is still there */
	fixture_close(&fixture);
}

static void sends_although_the_intent_cannot_be_saved(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	fixture_save(&fixture, 1, false);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_null(fixture_find(&fixture, SYNC_SAVE, 0));
	fixture_pass(&fixture, 61000);
	assert_non_null(fixture_find(&fixture, SYNC_SAVE, 0));
	fixture_close(&fixture);
}

static void a_success_is_remembered_and_quiet_follows(void **state)
{
	struct fixture fixture;
	const struct sync_action *reported;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	reported = fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42);
	assert_non_null(reported);
	assert_null(reported->accepted.old);
	assert_int_equal(reported->accepted.attempt, 1);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	assert_false(fixture_view(&fixture, 42).entry->intended);
	assert_int_equal(fixture_pass(&fixture, 2100), 0);
	assert_non_null(fixture_find(&fixture, SYNC_SAVE, 0));
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_true(sync_deadline(fixture.sync) == INT64_MAX);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	assert_int_equal(fixture.count, 0);
	fixture_close(&fixture);
}

static void a_change_reports_what_was(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, fixture_one("0 7 * * *"));
	fixture_answer(&fixture, 42, DONE, 204, 0);
	assert_string_equal(
		fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42)->accepted.old->indexing_cron,
		"0 6 * * *");
	fixture_close(&fixture);
}

static void a_restart_sends_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 6 * * *", NULL));
	fixture_accept_all(&fixture);
	fixture_restart(&fixture);
	fixture_configure(&fixture, fixture_two("0 6 * * *", NULL));
	assert_int_equal(fixture.count, 0);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 2);
	fixture_close(&fixture);
}

/* An edit that is taken back while the daemon is stopped is no edit, if the server cannot have it.
 */
static void a_stop_keeps_no_intent_of_what_never_arrived(void **state)
{
	static const struct {
		enum verdict_transfer transfer; /* of the request for the edit */
		int status;                     /* 0: there was none, or it failed */
		bool is_answered;
		bool is_sent_again;
	} cases[] = {
		{.transfer = VERDICT_TRANSFER_DONE, .status = 422, .is_answered = true},
		{.transfer = VERDICT_TRANSFER_NOT_SENT, .is_answered = true},
		{.transfer = VERDICT_TRANSFER_DONE, .status = 429, .is_answered = true},
		{.transfer = VERDICT_TRANSFER_UNKNOWN, .is_answered = true, .is_sent_again = true},
		{.transfer = VERDICT_TRANSFER_DONE,
	         .status = 502,
	         .is_answered = true,
	         .is_sent_again = true},
		{.is_answered = false, .is_sent_again = true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		fixture_open(&fixture, NULL);
		fixture_start(&fixture, fixture_one("0 6 * * *"));
		fixture_answer(&fixture, 42, DONE, 200, 0);
		fixture_start(&fixture, fixture_one("0 7 * * *"));
		if (cases[i].is_answered)
			fixture_answer(&fixture, 42, cases[i].transfer, cases[i].status, 0);
		fixture_start_again(&fixture, true);
		fixture_start(&fixture, fixture_one("0 6 * * *"));
		assert_int_equal(fixture_find(&fixture, SYNC_SEND, 42) != NULL,
		                 cases[i].is_sent_again);
		fixture_close(&fixture);
	}
}

static void what_a_stop_left_unsent_is_not_added_again(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 6 * * *", "nonsense"));
	fixture_answer(&fixture, 1, DONE, 200, 0);
	fixture_answer(&fixture, 2, DONE, 422, 0);
	fixture_start_again(&fixture, true);
	fixture_configure(&fixture, fixture_two("0 6 * * *", "nonsense"));
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ADDED), 0);
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 2));
	fixture_close(&fixture);
}

static struct spec *with_second_paused(void)
{
	struct spec *spec = fixture_two("0 6 * * *", "0 7 * * *");

	spec->integrations[1].paused = true;
	return spec;
}

/* Of one that was never sent the state knows nothing. */
static void a_restart_does_not_add_the_paused(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, with_second_paused());
	fixture_answer(&fixture, 1, DONE, 200, 0);
	fixture_start_again(&fixture, true);
	fixture_configure(&fixture, with_second_paused());
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ADDED), 0);
	fixture_close(&fixture);
}

static void a_restart_sends_what_was_intended_even_if_reverted(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, fixture_one("0 7 * * *")); /* sent, and the answer never seen */
	fixture_restart(&fixture);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	fixture_close(&fixture);
}

static void a_stop_starts_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_many(20));
	fixture_stop(&fixture);
	fixture_answer(&fixture, 1, DONE, 200, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_close(&fixture);
}

/* When it was accepted is known, all is counted, and nothing is new at a first start. */
static void a_first_success_is_noted(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ADDED), 0);
	fixture_end_saves(&fixture);
	assert_int_equal(sync_count_in_flight(fixture.sync), 1);
	fixture.now_ms += 5000;
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(sync_count_in_flight(fixture.sync), 0);
	assert_int_equal(fixture_view(&fixture, 42).entry->accepted_at, fixture.now_ms / 1000);
	fixture_close(&fixture);
}

/* What was never sent, nor is to be, is not in the state. */
static void what_is_paused_from_the_first_is_not_saved(void **state)
{
	struct text text = {0};
	struct spec *spec = fixture_two("0 1 * * *", "0 2 * * *");
	struct fixture fixture;

	(void)state;
	spec->integrations[0].paused = true;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, spec);
	sync_encode(fixture.sync, false, &text);
	assert_null(strstr(text.bytes, "\"id\":1,"));
	assert_non_null(strstr(text.bytes, "\"id\":2,"));
	text_clear(&text);
	fixture_close(&fixture);
}

/* Those with the lowest ids may hang, all of them. */
static void assert_mixed(const struct fixture *fixture)
{
	int64_t highest = 0;

	for (size_t i = 0; i < fixture->count; i++) {
		if (fixture->actions[i].kind == SYNC_SEND && fixture->actions[i].id > highest)
			highest = fixture->actions[i].id;
	}
	assert_int_equal(fixture_count(fixture, SYNC_SEND), 4);
	assert_true(highest > 20);
}

static void many_go_by_no_order_of_ids(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_many(100));
	assert_mixed(&fixture);
	fixture_restart(&fixture);
	fixture_configure(&fixture, fixture_many(100));
	assert_mixed(&fixture);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_only_after_the_intent_is_saved),
		cmocka_unit_test(a_pause_does_not_outrun_the_intent),
		cmocka_unit_test(sends_although_the_intent_cannot_be_saved),
		cmocka_unit_test(a_success_is_remembered_and_quiet_follows),
		cmocka_unit_test(a_change_reports_what_was),
		cmocka_unit_test(a_restart_sends_nothing),
		cmocka_unit_test(a_stop_keeps_no_intent_of_what_never_arrived),
		cmocka_unit_test(what_a_stop_left_unsent_is_not_added_again),
		cmocka_unit_test(a_restart_does_not_add_the_paused),
		cmocka_unit_test(a_restart_sends_what_was_intended_even_if_reverted),
		cmocka_unit_test(a_stop_starts_nothing),
		cmocka_unit_test(a_first_success_is_noted),
		cmocka_unit_test(what_is_paused_from_the_first_is_not_saved),
		cmocka_unit_test(many_go_by_no_order_of_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
