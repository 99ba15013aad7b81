/* SPDX-License-Identifier: MIT */
/* The command `status`: the table to the letter, what stands above it, the exit codes, and whether
 * it knows the living from the dead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/command_status.h"

#define NOW 1700000000

static char *directory;

struct run {
	struct command_status_options options;
	struct text out;
	struct text errors;
	int code;
};

/* What a test may change of a file that is otherwise quiet; NULL: as it is then. */
struct file_read {
	const char *version;
	long pid; /* 0: ours */
	const char *refused;
	const char *gate;
	const char *health;
	const char *integrations;
};

static const char open_gate[] = "{\"state\":\"open\",\"failed_probes\":0,\"probing\":false,"
				"\"next_probe_at\":null,\"paused_until\":null}";
static const char in_sync[] = "{\"id\":42,\"name\":\"Mode: Finance\",\"indexing_cron\":\"0 6 * * "
			      "*\",\"accepted_at\":1699999800,\"state\":\"in-sync\","
			      "\"next_at\":null,\"last_error\":null}";

static const char *or_else(const char *given, const char *otherwise)
{
	return given != NULL ? given : otherwise;
}

static void write_file(const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", directory, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void write_status(const struct file_read *file)
{
	char *text =
		mem_printf("{\"version\":%s,\"pid\":%ld,\"started_at\":%d,\"written_at\":%d,%s,"
	                   "\"config\":\"/etc/x.conf\",\"refused\":%s,\"state_directory\":\"%s\","
	                   "\"url\":\"https://app.datafold.com\",\"gate\":%s,"
	                   "\"dashboard\":\"so it is\",\"integrations\":[%s]}\n",
	                   or_else(file->version, "1"), file->pid != 0 ? file->pid : (long)getpid(),
	                   NOW - 3660, NOW - 5,
	                   or_else(file->health,
	                           "\"stopping\":false,\"state_failing\":false,\"log_dropped\":0"),
	                   or_else(file->refused, "null"), directory,
	                   or_else(file->gate, open_gate), or_else(file->integrations, in_sync));

	write_file("status.json", text);
	free(text);
}

/* Hold the lock as the daemon does, by another open file than the one that is asked. */
static int hold_lock(void)
{
	char *path = mem_printf("%s/lock", directory);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	free(path);
	return fd;
}

static void ask(struct run *run)
{
	run->options.runtime_directory = directory;
	run->options.state_directory = directory;
	run->options.now_unix_s = NOW;
	run->out = (struct text){.length = 0};
	run->errors = (struct text){.length = 0};
	run->code = command_status(&run->options, &run->out, &run->errors);
	text_add(&run->out, "");
	text_add(&run->errors, "");
}

static void assert_answer(struct run *run, int code, const char *out, const char *errors)
{
	assert_string_equal(run->errors.bytes, errors);
	assert_string_equal(run->out.bytes, out);
	assert_int_equal(run->code, code);
	text_clear(&run->out);
	text_clear(&run->errors);
}

/* Of a daemon that lives: what is shown for `file`, of which the first line is always the same. */
static void assert_shown(const struct file_read *file, struct command_status_options options,
                         int code, const char *desired)
{
	struct run run = {.options = options};
	int lock = hold_lock();
	char *whole = mem_printf(
		"running as process %ld for 1h 1min: /etc/x.conf to https://app.datafold.com\n"
		"so it is\n%s",
		(long)getpid(), desired);

	write_status(file);
	ask(&run);
	(void)close(lock);
	assert_answer(&run, code, whole, "");
	free(whole);
}

#define TITLES "\nID  NAME           SCHEDULE   STATE    ACCEPTED      NEXT ATTEMPT  LAST ERROR\n"
#define ROW    "42  Mode: Finance  0 6 * * *  in-sync  3min 20s ago  -\n"

static void all_in_sync_is_a_table_and_zero(void **unused)
{
	(void)unused;
	assert_shown(&(const struct file_read){.version = NULL},
	             (struct command_status_options){.json = false}, 0, TITLES ROW);
}

static void no_integrations_is_no_table(void **unused)
{
	(void)unused;
	assert_shown(&(const struct file_read){.integrations = ""},
	             (struct command_status_options){.json = false}, 0, "");
}

static void refused_file_is_not_in_sync(void **unused)
{
	(void)unused;
	assert_shown(
		&(const struct file_read){
			.refused = "{\"errors\":2,\"first\":\"f:3:5: error: no\\u001b[31m\"}"},
		(struct command_status_options){.json = false}, 1,
		"the file as it is now is not in force, 2 errors: f:3:5: error: "
		"no\\x1b[31m\n" TITLES ROW);
}

static void troubles_stand_above_the_table(void **unused)
{
	(void)unused;
	assert_shown(&(const struct file_read){.health =
	                                               "\"stopping\":false,\"state_failing\":true,"
	                                               "\"log_dropped\":1"},
	             (struct command_status_options){.json = false}, 0,
	             "the state cannot be written; schedules are sent all the same\n"
	             "1 record of the log could not be written\n" TITLES ROW);
	assert_shown(&(const struct file_read){.health = "\"state_failing\":true"},
	             (struct command_status_options){.colour = true}, 0,
	             "\033[31mthe state cannot be written; schedules are sent all the same\033[0m\n"
	             "\nID  NAME           SCHEDULE   STATE    ACCEPTED      NEXT ATTEMPT  LAST "
	             "ERROR\n"
	             "42  Mode: Finance  0 6 * * *  \033[32min-sync\033[0m  3min 20s ago  -\n");
}

#define ITEM(id, state, next, error)                                                    \
	"{\"id\":" id                                                                   \
	",\"name\":null,\"indexing_cron\":null,\"accepted_at\":null,\"state\":\"" state \
	"\",\"next_at\":" next ",\"last_error\":" error "}"

static void every_state_says_what_is_next(void **unused)
{
	static const char all[] =
		ITEM("1", "due", "null", "null") "," ITEM("2", "in-flight", "null", "null") "," ITEM("3", "confirming", "1700000060", "null") "," ITEM(
			"4", "waiting", "1700000130",
			"\"503 busy\"") "," ITEM("5", "rejected", "1700000000",
	                                         "\"422 no\"") "," ITEM("6", "parked", "null",
	                                                                "\"422 no\"") "," ITEM("7",
	                                                                                       "pau"
	                                                                                       "se"
	                                                                                       "d",
	                                                                                       "nul"
	                                                                                       "l",
	                                                                                       "nul"
	                                                                                       "l") "," ITEM("8",
	                                                                                                     "leaving",
	                                                                                                     "null",
	                                                                                                     "null") "," ITEM("9",
	                                                                                                                      "new-one",
	                                                                                                                      "null",
	                                                                                                                      "null");

	(void)unused;
	assert_shown(&(const struct file_read){.integrations = all},
	             (struct command_status_options){.json = false}, 1,
	             "\nID  NAME  SCHEDULE  STATE       ACCEPTED  NEXT ATTEMPT        LAST ERROR\n"
	             "1   -     none      due         never     now\n"
	             "2   -     none      in-flight   never     now\n"
	             "3   -     none      confirming  never     in 1min\n"
	             "4   -     none      waiting     never     in 2min 10s         503 busy\n"
	             "5   -     none      rejected    never     now                 422 no\n"
	             "6   -     none      parked      never     waits for a change  422 no\n"
	             "7   -     none      paused      never     -\n"
	             "8   -     none      leaving     never     -\n"
	             "9   -     none      new-one     never     now\n");
}

static void each_trouble_alone_is_not_in_sync(void **unused)
{
	static const struct {
		const char *state;
		int code;
	} rows[] = {
		{"in-sync", 0},   {"confirming", 0}, {"paused", 0},   {"leaving", 0}, {"due", 1},
		{"in-flight", 1}, {"waiting", 1},    {"rejected", 1}, {"parked", 1},  {"", 1}};
	int lock = hold_lock();

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run run = {.code = -1};
		char *item = mem_printf(ITEM("1", "%s", "null", "null"), rows[i].state);

		write_status(&(const struct file_read){.integrations = item});
		ask(&run);
		assert_int_equal(run.code, rows[i].code);
		text_clear(&run.out);
		text_clear(&run.errors);
		free(item);
	}
	(void)close(lock);
}

