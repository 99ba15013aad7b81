/* SPDX-License-Identifier: MIT */
/* Clients that wait are answered when what they asked for has come true, or will not, and not
 * before: over the socket, with the reconciler that the daemon has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/daemon_fixture.h"

#define DONE VERDICT_TRANSFER_DONE

#define OPEN                                                                  \
	"\"gate\":{\"state\":\"open\",\"failed_probes\":0,\"probing\":false," \
	"\"next_probe_at\":null,\"paused_until\":null},"

/* what has become of 42 */

static void leave_in_flight(struct daemon_fixture *fixture)
{
	(void)fixture;
}

static void take(struct daemon_fixture *fixture)
{
	fixture_answer(&fixture->sync, 42, DONE, 200, 0);
	fixture_end_saves(&fixture->sync);
}

static void reject(struct daemon_fixture *fixture)
{
	fixture_answer(&fixture->sync, 42, DONE, 422, 0);
	fixture_end_saves(&fixture->sync);
}

/* Have more than fit in flight at once, and them fail until nothing is sent any more, the list
 * included: the last one is still due. */
static void let_fail(struct daemon_fixture *fixture, enum verdict_transfer transfer, int status,
                     int64_t retry_after_ms)
{
	struct fixture *sync = &fixture->sync;
	const struct gate *gate = sync_gate(sync->sync);

	take(fixture);
	(void)fixture_pass(sync, GATE_WITNESS_MS);
	fixture_start(sync, fixture_many(9));
	for (int64_t id = 1; gate->state == GATE_OPEN && gate->paused_until_ms == 0;
	     id = id % 9 + 1) {
		assert_true(sync->now_ms <
		            (int64_t)uv_now(&fixture->daemon.loop) + 2 * GATE_WITNESS_MS);
		if (fixture_view(sync, id).shown == SYNC_IN_FLIGHT)
			fixture_answer(sync, id, transfer, status, retry_after_ms);
		fixture_end_saves(sync);
		(void)fixture_pass(sync, 100);
		if (sync->is_listing)
			fixture_list_failed(sync, transfer, status);
	}
	for (int64_t id = 1; id <= 9; id++) {
		if (fixture_view(sync, id).shown == SYNC_IN_FLIGHT)
			fixture_answer(sync, id, transfer, status, retry_after_ms);
	}
}

static void refuse_key(struct daemon_fixture *fixture)
{
	let_fail(fixture, DONE, 401, 0);
}

static void find_nothing(struct daemon_fixture *fixture)
{
	let_fail(fixture, VERDICT_TRANSFER_SETUP, 0, 0);
}

static void cut_off(struct daemon_fixture *fixture)
{
	let_fail(fixture, VERDICT_TRANSFER_NOT_SENT, 0, 0);
}

static void ask_to_wait(struct daemon_fixture *fixture)
{
	let_fail(fixture, DONE, 429, 50000);
}

static void pause_it(struct daemon_fixture *fixture)
{
	const struct fixture_integration list[] = {{.id = 42, .cron = "0 6 * * *", .paused = true},
	                                           {.id = 0}};

	take(fixture);
	fixture_start(&fixture->sync, fixture_spec(list));
}

/* The first request was lost, and may still arrive: what was accepted after it is sent once more.
 */
static void confirm(struct daemon_fixture *fixture)
{
	fixture_answer(&fixture->sync, 42, VERDICT_TRANSFER_UNKNOWN, 0, 0);
	fixture_end_saves(&fixture->sync);
	(void)fixture_pass(&fixture->sync, 1000);
	take(fixture);
}

/* Somebody else has changed it at the server. */
static void let_drift(struct daemon_fixture *fixture)
{
	char other[] = "5 5 * * *";
	const struct wire_remote remotes[] = {
		{.id = 42, .cron_known = WIRE_GIVEN, .indexing_cron = other}, {.id = 0}};
	struct spec *spec = fixture_one("0 6 * * *");

	take(fixture);
	spec->drift = (struct spec_drift){SPEC_DRIFT_REPORT, 1000};
	fixture_start(&fixture->sync, spec);
	(void)fixture_pass(&fixture->sync, 1000);
	fixture_list(&fixture->sync, 200, 0, remotes);
}

/* The server answers, with errors: it is still asked, slowly. */
static void fail_now_and_then(struct daemon_fixture *fixture)
{
	let_fail(fixture, DONE, 500, 0);
	assert_int_equal(sync_gate(fixture->sync.sync)->state, GATE_BREAKER);
	assert_true(sync_gate(fixture->sync.sync)->failing);
}

