/* SPDX-License-Identifier: MIT */
/* The reconciler, scenario by scenario, under fake time. tests/sim asks the same of random
 * histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/sync_fixture.h"

#define DONE    VERDICT_TRANSFER_DONE
#define UNKNOWN VERDICT_TRANSFER_UNKNOWN
#define UNSENT  VERDICT_TRANSFER_NOT_SENT
#define SETUP   VERDICT_TRANSFER_SETUP

static struct spec *one(const char *cron)
{
	const struct fixture_integration list[] = {{.id = 42, .cron = cron}, {.id = 0}};

	return fixture_spec(list);
}

static struct spec *two(const char *a, const char *b)
{
	const struct fixture_integration list[] = {
		{.id = 1, .cron = a}, {.id = 2, .cron = b}, {.id = 0}};

	return fixture_spec(list);
}

static struct spec *many(int64_t count)
{
	struct fixture_integration *list = mem_alloc((size_t)count + 1, sizeof(*list));
	struct spec *spec;

	for (int64_t i = 0; i < count; i++)
		list[i] = (struct fixture_integration){.id = i + 1, .cron = "0 * * * *"};
	spec = fixture_spec(list);
	free(list);
	return spec;
}

/* Accept whatever is sent until nothing is. */
static void accept_all(struct fixture *fixture)
{
	for (;;) {
		bool any = false;

		for (size_t i = 0; i < sync_count(fixture->sync); i++) {
			struct sync_view view = sync_view_at(fixture->sync, i);

			if (view.shown == SYNC_SHOWN_IN_FLIGHT) {
				fixture_answer(fixture, view.id, DONE, 200, 0);
				any = true;
			}
		}
		if (!any)
			return;
	}
}

static void sends_only_after_the_mark_is_saved(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, one("0 6 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SAVE), 1);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_DUE);
	assert_true(fixture_view(&fixture, 42).entry->intended);
	fixture_save(&fixture, 1, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_string_equal(fixture_find(&fixture, SYNC_SEND, 42)->integration->value.indexing_cron,
	                    "0 6 * * *");
	fixture_close(&fixture);
}

/* A pause that is taken back at once is no way around the mark. */
static void a_pause_does_not_outrun_the_mark(void **state)
{
	const struct fixture_integration paused[] = {
		{.id = 42, .cron = "0 1 * * *", .paused = true}, {.id = 0}};
	struct fixture fixture;
	uint64_t save;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, one("0 1 * * *"));
	save = fixture_find(&fixture, SYNC_SAVE, 0)->save;
	fixture_configure(&fixture, fixture_spec(paused));
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_PAUSED);
	fixture_configure(&fixture, one("0 1 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_DUE);
	fixture_save(&fixture, save, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_configure(&fixture, fixture_spec(paused));
	fixture_answer(&fixture, 42, DONE, 500, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_PAUSED);
	fixture_configure(&fixture, one("0 1 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42)); /* its mark is still there */
	fixture_close(&fixture);
}

static void sends_although_the_mark_cannot_be_saved(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, one("0 6 * * *"));
	fixture_save(&fixture, 1, false);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_null(fixture_find(&fixture, SYNC_SAVE, 0));
	fixture_pass(&fixture, 61000);
	assert_non_null(fixture_find(&fixture, SYNC_SAVE, 0));
	fixture_close(&fixture);
}

static void a_success_is_remembered_and_quiet_follows(void **state)
{
	struct fixture fixture;
	const struct sync_action *told;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	told = fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42);
	assert_non_null(told);
	assert_null(told->accepted.old);
	assert_int_equal(told->accepted.attempt, 1);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_IN_SYNC);
	assert_false(fixture_view(&fixture, 42).entry->intended);
	assert_int_equal(fixture_pass(&fixture, 2100), 0);
	assert_non_null(fixture_find(&fixture, SYNC_SAVE, 0));
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_true(sync_deadline(fixture.sync) == INT64_MAX);
	fixture_configure(&fixture, one("0 6 * * *"));
	assert_int_equal(fixture.count, 0);
	fixture_close(&fixture);
}

static void a_change_tells_what_was(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, one("0 7 * * *"));
	fixture_answer(&fixture, 42, DONE, 204, 0);
	assert_string_equal(
		fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42)->accepted.old->indexing_cron,
		"0 6 * * *");
	fixture_close(&fixture);
}