static void closed_gate_holds_up_what_is_due(void **unused)
{
	static const char two[] = ITEM("1", "waiting", "1700000005", "\"401 no\"") "," ITEM(
		"2", "rejected", "1700000100", "\"422 no\"");

	(void)unused;
	assert_shown(&(const struct file_read){.integrations = two,
	                                       .gate = "{\"state\":\"auth\",\"failed_probes\":2,"
	                                               "\"probing\":false,"
	                                               "\"next_probe_at\":1700000042}"},
	             (struct command_status_options){.json = false}, 1,
	             "nothing is sent but probes: the next goes in 42s, 2 failed\n"
	             "\nID  NAME  SCHEDULE  STATE     ACCEPTED  NEXT ATTEMPT     LAST ERROR\n"
	             "1   -     none      waiting   never     after the probe  401 no\n"
	             "2   -     none      rejected  never     in 1min 40s      422 no\n");
	assert_shown(&(const struct file_read){.integrations = "",
	                                       .gate = "{\"state\":\"breaker\",\"failed_probes\":0,"
	                                               "\"probing\":true,\"next_probe_at\":null}"},
	             (struct command_status_options){.json = false}, 0,
	             "nothing is sent but probes: one is under way, 0 failed\n");
	assert_shown(
		&(const struct file_read){.integrations = ITEM("1", "due", "1700000000", "null"),
	                                  .gate = "{\"state\":\"open\","
	                                          "\"paused_until\":1700000030}"},
		(struct command_status_options){.json = false}, 1,
		"the server asked to wait: for another 30s\n"
		"\nID  NAME  SCHEDULE  STATE  ACCEPTED  NEXT ATTEMPT  LAST ERROR\n"
		"1   -     none      due    never     in 30s\n");
}

