/* SPDX-License-Identifier: MIT */
/* The plan as one document, for programs. Its members are promised (dfmode-sync(8)): what is added
 * later is added beside them, and `version` counts what is not. Text is redacted, and otherwise as
 * it was written. */
#include "commands/command_plan_internal.h"

#include <string.h>

#include "base/json_out.h"
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

static void add_redacted(const char *key, const char *value, const struct redactor *redactor,
                         struct text *out)
{
	struct text redacted = {0};

	if (value == NULL) {
		json_out_null(out, key);
		return;
	}
	redactor_apply(redactor, value, strlen(value), &redacted);
	json_out_bytes(out, key, redacted.bytes, redacted.length);
	text_clear(&redacted);
}

static void add_field(const struct plan_view *view, const struct plan_item *item,
                      enum spec_field field, const char *old, const char *new, struct text *out)
{
	json_out_open_object(out, spec_field_name(field));
	json_out_bool(out, "differs", (item->differs & PLAN_BIT(field)) != 0);
	json_out_bool(out, "known", (item->known & PLAN_BIT(field)) != 0);
	add_redacted("old", old, view->redactor, out);
	add_redacted("new", new, view->redactor, out);
	json_out_close_object(out);
}

static void add_fields(const struct plan_view *view, const struct plan_item *item, struct text *out)
{
	static const struct spec_value nothing = {0};
	const struct spec_value *old = &item->old;
	const struct spec_value *new =
		item->integration != NULL ? &item->integration->value : &nothing;

	json_out_open_object(out, "fields");
	add_field(view, item, SPEC_INDEXING_CRON, old->indexing_cron, new->indexing_cron, out);
	add_field(view, item, SPEC_NAME, old->name, new->name, out);
	add_field(view, item, SPEC_WORKSPACE, old->workspace, new->workspace, out);
	json_out_close_object(out);
	json_out_open_object(out, "credentials");
	json_out_bool(out, "differs", (item->differs & PLAN_BIT(SPEC_TOKEN)) != 0);
	json_out_close_object(out);
}

/* A side that is not there, or not known, is null. */
static void add_side(const char *key, bool is_there, const char *cron, struct text *out)
{
	if (is_there)
		format_json_schedule(out, key, cron);
	else
		json_out_null(out, key);
}

static void add_schedule(const struct plan_view *view, const struct plan_item *item,
                         struct text *out)
{
	bool has_old = (item->known & PLAN_BIT(SPEC_INDEXING_CRON)) != 0;
	bool has_new = item->integration != NULL;
	const char *new = has_new ? item->integration->value.indexing_cron : NULL;

	json_out_open_object(out, "schedule");
	add_side("old", has_old, item->old.indexing_cron, out);
	add_side("new", has_new, new, out);
	json_out_close_object(out);
	json_out_open_object(out, "next_run");
	format_json_next(out, "old", item->old.indexing_cron, view->now_unix_s);
	format_json_next(out, "new", new, view->now_unix_s);
	json_out_close_object(out);
}

static void add_change(const struct plan_view *view, const struct plan_item *item, struct text *out)
{
	struct spec_place place = {0};

	json_out_line(out);
	json_out_open_object(out, NULL);
	json_out_int(out, "id", item->id);
	json_out_string(out, "action", action_of(item));
	json_out_bool(out, "sent", plan_sends(item));
	json_out_bool(out, "drift", item->kind == PLAN_DRIFTED);
	json_out_bool(out, "by_daemon", plan_daemon_sends(view->plan, item));
	if (item->basis == PLAN_BY_STATE)
		json_out_null(out, "listed");
	else
		json_out_bool(out, "listed", item->basis != PLAN_NOT_LISTED);
	add_redacted("name", plan_name(item), view->redactor, out);
	add_fields(view, item, out);
	add_schedule(view, item, out);
	if (item->integration != NULL)
		place = spec_place_of(item->integration, SPEC_INDEXING_CRON);
	format_json_place(out, place);
	json_out_close_object(out);
}

static void add_summary(const struct plan *plan, struct text *out)
{
	const struct {
		const char *key;
		size_t count;
	} members[] = {
		{"to_send", plan_count_sends(plan)},
		{"change", plan->counts[PLAN_CHANGED] + plan->counts[PLAN_DRIFTED]},
		{"add", plan->counts[PLAN_NEW]},
		{"resend", plan->counts[PLAN_AGAIN]},
		{"forget", plan->counts[PLAN_GONE]},
		{"equal", plan->counts[PLAN_EQUAL]},
		{"paused", plan->counts[PLAN_PAUSED]},
		{"drift", plan->counts[PLAN_DRIFTED]},
		{"not_listed", plan->not_listed},
		{"not_shown", plan->not_shown},
		{"not_told", plan->not_shown}, /* its name in the first releases */
		{"unmanaged", plan->unmanaged},
	};

	json_out_open_object(out, "summary");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_out_int(out, members[i].key, (int64_t)members[i].count);
	json_out_close_object(out);
}

void plan_json_add(const struct plan_view *view, struct text *out)
{
	const struct plan *plan = view->plan;

	format_open_document(out);
	json_out_string(out, "against", view->obstacle == NULL ? "server" : "state");
	json_out_string(out, "url", view->url);
	json_out_string(out, "reason", view->reason);
	json_out_int_or_null(out, "listed", (int64_t)plan->listed, plan->by_list);
	json_out_open_array(out, "changes");
	for (size_t i = 0; i < plan->count; i++) {
		if (plan_is_notable(&plan->items[i]))
			add_change(view, &plan->items[i], out);
	}
	json_out_close_array(out);
	add_summary(plan, out);
	format_close_document(out);
}
