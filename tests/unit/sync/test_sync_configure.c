/* SPDX-License-Identifier: MIT */
/* A specification meets what is known: edits, removals, credentials, pauses, another server, a
 * push. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

#define DONE VERDICT_TRANSFER_DONE

static struct spec *elsewhere(struct spec *spec)
{
	free(spec->api.url);
	spec->api.url = mem_dup("https://elsewhere.example");
	return spec;
}

static void another_url_is_another_server(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, elsewhere(fixture_one("0 6 * * *")));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

/* What one server accepts, the other one does not have, whatever became of the integration while
 * the request was under way. */
static void an_answer_of_the_server_before(void **state)
{
	static const struct fixture_integration none[] = {{.id = 0}};

	(void)state;
	for (unsigned steps = 0; steps < 4; steps++) {
		struct fixture fixture;

		fixture_open(&fixture, NULL);
		fixture_start(&fixture, fixture_one("0 6 * * *"));
		assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
		if (steps & 1)
			fixture_configure(&fixture, fixture_spec(none));
		if (steps & 2)
			fixture_configure(&fixture, elsewhere(fixture_spec(none)));
		fixture_configure(&fixture, elsewhere(fixture_one("0 6 * * *")));
		assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
		fixture_answer(&fixture, 42, DONE, 200, 0);
		if (fixture_find(&fixture, SYNC_SEND, 42) == NULL)
			fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
		assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
		assert_false(fixture_view(&fixture, 42).entry->accepted);
		fixture_close(&fixture);
	}
}

static void a_correction_is_sent_at_once(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("nonsense"));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_configure(&fixture, fixture_one("0 6 * * *")); /* its intent is on disk already */
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_int_equal(fixture_find(&fixture, SYNC_SEND, 42)->send.attempt, 1);
	fixture_close(&fixture);
}

static void never_two_in_flight_and_the_newest_goes_next(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	fixture_configure(&fixture, fixture_one("0 2 * * *"));
	fixture_configure(&fixture, fixture_one("0 3 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_string_equal(fixture_find(&fixture, SYNC_SEND, 42)->integration->value.indexing_cron,
	                    "0 3 * * *");
	assert_string_equal(fixture_view(&fixture, 42).entry->value.indexing_cron, "0 1 * * *");
	assert_string_equal(
		fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42)->accepted.value->indexing_cron,
		"0 1 * * *");
	fixture_close(&fixture);
}

static void an_edit_in_flight_forgets_the_failure(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	fixture_configure(&fixture, fixture_one("0 2 * * *"));
	fixture_answer(&fixture, 42, DONE, 503, 0);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_FAILED, 42)->failed.retry_ms, 0);
	fixture_close(&fixture);
}

static void a_removal_is_reported_and_forgotten(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 1 * * *", "0 2 * * *"));
	fixture_accept_all(&fixture);
	fixture_configure(&fixture, fixture_one("0 3 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_REMOVED, 1));
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_REMOVED, 2));
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_ADDED, 42));
	assert_int_equal(sync_count(fixture.sync), 1);
	fixture_close(&fixture);
}

