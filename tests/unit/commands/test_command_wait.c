/* SPDX-License-Identifier: MIT */
/* The commands `wait` and `push`, for every answer that a daemon may give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "commands/command.h"
#include "support/control_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define REJECTED                                                                           \
	"{\"id\":42,\"name\":\"Mode: Finance\",\"state\":\"rejected\",\"accepted\":false," \
	"\"error\":\"422 no\",\"next_at\":null,\"file\":\"/f\",\"line\":14,\"attempts\":2}"
#define GOOD "{\"id\":43,\"name\":null,\"state\":\"in-sync\",\"accepted\":true,\"error\":null}"
#define PAUSED                                                                         \
	"{\"id\":44,\"name\":\"P\",\"state\":\"paused\",\"accepted\":false,\"error\":" \
	"\"paused\"}"
#define CONFIRMING \
	"{\"id\":46,\"name\":null,\"state\":\"confirming\",\"accepted\":true,\"error\":null}"
#define DRIFTED                                                                              \
	"{\"id\":45,\"name\":null,\"state\":\"drifted\",\"accepted\":false,\"error\":\"the " \
	"server has '1 1 * * *'\"}"
#define REFUSED                                                          \
	"{\"result\":\"refused\",\"errors\":1,\"faults\":[{\"file\":\"/" \
	"f\",\"line\":3,\"column\":5,"                                   \
	"\"severity\":\"error\",\"message\":\"bad\"}]}"
#define REFUSED_SHOWN                                 \
	"/f:3:5: error: bad\n1 error\nthe files are " \
	"refused; what was loaded before stays in force\n"

#define LONG "0123456789012345678901234567890123456789012345678901234567890"

struct row {
	const char *line; /* of the daemon; NULL: it ends */
	int code;
	const char *out, *errors;
};

typedef int run_fn(const char *directory, struct text *out, struct text *errors);

static void assert_rows(const struct row *rows, size_t count, run_fn *run, const char *request)
{
	for (size_t i = 0; i < count; i++) {
		struct control_server_reply reply = {.line = rows[i].line};
		struct control_server *server = control_server_start(&reply, 1);
		struct text out = {0};
		struct text errors = {0};

		assert_int_equal(run(control_server_directory(server), &out, &errors),
		                 rows[i].code);
		text_add(&out, "");
		text_add(&errors, "");
		assert_string_equal(out.bytes, rows[i].out);
		assert_string_equal(errors.bytes, rows[i].errors);
		assert_string_equal(control_server_request(server, 0), request);
		text_clear(&out);
		text_clear(&errors);
		control_server_stop(server);
	}
}

static int run_wait(const char *directory, struct text *out, struct text *errors)
{
	static int64_t ids[] = {42, 43};
	const struct command_line options = {
		.runtime_directory = directory, .ids = ids, .id_count = 2, .timeout_ms = 5000};

	return command_wait(&options, out, errors);
}

static void wait_reports_what_is_not_in_sync(void **state)
{
	static const struct row rows[] = {
		{"{\"result\":\"settled\",\"integrations\":[]}", 0, "in sync\n", ""},
		{"{\"result\":\"settled\",\"integrations\":[" GOOD "," PAUSED "]}", 0, "in sync\n",
	         ""},
		{"{\"result\":\"settled\",\"integrations\":[" GOOD "," REJECTED "," DRIFTED "]}", 1,
	         "/f:14: integration 42 'Mode: Finance' is rejected: 422 no; attempt 2, next try "
	         "now\nintegration 45 is drifted: the server has '1 1 * * *'\n2 not in sync\n",
	         ""},
		{"{\"result\":\"timeout\",\"integrations\":[" REJECTED "]}", 1,
	         "/f:14: integration 42 'Mode: Finance' is rejected: 422 no; attempt 2, next try "
	         "now\nnot settled within 5s\n",
	         ""},
		{"{\"result\":\"timeout\",\"integrations\":[" GOOD "]}", 1,
	         "not settled within 5s\n", ""},
		{"{\"result\":\"timeout\",\"integrations\":[" GOOD "," CONFIRMING "," REJECTED "]}",
	         1,
	         "integration 46 is confirming; next try now\n/f:14: integration 42 'Mode: "
	         "Finance' is "
	         "rejected: 422 no; attempt 2, next try now\nnot settled within 5s\n",
	         ""},
		{"{\"result\":\"settled\",\"integrations\":[" CONFIRMING "]}", 0, "in sync\n", ""},
		{REFUSED, EX_CONFIG, "", REFUSED_SHOWN},
		{"{\"result\":\"unread\",\"error\":\"'/f' cannot be opened: EIO\"}", 1, "",
	         "the files cannot be read now: '/f' cannot be opened: EIO; what was loaded before "
	         "stays in force\n"},
		{"{\"error\":\"not you\",\"code\":77}", EX_NOPERM, "", "not you\n"},
		{"{\"error\":\"the daemon is stopping\",\"code\":75}", 1, "",
	         "the daemon is stopping\n"},
		{NULL, 3, "", "not running: the daemon ended without an answer\n"},
	};

	(void)state;
	assert_rows(rows, COUNT(rows), run_wait,
	            "{\"request\":\"wait\",\"ids\":[42,43],\"timeout_ms\":5000}\n");
}

