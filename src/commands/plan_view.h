/* SPDX-License-Identifier: MIT */
/* A plan, and what else is known of it, to be shown. */
#ifndef PLAN_VIEW_H
#define PLAN_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/redactor.h"
#include "base/text.h"
#include "sync/plan.h"

#define PLAN_CRON_SHOWN 300 /* bytes; more than any schedule has */
#define PLAN_NAME_SHOWN 200 /* bytes */

/* What is shown. All borrowed. */
struct plan_view {
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

/* Append it as lines for people (plan_text.c). */
void plan_view_add_text(const struct plan_view *view, struct text *out);

/* Append it as one document (plan_json.c), whose members are promised (dfmode-sync(8)). */
void plan_view_add_json(const struct plan_view *view, struct text *out);

#endif
