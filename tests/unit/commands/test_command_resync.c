/* SPDX-License-Identifier: MIT */
/* The command `resync`: a line or an element for each id, once, and the exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/command.h"
#include "support/http_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GOOD                                                              \
	{                                                                 \
		.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" \
	}
#define MISSING                                                         \
	{                                                               \
		.bytes = "HTTP/1.1 410 No\r\nContent-Length: 0\r\n\r\n" \
	}
#define DENIED                                                          \
	{                                                               \
		.bytes = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n" \
	}

static char path[] = "/tmp/dfmode-resync.XXXXXX";

static void write_config(int port)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(
		fprintf(file,
	                "api = { url = \"http://127.0.0.1:%d\"; key = \"canary-key\"; timeout = "
	                "\"500ms\"; };\nintegrations = ({ id = 42; name = \"F\"; token = "
	                "\"canary-token\"; password = \"canary-pass\"; indexing_cron = false; "
	                "});\n",
	                port) > 0);
	assert_int_equal(fclose(file), 0);
}

static int64_t ids[] = {42, 43};

static void each_is_asked_for_once_and_reported(void **state)
{
	static const struct {
		struct http_server_reply replies[2];
		bool json;
		int code;
		size_t requests;
		const char *out;
	} cases[] = {
		{.replies = {GOOD, GOOD},
	         .code = 0,
	         .requests = 2,
	         .out = "integration 42 'F': synchronisation started\n"
	                "integration 43: synchronisation started\n"},
		{.replies = {GOOD, MISSING},
	         .code = 1,
	         .requests = 2,
	         .out = "integration 42 'F': synchronisation started\n"
	                "integration 43: 410 the answer has no body\n"},
		{.replies = {DENIED, GOOD},
	         .code = EX_NOPERM,
	         .requests = 1,
	         .out = "integration 42 'F': 401 the answer has no body\n"
	                "the key is refused: 1 not asked\n"},
		{.replies = {GOOD, MISSING},
	         .json = true,
	         .code = 1,
	         .requests = 2,
	         .out = "{\"version\":1,\"integrations\":[\n"
	                "{\"id\":42,\"name\":\"F\",\"started\":true,\"error\":null},\n"
	                "{\"id\":43,\"name\":null,\"started\":false,\"error\":\"410 the answer has "
	                "no "
	                "body\"}],\"not_asked\":0}\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_server *server = http_server_start(cases[i].replies, 2);
		struct command_line options = {
			.config_path = path, .ids = ids, .id_count = 2, .json = cases[i].json};
		struct text out = {0};
		struct text errors = {0};

		write_config(http_server_port(server));
		assert_int_equal(command_resync(&options, &out, &errors), cases[i].code);
		assert_string_equal(out.bytes, cases[i].out);
		assert_int_equal(errors.length, 0);
		assert_int_equal(http_server_requests(server), cases[i].requests);
		text_clear(&out);
		http_server_stop(server);
	}
}

static void without_any_answer_it_is_69(void **state)
{
	struct command_line options = {.config_path = path, .ids = ids, .id_count = 2};
	struct text out = {0};

	(void)state;
	write_config(http_server_free_port());
	assert_int_equal(command_resync(&options, &out, &out), EX_UNAVAILABLE);
	text_clear(&out);
}

static void a_faulty_file_is_78_with_its_faults(void **state)
{
	struct command_line options = {.config_path = path, .ids = ids, .id_count = 2};
	struct text out = {0};
	struct text errors = {0};
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	assert_true(fputs("api = ;\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(command_resync(&options, &out, &errors), EX_CONFIG);
	assert_int_equal(out.length, 0);
	assert_int_not_equal(errors.length, 0);
	text_clear(&errors);
}

static int enter(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return fd >= 0 ? close(fd) : -1;
}

static int leave(void **state)
{
	(void)state;
	curl_global_cleanup();
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_asked_for_once_and_reported),
		cmocka_unit_test(without_any_answer_it_is_69),
		cmocka_unit_test(a_faulty_file_is_78_with_its_faults),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