/* Encode and decode the state as a crash (by sync_encode) or a stop and the next start do. */
static void start_again(struct fixture *fixture,
                        void (*encode)(const struct sync *sync, struct text *out))
{
	struct text text = {.length = 0};
	struct state state = {.url = NULL};
	struct fault fault = {.text = NULL};

	encode(fixture->sync, &text);
	state_encode_end(&text);
	assert_true(state_decode(&state, text.bytes, text.length, &fault));
	text_clear(&text);
	fixture_close(fixture);
	fixture_open(fixture, &state);
}

static void restart(struct fixture *fixture)
{
	start_again(fixture, sync_encode);
}

/* An edit that is taken back while the daemon is stopped is no edit, if the server cannot have it.
 */
static void a_stop_keeps_no_mark_of_what_never_arrived(void **state)
{
	static const struct {
		enum verdict_transfer transfer; /* of the request for the edit */
		int status;                     /* 0: there was none, or it failed */
		bool is_answered;
		bool is_sent_again;
	} cases[] = {
		{.transfer = VERDICT_TRANSFER_DONE, .status = 422, .is_answered = true},
		{.transfer = VERDICT_TRANSFER_NOT_SENT, .is_answered = true},
		{.transfer = VERDICT_TRANSFER_DONE, .status = 429, .is_answered = true},
		{.transfer = VERDICT_TRANSFER_UNKNOWN, .is_answered = true, .is_sent_again = true},
		{.transfer = VERDICT_TRANSFER_DONE,
	         .status = 502,
	         .is_answered = true,
	         .is_sent_again = true},
		{.is_answered = false, .is_sent_again = true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		fixture_open(&fixture, NULL);
		fixture_start(&fixture, one("0 6 * * *"));
		fixture_answer(&fixture, 42, DONE, 200, 0);
		fixture_start(&fixture, one("0 7 * * *"));
		if (cases[i].is_answered)
			fixture_answer(&fixture, 42, cases[i].transfer, cases[i].status, 0);
		start_again(&fixture, sync_encode_last);
		fixture_start(&fixture, one("0 6 * * *"));
		assert_int_equal(fixture_find(&fixture, SYNC_SEND, 42) != NULL,
		                 cases[i].is_sent_again);
		fixture_close(&fixture);
	}
}

static void what_a_stop_left_unsent_is_not_added_again(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, two("0 6 * * *", "nonsense"));
	fixture_answer(&fixture, 1, DONE, 200, 0);
	fixture_answer(&fixture, 2, DONE, 422, 0);
	start_again(&fixture, sync_encode_last);
	fixture_configure(&fixture, two("0 6 * * *", "nonsense"));
	assert_int_equal(fixture_count(&fixture, SYNC_REPORT_ADDED), 0);
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 2));
	fixture_close(&fixture);
}

static void a_restart_sends_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, two("0 6 * * *", NULL));
	accept_all(&fixture);
	restart(&fixture);
	fixture_configure(&fixture, two("0 6 * * *", NULL));
	assert_int_equal(fixture.count, 0);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_SHOWN_IN_SYNC), 2);
	fixture_close(&fixture);
}