static int run_push(const char *directory, struct text *out, struct text *errors)
{
	static int64_t ids[] = {43};
	const struct command_line options = {
		.runtime_directory = directory, .ids = ids, .id_count = 1};

	return command_push(&options, out, errors);
}

static void push_reports_each(void **state)
{
	static const struct row rows[] = {
		{"{\"result\":\"done\",\"integrations\":[" GOOD "]}", 0,
	         "integration 43: accepted\n", ""},
		{"{\"result\":\"done\",\"integrations\":[" GOOD "," PAUSED "]}", 1,
	         "integration 43: accepted\nintegration 44 'P' is paused\n", ""},
		{"{\"error\":\"not you\",\"code\":77}", EX_NOPERM, "", "not you\n"},
		{NULL, 3, "", "not running: the daemon ended without an answer\n"},
	};

	(void)state;
	assert_rows(rows, COUNT(rows), run_push, "{\"request\":\"push\",\"ids\":[43]}\n");
}

static int run_reload(const char *directory, struct text *out, struct text *errors)
{
	const struct command_line options = {.runtime_directory = directory};

	return command_reload(&options, out, errors);
}

static void reload_says_whether_the_files_are_in_force(void **state)
{
	static const struct row rows[] = {
		{"{\"result\":\"in-force\"}", 0, "the files are in force\n", ""},
		{REFUSED, EX_CONFIG, "", REFUSED_SHOWN},
		{"{\"result\":\"unread\",\"error\":\"EIO\"}", EX_TEMPFAIL, "",
	         "the files cannot be read now: EIO; what was loaded before stays in force\n"},
		{"{\"error\":\"not you\",\"code\":77}", EX_NOPERM, "", "not you\n"},
		{NULL, 3, "", "not running: the daemon ended without an answer\n"},
	};

	(void)state;
	assert_rows(rows, COUNT(rows), run_reload, "{\"request\":\"reload\"}\n");
}

/* What is drawn on standard error meanwhile. Free the result. */
static char *run_drawn(const struct control_server_reply *replies)
{
	struct control_server *server = control_server_start(replies, 2);
	const struct command_line options = {.runtime_directory = control_server_directory(server),
	                                     .timeout_ms = 5000,
	                                     .has_progress = true};
	struct text out = {0}, errors = {0}, drawn = {0};
	FILE *file = tmpfile();
	int before = dup(STDERR_FILENO);
	char bytes[256];
	int code;

	assert_non_null(file);
	(void)fflush(stderr);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	code = command_wait(&options, &out, &errors);
	(void)fflush(stderr);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	(void)close(before);
	assert_int_equal(code, 0);
	assert_string_equal(out.bytes, "in sync\n");
	assert_string_equal(control_server_request(server, 1), "{\"request\":\"summary\"}\n");
	rewind(file);
	text_add_bytes(&drawn, bytes, fread(bytes, 1, sizeof(bytes), file));
	(void)fclose(file);
	text_clear(&out);
	text_clear(&errors);
	control_server_stop(server);
	return text_take(&drawn);
}

/* The daemon is asked for it while it is waited for, and the line is wiped in the end. */
static void the_terminal_shows_how_far_it_is(void **state)
{
	static const struct {
		const char *summary, *start;
	} rows[] = {
		{"{\"dashboard\":\"1 of 2 in sync\"}", "\r\033[K1 of 2 in sync, "},
		{"{\"dashboard\":\"" LONG LONG "\"}", "\r\033[K" LONG},
		{"{\"error\":\"too many clients\",\"code\":75}", "\r\033[Kwaiting, "},
		{NULL, "\r\033[Kwaiting, "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct control_server_reply replies[] = {
			{.line = "{\"result\":\"settled\",\"integrations\":[" GOOD "]}",
		         .delay_ms = 600},
			{.line = rows[i].summary},
		};
		char *drawn = run_drawn(replies);

		assert_memory_equal(drawn, rows[i].start, strlen(rows[i].start));
		assert_in_range(strlen(drawn), strlen(rows[i].start) + 6, 100);
		assert_string_equal(drawn + strlen(drawn) - 4, "\r\033[K");
		free(drawn);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wait_reports_what_is_not_in_sync),
		cmocka_unit_test(push_reports_each),
		cmocka_unit_test(reload_says_whether_the_files_are_in_force),
		cmocka_unit_test(the_terminal_shows_how_far_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
