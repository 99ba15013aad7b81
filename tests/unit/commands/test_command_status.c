/* SPDX-License-Identifier: MIT */
/* The command `status`: all of it to the letter, and the exit codes, for answers of a stand-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "commands/command.h"
#include "support/control_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          1700000000 /* Tue 2023-11-14 22:13:20 UTC */

#define HEAD         \
	"so it is\n" \
	"/etc/x.conf to https://app.datafold.com; process 93, up 1h 1min\n"
#define FINE  "\"stopping\":false,\"state_failing\":false,\"log_dropped\":0"
#define OPEN  "{\"state\":\"open\",\"failed_probes\":0,\"probing\":false}"
#define FORCE "{\"file\":\"/etc/x.conf\",\"state\":\"in-force\",\"errors\":0,\"faults\":[]}"
#define FINANCE                                                                  \
	"{\"id\":42,\"name\":\"Mode: Finance\",\"indexing_cron\":\"0 6 * * *\"," \
	"\"accepted_at\":1699999800,\"state\":\"in-sync\",\"next_at\":null,\"last_error\":null}"
#define ITEM(id, state, next, error)                                                \
	"{\"id\":" id ",\"name\":null,\"indexing_cron\":null,\"accepted_at\":null," \
	"\"state\":\"" state "\",\"next_at\":" next ",\"last_error\":" error "}"

struct answer {
	const char *config, *gate, *health, *integrations;
};

/* The items of a list, separated; a new string. */
static char *join(const char *const *items, size_t count)
{
	struct text list = {0};

	for (size_t i = 0; i < count; i++) {
		text_add(&list, i > 0 ? "," : "");
		text_add(&list, items[i]);
	}
	return text_take(&list);
}

/* What is shown of such an answer; a new string. */
static char *show(const struct answer *answer, struct command_line options, int code)
{
	char *line = mem_printf(
		"{\"version\":2,\"pid\":93,\"started_at\":%d,\"written_at\":%d,%s,\"config\":%s,"
		"\"url\":\"https://app.datafold.com\",\"gate\":%s,\"dashboard\":\"so it is\","
		"\"integrations\":[%s]}",
		NOW - 3660, NOW, answer->health != NULL ? answer->health : FINE,
		answer->config != NULL ? answer->config : FORCE,
		answer->gate != NULL ? answer->gate : OPEN,
		answer->integrations != NULL ? answer->integrations : FINANCE);
	struct control_server_reply reply = {.line = line};
	struct control_server *server = control_server_start(&reply, 1);
	struct text out = {0};
	struct text errors = {0};

	options.runtime_directory = control_server_directory(server);
	options.now_unix_s = NOW;
	assert_int_equal(command_status(&options, &out, &errors), code);
	assert_int_equal(errors.length, 0);
	control_server_stop(server);
	free(line);
	return text_take(&out);
}

static void assert_shown(const struct answer *answer, struct command_line options, int code,
                         const char *desired)
{
	char *shown = show(answer, options, code);

	assert_string_equal(shown, desired);
	free(shown);
}

#define TABLE                                                                  \
	"\nID  NAME           SCHEDULE   NEXT RUN         STATE    ACCEPTED\n" \
	"42  Mode: Finance  0 6 * * *  Wed 11-15 06:00  in-sync  3min 20s ago\n"

static void all_in_sync_is_a_table_and_zero(void **state)
{
	(void)state;
	assert_shown(&(const struct answer){0}, (struct command_line){0}, 0, HEAD TABLE);
	assert_shown(&(const struct answer){0}, (struct command_line){.columns = 80}, 0,
	             HEAD TABLE);
	assert_shown(&(const struct answer){.integrations = ""}, (struct command_line){0}, 0, HEAD);
}

