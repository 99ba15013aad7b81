/* SPDX-License-Identifier: MIT */
/* What a daemon may answer, or not, and what a command is given of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "commands/control_client.h"
#include "support/control_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct control_client_request status = {.name = "status"};

static void answers_become_objects_or_codes(void **state)
{
	static const struct {
		struct control_server_reply reply;
		int code;
		const char *error; /* its beginning; NULL: there is an object */
	} cases[] = {
		{.reply = {.line = "{\"a\":1}"}, .code = 0},
		{.reply = {.line = "{\"a\":1}", .piece = 1}, .code = 0},
		{.reply = {.line = "{\"error\":\"not you\",\"code\":77}"},
	         .code = EX_NOPERM,
	         .error = "not you"},
		{.reply = {.line = "{\"error\":\"odd\",\"code\":0}"}, .code = 1, .error = "odd"},
		{.reply = {.line = "{\"error\":\"odd\"}"}, .code = 1, .error = "odd"},
		{.reply = {.line = "[1]"}, .code = 1, .error = "the answer at "},
		{.reply = {.line = "{\"a\":"}, .code = 1, .error = "the answer at "},
		{.reply = {.line = ""}, .code = 1, .error = "the answer at "},
		{.reply = {0},
	         .code = CONTROL_CLIENT_NOT_RUNNING,
	         .error = "not running: the daemon ended without an answer"},
		{.reply = {.hangs_up = true},
	         .code = EX_TEMPFAIL,
	         .error = "the daemon closed the connection without an answer: it may be out of "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct control_server *server = control_server_start(&cases[i].reply, 1);
		struct json_object *answer;
		struct fault fault = {0};

		assert_int_equal(control_client_ask(control_server_directory(server), &status,
		                                    &answer, &fault),
		                 cases[i].code);
		if (cases[i].error == NULL) {
			assert_null(fault.text);
			assert_int_equal(control_client_int(answer, "a", -1), 1);
		} else {
			assert_null(answer);
			assert_memory_equal(fault.text, cases[i].error, strlen(cases[i].error));
		}
		json_object_put(answer);
		fault_clear(&fault);
		control_server_stop(server);
	}
}

static void without_a_daemon_it_is_not_running(void **state)
{
	static const struct control_server_reply reply = {.line = "{}"};
	struct control_server *server = control_server_start(&reply, 1);
	struct fault fault = {0};
	struct json_object *answer;
	char *expected;

	(void)state;
	control_server_kill(server);
	assert_int_equal(
		control_client_ask(control_server_directory(server), &status, &answer, &fault),
		CONTROL_CLIENT_NOT_RUNNING);
	expected = mem_printf("not running: nothing listens at %s/control: Connection refused",
	                      control_server_directory(server));
	assert_string_equal(fault.text, expected);
	free(expected);
	assert_int_equal(control_client_ask("/nonexistent", &status, &answer, &fault),
	                 CONTROL_CLIENT_NOT_RUNNING);
	assert_string_equal(fault.text, "not running: nothing listens at /nonexistent/control: No "
	                                "such file or directory");
	fault_clear(&fault);
	control_server_stop(server);
}

static void a_path_that_is_too_long_is_named(void **state)
{
	char directory[120] = {0};
	struct fault fault = {0};
	struct json_object *answer;

	(void)state;
	memset(directory, 'd', sizeof(directory) - 1);
	directory[0] = '/';
	assert_int_equal(control_client_ask(directory, &status, &answer, &fault), 1);
	assert_memory_equal(fault.text,
	                    "the path of the control socket is longer than 107 bytes: /ddd", 60);
	fault_clear(&fault);
}

static void requests_name_what_is_given(void **state)
{
	static const int64_t ids[] = {42, INT64_MAX};
	static const struct control_server_reply reply = {.line = "{}"};
	static const struct {
		struct control_client_request request;
		const char *line;
	} cases[] = {
		{.request = {.name = "status"}, .line = "{\"request\":\"status\"}\n"},
		{.request = {.name = "wait", .ids = ids, .count = 2, .timeout_ms = 5},
	         .line = "{\"request\":\"wait\",\"ids\":[42,9223372036854775807],"
	                 "\"timeout_ms\":5}\n"},
	};
	struct control_server *server = control_server_start(&reply, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fault fault = {0};
		struct json_object *answer;

		assert_int_equal(control_client_ask(control_server_directory(server),
		                                    &cases[i].request, &answer, &fault),
		                 0);
		assert_string_equal(control_server_request(server, i), cases[i].line);
		json_object_put(answer);
	}
	control_server_stop(server);
}

