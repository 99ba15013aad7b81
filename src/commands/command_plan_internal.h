/* SPDX-License-Identifier: MIT */
/* What the files of the command `plan` share, and nobody else sees. */
#ifndef COMMAND_PLAN_INTERNAL_H
#define COMMAND_PLAN_INTERNAL_H

#include "base/redactor.h"
#include "commands/command_plan.h"
#include "sync/plan.h"

#define PLAN_CRON_SHOWN 300 /* bytes; more than any schedule has */
#define PLAN_NAME_SHOWN 200 /* bytes */

/* What is shown. All borrowed. */
struct command_plan_view {
	const struct plan *plan;
	const char *url;
	const char *state_path;
	const char *obstacle; /* why the plan is against the state: "does not answer"; NULL: it is
	                         against the server */
	const char *reason;   /* the same in the server's words, which may be shown */
	const struct redactor *redactor;
	int64_t now_unix_s;
	bool colour;
};

/* command_plan_text.c */
void command_plan_add_text(const struct command_plan_view *view, struct text *out);

/* command_plan_json.c */
void command_plan_add_document(const struct command_plan_view *view, struct text *out);

/* command_plan.c */
bool command_plan_shows(const struct plan_item *item);       /* it is worth a line */
const char *command_plan_name(const struct plan_item *item); /* NULL: none is known */

#endif