/* The kind: whatever the files are but in force is said, with the first fault, and is not zero. */
static void files_that_are_not_in_force_are_not_in_sync(void **state)
{
	static const struct {
		const char *config, *shown;
	} cases[] = {
		{"{\"file\":\"/etc/x.conf\",\"state\":\"changed\",\"errors\":0,\"faults\":[]}",
	         "the files have changed and are not in force yet\n"},
		{"{\"file\":\"/etc/"
	         "x.conf\",\"state\":\"refused\",\"errors\":2,\"faults\":[{\"file\":"
	         "\"f\",\"line\":3,\"column\":5,\"message\":\"no\\u001b[31m\"},{\"file\":\"f\"}]}",
	         "the files have changed and are refused, 2 errors; what was loaded before stays "
	         "in "
	         "force:\n  f:3:5: no\\x1b[31m\n  dfmode-sync check shows all of them\n"},
		{"{\"file\":\"/etc/"
	         "x.conf\",\"state\":\"refused\",\"errors\":1,\"faults\":[{\"file\":"
	         "\"f\",\"line\":null,\"message\":\"gone\"}]}",
	         "the files have changed and are refused, 1 error; what was loaded before stays in "
	         "force:\n  f: gone\n"},
		{"{\"file\":\"/etc/"
	         "x.conf\",\"state\":\"unread\",\"errors\":1,\"faults\":[{\"file\":"
	         "null,\"message\":\"EIO\"}]}",
	         "the files cannot be read now; what was loaded before stays in force:\n  EIO\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *desired = mem_printf(HEAD "%s" TABLE, cases[i].shown);

		assert_shown(&(const struct answer){.config = cases[i].config},
		             (struct command_line){0}, 1, desired);
		free(desired);
	}
}

static void the_daemons_own_failures_stand_above_the_table(void **state)
{
	(void)state;
	assert_shown(&(const struct answer){.health = "\"state_failing\":true,\"log_dropped\":1"},
	             (struct command_line){0}, 0,
	             HEAD "the state cannot be written; schedules are sent all the same\n"
	                  "1 log record dropped\n" TABLE);
	assert_shown(&(const struct answer){.health = "\"state_failing\":true"},
	             (struct command_line){.colour = true}, 0,
	             HEAD
	             "\033[31mthe state cannot be written; schedules are sent all the same\033[0m\n"
	             "\nID  NAME           SCHEDULE   NEXT RUN         STATE    ACCEPTED\n"
	             "42  Mode: Finance  0 6 * * *  Wed 11-15 06:00  \033[32min-sync\033[0m  3min "
	             "20s ago\n");
}

static void every_state_says_what_is_next_and_each_error_is_below(void **state)
{
	static const char *const all[] = {
		ITEM("1", "due", "null", "null"),
		ITEM("2", "in-flight", "null", "null"),
		ITEM("3", "confirming", "1700000060", "null"),
		ITEM("4", "waiting", "1700000130", "\"503 busy\""),
		ITEM("5", "rejected", "1700000000", "\"422 no\""),
		ITEM("6", "parked", "null", "\"422 no\""),
		ITEM("7",
	             "pau"
	             "se"
	             "d",
	             "nul"
	             "l",
	             "nul"
	             "l"),
		ITEM("8", "leaving", "null", "null"),
		ITEM("9", "drifted", "null", "\"the server has '1 1 * * *'\""),
		ITEM("10", "new-one", "null", "null"),
	};
	char *list = join(all, COUNT(all));

	(void)state;
	assert_shown(&(const struct answer){.integrations = list}, (struct command_line){0}, 1,
	             HEAD "\nID  SCHEDULE  STATE       ACCEPTED  NEXT TRY\n"
	                  "1   none      due         never     now\n"
	                  "2   none      in-flight   never     now\n"
	                  "3   none      confirming  never     in 1min\n"
	                  "4   none      waiting     never     in 2min 10s\n"
	                  "5   none      rejected    never     now\n"
	                  "6   none      parked      never     after a change\n"
	                  "7   none      paused      never     -\n"
	                  "8   none      leaving     never     -\n"
	                  "9   none      drifted     never     -\n"
	                  "10  none      new-one     never     -\n"
	                  "\nintegration 4 is waiting: 503 busy; next try in 2min 10s\n"
	                  "integration 5 is rejected: 422 no; next try now\n"
	                  "integration 6 is parked: 422 no; next try after a change\n"
	                  "integration 9 is drifted: the server has '1 1 * * *'\n");
	free(list);
}

static void a_problem_is_said_whole(void **state)
{
	static const char one[] =
		"{\"id\":42,\"name\":\"Mode: Finance\",\"indexing_cron\":\"0 6 * * x\","
		"\"accepted_at\":1699999800,\"state\":\"rejected\",\"attempts\":3,\"next_at\":"
		"1700000130,\"last_error\":\"422 body.indexing_cron: invalid cron expression "
		"(value_error)\",\"file\":\"/etc/x.conf\",\"line\":14}";

	(void)state;
	assert_shown(&(const struct answer){.integrations = one},
	             (struct command_line){.columns = 60}, 1,
	             HEAD "\nID  NAME           SCHEDULE   STATE     ACCEPTED\n"
	                  "42  Mode: Finance  0 6 * * x  rejected  3min 20s ago\n"
	                  "\n/etc/x.conf:14: integration 42 'Mode: Finance' is rejected: 422 "
	                  "body.indexing_cron: invalid cron expression (value_error); attempt 3, "
	                  "next try in 2min 10s\n");
}

static void each_state_alone_decides_the_exit_code(void **state)
{
	static const struct {
		const char *state;
		int code;
	} rows[] = {{"in-sync", 0}, {"confirming", 0}, {"paused", 0},  {"leaving", 0},
	            {"due", 1},     {"in-flight", 1},  {"waiting", 1}, {"rejected", 1},
	            {"parked", 1},  {"drifted", 1},    {"gone", 1},    {"", 1}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *line = mem_printf("{\"config\":" FORCE
		                        ",\"integrations\":[" ITEM("1", "%s", "null", "null") "]}",
		                        rows[i].state);
		struct control_server_reply reply = {.line = line};
		struct control_server *server = control_server_start(&reply, 1);
		struct command_line options = {.runtime_directory =
		                                       control_server_directory(server)};
		struct text out = {0};

		assert_int_equal(command_status(&options, &out, &out), rows[i].code);
		text_clear(&out);
		control_server_stop(server);
		free(line);
	}
}

static void closed_gate_holds_back_what_is_due(void **state)
{
	static const char *const two[] = {
		ITEM("1", "waiting", "1700000005", "\"401 no\""),
		ITEM("2", "rejected", "1700000100", "\"422 no\""),
	};
	char *list = join(two, COUNT(two));

	(void)state;
	assert_shown(&(const struct answer){.integrations = list,
	                                    .gate = "{\"state\":\"auth\",\"failed_probes\":2,"
	                                            "\"probing\":false,\"next_probe_at\":"
	                                            "1700000042}"},
	             (struct command_line){0}, 1,
	             HEAD "nothing is sent but probes: the next goes in 42s, 2 failed\n"
	                  "\nID  SCHEDULE  STATE     ACCEPTED  NEXT TRY\n"
	                  "1   none      waiting   never     after the probe\n"
	                  "2   none      rejected  never     in 1min 40s\n"
	                  "\nintegration 1 is waiting: 401 no; next try after the probe\n"
	                  "integration 2 is rejected: 422 no; next try in 1min 40s\n");
	assert_shown(&(const struct answer){.integrations = "",
	                                    .gate = "{\"state\":\"auth\",\"failed_probes\":1,"
	                                            "\"probing\":false,\"next_probe_at\":"
	                                            "1700000000}"},
	             (struct command_line){0}, 0,
	             HEAD "nothing is sent but probes: the next goes now, 1 failed\n");
	assert_shown(&(const struct answer){.integrations = "",
	                                    .gate = "{\"state\":\"breaker\",\"failed_probes\":0,"
	                                            "\"probing\":true,\"next_probe_at\":null}"},
	             (struct command_line){0}, 0,
	             HEAD "nothing is sent but probes: one is under way, 0 failed\n");
	assert_shown(
		&(const struct answer){.integrations = ITEM("1", "due", "1700000000", "null"),
	                               .gate = "{\"state\":\"open\",\"paused_until\":1700000030}"},
		(struct command_line){0}, 1,
		HEAD "the server asked to wait: for another 30s\n"
		     "\nID  SCHEDULE  STATE  ACCEPTED  NEXT TRY\n"
		     "1   none      due    never     in 30s\n");
	free(list);
}

static void with_few_lines_what_fails_comes_first(void **state)
{
	static const char *const many[] = {
		ITEM("1", "in-sync", "null", "null"),  ITEM("2", "in-sync", "null", "null"),
		ITEM("3", "in-sync", "null", "null"),  ITEM("4", "in-sync", "null", "null"),
		ITEM("5", "parked", "null", "\"no\""),
	};
	char *list = join(many, COUNT(many));

	(void)state;
	assert_shown(&(const struct answer){.integrations = list},
	             (struct command_line){.columns = 80, .lines = 10}, 1,
	             HEAD "\nID  SCHEDULE  STATE    ACCEPTED  NEXT TRY\n"
	                  "5   none      parked   never     after a change\n"
	                  "1   none      in-sync  never     -\n"
	                  "2   none      in-sync  never     -\n"
	                  "\xe2\x80\xa6 and 2 more, all in sync\n"
	                  "\nintegration 5 is parked: no; next try after a change\n");
	free(list);
}

/* What ends, and what is over or in sync, is shown as that. */
static void what_is_over_is_no_news(void **state)
{
	static const char stopping[] =
		"\"stopping\":true,\"state_failing\":false,\"log_dropped\":0";
	static const char over[] = "{\"state\":\"open\",\"paused_until\":1699999999}";
	static const char item[] = ITEM("7", "in-sync", "null", "\"an old error\"");
	const struct command_line options = {0};
	char *shown;

	(void)state;
	assert_shown(&(const struct answer){.health = stopping}, options, 0,
	             "so it is\n/etc/x.conf to https://app.datafold.com; process 93, "
	             "stopping\n" TABLE);
	assert_shown(&(const struct answer){.gate = over}, options, 0, HEAD TABLE);
	shown = show(&(const struct answer){.integrations = item}, options, 0);
	assert_null(strstr(shown, "an old error"));
	free(shown);
}

/* A hundred problems are enough for a terminal; elsewhere all are said. */
static void a_terminal_gets_a_hundred_problems(void **state)
{
	const char *items[101];
	char *list;

	(void)state;
	for (size_t i = 0; i < COUNT(items); i++)
		items[i] = ITEM("7", "rejected", "null", "\"no\"");
	list = join(items, COUNT(items));
	for (size_t columns = 0; columns <= 80; columns += 80) {
		const struct command_line options = {.columns = columns};
		char *shown = show(&(const struct answer){.integrations = list}, options, 1);

		assert_int_equal(strstr(shown, "and 1 more; `dfmode-sync status ID` shows one") !=
		                         NULL,
		                 columns > 0);
		free(shown);
	}
	free(list);
}

static void json_is_the_answer_itself(void **state)
{
	static const char *const line = "{\"version\":2,\"integrations\":[],\"x\":1}";
	struct control_server_reply reply = {.line = line};
	struct control_server *server = control_server_start(&reply, 1);
	struct command_line options = {.runtime_directory = control_server_directory(server),
	                               .json = true};
	struct text out = {0};
	char *desired = mem_printf("%s\n", line);

	(void)state;
	assert_int_equal(command_status(&options, &out, &out), 0);
	assert_string_equal(out.bytes, desired);
	text_clear(&out);
	free(desired);
	control_server_stop(server);
}

static void ids_are_asked_for_and_missed(void **state)
{
	static int64_t ids[] = {42, 43};
	struct control_server_reply reply = {.line = "{\"integrations\":[" FINANCE "]}"};
	struct control_server *server = control_server_start(&reply, 1);
	struct command_line options = {
		.runtime_directory = control_server_directory(server), .ids = ids, .id_count = 2};
	struct text out = {0};
	struct text errors = {0};

	(void)state;
	assert_int_equal(command_status(&options, &out, &errors), 1);
	assert_string_equal(errors.bytes, "integration 43 is not in the configuration in force\n");
	assert_string_equal(control_server_request(server, 0),
	                    "{\"request\":\"status\",\"ids\":[42,43]}\n");
	text_clear(&out);
	text_clear(&errors);
	control_server_stop(server);
}

static void no_daemon_is_3_and_no_good_answer_is_1(void **state)
{
	static const struct {
		struct control_server_reply reply;
		int code;
	} cases[] = {{{.line = NULL}, 3},
	             {{.line = "[]"}, 1},
	             {{.line = "{\"error\":\"e\"}"}, 1},
	             {{.line = "{\"error\":\"too many clients\",\"code\":75}"}, 1}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct control_server *server = control_server_start(&cases[i].reply, 1);
		struct command_line options = {
			.runtime_directory = control_server_directory(server), .json = i % 2 == 0};
		struct text out = {0};
		struct text errors = {0};

		assert_int_equal(command_status(&options, &out, &errors), cases[i].code);
		assert_int_equal(out.length, 0);
		assert_int_not_equal(errors.length, 0);
		text_clear(&errors);
		control_server_stop(server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_in_sync_is_a_table_and_zero),
		cmocka_unit_test(files_that_are_not_in_force_are_not_in_sync),
		cmocka_unit_test(the_daemons_own_failures_stand_above_the_table),
		cmocka_unit_test(every_state_says_what_is_next_and_each_error_is_below),
		cmocka_unit_test(a_problem_is_said_whole),
		cmocka_unit_test(each_state_alone_decides_the_exit_code),
		cmocka_unit_test(closed_gate_holds_back_what_is_due),
		cmocka_unit_test(with_few_lines_what_fails_comes_first),
		cmocka_unit_test(what_is_over_is_no_news),
		cmocka_unit_test(a_terminal_gets_a_hundred_problems),
		cmocka_unit_test(json_is_the_answer_itself),
		cmocka_unit_test(ids_are_asked_for_and_missed),
		cmocka_unit_test(no_daemon_is_3_and_no_good_answer_is_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
