/* SPDX-License-Identifier: MIT */
/* The first start beside a server: what it shows counts as accepted, and what else ends the asking.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/sync_fixture.h"

#define TIMEOUT_MS 30000
#define MANY       1100
#define PIECE_MAX  300 /* reports in one step */

static char hourly[] = "0 * * * *";

/* Nothing is known of the server, and the list is asked for. */
static void open_new(struct fixture *fixture, struct spec *spec)
{
	struct state state = {0};

	fixture_open(fixture, &state);
	spec->drift.mode = SPEC_DRIFT_REPORT;
	spec->drift.interval_ms = FIXTURE_DRIFT_MS;
	fixture_configure(fixture, spec);
	assert_non_null(fixture_find(fixture, SYNC_LIST, 0));
	assert_int_equal(fixture_count(fixture, SYNC_SEND), 0);
}

/* The list has no answer, in one of the ways that are not the application's. */
static void fail_list(struct fixture *fixture, enum verdict_transfer transfer, int status)
{
	fixture->now_ms += transfer == VERDICT_TRANSFER_UNKNOWN ? TIMEOUT_MS : 1;
	fixture_list_failed(fixture, transfer, status);
	fixture_end_saves(fixture);
}

static void await_list(struct fixture *fixture)
{
	for (int i = 0; i < 10000 && !fixture->is_listing; i++)
		(void)fixture_pass(fixture, 1);
	assert_true(fixture->is_listing);
}

static void many_are_adopted_in_pieces(void **state)
{
	struct wire_remote remotes[MANY + 1] = {{.id = 0}};
	unsigned adopted;
	struct fixture fixture;

	(void)state;
	for (int64_t i = 0; i < MANY; i++)
		remotes[i] = (struct wire_remote){
			.id = i + 1, .cron_known = WIRE_GIVEN, .indexing_cron = hourly};
	open_new(&fixture, fixture_many(MANY));
	fixture_list(&fixture, 200, 0, remotes);
	adopted = fixture_count(&fixture, SYNC_REPORT_ADOPTED);
	assert_in_range(adopted, 1, PIECE_MAX);
	while (sync_deadline(fixture.sync) <= fixture.now_ms) {
		fixture_tick(&fixture);
		assert_in_range(fixture_count(&fixture, SYNC_REPORT_ADOPTED), 0, PIECE_MAX);
		assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
		adopted += fixture_count(&fixture, SYNC_REPORT_ADOPTED);
	}
	/* Each, and once of all. */
	assert_int_equal(adopted, MANY + 1);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_ADOPTED, 0) != NULL, true);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), MANY);
	fixture_close(&fixture);
}

/* The list hangs for ever, updates do not: all is sent after its second time-out. */
static void a_list_that_hangs_alone_ends_the_asking(void **state)
{
	struct fixture fixture;

	(void)state;
	open_new(&fixture, fixture_many(4));
	fail_list(&fixture, VERDICT_TRANSFER_UNKNOWN, 0);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_FLIGHT), 1);
	fixture_answer(&fixture, 1, VERDICT_TRANSFER_DONE, 200, 0);
	await_list(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DUE), 3);
	fail_list(&fixture, VERDICT_TRANSFER_UNKNOWN, 0);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_FLIGHT), 3);
	assert_in_range(fixture.now_ms - 1000000, 2 * TIMEOUT_MS, 2 * TIMEOUT_MS + 3000);
	fixture_close(&fixture);
}

