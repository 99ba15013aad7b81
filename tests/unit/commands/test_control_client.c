/* SPDX-License-Identifier: MIT */
/* What a daemon may answer, or not, and what a command is given of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/mem.h"
#include "commands/control_client.h"
#include "support/control_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct control_client_request status = {.name = "status"};

static int failing; /* what the next call fails with; 0: none does */

static bool fails(void)
{
	if (failing == 0)
		return false;
	errno = failing;
	failing = 0;
	return true;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol);
ssize_t __real_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);

int __wrap_socket(int family, int type, int protocol)
{
	return failing == EMFILE && fails() ? -1 : __real_socket(family, type, protocol);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags)
{
	return failing != EMFILE && fails() ? -1 : __real_send(fd, bytes, length, flags);
}
/* NOLINTEND(bugprone-reserved-identifier) */

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
		struct text errors = {0};

		assert_int_equal(control_client_ask(control_server_directory(server), &status,
		                                    &answer, &errors),
		                 cases[i].code);
		if (cases[i].error == NULL) {
			assert_int_equal(errors.length, 0);
			assert_int_equal(control_client_int(answer, "a", -1), 1);
		} else {
			assert_null(answer);
			assert_memory_equal(errors.bytes, cases[i].error, strlen(cases[i].error));
		}
		json_object_put(answer);
		text_clear(&errors);
		control_server_stop(server);
	}
}

static void without_a_daemon_it_is_not_running(void **state)
{
	static const struct control_server_reply reply = {.line = "{}"};
	struct control_server *server = control_server_start(&reply, 1);
	struct text errors = {0};
	struct json_object *answer;
	char *expected;

	(void)state;
	control_server_kill(server);
	assert_int_equal(
		control_client_ask(control_server_directory(server), &status, &answer, &errors),
		CONTROL_CLIENT_NOT_RUNNING);
	expected = mem_printf("not running: nothing listens at %s/control: Connection refused\n",
	                      control_server_directory(server));
	assert_string_equal(errors.bytes, expected);
	free(expected);
	text_truncate(&errors, 0);
	assert_int_equal(control_client_ask("/nonexistent", &status, &answer, &errors),
	                 CONTROL_CLIENT_NOT_RUNNING);
	assert_string_equal(errors.bytes,
	                    "not running: nothing listens at /nonexistent/control: No "
	                    "such file or directory\n");
	text_clear(&errors);
	control_server_stop(server);
}

static void a_path_that_is_too_long_is_named(void **state)
{
	char directory[120] = {0};
	struct text errors = {0};
	struct json_object *answer;

	(void)state;
	memset(directory, 'd', sizeof(directory) - 1);
	directory[0] = '/';
	assert_int_equal(control_client_ask(directory, &status, &answer, &errors), 1);
	assert_memory_equal(errors.bytes,
	                    "the path of the control socket is longer than 107 bytes: /ddd", 60);
	text_clear(&errors);
}

static void requests_name_what_is_given(void **state)
{
	static int64_t ids[] = {42, INT64_MAX};
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
		struct text errors = {0};
		struct json_object *answer;

		assert_int_equal(control_client_ask(control_server_directory(server),
		                                    &cases[i].request, &answer, &errors),
		                 0);
		assert_string_equal(control_server_request(server, i), cases[i].line);
		json_object_put(answer);
	}
	control_server_stop(server);
}

static void on_waiting(int64_t elapsed_ms, const void *data)
{
	assert_in_range(elapsed_ms, 0, 59999);
	++**(int *const *)data;
}

static void who_waits_long_is_called_back(void **state)
{
	static const struct control_server_reply reply = {.line = "{\"a\":1}", .delay_ms = 700};
	struct control_server *server = control_server_start(&reply, 1);
	int calls = 0;
	int *const counter = &calls;
	const struct control_client_request request = {
		.name = "wait", .wait_ms = 60000, .waiting = on_waiting, .data = &counter};
	struct json_object *answer;

	(void)state;
	assert_int_equal(
		control_client_ask(control_server_directory(server), &request, &answer, NULL), 0);
	assert_in_range(calls, 1, 2);
	json_object_put(answer);
	control_server_stop(server);
}

static void who_does_not_answer_in_time_is_named(void **state)
{
	static const struct control_server_reply reply = {.line = "{}", .delay_ms = 300};
	static const struct control_client_request request = {.name = "wait", .wait_ms = 50};
	struct control_server *server = control_server_start(&reply, 1);
	char *expected = mem_printf("the daemon does not answer at %s/control within 50ms\n",
	                            control_server_directory(server));
	struct json_object *answer;
	struct text errors = {0};

	(void)state;
	assert_int_equal(
		control_client_ask(control_server_directory(server), &request, &answer, &errors),
		1);
	assert_null(answer);
	assert_string_equal(errors.bytes, expected);
	text_clear(&errors);
	free(expected);
	control_server_stop(server);
}

/* What is shown as the answer is what came, and nothing of an error. */
static void the_answer_may_be_had_as_it_is(void **state)
{
	static const struct control_server_reply replies[] = {{.line = "{\"a\": 1}"},
	                                                      {.line = "{\"error\":\"no\"}"}};
	struct control_server *server = control_server_start(replies, 2);
	struct text out = {0};
	const struct control_client_request request = {.name = "status", .verbatim = &out};
	struct json_object *answer;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(control_client_ask(control_server_directory(server), &request,
		                                    &answer, NULL),
		                 i);
		json_object_put(answer);
	}
	assert_string_equal(out.bytes, "{\"a\": 1}\n");
	text_clear(&out);
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
	struct json_object *answer;
	struct text errors = {0};

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		ids[i] = INT64_MAX;
	assert_int_equal(control_client_ask("/nonexistent", &request, &answer, &errors), EX_USAGE);
	assert_string_equal(errors.bytes, "too many ids for one request\n");
	assert_null(answer);
	text_clear(&errors);
	free(ids);
}

static void what_the_kernel_refuses_is_named(void **state)
{
	static const struct control_server_reply reply = {.line = "{\"a\":1}"};
	static const struct {
		int error, code;
		const char *errors;
	} rows[] = {
		{EMFILE, EXIT_FAILURE, "no socket: Too many open files\n"},
		{EAGAIN, EX_TEMPFAIL,
	         "the daemon takes no request: Resource temporarily unavailable\n"},
		{EINTR, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct control_server *server = control_server_start(&reply, 1);
		struct json_object *answer = NULL;
		struct text errors = {0};

		failing = rows[i].error;
		assert_int_equal(control_client_ask(control_server_directory(server), &status,
		                                    &answer, &errors),
		                 rows[i].code);
		text_add(&errors, "");
		assert_string_equal(errors.bytes, rows[i].errors);
		assert_int_equal(failing, 0);
		json_object_put(answer);
		text_clear(&errors);
		control_server_stop(server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_become_objects_or_codes),
		cmocka_unit_test(without_a_daemon_it_is_not_running),
		cmocka_unit_test(a_path_that_is_too_long_is_named),
		cmocka_unit_test(requests_name_what_is_given),
		cmocka_unit_test(who_waits_long_is_called_back),
		cmocka_unit_test(who_does_not_answer_in_time_is_named),
		cmocka_unit_test(the_answer_may_be_had_as_it_is),
		cmocka_unit_test(members_of_other_types_are_missing),
		cmocka_unit_test(faults_are_printed_as_check_prints_them),
		cmocka_unit_test(faults_that_were_not_sent_are_counted),
		cmocka_unit_test(too_many_ids_are_wrong_usage),
		cmocka_unit_test(what_the_kernel_refuses_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
