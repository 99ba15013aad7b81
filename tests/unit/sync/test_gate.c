/* SPDX-License-Identifier: MIT */
/* The gate alone: what closes it, what opens it, when a request may start meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sync/gate.h"

#define LIST INT64_C(0)
#define NONE (-1) /* no status: nothing was sent */
#define HUNG (-2) /* no status: the time was over */
#define TLS  (-3)

struct host {
	struct gate gate;
	int64_t now_ms;
	uint64_t random;
};

static struct verdict verdict(int status)
{
	switch (status) {
	case NONE:
		return verdict_of(VERDICT_TRANSFER_NOT_SENT, 0);
	case HUNG:
		return verdict_of(VERDICT_TRANSFER_UNKNOWN, 0);
	case TLS:
		return verdict_of(VERDICT_TRANSFER_SETUP, 0);
	default:
		return verdict_of(VERDICT_TRANSFER_DONE, status);
	}
}

static void open_host(struct host *host)
{
	*host = (struct host){.now_ms = 1000, .random = 7};
}

static enum gate_change answer(struct host *host, int64_t id, int status, int64_t retry_after_ms,
                               bool probe)
{
	const struct gate_answer answer = {.id = id,
	                                   .verdict = verdict(status),
	                                   .retry_after_ms = retry_after_ms,
	                                   .probe = probe};

	return gate_answer(&host->gate, &answer, host->now_ms, &host->random);
}

/* Send one and have it answered. */
static enum gate_change ask(struct host *host, int64_t id, int status)
{
	bool probe = gate_start(&host->gate, id, host->now_ms);

	return answer(host, id, status, 0, probe);
}

/* Let time pass until a probe may go. */
static void wait_for_probe(struct host *host)
{
	int64_t at_ms = gate_ready_at(&host->gate, host->now_ms);

	assert_true(at_ms > host->now_ms && at_ms < INT64_MAX);
	host->now_ms = at_ms;
}

static enum gate_change condemn(struct host *host, bool others)
{
	return gate_condemn(&host->gate, others, host->now_ms, &host->random);
}

