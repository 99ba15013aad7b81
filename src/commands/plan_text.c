/* SPDX-License-Identifier: MIT */
/* The plan as a person reads it: first what it is against, then a line for each integration that
 * differs, its sign in the first column; below it the schedules in words, the next runs, and what
 * else differs, each as it is and as it will be. What is equal is only counted. */
#include "commands/command_plan_internal.h"

#include <inttypes.h>

#include "commands/format.h"
#include "cron/cron.h"

#define INDENT "    "

/* What a line begins with. */
enum mark {
	MARK_CHANGE,
	MARK_DRIFT,
	MARK_NEW,
	MARK_AGAIN,
	MARK_UNKNOWN,
	MARK_GONE,
	MARK_EQUAL,
	MARK_PAUSED,
	MARK_COUNT,
};

static const struct {
	char sign;
	const char *colour;
	const char *counted; /* in the line that sums up */
} marks[MARK_COUNT] = {
	[MARK_CHANGE] = {.sign = '~', .colour = "\033[33m", .counted = "to change"},
	[MARK_DRIFT] = {.sign = '~', .colour = "\033[33m", .counted = "drifted"},
	[MARK_NEW] = {.sign = '+', .colour = "\033[32m", .counted = "new"},
	[MARK_AGAIN] = {.sign = '!', .colour = "\033[33m", .counted = "to send again"},
	[MARK_UNKNOWN] = {.sign = '?', .colour = "\033[35m", .counted = "unknown to the server"},
	[MARK_GONE] = {.sign = '-', .colour = "\033[31m", .counted = "no longer managed"},
	[MARK_EQUAL] = {.sign = '=', .colour = "", .counted = "equal"},
	[MARK_PAUSED] = {.sign = '=', .colour = "", .counted = "paused"},
};

static enum mark mark_of(const struct plan_item *item)
{
	static const enum mark by_kind[PLAN_KIND_COUNT] = {
		[PLAN_NEW] = MARK_NEW,     [PLAN_CHANGED] = MARK_CHANGE,
		[PLAN_AGAIN] = MARK_AGAIN, [PLAN_DRIFTED] = MARK_DRIFT,
		[PLAN_EQUAL] = MARK_EQUAL, [PLAN_PAUSED] = MARK_PAUSED,
		[PLAN_GONE] = MARK_GONE,
	};
	bool is_left_alone = item->kind == PLAN_GONE || item->kind == PLAN_PAUSED;

	if (item->basis == PLAN_NOT_LISTED && !is_left_alone)
		return MARK_UNKNOWN;
	/* The server has it, whatever its schedule is there. */
	if (item->basis == PLAN_NOT_SHOWN && item->kind == PLAN_NEW)
		return MARK_CHANGE;
	return by_kind[item->kind];
}

/* one integration */

static void add_cron(const struct plan_view *view, const char *cron, struct text *out)
{
	if (cron != NULL)
		format_text(cron, PLAN_CRON_SHOWN, view->redactor, out);
	else
		text_add(out, "no schedule");
}

static void add_description(const char *cron, struct text *out)
{
	if (!format_schedule(cron, out))
		text_add(out, "not understood");
}

static void add_next(const struct plan_view *view, const char *cron, struct text *out)
{
	struct cron parsed;
	int64_t next;

	if (cron == NULL)
		text_add(out, "none");
	else if (format_find_next(cron, view->now_unix_s, &next))
		format_time(next, FORMAT_TIME, out);
	else if (cron_parse(cron, &parsed, NULL) && parsed.kind != CRON_OPAQUE)
		text_add(out, "never");
	else
		text_add(out, "unknown");
}

/* Both sides of a schedule that differs; one where only one is known. */
static bool has_old_cron(const struct plan_item *item)
{
	return (item->known & PLAN_BIT(SPEC_INDEXING_CRON)) != 0;
}

static void add_schedule(const struct plan_view *view, const struct plan_item *item,
                         struct text *out)
{
	bool differs = (item->differs & PLAN_BIT(SPEC_INDEXING_CRON)) != 0;

	if (differs && has_old_cron(item)) {
		add_cron(view, item->old.indexing_cron, out);
		text_add(out, " -> ");
	} else if (differs && item->basis == PLAN_NOT_SHOWN) {
		text_add(out, "unknown -> ");
	}
	add_cron(view,
	         item->integration != NULL ? item->integration->value.indexing_cron
	                                   : item->old.indexing_cron,
	         out);
}

static void add_head(const struct plan_view *view, const struct plan_item *item, struct text *out)
{
	enum mark mark = mark_of(item);
	const char *name = plan_name(item);

	if (view->colour)
		text_add(out, marks[mark].colour);
	text_printf(out, "%c %" PRId64, marks[mark].sign, item->id);
	if (name != NULL && *name != '\0') {
		text_add_char(out, ' ');
		format_quoted(name, PLAN_NAME_SHOWN, view->redactor, out);
	}
	if (item->integration != NULL || has_old_cron(item)) {
		text_add(out, "  ");
		add_schedule(view, item, out);
	}
	text_add(out, view->colour ? "\033[0m\n" : "\n");
}

static void add_meaning(const struct plan_view *view, const struct plan_item *item,
                        struct text *out)
{
	const char *desired = item->integration->value.indexing_cron;