static void an_answer_that_takes_long_may_be_waited_for_in_steps(void **state)
{
	static const struct control_server_reply reply = {.line = "{\"a\":1}", .delay_ms = 60};
	struct control_server *server = control_server_start(&reply, 1);
	struct control_client_link link;
	struct json_object *answer = NULL;
	struct fault fault = {0};
	int steps = 0;

	(void)state;
	assert_int_equal(
		control_client_open(&link, control_server_directory(server), &status, &fault), 0);
	while (answer == NULL) {
		assert_int_equal(control_client_receive(&link, 5, &answer, &fault), 0);
		steps++;
	}
	assert_in_range(steps, 3, 100000);
	json_object_put(answer);
	control_client_close(&link);
	control_client_close(&link);
	control_server_stop(server);
}

static void members_of_other_types_are_missing(void **state)
{
	struct json_object *object =
		json_tokener_parse("{\"n\":3,\"s\":\"x\",\"b\":true,\"l\":[{\"n\":4}],\"z\":null}");

	(void)state;
	assert_int_equal(control_client_int(object, "n", -1), 3);
	assert_int_equal(control_client_int(object, "s", -1), -1);
	assert_int_equal(control_client_int(object, "gone", -1), -1);
	assert_int_equal(control_client_int(NULL, "n", -1), -1);
	assert_string_equal(control_client_string(object, "s"), "x");
	assert_null(control_client_string(object, "n"));
	assert_null(control_client_string(object, "z"));
	assert_true(control_client_bool(object, "b"));
	assert_false(control_client_bool(object, "z"));
	assert_int_equal(control_client_count(object, "l"), 1);
	assert_int_equal(control_client_count(object, "s"), 0);
	assert_int_equal(control_client_int(control_client_at(object, "l", 0), "n", -1), 4);
	assert_null(control_client_at(object, "l", 1));
	json_object_put(object);
}

static void faults_are_printed_as_check_prints_them(void **state)
{
	struct json_object *object = json_tokener_parse(
		"{\"errors\":2,\"faults\":[{\"file\":\"/f\",\"line\":3,\"column\":5,\"severity\":"
		"\"error\",\"message\":\"bad\\u001b\",\"excerpt\":\"...oops\",\"caret\":4,"
		"\"width\":4},"
		"{\"file\":\"/f\",\"line\":4,\"column\":null,\"severity\":\"warning\",\"message\":"
		"\"odd\"},{\"file\":null,\"severity\":\"error\",\"message\":\"no place\"}]}");
	struct text out = {0};

	(void)state;
	control_client_print_faults(object, false, &out);
	assert_string_equal(out.bytes, "/f:3:5: error: bad\\x1b\n"
	                               "    3 | ...oops\n"
	                               "      |    ^~~~\n"
	                               "/f:4: warning: odd\n"
	                               "error: no place\n"
	                               "2 errors, 1 warning\n");
	text_clear(&out);
	json_object_put(object);
}

/* Of more faults than an answer holds the number is known. */
static void faults_that_were_not_sent_are_counted(void **state)
{
	struct json_object *object = json_tokener_parse(
		"{\"errors\":60,\"faults\":[{\"file\":\"/f\",\"line\":3,\"message\":\"no\"}]}");
	struct text out = {0};

	(void)state;
	control_client_print_faults(object, false, &out);
	assert_non_null(strstr(out.bytes, "/f:3: error: no\n"));
	assert_non_null(strstr(out.bytes, "\n60 errors"));
	text_clear(&out);
	json_object_put(object);
}

/* A request is a line of 64 KiB at most; it is not sent if it is longer. */
static void too_many_ids_are_wrong_usage(void **state)
{
	int64_t *ids = mem_alloc(10000, sizeof(*ids));
	const struct control_client_request request = {
		.name = "status", .ids = ids, .count = 10000};
	struct control_client_link link;
	struct fault fault = {0};

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		ids[i] = INT64_MAX;
	assert_int_equal(control_client_open(&link, "/nonexistent", &request, &fault), EX_USAGE);
	assert_string_equal(fault.text, "too many ids for one request");
	control_client_close(&link);
	fault_clear(&fault);
	free(ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_become_objects_or_codes),
		cmocka_unit_test(without_a_daemon_it_is_not_running),
		cmocka_unit_test(a_path_that_is_too_long_is_named),
		cmocka_unit_test(requests_name_what_is_given),
		cmocka_unit_test(an_answer_that_takes_long_may_be_waited_for_in_steps),
		cmocka_unit_test(members_of_other_types_are_missing),
		cmocka_unit_test(faults_are_printed_as_check_prints_them),
		cmocka_unit_test(faults_that_were_not_sent_are_counted),
		cmocka_unit_test(too_many_ids_are_wrong_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
