/* SPDX-License-Identifier: MIT */
/* The command `reload`, for every answer that a daemon may give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sysexits.h>

#include "commands/command_reload.h"
#include "support/control_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define REFUSED                                                          \
	"{\"result\":\"refused\",\"errors\":1,\"faults\":[{\"file\":\"/" \
	"f\",\"line\":3,\"column\":5,"                                   \
	"\"severity\":\"error\",\"message\":\"bad\"}]}"
#define REFUSED_SHOWN                                 \
	"/f:3:5: error: bad\n1 error\nthe files are " \
	"refused; what was loaded before stays in force\n"

static void the_answer_is_the_truth(void **state)
{
	static const struct {
		const char *line; /* of the daemon; NULL: it ends */
		int code;
		const char *out, *errors;
	} rows[] = {
		{"{\"result\":\"in-force\"}", 0, "the files are in force\n", ""},
		{REFUSED, EX_CONFIG, "", REFUSED_SHOWN},
		{"{\"result\":\"unread\",\"error\":\"EIO\"}", EX_TEMPFAIL, "",
	         "the files cannot be read now: EIO; what was loaded before stays in force\n"},
		{"{\"error\":\"not you\",\"code\":77}", EX_NOPERM, "", "not you\n"},
		{NULL, 3, "", "not running: the daemon ended without an answer\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct control_server_reply reply = {.line = rows[i].line};
		struct control_server *server = control_server_start(&reply, 1);
		struct text out = {0};
		struct text errors = {0};

		assert_int_equal(
			command_reload(control_server_directory(server), false, &out, &errors),
			rows[i].code);
		text_add(&out, "");
		text_add(&errors, "");
		assert_string_equal(out.bytes, rows[i].out);
		assert_string_equal(errors.bytes, rows[i].errors);
		assert_string_equal(control_server_request(server, 0),
		                    "{\"request\":\"reload\"}\n");
		text_clear(&out);
		text_clear(&errors);
		control_server_stop(server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_is_the_truth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
