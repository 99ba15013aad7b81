/* SPDX-License-Identifier: MIT */
/* Another hand on the server: when the mind looks, what it tells, and what it sends over it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

#define SOON_MS     5000
#define INTERVAL_MS 3600000

static struct spec *spec_with(enum spec_drift_mode mode, const char *cron)
{
	const struct rig_integration integrations[] = {
		{.id = 42, .cron = cron}, {.id = 43, .cron = "0 7 * * *"}, {.id = 0}};
	struct spec *spec = rig_spec(integrations);

	spec->drift.mode = mode;
	spec->drift.interval_ms = INTERVAL_MS;
	return spec;
}

/* What a server holds that was changed by nobody, but for 42. */
static void list(struct rig *rig, const char *cron)
{
	const struct wire_remote remotes[] = {
		{.id = 7, .cron_known = WIRE_GIVEN, .indexing_cron = mem_dup("9 9 9 9 *")},
		{.id = 42,
	         .cron_known = cron != NULL ? WIRE_GIVEN : WIRE_NONE,
	         .indexing_cron = mem_dup(cron)},
		{.id = 43, .cron_known = WIRE_GIVEN, .indexing_cron = mem_dup("0 7 * * *")},
		{.id = 0}};

	rig_list(rig, 200, 0, remotes);
	for (size_t i = 0; remotes[i].id != 0; i++) {
		free(remotes[i].indexing_cron);
	}
}

