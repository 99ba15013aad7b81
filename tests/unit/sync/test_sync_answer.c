/* SPDX-License-Identifier: MIT */
/* What an answer does to its integration: retries, back-off, parking, outcomes that are unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/sync_fixture.h"

#define DONE    VERDICT_TRANSFER_DONE
#define UNKNOWN VERDICT_TRANSFER_UNKNOWN
#define UNSENT  VERDICT_TRANSFER_NOT_SENT

static void a_rejection_goes_to_the_retry_queue_and_doubles(void **state)
{
	static const int64_t most[] = {30000, 60000, 120000, 120000};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("nonsense"));
	for (unsigned i = 0; i < 4; i++) {
		const struct sync_action *reported;

		fixture_answer(&fixture, 42, DONE, 422, 0);
		reported = fixture_find(&fixture, SYNC_REPORT_REJECTED, 42);
		assert_int_equal(reported->failed.attempt, i + 1);
		assert_in_range(reported->failed.retry_ms, most[i] / 2, most[i]);
		assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_REJECTED);
		assert_int_equal(fixture_pass(&fixture, reported->failed.retry_ms - 1), 0);
		assert_int_equal(fixture_pass(&fixture, 1), 1);
	}
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_close(&fixture);
}

static void a_rejected_edit_taken_back_is_quiet(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, fixture_one("nonsense"));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	fixture_close(&fixture);
}

/* The edit forgets the error, after this step. */
static void what_an_edit_makes_past_is_still_reported(void **state)
{
	static const struct {
		int status;
		enum sync_action_kind kind;
	} cases[] = {{403, SYNC_REPORT_REJECTED}, {422, SYNC_REPORT_REJECTED}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		fixture_open(&fixture, NULL);
		fixture_start(&fixture, fixture_one("0 6 * * *"));
		fixture_answer(&fixture, 42, DONE, 200, 0);
		fixture_start(&fixture, fixture_one("nonsense"));
		fixture_configure(&fixture, fixture_one("0 6 * * *"));
		fixture_answer(&fixture, 42, DONE, cases[i].status, 0);
		assert_string_equal(fixture_find(&fixture, cases[i].kind, 42)->failed.error.text,
		                    "words");
		assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
		assert_null(fixture_view(&fixture, 42).error_text);
		fixture_close(&fixture);
	}
}

static void the_limit_parks_until_a_change_or_a_release(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_one("nonsense");

	(void)state;
	fixture_open(&fixture, NULL);
	spec->retry.rejected_limit = 2;
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 42, DONE, 422, 0);
	assert_int_equal(fixture_pass(&fixture, 30000), 1);
	fixture_answer(&fixture, 42, DONE, 422, 0);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_REJECTED, 42)->failed.retry_ms, -1);
	assert_int_equal(fixture_pass(&fixture, INT64_C(86400000)), 0);
	fixture_release(&fixture);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

static void transient_failures_double_with_equal_jitter(void **state)
{
	static const int64_t most[] = {1000, 2000, 4000, 8000, 8000, 8000};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 6 * * *", "0 7 * * *"));
	fixture_answer(&fixture, 2, DONE, 200, 0);
	for (unsigned i = 0; i < 6; i++) {
		const struct sync_action *reported;

		fixture_answer(&fixture, 1, UNSENT, 0, 0);
		reported = fixture_find(&fixture, SYNC_REPORT_FAILED, 1);
		assert_int_equal(reported->failed.attempt, i + 1);
		assert_in_range(reported->failed.retry_ms, most[i] / 2, most[i]);
		assert_int_equal(fixture_pass(&fixture, reported->failed.retry_ms - 1), 0);
		assert_int_equal(fixture_pass(&fixture, 1000), 1);
	}
	/* What fails alone, while another one succeeded, opens no breaker. */
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_close(&fixture);
}

static void retry_after_of_others_holds_the_one(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_two("0 1 * * *", "0 2 * * *");

	(void)state;
	fixture_open(&fixture, NULL);
	spec->api.max_in_flight = 1;
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 1, DONE, 500, 20000);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 2));
	fixture_answer(&fixture, 2, DONE, 200, 0);
	assert_int_equal(fixture_pass(&fixture, 19999), 0);
	assert_int_equal(fixture_pass(&fixture, 1), 1);
	fixture_close(&fixture);
}

static void an_unknown_outcome_is_confirmed_after_the_success(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	fixture_answer(&fixture, 42, UNKNOWN, 0, 0);
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_CONFIRMING);
	assert_true(fixture_view(&fixture, 42).entry->intended);
	assert_int_equal(fixture_pass(&fixture, 58000), 0);
	assert_int_equal(fixture_pass(&fixture, 2000), 1);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_true(fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42)->accepted.confirming);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	assert_int_equal(fixture_pass(&fixture, INT64_C(86400000)), 0);
	fixture_close(&fixture);
}

