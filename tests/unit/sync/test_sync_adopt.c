/* SPDX-License-Identifier: MIT */
/* The first start, of which no state is left: what the server's list shows equal counts as
 * accepted, all else is sent; and how long it is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DONE         VERDICT_TRANSFER_DONE

/* The strings of literals are never written to. */
static struct wire_remote remote(int64_t id, const char *cron)
{
	return (struct wire_remote){.id = id,
	                            .cron_known = cron != NULL ? WIRE_GIVEN : WIRE_NONE,
	                            .indexing_cron = (void *)(uintptr_t)cron};
}

static struct spec *reporting(struct spec *spec)
{
	spec->drift.mode = SPEC_DRIFT_REPORT;
	spec->drift.interval_ms = 3600000;
	return spec;
}

/* Start without any state, with 1 and 2 in the file. */
static void start(struct fixture *fixture)
{
	struct state nothing = {0};

	fixture_open(fixture, &nothing);
	fixture_configure(fixture, reporting(fixture_two("0 1 * * *", "0 2 * * *")));
}

static void the_list_is_asked_for_before_all_else(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture);
	assert_int_equal(fixture_count(&fixture, SYNC_LIST), 1);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 0);
	assert_int_equal(fixture_view(&fixture, 1).shown, SYNC_DUE);
	fixture_close(&fixture);
}

static void who_is_not_asked(void **state)
{
	static const struct {
		struct state state;
		enum spec_drift_mode mode;
		bool is_empty;
	} cases[] = {
		{.state = {.lost = true}, .mode = SPEC_DRIFT_REPORT},
		{.mode = SPEC_DRIFT_OFF},
		{.mode = SPEC_DRIFT_REPORT, .is_empty = true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct state left = cases[i].state;
		struct fixture fixture;
		struct spec *spec = cases[i].is_empty ? fixture_many(0) : fixture_one("0 1 * * *");

		fixture_open(&fixture, &left);
		spec->drift.mode = cases[i].mode;
		fixture_start(&fixture, spec);
		assert_int_equal(fixture_count(&fixture, SYNC_LIST), 0);
		assert_int_equal(fixture_count(&fixture, SYNC_SEND), !cases[i].is_empty);
		fixture_close(&fixture);
	}
}

/* What is equal is not sent, is reported, and is known after a restart. */
static void what_is_equal_counts_as_accepted(void **state)
{
	const struct wire_remote remotes[] = {
		remote(1, "0 1 * * *"), remote(2, "0 9 * * *"), {.id = 0}};
	const struct sync_action *adopted;
	struct fixture fixture;

	(void)state;
	start(&fixture);
	fixture_list(&fixture, 200, 0, remotes);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ADOPTED), 2);
	adopted = fixture_find(&fixture, SYNC_REPORT_ADOPTED, 1);
	assert_string_equal(adopted->adopted.value->indexing_cron, "0 1 * * *");
	assert_int_equal(fixture.actions[0].id, 1);
	assert_int_equal(fixture.actions[1].id, 0);
	assert_int_equal(fixture.actions[1].adopted.count, 1);
	assert_int_equal(fixture_view(&fixture, 1).shown, SYNC_IN_SYNC);
	assert_true(fixture_view(&fixture, 1).entry->accepted);
	assert_int_equal(fixture_view(&fixture, 1).entry->accepted_at, fixture.now_ms / 1000);
	assert_int_not_equal(fixture_view(&fixture, 1).entry->credentials, 0);
	fixture_end_saves(&fixture);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 2));
	assert_null(fixture_find(&fixture, SYNC_SEND, 1));
	fixture_answer(&fixture, 2, DONE, 200, 0);
	fixture_restart(&fixture);
	fixture_configure(&fixture, reporting(fixture_two("0 1 * * *", "0 2 * * *")));
	assert_int_equal(fixture_pass(&fixture, 10000), 0);
	fixture_close(&fixture);
}

/* Adoption of all is saved although nothing is sent. */
static void what_was_adopted_is_saved(void **state)
{
	const struct wire_remote remotes[] = {
		remote(1, "0 1 * * *"), remote(2, "0 2 * * *"), {.id = 0}};
	struct fixture fixture;

	(void)state;
	start(&fixture);
	fixture_list(&fixture, 200, 0, remotes);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_pass(&fixture, 300), 0);
	assert_int_not_equal(fixture.saving, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_LIST), 0);
	fixture_close(&fixture);
}

static void a_list_of_nothing_sends_all(void **state)
{
	const struct wire_remote none[] = {{.id = 0}};
	struct fixture fixture;

	(void)state;
	start(&fixture);
	fixture_list(&fixture, 200, 0, none);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ADOPTED), 0);
	fixture_end_saves(&fixture);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 2);
	fixture_close(&fixture);
}