/* Both accepted and saved, the first look asked for. */
static void start(struct rig *rig, enum spec_drift_mode mode)
{
	rig_open(rig, NULL);
	rig_start(rig, spec_with(mode, "0 6 * * *"));
	rig_answer(rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
	rig_answer(rig, 43, VERDICT_TRANSFER_DONE, 200, 0);
	assert_int_equal(rig_pass(rig, 2100), 0);
	rig_save(rig, rig_find(rig, SYNC_SAVE, 0)->save, true);
	assert_int_equal(rig_pass(rig, SOON_MS - 2101), 0);
	assert_null(rig_find(rig, SYNC_LIST, 0));
	assert_int_equal(rig_pass(rig, 1), 0);
	assert_non_null(rig_find(rig, SYNC_LIST, 0));
}

static void next_look(struct rig *rig)
{
	(void)rig_pass(rig, INTERVAL_MS - 1);
	assert_null(rig_find(rig, SYNC_LIST, 0));
	(void)rig_pass(rig, 1);
	assert_non_null(rig_find(rig, SYNC_LIST, 0));
}

/* Save the mark, answer the PUT that follows. */
static void take_repair(struct rig *rig)
{
	rig_save(rig, rig_find(rig, SYNC_SAVE, 0)->save, true);
	assert_non_null(rig_find(rig, SYNC_SEND, 42));
	rig_answer(rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
}

static void an_equal_server_is_no_news(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	list(&rig, "0 6 * * *");
	assert_int_equal(rig.count, 0);
	next_look(&rig);
	/* Another spelling of the same. */
	list(&rig, "00 6 * * 0-7");
	assert_int_equal(rig.count, 0);
	assert_int_equal(sync_count_drifted(rig.sync), 0);
	rig_close(&rig);
}

static void drift_is_told_once_per_change(void **state)
{
	struct rig rig;
	const struct sync_action *told;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	list(&rig, "0 5 * * *");
	told = rig_find(&rig, SYNC_TELL_DRIFT, 42);
	assert_non_null(told);
	assert_int_equal(rig.count, 1);
	assert_string_equal(told->remote, "0 5 * * *");
	assert_string_equal(told->value->indexing_cron, "0 6 * * *");
	assert_false(told->repairs);
	assert_true(rig_view(&rig, 42).drifted);
	assert_string_equal(rig_view(&rig, 42).drift, "0 5 * * *");
	assert_int_equal(sync_count_drifted(rig.sync), 1);
	next_look(&rig);
	list(&rig, "0 5 * * *");
	assert_int_equal(rig.count, 0);
	next_look(&rig);
	list(&rig, NULL);
	assert_null(rig_find(&rig, SYNC_TELL_DRIFT, 42)->remote);
	next_look(&rig);
	list(&rig, "0 6 * * *");
	assert_int_equal(rig.count, 0);
	assert_int_equal(sync_count_drifted(rig.sync), 0);
	next_look(&rig);
	list(&rig, NULL);
	assert_non_null(rig_find(&rig, SYNC_TELL_DRIFT, 42));
	rig_close(&rig);
}

static void an_edit_ends_the_drift(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	list(&rig, "0 5 * * *");
	rig_start(&rig, spec_with(SPEC_DRIFT_REPORT, "0 5 * * *"));
	assert_int_equal(sync_count_drifted(rig.sync), 0);
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_null(rig_find(&rig, SYNC_TELL_REPAIRED, 0));
	rig_close(&rig);
}

static void repair_sends_and_tells(void **state)
{
	struct rig rig;
	const struct sync_action *told;

	(void)state;
	start(&rig, SPEC_DRIFT_REPAIR);
	list(&rig, "0 5 * * *");
	told = rig_find(&rig, SYNC_TELL_DRIFT, 42);
	assert_true(told->repairs);
	take_repair(&rig);
	told = rig_find(&rig, SYNC_TELL_REPAIRED, 42);
	assert_non_null(told);
	assert_non_null(rig_find(&rig, SYNC_TELL_ACCEPTED, 42));
	assert_string_equal(told->remote, "0 5 * * *");
	assert_string_equal(told->value->indexing_cron, "0 6 * * *");
	assert_int_equal(sync_count_drifted(rig.sync), 0);
	rig_close(&rig);
}

/* What the server takes and does not heed is sent rarer and rarer, and told each time it is. */
static void a_repair_in_vain_backs_off(void **state)
{
	struct rig rig;
	struct spec *spec = spec_with(SPEC_DRIFT_REPAIR, "0 6 * * *");
	unsigned repairs = 0;

	(void)state;
	rig_open(&rig, NULL);
	spec->drift.interval_ms = 1000;
	rig_start(&rig, spec);
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
	rig_answer(&rig, 43, VERDICT_TRANSFER_DONE, 200, 0);
	for (int64_t end = rig.now_ms + 600000; rig.now_ms < end;) {
		(void)rig_pass(&rig, 100);
		if (rig_find(&rig, SYNC_LIST, 0) != NULL) {
			list(&rig, "0 5 * * *");
			if (rig_find(&rig, SYNC_TELL_DRIFT, 42) != NULL &&
			    rig_find(&rig, SYNC_TELL_DRIFT, 42)->repairs) {
				repairs++;
			}
		}
		if (rig_find(&rig, SYNC_SAVE, 0) != NULL) {
			rig_save(&rig, rig_find(&rig, SYNC_SAVE, 0)->save, true);
		}
		if (rig_find(&rig, SYNC_SEND, 42) != NULL) {
			rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
		}
	}
	/* 30 s doubling to 120 s with jitter, within ten minutes; not 600. */
	assert_in_range(repairs, 5, 12);
	assert_null(rig_find(&rig, SYNC_TELL_RUNAWAY, 0));
	rig_close(&rig);
}

static void an_answer_that_differs_is_told_at_once(void **state)
{
	struct rig rig;
	const struct sync_action *told;

	(void)state;
	rig_open(&rig, NULL);
	rig_start(&rig, spec_with(SPEC_DRIFT_REPAIR, "0 6 * * *"));
	rig_answer_with(&rig, 42, WIRE_GIVEN, "0 5 * * *");
	told = rig_find(&rig, SYNC_TELL_DRIFT, 42);
	assert_non_null(rig_find(&rig, SYNC_TELL_ACCEPTED, 42));
	assert_non_null(told);
	assert_string_equal(told->remote, "0 5 * * *");
	/* Sending the same again at once would be answered alike. */
	assert_false(told->repairs);
	assert_int_equal(rig_view(&rig, 42).state, SYNC_IN_SYNC);
	rig_answer_with(&rig, 43, WIRE_GIVEN, "0 7 * * sun-sat");
	assert_null(rig_find(&rig, SYNC_TELL_DRIFT, 43));
	rig_close(&rig);
}

static void what_cannot_be_seen_is_told_once(void **state)
{
	const struct wire_remote without[] = {{.id = 42}, {.id = 43}, {.id = 0}};
	const struct wire_remote nothing[] = {{.id = 0}};
	struct rig rig;

	(void)state;
	start(&rig, SPEC_DRIFT_REPAIR);
	rig_list(&rig, 200, 0, without);
	assert_int_equal(rig.count, 1);
	assert_non_null(rig_find(&rig, SYNC_TELL_BLIND, 42));
	assert_int_equal(rig_find(&rig, SYNC_TELL_BLIND, 42)->unseen, 2);
	next_look(&rig);
	rig_list(&rig, 200, 0, nothing);
	assert_int_equal(rig.count, 0);
	next_look(&rig);
	list(&rig, "0 6 * * *");
	assert_int_equal(rig.count, 0);
	next_look(&rig);
	rig_list(&rig, 200, 0, nothing);
	assert_non_null(rig_find(&rig, SYNC_TELL_BLIND, 42));
	rig_close(&rig);
}

static void a_list_that_is_refused_is_told_once(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	rig_list(&rig, 404, 0, NULL);
	assert_string_equal(rig_find(&rig, SYNC_TELL_BLIND, 0)->words, "words");
	assert_int_equal(sync_gate(rig.sync)->state, GATE_OPEN);
	next_look(&rig);
	rig_list(&rig, 403, 0, NULL);
	assert_int_equal(rig.count, 0);
	/* The key may be refused for the list alone. */
	assert_int_equal(sync_gate(rig.sync)->state, GATE_OPEN);
	rig_close(&rig);
}

static void a_list_that_fails_is_asked_for_again(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	rig_list(&rig, 500, 0, NULL);
	assert_int_equal(rig.count, 0);
	(void)rig_pass(&rig, 1000);
	assert_non_null(rig_find(&rig, SYNC_LIST, 0));
	rig_list(&rig, 503, 60000, NULL);
	/* The whole host asked for it: an edit waits too. */
	rig_start(&rig, spec_with(SPEC_DRIFT_REPORT, "0 8 * * *"));
	assert_int_equal(rig_pass(&rig, 59999), 0);
	assert_null(rig_find(&rig, SYNC_LIST, 0));
	assert_int_equal(rig_pass(&rig, 1), 1);
	rig_close(&rig);
}

static void failures_without_end_are_told(void **state)
{
	struct rig rig;
	unsigned told = 0;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	for (unsigned i = 0; i < 30; i++) {
		rig_list(&rig, 500, 0, NULL);
		told += rig_count(&rig, SYNC_TELL_BLIND);
		(void)rig_pass(&rig, INTERVAL_MS);
		assert_non_null(rig_find(&rig, SYNC_LIST, 0));
	}
	assert_int_equal(told, 1);
	rig_close(&rig);
}

static void an_update_goes_first(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	list(&rig, "0 6 * * *");
	(void)rig_pass(&rig, INTERVAL_MS - 1);
	rig_start(&rig, spec_with(SPEC_DRIFT_REPORT, "0 8 * * *"));
	assert_non_null(rig_find(&rig, SYNC_SEND, 42));
	(void)rig_pass(&rig, 1000);
	assert_null(rig_find(&rig, SYNC_LIST, 0));
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_non_null(rig_find(&rig, SYNC_LIST, 0));
	/* And beside the look. */
	rig_start(&rig, spec_with(SPEC_DRIFT_REPORT, "0 9 * * *"));
	assert_non_null(rig_find(&rig, SYNC_SEND, 42));
	/* The list is of the past, or not: of what was sent meanwhile nothing is believed. */
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
	list(&rig, "0 8 * * *");
	assert_null(rig_find(&rig, SYNC_TELL_DRIFT, 0));
	rig_close(&rig);
}

static void a_look_takes_no_token_that_is_missed(void **state)
{
	struct rig rig;
	struct spec *spec = spec_with(SPEC_DRIFT_REPORT, "0 6 * * *");

	(void)state;
	rig_open(&rig, NULL);
	spec->api.rate_limit = 0.1; /* a burst of one token, ten seconds each */
	rig_start(&rig, spec);
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_int_equal(rig_pass(&rig, 10000), 1);
	rig_answer(&rig, 43, VERDICT_TRANSFER_DONE, 200, 0);
	(void)rig_pass(&rig, 9998);
	assert_null(rig_find(&rig, SYNC_LIST, 0));
	(void)rig_pass(&rig, 2);
	assert_non_null(rig_find(&rig, SYNC_LIST, 0));
	rig_close(&rig);
}

static void a_closed_gate_keeps_it_back(void **state)
{
	struct rig rig;

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	list(&rig, "0 6 * * *");
	rig_start(&rig, spec_with(SPEC_DRIFT_REPORT, "0 8 * * *"));
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 401, 0);
	assert_int_equal(sync_gate(rig.sync)->state, GATE_AUTH);
	for (unsigned i = 0; i < 8; i++) {
		(void)rig_pass(&rig, INTERVAL_MS / 4);
		assert_null(rig_find(&rig, SYNC_LIST, 0));
		if (rig_find(&rig, SYNC_SEND, 42) != NULL) {
			rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 401, 0);
		}
	}
	rig_close(&rig);
}