static void a_restart_sends_what_was_marked_even_if_reverted(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, one("0 7 * * *")); /* sent, and the answer never seen */
	restart(&fixture);
	fixture_start(&fixture, one("0 6 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_IN_SYNC);
	fixture_close(&fixture);
}

static struct spec *elsewhere(struct spec *spec)
{
	free(spec->api.url);
	spec->api.url = mem_dup("https://other.example");
	return spec;
}

static void another_url_is_another_server(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, elsewhere(one("0 6 * * *")));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

/* What one server accepts, the other one does not have, whatever became of the integration while
 * the request was under way. */
static void an_answer_of_the_server_before(void **state)
{
	static const struct fixture_integration none[] = {{.id = 0}};

	(void)state;
	for (unsigned steps = 0; steps < 4; steps++) {
		struct fixture fixture;

		fixture_open(&fixture, NULL);
		fixture_start(&fixture, one("0 6 * * *"));
		assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
		if (steps & 1)
			fixture_configure(&fixture, fixture_spec(none));
		if (steps & 2)
			fixture_configure(&fixture, elsewhere(fixture_spec(none)));
		fixture_configure(&fixture, elsewhere(one("0 6 * * *")));
		assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
		fixture_answer(&fixture, 42, DONE, 200, 0);
		if (fixture_find(&fixture, SYNC_SEND, 42) == NULL)
			fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
		assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
		assert_false(fixture_view(&fixture, 42).entry->accepted);
		fixture_close(&fixture);
	}
}

static void a_refusal_goes_to_the_slow_lane_and_doubles(void **state)
{
	static const int64_t most[] = {30000, 60000, 120000, 120000};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("nonsense"));
	for (unsigned i = 0; i < 4; i++) {
		const struct sync_action *told;

		fixture_answer(&fixture, 42, DONE, 422, 0);
		told = fixture_find(&fixture, SYNC_REPORT_REJECTED, 42);
		assert_int_equal(told->failed.attempt, i + 1);
		assert_in_range(told->failed.retry_ms, most[i] / 2, most[i]);
		assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_REJECTED);
		assert_int_equal(fixture_pass(&fixture, told->failed.retry_ms - 1), 0);
		assert_int_equal(fixture_pass(&fixture, 1), 1);
	}
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_close(&fixture);
}

static void a_mend_is_sent_at_once(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("nonsense"));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_configure(&fixture, one("0 6 * * *")); /* its mark is on disk already */
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_int_equal(fixture_find(&fixture, SYNC_SEND, 42)->send.attempt, 1);
	fixture_close(&fixture);
}

static void a_refused_edit_taken_back_is_quiet(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 6 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, one("nonsense"));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_configure(&fixture, one("0 6 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_IN_SYNC);
	fixture_close(&fixture);
}

static void the_limit_parks_until_a_change_or_a_release(void **state)
{
	struct fixture fixture;
	struct spec *spec = one("nonsense");

	(void)state;
	fixture_open(&fixture, NULL);
	spec->retry.rejected_limit = 2;
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 42, DONE, 422, 0);
	assert_int_equal(fixture_pass(&fixture, 30000), 1);
	fixture_answer(&fixture, 42, DONE, 422, 0);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_REJECTED, 42)->failed.retry_ms, -1);
	assert_int_equal(fixture_pass(&fixture, INT64_C(86400000)), 0);
	fixture_release(&fixture);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

static void never_two_in_flight_and_the_newest_goes_next(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 1 * * *"));
	fixture_configure(&fixture, one("0 2 * * *"));
	fixture_configure(&fixture, one("0 3 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_string_equal(fixture_find(&fixture, SYNC_SEND, 42)->integration->value.indexing_cron,
	                    "0 3 * * *");
	assert_string_equal(fixture_view(&fixture, 42).entry->value.indexing_cron, "0 1 * * *");
	assert_string_equal(
		fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42)->accepted.value->indexing_cron,
		"0 1 * * *");
	fixture_close(&fixture);
}

static void an_edit_in_flight_forgets_the_failure(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 1 * * *"));
	fixture_configure(&fixture, one("0 2 * * *"));
	fixture_answer(&fixture, 42, DONE, 503, 0);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_FAILED, 42)->failed.retry_ms, 0);
	fixture_close(&fixture);
}

static void transient_failures_double_with_equal_jitter(void **state)
{
	static const int64_t most[] = {1000, 2000, 4000, 8000, 8000, 8000};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 6 * * *"));
	for (unsigned i = 0; i < 6; i++) {
		const struct sync_action *told;

		fixture_answer(&fixture, 42, UNSENT, 0, 0);
		told = fixture_find(&fixture, SYNC_REPORT_FAILED, 42);
		assert_int_equal(told->failed.attempt, i + 1);
		assert_in_range(told->failed.retry_ms, most[i] / 2, most[i]);
		assert_int_equal(fixture_pass(&fixture, told->failed.retry_ms), 1);
	}
	/* One integration alone does not open the breaker. */
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_close(&fixture);
}

static void retry_after_of_429_and_503_holds_the_host(void **state)
{
	struct fixture fixture;
	struct spec *spec = two("0 1 * * *", "0 2 * * *");

	(void)state;
	fixture_open(&fixture, NULL);
	spec->api.max_in_flight = 1;
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 1, DONE, 429, 20000);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_pass(&fixture, 19999), 0);
	assert_int_equal(fixture_pass(&fixture, 1), 1);
	fixture_close(&fixture);
}