/* What was pushed meanwhile is sent, equal or not. */
static void what_was_pushed_is_sent(void **state)
{
	const struct wire_remote remotes[] = {
		remote(1, "0 1 * * *"), remote(2, "0 2 * * *"), {.id = 0}};
	struct fixture fixture;

	(void)state;
	start(&fixture);
	fixture_push(&fixture, 1);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_list(&fixture, 200, 0, remotes);
	assert_null(fixture_find(&fixture, SYNC_REPORT_ADOPTED, 1));
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_ADOPTED, 2));
	fixture_end_saves(&fixture);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 1));
	assert_null(fixture_find(&fixture, SYNC_SEND, 2));
	fixture_close(&fixture);
}

/* Any definite answer without a list ends the asking. */
static void a_definite_answer_ends_the_asking(void **state)
{
	static const int statuses[] = {404, 500, 422};

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct fixture fixture;

		start(&fixture);
		fixture_list(&fixture, statuses[i], 0, NULL);
		assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ASKING), 0);
		fixture_end_saves(&fixture);
		assert_int_equal(fixture_count(&fixture, SYNC_SEND), 2);
		fixture_close(&fixture);
	}
}

/* While there is no answer no PUT would succeed either. */
static void without_an_answer_it_is_asked_again(void **state)
{
	const struct wire_remote remotes[] = {
		remote(1, "0 1 * * *"), remote(2, "0 2 * * *"), {.id = 0}};
	const struct sync_action *asking;
	struct fixture fixture;

	(void)state;
	start(&fixture);
	for (unsigned attempt = 1; attempt <= 3; attempt++) {
		int64_t most = INT64_C(500) << attempt;

		fixture_list(&fixture, 503, 0, NULL);
		asking = fixture_find(&fixture, SYNC_REPORT_ASKING, 0);
		assert_int_equal(asking->failed.attempt, attempt);
		assert_string_equal(asking->failed.error.text, "words");
		assert_in_range(asking->failed.retry_ms, most / 2, most);
		assert_int_equal(fixture_pass(&fixture, asking->failed.retry_ms - 1), 0);
		assert_int_equal(fixture_count(&fixture, SYNC_LIST), 0);
		assert_int_equal(fixture_pass(&fixture, 1), 0);
		assert_int_equal(fixture_count(&fixture, SYNC_LIST), 1);
	}
	fixture_list(&fixture, 503, 60000, NULL);
	asking = fixture_find(&fixture, SYNC_REPORT_ASKING, 0);
	assert_int_equal(asking->failed.retry_ms, 60000);
	(void)fixture_pass(&fixture, 60000);
	fixture_list(&fixture, 200, 0, remotes);
	assert_int_equal(fixture_view(&fixture, 2).shown, SYNC_IN_SYNC);
	fixture_close(&fixture);
}

/* An operator who turns it off meanwhile gets all sent. */
static void turned_off_all_is_sent(void **state)
{
	struct fixture fixture;
	struct spec *spec = fixture_two("0 1 * * *", "0 2 * * *");

	(void)state;
	start(&fixture);
	fixture_list(&fixture, 503, 0, NULL);
	spec->drift.mode = SPEC_DRIFT_OFF;
	spec->integrations[0].paused = true;
	free(spec->integrations[1].value.indexing_cron);
	spec->integrations[1].value.indexing_cron = mem_dup("0 3 * * *");
	fixture_configure(&fixture, spec);
	fixture_end_saves(&fixture);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 2));
	fixture_close(&fixture);
}

/* Until the server was asked nothing is known of it: the next run asks again. */
static void a_crash_meanwhile_asks_again(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture);
	fixture_start_again(&fixture, false);
	fixture_configure(&fixture, reporting(fixture_two("0 1 * * *", "0 2 * * *")));
	assert_int_equal(fixture_count(&fixture, SYNC_LIST), 1);
	fixture_close(&fixture);
}

/* With nothing in the file there is nothing to ask for, and what comes later is sent. */
static void what_comes_after_an_empty_start_is_sent(void **state)
{
	struct state nothing = {0};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &nothing);
	fixture_configure(&fixture, reporting(fixture_many(0)));
	fixture_start(&fixture, reporting(fixture_one("0 6 * * *")));
	assert_int_equal(fixture_count(&fixture, SYNC_LIST), 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 1);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_asked_for_before_all_else),
		cmocka_unit_test(who_is_not_asked),
		cmocka_unit_test(what_is_equal_counts_as_accepted),
		cmocka_unit_test(what_was_adopted_is_saved),
		cmocka_unit_test(a_list_of_nothing_sends_all),
		cmocka_unit_test(what_was_pushed_is_sent),
		cmocka_unit_test(a_definite_answer_ends_the_asking),
		cmocka_unit_test(without_an_answer_it_is_asked_again),
		cmocka_unit_test(turned_off_all_is_sent),
		cmocka_unit_test(a_crash_meanwhile_asks_again),
		cmocka_unit_test(what_comes_after_an_empty_start_is_sent),
	};

	return cmocka_run_group_tests_name("sync_adopt", tests, NULL, NULL);
}
