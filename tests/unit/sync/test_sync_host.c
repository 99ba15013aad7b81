/* SPDX-License-Identifier: MIT */
/* What answers do to the host: gates, witnesses, the breaker, pauses, and who goes next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

#define DONE  VERDICT_TRANSFER_DONE
#define SETUP VERDICT_TRANSFER_SETUP

static void retry_after_of_429_and_503_holds_the_host(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_two("0 1 * * *", "0 2 * * *");
	const struct sync_action *pause;

	(void)state;
	fixture_open(&fixture, NULL);
	spec->api.max_in_flight = 1;
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, fixture_sent(&fixture), DONE, 429, 20000);
	pause = fixture_find(&fixture, SYNC_REPORT_PAUSED, 0);
	assert_non_null(pause);
	assert_int_equal(pause->gate.retry_ms, 20000);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_pass(&fixture, 19999), 0);
	assert_int_equal(fixture_pass(&fixture, 1), 1);
	fixture_close(&fixture);
}

/* One of those in flight. */
static int64_t in_flight(const struct fixture *fixture)
{
	size_t i = 0;

	while (sync_view_at(fixture->sync, i).shown != SYNC_IN_FLIGHT)
		i++;
	return sync_view_at(fixture->sync, i).id;
}

/* All that are in flight get the same answer. */
static void answer_all(struct fixture *fixture, int status)
{
	for (size_t i = 0; i < sync_count(fixture->sync); i++) {
		struct sync_view view = sync_view_at(fixture->sync, i);

		if (view.shown == SYNC_IN_FLIGHT)
			fixture_answer(fixture, view.id, DONE, status, 0);
	}
}

/* 20 are due, no one is a witness, and so the gate closes: for the sake of the one returned. */
static int64_t close_gate(struct fixture *fixture, int status)
{
	const struct sync_action *report;
	int64_t first;

	fixture_open(fixture, NULL);
	fixture_start(fixture, fixture_many(20));
	assert_int_equal(fixture_count(fixture, SYNC_SEND), 4);
	first = fixture_sent(fixture);
	fixture_answer(fixture, first, DONE, status, 0);
	assert_non_null(fixture_find(fixture, SYNC_LIST, 0));
	fixture_list(fixture, status, 0, NULL);
	for (unsigned i = 0; i < 7 && sync_gate(fixture->sync)->state == GATE_OPEN; i++)
		answer_all(fixture, status);
	report = fixture_find(fixture, SYNC_REPORT_GATE, first);
	assert_non_null(report);
	assert_string_equal(report->gate.error.text, "words");
	return first;
}

static void the_auth_gate_probes_alone_and_a_new_key_opens_it(void **state)
{
	struct fixture fixture;
	struct spec *rekeyed = fixture_many(20);
	const struct sync_action *probe;

	(void)state;
	close_gate(&fixture, 401);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_AUTH);
	assert_int_equal(fixture_pass(&fixture, 29999), 0);
	assert_int_equal(fixture_pass(&fixture, 30001), 1);
	probe = fixture_find(&fixture, SYNC_SEND, 0);
	assert_non_null(probe);
	answer_all(&fixture, 401);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_GATE, 0)->gate.probes, 1);
	assert_int_equal(fixture_pass(&fixture, 59999), 0);
	free(rekeyed->api.key);
	rekeyed->api.key = mem_dup("another");
	fixture_configure(&fixture, rekeyed);
	assert_true(fixture_count(&fixture, SYNC_SEND) > 0);
	fixture_accept_all(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 20);
	fixture_close(&fixture);
}

/* Each witness leaves the first one alone: a success before, the list, another one that is due. */
static void one_forbidden_integration_does_not_hold_the_others(void **state)
{
	static const int statuses[] = {403, 401, 302};

	(void)state;
	for (unsigned i = 0; i < 9; i++) {
		unsigned witness = i % 3;
		int status = statuses[i / 3];
		struct fixture fixture;
		int64_t denied;

		fixture_open(&fixture, NULL);
		fixture_start(&fixture, fixture_many(20));
		if (witness == 0)
			fixture_answer(&fixture, in_flight(&fixture), DONE, 200, 0);
		denied = in_flight(&fixture);
		fixture_answer(&fixture, denied, DONE, status, 0);
		assert_int_equal(fixture_find(&fixture, SYNC_LIST, 0) != NULL, witness > 0);
		if (witness == 1)
			fixture_list(&fixture, 200, 0, (const struct wire_remote[]){{.id = 0}});
		if (witness == 2) {
			fixture_list(&fixture, 404, 0, NULL);
			fixture_answer(&fixture, in_flight(&fixture), DONE, 200, 0);
		}
		assert_non_null(fixture_find(&fixture, SYNC_REPORT_REJECTED, denied));
		fixture_accept_all(&fixture);
		assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 19);
		assert_int_equal(fixture_view(&fixture, denied).shown, SYNC_REJECTED);
		/* A reload remembers whose trouble it is. */
		fixture_pass(&fixture, 2 * GATE_WITNESS_MS);
		answer_all(&fixture, status);
		fixture_release(&fixture);
		answer_all(&fixture, status);
		assert_null(fixture_find(&fixture, SYNC_LIST, 0));
		assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
		fixture_close(&fixture);
	}
}