static void name_it(struct daemon_fixture *fixture)
{
	struct spec *spec = fixture_one("0 7 * * *");

	spec->integrations[0].value.name = mem_dup("Mode: Finance");
	take(fixture);
	fixture_start(&fixture->sync, spec);
}

static void add_fault(struct daemon_fixture *fixture)
{
	faults_add(&fixture->daemon.faults, FAULT_ERROR,
	           (const struct fault_place){
			   .file = "x.conf", .line = 3, .column = 1, .source = "ap = 5"},
	           "api: is missing");
}

/* 1 has what it is to have; 2 has a pause. */
static void pause_the_other(struct daemon_fixture *fixture)
{
	fixture_start(&fixture->sync, fixture_two("0 6 * * *", "0 7 * * *"));
	fixture_answer(&fixture->sync, 1, DONE, 200, 0);
	fixture_answer(&fixture->sync, 2, DONE, 429, 50000);
	fixture_end_saves(&fixture->sync);
}

static void refuse_load(struct daemon_fixture *fixture)
{
	take(fixture);
	add_fault(fixture);
	fixture->is_refused = true;
}

static void leave_unread(struct daemon_fixture *fixture)
{
	take(fixture);
	add_fault(fixture);
	fixture->is_unread = true;
}

/* The answer holds the text, or, with "=", is it. */
static void assert_answer(struct daemon_fixture *fixture, int fd, const char *desired)
{
	char *answer = daemon_fixture_read(fixture, fd);

	if (desired[0] == '=')
		assert_string_equal(answer, desired + 1);
	else if (strstr(answer, desired) == NULL)
		fail_msg("%s\nis not in %s", desired, answer);
	free(answer);
}

#define WAIT      "{\"request\":\"wait\"}"
#define WAIT_42   "{\"request\":\"wait\",\"ids\":[42]}"
#define WAIT_BOTH "{\"request\":\"wait\",\"ids\":[42,43]}"
#define RELOAD    "{\"request\":\"reload\"}"
#define PUSH      "{\"request\":\"push\",\"ids\":[41,42]}"
#define PUSH_ALL  "{\"request\":\"push\",\"ids\":[1,2,3,4,5,6,7,8,9]}"
#define SHORTLY   "{\"request\":\"wait\",\"timeout_ms\":30}"

#define HEAD(result) "={\"result\":\"" result "\"," OPEN "\"integrations\":["
#define FORTY_TWO(state, accepted, attempts, error)                               \
	"{\"id\":42,\"name\":null,\"state\":\"" state "\",\"accepted\":" accepted \
	",\"attempts\":" attempts ",\"error\":" error ","
#define NOWHERE_YET "\"next_at\":null,\"field\":null,\"file\":null,\"line\":null}"
#define UNKNOWN                                                                       \
	"{\"id\":43,\"state\":\"unknown\",\"accepted\":false,\"error\":\"not in the " \
	"configuration\"}"
#define HELD(why)                                                        \
	"\"state\":\"due\",\"accepted\":false,\"attempts\":0,\"error\":" \
	"\"" why
#define HELD_BY_NOTHING "\"state\":\"due\",\"accepted\":false,\"attempts\":0,\"error\":null,"
#define UNREAD                                                                                 \
	"={\"result\":\"unread\",\"error\":\"'x.conf' cannot be opened: Input/output error\"," \
	"\"errors\":0,\"faults\":[]}"

