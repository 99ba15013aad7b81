/* SPDX-License-Identifier: MIT */
/* Each record about drift, to the letter; what the server shows is escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <syslog.h>
#include <unistd.h>

#include "engine/report.h"
#include "log/log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char six[] = "0 6 * * *", name[] = "Mode: Finance";
static const struct spec_value value = {.indexing_cron = six};
static const struct spec_value none = {0};
static const struct spec_integration named = {.id = 42, .value = {.name = name}};

/* Log one action, and compare the line. */
static void assert_logged(const struct sync_action *action, const char *line)
{
	char out[1024];
	int ends[2];
	ssize_t length;

	assert_int_equal(pipe(ends), 0);
	log_open_at(LOG_FORM_TEXT, LOG_INFO, ends[1], "/nonexistent");
	report_action(action, NULL, false);
	log_close(0);
	assert_int_equal(close(ends[1]), 0);
	length = read(ends[0], out, sizeof(out) - 1);
	assert_true(length >= 0);
	out[length] = '\0';
	(void)close(ends[0]);
	assert_string_equal(out, line);
}

static void what_is_found_says_what_follows(void **state)
{
	static const struct {
		struct sync_action action;
		const char *line;
	} cases[] = {
		{{.kind = SYNC_REPORT_DRIFT,
	          .id = 42,
	          .integration = &named,
	          .drift = {.value = &value, .remote = "0 5 * * *"}},
	         "warning: integration 42 'Mode: Finance': the server has '0 5 * * *' instead of "
	         "'0 6 * * *'\n"},
		{{.kind = SYNC_REPORT_DRIFT,
	          .id = 42,
	          .drift = {.value = &none, .remote = "a\x1b'\xe2\x80\x8e"}},
	         "warning: integration 42: the server has 'a\\x1b'\\u{200e}' instead of no "
	         "schedule\n"},
		{{.kind = SYNC_REPORT_DRIFT, .id = 42, .drift = {.value = &value, .repairs = true}},
	         "warning: integration 42: the server has no schedule instead of '0 6 * * *'; sent "
	         "again now\n"},
		{{.kind = SYNC_REPORT_DRIFT,
	          .id = 42,
	          .drift = {.value = &value, .remote = "0 5 * * *", .in_vain = true}},
	         "warning: integration 42: the server has '0 5 * * *' instead of '0 6 * * *', "
	         "though it accepted that twice; it is not sent again before an edit, a reload, or "
	         "another change on the server\n"},
		{{.kind = SYNC_REPORT_DRIFT, .id = 42, .drift = {.value = &value, .gone = true}},
	         "warning: integration 42: the server does not list it any more\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_logged(&cases[i].action, cases[i].line);
}

static void what_is_repaired_says_what_was(void **state)
{
	const struct sync_action action = {.kind = SYNC_REPORT_REPAIRED,
	                                   .id = 42,
	                                   .drift = {.value = &value, .remote = "0 5 * * *"}};

	(void)state;
	assert_logged(&action, "integration 42: the server has '0 6 * * *' again instead of "
	                       "'0 5 * * *'\n");
}

#define REST "; drift detection is unavailable for it, everything else continues\n"

static void what_is_unknown_says_why(void **state)
{
	static const struct {
		struct sync_action action;
		const char *line;
	} cases[] = {
		{{.kind = SYNC_REPORT_UNKNOWN, .unknown = {.error_text = "404 no"}},
	         "the server does not show what it has: 404 no" REST},
		{{.kind = SYNC_REPORT_UNKNOWN, .id = 42, .unknown = {.count = 1}},
	         "the server's list does not show the schedule of integration 42" REST},
		{{.kind = SYNC_REPORT_UNKNOWN, .id = 42, .unknown = {.count = 2}},
	         "the server's list does not show the schedule of integration 42 and 1 more" REST},
		{{.kind = SYNC_REPORT_UNKNOWN,
	          .id = 42,
	          .unknown = {.count = 3, .type = "tableau", .partial = "came in part"}},
	         "the server's list does not show the schedule of integration 42, which it "
	         "has as 'tableau' and 2 more; it came in part" REST},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_logged(&cases[i].action, cases[i].line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_found_says_what_follows),
		cmocka_unit_test(what_is_repaired_says_what_was),
		cmocka_unit_test(what_is_unknown_says_why),
	};

	return cmocka_run_group_tests_name("report of drift", tests, NULL, NULL);
}
