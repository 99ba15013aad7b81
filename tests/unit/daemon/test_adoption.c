/* SPDX-License-Identifier: MIT */
/* What becomes of a load, good, bad and unread, one after the other: what is in force, what is
 * shown of it, and what is logged, which is what is new. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "log/log.h"
#include "support/daemon_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define GOOD                                                         \
	"api = { url = \"https://api.example\"; key = \"k-1\"; };\n" \
	"defaults = { token = \"t-1\"; password = \"p-1\"; };\n"     \
	"integrations = ( { id = 42; indexing_cron = \"0 6 * * *\"; } );\n"
#define TWO                                                               \
	"api = { url = \"https://api.example\"; key = \"k-2\"; };\n"      \
	"defaults = { token = \"t-1\"; password = \"p-1\"; };\n"          \
	"integrations = ( { id = 42; indexing_cron = \"0 6 * * *\"; },\n" \
	"                 { id = 43; indexing_cron = false; } );\n"
#define BAD                                                          \
	"api = { url = \"https://api.example\"; key = \"k-1\"; };\n" \
	"defaults = { token = \"t-1\"; password = \"p-1\"; };\n"     \
	"integrations = ( { id = 0; indexing_cron = false; } );\n"
#define EMPTY                                                        \
	"api = { url = \"https://api.example\"; key = \"k-1\"; };\n" \
	"integrations = ();\n"
#define WARNED                                                              \
	"api = { url = \"https://api.example\"; key = \"k-1\"; };\n"        \
	"defaults = { token = \"t-1\"; password = \"p-1\"; };\n"            \
	"integrations = ( { id = 42; indexing_cron = \"* * * * *\"; } );\n" \
	"log = { level = \"warning\"; };\n"
#define WARNED_AND_BAD WARNED "watch = { sweep = 0; };\n"

#define WARNING "warning: x.conf:3:45: indexing_cron: runs every minute\n"
#define REFUSED                                      \
	"error: x.conf:3:25: id: 0 is less than 1\n" \
	"error: x.conf: 1 error; the configuration in force stays\n"
#define UNREAD                                                                                 \
	"warning: 'x.conf' cannot be opened: Too many open files; the configuration in force " \
	"stays, tried again in 1s\n"

/* As the loader does; NULL: it cannot be read. */
static struct load read_load(const char *bytes, bool is_reload)
{
	struct load load = {.is_reload = is_reload};
	const struct secret_environment environment = {0};

	if (bytes == NULL) {
		load.specfile.unread = mem_dup("'x.conf' cannot be opened: Too many open files");
		return load;
	}
	specfile_from_bytes(&load.specfile, "x.conf", bytes, strlen(bytes), &environment);
	if (load.specfile.spec != NULL)
		load.redactor = redactor_new((const char *[]){"k-1"}, 1);
	return load;
}

static void clear_load(struct load *load)
{
	specfile_clear(&load->specfile);
	redactor_free(load->redactor);
	redactor_free(load->replaced);
	spec_free(load->retired);
}

/* Each row comes after the one before. */
static const struct {
	const char *bytes;
	bool is_reload;
	bool is_refused; /* what is shown from then on: */
	size_t errors, in_force;
	const char *logged;
} history[] = {
	{GOOD, false, false, 0, 1, "x.conf: 1 integration in force\n"},
	{GOOD, false, false, 0, 1, ""},
	{GOOD, true, false, 0, 1, ""},
	{TWO, false, false, 0, 2, "x.conf: 2 integrations in force\n"},
	{BAD, false, true, 1, 2, REFUSED},
	{BAD, false, true, 1, 2, ""},
	{BAD, true, true, 1, 2, REFUSED},
	{NULL, false, true, 1, 2, UNREAD},
	{NULL, false, true, 1, 2, ""},
	{NULL, true, true, 1, 2, UNREAD},
	{BAD, false, true, 1, 2, "x.conf: can be read again\n"},
	{EMPTY, false, true, 1, 2,
         "warning: x.conf:2:1: integrations: the list is empty; a running daemon rejects that "
         "unless allow_empty = true\n"
         "error: x.conf: integrations: none are left of 2; set allow_empty = true if that is "
         "meant\n"
         "error: x.conf: 1 error; the configuration in force stays\n"},
	{TWO, false, false, 0, 2, "x.conf: 2 integrations in force\n"},
	{WARNED, false, false, 0, 1, WARNING},
	{WARNED_AND_BAD, false, true, 1, 1,
         "error: x.conf:5:19: watch.sweep: 0s is less than 1ms, the least there is\n"
         "error: x.conf: 1 error; the configuration in force stays\n"},
	{WARNED, false, false, 0, 1, ""},
	{TWO, false, false, 0, 2, "x.conf: 2 integrations in force\n"},
};

