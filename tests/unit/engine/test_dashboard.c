/* SPDX-License-Identifier: MIT */
/* The line to the letter: how many are in sync, and what is said of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/report.h"
#include "support/sync_fixture.h"

#define EIGHT 8

static void assert_line(const struct fixture *fixture, const char *expected)
{
	struct text line = {0};

	dashboard_text(fixture->sync, &line);
	assert_string_equal(line.bytes, expected);
	text_clear(&line);
}

/* All are in flight, for the tests to answer them in their own order. */
static void start_eight(struct fixture *fixture)
{
	struct spec *spec = fixture_many(EIGHT);

	spec->api.max_in_flight = EIGHT;
	fixture_open(fixture, NULL);
	fixture_start(fixture, spec);
}

/* All of them are answered with a status. */
static void answer_all(struct fixture *fixture, int64_t count, int status)
{
	for (int64_t id = 1; id <= count; id++) {
		fixture_answer(fixture, id, VERDICT_TRANSFER_DONE, status, 0);
		fixture_end_saves(fixture);
	}
}

static void what_is_in_sync_is_counted(void **state)
{
	struct fixture fixture;

	(void)state;
	start_eight(&fixture);
	assert_line(&fixture, "0 of 8 in sync, 8 due");
	answer_all(&fixture, 2, 200);
	assert_line(&fixture, "2 of 8 in sync, 6 due");
	fixture_accept_all(&fixture);
	assert_line(&fixture, "8 of 8 in sync");
	fixture_close(&fixture);
}

static void the_first_three_of_a_kind_are_named(void **state)
{
	struct fixture fixture;

	(void)state;
	start_eight(&fixture);
	answer_all(&fixture, 1, 422);
	assert_line(&fixture, "0 of 8 in sync, 1 rejected (1), 7 due");
	for (int64_t id = 2; id <= EIGHT; id++) {
		fixture_answer(&fixture, id, VERDICT_TRANSFER_DONE, id <= 4 ? 422 : 200, 0);
		fixture_end_saves(&fixture);
		if (id == 3)
			assert_line(&fixture, "0 of 8 in sync, 3 rejected (1, 2, 3), 5 due");
	}
	assert_line(&fixture, "4 of 8 in sync, 4 rejected (1, 2, 3, …)");
	fixture_close(&fixture);
}

static void paused_ones_are_named_too(void **state)
{
	static const struct fixture_integration some[] = {
		{.id = 7, .cron = "0 6 * * *"}, {.id = 8, .paused = true}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_spec(some));
	fixture_accept_all(&fixture);
	assert_line(&fixture, "1 of 2 in sync, 1 paused (8)");
	fixture_close(&fixture);
}

static void a_closed_gate_is_said(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_SETUP, 0, 0);
	assert_line(&fixture, "0 of 1 in sync, 1 due; the server cannot be used as configured");
	fixture_close(&fixture);
}

static void one_that_leaves_is_not_counted(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_two("0 6 * * *", "0 7 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 1));
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	assert_line(&fixture, "0 of 1 in sync, 1 due");
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_sync_is_counted),
		cmocka_unit_test(the_first_three_of_a_kind_are_named),
		cmocka_unit_test(paused_ones_are_named_too),
		cmocka_unit_test(a_closed_gate_is_said),
		cmocka_unit_test(one_that_leaves_is_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
