/* SPDX-License-Identifier: MIT */
/* A group by its table: unknown keys, missing ones, and what is given of each row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/spec.h"
#include "config/specfile_internal.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct group_case {
	const struct keys_group *group;
	const char *path; /* of the group; "": the file */
	const char *text;
	const char *faults;
};

static void assert_group(const struct group_case *expected)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	struct spec_integration integration = {0};
	struct config_fixture fixture;
	struct spec *spec = spec_new();
	bool is_own = expected->group == &keys_integration || expected->group == &keys_defaults;

	config_fixture_open(&fixture, expected->text);
	schema_read(&fixture.reader, expected->group, config_fixture_find(&fixture, expected->path),
	            is_own ? (void *)&integration : spec, given);
	config_fixture_assert_faults(&fixture.faults, expected->faults);
	config_fixture_close(&fixture);
	spec_value_clear(&integration.value);
	spec_free(spec);
}

static void unknown_keys(void **state)
{
	static const struct group_case cases[] = {
		{&keys_api, "api", "api = { urk = 1; };",
	         "1:9+3 error: api.urk: unknown key; did you mean 'url'?\n"},
		{&keys_defaults, "defaults", "defaults = { workspce = \"x\"; };",
	         "1:14+8 error: defaults.workspce: unknown key; did you mean 'workspace'?\n"},
		/* The key is right and the group wrong. */
		{&keys_defaults, "defaults", "defaults = { url = \"x\"; };",
	         "1:14+3 error: defaults.url: unknown key here; did you mean 'api.url'?\n"},
		{&keys_api, "api", "api = { indexing_cron = false; };",
	         "1:9+13 error: api.indexing_cron: unknown key here; did you mean "
	         "'integrations[].indexing_cron'?\n"},
		/* Another program's name. */
		{&keys_api, "api", "api = { base_url = \"x\"; };",
	         "1:9+8 error: api.base_url: unknown key; did you mean 'url'?\n"},
		/* What may be a secret is not shown. */
		{&keys_api, "api", "api = { s3cr3tt0ken = 1; };", "1:9+11 error: unknown key\n"},
		{&keys_drift, "drift", "drift = { mode = \"off\"; intervall = 1; unheard = 2; };",
	         "1:25+9 error: drift.intervall: unknown key; did you mean 'interval'?\n"
	         "1:40+7 error: unknown key\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_group(&cases[i]);
}

#define MISSING_CRON "indexing_cron: missing; false is no schedule\n"

static void missing_keys(void **state)
{
	static const struct group_case cases[] = {
		{&keys_integration, "one", "one = { };",
	         "1:1+3 error: id: missing\n1:1+3 error: " MISSING_CRON},
		{&keys_integration, "one", "one = { id = 1; };", "1:1+3 error: " MISSING_CRON},
		{&keys_integration, "one", "one = { id = 1; indexing_cron = false; };", ""},
		/* What is there with a fault is not missing as well. */
		{&keys_integration, "one", "one = { id = 0; indexing_cron = false; };",
	         "1:14+1 error: id: 0 is less than 1\n"},
		/* Nor is what a misspelt key may be meant for; */
		{&keys_integration, "one", "one = { id = 1; indexing_crom = false; };",
	         "1:17+13 error: indexing_crom: unknown key; did you mean 'indexing_cron'?\n"},
		/* but another's key is not. */
		{&keys_integration, "one", "one = { id = 1; timeout = 1; };",
	         "1:1+3 error: " MISSING_CRON "1:17+7 error: timeout: unknown key here; did you "
	         "mean 'api.timeout'?\n"},
		/* A syntax error may have eaten it. */
		{&keys_integration, "one", "one = { id = 1; indexing_cron };",
	         "1:17+13 error: expected '=' after 'indexing_cron'\n"},
		{&keys_integration, "one", "one = { id = 1; unheard = ; };",
	         "1:27+1 error: expected a value after this word\n"},
		{&keys_top, "", "allow_empty = true;",
	         "0:0+1 error: integrations: missing; write integrations = ( { id = 42; "
	         "indexing_cron = \"0 6 * * *\"; } )\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_group(&cases[i]);
}

/* Each row knows whether it is there, is bad, or is only guessed. */
static void what_is_given_of_each_row(void **state)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	struct config_fixture fixture;
	struct spec *spec = spec_new();

	(void)state;
	config_fixture_open(&fixture, "api = { url = \"u\"; timeout = 0; proxi = \"p\"; key = ; "
	                              "max_in_flight = 5; };");
	schema_read(&fixture.reader, &keys_api, config_fixture_find(&fixture, "api"), spec, given);
	assert_int_equal(given[KEYS_URL].node,
	                 setting_node(config_fixture_find(&fixture, "api.url")));
	assert_ptr_equal(given[KEYS_URL].setting, config_fixture_find(&fixture, "api.url"));
	assert_string_equal(given[KEYS_URL].string, "u");
	assert_false(given[KEYS_URL].is_bad || given[KEYS_URL].is_guess);
	assert_true(given[KEYS_TIMEOUT].node != 0 && given[KEYS_TIMEOUT].is_bad);
	assert_false(given[KEYS_TIMEOUT].is_guess);
	assert_true(given[KEYS_PROXY].is_bad && given[KEYS_PROXY].is_guess);
	assert_null(given[KEYS_PROXY].string);
	assert_true(given[KEYS_KEY].node != 0 && given[KEYS_KEY].is_bad);
	assert_int_equal(given[KEYS_CA_FILE].node, 0);
	assert_false(given[KEYS_CA_FILE].is_bad);
	assert_int_equal(spec->api.max_in_flight, 5);
	assert_int_equal(spec->api.timeout_ms, 30000);
	assert_string_equal(spec->api.url, "u");
	config_fixture_close(&fixture);
	spec_free(spec);
}

/* What a misspelt key is meant for, and is there as well, stays what it is. */
static void a_guess_never_replaces_what_is_there(void **state)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	struct config_fixture fixture;
	struct spec *spec = spec_new();

	(void)state;
	config_fixture_open(&fixture, "api = { url = \"u\"; urll = \"v\"; };");
	schema_read(&fixture.reader, &keys_api, config_fixture_find(&fixture, "api"), spec, given);
	assert_string_equal(given[KEYS_URL].string, "u");
	assert_false(given[KEYS_URL].is_bad || given[KEYS_URL].is_guess);
	assert_int_equal(fixture.faults.errors, 1);
	config_fixture_close(&fixture);
	spec_free(spec);
}

/* Slots are cleared: those of a group before would be taken for this one's. */
static void nothing_is_left_of_another_group(void **state)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	struct config_fixture fixture;
	struct spec *spec = spec_new();

	(void)state;
	for (size_t i = 0; i < COUNT(given); i++)
		given[i] = (struct reader_setting){.node = 9, .is_bad = true, .is_guess = true};
	config_fixture_open(&fixture, "retry = { max = 400; };");
	schema_read(&fixture.reader, &keys_retry, config_fixture_find(&fixture, "retry"), spec,
	            given);
	assert_int_equal(given[KEYS_FIRST].node, 0);
	assert_false(given[KEYS_FIRST].is_bad || given[KEYS_MAX].is_bad);
	assert_int_equal(spec->retry.max_ms, 400000);
	config_fixture_close(&fixture);
	spec_free(spec);
}

/* Beyond what is kept, faults are counted. */
static void many_unknown_keys_are_counted(void **state)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	struct config_fixture fixture;
	struct spec *spec = spec_new();
	struct text text = {0};

	(void)state;
	text_add(&text, "api = {");
	for (int i = 0; i < FAULTS_MAX + 10; i++)
		text_printf(&text, " unheard%d = 1;", i);
	text_add(&text, " urll = 1; };");
	config_fixture_open(&fixture, text.bytes);
	schema_read(&fixture.reader, &keys_api, config_fixture_find(&fixture, "api"), spec, given);
	assert_int_equal(fixture.faults.errors, FAULTS_MAX + 11);
	assert_int_equal(fixture.faults.count, FAULTS_MAX);
	text_clear(&text);
	config_fixture_close(&fixture);
	spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_keys),
		cmocka_unit_test(missing_keys),
		cmocka_unit_test(what_is_given_of_each_row),
		cmocka_unit_test(a_guess_never_replaces_what_is_there),
		cmocka_unit_test(nothing_is_left_of_another_group),
		cmocka_unit_test(many_unknown_keys_are_counted),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
