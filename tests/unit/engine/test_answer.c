/* SPDX-License-Identifier: MIT */
/* What an answer is taken apart into: its meaning, the line that is shown, and what an accepted
 * update says of the schedule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/answer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const secrets[] = {"s3cret-token"};

static struct http_answer http_of(int status, const char *body)
{
	return (struct http_answer){.transfer = VERDICT_TRANSFER_DONE,
	                            .status = status,
	                            .error = "",
	                            .body = body,
	                            .body_length = strlen(body)};
}

static void an_error_is_one_line(void **state)
{
	static const struct {
		struct http_answer http;
		const char *line;
	} cases[] = {
		{{.transfer = VERDICT_TRANSFER_NOT_SENT,
	          .curl_code = 7,
	          .error = "refused",
	          .body = ""},
	         "no answer: refused"},
		{{.transfer = VERDICT_TRANSFER_UNKNOWN,
	          .curl_code = 56,
	          .error = "lost\ns3cret-token",
	          .body = ""},
	         "no answer: lost\\n[redacted]"},
		{{.status = 307, .location = "https://other/s3cret-token", .error = "", .body = ""},
	         "307 redirects to https://other/[redacted]"},
		{{.status = 401, .error = "", .body = ""}, "401 the answer has no body"},
		{{.status = 407, .error = "", .body = "", .proxy = "squid:3128"},
	         "407 from the proxy squid:3128: the answer has no body"},
		{{.status = 407, .error = "", .body = ""}, "407 the answer has no body"},
		{{.status = 503, .error = "", .body = "", .retry_after_odd = true},
	         "503 the answer has no body; its Retry-After is no time to wait for, and is "
	         "ignored"},
	};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct answer answer;

		answer_read(&answer, &cases[i].http, redactor);
		assert_string_equal(answer.error_text, cases[i].line);
		assert_int_equal(answer.status, cases[i].http.status);
		assert_int_equal(answer.curl_code, cases[i].http.curl_code);
		answer_clear(&answer);
		answer_clear(&answer);
	}
	redactor_free(redactor);
}

static void complaints_are_counted(void **state)
{
	static const struct {
		const char *body;
		const char *line;
		size_t count;
	} cases[] = {
		{"{\"detail\":\"no\"}", "422 no", 1},
		{"{\"detail\":[{\"loc\":[\"body\",\"name\"],\"msg\":\"too "
	         "long\",\"type\":\"value\"}]}",
	         "422 body.name: too long (value)", 1},
		{"{\"detail\":[{\"msg\":\"a\"},{\"msg\":\"b\"},{\"msg\":\"c\"}]}",
	         "422 a and 2 more", 3},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_answer http = http_of(422, cases[i].body);
		struct answer answer;

		answer_read(&answer, &http, NULL);
		assert_int_equal(answer.verdict.kind, VERDICT_REJECTED);
		assert_string_equal(answer.error_text, cases[i].line);
		assert_int_equal(answer.details.count, cases[i].count);
		answer_clear(&answer);
	}
}

/* nginx says in a page that it misses a client certificate: no fault of the integration. */
static void a_missing_client_certificate_is_of_the_configuration(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum verdict_kind kind;
		const char *line;
	} cases[] = {
		{400, "<html><center>No required SSL certificate was sent</center>",
	         VERDICT_MISCONFIGURED,
	         "400 the server does not accept the client certificate (api.client_cert_file): "
	         "Bad Request (text/html)"},
		{400, "<html><center>The SSL certificate error</center>", VERDICT_MISCONFIGURED,
	         "400 the server does not accept the client certificate (api.client_cert_file): "
	         "Bad Request (text/html)"},
		{400, "<html>Bad Request", VERDICT_REJECTED, "400 Bad Request (text/html)"},
		{404, "<html>No required SSL certificate was sent", VERDICT_REJECTED,
	         "404 Not Found (text/html)"},
		{400, "{\"detail\":\"No required SSL certificate was sent\"}", VERDICT_REJECTED,
	         "400 No required SSL certificate was sent"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_answer http = http_of(cases[i].status, cases[i].body);
		struct answer answer;

		http.content_type = "text/html";
		answer_read(&answer, &http, NULL);
		assert_int_equal(answer.verdict.kind, cases[i].kind);
		assert_string_equal(answer.error_text, cases[i].line);
		answer_clear(&answer);
	}
}

