/* SPDX-License-Identifier: MIT */
/* A plan as lines, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "commands/command_plan_internal.h"
#include "support/plan_fixture.h"

static void what_differs_from_the_server_is_told(void **state)
{
	char *shown = plan_fixture_show(NULL, false, false);

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
		"of 1 the server does not show the schedule: compared with what was accepted "
		"last\n"
		"2 more on the server are not in the file; see dfmode-sync import\n");
	free(shown);
}

static void without_a_list_the_state_has_to_do(void **state)
{
	char *shown = plan_fixture_show("does not answer", false, false);

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
	char *shown = plan_fixture_show(NULL, true, false);

	(void)state;
	assert_non_null(
		strstr(shown, "\n\033[33m~ 43  0 0 L * * -> no schedule\033[0m\n    known"));
	assert_non_null(strstr(shown, "\n\033[31m- 45 "));
	assert_non_null(strstr(shown, "\n\033[35m? 46 "));
	free(shown);
}

static void nothing_to_do_is_said(void **state)
{
	char here[] = "https://app.example", six[] = "0 6 * * *";
	struct spec_integration integration = {.id = 44, .value = {.indexing_cron = six}};
	struct state_entry entry = {.id = 44, .accepted = true, .value = {.indexing_cron = six}};
	struct wire_remote item = {.id = 44, .cron_known = WIRE_GIVEN, .indexing_cron = six};
	struct spec spec = {.api.url = here, .integrations = &integration, .count = 1};
	struct state known = {.url = here, .entries = &entry, .count = 1};
	struct wire_remotes remotes = {.items = &item, .count = 1};
	struct plan plan;
	struct text out = {0};
	struct plan_view view = {.plan = &plan, .url = here, .now_unix_s = PLAN_FIXTURE_NOW};

	(void)state;
	plan_diff(&plan, &spec, &known, &remotes);
	plan_text_add(&view, &out);
	assert_string_equal(out.bytes, "against https://app.example, which lists 1 integration\n\n"
	                               "nothing to do: 1 equal\n");
	plan_clear(&plan);
	text_truncate(&out, 0);
	spec.count = known.count = remotes.count = 0;
	plan_diff(&plan, &spec, &known, &remotes);
	plan_text_add(&view, &out);
	assert_string_equal(out.bytes, "against https://app.example, which lists 0 integrations\n\n"
	                               "nothing to do: the file has no integrations\n");
	plan_clear(&plan);
	text_clear(&out);
}

/* What the file says for the first time. */
static void what_was_not_given_is_named_so(void **state)
{
	char six[] = "0 6 * * *", name[] = "Mode: Finance", workspace[] = "acme";
	struct spec_integration integration = {
		.id = 44, .value = {.indexing_cron = six, .name = name, .workspace = workspace}};
	struct state_entry entry = {.id = 44,
	                            .accepted = true,
	                            .value = {.indexing_cron = six, .workspace = workspace}};
	struct spec spec = {.api.url = name, .integrations = &integration, .count = 1};
	struct state known = {.url = name, .entries = &entry, .count = 1};
	struct plan plan;
	struct text out = {0};
	struct plan_view view = {.plan = &plan, .url = name, .now_unix_s = PLAN_FIXTURE_NOW};

	(void)state;
	plan_diff(&plan, &spec, &known, NULL);
	plan_text_add(&view, &out);
	assert_non_null(strstr(out.bytes, "\n    name not given -> 'Mode: Finance'\n"));
	assert_null(strstr(out.bytes, "workspace"));
	plan_clear(&plan);
	text_clear(&out);
}

/* apply sends what drifted; what the daemon does is said beside it. */
static void drift_says_what_the_daemon_does(void **state)
{
	static const struct {
		enum spec_drift_mode mode;
		bool of_name;
		const char *remark;
	} cases[] = {
		{.mode = SPEC_DRIFT_REPORT, .remark = "only reports it (drift.mode)"},
		{.mode = SPEC_DRIFT_REPAIR, .remark = "repairs it"},
		{.mode = SPEC_DRIFT_OFF, .remark = "does not check for it (drift.mode)"},
		{.mode = SPEC_DRIFT_REPAIR, .of_name = true, .remark = "compares schedules only"},
	};
	char here[] = "https://app.example", six[] = "0 6 * * *", seven[] = "0 7 * * *";
	char name[] = "a", other[] = "b";
	struct spec_value value = {.indexing_cron = six, .name = name};
	struct spec_integration integration = {.id = 44, .value = value};
	struct state_entry entry = {.id = 44, .accepted = true, .value = value};
	struct state known = {.url = here, .entries = &entry, .count = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wire_remote item = {.id = 44,
		                           .cron_known = WIRE_GIVEN,
		                           .indexing_cron = cases[i].of_name ? six : seven,
		                           .name = cases[i].of_name ? other : name};
		struct wire_remotes remotes = {.items = &item, .count = 1};
		struct spec spec = {.api.url = here,
		                    .drift.mode = cases[i].mode,
		                    .integrations = &integration,
		                    .count = 1};
		struct plan plan;
		struct plan_view view = {
			.plan = &plan, .url = here, .now_unix_s = PLAN_FIXTURE_NOW};
		struct text out = {0};
		char *line =
			mem_printf("    changed on the server; the daemon %s\n", cases[i].remark);

		plan_diff(&plan, &spec, &known, &remotes);
		plan_text_add(&view, &out);
		assert_non_null(strstr(out.bytes, line));
		assert_non_null(strstr(out.bytes, "\n1 drifted; nothing was sent\n"));
		plan_clear(&plan);
		text_clear(&out);
		free(line);
	}
}

/* Of new credentials nothing is shown but that they are new. */
static void new_credentials_are_named(void **state)
{
	char six[] = "0 6 * * *";
	struct spec_integration integration = {.id = 44, .value = {.indexing_cron = six}};
	struct plan_item item = {.kind = PLAN_CHANGED,
	                         .basis = PLAN_BY_LIST,
	                         .id = 44,
	                         .integration = &integration,
	                         .old = {.indexing_cron = six},
	                         .known = PLAN_BIT(SPEC_INDEXING_CRON)};
	struct plan plan = {.items = &item, .count = 1, .by_list = true};
	struct plan_view view = {
		.plan = &plan, .url = "https://app.example", .now_unix_s = PLAN_FIXTURE_NOW};

	(void)state;
	for (int differs = 0; differs < 2; differs++) {
		struct text out = {0};
		const char *line;

		item.differs = differs ? PLAN_BIT(SPEC_TOKEN) : 0;
		plan_text_add(&view, &out);
		line = strstr(out.bytes,
		              "    token or password changed since they were accepted\n");
		assert_int_equal(line != NULL, differs);
		text_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_from_the_server_is_told),
		cmocka_unit_test(without_a_list_the_state_has_to_do),
		cmocka_unit_test(colour_is_of_the_first_line),
		cmocka_unit_test(nothing_to_do_is_said),
		cmocka_unit_test(what_was_not_given_is_named_so),
		cmocka_unit_test(drift_says_what_the_daemon_does),
		cmocka_unit_test(new_credentials_are_named),
	};

	return cmocka_run_group_tests_name("plan_text", tests, NULL, NULL);
}