static void retry_after_of_others_holds_the_one(void **state)
{
	struct fixture fixture;
	struct spec *spec = two("0 1 * * *", "0 2 * * *");

	(void)state;
	fixture_open(&fixture, NULL);
	spec->api.max_in_flight = 1;
	fixture_start(&fixture, spec);
	fixture_answer(&fixture, 1, DONE, 500, 20000);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 2));
	fixture_answer(&fixture, 2, DONE, 200, 0);
	assert_int_equal(fixture_pass(&fixture, 19999), 0);
	assert_int_equal(fixture_pass(&fixture, 1), 1);
	fixture_close(&fixture);
}

static void an_unknown_outcome_is_confirmed_after_the_success(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 1 * * *"));
	fixture_answer(&fixture, 42, UNKNOWN, 0, 0);
	assert_int_equal(fixture_pass(&fixture, 1000), 1);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_CONFIRMING);
	assert_true(fixture_view(&fixture, 42).entry->intended);
	assert_int_equal(fixture_pass(&fixture, 58000), 0);
	assert_int_equal(fixture_pass(&fixture, 2000), 1);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_true(fixture_find(&fixture, SYNC_REPORT_ACCEPTED, 42)->accepted.confirming);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_IN_SYNC);
	assert_int_equal(fixture_pass(&fixture, INT64_C(86400000)), 0);
	fixture_close(&fixture);
}

static void a_revert_after_an_unknown_outcome_is_sent(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 1 * * *"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	fixture_start(&fixture, one("0 2 * * *"));
	fixture_answer(&fixture, 42, UNKNOWN, 0, 0);
	fixture_configure(&fixture, one("0 1 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

static void the_auth_gate_probes_alone_and_a_new_key_opens_it(void **state)
{
	struct fixture fixture;
	struct spec *rekeyed = many(20);

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, many(20));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 4);
	for (int64_t id = 1; id <= 4; id++) {
		fixture_answer(&fixture, id, DONE, 401, 0);
		assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
		assert_int_equal(fixture_count(&fixture, SYNC_REPORT_GATE), id == 1);
	}
	assert_int_equal(fixture_pass(&fixture, 29999), 0);
	assert_int_equal(fixture_pass(&fixture, 30001), 1);
	fixture_answer(&fixture, 5, DONE, 401, 0);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_GATE, 5)->gate.probes, 1);
	assert_int_equal(fixture_pass(&fixture, 59999), 0);
	free(rekeyed->api.key);
	rekeyed->api.key = mem_dup("another");
	fixture_configure(&fixture, rekeyed);
	assert_true(fixture_count(&fixture, SYNC_SEND) > 0);
	accept_all(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_SHOWN_IN_SYNC), 20);
	fixture_close(&fixture);
}

static void one_forbidden_integration_does_not_hold_the_others(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, many(20));
	fixture_answer(&fixture, 1, DONE, 403, 0);
	accept_all(&fixture);
	assert_int_equal(fixture_pass(&fixture, 60000), 1); /* the probe is another one */
	assert_int_not_equal(fixture_view(&fixture, 1).shown, SYNC_SHOWN_IN_FLIGHT);
	accept_all(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_SHOWN_IN_SYNC), 19);
	assert_int_equal(fixture_view(&fixture, 1).shown, SYNC_SHOWN_REJECTED);
	assert_int_equal(fixture_pass(&fixture, 30000), 1);
	fixture_answer(&fixture, 1, DONE, 403, 0);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_close(&fixture);
}

static void a_redirect_closes_the_configuration_gate(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, many(20));
	fixture_answer(&fixture, 1, DONE, 307, 0);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_CONFIG);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_release(&fixture);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_OPEN);
	fixture_close(&fixture);
}

