/* SPDX-License-Identifier: MIT */
/* The command `plan`: its lines and its document to the letter, and what is struck out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command_plan_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          INT64_C(1795478400) /* Tue 2026-11-24 00:00 */

static char here[] = "https://app.example", six[] = "0 6 * * *", seven[] = "0 7 * * mon-fri";
static char finance[] = "Mode: Finance", money[] = "Mode: Money", acme[] = "acme", mode[] = "mode";
static char nasty[] = "\x1b[2J'canary-key'\n", opaque[] = "0 0 L * *", garbage[] = "at \x1b six";
static char never[] = "0 0 31 2 *", empty[] = "";

static struct spec_integration integrations[] = {
	{.id = 42, .value = {.indexing_cron = seven, .name = money, .workspace = acme}},
	{.id = 43, .value = {.indexing_cron = NULL}},
	{.id = 44, .value = {.indexing_cron = six}},
	{.id = 46, .value = {.indexing_cron = six, .name = nasty}},
	{.id = 47, .value = {.indexing_cron = six}},
	{.id = 48, .value = {.indexing_cron = never}},
	{.id = 49, .value = {.indexing_cron = six}, .paused = true},
	{.id = 50, .value = {.indexing_cron = six, .name = finance}},
	{.id = 51, .value = {.indexing_cron = six}},
	{.id = 52, .value = {.indexing_cron = six, .name = finance, .workspace = empty}},
};

static struct state_entry entries[] = {
	{.id = 44, .accepted = true, .value = {.indexing_cron = six}},
	{.id = 45, .accepted = true, .value = {.indexing_cron = six, .name = finance}},
	{.id = 47, .accepted = true, .intended = true, .value = {.indexing_cron = six}},
	{.id = 51, .accepted = true, .value = {.indexing_cron = six}},
};

static struct wire_remote items[] = {
	{.id = 1, .type = mode},
	{.id = 2, .type = mode},
	{.id = 42,
         .cron_known = WIRE_GIVEN,
         .indexing_cron = six,
         .name = finance,
         .workspace = acme},
	{.id = 43, .cron_known = WIRE_GIVEN, .indexing_cron = opaque},
	{.id = 44, .cron_known = WIRE_GIVEN, .indexing_cron = six},
	{.id = 45, .cron_known = WIRE_NONE, .name = money},
	{.id = 47, .cron_known = WIRE_GIVEN, .indexing_cron = six},
	{.id = 48, .cron_known = WIRE_GIVEN, .indexing_cron = garbage},
	{.id = 50},
	{.id = 52,
         .cron_known = WIRE_GIVEN,
         .indexing_cron = six,
         .name = nasty,
         .workspace = acme},
};

static const char *const secret = "canary-key";

/* Make the plan of the tables above, and show it; without a list if there is an obstacle. */
static char *show(const char *obstacle, bool colour, bool json)
{
	struct spec spec = {
		.api.url = here, .integrations = integrations, .count = COUNT(integrations)};
	struct state known = {.url = here, .entries = entries, .count = COUNT(entries)};
	struct wire_remotes remotes = {.items = items, .count = COUNT(items)};
	struct redactor *redactor = redactor_new(&secret, 1);
	struct plan plan;
	struct text out = {.length = 0};
	struct command_plan_view view = {.plan = &plan,
	                                 .url = here,
	                                 .state_path = "/s/state.json",
	                                 .obstacle = obstacle,
	                                 .reason = obstacle,
	                                 .redactor = redactor,
	                                 .now_unix_s = NOW,
	                                 .colour = colour};

	plan_diff(&plan, &spec, &known, obstacle == NULL ? &remotes : NULL);
	if (json)
		command_plan_add_document(&view, &out);
	else
		command_plan_add_text(&view, &out);
	plan_clear(&plan);
	redactor_free(redactor);
	assert_null(strstr(out.bytes, "canary"));
	return text_take(&out);
}

