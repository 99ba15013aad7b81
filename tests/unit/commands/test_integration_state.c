/* SPDX-License-Identifier: MIT */
/* What an answer says of one integration, in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "commands/control_client.h"
#include "sync/sync_query.h"

#define NOW 1700000000

static void problems_are_said_whole(void **state)
{
	static const struct {
		const char *integration, *gate, *line;
	} cases[] = {
		{"{\"id\":42,\"name\":\"A\",\"state\":\"rejected\",\"last_error\":\"422 "
	         "x\",\"file\":"
	         "\"/f\",\"line\":14,\"attempts\":3,\"next_at\":1700000130}",
	         "null",
	         "/f:14: integration 42 'A' is rejected: 422 x; attempt 3, next try in 2min 10s\n"},
		{"{\"id\":42,\"state\":\"waiting\",\"error\":\"503\",\"file\":\"/f\",\"next_at\":"
	         "1700000001}",
	         "{\"state\":\"auth\",\"next_probe_at\":1700000060}",
	         "/f: integration 42 is waiting: 503; next try after the probe\n"},
		{"{\"id\":42,\"name\":\"A\\u001b\",\"state\":\"drifted\",\"last_error\":\"b\\n\"}",
	         "null", "integration 42 'A\\x1b' is drifted: b\\n\n"},
		{"{\"id\":42,\"state\":\"paused\",\"error\":\"paused\"}", "null",
	         "integration 42 is paused\n"},
		{"{}", "null", "integration 0 is unknown\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *integration = json_tokener_parse(cases[i].integration);
		struct json_object *gate = json_tokener_parse(cases[i].gate);
		struct text out = {0};

		integration_state_add_problem(integration, gate, NOW, &out);
		assert_string_equal(out.bytes, cases[i].line);
		text_clear(&out);
		json_object_put(gate);
		json_object_put(integration);
	}
}

static void states_say_what_is_to_be_waited_for(void **state)
{
	static const struct {
		const char *integration;
		bool in_sync, unsettled, is_paused;
	} cases[] = {
		{"{\"state\":\"in-sync\"}", .in_sync = true},
		{"{\"state\":\"confirming\"}", .in_sync = true, .unsettled = true},
		{"{\"state\":\"paused\"}", .in_sync = true, .is_paused = true},
		{"{\"state\":\"leaving\"}", .in_sync = true, .unsettled = true},
		{"{\"state\":\"drifted\"}", .in_sync = false},
		{"{\"state\":\"gone\"}", .in_sync = false},
		{"{\"state\":\"rejected\"}", .in_sync = false},
		{"{\"state\":\"other\"}", .in_sync = false},
		{"{}", .in_sync = false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *integration = json_tokener_parse(cases[i].integration);
		const struct integration_state *known = integration_state_of(integration);

		assert_int_equal(known->in_sync, cases[i].in_sync);
		assert_int_equal(known->unsettled, cases[i].unsettled);
		assert_int_equal(known->is_paused, cases[i].is_paused);
		json_object_put(integration);
	}
}

/* The next request waits for its own time, for the end of a pause, and for the probe. */
static void next_is_the_last_of_what_is_waited_for(void **state)
{
	static const struct {
		const char *integration, *gate, *next;
		bool is_closed;
	} cases[] = {
		{"{\"state\":\"in-sync\"}", "null", "-", false},
		{"{\"state\":\"in-flight\"}", "{\"state\":\"open\"}", "now", false},
		{"{\"state\":\"parked\"}", "{\"state\":\"auth\"}", "after a change", true},
		{"{\"state\":\"waiting\",\"next_at\":1699999999}", "{}", "now", false},
		{"{\"state\":\"waiting\",\"next_at\":1700000000}", "{}", "now", false},
		{"{\"state\":\"waiting\",\"next_at\":1700000001}", "{}", "in 1s", false},
		{"{\"state\":\"due\",\"next_at\":1700000001}",
	         "{\"state\":\"open\",\"paused_until\":1700000060}", "in 1min", false},
		{"{\"state\":\"due\",\"next_at\":1700000061}",
	         "{\"state\":\"open\",\"paused_until\":1700000060}", "in 1min 1s", false},
		{"{\"state\":\"due\",\"next_at\":1700000060}",
	         "{\"state\":\"auth\",\"next_probe_at\":1700000060}", "after the probe", true},
		{"{\"state\":\"due\",\"next_at\":1700000061}",
	         "{\"state\":\"auth\",\"next_probe_at\":1700000060}", "in 1min 1s", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *integration = json_tokener_parse(cases[i].integration);
		struct json_object *gate = json_tokener_parse(cases[i].gate);
		struct text out = {0};

		integration_state_add_next(integration, gate, NOW, &out);
		assert_string_equal(out.bytes, cases[i].next);
		assert_int_equal(integration_state_gate_is_closed(gate), cases[i].is_closed);
		text_clear(&out);
		json_object_put(gate);
		json_object_put(integration);
	}
}

/* Whatever the daemon may show is known here, by the same name. */
static void every_state_of_the_reconciler_is_known(void **state)
{
	(void)state;
	for (enum sync_state shown = 0; shown < SYNC_SHOWN_COUNT; shown++) {
		struct json_object *integration = json_object_new_object();

		assert_int_equal(
			json_object_object_add(integration, "state",
		                               json_object_new_string(sync_shown_name(shown))),
			0);
		assert_string_equal(integration_state_of(integration)->name,
		                    sync_shown_name(shown));
		json_object_put(integration);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(problems_are_said_whole),
		cmocka_unit_test(states_say_what_is_to_be_waited_for),
		cmocka_unit_test(next_is_the_last_of_what_is_waited_for),
		cmocka_unit_test(every_state_of_the_reconciler_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