/* Everything hangs for an hour: when it is over all but one are adopted. */
static void an_outage_costs_the_adoption_of_one(void **state)
{
	const struct wire_remote remotes[] = {
		{.id = 1, .cron_known = WIRE_GIVEN, .indexing_cron = hourly},
		{.id = 2, .cron_known = WIRE_GIVEN, .indexing_cron = hourly},
		{.id = 3, .cron_known = WIRE_GIVEN, .indexing_cron = hourly},
		{.id = 4, .cron_known = WIRE_GIVEN, .indexing_cron = hourly},
		{.id = 0}};
	unsigned sent = 0, hanging = 0;
	struct fixture fixture;
	int64_t over_at;

	(void)state;
	open_new(&fixture, fixture_many(4));
	over_at = fixture.now_ms + 3600000;
	for (int i = 0; i < 80000 && sync_shown_count(fixture.sync, SYNC_DUE) > 0; i++) {
		bool hangs = fixture.now_ms < over_at;
		enum verdict_transfer transfer =
			hangs ? VERDICT_TRANSFER_UNKNOWN : VERDICT_TRANSFER_DONE;

		fixture_end_saves(&fixture);
		for (int64_t id = 1; id <= 4; id++) {
			if (fixture_view(&fixture, id).shown != SYNC_IN_FLIGHT)
				continue;
			sent += !hangs;
			hanging += hangs;
			fixture_answer(&fixture, id, transfer, hangs ? 0 : 200, 0);
		}
		fixture.now_ms += fixture.is_listing && hangs ? TIMEOUT_MS : 0;
		if (fixture.is_listing && hangs)
			fixture_list_failed(&fixture, transfer, 0);
		else if (fixture.is_listing)
			fixture_list(&fixture, 200, 0, remotes);
		(void)fixture_pass(&fixture, 100);
	}
	assert_in_range(hanging, 1, 40);
	assert_in_range(sent, 0, 1);
	assert_in_range(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 3, 4);
	fixture_close(&fixture);
}

/* What is pushed meanwhile is refused, and the list, now its witness, has no answer. */
static void a_refused_push_closes_the_gate(void **state)
{
	static const struct {
		enum verdict_transfer transfer;
		int status;
	} rows[] = {
		{VERDICT_TRANSFER_UNKNOWN, 0},
		{VERDICT_TRANSFER_NOT_SENT, 0},
		{VERDICT_TRANSFER_DONE, 503},
		{VERDICT_TRANSFER_DONE, 404},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture fixture;

		open_new(&fixture, fixture_many(1));
		fixture_push(&fixture, 1);
		fixture_end_saves(&fixture);
		fixture_answer(&fixture, 1, VERDICT_TRANSFER_DONE, 403, 0);
		fail_list(&fixture, rows[i].transfer, rows[i].status);
		assert_int_equal(sync_gate(fixture.sync)->state, GATE_AUTH);
		assert_in_range(fixture_pass(&fixture, GATE_PROBE_FIRST_MS * 2), 1, 1);
		fixture_close(&fixture);
	}
}

/* The operator knows what he does. */
static void a_push_waits_for_no_list(void **state)
{
	struct fixture fixture;

	(void)state;
	open_new(&fixture, fixture_many(4));
	fixture_push(&fixture, 3);
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_view(&fixture, 3).shown, SYNC_IN_FLIGHT);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DUE), 3);
	fixture_answer(&fixture, 3, VERDICT_TRANSFER_DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 3).shown, SYNC_IN_SYNC);
	/* The list that was asked for before still decides. */
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DUE), 3);
	fixture_close(&fixture);
}

/* What was on its way when a run was killed may still arrive: the next one sends all. */
static void once_something_was_sent_a_crash_asks_no_more(void **state)
{
	struct spec *spec = fixture_many(2);
	struct fixture fixture;

	(void)state;
	open_new(&fixture, fixture_many(2));
	fixture_push(&fixture, 1);
	fixture_end_saves(&fixture);
	fixture_restart(&fixture);
	spec->drift.mode = SPEC_DRIFT_REPORT;
	fixture_configure(&fixture, spec);
	assert_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_end_saves(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_FLIGHT), 2);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_are_adopted_in_pieces),
		cmocka_unit_test(a_list_that_hangs_alone_ends_the_asking),
		cmocka_unit_test(an_outage_costs_the_adoption_of_one),
		cmocka_unit_test(a_refused_push_closes_the_gate),
		cmocka_unit_test(a_push_waits_for_no_list),
		cmocka_unit_test(once_something_was_sent_a_crash_asks_no_more),
	};

	return cmocka_run_group_tests_name("sync_adopt_alone", tests, NULL, NULL);
}
