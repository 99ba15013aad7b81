/* SPDX-License-Identifier: MIT */
/* What is shown of an integration: one name for each, a count for each, and whether it is settled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/sync_fixture.h"

#define DONE VERDICT_TRANSFER_DONE

static void each_has_a_name_and_is_settled_or_not(void **state)
{
	static const struct {
		const char *name;
		bool settled;
	} rows[SYNC_SHOWN_COUNT] = {
		[SYNC_IN_SYNC] = {"in-sync", true},
		[SYNC_DUE] = {"due", false},
		[SYNC_IN_FLIGHT] = {"in-flight", false},
		[SYNC_CONFIRMING] = {"confirming", false},
		[SYNC_WAITING] = {"waiting", false},
		[SYNC_REJECTED] = {"rejected", true},
		[SYNC_PARKED] = {"parked", true},
		[SYNC_PAUSED] = {"paused", true},
		[SYNC_LEAVING] = {"leaving", false},
		[SYNC_DRIFTED] = {"drifted", true},
		[SYNC_GONE] = {"gone", true},
	};

	(void)state;
	for (enum sync_state shown = 0; shown < SYNC_SHOWN_COUNT; shown++) {
		assert_string_equal(sync_shown_name(shown), rows[shown].name);
		assert_int_equal(sync_shown_is_settled(shown), rows[shown].settled);
	}
}

/* Every integration is counted once, as what it is shown. */
static void assert_counts(const struct fixture *fixture)
{
	size_t counts[SYNC_SHOWN_COUNT] = {0};

	for (size_t i = 0; i < sync_count(fixture->sync); i++)
		counts[sync_view_at(fixture->sync, i).shown]++;
	for (enum sync_state shown = 0; shown < SYNC_SHOWN_COUNT; shown++)
		assert_int_equal(sync_shown_count(fixture->sync, shown), counts[shown]);
}

static void counts_are_those_of_the_views(void **state)
{
	static const struct fixture_integration none[] = {{.id = 0}};
	const struct wire_remote other[] = {
		{.id = 4, .cron_known = WIRE_GIVEN, .indexing_cron = (char[]){"9 9 * * *"}},
		{.id = 0}};
	struct spec *spec = fixture_many(7);
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	spec->api.max_in_flight = 64;
	spec->drift = (struct spec_drift){SPEC_DRIFT_REPORT, 5000};
	spec->retry.rejected_limit = 1;
	spec->integrations[6].paused = true;
	fixture_configure(&fixture, spec);
	assert_counts(&fixture);
	fixture_save(&fixture, 1, true);
	assert_int_equal(sync_count_in_flight(fixture.sync), 6);
	for (int64_t id = 1; id <= 6; id++) {
		static const int statuses[] = {200, 422, 503, 200, 502, 200};

		fixture_answer(&fixture, id, DONE, statuses[id - 1], 0);
		assert_counts(&fixture);
	}
	assert_int_equal(fixture_view(&fixture, 2).shown, SYNC_PARKED);
	assert_int_equal(fixture_view(&fixture, 3).shown, SYNC_WAITING);
	assert_int_equal(fixture_pass(&fixture, 2000), 2);
	fixture_answer(&fixture, 5, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 5).shown, SYNC_CONFIRMING);
	assert_counts(&fixture);
	fixture_answer(&fixture, 3, DONE, 200, 0);
	(void)fixture_pass(&fixture, 5000);
	fixture_list(&fixture, 200, 0, other);
	assert_int_equal(fixture_view(&fixture, 4).shown, SYNC_DRIFTED);
	assert_string_equal(fixture_view(&fixture, 4).drift, "9 9 * * *");
	assert_counts(&fixture);
	fixture_push(&fixture, 4);
	assert_null(fixture_view(&fixture, 4).drift);
	assert_counts(&fixture);
	fixture_end_saves(&fixture);
	fixture_configure(&fixture, fixture_spec(none));
	assert_int_equal(fixture_view(&fixture, 4).shown, SYNC_LEAVING);
	assert_counts(&fixture);
	fixture_close(&fixture);
}

