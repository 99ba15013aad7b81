/* SPDX-License-Identifier: MIT */
/* Each record to the letter: what happened to whom, and what happens next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <syslog.h>

#include "engine/answer.h"
#include "engine/report.h"
#include "support/log_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char six[] = "0 6 * * *", five[] = "0 5 * * *", name[] = "Mode: Finance";
static char file[] = "/etc/x.conf";
static const struct spec_value at_six = {.indexing_cron = six}, at_five = {.indexing_cron = five};
static const struct spec_integration named = {
	.id = 42,
	.value = {.name = name},
	.places = {[SPEC_ID] = {.file = file, .line = 12},
                   [SPEC_INDEXING_CRON] = {.file = file, .line = 14}}};

static const struct spec_integration nameless = {.id = 42};

struct row {
	struct sync_action action;
	const struct answer *answer;
	const char *lines;
	bool is_brief;
};

static void assert_rows(const struct row *rows, size_t count)
{
	int fds[2];

	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	for (size_t i = 0; i < count; i++) {
		report_action(&rows[i].action, rows[i].answer, rows[i].is_brief);
		assert_string_equal(drain(fds[0]), rows[i].lines);
	}
	close_pipe(fds);
}

static void what_is_accepted_says_what_was(void **state)
{
	static char warning[] = "the answer is no JSON";
	static const struct answer fine = {.status = 200},
				   odd = {.status = 200, .warning = warning};
	static const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_ACCEPTED,
	                    .id = 42,
	                    .integration = &named,
	                    .accepted = {.value = &at_six, .old = &at_five}},
	         .answer = &fine,
	         .lines =
	                 "integration 42 'Mode: Finance': accepted '0 6 * * *', was '0 5 * * *'\n"},
		{.action = {.kind = SYNC_REPORT_ACCEPTED,
	                    .id = 42,
	                    .accepted = {.value = &at_six, .old = &at_six}},
	         .answer = &fine,
	         .lines = "integration 42: accepted '0 6 * * *'\n"},
		{.action = {.kind = SYNC_REPORT_ACCEPTED,
	                    .id = 42,
	                    .accepted = {.value = &at_six, .confirming = true}},
	         .answer = &odd,
	         .lines = "warning: integration 42: confirmed '0 6 * * *', but the answer is no "
	                  "JSON; the next drift check will show it\n"},
		{.action = {.kind = SYNC_REPORT_ADDED, .id = 7}, .lines = "integration 7: added\n"},
		{.action = {.kind = SYNC_REPORT_ADDED, .id = 7, .integration = &nameless},
	         .lines = "integration 7: added\n"},
		{.action = {.kind = SYNC_REPORT_REMOVED, .id = 7},
	         .lines = "integration 7: no longer managed; its schedule on the server stays as "
	                  "it is\n"},
		{.action = {.kind = SYNC_SEND, .id = 7, .send = {.value = &at_six}}, .lines = ""},
		{.action = {.kind = SYNC_SAVE}, .lines = ""},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void what_fails_says_when_it_is_tried_again(void **state)
{
	static char text[] = "503 the server is busy";
	static const struct answer busy = {.status = 503, .verdict = {.kind = VERDICT_TRANSIENT}};
	static const struct answer lost = {
		.verdict = {.kind = VERDICT_TRANSIENT, .uncertain = true}};
	static const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_FAILED,
	                    .id = 42,
	                    .failed = {.value = &at_six,
	                               .attempt = 3,
	                               .retry_ms = 130000,
	                               .error = {.text = text}}},
	         .answer = &busy,
	         .lines = "warning: integration 42: 503 the server is busy; attempt 3, again in "
	                  "2min "
	                  "10s\n"},
		{.action = {.kind = SYNC_REPORT_FAILED,
	                    .id = 42,
	                    .failed = {.attempt = 1,
	                               .retry_ms = 500,
	                               .gate = GATE_BREAKER,
	                               .error = {.text = text}}},
	         .answer = &lost,
	         .lines = "warning: integration 42: 503 the server is busy, may have been applied; "
	                  "attempt 1, waits for a probe to pass\n"},
		{.action = {.kind = SYNC_REPORT_FAILED,
	                    .id = 42,
	                    .failed = {.attempt = 1, .error = {.text = text}}},
	         .answer = &busy,
	         .lines = "warning: integration 42: 503 the server is busy; attempt 1, newer edit "
	                  "goes next\n"},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void each_complaint_is_a_record(void **state)
{
	static char field[] = "body.indexing_cron", reason[] = "invalid", type[] = "value_error",
		    other[] = "too short", empty[] = "", page[] = "a page",
		    forbidden[] = "403 forbidden";
	static const struct answer two = {
		.status = 422,
		.verdict = {.kind = VERDICT_REJECTED},
		.details = {.items = {{.field = field,
	                               .reason = reason,
	                               .type = type,
	                               .about = SPEC_INDEXING_CRON},
	                              {.field = empty, .reason = other, .type = empty}},
	                    .count = 2}};
	static const struct answer html = {
		.status = 400,
		.verdict = {.kind = VERDICT_REJECTED},
		.details = {.items = {{.field = empty, .reason = page, .type = empty}},
	                    .count = 1,
	                    .is_page = true}};
	static const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_REJECTED,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.value = &at_six,
	                               .accepted = &at_five,
	                               .attempt = 1,
	                               .retry_ms = -1}},
	         .answer = &two,
	         .lines = "error: integration 42 'Mode: Finance': 422 body.indexing_cron: invalid "
	                  "(value_error), /etc/x.conf:14; attempt 1, waiting for a change of "
	                  "/etc/x.conf:14\n"
	                  "error: integration 42 'Mode: Finance': 422 too short, /etc/x.conf:12; "
	                  "attempt 1, waiting for a change of /etc/x.conf:12\n"},
		{.action = {.kind = SYNC_REPORT_REJECTED,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.attempt = 1, .retry_ms = -1}},
	         .answer = &two,
	         .is_brief = true,
	         .lines = "error: integration 42 'Mode: Finance': 422 body.indexing_cron: invalid "
	                  "(value_error), /etc/x.conf:14; attempt 1, not tried again; see "
	                  "/etc/x.conf:14\n"
	                  "error: integration 42 'Mode: Finance': 422 too short, /etc/x.conf:12; "
	                  "attempt 1, not tried again; see /etc/x.conf:12\n"},
		{.action = {.kind = SYNC_REPORT_REJECTED,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.attempt = 1,
	                               .retry_ms = -1,
	                               .error = {.text = forbidden, .status = 403}}},
	         .is_brief = true,
	         .lines = "error: integration 42 'Mode: Finance': 403 forbidden, while others "
	                  "succeed; attempt 1, not tried again; see /etc/x.conf:12\n"},
		{.action = {.kind = SYNC_REPORT_REJECTED,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.attempt = 2, .retry_ms = 60000}},
	         .answer = &html,
	         .lines = "error: integration 42 'Mode: Finance': 400 a page; attempt 2, again in "
	                  "1min\n"},
		/* Held by a gate that has opened since: its text alone is left. */
		{.action = {.kind = SYNC_REPORT_REJECTED,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.attempt = 1,
	                               .retry_ms = 30000,
	                               .error = {.text = forbidden, .status = 403}}},
	         .lines = "error: integration 42 'Mode: Finance': 403 forbidden, while others "
	                  "succeed; attempt 1, again in 30s\n"},
		{.action = {.kind = SYNC_REPORT_RUNAWAY,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.attempt = 5, .retry_ms = -1}},
	         .is_brief = true,
	         .lines = "error: integration 42 'Mode: Finance': sent too often without a reason: "
	                  "a bug of dfmode-sync; attempt 5, not tried again; see "
	                  "/etc/x.conf:12\n"},
		{.action = {.kind = SYNC_REPORT_RUNAWAY,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.attempt = 5, .retry_ms = -1}},
	         .lines = "error: integration 42 'Mode: Finance': sent too often without a reason: "
	                  "a bug of dfmode-sync; attempt 5, waiting for a change of "
	                  "/etc/x.conf:12\n"},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void gates_say_what_opens_them(void **state)
{
	static char text[] = "401 unauthorized", slow[] = "429 slow down";
	static const struct answer denied = {.status = 401, .error_text = text};
	static const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_GATE,
	                    .id = 42,
	                    .gate = {.state = GATE_AUTH,
	                             .retry_ms = 60000,
	                             .error = {.text = text}}},
	         .answer = &denied,
	         .lines = "error: the API key is refused: 401 unauthorized (integration 42); "
	                  "nothing "
	                  "else is sent, next probe in 1min; released at once by a new key or a "
	                  "reload\n"},
		{.action = {.kind = SYNC_REPORT_GATE,
	                    .gate = {.state = GATE_BREAKER,
	                             .retry_ms = 5000,
	                             .error = {.text = text}}},
	         .lines = "warning: the server cannot be reached: 401 unauthorized (the list); "
	                  "nothing else is sent, next probe in 5s; an edit is tried at once\n"},
		{.action = {.kind = SYNC_REPORT_GATE,
	                    .id = 42,
	                    .gate = {.state = GATE_BREAKER,
	                             .failing = true,
	                             .error = {.text = text}}},
	         .lines = "warning: the server fails: 401 unauthorized (integration 42); sending "
	                  "goes on slowly; an edit is tried at once\n"},
		{.action = {.kind = SYNC_REPORT_PAUSED,
	                    .gate = {.retry_ms = 90000, .error = {.text = slow}}},
	         .lines = "the server asks to wait for 1min 30s: 429 slow down; a reload ends the "
	                  "pause\n"},
		{.action = {.kind = SYNC_REPORT_OPENED, .gate = {.state = GATE_AUTH}},
	         .lines = "the API key is accepted again\n"},
		{.action = {.kind = SYNC_REPORT_OPENED, .gate = {.state = GATE_CONFIG}},
	         .lines = "the server can be used again\n"},
		{.action = {.kind = SYNC_REPORT_OPENED, .gate = {.state = GATE_BREAKER}},
	         .lines = "the server answers again\n"},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void one_that_ends_by_itself_says_nothing_of_what_comes(void **state)
{
	static char text[] = "401 unauthorized";
	static const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_GATE,
	                    .id = 42,
	                    .gate = {.state = GATE_AUTH,
	                             .retry_ms = 60000,
	                             .error = {.text = text}}},
	         .lines = "error: the API key is refused: 401 unauthorized (integration 42); "
	                  "nothing else is sent\n",
	         .is_brief = true},
		{.action = {.kind = SYNC_REPORT_GATE,
	                    .id = 42,
	                    .gate = {.state = GATE_CONFIG, .error = {.text = text}}},
	         .lines = "error: the server cannot be used as configured: 401 unauthorized "
	                  "(integration 42); nothing else is sent\n",
	         .is_brief = true},
		{.action = {.kind = SYNC_REPORT_GATE,
	                    .id = 42,
	                    .gate = {.state = GATE_BREAKER,
	                             .retry_ms = 5000,
	                             .error = {.text = text}}},
	         .lines = "warning: the server cannot be reached: 401 unauthorized (integration "
	                  "42); nothing else is sent, next probe in 5s\n",
	         .is_brief = true},
		{.action = {.kind = SYNC_REPORT_PAUSED,
	                    .gate = {.retry_ms = 90000, .error = {.text = text}}},
	         .lines = "the server asks to wait for 1min 30s: 401 unauthorized\n",
	         .is_brief = true},
		{.action = {.kind = SYNC_REPORT_UNKNOWN, .id = 42, .unknown = {.count = 1}},
	         .lines = "",
	         .is_brief = true},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void a_first_start_says_what_it_finds(void **state)
{
	static char refused[] = "no answer: refused";
	static const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_ADOPTED, .adopted = {.count = 5}},
	         .lines = "5 adopted; their credentials count as equal\n"},
		{.action = {.kind = SYNC_REPORT_ADOPTED, .id = 42, .adopted = {.value = &at_six}},
	         .lines = "integration 42: the server has it already; nothing is sent\n"},
		{.action = {.kind = SYNC_REPORT_ASKING,
	                    .failed = {.attempt = 2,
	                               .retry_ms = 10000,
	                               .error = {.text = refused}}},
	         .lines =
	                 "warning: nothing is sent before a list is had: no answer: refused; again "
	                 "in 10s\n"},
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

