/* SPDX-License-Identifier: MIT */
/* What is asked on the socket reaches what answers it, whoever asks; who may not act hears so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/daemon_fixture.h"
#include "support/log_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* `desired` is part of the answer; with "=", all of it. */
static void assert_answer(struct daemon_fixture *fixture, const char *request, const char *desired)
{
	char *answer = daemon_fixture_answer(fixture, request);

	if (desired[0] == '=')
		assert_string_equal(answer, desired + 1);
	else if (strstr(answer, desired) == NULL)
		fail_msg("%s: %s\nis not in %s", request, desired, answer);
	free(answer);
}

#define NOT_YOU "={\"error\":\"this is for root and the user of the service\",\"code\":77}"

static void each_request_has_its_answer(void **state)
{
	static const struct {
		const char *request, *trusted, *other;
	} rows[] = {
		{"{\"request\":\"status\"}", "\"integrations\":[{\"id\":42,\"name\":null,", NULL},
		{"{\"request\":\"status\",\"ids\":[43]}", "\"integrations\":[]}", NULL},
		{"{\"request\":\"summary\"}", "\"in-flight\":1,", NULL},
		{"{\"request\":\"summary\"}", ",\"parked\":0,", NULL},
		{"{\"request\":\"pending\"}", "={\"ids\":[42]}", NULL},
		{"{\"request\":\"reload\"}", "={\"result\":\"in-force\"}", NOT_YOU},
		{"{\"request\":\"wait\",\"timeout_ms\":0}", "{\"result\":\"timeout\",", NOT_YOU},
		{"{\"request\":\"push\",\"ids\":[43]}", "{\"result\":\"done\",", NOT_YOU},
		{"{\"request\":\"push\"}", "={\"error\":\"ids: none are named\",\"code\":64}",
	         NULL},
		{"{\"request\":\"stop\"}",
	         "={\"error\":\"unknown request; does the daemon run another "
	         "version?\",\"code\":64}",
	         NULL},
		{"what?", "={\"error\":\"the request is no JSON\",\"code\":64}", NULL},
	};
	struct daemon_fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->is_trusted = true;
		assert_answer(fixture, rows[i].request, rows[i].trusted);
		fixture->is_trusted = false;
		assert_answer(fixture, rows[i].request,
		              rows[i].other != NULL ? rows[i].other : rows[i].trusted);
	}
	assert_int_equal(fixture->events[SYNC_PUSHED], 1);
}

