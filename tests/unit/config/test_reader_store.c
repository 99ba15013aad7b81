/* SPDX-License-Identifier: MIT */
/* One value of each type: what is stored, what is refused with which sentence and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <syslog.h>

#include "base/span.h"
#include "config/keys.h"
#include "config/reader.h"
#include "config/spec.h"
#include "config/specfile_internal.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Store the only setting of a text, which is the row's. */
static bool store(struct config_fixture *fixture, const struct keys_group *group, size_t row,
                  const char *text, void *target)
{
	struct reader_setting value = {
		.reader = &fixture->reader,
		.group = group,
		.field = &group->fields[row],
	};

	config_fixture_open(fixture, text);
	assert_int_equal(fixture->faults.errors, 0);
	value.setting = config_fixture_find(fixture, group->fields[row].key);
	value.node = setting_node(value.setting);
	value.string = config_setting_get_string(value.setting);
	return reader_store(&value, target);
}

struct value_case {
	const struct keys_group *group;
	size_t row;
	const char *text;
	const char *faults;
};

/* What is refused leaves what was there. */
static void assert_refused(const struct value_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct spec *spec = spec_new();
		struct spec_integration integration = {.id = 7};
		struct config_fixture fixture;
		bool is_own = cases[i].group == &keys_integration;
		void *target = is_own ? (void *)&integration : spec;

		if (store(&fixture, cases[i].group, cases[i].row, cases[i].text, target))
			fail_msg("taken: %s", cases[i].text);
		config_fixture_assert_faults(&fixture.faults, cases[i].faults);
		assert_int_equal(integration.id, 7);
		assert_null(integration.value.name);
		assert_null(integration.value.indexing_cron);
		assert_string_equal(spec->api.url, SPEC_DEFAULT_URL);
		assert_int_equal(spec->api.max_in_flight, 4);
		assert_int_equal(spec->api.timeout_ms, 30000);
		assert_true(spec->api.rate_limit == 5);
		assert_int_equal(spec->log_level, LOG_INFO);
		config_fixture_close(&fixture);
		spec_free(spec);
	}
}

static void another_type_is_refused(void **state)
{
	static const struct value_case cases[] = {
		{&keys_api, KEYS_URL, "url = 1;",
	         "1:7+1 error: api.url: expected a string, found an integer; text stands in double "
	         "quotes\n"},
		{&keys_api, KEYS_KEY, "key = 1.5;",
	         "1:7+3 error: api.key: expected a string, found a floating-point number; text "
	         "stands in double quotes\n"},
		{&keys_api, KEYS_CA_FILE, "ca_file = [];",
	         "1:11+1 error: api.ca_file: expected a string, found an array\n"},
		{&keys_api, KEYS_ALLOW_HTTP, "allow_http = \"yes\";",
	         "1:14+5 error: api.allow_http: expected true or false, found a string; write "
	         "true, without quotes\n"},
		{&keys_api, KEYS_MAX_IN_FLIGHT, "max_in_flight = 4.0;",
	         "1:17+3 error: api.max_in_flight: expected an integer, found a floating-point "
	         "number\n"},
		{&keys_api, KEYS_RATE_LIMIT, "rate_limit = true;",
	         "1:14+4 error: api.rate_limit: expected a number, found a boolean\n"},
		{&keys_api, KEYS_TIMEOUT, "timeout = 1.5;",
	         "1:11+3 error: api.timeout: expected a span such as \"30s\", or an integer of "
	         "seconds, found a floating-point number\n"},
		{&keys_drift, 0, "mode = false;",
	         "1:8+5 error: drift.mode: expected \"off\", \"report\" or \"repair\", found a "
	         "boolean; write \"off\"\n"},
		{&keys_top, KEYS_API, "api = ();",
	         "1:7+1 error: api: expected a group such as api = { url = ...; }, found a list\n"},
		{&keys_top, KEYS_INTEGRATIONS, "integrations = {};",
	         "1:16+1 error: integrations: expected a list such as ( { id = 42; ... }, ... ), "
	         "found a group\n"},
		{&keys_integration, KEYS_INDEXING_CRON, "indexing_cron = 6;",
	         "1:17+1 error: indexing_cron: expected a string or false, found an integer\n"},
	};

	(void)state;
	assert_refused(cases, COUNT(cases));
}