/* Five in a row, and what they make of it. */
static void failures_in_a_row_open_the_breaker(void **state)
{
	static const struct {
		int statuses[5];
		enum gate_state state;
		bool failing;
	} rows[] = {
		{{500, 500, 500, 500, 500}, GATE_BREAKER, true},
		{{NONE, NONE, NONE, NONE, NONE}, GATE_BREAKER, false},
		{{HUNG, 502, 503, 504, 408}, GATE_BREAKER, false},
		{{425, NONE, HUNG, 502, 503}, GATE_BREAKER, false},
		{{NONE, NONE, NONE, NONE, 500}, GATE_BREAKER, true},
		{{500, NONE, NONE, NONE, NONE}, GATE_BREAKER, true},
		{{429, 429, 429, 429, 429}, GATE_BREAKER, true},
		{{500, 500, 200, 500, 500}, GATE_OPEN, false},
		{{500, 500, 500, 500, 422}, GATE_OPEN, false},
		{{422, 404, 400, 422, 422}, GATE_OPEN, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host host;

		open_host(&host);
		for (int64_t id = 1; id <= 5; id++)
			(void)ask(&host, id, rows[i].statuses[id - 1]);
		assert_int_equal(host.gate.state, rows[i].state);
		assert_int_equal(host.gate.failing, rows[i].failing);
	}
}

static void what_is_quiet_trips_nothing(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	for (int i = 0; i < 20; i++) {
		const struct gate_answer quiet = {
			.id = 1, .verdict = verdict(i % 2 == 0 ? 500 : 403), .quiet = true};

		assert_int_equal(gate_answer(&host.gate, &quiet, host.now_ms, &host.random),
		                 GATE_STAYS);
	}
	assert_int_equal(host.gate.state, GATE_OPEN);
	assert_int_equal(host.gate.suspect, GATE_OPEN);
}

static void open_breaker(struct host *host, int status)
{
	open_host(host);
	for (int64_t id = 1; id <= 5; id++)
		(void)ask(host, id, status);
	assert_int_equal(host->gate.state, GATE_BREAKER);
}

static void the_list_is_the_first_probe_of_an_unreachable_server(void **state)
{
	static const struct {
		int status;
		bool failing;
	} rows[] = {{200, true},  {404, true},  {401, true},  {302, true},  {429, true},
	            {500, false}, {503, false}, {408, false}, {HUNG, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host host;

		open_breaker(&host, NONE);
		assert_in_range(gate_list_at(&host.gate, host.now_ms), host.now_ms + 2500,
		                host.now_ms + 5000);
		host.now_ms = gate_list_at(&host.gate, host.now_ms);
		(void)ask(&host, LIST, rows[i].status);
		assert_int_equal(host.gate.state, GATE_BREAKER);
		assert_int_equal(host.gate.failing, rows[i].failing);
		assert_true(gate_list_at(&host.gate, host.now_ms) == INT64_MAX);
	}
}

static void probes_are_single_and_double(void **state)
{
	static const int64_t most[] = {5000, 10000, 20000, 40000, 80000, 160000, 300000, 300000};
	struct host host;

	(void)state;
	open_breaker(&host, NONE);
	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		int64_t at_ms = gate_ready_at(&host.gate, host.now_ms);

		assert_in_range(at_ms - host.now_ms, most[i] / 2, most[i]);
		host.now_ms = at_ms;
		assert_true(gate_start(&host.gate, 1, host.now_ms));
		assert_true(gate_ready_at(&host.gate, host.now_ms) == INT64_MAX);
		assert_int_equal(answer(&host, 1, NONE, 0, true), GATE_PROBE_FAILED);
	}
	wait_for_probe(&host);
	assert_int_equal(ask(&host, 2, 200), GATE_OPENED);
}

static void the_ramp_doubles(void **state)
{
	static const unsigned windows[] = {1, 2, 4, 8, 16, 32, 64, 100, 100};
	struct host host;

	(void)state;
	open_breaker(&host, NONE);
	wait_for_probe(&host);
	(void)ask(&host, 1, 422); /* the service itself answered */
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		assert_int_equal(gate_window(&host.gate, 100), windows[i]);
		(void)ask(&host, 1, 200);
	}
}

static void a_failing_server_is_asked_on_at_half_the_speed(void **state)
{
	struct host host;

	(void)state;
	open_breaker(&host, 500);
	assert_false(gate_is_single(&host.gate, host.now_ms));
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms);
	assert_int_equal(gate_window(&host.gate, 8), 4);
	assert_int_equal(gate_window(&host.gate, 1), 1);
	assert_int_equal(ask(&host, 9, 500), GATE_STAYS);
	assert_int_equal(ask(&host, 9, 200), GATE_OPENED);
	open_breaker(&host, 500);
	for (int64_t id = 1; id <= 4; id++)
		assert_int_equal(ask(&host, id, HUNG), GATE_STAYS);
	assert_int_equal(ask(&host, 5, HUNG), GATE_CLOSED);
	assert_false(host.gate.failing);
}

static void an_edit_hurries_a_probe_once_a_second(void **state)
{
	struct host host;
	int64_t planned_ms;

	(void)state;
	open_breaker(&host, NONE);
	planned_ms = host.gate.probe_at_ms;
	gate_hurry(&host.gate);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms);
	assert_true(gate_list_at(&host.gate, host.now_ms) == INT64_MAX);
	/* It comes on top of the others, and puts none of them off. */
	assert_int_equal(ask(&host, 1, NONE), GATE_STAYS);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), planned_ms);
	gate_hurry(&host.gate);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms + GATE_HURRY_MS);
	open_breaker(&host, 500);
	assert_true(gate_hurry_at(&host.gate, host.now_ms) == INT64_MAX);
	gate_hurry(&host.gate);
	assert_int_equal(gate_hurry_at(&host.gate, host.now_ms), host.now_ms);
	(void)ask(&host, 1, 500);
	assert_true(gate_hurry_at(&host.gate, host.now_ms) == INT64_MAX);
	gate_hurry(&host.gate);
	assert_int_equal(gate_hurry_at(&host.gate, host.now_ms), host.now_ms + GATE_HURRY_MS);
}