static void each_load_changes_what_it_may(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;

	for (size_t i = 0; i < COUNT(history); i++) {
		struct load load = read_load(history[i].bytes, history[i].is_reload);

		if (history[i].bytes == NULL)
			adoption_report_unread(daemon, &load, 1000);
		else
			adoption_judge(daemon, &load);
		assert_string_equal(daemon_fixture_log(fixture), history[i].logged);
		assert_int_equal(daemon->is_refused, history[i].is_refused);
		assert_int_equal(daemon->faults.errors, history[i].errors);
		assert_int_equal(sync_count(daemon->engine.sync), history[i].in_force);
		assert_int_equal(daemon->unread != NULL, history[i].bytes == NULL);
		clear_load(&load);
	}
}

/* What is replaced goes back with the load, to be freed elsewhere; its redactor is the new one. */
static void what_is_taken_replaces_what_was(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct daemon *daemon = &fixture->daemon;
	const struct spec *before = sync_spec(daemon->engine.sync);
	struct load load = read_load(GOOD, false);
	struct spec *spec = load.specfile.spec;
	struct redactor *redactor = load.redactor;
	struct redactor *old = redactor_new((const char *[]){"old"}, 1);

	daemon->engine.redactor = old;
	spec->watch.settle_ms = 700;
	spec->watch.sweep_ms = 5000;
	spec->metrics_file = mem_dup("metrics.prom");
	adoption_take(daemon, &load);
	assert_ptr_equal(daemon->engine.redactor, redactor);
	assert_ptr_equal(load.replaced, old);
	assert_null(load.redactor);
	assert_ptr_equal(load.retired, before);
	assert_ptr_equal(daemon->loader.in_force, spec);
	assert_ptr_equal(sync_spec(daemon->engine.sync), spec);
	assert_null(load.specfile.spec);
	assert_int_equal(daemon->hash, load.specfile.hash);
	assert_int_equal(fixture->settle_ms, 700);
	assert_int_equal(fixture->sweep_ms, 5000);
	assert_ptr_equal(fixture->api, &spec->api);
	assert_string_equal(daemon->metrics.file.path, "metrics.prom");
	assert_int_equal(fixture->events[SYNC_CONFIGURED], 1);
	clear_load(&load);
}

/* The file's level is in force from its load on, unless the command line gave one. */
static void the_level_is_the_files_or_the_command_lines(void **state)
{
	struct daemon_fixture *fixture = *state;

	for (int is_given = 0; is_given < 2; is_given++) {
		struct load load = read_load(WARNED, false);

		log_set_level(LOG_INFO);
		fixture->options.level_is_given = is_given;
		adoption_take(&fixture->daemon, &load);
		assert_int_equal(log_is_on(LOG_INFO), is_given);
		clear_load(&load);
	}
}

/* What was warned of at the first load is not logged again by one that says the same. */
static void a_warning_is_logged_once(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct load load = read_load(WARNED, false);

	adoption_report(&fixture->daemon, &load.specfile.faults, NULL);
	assert_string_equal(daemon_fixture_log(fixture), WARNING);
	load.specfile.hash++;
	adoption_judge(&fixture->daemon, &load);
	assert_string_equal(daemon_fixture_log(fixture), "");
	clear_load(&load);
}

static void another_reason_is_logged(void **state)
{
	static const char *const reasons[] = {"'x' cannot be read: Input/output error",
	                                      "'x' cannot be opened: Too many open files"};
	struct daemon_fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(reasons); i++) {
		struct load load = {.specfile.unread = mem_dup(reasons[i])};

		adoption_report_unread(&fixture->daemon, &load, 1000);
		assert_non_null(strstr(daemon_fixture_log(fixture), reasons[i]));
		assert_string_equal(fixture->daemon.unread, reasons[i]);
		clear_load(&load);
	}
}

static void a_start_that_fails_says_so(void **state)
{
	struct daemon_fixture *fixture = *state;
	struct load bad = read_load(BAD, false), unread = read_load(NULL, false);

	adoption_report(&fixture->daemon, &bad.specfile.faults, "not started");
	assert_string_equal(
		daemon_fixture_log(fixture),
		"error: x.conf:3:25: id: 0 is less than 1\nerror: x.conf: 1 error; not started\n");
	adoption_report_unread(&fixture->daemon, &unread, -1);
	assert_string_equal(daemon_fixture_log(fixture),
	                    "warning: 'x.conf' cannot be opened: Too many open files; not "
	                    "started\n");
	clear_load(&bad);
	clear_load(&unread);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, daemon_fixture_open, daemon_fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_load_changes_what_it_may),
		TEST(what_is_taken_replaces_what_was),
		TEST(the_level_is_the_files_or_the_command_lines),
		TEST(a_warning_is_logged_once),
		TEST(another_reason_is_logged),
		TEST(a_start_that_fails_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