static void a_removal_in_flight_waits_for_the_answer(void **state)
{
	struct fixture fixture;
	const struct fixture_integration none[] = {{.id = 0}};

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	fixture_configure(&fixture, fixture_spec(none));
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_LEAVING), 1);
	fixture_configure(&fixture, fixture_one("0 2 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0); /* its intent is saved first */
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_configure(&fixture, fixture_spec(none));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(sync_count(fixture.sync), 0);
	fixture_close(&fixture);
}

/* It is gone with its own answer, which is still to be reported. */
static void what_a_removed_one_failed_of_is_reported(void **state)
{
	const struct fixture_integration none[] = {{.id = 0}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	fixture_configure(&fixture, fixture_spec(none));
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_SETUP, 0, 0);
	assert_int_equal(sync_count(fixture.sync), 0);
	assert_string_equal(fixture_find(&fixture, SYNC_REPORT_GATE, 42)->gate.error.text, "words");
	fixture_close(&fixture);
}

static struct spec *with_token(const char *cron, const char *token)
{
	const struct fixture_integration integrations[] = {{.id = 42, .cron = cron, .token = token},
	                                                   {.id = 0}};

	return fixture_spec(integrations);
}

/* One that was accepted, and new credentials for it under way. */
static void open_rotating(struct fixture *fixture)
{
	fixture_open(fixture, NULL);
	fixture_start(fixture, fixture_one("0 1 * * *"));
	fixture_answer(fixture, 42, DONE, 200, 0);
	fixture_start(fixture, with_token("0 1 * * *", "rotated"));
	assert_non_null(fixture_find(fixture, SYNC_SEND, 42));
}

static void assert_at_rest(const struct fixture *fixture)
{
	assert_int_equal(fixture_count(fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_view(fixture, 42).shown, SYNC_IN_SYNC);
}

/* Whatever was edited while new credentials were under way: they need no second way. */
static void credentials_that_arrived_are_not_sent_again(void **state)
{
	struct fixture fixture;

	(void)state;
	open_rotating(&fixture);
	fixture_configure(&fixture, with_token("0 2 * * *", "rotated"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_configure(&fixture, with_token("0 1 * * *", "rotated"));
	assert_at_rest(&fixture);
	fixture_close(&fixture);
}

static void credentials_that_change_in_flight_are_sent(void **state)
{
	struct fixture fixture;

	(void)state;
	open_rotating(&fixture);
	fixture_configure(&fixture, with_token("0 1 * * *", "rotated again"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_at_rest(&fixture);
	fixture_close(&fixture);
}

static void paused_is_known_and_never_sent(void **state)
{
	const struct fixture_integration paused[] = {
		{.id = 42, .cron = "0 1 * * *", .paused = true}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_spec(paused));
	assert_int_equal(fixture.count, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_PAUSED);
	fixture_release(&fixture);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

static void a_push_sends_what_is_in_sync(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_push(&fixture, 42);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0); /* its intent is saved first */
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_DUE);
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_push(&fixture, 42); /* once more, after the answer */
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_at_rest(&fixture);
	fixture_push(&fixture, 7);
	assert_at_rest(&fixture);
	fixture_close(&fixture);
}

static void a_push_does_not_send_what_is_paused(void **state)
{
	const struct fixture_integration paused[] = {
		{.id = 42, .cron = "0 1 * * *", .paused = true}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_spec(paused));
	fixture_push(&fixture, 42);
	assert_int_equal(fixture.count, 0);
	fixture_close(&fixture);
}

static void a_push_takes_what_is_rejected_out_of_its_queue(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("nonsense"));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_push(&fixture, 42);
	assert_int_equal(fixture_find(&fixture, SYNC_SEND, 42)->send.attempt, 1);
	fixture_close(&fixture);
}

/* What it failed before is forgotten with its answer: the next back-off is the first. */
static void an_edit_in_flight_starts_the_back_off_anew(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 500, 0);
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	fixture_configure(&fixture, fixture_one("0 7 * * *"));
	fixture_answer(&fixture, 42, DONE, 500, 0);
	fixture_end_saves(&fixture);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 500, 0);
	assert_in_range(fixture_find(&fixture, SYNC_REPORT_FAILED, 42)->failed.retry_ms, 500, 1000);
	fixture_close(&fixture);
}

/* Nothing that one accepted counts for another, no schedule neither. */
static void no_schedule_is_sent_to_another_server_too(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one(NULL));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, elsewhere(fixture_one(NULL)));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_null(fixture_find(&fixture, SYNC_SEND, 42)->send.value->indexing_cron);
	fixture_close(&fixture);
}

/* Nor does what closed its gate. */
static void another_server_has_a_gate_of_its_own(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_many(20));
	while (sync_gate(fixture.sync)->state == GATE_OPEN) {
		for (int64_t id = 1; id <= 20; id++) {
			if (fixture_view(&fixture, id).shown == SYNC_IN_FLIGHT)
				fixture_answer(&fixture, id, VERDICT_TRANSFER_NOT_SENT, 0, 0);
		}
	}
	fixture_start(&fixture, elsewhere(fixture_many(20)));
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	assert_true(fixture_count(&fixture, SYNC_SEND) > 1);
	fixture_close(&fixture);
}

/* A push of what is paused asks for nothing, later neither. */
static void a_push_of_what_is_paused_is_forgotten(void **state)
{
	struct fixture fixture;
	struct spec *paused = fixture_one("0 6 * * *");

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	paused->integrations[0].paused = true;
	fixture_configure(&fixture, paused);
	fixture_push(&fixture, 42);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_pass(&fixture, 10000), 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_url_is_another_server),
		cmocka_unit_test(an_answer_of_the_server_before),
		cmocka_unit_test(a_correction_is_sent_at_once),
		cmocka_unit_test(never_two_in_flight_and_the_newest_goes_next),
		cmocka_unit_test(an_edit_in_flight_forgets_the_failure),
		cmocka_unit_test(a_removal_is_reported_and_forgotten),
		cmocka_unit_test(a_removal_in_flight_waits_for_the_answer),
		cmocka_unit_test(what_a_removed_one_failed_of_is_reported),
		cmocka_unit_test(credentials_that_arrived_are_not_sent_again),
		cmocka_unit_test(credentials_that_change_in_flight_are_sent),
		cmocka_unit_test(paused_is_known_and_never_sent),
		cmocka_unit_test(a_push_sends_what_is_in_sync),
		cmocka_unit_test(a_push_does_not_send_what_is_paused),
		cmocka_unit_test(a_push_takes_what_is_rejected_out_of_its_queue),
		cmocka_unit_test(an_edit_in_flight_starts_the_back_off_anew),
		cmocka_unit_test(no_schedule_is_sent_to_another_server_too),
		cmocka_unit_test(another_server_has_a_gate_of_its_own),
		cmocka_unit_test(a_push_of_what_is_paused_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