/* 401, 403, 3xx: nothing closes before a witness was looked for. */
static void suspicion_looks_for_a_witness(void **state)
{
	static const struct {
		int status;
		enum gate_state suspect;
	} rows[] = {{401, GATE_AUTH}, {403, GATE_AUTH}, {302, GATE_CONFIG}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host host;

		open_host(&host);
		assert_int_equal(ask(&host, 1, rows[i].status), GATE_STAYS);
		assert_int_equal(host.gate.state, GATE_OPEN);
		assert_int_equal(host.gate.suspect, rows[i].suspect);
		assert_int_equal(gate_list_at(&host.gate, host.now_ms), host.now_ms);
		assert_int_equal(condemn(&host, true), GATE_STAYS);
		(void)ask(&host, LIST, 404); /* that is no success */
		for (int64_t id = 2; id <= 4; id++) {
			assert_int_equal(condemn(&host, true), GATE_STAYS);
			assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms);
			(void)ask(&host, id, rows[i].status);
		}
		assert_true(gate_ready_at(&host.gate, host.now_ms) == INT64_MAX);
		assert_int_equal(condemn(&host, true), GATE_CLOSED);
		assert_int_equal(host.gate.state, rows[i].suspect);
		wait_for_probe(&host);
		assert_int_equal(ask(&host, 1, rows[i].status), GATE_PROBE_FAILED);
		wait_for_probe(&host);
		assert_int_equal(ask(&host, 2, 200), GATE_OPENED);
	}
}

static void a_witness_ends_the_suspicion(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	(void)ask(&host, 1, 403);
	assert_int_equal(ask(&host, LIST, 200), GATE_WITNESSED);
	assert_true(gate_has_witness(&host.gate, host.now_ms));
	assert_false(gate_has_witness(&host.gate, host.now_ms + GATE_WITNESS_MS));
	(void)ask(&host, 1, 403);
	(void)ask(&host, LIST, 403);
	assert_int_equal(ask(&host, 2, 200), GATE_WITNESSED);
	/* Nobody is left to be asked. */
	(void)ask(&host, 1, 403);
	(void)ask(&host, LIST, 403);
	assert_int_equal(condemn(&host, false), GATE_CLOSED);
}

static void tls_needs_no_witness(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	assert_int_equal(ask(&host, 1, TLS), GATE_CLOSED);
	assert_int_equal(host.gate.state, GATE_CONFIG);
	assert_false(gate_release(&host.gate, GATE_AUTH));
	assert_true(gate_release(&host.gate, GATE_CONFIG));
	assert_int_equal(ask(&host, 1, 407), GATE_CLOSED);
}

static void a_late_success_does_not_open_a_closed_gate(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	(void)ask(&host, 1, 401);
	(void)ask(&host, LIST, 401);
	(void)condemn(&host, false);
	assert_int_equal(answer(&host, 2, 200, 0, false), GATE_STAYS);
	assert_int_equal(host.gate.state, GATE_AUTH);
	assert_int_equal(answer(&host, 3, 500, 0, false), GATE_STAYS);
}

static void retry_after_pauses_the_host(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	(void)answer(&host, 1, 429, 90000, false);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms + 90000);
	assert_false(gate_is_trial(&host.gate, host.now_ms));
	gate_resume(&host.gate);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms);
	(void)answer(&host, 1, 500, 90000, false); /* asks for itself alone */
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms);
}