/* What the message does not say is in the fields, from the event's name on. */
static void assert_fields(const struct row *rows, size_t count)
{
	static const char start[] = "\"DFMODE_EVENT\":";
	int fds[2];

	open_pipe(fds, LOG_FORM_JSON, LOG_INFO);
	for (size_t i = 0; i < count; i++) {
		const char *fields;

		report_action(&rows[i].action, rows[i].answer, rows[i].is_brief);
		fields = strstr(drain(fds[0]), start);
		assert_non_null(fields);
		assert_string_equal(fields + strlen(start), rows[i].lines);
	}
	close_pipe(fds);
}

static void who_it_is_about_is_in_the_fields(void **state)
{
	static const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_ADDED}, .lines = "\"integration-added\"}\n"},
		{.action = {.kind = SYNC_REPORT_ADDED, .id = 42},
	         .lines = "\"integration-added\",\"DFMODE_INTEGRATION_ID\":42}\n"},
		{.action = {.kind = SYNC_REPORT_ADDED, .id = 42, .integration = &nameless},
	         .lines = "\"integration-added\",\"DFMODE_INTEGRATION_ID\":42}\n"},
		{.action = {.kind = SYNC_REPORT_ADDED,
	                    .id = INT64_MAX,
	                    .integration = &named,
	                    .generation = 7},
	         .lines = "\"integration-added\","
	                  "\"DFMODE_INTEGRATION_ID\":9223372036854775807,"
	                  "\"DFMODE_INTEGRATION_NAME\":\"Mode: Finance\","
	                  "\"DFMODE_GENERATION\":7}\n"},
	};

	(void)state;
	assert_fields(rows, COUNT(rows));
}