static void what_is_accepted_is_not_pending(void **state)
{
	struct daemon_fixture *fixture = *state;

	fixture_answer(&fixture->sync, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_answer(fixture, "{\"request\":\"pending\"}", "={\"ids\":[]}");
	assert_int_equal(fixture->events[SYNC_FLUSHED], 1);
}

/* A request without an answer may still arrive: all that is known of 42 after a start. */
static void what_is_uncertain_is_pending(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct fixture *sync = &fixture->sync;
	struct text text = {0};
	struct state before = {0};
	struct fault fault = {0};
	char six[] = "0 6 * * *";

	state_encode_start(&text, "https://app.datafold.com", 0);
	state_encode_entry(&text, &(const struct state_entry){.id = 42,
	                                                      .accepted = true,
	                                                      .uncertain = true,
	                                                      .value.indexing_cron = six});
	state_encode_end(&text);
	assert_true(state_decode(&before, text.bytes, text.length, &fault));
	fixture_close(sync);
	fixture_open(sync, &before);
	fixture_start(sync, fixture_one(six));
	fixture->daemon.engine.sync = sync->sync;
	fixture_accept_all(sync);
	assert_false(fixture_view(sync, 42).entry->intended);
	assert_answer(fixture, "{\"request\":\"pending\"}", "={\"ids\":[42]}");
	text_clear(&text);
}

/* The lines of a file with faults hold whatever was written there. */
static void lines_are_shown_to_whom_may_read_them(void **state)
{
	static const char *const requests[] = {"{\"request\":\"status\"}",
	                                       "{\"request\":\"summary\"}"};
	struct daemon_fixture *fixture = *state;

	faults_add(&fixture->daemon.faults, FAULT_ERROR,
	           (const struct fault_place){
			   .file = "x.conf", .line = 3, .column = 1, .source = "ap = 5"},
	           "api: is missing");
	for (size_t i = 0; i < COUNT(requests); i++) {
		fixture->is_trusted = true;
		assert_answer(fixture, requests[i], "ap = 5");
		fixture->is_trusted = false;
		assert_answer(fixture, requests[i], "\"message\":\"api: is missing\"}]");
	}
}

static void the_daemon_shows_how_it_is(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;
	const char *summary = "{\"request\":\"summary\"}";
	char *pid = mem_printf("\"pid\":%" PRId64 ",", (int64_t)getpid());

	assert_answer(fixture, summary, pid);
	assert_answer(fixture, summary, "\"config\":{\"file\":\"x.conf\",");
	assert_answer(fixture, summary, "\"started_at\":1700000000,");
	assert_answer(fixture, summary, "\"stopping\":false,");
	assert_answer(fixture, summary, "\"state\":\"in-force\"");
	assert_answer(fixture, summary, "\"state_directory\":\"state\",\"state_failing\":false,");
	daemon->is_stopping = true;
	daemon->engine.file.publisher.is_failing = true;
	assert_answer(fixture, summary, "\"stopping\":true,");
	assert_answer(fixture, summary, "\"state_failing\":true,");
	daemon->loader.is_wanted = true;
	assert_answer(fixture, summary, "\"state\":\"changed\"");
	daemon->is_refused = true;
	assert_answer(fixture, summary, "\"state\":\"refused\"");
	daemon->unread = mem_dup("'x.conf' cannot be opened: Input/output error");
	assert_answer(fixture, summary, "\"state\":\"unread\"");
	free(pid);
}

/* Nobody reads the log, until it takes no more. */
static void what_is_dropped_is_shown(void **state)
{
	struct daemon_fixture *fixture = *state;
	char message[LONG + 1] = "";
	char *desired;

	assert_answer(fixture, "{\"request\":\"summary\"}", "\"log_dropped\":0,");
	memset(message, 'x', LONG);
	for (unsigned i = 0; log_dropped() == 0 && i < FLOOD; i++)
		say(LOG_INFO, message);
	desired = mem_printf("\"log_dropped\":%" PRIu64 ",", log_dropped());
	assert_true(log_dropped() > 0);
	assert_answer(fixture, "{\"request\":\"summary\"}", desired);
	free(desired);
}

static int64_t number_after(const char *text, const char *key)
{
	const char *found = strstr(text, key);

	assert_non_null(found);
	return strtoll(found + strlen(key), NULL, 10);
}

/* In the time of the calendar, which the reconciler does not know. */
static void moments_are_in_unix_time(void **state)
{
	struct daemon_fixture *fixture = *state;
	int64_t before = (int64_t)time(NULL);
	char *answer;

	fixture_answer(&fixture->sync, 42, VERDICT_TRANSFER_DONE, 422, 0);
	answer = daemon_fixture_answer(fixture, "{\"request\":\"status\"}");
	assert_in_range(number_after(answer, "\"written_at\":"), before, before + 60);
	assert_in_range(number_after(answer, "\"next_at\":"), before + 10, before + 150);
	free(answer);
}

/* While it is open whether what is in force is what the files say: the status waits a moment, and
 * is answered then, whatever it is. */
static void a_status_waits_for_the_files(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;
	const char *request = "{\"request\":\"status\"}";
	uint64_t start;
	int fd;
	char *answer;

	(void)loader_start(&daemon->loader, false);
	assert_answer(fixture, request, "\"state\":\"in-force\"");
	assert_false(loader_is_loading(&daemon->loader));
	while (daemon->loader.state != LOADER_IDLE)
		(void)uv_run(&daemon->loop, UV_RUN_ONCE);
	daemon->loader.state = LOADER_LOADING; /* and does not end */
	start = uv_hrtime();
	fd = daemon_fixture_ask(fixture, request);
	daemon_fixture_assert_silent(fixture, fd);
	answer = daemon_fixture_read(fixture, fd);
	assert_non_null(strstr(answer, "\"state\":\"changed\""));
	assert_true(uv_hrtime() - start >= UINT64_C(900000) * DAEMON_WAITS_HOLD_MS);
	daemon->loader.state = LOADER_IDLE;
	free(answer);
}

static void the_directory_is_made(void **state)
{
	static const struct {
		const char *directory, *text;
	} rows[] = {
		{"none/run", "cannot create 'none/run': No such file or directory; "
	                     "$RUNTIME_DIRECTORY names another directory"},
		{"file", "cannot listen at 'file/control': Not a directory; "
	                 "$RUNTIME_DIRECTORY names another directory"},
	};
	struct daemon_fixture *fixture = *state;
	struct stat status;
	mode_t mask = umask(0);

	(void)umask(mask);
	assert_int_equal(stat("run", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0755 & ~mask);
	assert_int_equal(fclose(fopen("file", "we")), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault fault = {0};

		fixture->options.runtime_directory = rows[i].directory;
		assert_null(daemon_control_open(&fixture->daemon, &fault));
		assert_string_equal(fault.text, rows[i].text);
		fault_clear(&fault);
	}
}

#define TEST(function)                                                           \
	cmocka_unit_test_setup_teardown(function, daemon_fixture_open_listening, \
	                                daemon_fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_request_has_its_answer),
		TEST(what_is_accepted_is_not_pending),
		TEST(what_is_uncertain_is_pending),
		TEST(what_is_dropped_is_shown),
		TEST(lines_are_shown_to_whom_may_read_them),
		TEST(the_daemon_shows_how_it_is),
		TEST(a_status_waits_for_the_files),
		TEST(the_directory_is_made),
		TEST(moments_are_in_unix_time),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as main() does: a client may be gone */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