	text_add(out, INDENT);
	if (has_old_cron(item)) {
		add_description(item->old.indexing_cron, out);
		text_add(out, " -> ");
	}
	add_description(desired, out);
	text_add(out, "\n" INDENT "next run (UTC) ");
	if (has_old_cron(item)) {
		add_next(view, item->old.indexing_cron, out);
		text_add(out, " -> ");
	}
	add_next(view, desired, out);
	text_add_char(out, '\n');
}

static void add_value(const struct plan_view *view, const char *value, struct text *out)
{
	if (value != NULL)
		format_quoted(value, PLAN_NAME_SHOWN, view->redactor, out);
	else
		text_add(out, "not given");
}

static void add_part(const struct plan_view *view, const struct plan_item *item,
                     enum spec_field field, struct text *out)
{
	const struct spec_value *desired = &item->integration->value;
	bool is_name = field == SPEC_NAME;

	if ((item->differs & item->known & PLAN_BIT(field)) == 0)
		return;
	text_printf(out, INDENT "%s ", spec_field_name(field));
	add_value(view, is_name ? item->old.name : item->old.workspace, out);
	text_add(out, " -> ");
	add_value(view, is_name ? desired->name : desired->workspace, out);
	text_add_char(out, '\n');
}

/* Who of the two sends it: apply does. */
static void add_drift(const struct plan *plan, const struct plan_item *item, struct text *out)
{
	const char *daemon = "compares schedules only";

	if (item->kind != PLAN_DRIFTED)
		return;
	if (plan_daemon_sends(plan, item))
		daemon = "repairs it";
	else if (plan->drift_mode == SPEC_DRIFT_OFF)
		daemon = "does not check for it (drift.mode)";
	else if ((item->differs & PLAN_BIT(SPEC_INDEXING_CRON)) != 0)
		daemon = "only reports it (drift.mode)";
	text_printf(out, INDENT "changed on the server; the daemon %s\n", daemon);
}

static void add_remark(const struct plan_item *item, struct text *out)
{
	bool is_listed = item->basis != PLAN_NOT_LISTED;

	if (item->kind == PLAN_GONE)
		text_add(out, is_listed ? INDENT "gone from the file; left as it is on the server\n"
		                        : INDENT "gone from the file; the server does not list it "
		                                 "either\n");
	else if (!is_listed && plan_sends(item))
		text_add(out, INDENT "the server does not list it, and may answer 404\n");
	else if (!is_listed)
		text_add(out, INDENT "accepted before; the server does not list it any more\n");
	if (item->kind == PLAN_AGAIN)
		text_add(out, INDENT "equal, but an earlier request may have been lost, or be "
		                     "applied late\n");
}

static void add_item(const struct plan_view *view, const struct plan_item *item, struct text *out)
{
	add_head(view, item, out);
	if (item->integration != NULL) {
		if ((item->differs & PLAN_BIT(SPEC_INDEXING_CRON)) != 0)
			add_meaning(view, item, out);
		add_part(view, item, SPEC_NAME, out);
		add_part(view, item, SPEC_WORKSPACE, out);
		if ((item->differs & PLAN_BIT(SPEC_TOKEN)) != 0)
			text_add(out,
			         INDENT "token or password changed since they were accepted\n");
		add_drift(view->plan, item, out);
	}
	add_remark(item, out);
}

/* above and below */

static void add_basis(const struct plan_view *view, struct text *out)
{
	size_t listed = view->plan->listed;

	if (view->obstacle == NULL)
		text_printf(out, "against %s, which lists %zu integration%s\n", view->url, listed,
		            listed == 1 ? "" : "s");
	else
		text_printf(out, "against what was accepted last (%s), as %s %s\n",
		            view->state_path, view->url, view->obstacle);
}

static void add_counts(const struct plan *plan, struct text *out)
{
	size_t counts[MARK_COUNT] = {0};
	const char *comma = "";

	for (size_t i = 0; i < plan->count; i++)
		counts[mark_of(&plan->items[i])]++;
	for (size_t i = 0; i < MARK_COUNT; i++) {
		if (counts[i] == 0)
			continue;
		text_printf(out, "%s%zu %s", comma, counts[i], marks[i].counted);
		comma = ", ";
	}
}

static void add_summary(const struct plan *plan, struct text *out)
{
	bool sends = plan_count_sends(plan) > 0;

	text_add(out, sends ? "" : "nothing to do: ");
	add_counts(plan, out);
	if (plan->count == 0)
		text_add(out, "the file has no integrations");
	text_add(out, sends ? "; nothing was sent\n" : "\n");
	if (plan->not_shown > 0)
		text_printf(out,
		            "of %zu the server does not show the schedule: compared with what was "
		            "accepted last\n",
		            plan->not_shown);
	if (plan->unmanaged > 0)
		text_printf(out,
		            "%zu more on the server %s not in the file; see dfmode-sync import\n",
		            plan->unmanaged, plan->unmanaged == 1 ? "is" : "are");
}

void plan_text_add(const struct plan_view *view, struct text *out)
{
	const struct plan *plan = view->plan;
	size_t shown = 0;

	add_basis(view, out);
	for (size_t i = 0; i < plan->count; i++) {
		if (!plan_is_notable(&plan->items[i]))
			continue;
		if (shown++ == 0)
			text_add_char(out, '\n');
		add_item(view, &plan->items[i], out);
	}
	text_add_char(out, '\n');
	add_summary(plan, out);
}
