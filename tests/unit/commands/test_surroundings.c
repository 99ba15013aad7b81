/* SPDX-License-Identifier: MIT */
/* What is written to a pseudo-terminal, and what to anything else; and directories: what systemd
 * says comes first, then the instance that a file belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands/surroundings.h"
#include "version.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int near;
static int far;

/* NULL: not set. */
static void set(const char *name, const char *value)
{
	if (value != NULL)
		(void)setenv(name, value, 1);
	else
		(void)unsetenv(name);
}

static void colour_is_for_terminals_that_do_not_forbid_it(void **state)
{
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	set("NO_COLOR", NULL);
	assert_true(surroundings_have_colour(far));
	assert_false(surroundings_have_colour(pipes[1]));
	assert_false(surroundings_have_colour(-1));
	set("NO_COLOR", "");
	assert_true(surroundings_have_colour(far));
	set("NO_COLOR", "1");
	assert_false(surroundings_have_colour(far));
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

static void progress_is_for_terminals_that_can_redraw(void **state)
{
	static const struct {
		const char *term;
		enum log_form form;
		bool has;
	} cases[] = {
		{"xterm", LOG_FORM_AUTO, true},  {"xterm", LOG_FORM_TEXT, true},
		{"xterm", LOG_FORM_JSON, false}, {"dumb", LOG_FORM_AUTO, false},
		{NULL, LOG_FORM_AUTO, false},
	};
	int before = dup(STDERR_FILENO);

	(void)state;
	assert_true(dup2(far, STDERR_FILENO) >= 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		set("TERM", cases[i].term);
		assert_int_equal(surroundings_have_progress(cases[i].form), cases[i].has);
	}
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	(void)close(before);
}

static void columns_are_those_of_the_environment_or_the_terminal(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 77};
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(ioctl(near, TIOCSWINSZ, &size), 0);
	set("COLUMNS", NULL);
	assert_int_equal(surroundings_columns(far), 77);
	set("COLUMNS", "0");
	assert_int_equal(surroundings_columns(far), 77);
	set("COLUMNS", "120");
	assert_int_equal(surroundings_columns(far), 120);
	assert_int_equal(surroundings_terminal_columns(far), 77);
	assert_int_equal(surroundings_terminal_columns(pipes[1]), 0);
	assert_int_equal(surroundings_columns(pipes[1]), 0);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

static const struct {
	const char *given, *config_path, *desired;
} cases[] = {
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync.conf", .desired = "/run/d"},
	{.given = "", .config_path = SYSCONFDIR "/dfmode-sync.conf", .desired = "/run/d"},
	{.given = "/run/x", .config_path = SYSCONFDIR "/dfmode-sync.conf", .desired = "/run/x"},
	{.given = "/run/x:/run/y",
         .config_path = SYSCONFDIR "/dfmode-sync.conf",
         .desired = "/run/x"},
	{.given = NULL,
         .config_path = SYSCONFDIR "/dfmode-sync/emea.conf",
         .desired = "/run/d-emea"},
	{.given = "", .config_path = SYSCONFDIR "/dfmode-sync/a.conf", .desired = "/run/d-a"},
	{.given = NULL,
         .config_path = SYSCONFDIR "/dfmode-sync/a\\x2db.conf",
         .desired = "/run/d-a\\x2db"},
	{.given = NULL,
         .config_path = SYSCONFDIR "/dfmode-sync/a.conf.conf",
         .desired = "/run/d-a.conf"},
	{.given = "/run/x",
         .config_path = SYSCONFDIR "/dfmode-sync/emea.conf",
         .desired = "/run/x"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/emea", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/emea.conf~", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/emea/x.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-sync/", .desired = "/run/d"},
	{.given = NULL, .config_path = SYSCONFDIR "/dfmode-typo/emea.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = "/srv/emea.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = "emea.conf", .desired = "/run/d"},
	{.given = NULL, .config_path = "", .desired = "/run/d"},
};

static void the_file_names_the_instance(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *directory =
			surroundings_directory(cases[i].given, "/run/d", cases[i].config_path);

		assert_string_equal(directory, cases[i].desired);
		free(directory);
	}
}

static void the_file_names_the_unit(void **state)
{
	static const char *const pairs[][2] = {
		{SYSCONFDIR "/dfmode-sync.conf", "dfmode-sync.service"},
		{SYSCONFDIR "/dfmode-sync/emea.conf", "dfmode-sync@emea.service"},
		{SYSCONFDIR "/dfmode-sync/emea/x.conf", "dfmode-sync.service"},
		{"emea.conf", "dfmode-sync.service"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		char *unit = surroundings_unit(pairs[i][0]);

		assert_string_equal(unit, pairs[i][1]);
		free(unit);
	}
}

static int enter(void **state)
{
	(void)state;
	return openpty(&near, &far, NULL, NULL, NULL);
}

static int leave(void **state)
{
	(void)state;
	(void)close(near);
	return close(far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colour_is_for_terminals_that_do_not_forbid_it),
		cmocka_unit_test(progress_is_for_terminals_that_can_redraw),
		cmocka_unit_test(columns_are_those_of_the_environment_or_the_terminal),
		cmocka_unit_test(the_file_names_the_instance),
		cmocka_unit_test(the_file_names_the_unit),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
