/* SPDX-License-Identifier: MIT */
/* When the state goes to disk: intents at once, all else a moment later and together, one write at
 * a time, and again after one that failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/sync_fixture.h"

#define DONE VERDICT_TRANSFER_DONE

/* 1 to 3 are in flight, their intents are saved. */
static void start(struct fixture *fixture)
{
	fixture_open(fixture, NULL);
	fixture_start(fixture, fixture_many(3));
	assert_int_equal(fixture_count(fixture, SYNC_SEND), 3);
}

static void an_intent_is_saved_at_once(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_one("0 6 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 1);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_close(&fixture);
}

/* Each success puts the write off, but never beyond two seconds after the first. */
static void successes_are_saved_together(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture);
	fixture_answer(&fixture, 1, DONE, 200, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 0);
	assert_int_equal(fixture_pass(&fixture, 199), 0);
	assert_int_equal(fixture.saving, 0);
	fixture_answer(&fixture, 2, DONE, 200, 0);
	(void)fixture_pass(&fixture, 199);
	assert_int_equal(fixture.saving, 0);
	(void)fixture_pass(&fixture, 1);
	assert_int_not_equal(fixture.saving, 0);
	fixture_end_saves(&fixture);
	assert_int_equal(sync_deadline(fixture.sync), INT64_MAX);
	fixture_close(&fixture);
}

static void a_write_is_not_put_off_for_ever(void **state)
{
	struct spec *spec = fixture_many(30);
	struct fixture fixture;
	int64_t first_ms;

	(void)state;
	spec->api.max_in_flight = 64;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, spec);
	first_ms = fixture.now_ms;
	for (int64_t id = 1; id <= 30 && fixture.saving == 0; id++) {
		fixture_answer(&fixture, id, DONE, 200, 0);
		assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 0);
		(void)fixture_pass(&fixture, 150);
	}
	assert_int_not_equal(fixture.saving, 0);
	assert_in_range(fixture.now_ms - first_ms, 2000, 2150);
	fixture_close(&fixture);
}

/* The number of the write that follows a success. */
static uint64_t start_write(struct fixture *fixture)
{
	start(fixture);
	fixture_answer(fixture, 1, DONE, 200, 0);
	(void)fixture_pass(fixture, 200);
	assert_int_not_equal(fixture->saving, 0);
	return fixture->saving;
}

/* What changes while a write runs is in the next one. */
static void one_write_runs_at_a_time(void **state)
{
	struct fixture fixture;
	uint64_t first;

	(void)state;
	first = start_write(&fixture);
	fixture_answer(&fixture, 2, DONE, 200, 0);
	fixture_configure(&fixture, fixture_many(4)); /* an intent waits for it */
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 0);
	assert_int_equal(fixture_pass(&fixture, 60000), 0);
	assert_int_equal(fixture.saving, first);
	fixture_save(&fixture, first, true);
	assert_int_equal(fixture_find(&fixture, SYNC_SAVE, 0)->save, first + 1);
	assert_null(fixture_find(&fixture, SYNC_SEND, 4));
	fixture_save(&fixture, first + 1, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 4));
	fixture_close(&fixture);
}

static void a_change_during_a_write_is_written_after_it(void **state)
{
	struct fixture fixture;
	uint64_t first;

	(void)state;
	first = start_write(&fixture);
	(void)fixture_pass(&fixture, 10);
	fixture_answer(&fixture, 2, DONE, 200, 0);
	fixture_save(&fixture, first, true);
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 0);
	(void)fixture_pass(&fixture, 200);
	assert_int_equal(fixture.saving, first + 1);
	fixture_close(&fixture);
}

/* What changed while the write after a failed one ran is not forgotten. */
static void a_change_after_a_failed_write_is_written(void **state)
{
	struct fixture fixture;
	uint64_t second;

	(void)state;
	fixture_save(&fixture, start_write(&fixture), false);
	(void)fixture_pass(&fixture, 60000);
	second = fixture.saving;
	assert_int_not_equal(second, 0);
	fixture_answer(&fixture, 2, DONE, 200, 0);
	fixture_save(&fixture, second, true);
	(void)fixture_pass(&fixture, 200);
	assert_int_equal(fixture.saving, second + 1);
	fixture_close(&fixture);
}

/* A full disk: again after a second, more rarely each time, whatever changes meanwhile. */
static void a_failed_write_is_tried_again(void **state)
{
	static const int64_t most[] = {1000,  2000,   4000,   8000,   16000, 32000,
	                               64000, 128000, 256000, 300000, 300000};
	struct fixture fixture;

	(void)state;
	start(&fixture);
	fixture_answer(&fixture, 1, DONE, 200, 0);
	(void)fixture_pass(&fixture, 200);
	for (size_t i = 0; i < sizeof(most) / sizeof(*most); i++) {
		int64_t began_ms = fixture.now_ms;

		assert_int_not_equal(fixture.saving, 0);
		fixture_save(&fixture, fixture.saving, false);
		if (i == 0)
			fixture_answer(&fixture, 2, DONE, 200, 0);
		(void)fixture_pass(&fixture, most[i] / 2 - 1);
		assert_int_equal(fixture.saving, 0);
		while (fixture.saving == 0 && fixture.now_ms < began_ms + 2 * most[i])
			(void)fixture_pass(&fixture, 1);
		assert_in_range(fixture.now_ms - began_ms, most[i] / 2, most[i]);
	}
	fixture_save(&fixture, fixture.saving, true);
	fixture_answer(&fixture, 3, DONE, 200, 0);
	(void)fixture_pass(&fixture, 200);
	assert_int_not_equal(fixture.saving, 0);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_intent_is_saved_at_once),
		cmocka_unit_test(successes_are_saved_together),
		cmocka_unit_test(a_write_is_not_put_off_for_ever),
		cmocka_unit_test(one_write_runs_at_a_time),
		cmocka_unit_test(a_change_during_a_write_is_written_after_it),
		cmocka_unit_test(a_change_after_a_failed_write_is_written),
		cmocka_unit_test(a_failed_write_is_tried_again),
	};

	return cmocka_run_group_tests_name("sync_save", tests, NULL, NULL);
}
