/* SPDX-License-Identifier: MIT */
/* Lists that say less than they seem to: of another server, with an empty schedule, or none before
 * a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

#define SOON_MS     5000
#define INTERVAL_MS 3600000

static struct spec *spec_of(const char *cron, const char *url)
{
	struct spec *spec = fixture_one(cron);

	spec->drift.mode = SPEC_DRIFT_REPORT;
	spec->drift.interval_ms = INTERVAL_MS;
	if (url != NULL) {
		free(spec->api.url);
		spec->api.url = mem_dup(url);
	}
	return spec;
}

/* Accepted and saved, and the list is asked for. */
static void start(struct fixture *fixture, const char *cron)
{
	fixture_open(fixture, NULL);
	fixture_start(fixture, spec_of(cron, NULL));
	fixture_answer(fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	(void)fixture_pass(fixture, 1000);
	fixture_end_saves(fixture);
	(void)fixture_pass(fixture, SOON_MS - 1000);
	assert_non_null(fixture_find(fixture, SYNC_LIST, 0));
}

/* That is how some servers say that there is none. */
static void an_empty_schedule_is_none(void **state)
{
	char empty[] = "";
	const struct wire_remote remotes[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = empty}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	start(&fixture, NULL);
	fixture_list(&fixture, 200, 0, remotes);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_DRIFT), 0);
	fixture_push(&fixture, 42);
	fixture_end_saves(&fixture);
	fixture_answer_with(&fixture, 42, WIRE_GIVEN, "");
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_DRIFT), 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	fixture_close(&fixture);
}

/* An empty schedule where there is to be one is a drift all the same. */
static void an_empty_schedule_may_be_a_drift(void **state)
{
	char empty[] = "";
	const struct wire_remote remotes[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = empty}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	start(&fixture, "0 6 * * *");
	fixture_list(&fixture, 200, 0, remotes);
	assert_null(fixture_find(&fixture, SYNC_REPORT_DRIFT, 42)->drift.remote);
	fixture_close(&fixture);
}

/* The server's own time counts where it is longer than ours. */
static void a_server_may_ask_to_wait_longer(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, "0 6 * * *");
	fixture_list(&fixture, 500, 2 * INTERVAL_MS, NULL);
	(void)fixture_pass(&fixture, 2 * INTERVAL_MS - 1);
	assert_null(fixture_find(&fixture, SYNC_LIST, 0));
	(void)fixture_pass(&fixture, 1);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_close(&fixture);
}

/* To updates it says so too, and after a 503 the trial is an update's. */
static void a_pause_holds_the_check_too(void **state)
{
	static const int statuses[] = {429, 503};
	char same[] = "0 6 * * *";
	const struct wire_remote remotes[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = same}, {.id = 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct fixture fixture;

		start(&fixture, same);
		fixture_list(&fixture, 200, 0, remotes);
		fixture_start(&fixture, spec_of("0 9 * * *", NULL));
		fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, statuses[i], 2 * INTERVAL_MS);
		fixture_end_saves(&fixture);
		(void)fixture_pass(&fixture, 2 * INTERVAL_MS - 1);
		assert_false(fixture.is_listing);
		(void)fixture_pass(&fixture, 1);
		assert_true(fixture.is_listing);
		fixture_close(&fixture);
	}
}

/* An update that hangs, and all that follow it, put a check off by half a minute. */
static void a_check_waits_for_updates_but_not_for_ever(void **state)
{
	char same[] = "0 6 * * *";
	const struct wire_remote remotes[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = same}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	start(&fixture, same);
	fixture_list(&fixture, 200, 0, remotes);
	fixture_start(&fixture, spec_of("0 9 * * *", NULL));
	fixture_end_saves(&fixture);
	(void)fixture_pass(&fixture, INTERVAL_MS + 29999);
	assert_false(fixture.is_listing);
	(void)fixture_pass(&fixture, 1);
	assert_true(fixture.is_listing);
	fixture_close(&fixture);
}

/* What the one before says is about nobody, and puts the check of this one not off. */
static void the_list_of_another_server_is_passed_over(void **state)
{
	char other[] = "9 9 * * *";
	const struct wire_remote remotes[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = other}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	start(&fixture, "0 6 * * *");
	fixture_start(&fixture, spec_of("0 6 * * *", "https://elsewhere.example"));
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	fixture_list(&fixture, 200, 0, remotes);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_DRIFT), 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_IN_SYNC);
	(void)fixture_pass(&fixture, 2500);
	fixture_end_saves(&fixture);
	(void)fixture_pass(&fixture, SOON_MS - 2500);
	assert_non_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_schedule_is_none),
		cmocka_unit_test(an_empty_schedule_may_be_a_drift),
		cmocka_unit_test(a_server_may_ask_to_wait_longer),
		cmocka_unit_test(a_pause_holds_the_check_too),
		cmocka_unit_test(a_check_waits_for_updates_but_not_for_ever),
		cmocka_unit_test(the_list_of_another_server_is_passed_over),
	};

	return cmocka_run_group_tests_name("sync_drift_list", tests, NULL, NULL);
}