static void what_differs_from_the_server_is_told(void **state)
{
	char *shown = show(NULL, false, false);

	(void)state;
	assert_string_equal(
		shown,
		"against https://app.example, which lists 10 integrations\n"
		"\n"
		"~ 42 'Mode: Money'  0 6 * * * -> 0 7 * * mon-fri\n"
		"    at 06:00, every day -> at 07:00, Monday to Friday\n"
		"    next run (UTC) Tue 2026-11-24 06:00 -> Tue 2026-11-24 07:00\n"
		"    name 'Mode: Finance' -> 'Mode: Money'\n"
		"~ 43  0 0 L * * -> no schedule\n"
		"    known only to the server (uses 'L') -> no schedule\n"
		"    next run (UTC) unknown -> none\n"
		"- 45 'Mode: Money'  no schedule\n"
		"    gone from the file; left as it is on the server\n"
		"? 46 '\\x1b[2J'[redacted]'\\n'  0 6 * * *\n"
		"    at 06:00, every day\n"
		"    next run (UTC) Tue 2026-11-24 06:00\n"
		"    the server does not list it, and may answer 404\n"
		"! 47  0 6 * * *\n"
		"    equal, but an earlier request may have been lost, or be applied late\n"
		"~ 48  at \\x1b six -> 0 0 31 2 *\n"
		"    not understood -> at 00:00, on day 31 of February (never)\n"
		"    next run (UTC) unknown -> never\n"
		"~ 50 'Mode: Finance'  unknown -> 0 6 * * *\n"
		"    at 06:00, every day\n"
		"    next run (UTC) Tue 2026-11-24 06:00\n"
		"? 51  0 6 * * *\n"
		"    accepted before; the server does not list it any more\n"
		"~ 52 'Mode: Finance'  0 6 * * *\n"
		"    name '\\x1b[2J'[redacted]'\\n' -> 'Mode: Finance'\n"
		"    workspace 'acme' -> ''\n"
		"\n"
		"5 to change, 1 to send again, 2 unknown to the server, 1 no longer managed, 1 "
		"equal, 1 paused; nothing was sent\n"
		"of 1 the server does not tell the schedule: compared with what was accepted "
		"last\n"
		"2 more on the server are not in the file; see dfmode-sync import\n");
	free(shown);
}

static void without_a_list_the_state_has_to_do(void **state)
{
	char *shown = show("does not answer", false, false);

	(void)state;
	assert_non_null(strstr(shown, "against what was accepted last (/s/state.json), as "
	                              "https://app.example does not answer\n\n"
	                              "+ 42 'Mode: Money'  0 7 * * mon-fri\n"
	                              "    at 07:00, Monday to Friday\n"
	                              "    next run (UTC) Tue 2026-11-24 07:00\n"
	                              "+ 43  no schedule\n"
	                              "    no schedule\n"
	                              "    next run (UTC) none\n"
	                              "- 45 'Mode: Finance'  0 6 * * *\n"));
	assert_non_null(strstr(shown, "\n\n6 new, 1 to send again, 1 no longer managed, 2 equal, "
	                              "1 paused; nothing was sent\n"));
	assert_null(strstr(shown, "more on the server"));
	free(shown);
}

static void colour_is_of_the_first_line(void **state)
{
	char *shown = show(NULL, true, false);

	(void)state;
	assert_non_null(
		strstr(shown, "\n\033[33m~ 43  0 0 L * * -> no schedule\033[0m\n    known"));
	assert_non_null(strstr(shown, "\n\033[31m- 45 "));
	assert_non_null(strstr(shown, "\n\033[35m? 46 "));
	free(shown);
}

static void nothing_to_do_is_said(void **state)
{
	struct spec spec = {.api.url = here, .integrations = &integrations[2], .count = 1};
	struct state known = {.url = here, .entries = entries, .count = 1};
	struct wire_remotes remotes = {.items = &items[4], .count = 1};
	struct plan plan;
	struct text out = {.length = 0};
	struct command_plan_view view = {.plan = &plan, .url = here, .now_unix_s = NOW};

	(void)state;
	plan_diff(&plan, &spec, &known, &remotes);
	command_plan_add_text(&view, &out);
	assert_string_equal(out.bytes, "against https://app.example, which lists 1 integration\n\n"
	                               "nothing to do: 1 equal\n");
	plan_clear(&plan);
	text_truncate(&out, 0);
	spec.count = known.count = remotes.count = 0;
	plan_diff(&plan, &spec, &known, &remotes);
	command_plan_add_text(&view, &out);
	assert_string_equal(out.bytes, "against https://app.example, which lists 0 integrations\n\n"
	                               "nothing to do: the file has no integrations\n");
	plan_clear(&plan);
	text_clear(&out);
}

static const char *get(struct json_object *object, const char *key)
{
	return json_object_to_json_string_ext(json_object_object_get(object, key),
	                                      JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void document_has_all_of_it(void **state)
{
	char *shown = show(NULL, false, true);
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
	                    "\"forget\":1,\"equal\":2,\"paused\":1,\"not_listed\":2,"
	                    "\"not_told\":1,\"unmanaged\":2}");
	json_object_put(root);
	free(shown);
	shown = show("does not answer", false, true);
	assert_non_null(strstr(shown, "\"against\":\"state\",\"url\":\"https://app.example\","
	                              "\"reason\":\"does not answer\",\"listed\":null,"));
	assert_non_null(strstr(shown, "\"listed\":null,\"name\":\"Mode: Money\""));
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_from_the_server_is_told),
		cmocka_unit_test(without_a_list_the_state_has_to_do),
		cmocka_unit_test(colour_is_of_the_first_line),
		cmocka_unit_test(nothing_to_do_is_said),
		cmocka_unit_test(document_has_all_of_it),
	};

	return cmocka_run_group_tests_name("command_plan", tests, NULL, NULL);
}