static const struct {
	void (*prepare)(struct daemon_fixture *fixture);
	const char *request, *desired;
} outcomes[] = {
	{take, WAIT, HEAD("settled") "]}"},
	{take, WAIT_42, HEAD("settled") FORTY_TWO("in-sync", "true", "0", "null") NOWHERE_YET "]}"},
	{take, WAIT_BOTH,
         HEAD("settled") FORTY_TWO("in-sync", "true", "0", "null") NOWHERE_YET "," UNKNOWN "]}"},
	{reject, WAIT, FORTY_TWO("rejected", "false", "1", "\"words\"")},
	{reject, WAIT, "{\"result\":\"settled\","},
	{pause_it, WAIT, HEAD("settled") "]}"},
	{pause_it, WAIT_42, FORTY_TWO("paused", "false", "0", "\"paused\"")},
	{pause_it, PUSH, "{\"result\":\"done\","},
	{leave_in_flight, SHORTLY,
         HEAD("timeout") FORTY_TWO("in-flight", "false", "0", "null") NOWHERE_YET "]}"},
	{refuse_key, SHORTLY, HELD("not sent: the API key is refused\"")},
	{find_nothing, SHORTLY, HELD("not sent: the server cannot be used as configured\"")},
	{cut_off, SHORTLY, HELD("not sent: the server cannot be reached\"")},
	{ask_to_wait, PUSH_ALL, HELD("not sent: the server asked to wait for another ")},
	{ask_to_wait, PUSH_ALL, " wait for another 1min "},
	{fail_now_and_then, SHORTLY, HELD_BY_NOTHING},
	{confirm, SHORTLY, FORTY_TWO("confirming", "true", "0", "null")},
	{let_drift, WAIT, FORTY_TWO("drifted", "false", "0", "\"the server has '5 5 * * *'\"")},
	{name_it, SHORTLY, "{\"id\":42,\"name\":\"Mode: Finance\",\"state\":\"in-flight\","},
	{pause_the_other, "{\"request\":\"wait\",\"ids\":[1]}", "\"error\":null,"},
	{take, RELOAD, "={\"result\":\"in-force\"}"},
	{leave_in_flight, RELOAD, "={\"result\":\"in-force\"}"},
	{refuse_load, RELOAD, "{\"result\":\"refused\",\"errors\":1,\"faults\":[{"},
	{refuse_load, WAIT, "ap = 5"},
	{leave_unread, RELOAD, UNREAD},
	{leave_unread, WAIT_42, UNREAD},
};

static void a_client_learns_what_has_become_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		void *world;
		struct daemon_fixture *fixture;

		assert_int_equal(daemon_fixture_open_listening(&world), 0);
		fixture = world;
		outcomes[i].prepare(fixture);
		assert_answer(fixture, daemon_fixture_ask(fixture, outcomes[i].request),
		              outcomes[i].desired);
		assert_null(LIST_FIRST(&fixture->daemon.waits.all));
		assert_int_equal(daemon_fixture_close(&world), 0);
	}
}

/* Not before the files are loaded, nor before each has its answer. */
static void it_waits_until_then(void **state)
{
	struct daemon_fixture *fixture = *state;
	int one = daemon_fixture_hold(fixture, WAIT_42), all;

	all = daemon_fixture_hold(fixture, WAIT);
	daemon_fixture_assert_silent(fixture, one);
	take(fixture);
	daemon_waits_stepped(&fixture->daemon);
	assert_answer(fixture, one, "\"state\":\"in-sync\"");
	assert_answer(fixture, all, HEAD("settled") "]}");
}

/* What was settled first is edited while the second is not: all are judged at the end. */
static void what_was_settled_is_judged_again(void **state)
{
	struct daemon_fixture *fixture = *state;
	int fd;

	fixture_start(&fixture->sync, fixture_two("0 6 * * *", "0 7 * * *"));
	fixture_answer(&fixture->sync, 1, DONE, 200, 0);
	fd = daemon_fixture_hold(fixture, "{\"request\":\"wait\",\"ids\":[1,2]}");
	fixture_start(&fixture->sync, fixture_two("0 8 * * *", "0 7 * * *"));
	fixture_answer(&fixture->sync, 2, DONE, 200, 0);
	daemon_waits_stepped(&fixture->daemon);
	daemon_fixture_assert_silent(fixture, fd);
	fixture_answer(&fixture->sync, 1, DONE, 200, 0);
	fixture_end_saves(&fixture->sync);
	fixture_accept_all(&fixture->sync);
	daemon_waits_stepped(&fixture->daemon);
	assert_answer(fixture, fd, "{\"result\":\"settled\",");
}

/* One after the other, and no event after the last. */
static void the_last_answer_ends_it(void **state)
{
	struct daemon_fixture *fixture = *state;
	int fd;

	fixture_start(&fixture->sync, fixture_two("0 6 * * *", "0 7 * * *"));
	fixture_answer(&fixture->sync, 1, DONE, 200, 0);
	fixture_end_saves(&fixture->sync);
	fd = daemon_fixture_hold(fixture, "{\"request\":\"wait\",\"ids\":[1,2]}");
	fixture_answer(&fixture->sync, 2, DONE, 200, 0);
	fixture_end_saves(&fixture->sync);
	daemon_waits_stepped(&fixture->daemon);
	assert_null(LIST_FIRST(&fixture->daemon.waits.all));
	assert_answer(fixture, fd, "{\"result\":\"settled\",");
}