static void error_is_cut_between_characters(void **unused)
{
	static const char one[] =
		ITEM("1", "waiting", "1700000001", "\"abcdefghijklmnop\xc3\xa4\xc3\xb6qrs\"");
	static const char table[] =
		"\nID  NAME  SCHEDULE  STATE    ACCEPTED  NEXT ATTEMPT  LAST ERROR\n"
		"1   -     none      waiting  never     in 1s         %s\n";
	static const struct {
		size_t columns;
		const char *error;
	} rows[] = {{0, "abcdefghijklmnop\xc3\xa4\xc3\xb6qrs"},
	            {80, "abcdefghijklmnop\xc3\xa4\xc3\xb6qrs"},
	            {74, "abcdefghijklmnop\xc3\xa4\xc3\xb6qrs"},
	            {73, "abcdefghijklmnop\xc3\xa4\xc3\xb6q\xe2\x80\xa6"},
	            {71, "abcdefghijklmnop\xc3\xa4\xe2\x80\xa6"},
	            {20, "abcdefghijklmno\xe2\x80\xa6"}};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *desired = mem_printf(table, rows[i].error);

		assert_shown(&(const struct file_read){.integrations = one},
		             (struct command_status_options){.columns = rows[i].columns}, 1,
		             desired);
		free(desired);
	}
}