static void what_came_back_is_in_the_fields(void **state)
{
	static char busy[] = "503 busy";
	static const struct answer taken = {.status = 200, .curl_code = 18},
				   lost = {.verdict = {.kind = VERDICT_TRANSIENT}};
	static const struct sync_error error = {.text = busy, .status = 503, .curl_code = 56};
	const struct row rows[] = {
		{.action = {.kind = SYNC_REPORT_ACCEPTED,
	                    .id = 42,
	                    .accepted = {.value = &at_six, .old = &at_five, .attempt = 2}},
	         .answer = &taken,
	         .lines = "\"update-accepted\",\"DFMODE_INTEGRATION_ID\":42,"
	                  "\"DFMODE_CRON\":\"0 6 * * *\",\"DFMODE_CRON_OLD\":\"0 5 * * *\","
	                  "\"DFMODE_ATTEMPT\":2,\"DFMODE_HTTP_STATUS\":200,"
	                  "\"DFMODE_CURL_CODE\":18}\n"},
		{.action = {.kind = SYNC_REPORT_FAILED,
	                    .id = 42,
	                    .failed = {.value = &at_six, .error = error, .retry_ms = 1500}},
	         .answer = &lost,
	         .lines = "\"update-failed\",\"DFMODE_INTEGRATION_ID\":42,"
	                  "\"DFMODE_CRON\":\"0 6 * * *\",\"DFMODE_HTTP_STATUS\":503,"
	                  "\"DFMODE_CURL_CODE\":56,\"DFMODE_RETRY_SEC\":1.5,"
	                  "\"DFMODE_REASON\":\"503 busy\"}\n"},
		{.action = {.kind = SYNC_REPORT_REJECTED,
	                    .id = 42,
	                    .integration = &named,
	                    .failed = {.accepted = &at_five,
	                               .error = error,
	                               .attempt = 3,
	                               .retry_ms = -1}},
	         .lines = "\"update-rejected\",\"DFMODE_INTEGRATION_ID\":42,"
	                  "\"DFMODE_INTEGRATION_NAME\":\"Mode: Finance\","
	                  "\"DFMODE_CRON_OLD\":\"0 5 * * *\",\"DFMODE_ATTEMPT\":3,"
	                  "\"DFMODE_HTTP_STATUS\":503,\"DFMODE_CURL_CODE\":56,"
	                  "\"DFMODE_REASON\":\"503 busy\",\"CONFIG_FILE\":\"/etc/x.conf\","
	                  "\"CONFIG_LINE\":12}\n"},
		{.action = {.kind = SYNC_REPORT_ASKING, .failed = {.error = error, .attempt = 2}},
	         .lines = "\"update-failed\",\"DFMODE_ATTEMPT\":2,\"DFMODE_HTTP_STATUS\":503,"
	                  "\"DFMODE_CURL_CODE\":56,\"DFMODE_REASON\":\"503 busy\"}\n"},
		{.action = {.kind = SYNC_REPORT_GATE,
	                    .id = 42,
	                    .gate = {.state = GATE_AUTH,
	                             .probes = 4,
	                             .retry_ms = 60000,
	                             .error = error}},
	         .lines = "\"auth-gate\",\"DFMODE_INTEGRATION_ID\":42,\"DFMODE_ATTEMPT\":4,"
	                  "\"DFMODE_HTTP_STATUS\":503,\"DFMODE_CURL_CODE\":56,"
	                  "\"DFMODE_RETRY_SEC\":60,\"DFMODE_REASON\":\"503 busy\"}\n"},
		{.action = {.kind = SYNC_REPORT_PAUSED, .gate = {.retry_ms = 2000, .error = error}},
	         .lines = "\"host-paused\",\"DFMODE_HTTP_STATUS\":503,"
	                  "\"DFMODE_CURL_CODE\":56,\"DFMODE_RETRY_SEC\":2,"
	                  "\"DFMODE_REASON\":\"503 busy\"}\n"},
	};

	(void)state;
	assert_fields(rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_accepted_says_what_was),
		cmocka_unit_test(what_fails_says_when_it_is_tried_again),
		cmocka_unit_test(each_complaint_is_a_record),
		cmocka_unit_test(gates_say_what_opens_them),
		cmocka_unit_test(one_that_ends_by_itself_says_nothing_of_what_comes),
		cmocka_unit_test(a_first_start_says_what_it_finds),
		cmocka_unit_test(who_it_is_about_is_in_the_fields),
		cmocka_unit_test(what_came_back_is_in_the_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
