/* SPDX-License-Identifier: MIT */
/* What the engine decides by itself: who has the directory, whether a list was emptied by mistake,
 * and whether what it waits for ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "os/loop.h"
#include "support/descriptors.h"
#include "support/log_fixture.h"
#include "support/sync_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int64_t oldest_ms, write_ms; /* of the request and of the write that run */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int64_t __wrap_http_oldest_ms(const struct http *http);
int64_t __wrap_publisher_age_ms(const struct publisher *publisher);

int64_t __wrap_http_oldest_ms(const struct http *http)
{
	(void)http;
	return oldest_ms;
}

int64_t __wrap_publisher_age_ms(const struct publisher *publisher)
{
	(void)publisher;
	return write_ms;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void a_directory_is_held_against_others(void **state)
{
	char pattern[] = "/tmp/test_engine.XXXXXX";
	char *inner, *command, *expected;
	struct engine first = {.lock = INSTANCE_LOCK_NONE}, second = {.lock = INSTANCE_LOCK_NONE};
	size_t descriptors;
	int fds[2];

	(void)state;
	assert_non_null(mkdtemp(pattern));
	inner = mem_printf("%s/state", pattern);
	first.state_directory = second.state_directory = inner;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	descriptors = open_descriptors();
	assert_int_equal(engine_lock(&first, ""), EXIT_SUCCESS);
	assert_string_equal(drain(fds[0]), "");
	assert_int_equal(engine_lock(&second, "; see elsewhere"), EX_TEMPFAIL);
	expected = mem_printf("error: already running as process %ld, which holds %s/lock; see "
	                      "elsewhere\n",
	                      (long)getpid(), inner);
	assert_string_equal(drain(fds[0]), expected);
	engine_clear(&first);
	assert_int_equal(open_descriptors(), descriptors);
	assert_int_equal(engine_lock(&second, ""), EXIT_SUCCESS);
	engine_clear(&second);
	second.state_directory = "/proc/none";
	assert_int_equal(engine_lock(&second, ""), EXIT_FAILURE);
	assert_non_null(strstr(drain(fds[0]), "; $STATE_DIRECTORY names another directory\n"));
	close_pipe(fds);
	command = mem_printf("rm -r '%s'", pattern);
	assert_int_equal(system(command), 0);
	free(command);
	free(expected);
	free(inner);
}

static void an_emptied_list_is_a_fault_unless_it_is_meant(void **state)
{
	static const struct {
		bool is_there, is_empty, allow_empty;
		size_t had;
		bool is_rejected;
	} rows[] = {
		{true, true, false, 3, true},   {true, true, true, 3, false},
		{true, true, false, 0, false},  {true, false, false, 3, false},
		{false, false, false, 3, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct specfile specfile = {0};

		if (rows[i].is_there)
			specfile.spec = rows[i].is_empty ? fixture_many(0) : fixture_many(1);
		if (rows[i].is_there)
			specfile.spec->allow_empty = rows[i].allow_empty;
		engine_reject_emptied(&specfile, "/etc/x.conf", rows[i].had);
		assert_int_equal(specfile.spec == NULL, rows[i].is_rejected);
		if (rows[i].is_there && rows[i].is_rejected)
			assert_string_equal(specfile.faults.entries[0].text,
			                    "integrations: none are left of 3; set allow_empty = "
			                    "true if that is meant");
		assert_int_equal(specfile.faults.errors, rows[i].is_there && rows[i].is_rejected);
		faults_clear(&specfile.faults);
		spec_free(specfile.spec);
	}
}

/* Its time-out is 30 s; ten more, and a request is lost. A write has 30 s. */
static void what_does_not_end_is_stuck(void **state)
{
	static const struct {
		int64_t oldest_ms, write_ms;
		bool is_stuck;
	} rows[] = {{0, 0, false},
	            {40000, 30000, false},
	            {40001, 0, true},
	            {0, 30001, true},
	            {40001, 30001, true}};
	struct fixture fixture;
	struct engine engine = {0};

	(void)state;
	fixture_open(&fixture, NULL);
	fixture_start(&fixture, fixture_one("0 6 * * *"));
	engine.sync = fixture.sync;
	for (size_t i = 0; i < COUNT(rows); i++) {
		oldest_ms = rows[i].oldest_ms;
		write_ms = rows[i].write_ms;
		assert_int_equal(engine_is_stuck(&engine), rows[i].is_stuck);
	}
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_directory_is_held_against_others),
		cmocka_unit_test(an_emptied_list_is_a_fault_unless_it_is_meant),
		cmocka_unit_test(what_does_not_end_is_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
