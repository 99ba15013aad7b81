/* SPDX-License-Identifier: MIT */
/* What is written to a pseudo-terminal, and what to anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands/terminal.h"

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
	assert_true(terminal_has_colour(far));
	assert_false(terminal_has_colour(pipes[1]));
	assert_false(terminal_has_colour(-1));
	set("NO_COLOR", "");
	assert_true(terminal_has_colour(far));
	set("NO_COLOR", "1");
	assert_false(terminal_has_colour(far));
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
		assert_int_equal(terminal_has_progress(cases[i].form), cases[i].has);
	}
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	(void)close(before);
}

static size_t columns_on(int descriptor)
{
	int before = dup(STDOUT_FILENO);
	size_t columns;

	assert_true(dup2(descriptor, STDOUT_FILENO) >= 0);
	columns = terminal_columns(STDOUT_FILENO);
	assert_true(dup2(before, STDOUT_FILENO) >= 0);
	(void)close(before);
	return columns;
}

static void columns_are_those_of_the_environment_or_the_terminal(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 77};
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(ioctl(near, TIOCSWINSZ, &size), 0);
	set("COLUMNS", NULL);
	assert_int_equal(columns_on(far), 77);
	set("COLUMNS", "0");
	assert_int_equal(columns_on(far), 77);
	set("COLUMNS", "120");
	assert_int_equal(columns_on(far), 120);
	assert_int_equal(columns_on(pipes[1]), 0);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
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
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
