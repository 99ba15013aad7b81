/* SPDX-License-Identifier: MIT */
/* The plan as one document, for programs. Its members are promised (dfmode-sync(8)): what is added
 * later is added beside them, and `version` counts what is not. Text is redacted, and otherwise as
 * it was written. */
#include "commands/plan_json.h"

#include <inttypes.h>

#include "commands/format.h"

static const char *action_of(const struct plan_item *item)
{
	static const char *const actions[PLAN_KIND_COUNT] = {
		[PLAN_NEW] = "add",        [PLAN_CHANGED] = "change", [PLAN_AGAIN] = "resend",
		[PLAN_DRIFTED] = "change", [PLAN_EQUAL] = "none",     [PLAN_PAUSED] = "none",
		[PLAN_GONE] = "forget",
	};

	return actions[item->kind];
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

static void add_listed(const struct plan_item *item, struct text *out)
{
	text_printf(out, "\"listed\":%s,",
	            item->basis == PLAN_BY_STATE ? "null" : truth(item->basis != PLAN_NOT_LISTED));
}

static void add_field(const struct plan_view *view, const struct plan_item *item,
                      enum spec_field field, const char *const sides[2], struct text *out)
{
	text_printf(out, "\"%s\":{\"differs\":%s,\"known\":%s,", spec_field_name(field),
	            truth((item->differs & PLAN_BIT(field)) != 0),
	            truth((item->known & PLAN_BIT(field)) != 0));
	format_member("old", sides[0], view->redactor, out);
	text_add_char(out, ',');
	format_member("new", sides[1], view->redactor, out);
	text_add_char(out, '}');
}

static void add_fields(const struct plan_view *view, const struct plan_item *item, struct text *out)
{
	static const struct spec_value nothing = {0};
	const struct spec_value *old = &item->old;
	const struct spec_value *new =
		item->integration != NULL ? &item->integration->value : &nothing;

	text_add(out, "\"fields\":{");
	add_field(view, item, SPEC_INDEXING_CRON,
	          (const char *const[]){old->indexing_cron, new->indexing_cron}, out);
	text_add_char(out, ',');
	add_field(view, item, SPEC_NAME, (const char *const[]){old->name, new->name}, out);
	text_add_char(out, ',');
	add_field(view, item, SPEC_WORKSPACE, (const char *const[]){old->workspace, new->workspace},
	          out);
	text_printf(out, "},\"credentials\":{\"differs\":%s},",
	            truth((item->differs & PLAN_BIT(SPEC_TOKEN)) != 0));
}

/* A side that is not there, or not known, is null. */
static void add_words(const char *key, const char *cron, bool is_there, struct text *out)
{
	struct text error_text = {0};
	bool is_understood = is_there && format_schedule(cron, &error_text);

	format_member(key, is_understood ? error_text.bytes : NULL, NULL, out);
	text_clear(&error_text);
}

static void add_run(const char *key, const char *cron, int64_t now_unix_s, struct text *out)
{
	struct text shown = {0};
	int64_t next;

	if (format_find_next(cron, now_unix_s, &next))
		format_timestamp(next, &shown);
	format_member(key, shown.bytes, NULL, out);
	text_clear(&shown);
}

static void add_schedule(const struct plan_view *view, const struct plan_item *item,
                         struct text *out)
{
	bool has_old = (item->known & PLAN_BIT(SPEC_INDEXING_CRON)) != 0;
	bool has_new = item->integration != NULL;
	const char *new = has_new ? item->integration->value.indexing_cron : NULL;

	text_add(out, "\"schedule\":{");
	add_words("old", item->old.indexing_cron, has_old, out);
	text_add_char(out, ',');
	add_words("new", new, has_new, out);
	text_add(out, "},\"next_run\":{");
	add_run("old", item->old.indexing_cron, view->now_unix_s, out);
	text_add_char(out, ',');
	add_run("new", new, view->now_unix_s, out);
	text_add(out, "},");
}

static void add_place(const struct plan_item *item, struct text *out)
{
	struct spec_place place = {0};

	if (item->integration != NULL)
		place = spec_place_of(item->integration, SPEC_INDEXING_CRON);
	format_member("file", place.file, NULL, out);
	if (place.file != NULL)
		text_printf(out, ",\"line\":%d", place.line);
	else
		text_add(out, ",\"line\":null");
}

static void add_change(const struct plan_view *view, const struct plan_item *item, struct text *out)
{
	text_printf(out, "{\"id\":%" PRId64 ",\"action\":\"%s\",\"sent\":%s,", item->id,
	            action_of(item), truth(plan_sends(item)));
	text_printf(out, "\"drift\":%s,\"by_daemon\":%s,", truth(item->kind == PLAN_DRIFTED),
	            truth(plan_daemon_sends(view->plan, item)));
	add_listed(item, out);
	format_member("name", plan_name(item), view->redactor, out);
	text_add_char(out, ',');
	add_fields(view, item, out);
	add_schedule(view, item, out);
	add_place(item, out);
	text_add_char(out, '}');
}

static void add_summary(const struct plan *plan, struct text *out)
{
	text_printf(out,
	            "\"summary\":{\"to_send\":%zu,\"change\":%zu,\"add\":%zu,\"resend\":%zu,"
	            "\"forget\":%zu,\"equal\":%zu,\"paused\":%zu,",
	            plan_count_sends(plan), plan->counts[PLAN_CHANGED] + plan->counts[PLAN_DRIFTED],
	            plan->counts[PLAN_NEW], plan->counts[PLAN_AGAIN], plan->counts[PLAN_GONE],
	            plan->counts[PLAN_EQUAL], plan->counts[PLAN_PAUSED]);
	text_printf(out, "\"drift\":%zu,\"not_listed\":%zu,\"not_told\":%zu,\"unmanaged\":%zu}",
	            plan->counts[PLAN_DRIFTED], plan->not_listed, plan->not_told, plan->unmanaged);
}

void plan_json_add(const struct plan_view *view, struct text *out)
{
	const struct plan *plan = view->plan;
	const char *comma = "";

	text_printf(out, "{\"version\":%d,\"against\":\"%s\",", FORMAT_DOCUMENT_VERSION,
	            view->obstacle == NULL ? "server" : "state");
	format_member("url", view->url, NULL, out);
	text_add_char(out, ',');
	format_member("reason", view->reason, NULL, out);
	if (plan->by_list)
		text_printf(out, ",\"listed\":%zu", plan->listed);
	else
		text_add(out, ",\"listed\":null");
	text_add(out, ",\"changes\":[");
	for (size_t i = 0; i < plan->count; i++) {
		if (!plan_is_notable(&plan->items[i]))
			continue;
		text_add(out, comma);
		add_change(view, &plan->items[i], out);
		comma = ",\n";
	}
	text_add(out, "],");
	add_summary(plan, out);
	text_add(out, "}\n");
}
