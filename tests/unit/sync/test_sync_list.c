/* SPDX-License-Identifier: MIT */
/* A list meets the integrations: what it says of each, and that many are compared in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

#define MANY        1100
#define PIECE_MAX   300 /* reports in one step */
#define INTERVAL_MS 3600000

static struct spec *spec_with(enum spec_drift_mode mode, const char *cron)
{
	const struct fixture_integration integrations[] = {
		{.id = 42, .cron = cron}, {.id = 43, .cron = "0 7 * * *"}, {.id = 0}};
	struct spec *spec = fixture_spec(integrations);

	spec->drift.mode = mode;
	spec->drift.interval_ms = INTERVAL_MS;
	return spec;
}

/* What is sent meanwhile is accepted. */
static void await_list(struct fixture *fixture)
{
	while (fixture_find(fixture, SYNC_LIST, 0) == NULL) {
		fixture_end_saves(fixture);
		fixture_accept_all(fixture);
		if (fixture_find(fixture, SYNC_LIST, 0) == NULL)
			(void)fixture_pass(fixture, 1);
	}
}

static void open_with(struct fixture *fixture, struct spec *spec)
{
	fixture_open(fixture, NULL);
	fixture_start(fixture, spec);
	await_list(fixture);
}

/* What a list says of one that was accepted, whole or in part. */
static void a_list_is_judged_by_what_it_shows(void **state)
{
	char equal[] = "0 6 * * *", other[] = "0 5 * * *", mode[] = "mode", tableau[] = "Tableau";
	char kept_cron[] = "0 7 * * *";
	const struct {
		struct wire_remote remote; /* id 0: it is not listed */
		bool partial;
		enum sync_state shown;
		enum sync_action_kind reported; /* SYNC_SEND: nothing */
	} rows[] = {
		{{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = equal},
	         false,
	         SYNC_IN_SYNC,
	         SYNC_SEND},
		{{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = other},
	         true,
	         SYNC_DRIFTED,
	         SYNC_REPORT_DRIFT},
		{{.id = 42, .type = mode}, false, SYNC_IN_SYNC, SYNC_REPORT_UNKNOWN},
		{{.id = 42, .type = tableau}, false, SYNC_IN_SYNC, SYNC_REPORT_UNKNOWN},
		{{.id = 0}, true, SYNC_IN_SYNC, SYNC_REPORT_UNKNOWN},
		{{.id = 0}, false, SYNC_GONE, SYNC_REPORT_DRIFT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct wire_remote kept = {
			.id = 43, .cron_known = WIRE_GIVEN, .indexing_cron = kept_cron};
		const struct wire_remote with[] = {rows[i].remote, kept, {.id = 0}};
		const struct wire_remote *remotes = rows[i].remote.id != 0 ? with : with + 1;
		struct fixture fixture;

		open_with(&fixture, spec_with(SPEC_DRIFT_REPORT, "0 6 * * *"));
		if (rows[i].partial)
			fixture_list_partial(&fixture, remotes);
		else
			fixture_list(&fixture, 200, 0, remotes);
		assert_int_equal(fixture_view(&fixture, 42).shown, rows[i].shown);
		assert_int_equal(sync_shown_count(fixture.sync, rows[i].shown),
		                 rows[i].shown == SYNC_IN_SYNC ? 2 : 1);
		assert_int_equal(fixture.count, rows[i].reported != SYNC_SEND);
		if (rows[i].reported != SYNC_SEND)
			assert_non_null(fixture_find(&fixture, rows[i].reported, 42));
		fixture_close(&fixture);
	}
}

/* A server that never listed anything may show nothing to this key. */
static void an_empty_list_from_the_start_is_unknown(void **state)
{
	static const struct wire_remote nothing[] = {{.id = 0}};
	struct fixture fixture;

	(void)state;
	open_with(&fixture, spec_with(SPEC_DRIFT_REPORT, "0 6 * * *"));
	fixture_list(&fixture, 200, 0, nothing);
	assert_int_equal(fixture.count, 1);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_UNKNOWN, 42)->unknown.count, 2);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 2);
	fixture_close(&fixture);
}

