/* SPDX-License-Identifier: MIT */
/* Another hand on the server: when the reconciler looks, what it tells, and what it sends over it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

static void an_equal_server_is_no_news(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_drift_list(&fixture, "0 6 * * *");
	assert_int_equal(fixture.count, 0);
	fixture_drift_next(&fixture);
	/* Another spelling of the same. */
	fixture_drift_list(&fixture, "00 6 * * 0-7");
	assert_int_equal(fixture.count, 0);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DRIFTED), 0);
	fixture_close(&fixture);
}

static void drift_is_reported_once_per_change(void **state)
{
	struct fixture fixture;
	const struct sync_action *reported;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_drift_list(&fixture, "0 5 * * *");
	reported = fixture_find(&fixture, SYNC_REPORT_DRIFT, 42);
	assert_non_null(reported);
	assert_int_equal(fixture.count, 1);
	assert_string_equal(reported->drift.remote, "0 5 * * *");
	assert_string_equal(reported->drift.value->indexing_cron, "0 6 * * *");
	assert_false(reported->drift.repairs);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_DRIFTED);
	assert_string_equal(fixture_view(&fixture, 42).drift, "0 5 * * *");
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DRIFTED), 1);
	fixture_drift_next(&fixture);
	fixture_drift_list(&fixture, "0 5 * * *");
	assert_int_equal(fixture.count, 0);
	fixture_drift_next(&fixture);
	fixture_drift_list(&fixture, NULL);
	assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 42)->drift.remote);
	fixture_drift_next(&fixture);
	fixture_drift_list(&fixture, "0 6 * * *");
	assert_int_equal(fixture.count, 0);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DRIFTED), 0);
	fixture_drift_next(&fixture);
	fixture_drift_list(&fixture, NULL);
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 42));
	fixture_close(&fixture);
}

static void an_edit_ends_the_drift(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_drift_list(&fixture, "0 5 * * *");
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPORT, "0 5 * * *"));
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DRIFTED), 0);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_null(fixture_find(&fixture, SYNC_REPORT_REPAIRED, 0));
	fixture_close(&fixture);
}

static void an_answer_that_differs_is_reported_at_once(void **state)
{
	struct fixture fixture;
	const struct sync_action *reported;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPAIR, "0 6 * * *"));
	fixture_answer_with(&fixture, 42, WIRE_GIVEN, "0 5 * * *");
	reported = fixture_find(&fixture, SYNC_REPORT_DRIFT, 42);
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42));
	assert_non_null(reported);
	assert_string_equal(reported->drift.remote, "0 5 * * *");
	/* Sending the same again at once would be answered alike. */
	assert_false(reported->drift.repairs);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_DRIFTED);
	fixture_answer_with(&fixture, 43, WIRE_GIVEN, "0 7 * * sun-sat");
	assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 43));
	fixture_close(&fixture);
}

static void what_cannot_be_seen_is_reported_once(void **state)
{
	const struct wire_remote without[] = {{.id = 42}, {.id = 43}, {.id = 0}};
	const struct wire_remote nothing[] = {{.id = 0}};
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPAIR);
	fixture_list(&fixture, 200, 0, without);
	assert_int_equal(fixture.count, 1);
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_UNKNOWN, 42));
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_UNKNOWN, 42)->unknown.count, 2);
	fixture_drift_next(&fixture);
	fixture_list_partial(&fixture, nothing);
	assert_int_equal(fixture.count, 0);
	fixture_drift_next(&fixture);
	fixture_drift_list(&fixture, "0 6 * * *");
	assert_int_equal(fixture.count, 0);
	fixture_drift_next(&fixture);
	fixture_list_partial(&fixture, nothing);
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_UNKNOWN, 42));
	fixture_close(&fixture);
}