static void after_a_503_another_one_is_tried(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	(void)answer(&host, 1, 503, 3600000, false);
	assert_true(gate_is_trial(&host.gate, host.now_ms));
	assert_int_equal(host.gate.paused_id, 1);
	for (int64_t id = 2; id <= 4; id++) {
		assert_int_equal(gate_ready_at(&host.gate, host.now_ms),
		                 host.now_ms + GATE_TRIAL_MS);
		host.now_ms += GATE_TRIAL_MS;
		assert_true(gate_start(&host.gate, id, host.now_ms));
		assert_true(gate_ready_at(&host.gate, host.now_ms) > host.now_ms + GATE_TRIAL_MS);
		(void)answer(&host, id, 500, 0, true);
	}
	host.now_ms += GATE_TRIAL_MS;
	(void)ask(&host, 5, 200);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms);
}

/* The fifth trips it, not the fourth, and what is in between starts the count anew. */
static void failures_are_counted_in_a_row(void **state)
{
	static const int between[] = {200, 422};

	(void)state;
	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		struct host host;

		open_host(&host);
		for (int round = 0; round < 3; round++) {
			for (int64_t id = 1; id <= 4; id++)
				assert_int_equal(ask(&host, id, 500), GATE_STAYS);
			assert_int_equal(host.gate.state, GATE_OPEN);
			assert_int_equal(ask(&host, 5, between[i]), GATE_STAYS);
		}
		for (int64_t id = 1; id <= 4; id++)
			(void)ask(&host, id, 500);
		assert_int_equal(ask(&host, 5, 500), GATE_CLOSED);
	}
}

/* The list is asked for once, and nothing is condemned before it has ended. */
static void a_suspicion_asks_for_the_list_once(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	(void)ask(&host, 1, 401);
	assert_int_equal(gate_list_at(&host.gate, host.now_ms), host.now_ms);
	assert_true(gate_start(&host.gate, LIST, host.now_ms));
	assert_true(gate_list_at(&host.gate, host.now_ms) == INT64_MAX);
	for (int64_t id = 2; id <= 4; id++)
		(void)ask(&host, id, 401);
	assert_int_equal(condemn(&host, false), GATE_STAYS);
	(void)answer(&host, LIST, 401, 0, true);
	assert_true(gate_list_at(&host.gate, host.now_ms) == INT64_MAX);
	assert_int_equal(condemn(&host, false), GATE_CLOSED);
}

/* Of two pauses the later end counts. */
static void a_pause_is_never_shortened(void **state)
{
	struct host host;

	(void)state;
	open_host(&host);
	(void)answer(&host, 1, 429, 90000, false);
	(void)answer(&host, 2, 429, 5000, false);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms + 90000);
	(void)answer(&host, 3, 429, 120000, false);
	assert_int_equal(gate_ready_at(&host.gate, host.now_ms), host.now_ms + 120000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row_open_the_breaker),
		cmocka_unit_test(what_is_quiet_trips_nothing),
		cmocka_unit_test(the_list_is_the_first_probe_of_an_unreachable_server),
		cmocka_unit_test(probes_are_single_and_double),
		cmocka_unit_test(the_ramp_doubles),
		cmocka_unit_test(a_failing_server_is_asked_on_at_half_the_speed),
		cmocka_unit_test(an_edit_hurries_a_probe_once_a_second),
		cmocka_unit_test(suspicion_looks_for_a_witness),
		cmocka_unit_test(a_witness_ends_the_suspicion),
		cmocka_unit_test(tls_needs_no_witness),
		cmocka_unit_test(a_late_success_does_not_open_a_closed_gate),
		cmocka_unit_test(retry_after_pauses_the_host),
		cmocka_unit_test(after_a_503_another_one_is_tried),
		cmocka_unit_test(failures_are_counted_in_a_row),
		cmocka_unit_test(a_suspicion_asks_for_the_list_once),
		cmocka_unit_test(a_pause_is_never_shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