static void json_is_the_file_itself(void **unused)
{
	struct run run = {.options = {.json = true}};
	int lock = hold_lock();
	char start[40];

	(void)unused;
	write_status(&(const struct file_read){.refused = "{\"errors\":1,\"first\":\"f\"}"});
	ask(&run);
	(void)close(lock);
	(void)snprintf(start, sizeof(start), "{\"version\":1,\"pid\":%ld,", (long)getpid());
	assert_memory_equal(run.out.bytes, start, strlen(start));
	assert_string_equal(run.out.bytes + run.out.length - 4, "}]}\n");
	assert_int_equal(run.code, 1);
	text_clear(&run.out);
	text_clear(&run.errors);
}

static long dead_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return (long)pid;
}

static void assert_dead(long pid, bool json)
{
	struct run run = {.options = {.json = json}};
	char *desired =
		mem_printf("not running: process %ld did not stop by itself; it last told of "
	                   "itself 5s ago\n",
	                   pid);

	write_status(&(const struct file_read){.pid = pid});
	ask(&run);
	assert_answer(&run, 3, "", desired);
	free(desired);
}

static void process_that_is_gone_is_not_running(void **unused)
{
	int lock = hold_lock();

	(void)unused;
	assert_dead(dead_process(), false);
	assert_dead(dead_process(), true);
	(void)close(lock);
}

/* The number may be another's by now. */
static void process_without_the_lock_is_not_running(void **unused)
{
	(void)unused;
	(void)close(hold_lock());
	assert_dead((long)getpid(), false);
}

static void no_file_is_not_running(void **unused)
{
	struct run run = {.code = -1};
	char *desired = mem_printf("not running: cannot open '%s/status.json': No such file or "
	                           "directory\n",
	                           directory);

	(void)unused;
	ask(&run);
	assert_answer(&run, 3, "", desired);
	free(desired);
}

static void lock_without_a_file_is_running_unseen(void **unused)
{
	struct run run = {.code = -1};
	char *pid = mem_printf("%ld\n", (long)getpid());
	char *desired =
		mem_printf("running as process %ld, but cannot open '%s/status.json': No such "
	                   "file or directory; $RUNTIME_DIRECTORY names another place\n",
	                   (long)getpid(), directory);
	int lock = hold_lock();

	(void)unused;
	write_file("lock", pid);
	ask(&run);
	(void)close(lock);
	assert_answer(&run, 1, "", desired);
	free(desired);
	free(pid);
}

static void other_files_are_not_understood(void **unused)
{
	static const char *const texts[] = {
		"", "{", "[]", "null", "7", "{\"version\":2}", "{\"version\":\"1\"}"};
	char *desired = mem_printf("%s/status.json is not what this version writes; has the daemon "
	                           "been restarted since the upgrade?\n",
	                           directory);

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct run run = {.code = -1};

		write_file("status.json", texts[i]);
		ask(&run);
		assert_answer(&run, 1, "", desired);
	}
	free(desired);
}

static int enter(void **state)
{
	directory = mem_dup("/tmp/dfmode-status-XXXXXX");
	*state = directory;
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int leave(void **state)
{
	char *paths[] = {mem_printf("%s/status.json", directory), mem_printf("%s/lock", directory)};
	int result;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)unlink(paths[i]);
		free(paths[i]);
	}
	result = rmdir(directory);
	free(directory);
	return result;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_in_sync_is_a_table_and_zero),
		TEST(no_integrations_is_no_table),
		TEST(refused_file_is_not_in_sync),
		TEST(troubles_stand_above_the_table),
		TEST(every_state_says_what_is_next),
		TEST(each_trouble_alone_is_not_in_sync),
		TEST(closed_gate_holds_up_what_is_due),
		TEST(error_is_cut_between_characters),
		TEST(json_is_the_file_itself),
		TEST(process_that_is_gone_is_not_running),
		TEST(process_without_the_lock_is_not_running),
		TEST(no_file_is_not_running),
		TEST(lock_without_a_file_is_running_unseen),
		TEST(other_files_are_not_understood),
	};

	return cmocka_run_group_tests_name("command_status", tests, NULL, NULL);
}
