/* SPDX-License-Identifier: MIT */
/* A plan as a document: every member, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <stdlib.h>

#include "commands/command_plan_internal.h"
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

static struct json_object *show(const struct plan *plan)
{
	struct plan_view view = {
		.plan = plan, .url = "https://app.example", .now_unix_s = PLAN_FIXTURE_NOW};
	struct text out = {0};
	struct json_object *root;

	plan_json_add(&view, &out);
	root = json_tokener_parse(out.bytes);
	assert_non_null(root);
	text_clear(&out);
	return root;
}

/* Drift is a change, which apply sends; whether the daemon does is beside it. */
static void drift_is_a_change(void **state)
{
	static const struct {
		enum spec_drift_mode mode;
		const char *by_daemon;
	} cases[] = {
		{.mode = SPEC_DRIFT_REPORT, .by_daemon = "false"},
		{.mode = SPEC_DRIFT_REPAIR, .by_daemon = "true"},
	};
	char here[] = "https://app.example", six[] = "0 6 * * *", seven[] = "0 7 * * *";
	struct spec_value value = {.indexing_cron = six};
	struct spec_integration integration = {.id = 44, .value = value};
	struct state_entry entry = {.id = 44, .accepted = true, .value = value};
	struct state known = {.url = here, .entries = &entry, .count = 1};
	struct wire_remote item = {.id = 44, .cron_known = WIRE_GIVEN, .indexing_cron = seven};
	struct wire_remotes remotes = {.items = &item, .count = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec spec = {.api.url = here,
		                    .drift.mode = cases[i].mode,
		                    .integrations = &integration,
		                    .count = 1};
		struct plan plan;
		struct json_object *root, *change, *summary;

		plan_diff(&plan, &spec, &known, &remotes);
		root = show(&plan);
		change = json_object_array_get_idx(json_object_object_get(root, "changes"), 0);
		summary = json_object_object_get(root, "summary");
		assert_string_equal(get(change, "action"), "\"change\"");
		assert_string_equal(get(change, "drift"), "true");
		assert_string_equal(get(change, "by_daemon"), cases[i].by_daemon);
		assert_string_equal(get(summary, "change"), "1");
		assert_string_equal(get(summary, "drift"), "1");
		json_object_put(root);
		plan_clear(&plan);
	}
}

/* What is not known of the old side is said apart from what is empty; so are credentials. */
static void what_is_known_and_new_credentials_are_told(void **state)
{
	struct plan_item item = {.kind = PLAN_CHANGED,
	                         .basis = PLAN_NOT_SHOWN,
	                         .id = 44,
	                         .known = PLAN_BIT(SPEC_NAME)};
	struct plan plan = {.items = &item, .count = 1};

	(void)state;
	for (int differs = 0; differs < 2; differs++) {
		struct json_object *root, *change, *fields;

		item.differs = differs ? PLAN_BIT(SPEC_TOKEN) : 0;
		root = show(&plan);
		change = json_object_array_get_idx(json_object_object_get(root, "changes"), 0);
		fields = json_object_object_get(change, "fields");
		assert_string_equal(get(change, "credentials"),
		                    differs ? "{\"differs\":true}" : "{\"differs\":false}");
		assert_string_equal(get(fields, "name"),
		                    "{\"differs\":false,\"known\":true,\"old\":null,\"new\":null}");
		assert_string_equal(
			get(fields, "workspace"),
			"{\"differs\":false,\"known\":false,\"old\":null,\"new\":null}");
		json_object_put(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document_has_all_of_it),
		cmocka_unit_test(drift_is_a_change),
		cmocka_unit_test(what_is_known_and_new_credentials_are_told),
	};

	return cmocka_run_group_tests_name("plan_json", tests, NULL, NULL);
}
