/* SPDX-License-Identifier: MIT */
/* The state beside a daemon: read once where its intents are the daemon's, too, again where not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/command_plan_internal.h"
#include "os/store.h"
#include "support/control_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PENDING      "{\"request\":\"pending\"}\n"

static char directory[64];

static int open_scratch(void **state)
{
	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/test_plan_state.XXXXXX");
	return mkdtemp(directory) == NULL ? -1 : 0;
}

static int close_scratch(void **state)
{
	char path[96];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/state.json", directory);
	(void)unlink(path);
	return rmdir(directory);
}

static void put(const char *bytes, size_t length)
{
	struct fault fault = {0};

	assert_true(store_replace(directory, "state.json", bytes, length, STORE_SHOWN, &fault));
}

/* Intents of 42 and 44. */
static void put_state(void)
{
	struct text text = {0};

	state_encode_start(&text, "https://example.com", 0);
	for (int64_t id = 42; id <= 44; id++) {
		const struct state_entry entry = {
			.id = id, .accepted = true, .accepted_at = 1, .intended = id != 43};

		state_encode_entry(&text, &entry);
	}
	state_encode_end(&text);
	put(text.bytes, text.length);
	text_clear(&text);
}

static void it_is_read_until_it_is_no_older_than_the_answer(void **state)
{
	static const struct {
		struct control_server_reply replies[3];
		size_t requests;
	} rows[] = {
		{{{.line = "{\"ids\":[42,44]}"}}, 1},
		{{{.line = "{\"ids\":[1,42,43,44,99]}"}}, 1},
		{{{.line = "{\"ids\":[42]}"}, {.line = "{\"ids\":[42,44]}"}}, 2},
		{{{.line = "{\"ids\":[]}"},
	          {.line = "{\"ids\":[44]}"},
	          {.line = "{\"ids\":[42,44]}"}},
	         3},
		/* It cannot say: the file has to do. */
		{{{.line = "{\"error\":\"too many clients\",\"code\":75}"}}, 1},
		{{{.line = NULL}}, 1},
	};

	(void)state;
	put_state();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct control_server *server = control_server_start(rows[i].replies, 3);
		struct state read = {0};
		struct fault fault = {0};

		assert_true(plan_state_read(&read, directory, control_server_directory(server),
		                            &fault));
		assert_int_equal(read.count, 3);
		assert_string_equal(control_server_request(server, rows[i].requests - 1), PENDING);
		assert_string_equal(control_server_request(server, rows[i].requests), "");
		state_clear(&read);
		control_server_stop(server);
	}
}

static void without_a_daemon_it_is_read_as_it_is(void **state)
{
	struct state read = {0};
	struct fault fault = {0};

	(void)state;
	assert_true(plan_state_read(&read, directory, "/nonexistent", &fault));
	assert_int_equal(read.count, 0);
	assert_null(read.url);
	assert_null(fault.text);
	put_state();
	assert_true(plan_state_read(&read, directory, "/nonexistent", &fault));
	assert_true(read.entries[0].intended);
	state_clear(&read);
	put("{", 1);
	assert_false(plan_state_read(&read, directory, "/nonexistent", &fault));
	assert_non_null(strstr(fault.text, "state.json' cannot be used: not a state file"));
	assert_int_equal(read.count, 0);
	fault_clear(&fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_read_until_it_is_no_older_than_the_answer,
	                                        open_scratch, close_scratch),
		cmocka_unit_test_setup_teardown(without_a_daemon_it_is_read_as_it_is, open_scratch,
	                                        close_scratch),
	};

	return cmocka_run_group_tests_name("plan_state", tests, NULL, NULL);
}
