/* SPDX-License-Identifier: MIT */
/* The parts of `plan`: what the server accepted last, and how a plan is shown. */
#ifndef COMMAND_PLAN_INTERNAL_H
#define COMMAND_PLAN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/redactor.h"
#include "base/text.h"
#include "sync/plan.h"
#include "sync/state.h"

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
void plan_text_add(const struct plan_view *view, struct text *out);

/* Append it as one document (plan_json.c), whose members are promised (dfmode-sync(8)). */
void plan_json_add(const struct plan_view *view, struct text *out);

/* Read the state into an empty one. A daemon is asked what it has under way, and to write down what
 * it knows: what it sent a moment ago does not look as if it were still to be sent. A state that is
 * not there is empty. False with a fault if it cannot be used; `state` is then empty. */
bool plan_state_read(struct state *state, const char *state_directory,
                     const char *runtime_directory, struct fault *fault);

#endif
