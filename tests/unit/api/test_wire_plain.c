/* SPDX-License-Identifier: MIT */
/* Answers of which no complaint can be read: each is named by its kind, and shows no secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "api/wire.h"
#include "api/wire_internal.h"
#include "base/redactor.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TOKEN        "s3cr3t-T0K3N"

static const struct {
	struct wire_answer answer;
	const char *reason;
	enum json_tokener_error error;
	bool is_page;
} cases[] = {
	{{.bytes = "<html>", .content_type = "text/html; charset=utf-8", .status = 503},
         "Service Unavailable (text/html)",
         json_tokener_error_parse_unexpected,
         true},
	{{.bytes = "<html>", .content_type = "text/html", .status = 404},
         "Not Found (text/html)",
         json_tokener_error_parse_unexpected,
         true},
	{{.bytes = " \n<html>", .status = 400},
         "Bad Request",
         json_tokener_error_parse_unexpected,
         true},
	{{.bytes = "<html>", .content_type = "TEXT/HTML", .status = 418},
         "the answer is not JSON (TEXT/HTML)",
         json_tokener_error_parse_unexpected,
         true},
	{{.bytes = "x", .content_type = "image/png", .status = 503},
         "Service Unavailable (image/png)",
         json_tokener_error_parse_unexpected,
         false},
	{{.bytes = "\n try later \nor not", .content_type = "text/plain", .status = 503},
         "try later ",
         json_tokener_error_parse_unexpected,
         false},
	{{.bytes = "bad " TOKEN, .content_type = "text/plain; charset=x", .status = 503},
         "bad [redacted]",
         json_tokener_error_parse_unexpected,
         false},
	{{.bytes = "", .content_type = "text/html", .status = 503},
         "the answer has no body",
         json_tokener_continue,
         false},
	{{.bytes = " \r\n\t", .coding = "gzip", .status = 503},
         "the answer has no body",
         json_tokener_continue,
         false},
	{{.bytes = "{}", .content_type = "application/json", .status = 503},
         "the answer has no detail",
         json_tokener_success,
         false},
	{{.bytes = "{\"a\":", .status = 422},
         "the answer is incomplete JSON",
         json_tokener_continue,
         false},
	{{.bytes = "[[[", .status = 422},
         "the answer is too deeply nested JSON",
         json_tokener_error_depth,
         false},
	{{.bytes = "\x1f\x8b", .content_type = "text/plain", .coding = "gzip", .status = 422},
         "the answer is compressed (gzip), which was not asked for",
         json_tokener_error_parse_unexpected,
         false},
	{{.bytes = "\x1f\x8b", .content_type = "text/html", .coding = TOKEN "\x1b", .status = 422},
         "the answer is compressed ([redacted]\\x1b), which was not asked for",
         json_tokener_error_parse_unexpected,
         false},
};

static void each_kind_is_named(void **state)
{
	static const char *const secrets[] = {TOKEN};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire_answer answer = cases[i].answer;
		bool is_page = !cases[i].is_page;
		char *reason;

		answer.length = strlen(answer.bytes);
		reason = wire_plain_reason(&answer, cases[i].error, redactor, &is_page);
		assert_string_equal(reason, cases[i].reason);
		assert_int_equal(is_page, cases[i].is_page);
		free(reason);
	}
	redactor_free(redactor);
}

static void only_bytes_of_the_text_are_read(void **state)
{
	static const struct wire_answer answer = {
		.bytes = "a\0b", .length = 3, .content_type = "text/plain"};
	bool is_page;
	char *reason =
		wire_plain_reason(&answer, json_tokener_error_parse_unexpected, NULL, &is_page);

	(void)state;
	assert_string_equal(reason, "the answer is not JSON (text/plain)");
	free(reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_named),
		cmocka_unit_test(only_bytes_of_the_text_are_read),
	};

	return cmocka_run_group_tests_name("plain answers", tests, NULL, NULL);
}