static void the_breaker_opens_probes_and_ramps(void **state)
{
	struct fixture fixture;
	int64_t id = 0;
	unsigned sends = 0;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, many(100));
	for (id = 1; id <= 5; id++)
		fixture_answer(&fixture, id, DONE, 500, 0);
	assert_int_equal(sync_gate(fixture.sync)->state, GATE_BREAKER);
	for (size_t i = 0; i < sync_count(fixture.sync); i++) {
		if (sync_view_at(fixture.sync, i).shown == SYNC_SHOWN_IN_FLIGHT)
			fixture_answer(&fixture, sync_view_at(fixture.sync, i).id, DONE, 500, 0);
	}
	for (int i = 0; i < 60; i++) {
		unsigned probes = fixture_pass(&fixture, 60000);

		sends += probes;
		assert_in_range(probes, 0, 8);
		for (size_t k = 0; k < sync_count(fixture.sync); k++) {
			if (sync_view_at(fixture.sync, k).shown == SYNC_SHOWN_IN_FLIGHT) {
				fixture_answer(&fixture, sync_view_at(fixture.sync, k).id, DONE,
				               500, 0);
			}
		}
	}
	/* An hour: 5 s doubling to 5 min, with jitter down to the half. */
	assert_in_range(sends, 12, 36);
	assert_int_equal(fixture_pass(&fixture, 300000), 1);
	for (size_t k = 0; k < sync_count(fixture.sync); k++) {
		if (sync_view_at(fixture.sync, k).shown == SYNC_SHOWN_IN_FLIGHT)
			id = sync_view_at(fixture.sync, k).id;
	}
	fixture_answer(&fixture, id, DONE, 200, 0);
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_OPENED, 0));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 1);
	fixture_answer(&fixture, fixture_find(&fixture, SYNC_SEND, 0)->id, DONE, 200, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 2);
	accept_all(&fixture);
	fixture_pass(&fixture, 10000);
	accept_all(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_SHOWN_IN_SYNC), 100);
	fixture_close(&fixture);
}

static void one_always_refused_delays_nobody(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, many(20));
	fixture_answer(&fixture, 1, DONE, 422, 0);
	accept_all(&fixture);
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_SHOWN_IN_SYNC), 19);
	fixture_close(&fixture);
}

static void the_rate_limit_holds(void **state)
{
	struct fixture fixture;
	struct spec *spec = many(100);
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

static void a_removal_is_told_and_forgotten(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, two("0 1 * * *", "0 2 * * *"));
	accept_all(&fixture);
	fixture_configure(&fixture, one("0 3 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_REMOVED, 1));
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_REMOVED, 2));
	assert_non_null(fixture_find(&fixture, SYNC_REPORT_ADDED, 42));
	assert_int_equal(sync_count(fixture.sync), 1);
	fixture_close(&fixture);
}

static void a_removal_in_flight_waits_for_the_answer(void **state)
{
	struct fixture fixture;
	const struct fixture_integration none[] = {{.id = 0}};

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, one("0 1 * * *"));
	fixture_configure(&fixture, fixture_spec(none));
	assert_int_equal(sync_shown_count(fixture.sync, SYNC_SHOWN_LEAVING), 1);
	fixture_configure(&fixture, one("0 2 * * *"));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0); /* marked first */
	fixture_save(&fixture, fixture_find(&fixture, SYNC_SAVE, 0)->save, true);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_configure(&fixture, fixture_spec(none));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_int_equal(sync_count(fixture.sync), 0);
	fixture_close(&fixture);
}

static struct spec *with_token(const char *cron, const char *token)
{
	const struct fixture_integration integrations[] = {{.id = 42, .cron = cron, .token = token},
	                                                   {.id = 0}};

	return fixture_spec(integrations);
}

/* One that was accepted, and new credentials for it under way. */
static void open_rotating(struct fixture *fixture)
{
	fixture_open(fixture, NULL);
	fixture_start(fixture, one("0 1 * * *"));
	fixture_answer(fixture, 42, DONE, 200, 0);
	fixture_start(fixture, with_token("0 1 * * *", "rotated"));
	assert_non_null(fixture_find(fixture, SYNC_SEND, 42));
}

