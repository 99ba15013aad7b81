/* SPDX-License-Identifier: MIT */
/* The guard against ourselves: one that is sent over and over with nothing that asked for it is
 * parked. No sequence of answers leads there, so a retry that was planned under short waits is made
 * under long ones, again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/sync_fixture.h"

#define SHORT_MS 20
#define LONG_MS  100000

static struct spec *waits_of(int64_t wait_ms)
{
	struct spec *spec = fixture_one("0 6 * * *");

	spec->retry = (struct spec_retry){.first_ms = wait_ms,
	                                  .max_ms = wait_ms,
	                                  .rejected_first_ms = wait_ms,
	                                  .rejected_max_ms = wait_ms};
	return spec;
}

/* Rejected, and tried again long before the waits that are in force by then allow it. */
static void send_too_soon(struct fixture *fixture)
{
	fixture_configure(fixture, waits_of(SHORT_MS));
	fixture_answer(fixture, 42, VERDICT_TRANSFER_DONE, 422, 0);
	fixture_end_saves(fixture);
	fixture_configure(fixture, waits_of(LONG_MS));
	(void)fixture_pass(fixture, LONG_MS / 10);
}

static void one_that_runs_away_is_parked(void **state)
{
	struct fixture fixture;
	unsigned sends = 0;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, waits_of(LONG_MS));
	while (sends < 20 && fixture_view(&fixture, 42).shown == SYNC_IN_FLIGHT) {
		send_too_soon(&fixture);
		sends++;
	}
	assert_int_equal(sends, 6);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_PARKED);
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_RUNAWAY, 42));
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_RUNAWAY, 42)->failed.retry_ms, -1);
	assert_int_equal(fixture_pass(&fixture, 10 * LONG_MS), 0);
	/* A person may ask for it. */
	fixture_push(&fixture, 42);
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_FLIGHT);
	fixture_close(&fixture);
}

/* What is asked for is no run: however often, it is sent. */
static void what_is_asked_for_is_sent(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, waits_of(LONG_MS));
	for (int i = 0; i < 20; i++) {
		fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
		fixture_end_saves(&fixture);
		fixture_push(&fixture, 42);
		fixture_end_saves(&fixture);
		assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_FLIGHT);
	}
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_runs_away_is_parked),
		cmocka_unit_test(what_is_asked_for_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