/* An edit that is seen and not loaded yet is one that the client may have made. */
static void a_change_that_is_seen_is_waited_for(void **state)
{
	struct daemon_fixture *fixture = *state;
	const char *watched[] = {"watched", NULL};
	struct daemon *daemon = &fixture->daemon;

	assert_false(daemon_waits_for_files(daemon));
	watch_set(daemon->watch, watched);
	while (daemon->loop.active_reqs.count > 0)
		(void)uv_run(&daemon->loop, UV_RUN_ONCE);
	assert_int_equal(fclose(fopen("watched", "we")), 0);
	while (!watch_is_pending(daemon->watch))
		(void)uv_run(&daemon->loop, UV_RUN_ONCE);
	assert_true(daemon_waits_for_files(daemon));
}

/* Whoever came before and after has more time. */
static void the_nearest_deadline_counts(void **state)
{
	struct daemon_fixture *fixture = *state;
	int before = daemon_fixture_hold(fixture, WAIT_42), short_one, after;

	short_one = daemon_fixture_hold(fixture, "{\"request\":\"wait\",\"timeout_ms\":500}");
	after = daemon_fixture_hold(fixture, WAIT_42);
	assert_answer(fixture, short_one, "{\"result\":\"timeout\",");
	daemon_fixture_assert_silent(fixture, before);
	daemon_fixture_assert_silent(fixture, after);
	(void)close(before);
	(void)close(after);
}

/* Sent whatever is believed, once each; the answer is awaited, and no load is. */
static void a_push_sends_and_waits_for_the_answer(void **state)
{
	struct daemon_fixture *fixture = *state;
	int fd;

	take(fixture);
	fd = daemon_fixture_hold(fixture, PUSH);
	assert_int_equal(fixture->events[SYNC_PUSHED], 2);
	assert_int_equal(fixture->daemon.loader.load.number, 0);
	fixture_end_saves(&fixture->sync);
	daemon_waits_stepped(&fixture->daemon);
	daemon_fixture_assert_silent(fixture, fd);
	reject(fixture);
	daemon_waits_stepped(&fixture->daemon);
	assert_answer(fixture, fd, FORTY_TWO("rejected", "false", "1", "\"words\""));
}

/* A load that ran before the client asked has not read what it edited. */
static void an_earlier_load_is_not_the_one(void **state)
{
	struct daemon_fixture *fixture = *state;
	int fd;

	take(fixture);
	(void)loader_start(&fixture->daemon.loader, false);
	fd = daemon_fixture_ask(fixture, RELOAD);
	while (LIST_FIRST(&fixture->daemon.waits.all) == NULL)
		(void)uv_run(&fixture->daemon.loop, UV_RUN_NOWAIT);
	daemon_waits_loaded(&fixture->daemon, 1);
	assert_non_null(LIST_FIRST(&fixture->daemon.waits.all));
	assert_answer(fixture, fd, "={\"result\":\"in-force\"}");
	assert_int_equal(fixture->daemon.loader.load.number, 2);
	assert_int_equal(fixture->reloads, 1);
}

static void a_client_that_goes_is_forgotten(void **state)
{
	struct daemon_fixture *fixture = *state;
	int first = daemon_fixture_hold(fixture, WAIT), second, third;

	second = daemon_fixture_hold(fixture, WAIT);
	third = daemon_fixture_hold(fixture, WAIT_42);
	(void)close(second);
	daemon_fixture_assert_silent(fixture, third);
	take(fixture);
	daemon_waits_stepped(&fixture->daemon);
	assert_answer(fixture, first, HEAD("settled") "]}");
	assert_answer(fixture, third, "{\"result\":\"settled\",");
}

static void a_stop_answers_all(void **state)
{
	struct daemon_fixture *fixture = *state;
	int first = daemon_fixture_hold(fixture, WAIT), second;

	second = daemon_fixture_hold(fixture, WAIT_42);
	daemon_waits_close(&fixture->daemon);
	assert_null(LIST_FIRST(&fixture->daemon.waits.all));
	assert_answer(fixture, first, "={\"error\":\"the daemon is stopping\",\"code\":75}");
	assert_answer(fixture, second, "={\"error\":\"the daemon is stopping\",\"code\":75}");
	fixture->is_closed = true;
}

#define TEST(function)                                                           \
	cmocka_unit_test_setup_teardown(function, daemon_fixture_open_listening, \
	                                daemon_fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_learns_what_has_become_of_it),
		TEST(it_waits_until_then),
		TEST(what_was_settled_is_judged_again),
		TEST(the_last_answer_ends_it),
		TEST(the_nearest_deadline_counts),
		TEST(a_change_that_is_seen_is_waited_for),
		TEST(a_push_sends_and_waits_for_the_answer),
		TEST(an_earlier_load_is_not_the_one),
		TEST(a_client_that_goes_is_forgotten),
		TEST(a_stop_answers_all),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as main() does: a client may be gone */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
