/* SPDX-License-Identifier: MIT */
/* The tables of keys: what they are searched for, and what holds them together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "config/keys.h"
#include "config/spec.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* `given` has a slot for each row. */
static void no_table_is_too_long(void **state)
{
	(void)state;
	for (const struct keys_group *const *group = keys_all; *group != NULL; group++)
		assert_in_range((*group)->count, 1, KEYS_COUNT_MAX);
}

/* A group that lacked a key would let its operator's setting be an unknown one. */
static void each_group_has_its_own_keys(void **state)
{
	static const struct {
		const struct keys_group *group;
		const char *key;
		bool is_there;
	} cases[] = {
		{&keys_top, "api", true},
		{&keys_top, "integrations", true},
		{&keys_top, "url", false},
		{&keys_api, "url", true},
		{&keys_api, "key_credential", true},
		{&keys_api, "ur", false},
		{&keys_api, "urls", false},
		{&keys_api, "", false},
		{&keys_retry, "first", true},
		{&keys_drift, "mode", true},
		{&keys_watch, "sweep", true},
		{&keys_log, "level", true},
		{&keys_integration, "id", true},
		{&keys_integration, "indexing_cron", true},
		{&keys_integration, "workspace", true},
		{&keys_defaults, "workspace", true},
		{&keys_defaults, "id", false},
		{&keys_defaults, "indexing_cron", false},
		{&keys_defaults, "name", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct keys_field *field =
			keys_find_in(cases[i].group, cases[i].key, strlen(cases[i].key));

		if ((field != NULL) != cases[i].is_there)
			fail_msg("%s%s", cases[i].group->path, cases[i].key);
	}
}

static void a_key_is_found_to_the_letter(void **state)
{
	static const struct {
		const char *name;
		const struct keys_group *group; /* NULL: it is in none */
		size_t row;
	} cases[] = {
		{"url", &keys_api, KEYS_URL},
		{"rate_limit", &keys_api, KEYS_RATE_LIMIT},
		{"metrics_file", &keys_top, KEYS_METRICS_FILE},
		{"paused", &keys_integration, KEYS_PAUSED},
		{"rejected_limit", &keys_retry, KEYS_REJECTED_LIMIT},
		{"level", &keys_log, 0},
		{"Url", NULL, 0},
		{"ur", NULL, 0},
		{"url_", NULL, 0},
		{"", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct keys_field *field = keys_find(cases[i].name, strlen(cases[i].name));

		if (cases[i].group == NULL)
			assert_null(field);
		else
			assert_ptr_equal(field, &cases[i].group->fields[cases[i].row]);
	}
	assert_ptr_equal(keys_find("urls", 3), &keys_api.fields[KEYS_URL]);
}

static void a_key_before_its_equals_sign(void **state)
{
	static const struct {
		const char *text;
		int at; /* of the key; -1: there is none */
	} cases[] = {
		{"id = ", 0},          {"id=", 0},     {"id:", 0},       {"id\t \r\n=\n ", 0},
		{"; workspace = ", 2}, {"x;id = ", 2}, {"(token=", 1},   {"id", -1},
		{"id ", -1},           {"", -1},       {" ", -1},        {"=", -1},
		{" = ", -1},           {"id = 1", -1}, {"idx", -1},      {"ids = ", -1},
		{"my-id = ", -1},      {"*id = ", -1}, {"my_id = ", -1}, {"id == ", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text;
		const char *key = keys_before_equals(text, text + strlen(text));

		if ((key == NULL ? -1 : (int)(key - text)) != cases[i].at)
			fail_msg("'%s'", text);
	}
}

/* The three rows of a secret stand together: inline, file, credential. */
static void the_rows_of_a_secret_are_neighbours(void **state)
{
	static const struct {
		const struct keys_group *group;
		size_t row;
		const char *key;
	} cases[] = {
		{&keys_api, KEYS_KEY, "key"},
		{&keys_integration, KEYS_TOKEN, "token"},
		{&keys_integration, KEYS_PASSWORD, "password"},
		{&keys_defaults, KEYS_TOKEN, "token"},
		{&keys_defaults, KEYS_PASSWORD, "password"},
	};
	static const char *const ends[] = {"", "_file", "_credential"};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t j = 0; j < COUNT(ends); j++) {
			const struct keys_field *field = &cases[i].group->fields[cases[i].row + j];
			char *key = mem_printf("%s%s", cases[i].key, ends[j]);

			assert_string_equal(field->key, key);
			assert_int_equal(field->type, KEYS_TYPE_SECRET);
			free(key);
		}
	}
}

static void words_and_limits_are_the_manuals(void **state)
{
	static const struct keys_word levels[] = {
		{"error", LOG_ERR}, {"warning", LOG_WARNING}, {"notice", LOG_NOTICE},
		{"info", LOG_INFO}, {"debug", LOG_DEBUG},
	};
	static const struct keys_word modes[] = {
		{"off", SPEC_DRIFT_OFF},
		{"report", SPEC_DRIFT_REPORT},
		{"repair", SPEC_DRIFT_REPAIR},
	};
	const struct keys_field *in_flight = &keys_api.fields[KEYS_MAX_IN_FLIGHT];
	const struct keys_word *words = keys_find("level", 5)->words;

	(void)state;
	for (size_t i = 0; i < COUNT(levels); i++) {
		assert_string_equal(words[i].word, levels[i].word);
		assert_int_equal(words[i].value, levels[i].value);
	}
	assert_null(words[COUNT(levels)].word);
	words = keys_find("mode", 4)->words;
	for (size_t i = 0; i < COUNT(modes); i++) {
		assert_string_equal(words[i].word, modes[i].word);
		assert_int_equal(words[i].value, modes[i].value);
	}
	assert_null(words[COUNT(modes)].word);
	assert_true(in_flight->min == 1 && in_flight->max == 64);
	assert_true(keys_integration.fields[KEYS_ID].min == 1);
	assert_true(keys_integration.fields[KEYS_ID].max == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_table_is_too_long),
		cmocka_unit_test(each_group_has_its_own_keys),
		cmocka_unit_test(a_key_is_found_to_the_letter),
		cmocka_unit_test(a_key_before_its_equals_sign),
		cmocka_unit_test(the_rows_of_a_secret_are_neighbours),
		cmocka_unit_test(words_and_limits_are_the_manuals),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