/* Nothing that could be sent would bring it back. */
static void what_is_gone_is_reported_once_and_not_repaired(void **state)
{
	static const struct wire_remote nothing[] = {{.id = 0}};
	char six[] = "0 6 * * *", seven[] = "0 7 * * *", other[] = "0 5 * * *";
	const struct wire_remote both[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = six},
		{.id = 43, .cron_known = WIRE_GIVEN, .indexing_cron = seven},
		{.id = 0}};
	const struct wire_remote changed[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = other}, {.id = 0}};
	const struct sync_action *reported;
	struct fixture fixture;

	(void)state;
	open_with(&fixture, spec_with(SPEC_DRIFT_REPAIR, "0 6 * * *"));
	fixture_list(&fixture, 200, 0, both);
	assert_int_equal(fixture.count, 0);
	await_list(&fixture);
	fixture_list(&fixture, 200, 0, nothing);
	reported = fixture_find(&fixture, SYNC_REPORT_DRIFT, 42);
	assert_true(reported->drift.gone);
	assert_false(reported->drift.repairs);
	assert_int_equal(fixture.count, 2);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_GONE), 2);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_IN_SYNC), 0);
	await_list(&fixture);
	fixture_list(&fixture, 200, 0, nothing);
	assert_int_equal(fixture.count, 0);
	/* Listed again, with another schedule: that is repaired. */
	await_list(&fixture);
	fixture_list(&fixture, 200, 0, changed);
	reported = fixture_find(&fixture, SYNC_REPORT_DRIFT, 42);
	assert_false(reported->drift.gone);
	assert_true(reported->drift.repairs);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_GONE), 1);
	await_list(&fixture);
	fixture_list(&fixture, 200, 0, nothing);
	assert_true(fixture_find(&fixture, SYNC_REPORT_DRIFT, 42)->drift.gone);
	/* An edit is sent all the same. */
	fixture_start(&fixture, spec_with(SPEC_DRIFT_REPAIR, "0 8 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_GONE), 1);
	fixture_close(&fixture);
}

/* Compare to the end, and count the reports. */
static unsigned count_reports(struct fixture *fixture, enum sync_action_kind kind)
{
	unsigned reports = fixture_count(fixture, kind);

	assert_in_range(reports, 1, PIECE_MAX);
	while (sync_deadline(fixture->sync) <= fixture->now_ms) {
		unsigned more;

		fixture_tick(fixture);
		more = fixture_count(fixture, kind);
		assert_in_range(more, 0, PIECE_MAX);
		reports += more;
	}
	return reports;
}

static struct spec *many_with(enum spec_drift_mode mode)
{
	struct spec *spec = fixture_many(MANY);

	spec->drift.mode = mode;
	spec->drift.interval_ms = INTERVAL_MS;
	return spec;
}

static void many_are_compared_in_pieces(void **state)
{
	static const struct wire_remote none_of_them[] = {{.id = MANY + 1}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	open_with(&fixture, many_with(SPEC_DRIFT_REPORT));
	fixture_list(&fixture, 200, 0, none_of_them);
	assert_int_equal(count_reports(&fixture, SYNC_REPORT_DRIFT), MANY);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_GONE), MANY);
	assert_null(fixture_find(&fixture, SYNC_LIST, 0));
	fixture_close(&fixture);
}

/* Each is compared with what the list says of it, in the pieces that follow, too. */
static void a_list_of_many_is_gone_through_once(void **state)
{
	char other[] = "1 1 1 1 *";
	struct wire_remote *remotes = mem_alloc(MANY + 1, sizeof(*remotes));
	struct fixture fixture;

	(void)state;
	for (int i = 0; i < MANY; i++)
		remotes[i] = (struct wire_remote){
			.id = i + 1, .cron_known = WIRE_GIVEN, .indexing_cron = other};
	remotes[MANY] = (struct wire_remote){0};
	open_with(&fixture, many_with(SPEC_DRIFT_REPORT));
	fixture_list(&fixture, 200, 0, remotes);
	assert_int_equal(count_reports(&fixture, SYNC_REPORT_DRIFT), MANY);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_DRIFTED), MANY);
	fixture_close(&fixture);
	free(remotes);
}

/* Between two pieces the file changes: the first is removed, the last is edited and sent. */
static void between_pieces_anything_may_change(void **state)
{
	static const struct wire_remote none_of_them[] = {{.id = MANY + 1}, {.id = 0}};
	struct spec *spec = many_with(SPEC_DRIFT_REPORT);
	struct spec_integration first = {0};
	struct fixture fixture;

	(void)state;
	open_with(&fixture, many_with(SPEC_DRIFT_REPORT));
	fixture_list(&fixture, 200, 0, none_of_them);
	assert_in_range(sync_shown_count(fixture.sync, SYNC_GONE), 1, PIECE_MAX);
	first = spec->integrations[0];
	memmove(spec->integrations, spec->integrations + 1, (MANY - 1) * sizeof(first));
	spec->integrations[MANY - 1] = first;
	spec->count--;
	free(spec->integrations[MANY - 2].value.indexing_cron);
	spec->integrations[MANY - 2].value.indexing_cron = mem_dup("8 8 * * *");
	fixture_start(&fixture, spec);
	fixture_accept_all(&fixture);
	while (sync_deadline(fixture.sync) <= fixture.now_ms)
		fixture_tick(&fixture);
	/* What was sent since the list was asked for is not judged by it. */
	assert_int_equal(fixture_view(&fixture, MANY).shown, SYNC_IN_SYNC);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_GONE), MANY - 2);
	fixture_close(&fixture);
	free(first.value.indexing_cron);
	free(first.token);
	free(first.password);
}

static void another_server_ends_the_comparing(void **state)
{
	static const struct wire_remote none_of_them[] = {{.id = MANY + 1}, {.id = 0}};
	struct spec *spec = many_with(SPEC_DRIFT_REPORT);
	struct fixture fixture;

	(void)state;
	open_with(&fixture, many_with(SPEC_DRIFT_REPORT));
	fixture_list(&fixture, 200, 0, none_of_them);
	free(spec->api.url);
	spec->api.url = mem_dup("https://other");
	fixture_start(&fixture, spec);
	fixture_accept_all(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_GONE), 0);
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_DRIFT), 0);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_judged_by_what_it_shows),
		cmocka_unit_test(an_empty_list_from_the_start_is_unknown),
		cmocka_unit_test(what_is_gone_is_reported_once_and_not_repaired),
		cmocka_unit_test(many_are_compared_in_pieces),
		cmocka_unit_test(a_list_of_many_is_gone_through_once),
		cmocka_unit_test(between_pieces_anything_may_change),
		cmocka_unit_test(another_server_ends_the_comparing),
	};

	return cmocka_run_group_tests_name("sync_list", tests, NULL, NULL);
}