/* A path too many in api.url is seen in what was asked for. */
static void what_is_not_found_is_named(void **state)
{
	struct http_answer http = http_of(404, "{\"detail\":\"Not Found\"}");
	struct answer answer;

	(void)state;
	http.url = "https://h/api/v1/api/v1/x/\x1b";
	answer_read(&answer, &http, NULL);
	assert_string_equal(answer.error_text,
	                    "404 Not Found, asked for https://h/api/v1/api/v1/x/\\x1b");
	assert_string_equal(answer.url, "https://h/api/v1/api/v1/x/\\x1b");
	answer_clear(&answer);
}

/* Only what was accepted says what is there now; the echo of what was rejected does not. */
static void a_schedule_is_read_of_accepted_updates(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum wire_known known;
		const char *cron;
	} cases[] = {
		{200, "{}", WIRE_UNKNOWN, NULL},
		{200, "{\"indexing_cron\":\"0 5 * * *\"}", WIRE_GIVEN, "0 5 * * *"},
		{201, "{\"data\":{\"indexing_cron\":null}}", WIRE_NONE, NULL},
		{200, "{\"indexing_cron\":\"s3cret-token\"}", WIRE_GIVEN, "[redacted]"},
		{422, "{\"indexing_cron\":\"0 5 * * *\"}", WIRE_UNKNOWN, NULL},
		{500, "{\"indexing_cron\":\"0 5 * * *\"}", WIRE_UNKNOWN, NULL},
	};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));
	struct json_tokener *tokener = wire_tokener_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_answer http = http_of(cases[i].status, cases[i].body);
		struct answer answer;

		answer_read(&answer, &http, redactor);
		answer_read_update(&answer, &http, tokener, redactor);
		assert_int_equal(answer.known, cases[i].known);
		if (cases[i].cron == NULL)
			assert_null(answer.cron);
		else
			assert_string_equal(answer.cron, cases[i].cron);
		answer_clear(&answer);
	}
	wire_tokener_free(tokener);
	redactor_free(redactor);
}

/* A status of success is no proof: the body may say otherwise, or be from somebody else. */
static void an_accepted_update_may_come_with_a_warning(void **state)
{
	static const struct {
		struct http_answer http;
		const char *warning;
	} cases[] = {
		{{.status = 200, .body = "{}"}, NULL},
		{{.status = 204, .body = ""}, NULL},
		{{.status = 200, .body = "{\"indexing_cron\":\"0 6 * * *\"}"}, NULL},
		{{.status = 200, .body = "{\"detail\":\"queue s3cret-token full\"}"},
	         "the answer is an error: queue [redacted] full"},
		{{.status = 200, .body = "{\"success\":false}"},
	         "the answer is an error: the answer has no detail"},
		{{.status = 200, .body = "<html>login</html>", .content_type = "text/html"},
	         "the answer is not JSON (text/html)"},
		{{.status = 200, .body = "\x1f\x8b", .coding = "gzip"},
	         "the answer is compressed (gzip), which was not asked for"},
		{{.status = 200, .body = "{\"a\":", .body_cut = true}, NULL},
		{{.status = 422, .body = "<html>"}, NULL},
	};
	struct redactor *redactor = redactor_new(secrets, COUNT(secrets));
	struct json_tokener *tokener = wire_tokener_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_answer http = cases[i].http;
		struct answer answer;

		http.error = "";
		http.body_length = strlen(http.body);
		answer_read(&answer, &http, redactor);
		answer_read_update(&answer, &http, tokener, redactor);
		if (cases[i].warning == NULL)
			assert_null(answer.warning);
		else
			assert_string_equal(answer.warning, cases[i].warning);
		answer_clear(&answer);
	}
	wire_tokener_free(tokener);
	redactor_free(redactor);
}

/* A schedule that we can read is shown as it is, whatever the secrets are. */
static void a_schedule_is_no_secret(void **state)
{
	const char *const odd[] = {"0 5", "@x"};
	struct redactor *redactor = redactor_new(odd, COUNT(odd));
	char *cron = wire_redact_cron(mem_dup("0 5 * * *"), redactor);

	(void)state;
	assert_string_equal(cron, "0 5 * * *");
	free(cron);
	cron = wire_redact_cron(mem_dup("no @x schedule"), redactor);
	assert_string_equal(cron, "no [redacted] schedule");
	free(cron);
	assert_null(wire_redact_cron(NULL, redactor));
	redactor_free(redactor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_one_line),
		cmocka_unit_test(complaints_are_counted),
		cmocka_unit_test(a_missing_client_certificate_is_of_the_configuration),
		cmocka_unit_test(what_is_not_found_is_named),
		cmocka_unit_test(a_schedule_is_read_of_accepted_updates),
		cmocka_unit_test(an_accepted_update_may_come_with_a_warning),
		cmocka_unit_test(a_schedule_is_no_secret),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