static void a_redirect_closes_the_configuration_gate(void **state)
{
	struct fixture fixture;

	(void)state;
	close_gate(&fixture, 307);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_CONFIG);
	fixture_release(&fixture);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 1);
	fixture_close(&fixture);
}

static void open_breaker(struct fixture *fixture, enum verdict_transfer transfer, int status)
{
	bool fails = transfer == DONE && status == 500;
	const struct sync_action *report;

	fixture_open(fixture, NULL);
	fixture_start(fixture, fixture_many(100));
	for (unsigned i = 0; i < 5; i++)
		fixture_answer(fixture, in_flight(fixture), transfer, status, 0);
	assert_int_equal(sync_gate(fixture->sync)->state, GATE_BREAKER);
	report = fixture_find(fixture, SYNC_REPORT_GATE, 0);
	assert_int_equal(report->gate.failing, fails);
	/* Of a server that fails sending goes on: there is no probe to wait for. */
	assert_int_equal(report->gate.retry_ms > 0, !fails);
	for (unsigned i = 0; i < 3; i++)
		fixture_answer(fixture, in_flight(fixture), transfer, status, 0);
}

/* An hour: the list, then a probe at 5 s doubling to 5 min, with jitter down to the half. */
static void the_breaker_opens_probes_and_ramps(void **state)
{
	struct fixture fixture;
	unsigned sends = 0;

	(void)state;
	open_breaker(&fixture, DONE, 503);
	assert_int_equal(fixture_pass(&fixture, 5000), 0);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_list(&fixture, 503, 0, NULL);
	for (int i = 0; i < 60; i++) {
		sends += fixture_pass(&fixture, 60000);
		answer_all(&fixture, 503);
	}
	assert_in_range(sends, 12, 36);
	assert_int_equal(fixture_pass(&fixture, 300000), 1);
	answer_all(&fixture, 200);
	fixture_pass(&fixture, 10000);
	for (int i = 0; i < 400; i++) {
		fixture_accept_all(&fixture);
		fixture_pass(&fixture, 1000);
	}
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 100);
	fixture_close(&fixture);
}

static void a_server_that_fails_is_asked_on_slowly(void **state)
{
	struct fixture fixture;
	unsigned sends = 0;

	(void)state;
	open_breaker(&fixture, DONE, 500);
	for (int i = 0; i < 200; i++) {
		sends += fixture_pass(&fixture, 100);
		answer_all(&fixture, 500);
	}
	/* Two first tries a second, and one of what failed. */
	assert_in_range(sends, 50, 62);
	fixture_close(&fixture);
}

/* The newest edit is the next probe, and at once. */
static void an_edit_is_probed_at_once(void **state)
{
	static const struct {
		enum verdict_transfer transfer;
		int status;
	} rows[] = {{DONE, 500}, {DONE, 503}, {VERDICT_TRANSFER_NOT_SENT, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture fixture;
		struct spec *spec = fixture_many(100);

		open_breaker(&fixture, rows[i].transfer, rows[i].status);
		free(spec->integrations[49].value.indexing_cron);
		spec->integrations[49].value.indexing_cron = mem_dup("0 9 * * *");
		fixture_start(&fixture, spec);
		assert_non_null(fixture_find(&fixture, SYNC_SEND, 50));
		fixture_answer(&fixture, 50, DONE, 200, 0);
		assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
		fixture_close(&fixture);
	}
}

static void the_retry_queue_has_half_of_the_requests_at_most(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_many(20));
	for (unsigned i = 0; i < 20; i++)
		fixture_answer(&fixture, in_flight(&fixture), DONE, i < 10 ? 422 : 200, 0);
	assert_int_equal(fixture_pass(&fixture, 2100), 0);
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_int_equal(fixture_pass(&fixture, 60000), 2);
	fixture_start(&fixture, fixture_many(21));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 21));
	fixture_close(&fixture);
}

static void one_always_rejected_delays_nobody(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_many(20));
	fixture_answer(&fixture, fixture_sent(&fixture), DONE, 422, 0);
	fixture_accept_all(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 19);
	fixture_close(&fixture);
}

static void the_rate_limit_holds(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_many(100);
	unsigned sends = 0;

	(void)state;
	fixture_open(&fixture, NULL);
	spec->api.rate_limit = 5;
	spec->api.max_in_flight = 64;
	fixture_start(&fixture, spec);
	sends = fixture_count(&fixture, SYNC_SEND);
	assert_int_equal(sends, 10);
	sends = fixture_pass(&fixture, 4000);
	assert_in_range(sends, 19, 20);
	fixture_close(&fixture);
}

static void tls_trust_is_a_matter_of_configuration(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_many(3));
	fixture_answer(&fixture, 1, SETUP, 0, 0);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_GATE, 1)->gate.state, GATE_CONFIG);
	fixture_close(&fixture);
}

