/* SPDX-License-Identifier: MIT */
/* The command `plan` where nobody answers: what it falls back to, and its exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "commands/command.h"
#include "sync/state.h"

#define USER 61234
#define NOW  INT64_C(1795478400) /* Tue 2026-11-24 00:00 */

static uid_t effective; /* whom we take ourselves for */
static bool has_no_sockets;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
uid_t __wrap_geteuid(void);
int __real_socketpair(int family, int type, int protocol, int sockets[2]);
int __wrap_socketpair(int family, int type, int protocol, int sockets[2]);

uid_t __wrap_geteuid(void)
{
	return effective;
}

int __wrap_socketpair(int family, int type, int protocol, int sockets[2])
{
	errno = EMFILE;
	return has_no_sockets ? -1 : __real_socketpair(family, type, protocol, sockets);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static char directory[64], config_path[96], state_path[96];

static int open_scratch(void **state)
{
	(void)state;
	effective = getuid();
	(void)snprintf(directory, sizeof(directory), "/tmp/test_plan.XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	(void)snprintf(config_path, sizeof(config_path), "%s/a.conf", directory);
	(void)snprintf(state_path, sizeof(state_path), "%s/state.json", directory);
	return 0;
}

static int close_scratch(void **state)
{
	(void)state;
	(void)unlink(config_path);
	(void)unlink(state_path);
	return rmdir(directory);
}

static void put(const char *path, const char *bytes)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(bytes, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Port 1 is nobody's. */
static void put_config(const char *cron)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
	               "api = { url = \"http://127.0.0.1:1\"; key = \"k1234567\"; };\n"
	               "integrations = ({ id = 42; indexing_cron = \"%s\";\n"
	               "token = \"t1234567\"; password = \"p1234567\"; });\n",
	               cron);
	put(config_path, text);
	assert_int_equal(chmod(config_path, 0600), 0);
}

static void check(int code, const char *shown, const char *error)
{
	const struct command_line options = {
		.config_path = config_path, .state_directory = directory, .now_unix_s = NOW};
	struct text out = {0}, errors = {0};

	assert_int_equal(command_plan(&options, &out, &errors), code);
	if (shown != NULL)
		assert_non_null(strstr(out.bytes, shown));
	else
		assert_int_equal(out.length, 0);
	assert_non_null(strstr(errors.bytes, error));
	text_clear(&out);
	text_clear(&errors);
}

/* An id that is named has to be in the file. */
static void another_id_is_an_error(void **state)
{
	static int64_t ids[] = {42, 7};
	const struct command_line options = {.config_path = config_path,
	                                     .state_directory = directory,
	                                     .ids = ids,
	                                     .id_count = 2,
	                                     .now_unix_s = NOW};
	struct text out = {0}, errors = {0};

	(void)state;
	put_config("0 6 * * *");
	assert_int_equal(command_plan(&options, &out, &errors), EXIT_FAILURE);
	assert_int_equal(out.length, 0);
	assert_non_null(strstr(errors.bytes, "error: integration 7 is not in the file\n"));
	text_clear(&errors);
}

/* What another server accepted is said to be passed over. */
static void the_state_of_another_server_is_named(void **state)
{
	struct text text = {0};

	(void)state;
	put_config("0 6 * * *");
	state_encode_start(&text, "https://other.example", 0);
	state_encode_end(&text);
	put(state_path, text.bytes);
	check(2, "\n+ 42  0 6 * * *\n",
	      "is about https://other.example; taken as if nothing had been accepted\n");
	text_clear(&text);
}

static void bad_file_is_78(void **state)
{
	(void)state;
	put_config("0 25 * * *");
	check(EX_CONFIG, NULL, "hour 25 is outside 0-23");
}

static void without_a_list_the_state_has_to_do(void **state)
{
	(void)state;
	put_config("0 6 * * *");
	check(2, "\n+ 42  0 6 * * *\n", "no answer: ");
}

static void without_either_it_is_69(void **state)
{
	(void)state;
	put_config("0 6 * * *");
	put(state_path, "{");
	check(EX_UNAVAILABLE, NULL, "state.json' cannot be used: not a state file");
}

/* A command of the unit, which systemd shows no credentials: what they are it cannot know, and
 * takes for what was accepted. */
static void what_only_the_service_reads_counts_as_unchanged(void **state)
{
	char cron[] = "0 6 * * *";
	const struct state_entry entry = {.id = 42,
	                                  .accepted = true,
	                                  .accepted_at = NOW,
	                                  .credentials = 77,
	                                  .value = {.indexing_cron = cron}};
	struct text text = {0};

	(void)state;
	put(config_path, "api = { url = \"http://127.0.0.1:1\"; key_credential = \"key\"; };\n"
	                 "integrations = ({ id = 42; indexing_cron = \"0 6 * * *\";\n"
	                 "token_credential = \"t\"; password_credential = \"p\"; });\n");
	state_encode_start(&text, "http://127.0.0.1:1", 5);
	state_encode_entry(&text, &entry);
	state_encode_end(&text);
	put(state_path, text.bytes);
	effective = USER;
	assert_int_equal(setenv("MAINPID", "1", 1), 0);
	check(EX_OK, "",
	      "the API key is a credential that only the service can read, so the "
	      "server is not asked");
	check(EX_OK, "", "note: credentials that only the service can read count as unchanged\n");
	assert_int_equal(unsetenv("MAINPID"), 0);
	text_clear(&text);
}

static void that_it_is_judged_as_root_is_noted(void **state)
{
	(void)state;
	put_config("0 6 * * *");
	if (getuid() == 0)
		assert_int_equal(chown(directory, USER, USER), 0);
	effective = 0;
	has_no_sockets = true;
	check(2, "\n+ 42  0 6 * * *\n",
	      "note: files are judged as root would read them: socketpair: Too many open files\n");
	has_no_sockets = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bad_file_is_78, open_scratch, close_scratch),
		cmocka_unit_test_setup_teardown(another_id_is_an_error, open_scratch,
	                                        close_scratch),
		cmocka_unit_test_setup_teardown(the_state_of_another_server_is_named, open_scratch,
	                                        close_scratch),
		cmocka_unit_test_setup_teardown(without_a_list_the_state_has_to_do, open_scratch,
	                                        close_scratch),
		cmocka_unit_test_setup_teardown(without_either_it_is_69, open_scratch,
	                                        close_scratch),
		cmocka_unit_test_setup_teardown(what_only_the_service_reads_counts_as_unchanged,
	                                        open_scratch, close_scratch),
		cmocka_unit_test_setup_teardown(that_it_is_judged_as_root_is_noted, open_scratch,
	                                        close_scratch),
	};

	return cmocka_run_group_tests_name("command_plan", tests, NULL, NULL);
}
