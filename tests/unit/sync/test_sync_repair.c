/* SPDX-License-Identifier: MIT */
/* What is sent over drift, how often, and when it is called repaired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "support/sync_fixture.h"

/* The answer to the repair may be an echo, of any kind: the list has the last word, and soon. */
static void repaired_is_what_a_list_shows(void **state)
{
	static const struct {
		enum wire_known known;
		const char *cron;
	} answers[] = {{WIRE_UNKNOWN, NULL}, {WIRE_GIVEN, "0 6 * * *"}, {WIRE_GIVEN, "0 5 * * *"}};
	const struct sync_action *action;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct fixture fixture;

		fixture_drift_start(&fixture, SPEC_DRIFT_REPAIR);
		fixture_drift_list(&fixture, "0 5 * * *");
		assert_true(fixture_find(&fixture, SYNC_REPORT_DRIFT, 42)->drift.repairs);
		fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
		fixture_answer_with(&fixture, 42, answers[i].known, answers[i].cron);
		assert_non_null(fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42));
		assert_null(fixture_find(&fixture, SYNC_REPORT_REPAIRED, 42));
		assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 42));
		assert_int_equal(sync_shown_count(fixture.sync, SYNC_DRIFTED), i == 2);
		(void)fixture_pass(&fixture, 5000);
		assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
		fixture_drift_list(&fixture, "0 6 * * *");
		action = fixture_find(&fixture, SYNC_REPORT_REPAIRED, 42);
		assert_non_null(action);
		assert_string_equal(action->drift.remote, "0 5 * * *");
		assert_string_equal(action->drift.value->indexing_cron, "0 6 * * *");
		assert_int_equal(sync_shown_count(fixture.sync, SYNC_DRIFTED), 0);
		fixture_drift_next(&fixture);
		fixture_drift_list(&fixture, "0 6 * * *");
		assert_int_equal(fixture.count, 0);
		fixture_close(&fixture);
	}
}

struct repairs {
	unsigned found, sent, repaired, in_vain;
};

/* Ten minutes of checks each second, in which the server shows `remote`, or another schedule each
 * time (NULL), and accepts each repair. */
static struct repairs repair_for_long(struct fixture *fixture, const char *remote)
{
	struct repairs repairs = {0};
	unsigned lists = 0;

	for (int64_t end = fixture->now_ms + 600000; fixture->now_ms < end;) {
		const struct sync_action *action;
		char other[32];

		(void)fixture_pass(fixture, 100);
		if (fixture_find(fixture, SYNC_LIST, 0) != NULL) {
			(void)snprintf(other, sizeof(other), "%u 5 * * *", lists++ % 60);
			fixture_drift_list(fixture, remote != NULL ? remote : other);
			action = fixture_find(fixture, SYNC_REPORT_DRIFT, 42);
			repairs.found += action != NULL;
			repairs.in_vain += action != NULL && action->drift.in_vain;
			repairs.repaired += fixture_find(fixture, SYNC_REPORT_REPAIRED, 42) != NULL;
		}
		if (fixture_find(fixture, SYNC_SAVE, 0) != NULL)
			fixture_save(fixture, fixture_find(fixture, SYNC_SAVE, 0)->save, true);
		if (fixture_find(fixture, SYNC_SEND, 42) != NULL) {
			repairs.sent++;
			fixture_answer(fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
		}
	}
	assert_null(fixture_find(fixture, SYNC_REPORT_RUNAWAY, 0));
	return repairs;
}

static void start_repairing(struct fixture *fixture)
{
	struct spec *spec = fixture_drift_spec(SPEC_DRIFT_REPAIR, "0 6 * * *");

	fixture_open(fixture, NULL);
	spec->drift.interval_ms = 1000;
	fixture_start(fixture, spec);
	fixture_accept_all(fixture);
}

/* What the server accepts and does not heed is sent twice; then that is reported, once. */
static void a_repair_in_vain_ends(void **state)
{
	struct fixture fixture;
	struct repairs repairs;

	(void)state;
	start_repairing(&fixture);
	repairs = repair_for_long(&fixture, "0 5 * * *");
	assert_int_equal(repairs.sent, 2);
	assert_int_equal(repairs.found, 2);
	assert_int_equal(repairs.in_vain, 1);
	assert_int_equal(repairs.repaired, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_DRIFTED);
	/* A reload tries again, and so does another change on the server. */
	fixture_release(&fixture);
	repairs = repair_for_long(&fixture, "0 5 * * *");
	assert_int_equal(repairs.sent, 2);
	assert_int_equal(repairs.in_vain, 1);
	repairs = repair_for_long(&fixture, "0 4 * * *");
	assert_int_equal(repairs.sent, 2);
	assert_int_equal(repairs.found, 2);
	repairs = repair_for_long(&fixture, "0 6 * * *");
	assert_int_equal(repairs.sent, 0);
	assert_int_equal(repairs.repaired, 1);
	fixture_close(&fixture);
}

/* 30 s doubling to 120 s with jitter, within ten minutes; not 600. */
static void a_server_that_shows_other_things_each_time_is_sent_little(void **state)
{
	struct fixture fixture;
	struct repairs repairs;

	(void)state;
	start_repairing(&fixture);
	repairs = repair_for_long(&fixture, NULL);
	assert_in_range(repairs.sent, 5, 12);
	assert_int_equal(repairs.repaired, 0);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repaired_is_what_a_list_shows),
		cmocka_unit_test(a_repair_in_vain_ends),
		cmocka_unit_test(a_server_that_shows_other_things_each_time_is_sent_little),
	};

	return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
