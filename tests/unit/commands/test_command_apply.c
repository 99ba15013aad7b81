/* SPDX-License-Identifier: MIT */
/* The command `apply` before anything is sent: what ends it, with which code and which record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/command.h"
#include "os/instance_lock.h"
#include "support/log_fixture.h"
#include "support/scratch.h"

static char *directory;

static int open_scratch(void **state)
{
	(void)state;
	directory = scratch_new();
	return 0;
}

static int close_scratch(void **state)
{
	(void)state;
	scratch_remove(directory);
	return 0;
}

/* Port 1 is nobody's. */
static void put_config(const char *path, const char *cron)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fprintf(file,
	                    "api = { url = \"http://127.0.0.1:1\"; key = \"k1234567\"; };\n"
	                    "integrations = ({ id = 42; indexing_cron = \"%s\";\n"
	                    "token = \"t1234567\"; password = \"p1234567\"; });\n",
	                    cron) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void check(const char *cron, int code, const char *printed, const char *record)
{
	char *path = mem_printf("%s/a.conf", directory);
	const struct command_line options = {
		.config_path = path, .state_directory = directory, .timeout_ms = 500};
	struct text out = {0};
	int fds[2];

	put_config(path, cron);
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	assert_int_equal(command_apply(&options, &out, &out), code);
	if (printed != NULL)
		assert_non_null(strstr(out.bytes, printed));
	else
		assert_int_equal(out.length, 0);
	assert_non_null(strstr(drain(fds[0]), record));
	close_pipe(fds);
	text_clear(&out);
	free(path);
}

static void bad_file_is_78(void **state)
{
	(void)state;
	check("0 25 * * *", EX_CONFIG, NULL, "nothing is sent");
}

/* Whoever reads it knows what to do instead. */
static void beside_a_daemon_it_is_75(void **state)
{
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct fault fault = {0};
	pid_t holder;

	(void)state;
	assert_true(instance_lock_take(&lock, directory, &holder, &fault));
	check("0 6 * * *", EX_TEMPFAIL, NULL, "`dfmode-sync wait`");
	check("0 6 * * *", EX_TEMPFAIL, NULL, "`dfmode-sync push ID`");
	instance_lock_release(&lock);
}

static void without_a_server_it_is_69(void **state)
{
	(void)state;
	check("0 6 * * *", EX_UNAVAILABLE,
	      ":2: integration 42: no answer: ", "going by what it accepted last");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bad_file_is_78, open_scratch, close_scratch),
		cmocka_unit_test_setup_teardown(beside_a_daemon_it_is_75, open_scratch,
	                                        close_scratch),
		cmocka_unit_test_setup_teardown(without_a_server_it_is_69, open_scratch,
	                                        close_scratch),
	};

	return cmocka_run_group_tests_name("command_apply", tests, NULL, NULL);
}