static void a_value_that_means_nothing_is_refused(void **state)
{
	static const struct value_case cases[] = {
		{&keys_api, KEYS_MAX_IN_FLIGHT, "max_in_flight = 0;",
	         "1:17+1 error: api.max_in_flight: 0 is outside 1-64\n"},
		{&keys_api, KEYS_MAX_IN_FLIGHT, "max_in_flight = 65;",
	         "1:17+2 error: api.max_in_flight: 65 is outside 1-64\n"},
		{&keys_integration, KEYS_ID, "id = 0;", "1:6+1 error: id: 0 is less than 1\n"},
		{&keys_api, KEYS_RATE_LIMIT, "rate_limit = -0.5;",
	         "1:14+4 error: api.rate_limit: -0.5 is outside 0-1000000\n"},
		{&keys_api, KEYS_RATE_LIMIT, "rate_limit = 1000001;",
	         "1:14+7 error: api.rate_limit: 1e+06 is outside 0-1000000\n"},
		{&keys_api, KEYS_RATE_LIMIT, "rate_limit = 1e999;",
	         "1:14+5 error: api.rate_limit: inf is outside 0-1000000\n"},
		{&keys_api, KEYS_RATE_LIMIT, "rate_limit = 1e-300;",
	         "1:14+6 error: api.rate_limit: 1e-300 is less than 0.00001, the least there is; 0 "
	         "is no limit\n"},
		{&keys_api, KEYS_RATE_LIMIT, "rate_limit = 1e-999;",
	         "1:14+6 error: api.rate_limit: 2.22507e-308 is less than 0.00001, the least there "
	         "is; 0 is no limit\n"},
		{&keys_api, KEYS_RATE_LIMIT, "rate_limit = 0.0000099;",
	         "1:14+9 error: api.rate_limit: 9.9e-06 is less than 0.00001, the least there is; "
	         "0 "
	         "is no limit\n"},
		{&keys_api, KEYS_TIMEOUT, "timeout = 0;",
	         "1:11+1 error: api.timeout: 0s is less than 1ms, the least there is\n"},
		{&keys_api, KEYS_TIMEOUT, "timeout = \"0ms\";",
	         "1:11+5 error: api.timeout: 0s is less than 1ms, the least there is\n"},
		{&keys_api, KEYS_TIMEOUT, "timeout = -1;",
	         "1:11+2 error: api.timeout: a span cannot be negative\n"},
		{&keys_api, KEYS_TIMEOUT, "timeout = 31622401;",
	         "1:11+8 error: api.timeout: 31622401s is more than 31622400s\n"},
		{&keys_drift, 0, "mode = \"repairr\";",
	         "1:8+9 error: drift.mode: expected \"off\", \"report\" or \"repair\", found "
	         "\"repairr\"; did you mean \"repair\"?\n"},
		{&keys_log, 0, "level = \"x\";",
	         "1:9+3 error: log.level: expected \"error\", \"warning\", \"notice\", \"info\" or "
	         "\"debug\", found \"x\"\n"},
		{&keys_log, 0, "level = \"Info\";",
	         "1:9+6 error: log.level: expected \"error\", \"warning\", \"notice\", \"info\" or "
	         "\"debug\", found \"Info\"; did you mean \"info\"?\n"},
		{&keys_integration, KEYS_INDEXING_CRON, "indexing_cron = true;",
	         "1:17+4 error: indexing_cron: expected a string or false, found true; false is no "
	         "schedule\n"},
		{&keys_integration, KEYS_INDEXING_CRON, "indexing_cron = \"0 25 * * *\";",
	         "1:20+2 error: indexing_cron: hour 25 is outside 0-23\n"},
	};

	(void)state;
	assert_refused(cases, COUNT(cases));
}

/* A text's bad byte has its own place, escapes and joined literals included. */
static void a_text_is_printable(void **state)
{
	static const struct value_case cases[] = {
		{&keys_integration, KEYS_NAME, "name = \"a\\tb\";",
	         "1:10+2 error: name: holds a tab\n"},
		{&keys_integration, KEYS_NAME, "name = \"ab\" \"c\\x7f\";",
	         "1:15+4 error: name: holds a control character\n"},
		{&keys_integration, KEYS_NAME, "name = \"a\xc2\x85\";",
	         "1:10+1 error: name: holds a control character\n"},
		{&keys_integration, KEYS_NAME, "name = \"\\x1f\";",
	         "1:9+4 error: name: holds a control character\n"},
		{&keys_integration, KEYS_NAME, "name = \"a\\xff\";",
	         "1:10+4 error: name: invalid UTF-8\n"},
	};
	static const char *const good[] = {"a b", "\xc2\xa0", "\xc3\x85", "", "\xe2\x82\xac"};

	(void)state;
	assert_refused(cases, COUNT(cases));
	for (size_t i = 0; i < COUNT(good); i++) {
		struct spec_integration integration = {0};
		struct config_fixture fixture;
		struct text text = {0};

		text_printf(&text, "name = \"%s\";", good[i]);
		assert_true(
			store(&fixture, &keys_integration, KEYS_NAME, text.bytes, &integration));
		assert_string_equal(integration.value.name, good[i]);
		spec_value_clear(&integration.value);
		text_clear(&text);
		config_fixture_close(&fixture);
	}
}

static void a_text_has_a_longest(void **state)
{
	(void)state;
	for (int more = 0; more <= 1; more++) {
		struct spec_integration integration = {0};
		struct config_fixture fixture;
		struct text text = {0};

		text_printf(&text, "name = \"%*s\";", KEYS_TEXT_MAX + more, "x");
		assert_int_equal(
			store(&fixture, &keys_integration, KEYS_NAME, text.bytes, &integration),
			more == 0);
		config_fixture_assert_faults(
			&fixture.faults,
			more == 0 ? "" : "1:8+153 error: name: 1025 bytes are more than 1024\n");
		spec_value_clear(&integration.value);
		text_clear(&text);
		config_fixture_close(&fixture);
	}
}