static void assert_at_rest(const struct fixture *fixture)
{
	assert_int_equal(fixture_count(fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_view(fixture, 42).shown, SYNC_SHOWN_IN_SYNC);
}

/* Whatever was edited while new credentials were under way: they need no second way. */
static void credentials_that_arrived_are_not_sent_again(void **state)
{
	struct fixture fixture;

	(void)state;
	open_rotating(&fixture);
	fixture_configure(&fixture, with_token("0 2 * * *", "rotated"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 422, 0);
	fixture_configure(&fixture, with_token("0 1 * * *", "rotated"));
	assert_at_rest(&fixture);
	fixture_close(&fixture);
}

static void credentials_that_change_in_flight_are_sent(void **state)
{
	struct fixture fixture;

	(void)state;
	open_rotating(&fixture);
	fixture_configure(&fixture, with_token("0 1 * * *", "rotated again"));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_answer(&fixture, 42, DONE, 200, 0);
	assert_at_rest(&fixture);
	fixture_close(&fixture);
}

static void paused_is_known_and_never_sent(void **state)
{
	const struct fixture_integration paused[] = {
		{.id = 42, .cron = "0 1 * * *", .paused = true}, {.id = 0}};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_configure(&fixture, fixture_spec(paused));
	assert_int_equal(fixture.count, 0);
	assert_int_equal(fixture_view(&fixture, 42).shown, SYNC_SHOWN_PAUSED);
	fixture_release(&fixture);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_start(&fixture, one("0 1 * * *"));
	assert_non_null(fixture_find(&fixture, SYNC_SEND, 42));
	fixture_close(&fixture);
}

static void a_stop_starts_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, many(20));
	fixture_stop(&fixture);
	fixture_answer(&fixture, 1, DONE, 200, 0);
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	fixture_close(&fixture);
}

static void tls_trust_is_a_matter_of_configuration(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, many(3));
	fixture_answer(&fixture, 1, SETUP, 0, 0);
	assert_int_equal(fixture_find(&fixture, SYNC_REPORT_GATE, 1)->gate.state, GATE_CONFIG);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_only_after_the_mark_is_saved),
		cmocka_unit_test(a_pause_does_not_outrun_the_mark),
		cmocka_unit_test(sends_although_the_mark_cannot_be_saved),
		cmocka_unit_test(a_success_is_remembered_and_quiet_follows),
		cmocka_unit_test(a_change_tells_what_was),
		cmocka_unit_test(a_restart_sends_nothing),
		cmocka_unit_test(a_stop_keeps_no_mark_of_what_never_arrived),
		cmocka_unit_test(what_a_stop_left_unsent_is_not_added_again),
		cmocka_unit_test(a_restart_sends_what_was_marked_even_if_reverted),
		cmocka_unit_test(another_url_is_another_server),
		cmocka_unit_test(an_answer_of_the_server_before),
		cmocka_unit_test(a_refusal_goes_to_the_slow_lane_and_doubles),
		cmocka_unit_test(a_mend_is_sent_at_once),
		cmocka_unit_test(a_refused_edit_taken_back_is_quiet),
		cmocka_unit_test(the_limit_parks_until_a_change_or_a_release),
		cmocka_unit_test(never_two_in_flight_and_the_newest_goes_next),
		cmocka_unit_test(an_edit_in_flight_forgets_the_failure),
		cmocka_unit_test(transient_failures_double_with_equal_jitter),
		cmocka_unit_test(retry_after_of_429_and_503_holds_the_host),
		cmocka_unit_test(retry_after_of_others_holds_the_one),
		cmocka_unit_test(an_unknown_outcome_is_confirmed_after_the_success),
		cmocka_unit_test(a_revert_after_an_unknown_outcome_is_sent),
		cmocka_unit_test(the_auth_gate_probes_alone_and_a_new_key_opens_it),
		cmocka_unit_test(one_forbidden_integration_does_not_hold_the_others),
		cmocka_unit_test(a_redirect_closes_the_configuration_gate),
		cmocka_unit_test(the_breaker_opens_probes_and_ramps),
		cmocka_unit_test(one_always_refused_delays_nobody),
		cmocka_unit_test(the_rate_limit_holds),
		cmocka_unit_test(a_removal_is_told_and_forgotten),
		cmocka_unit_test(a_removal_in_flight_waits_for_the_answer),
		cmocka_unit_test(credentials_that_arrived_are_not_sent_again),
		cmocka_unit_test(credentials_that_change_in_flight_are_sent),
		cmocka_unit_test(paused_is_known_and_never_sent),
		cmocka_unit_test(a_stop_starts_nothing),
		cmocka_unit_test(tls_trust_is_a_matter_of_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