/* Reject what is in flight, which is when it was said to be tried again. */
static void reject_all(struct fixture *fixture, int64_t expected_ms[11])
{
	for (int64_t id = 1; id <= 10; id++) {
		const struct sync_action *report;

		if (fixture_view(fixture, id).shown != SYNC_IN_FLIGHT)
			continue;
		if (expected_ms[id] != 0)
			assert_in_range(fixture->now_ms, expected_ms[id] - 20,
			                expected_ms[id] + 1020);
		fixture_answer(fixture, id, DONE, 422, 0);
		report = fixture_find(fixture, SYNC_REPORT_REJECTED, id);
		assert_non_null(report);
		expected_ms[id] = fixture->now_ms + report->failed.retry_ms;
		assert_int_equal(fixture_view(fixture, id).due_ms, expected_ms[id]);
	}
}

/* Ten that are rejected together, at a rate limit of 5 a second, of which a fifth is theirs: what
 * is reported, and shown, is when each goes (but for one token), not only when its own delay is
 * over. */
static void the_next_try_is_the_one_that_comes(void **state)
{
	struct spec *spec = fixture_many(10);
	struct fixture fixture;
	int64_t expected_ms[11] = {0};

	(void)state;
	spec->api.rate_limit = 5;
	spec->api.max_in_flight = 10;
	spec->retry.rejected_first_ms = 100;
	spec->retry.rejected_max_ms = 100;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, spec);
	reject_all(&fixture, expected_ms);
	/* One that is rejected later may be due earlier: now all are known. */
	for (int64_t id = 1; id <= 10; id++)
		expected_ms[id] = fixture_view(&fixture, id).due_ms;
	for (int i = 0; i < 30000 / 20; i++) {
		reject_all(&fixture, expected_ms);
		(void)fixture_pass(&fixture, 20);
	}
	for (int64_t id = 1; id <= 10; id++)
		assert_in_range(expected_ms[id], fixture.now_ms - 1020, fixture.now_ms + 10100);
	fixture_close(&fixture);
}

/* What the server said of the value before is not said of an edit that it has not seen. */
static void an_edit_has_no_error_yet(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	assert_non_null(fixture_view(&fixture, 42).error_text);
	fixture_release(&fixture);
	assert_non_null(fixture_view(&fixture, 42).error_text);
	fixture_configure(&fixture, fixture_one("0 7 * * *"));
	assert_null(fixture_view(&fixture, 42).error_text);
	fixture_close(&fixture);
}

static void views_are_found_by_id(void **state)
{
	struct sync_view view;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 1 * * *", "0 2 * * *"));
	assert_true(sync_view_of(fixture.sync, 2, &view));
	assert_string_equal(view.integration->value.indexing_cron, "0 2 * * *");
	assert_false(sync_view_of(fixture.sync, 3, &view));
	assert_false(sync_view_of(fixture.sync, 0, &view));
	assert_int_equal(sync_index_after(fixture.sync, 1), 1);
	assert_int_equal(sync_index_after(fixture.sync, INT64_MAX), 2);
	fixture_close(&fixture);
}

/* When the next try is: of what waits at its time, of what is in flight not before its answer. */
static void a_view_has_the_next_try(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	assert_true(fixture_view(&fixture, 42).due_ms == INT64_MAX);
	fixture_answer(&fixture, 42, DONE, 500, 0);
	assert_int_equal(fixture_view(&fixture, 42).due_ms,
	                 fixture.now_ms +
	                         fixture_find(&fixture, SYNC_REPORT_FAILED, 42)->failed.retry_ms);
	assert_int_equal(fixture_view(&fixture, 42).attempts, 1);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_a_name_and_is_settled_or_not),
		cmocka_unit_test(counts_are_those_of_the_views),
		cmocka_unit_test(the_next_try_is_the_one_that_comes),
		cmocka_unit_test(an_edit_has_no_error_yet),
		cmocka_unit_test(views_are_found_by_id),
		cmocka_unit_test(a_view_has_the_next_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