/* The gate closed, and nothing is left to be sent that could find out. */
static void a_look_may_be_the_probe(void **state)
{
	const struct rig_integration integrations[] = {
		{.id = 42, .cron = "0 8 * * *", .paused = true},
		{.id = 43, .cron = "0 7 * * *"},
		{.id = 0}};
	struct rig rig;
	struct spec *spec = rig_spec(integrations);

	(void)state;
	start(&rig, SPEC_DRIFT_REPORT);
	list(&rig, "0 6 * * *");
	rig_start(&rig, spec_with(SPEC_DRIFT_REPORT, "0 8 * * *"));
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 401, 0);
	spec->drift = (struct spec_drift){SPEC_DRIFT_REPORT, INTERVAL_MS};
	rig_start(&rig, spec);
	assert_int_equal(rig_pass(&rig, INTERVAL_MS), 0);
	assert_non_null(rig_find(&rig, SYNC_LIST, 0));
	rig_list(&rig, 401, 0, NULL);
	assert_int_equal(sync_gate(rig.sync)->state, GATE_AUTH);
	assert_int_equal(sync_gate(rig.sync)->probes, 1);
	assert_null(rig_find(&rig, SYNC_TELL_GATE, 0));
	assert_int_equal(rig_pass(&rig, INTERVAL_MS), 0);
	assert_non_null(rig_find(&rig, SYNC_LIST, 0));
	list(&rig, "0 6 * * *");
	assert_int_equal(sync_gate(rig.sync)->state, GATE_OPEN);
	assert_int_equal(rig_find(&rig, SYNC_TELL_OPENED, 0)->gate, GATE_AUTH);
	rig_close(&rig);
}