/* A lost quote let in what follows: nothing of it is repeated. */
static void a_value_that_goes_on_is_not_repeated(void **state)
{
	static const struct value_case cases[] = {
		{&keys_api, KEYS_TIMEOUT, "timeout = \"30=secretsecret\";",
	         "1:14+1 error: api.timeout: the value should have ended here; is a quote "
	         "missing?\n"},
		{&keys_integration, KEYS_INDEXING_CRON,
	         "indexing_cron = \"0 6 * * s3cr3ts3cr3t;\";",
	         "1:38+1 error: indexing_cron: ';' is never part of a schedule; is a quote "
	         "missing?\n"},
		{&keys_drift, 0, "mode = \"repair; key = s3cr3ts3cr3t\";",
	         "1:8+28 error: drift.mode: expected \"off\", \"report\" or \"repair\", found "
	         "\"repair\xe2\x80\xa6\"\n"},
	};

	(void)state;
	assert_refused(cases, COUNT(cases));
}

static void good_values_are_stored(void **state)
{
	static const struct {
		size_t row;
		const char *text;
		int64_t ms;
	} spans[] = {
		{KEYS_TIMEOUT, "timeout = \"1min 30s\";", 90000},
		{KEYS_TIMEOUT, "timeout = \"1ms\";", 1},
		{KEYS_TIMEOUT, "timeout = 1;", 1000},
		{KEYS_TIMEOUT, "timeout = 31622400;", SPAN_MAX_MS},
	};
	struct config_fixture fixture;
	struct spec *spec = spec_new();

	(void)state;
	for (size_t i = 0; i < COUNT(spans); i++) {
		assert_true(store(&fixture, &keys_api, spans[i].row, spans[i].text, spec));
		assert_int_equal(spec->api.timeout_ms, spans[i].ms);
		config_fixture_close(&fixture);
	}
	assert_true(store(&fixture, &keys_api, KEYS_RATE_LIMIT, "rate_limit = 1000000;", spec));
	assert_true(spec->api.rate_limit == 1000000);
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_api, KEYS_RATE_LIMIT, "rate_limit = 0.25;", spec));
	assert_true(spec->api.rate_limit == 0.25);
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_api, KEYS_RATE_LIMIT, "rate_limit = 0.00001;", spec));
	assert_true(spec->api.rate_limit == KEYS_NUMBER_LEAST);
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_api, KEYS_RATE_LIMIT, "rate_limit = 0.0;", spec));
	assert_true(spec->api.rate_limit == 0);
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_api, KEYS_MAX_IN_FLIGHT, "max_in_flight = 64;", spec));
	assert_int_equal(spec->api.max_in_flight, 64);
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_api, KEYS_ALLOW_HTTP, "allow_http = TRUE;", spec));
	assert_true(spec->api.allow_http);
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_log, 0, "level = \"debug\";", spec));
	assert_int_equal(spec->log_level, LOG_DEBUG);
	config_fixture_close(&fixture);
	spec_free(spec);
}

static void a_path_is_its_files(void **state)
{
	struct config_fixture fixture;
	struct spec *spec = spec_new();

	(void)state;
	assert_true(store(&fixture, &keys_api, KEYS_CA_FILE, "ca_file = \"ca\";", spec));
	assert_string_equal(spec->api.ca_file, "ca");
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_api, KEYS_CA_FILE, "ca_file = \"\";", spec));
	assert_null(spec->api.ca_file);
	config_fixture_close(&fixture);
	spec_free(spec);
}

static void a_schedule_is_stored_as_it_is_written(void **state)
{
	struct spec_integration integration = {0};
	struct config_fixture fixture;

	(void)state;
	assert_true(store(&fixture, &keys_integration, KEYS_INDEXING_CRON,
	                  "indexing_cron = \" 0  6 * * MON \";", &integration));
	assert_string_equal(integration.value.indexing_cron, " 0  6 * * MON ");
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_integration, KEYS_INDEXING_CRON,
	                  "indexing_cron = \"* * 1 * 1\";", &integration));
	config_fixture_assert_faults(&fixture.faults,
	                             "1:17+11 warning: indexing_cron: runs every minute\n1:17+11 "
	                             "warning: indexing_cron: restricts both day of month and day "
	                             "of week: runs when either fits\n");
	config_fixture_close(&fixture);
	assert_true(store(&fixture, &keys_integration, KEYS_INDEXING_CRON, "indexing_cron = false;",
	                  &integration));
	assert_null(integration.value.indexing_cron);
	config_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_type_is_refused),
		cmocka_unit_test(a_value_that_means_nothing_is_refused),
		cmocka_unit_test(a_text_is_printable),
		cmocka_unit_test(a_text_has_a_longest),
		cmocka_unit_test(a_value_that_goes_on_is_not_repeated),
		cmocka_unit_test(good_values_are_stored),
		cmocka_unit_test(a_path_is_its_files),
		cmocka_unit_test(a_schedule_is_stored_as_it_is_written),
	};

	return cmocka_run_group_tests_name("reader_store", tests, NULL, NULL);
}