/* Whatever schedule is shown for it: it is not Mode's, so it is no drift. */
static void another_kind_under_an_id_is_named(void **state)
{
	char tableau[] = "Tableau", mode[] = "mode";
	const struct wire_remote others[] = {
		{.id = 42, .type = tableau}, {.id = 43, .type = mode}, {.id = 0}};
	const struct sync_action *reported;
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPAIR);
	fixture_list(&fixture, 200, 0, others);
	reported = fixture_find(&fixture, SYNC_REPORT_UNKNOWN, 42);
	assert_non_null(reported);
	assert_int_equal(reported->unknown.count, 2);
	assert_string_equal(reported->unknown.type, "Tableau");
	assert_null(reported->unknown.partial);
	assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 42));
	fixture_close(&fixture);
}

static void a_list_that_is_refused_is_reported_once(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_list(&fixture, 404, 0, NULL);
	assert_string_equal(fixture_find(&fixture, SYNC_REPORT_UNKNOWN, 0)->unknown.error_text,
	                    "words");
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_drift_next(&fixture);
	fixture_list(&fixture, 403, 0, NULL);
	assert_int_equal(fixture.count, 0);
	/* The key may be refused for the list alone. */
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_close(&fixture);
}

static void a_list_that_fails_is_asked_for_again(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_list(&fixture, 500, 0, NULL);
	assert_int_equal(fixture.count, 0);
	(void)fixture_pass(&fixture, 1000);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_list(&fixture, 503, 60000, NULL);
	/* The whole host asked for it: an edit waits too. */
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPORT, "0 8 * * *"));
	assert_int_equal(fixture_pass(&fixture, 59999), 0);
	assert_null(fixture_find(&fixture, SYNC_LIST, 0));
	assert_int_equal(fixture_pass(&fixture, 1), 1);
	fixture_close(&fixture);
}

static void failures_without_end_are_told(void **state)
{
	struct fixture fixture;
	unsigned reported = 0;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	for (unsigned i = 0; i < 30; i++) {
		fixture_list(&fixture, 500, 0, NULL);
		reported += fixture_count(&fixture, SYNC_REPORT_UNKNOWN);
		(void)fixture_pass(&fixture, FIXTURE_DRIFT_MS);
		assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	}
	assert_int_equal(reported, 1);
	fixture_close(&fixture);
}

static void an_update_goes_first(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_drift_list(&fixture, "0 6 * * *");
	(void)fixture_pass(&fixture, FIXTURE_DRIFT_MS - 1);
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPORT, "0 8 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	(void)fixture_pass(&fixture, 1000);
	assert_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	/* And beside the check. */
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPORT, "0 9 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	/* The list is of the past, or not: of what was sent meanwhile nothing is believed. */
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	fixture_drift_list(&fixture, "0 8 * * *");
	assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 0));
	fixture_close(&fixture);
}

static void a_check_takes_no_token_that_is_missed(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_drift_spec(SPEC_DRIFT_REPORT, "0 6 * * *");

	(void)state;
	fixture_open(&fixture, NULL);
	spec->api.rate_limit = 0.1; /* a burst of one token, ten seconds each */
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_int_equal(fixture_pass(&fixture, 10000), 1);
	fixture_answer(&fixture, 43, VERDICT_TRANSFER_DONE, 200, 0);
	(void)fixture_pass(&fixture, 9998);
	assert_null(fixture_find(&fixture, SYNC_LIST, 0));
	(void)fixture_pass(&fixture, 2);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_close(&fixture);
}

/* 42 is refused, and the list is no witness. */
static void refuse_key(struct fixture *fixture)
{
	fixture->now_ms += GATE_WITNESS_MS; /* since the list was had */
	fixture_answer(fixture, 42, VERDICT_TRANSFER_DONE, 401, 0);
	assert_non_null(fixture_find(fixture, SYNC_LIST, 0));
	fixture_list(fixture, 401, 0, NULL);
	assert_int_equal(sync_gate(fixture->sync)->state, GATE_AUTH);
}

static void a_closed_gate_keeps_it_back(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_drift_list(&fixture, "0 6 * * *");
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPORT, "0 8 * * *"));
	refuse_key(&fixture);
	for (unsigned i = 0; i < 8; i++) {
		(void)fixture_pass(&fixture, FIXTURE_DRIFT_MS / 4);
		assert_null(fixture_find(&fixture, SYNC_LIST, 0));
		if (fixture_find(&fixture, SYNC_SEND, 42) != NULL)
			fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 401, 0);
	}
	fixture_close(&fixture);
}

