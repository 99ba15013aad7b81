/* SPDX-License-Identifier: MIT */
/* The parts of records: who they are about, and what came back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/report_record.h"

static char name[] = "Mode: Finance";

static void who_it_is_about(void **state)
{
	static const struct spec_integration named = {.id = 42, .value = {.name = name}};
	static const struct spec_integration nameless = {.id = 42};
	static const struct {
		struct sync_action action;
		const char *text, *name;
	} cases[] = {
		{{.id = 0}, "the list", NULL},
		{{.id = 42}, "integration 42", NULL},
		{{.id = 42, .integration = &nameless}, "integration 42", NULL},
		{{.id = INT64_MAX, .integration = &named, .generation = 7},
	         "integration 9223372036854775807 'Mode: Finance'",
	         name},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sync_action *action = &cases[i].action;
		struct log_record record = report_record_start(EVENT_DRIFT_FOUND, action);
		struct text text = {0};

		assert_int_equal(record.event, EVENT_DRIFT_FOUND);
		assert_true(record.integration_id == action->id);
		assert_true(record.generation == action->generation);
		assert_ptr_equal(record.integration_name, cases[i].name);
		report_record_add_integration(&text, action);
		assert_string_equal(text.bytes, cases[i].text);
		text_clear(&text);
	}
}

static void what_came_back(void **state)
{
	const struct answer answer = {.status = 503, .curl_code = 56};
	struct log_record record = {0};
	struct text text = {0};

	(void)state;
	report_record_add_answer(&record, NULL);
	assert_int_equal(record.http_status, 0);
	report_record_add_answer(&record, &answer);
	assert_int_equal(record.http_status, 503);
	assert_int_equal(record.curl_code, 56);
	report_record_add_cron(&text, "0 6 * * *");
	report_record_add_cron(&text, NULL);
	assert_string_equal(text.bytes, "'0 6 * * *'no schedule");
	text_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_it_is_about),
		cmocka_unit_test(what_came_back),
	};

	return cmocka_run_group_tests_name("parts of records", tests, NULL, NULL);
}
