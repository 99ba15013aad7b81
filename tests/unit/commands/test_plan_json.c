/* SPDX-License-Identifier: MIT */
/* A plan as a document: every member, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <stdlib.h>

#include "commands/plan_json.h"
#include "support/plan_fixture.h"

static const char *get(struct json_object *object, const char *key)
{
	return json_object_to_json_string_ext(json_object_object_get(object, key),
	                                      JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void document_has_all_of_it(void **state)
{
	char *shown = plan_fixture_show(NULL, false, true);
	struct json_object *root = json_tokener_parse(shown);
	struct json_object *changes = json_object_object_get(root, "changes");
	struct json_object *change = json_object_array_get_idx(changes, 0);

	(void)state;
	assert_non_null(root);
	assert_string_equal(get(root, "version"), "1");
	assert_string_equal(get(root, "against"), "\"server\"");
	assert_string_equal(get(root, "url"), "\"https://app.example\"");
	assert_string_equal(get(root, "reason"), "null");
	assert_string_equal(get(root, "listed"), "10");
	assert_int_equal(json_object_array_length(changes), 9);
	assert_string_equal(get(change, "id"), "42");
	assert_string_equal(get(change, "action"), "\"change\"");
	assert_string_equal(get(change, "sent"), "true");
	assert_string_equal(get(change, "listed"), "true");
	assert_string_equal(get(change, "name"), "\"Mode: Money\"");
	assert_string_equal(
		get(change, "fields"),
		"{\"indexing_cron\":{\"differs\":true,\"known\":true,\"old\":\"0 6 * * "
		"*\","
		"\"new\":\"0 7 * * mon-fri\"},\"name\":{\"differs\":true,\"known\":true,"
		"\"old\":\"Mode: Finance\",\"new\":\"Mode: Money\"},\"workspace\":{"
		"\"differs\":false,\"known\":true,\"old\":\"acme\",\"new\":\"acme\"}}");
	assert_string_equal(get(change, "schedule"),
	                    "{\"old\":\"at 06:00, every day\",\"new\":\"at 07:00, Monday to "
	                    "Friday\"}");
	assert_string_equal(get(change, "next_run"), "{\"old\":\"2026-11-24T06:00:00Z\",\"new\":"
	                                             "\"2026-11-24T07:00:00Z\"}");
	change = json_object_array_get_idx(changes, 2);
	assert_string_equal(get(change, "action"), "\"forget\"");
	assert_string_equal(get(change, "sent"), "false");
	change = json_object_array_get_idx(changes, 3);
	assert_string_equal(get(change, "action"), "\"add\"");
	assert_string_equal(get(change, "listed"), "false");
	assert_string_equal(get(change, "name"), "\"\\u001b[2J'[redacted]'\\n\"");
	assert_string_equal(get(root, "summary"),
	                    "{\"to_send\":7,\"change\":4,\"add\":2,\"resend\":1,"
	                    "\"forget\":1,\"equal\":2,\"paused\":1,\"drift\":0,\"not_listed\":2,"
	                    "\"not_shown\":1,\"not_told\":1,\"unmanaged\":2}");
	json_object_put(root);
	free(shown);
	shown = plan_fixture_show("does not answer", false, true);
	assert_non_null(strstr(shown, "\"against\":\"state\",\"url\":\"https://app.example\","
	                              "\"reason\":\"does not answer\",\"listed\":null,"));
	assert_non_null(strstr(shown, "\"listed\":null,\"name\":\"Mode: Money\""));
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document_has_all_of_it),
	};

	return cmocka_run_group_tests_name("plan_json", tests, NULL, NULL);
}