/* A pause is reported when it begins, and ends when the operator says so. */
static void a_pause_is_reported_once_and_can_be_lifted(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_many(20));
	fixture_answer(&fixture, fixture_sent(&fixture), DONE, 429, 600000);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_PAUSED), 1);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_PAUSED, 0)->gate.retry_ms, 600000);
	fixture_answer(&fixture, in_flight(&fixture), DONE, 429, 700000);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_PAUSED), 0);
	assert_int_equal(fixture_pass(&fixture, 300000), 0);
	fixture_release(&fixture);
	assert_true(fixture_count(&fixture, SYNC_SEND) > 0);
	fixture_close(&fixture);
}

/* A 503 may be about one: its trial is another's, although this one was edited last. */
static void check_trial(int64_t paused)
{
	struct fixture fixture;
	int64_t other = 3 - paused;
	const char *first = paused == 1 ? "0 8 * * *" : "0 9 * * *";
	const char *second = paused == 1 ? "0 9 * * *" : "0 8 * * *";

	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 1 * * *", "0 2 * * *"));
	fixture_answer(&fixture, other, DONE, 200, 0);
	fixture_answer(&fixture, paused, DONE, 503, 600000);
	fixture_start(&fixture, fixture_two("0 9 * * *", "0 9 * * *"));
	fixture_start(&fixture, fixture_two(first, second));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_pass(&fixture, GATE_TRIAL_MS), 1);
	assert_int_equal(fixture_sent(&fixture), other);
	fixture_close(&fixture);
}

static void the_trial_of_a_pause_is_anothers(void **state)
{
	(void)state;
	check_trial(1);
	check_trial(2);
}

/* What closed it is rejected by itself once another passes; until then it says when it tries. */
static void a_probe_that_passes_opens_the_gate(void **state)
{
	struct fixture fixture;
	int64_t closed_by;

	(void)state;
	closed_by = close_gate(&fixture, 403);
	assert_in_range(fixture_find(&fixture, SYNC_REPORT_GATE, 0)->gate.retry_ms, 30000, 60000);
	assert_int_equal(fixture_pass(&fixture, 60000), 1);
	fixture_answer(&fixture, in_flight(&fixture), DONE, 200, 0);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_OPENED, 0)->gate.state, GATE_AUTH);
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_REJECTED, closed_by));
	assert_int_equal(fixture_view(&fixture, closed_by).shown, SYNC_REJECTED);
	fixture_close(&fixture);
}

/* The content of a file may have been corrected: whatever was loaded anew opens it. */
static void a_reload_opens_the_configuration_gate(void **state)
{
	struct fixture fixture;

	(void)state;
	close_gate(&fixture, 307);
	fixture_configure(&fixture, fixture_many(20));
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	assert_true(fixture_count(&fixture, SYNC_SEND) > 0);
	fixture_close(&fixture);
}

/* What is in flight may be a witness still. */
static void nothing_is_condemned_before_all_have_answered(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 1 * * *", "0 2 * * *"));
	fixture_answer(&fixture, 1, DONE, 401, 0);
	fixture_list(&fixture, 401, 0, NULL);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_GATE), 0);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_answer(&fixture, 2, DONE, 401, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_GATE), 1);
	fixture_close(&fixture);
}

/* Without a rate limit what failed has one all the same. */
static void what_failed_has_a_rate_of_its_own(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_many(8);

	(void)state;
	spec->api.max_in_flight = 8;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, spec);
	answer_all(&fixture, 422);
	fixture_pass(&fixture, 10000);
	fixture_release(&fixture);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 1);
	assert_int_equal(fixture_pass(&fixture, 999), 0);
	assert_int_equal(fixture_pass(&fixture, 1), 1);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retry_after_of_429_and_503_holds_the_host),
		cmocka_unit_test(the_auth_gate_probes_alone_and_a_new_key_opens_it),
		cmocka_unit_test(one_forbidden_integration_does_not_hold_the_others),
		cmocka_unit_test(a_redirect_closes_the_configuration_gate),
		cmocka_unit_test(the_breaker_opens_probes_and_ramps),
		cmocka_unit_test(a_server_that_fails_is_asked_on_slowly),
		cmocka_unit_test(an_edit_is_probed_at_once),
		cmocka_unit_test(the_retry_queue_has_half_of_the_requests_at_most),
		cmocka_unit_test(one_always_rejected_delays_nobody),
		cmocka_unit_test(the_rate_limit_holds),
		cmocka_unit_test(tls_trust_is_a_matter_of_configuration),
		cmocka_unit_test(a_pause_is_reported_once_and_can_be_lifted),
		cmocka_unit_test(the_trial_of_a_pause_is_anothers),
		cmocka_unit_test(a_probe_that_passes_opens_the_gate),
		cmocka_unit_test(a_reload_opens_the_configuration_gate),
		cmocka_unit_test(nothing_is_condemned_before_all_have_answered),
		cmocka_unit_test(what_failed_has_a_rate_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