static void off_is_off(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, NULL);
	rig_start(&rig, spec_with(SPEC_DRIFT_OFF, "0 6 * * *"));
	rig_answer_with(&rig, 42, WIRE_GIVEN, "0 5 * * *");
	assert_null(rig_find(&rig, SYNC_TELL_DRIFT, 0));
	rig_answer(&rig, 43, VERDICT_TRANSFER_DONE, 200, 0);
	for (unsigned i = 0; i < 4; i++) {
		(void)rig_pass(&rig, INTERVAL_MS);
		assert_null(rig_find(&rig, SYNC_LIST, 0));
		if (rig_find(&rig, SYNC_SAVE, 0) != NULL) {
			rig_save(&rig, rig_find(&rig, SYNC_SAVE, 0)->save, true);
		}
	}
	/* Switched on: soon. */
	rig_start(&rig, spec_with(SPEC_DRIFT_REPAIR, "0 6 * * *"));
	(void)rig_pass(&rig, SOON_MS);
	assert_non_null(rig_find(&rig, SYNC_LIST, 0));
	/* And off again while it is under way. */
	rig_start(&rig, spec_with(SPEC_DRIFT_OFF, "0 6 * * *"));
	list(&rig, "0 5 * * *");
	assert_int_equal(rig.count, 0);
	rig_close(&rig);
}

static void another_server_is_looked_at_anew(void **state)
{
	struct rig rig;
	struct spec *spec = spec_with(SPEC_DRIFT_REPAIR, "0 6 * * *");

	(void)state;
	start(&rig, SPEC_DRIFT_REPAIR);
	free(spec->api.url);
	spec->api.url = mem_dup("https://other.example");
	rig_start(&rig, spec);
	rig_answer(&rig, 42, VERDICT_TRANSFER_DONE, 200, 0);
	rig_answer(&rig, 43, VERDICT_TRANSFER_DONE, 200, 0);
	/* What the first one has is no matter any more. */
	rig.now_ms += 10;
	list(&rig, "0 5 * * *");
	assert_null(rig_find(&rig, SYNC_TELL_DRIFT, 0));
	(void)rig_pass(&rig, SOON_MS);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_equal_server_is_no_news),
		cmocka_unit_test(drift_is_told_once_per_change),
		cmocka_unit_test(an_edit_ends_the_drift),
		cmocka_unit_test(repair_sends_and_tells),
		cmocka_unit_test(a_repair_in_vain_backs_off),
		cmocka_unit_test(an_answer_that_differs_is_told_at_once),
		cmocka_unit_test(what_cannot_be_seen_is_told_once),
		cmocka_unit_test(a_list_that_is_refused_is_told_once),
		cmocka_unit_test(a_list_that_fails_is_asked_for_again),
		cmocka_unit_test(failures_without_end_are_told),
		cmocka_unit_test(an_update_goes_first),
		cmocka_unit_test(a_look_takes_no_token_that_is_missed),
		cmocka_unit_test(a_closed_gate_keeps_it_back),
		cmocka_unit_test(a_look_may_be_the_probe),
		cmocka_unit_test(off_is_off),
		cmocka_unit_test(another_server_is_looked_at_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