/* What is pushed meanwhile is not the confirmation: it is too early for that. */
static void a_push_confirms_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_UNKNOWN, 0, 0);
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	fixture_push(&fixture, 42);
	fixture_end_saves(&fixture);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_true(fixture_view(&fixture, 42).entry->uncertain);
	assert_int_equal(fixture_pass(&fixture, 58000), 0);
	assert_int_equal(fixture_pass(&fixture, 2000), 1);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_false(fixture_view(&fixture, 42).entry->uncertain);
	fixture_close(&fixture);
}

static void a_revert_after_an_unknown_outcome_is_sent(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 1 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, fixture_one("0 2 * * *"));
	fixture_answer(&fixture, 42, UNKNOWN, 0, 0);
	fixture_configure(&fixture, fixture_one("0 1 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

/* Neither a crash nor a stop forgets it, and its time is counted from the next start on. */
static void an_unknown_outcome_survives_a_restart(void **state)
{
	const struct sync_action *sent;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, UNKNOWN, 0, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 1); /* at once */
	assert_true(fixture_view(&fixture, 42).entry->uncertain);
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_pass(&fixture, 200), 0);
	assert_int_not_equal(fixture.saving, 0);
	fixture_end_saves(&fixture);
	fixture_restart(&fixture);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_CONFIRMING);
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_pass(&fixture, 59000), 0);
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	sent = fixture_find(&fixture, SYNC_SEND, 42);
	assert_true(sent->send.confirming);
	assert_int_equal(sent->send.attempt, 1);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	assert_false(fixture_view(&fixture, 42).entry->uncertain);
	fixture_close(&fixture);
}

/* The attempts of before count no more, neither for what is confirmed nor for its back-off. */
static void a_success_forgets_the_failures(void **state)
{
	const struct sync_action *sent;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	for (int i = 0; i < 3; i++) {
		fixture_answer(&fixture, 42, UNKNOWN, 0, 0);
		fixture_end_saves(&fixture);
		assert_int_equal(fixture_pass(&fixture, 8000), 1);
	}
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 42).attempts, 0);
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_pass(&fixture, 60000), 1);
	sent = fixture_find(&fixture, SYNC_SEND, 42);
	assert_int_equal(sent->send.attempt, 1);
	fixture_answer(&fixture, 42, DONE, 500, 0);
	assert_in_range(fixture_find(&fixture, SYNC_REPORT_FAILED, 42)->failed.retry_ms, 500, 1000);
	fixture_close(&fixture);
}

/* So does a release of its rejections. */
static void a_release_starts_the_back_off_anew(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("nonsense"));
	for (int i = 0; i < 3; i++) {
		fixture_answer(&fixture, 42, DONE, 422, 0);
		assert_int_equal(fixture_pass(&fixture, 10000), 0);
		fixture_release(&fixture);
		assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	}
	fixture_answer(&fixture, 42, DONE, 422, 0);
	assert_in_range(fixture_find(&fixture, SYNC_REPORT_REJECTED, 42)->failed.retry_ms, 15000,
	                30000);
	fixture_close(&fixture);
}

/* The error of a value that is no longer wanted is none of the one that is. */
static void an_error_ends_with_what_it_was_about(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 500, 0);
	assert_string_equal(fixture_view(&fixture, 42).error_text, "words");
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	fixture_configure(&fixture, fixture_one("0 7 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_null(fixture_view(&fixture, 42).error_text);
	fixture_end_saves(&fixture);
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	assert_null(fixture_view(&fixture, 42).error_text);
	/* Nor is one that comes after the value was taken back. */
	fixture_configure(&fixture, fixture_one("0 8 * * *"));
	fixture_end_saves(&fixture);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	assert_null(fixture_view(&fixture, 42).error_text);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rejection_goes_to_the_retry_queue_and_doubles),
		cmocka_unit_test(a_rejected_edit_taken_back_is_quiet),
		cmocka_unit_test(what_an_edit_makes_past_is_still_reported),
		cmocka_unit_test(the_limit_parks_until_a_change_or_a_release),
		cmocka_unit_test(transient_failures_double_with_equal_jitter),
		cmocka_unit_test(retry_after_of_others_holds_the_one),
		cmocka_unit_test(an_unknown_outcome_is_confirmed_after_the_success),
		cmocka_unit_test(a_push_confirms_nothing),
		cmocka_unit_test(a_revert_after_an_unknown_outcome_is_sent),
		cmocka_unit_test(an_unknown_outcome_survives_a_restart),
		cmocka_unit_test(a_success_forgets_the_failures),
		cmocka_unit_test(a_release_starts_the_back_off_anew),
		cmocka_unit_test(an_error_ends_with_what_it_was_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