/* The gate closed, and nothing is left to be sent that could find out. */
static void a_check_may_be_the_probe(void **state)
{
	const struct fixture_integration integrations[] = {
		{.id = 42, .cron = "0 8 * * *", .paused = true},
		{.id = 43, .cron = "0 7 * * *"},
		{.id = 0}};
	struct fixture fixture;
	struct spec *spec = fixture_spec(integrations);

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPORT);
	fixture_drift_list(&fixture, "0 6 * * *");
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPORT, "0 8 * * *"));
	refuse_key(&fixture);
	spec->drift = (struct spec_drift){SPEC_DRIFT_REPORT, FIXTURE_DRIFT_MS};
	fixture_start(&fixture, spec);
	assert_int_equal(fixture_pass(&fixture, FIXTURE_DRIFT_MS), 0);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_list(&fixture, 401, 0, NULL);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_AUTH);
	assert_int_equal(sync_gate(fixture.sync)->probes, 1);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_GATE, 0)->gate.probes, 1);
	assert_string_equal(fixture_find(&fixture, SYNC_REPORT_GATE, 0)->gate.error.text, "words");
	assert_int_equal(fixture_pass(&fixture, FIXTURE_DRIFT_MS), 0);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_drift_list(&fixture, "0 6 * * *");
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_OPENED, 0)->gate.state, GATE_AUTH);
	fixture_close(&fixture);
}

static void off_is_off(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_OFF, "0 6 * * *"));
	fixture_answer_with(&fixture, 42, WIRE_GIVEN, "0 5 * * *");
	assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 0));
	fixture_answer(&fixture, 43, VERDICT_TRANSFER_DONE, 200, 0);
	for (unsigned i = 0; i < 4; i++) {
		(void)fixture_pass(&fixture, FIXTURE_DRIFT_MS);
		assert_null(fixture_find(&fixture, SYNC_LIST, 0));
		if (fixture_find(&fixture, SYNC_SAVE, 0) != NULL)
			fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	}
	/* Switched on: soon. */
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_REPAIR, "0 6 * * *"));
	(void)fixture_pass(&fixture, FIXTURE_DRIFT_SOON_MS);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	/* And off again while it is under way. */
	fixture_start(&fixture, fixture_drift_spec(SPEC_DRIFT_OFF, "0 6 * * *"));
	fixture_drift_list(&fixture, "0 5 * * *");
	assert_int_equal(fixture.count, 0);
	fixture_close(&fixture);
}

static void another_server_is_looked_at_anew(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_drift_spec(SPEC_DRIFT_REPAIR, "0 6 * * *");

	(void)state;
	fixture_drift_start(&fixture, SPEC_DRIFT_REPAIR);
	free(spec->api.url);
	spec->api.url = mem_dup("https://other.example");
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	fixture_answer(&fixture, 43, VERDICT_TRANSFER_DONE, 200, 0);
	/* What the first one has is no matter any more. */
	fixture.now_ms += 10;
	fixture_drift_list(&fixture, "0 5 * * *");
	assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 0));
	(void)fixture_pass(&fixture, FIXTURE_DRIFT_SOON_MS);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_equal_server_is_no_news),
		cmocka_unit_test(drift_is_reported_once_per_change),
		cmocka_unit_test(an_edit_ends_the_drift),
		cmocka_unit_test(an_answer_that_differs_is_reported_at_once),
		cmocka_unit_test(what_cannot_be_seen_is_reported_once),
		cmocka_unit_test(another_kind_under_an_id_is_named),
		cmocka_unit_test(a_list_that_is_refused_is_reported_once),
		cmocka_unit_test(a_list_that_fails_is_asked_for_again),
		cmocka_unit_test(failures_without_end_are_told),
		cmocka_unit_test(an_update_goes_first),
		cmocka_unit_test(a_check_takes_no_token_that_is_missed),
		cmocka_unit_test(a_closed_gate_keeps_it_back),
		cmocka_unit_test(a_check_may_be_the_probe),
		cmocka_unit_test(off_is_off),
		cmocka_unit_test(another_server_is_looked_at_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
