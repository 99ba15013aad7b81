/* SPDX-License-Identifier: MIT */
/* A file, a state and a list with one integration for each kind of difference. */
#include "support/plan_fixture.h"

#include <assert.h>
#include <string.h>

#include "commands/command_plan_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char here[] = "https://app.example", six[] = "0 6 * * *", seven[] = "0 7 * * mon-fri";
static char finance[] = "Mode: Finance", money[] = "Mode: Money", acme[] = "acme", mode[] = "mode";
static char nasty[] = "\x1b[2J'canary-key'\n", opaque[] = "0 0 L * *", garbage[] = "at \x1b six";
static char never[] = "0 0 31 2 *", empty[] = "";

static struct spec_integration integrations[] = {
	{.id = 42, .value = {.indexing_cron = seven, .name = money, .workspace = acme}},
	{.id = 43, .value = {0}},
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

char *plan_fixture_show(const char *obstacle, bool colour, bool json)
{
	struct spec spec = {
		.api.url = here, .integrations = integrations, .count = COUNT(integrations)};
	struct state known = {.url = here, .entries = entries, .count = COUNT(entries)};
	struct wire_remotes remotes = {.items = items, .count = COUNT(items)};
	struct redactor *redactor = redactor_new(&secret, 1);
	struct plan plan;
	struct text out = {0};
	struct plan_view view = {.plan = &plan,
	                         .url = here,
	                         .state_path = "/s/state.json",
	                         .obstacle = obstacle,
	                         .reason = obstacle,
	                         .redactor = redactor,
	                         .now_unix_s = PLAN_FIXTURE_NOW,
	                         .colour = colour};

	plan_diff(&plan, &spec, &known, obstacle == NULL ? &remotes : NULL);
	if (json)
		plan_json_add(&view, &out);
	else
		plan_text_add(&view, &out);
	plan_clear(&plan);
	redactor_free(redactor);
	assert(strstr(out.bytes, "canary") == NULL);
	return text_take(&out);
}
