/* SPDX-License-Identifier: MIT */
/* What is a request, and the error text of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/control_request.h"

#define DEFAULT_MS CONTROL_REQUEST_TIMEOUT_MS

static void good_requests(void **state)
{
	static const struct {
		const char *line;
		enum control_request_kind kind;
		size_t count;
		int64_t ids[3];
		int64_t timeout_ms;
	} rows[] = {
		{"{\"request\":\"status\"}", CONTROL_STATUS, 0, {0}, DEFAULT_MS},
		{" { \"request\" : \"status\" , \"ids\" : [ 42 ] } ",
	         CONTROL_STATUS,
	         1,
	         {42},
	         DEFAULT_MS},
		{"{\"request\":\"summary\"}", CONTROL_SUMMARY, 0, {0}, DEFAULT_MS},
		{"{\"request\":\"pending\"}", CONTROL_PENDING, 0, {0}, DEFAULT_MS},
		{"{\"request\":\"reload\"}", CONTROL_RELOAD, 0, {0}, DEFAULT_MS},
		{"{\"request\":\"wait\"}", CONTROL_WAIT, 0, {0}, DEFAULT_MS},
		{"{\"timeout_ms\":0,\"request\":\"wait\"}", CONTROL_WAIT, 0, {0}, 0},
		{"{\"request\":\"wait\",\"ids\":[3,1,3,2,1],\"timeout_ms\":5}",
	         CONTROL_WAIT,
	         3,
	         {1, 2, 3},
	         5},
		{"{\"request\":\"push\",\"ids\":[9223372036854775807]}",
	         CONTROL_PUSH,
	         1,
	         {INT64_MAX},
	         DEFAULT_MS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct control_request request;
		struct fault fault = {0};

		assert_true(control_request_decode(&request, rows[i].line, strlen(rows[i].line),
		                                   &fault));
		assert_int_equal(request.kind, rows[i].kind);
		assert_int_equal(request.count, rows[i].count);
		for (size_t j = 0; j < rows[i].count; j++)
			assert_int_equal(request.ids[j], rows[i].ids[j]);
		assert_int_equal(request.timeout_ms, rows[i].timeout_ms);
		control_request_clear(&request);
	}
}

static void others_are_told_why(void **state)
{
	static const struct {
		const char *line;
		const char *why;
	} rows[] = {
		{"", "the request is no JSON"},
		{"status", "the request is no JSON"},
		{"{\"request\":\"status\"", "the request is no JSON"},
		{"{\"request\":\"status\"} x", "the request is no JSON"},
		{"{\"request\":\"\xff\"}", "the request is no JSON"},
		{"{}", "a request is {\"request\":…}"},
		{"[]", "a request is {\"request\":…}"},
		{"null", "the request is no JSON"},
		{"{\"request\":1}", "request: a string is missing"},
		{"{\"request\":null}", "request: a string is missing"},
		{"{\"request\":\"stop\"}", "unknown request; does the daemon run another version?"},
		{"{\"request\":\"reload\",\"ids\":[1]}", "reload has no such member"},
		{"{\"request\":\"status\",\"timeout_ms\":1}", "status has no such member"},
		{"{\"request\":\"status\",\"colour\":1}", "status has no such member"},
		{"{\"request\":\"status\",\"ids\":7}", "ids: an array is expected"},
		{"{\"request\":\"status\",\"ids\":[]}", "ids: none are named"},
		{"{\"request\":\"status\",\"ids\":[0]}", "ids: an id is a whole number from 1 on"},
		{"{\"request\":\"status\",\"ids\":[-1]}", "ids: an id is a whole number from 1 on"},
		{"{\"request\":\"status\",\"ids\":[1.5]}",
	         "ids: an id is a whole number from 1 on"},
		{"{\"request\":\"status\",\"ids\":[\"1\"]}",
	         "ids: an id is a whole number from 1 on"},
		{"{\"request\":\"status\",\"ids\":[null]}",
	         "ids: an id is a whole number from 1 on"},
		{"{\"request\":\"push\"}", "ids: none are named"},
		{"{\"request\":\"wait\",\"timeout_ms\":-1}",
	         "timeout_ms: 0 to 86400000 is expected"},
		{"{\"request\":\"wait\",\"timeout_ms\":86400001}",
	         "timeout_ms: 0 to 86400000 is expected"},
		{"{\"request\":\"wait\",\"timeout_ms\":true}",
	         "timeout_ms: 0 to 86400000 is expected"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct control_request request;
		struct fault fault = {0};

		assert_false(control_request_decode(&request, rows[i].line, strlen(rows[i].line),
		                                    &fault));
		assert_string_equal(fault.text, rows[i].why);
		assert_null(request.ids);
		fault_clear(&fault);
	}
}

static void a_nul_byte_ends_nothing(void **state)
{
	static const char line[] = "{\"request\":\"status\"}\0 more";
	struct control_request request;
	struct fault fault = {0};

	(void)state;
	assert_false(control_request_decode(&request, line, sizeof(line) - 1, &fault));
	assert_string_equal(fault.text, "the request is no JSON");
	fault_clear(&fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_requests),
		cmocka_unit_test(others_are_told_why),
		cmocka_unit_test(a_nul_byte_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
