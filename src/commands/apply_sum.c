/* SPDX-License-Identifier: MIT */
/* The end of it, on standard output: a line for each that failed, with the place to fix first, so
 * that an editor can jump there, and the sum. What was never sent is only counted: the reason is
 * the same for all, and logged once. */
#include "commands/command_apply_internal.h"

#include "base/fault.h"
#include "base/json_out.h"
#include "base/span.h"
#include "commands/format.h"

#define NAME_SHOWN 60 /* bytes */

/* What was never sent is apart from what got no answer. */
enum outcome { ACCEPTED, REJECTED, UNANSWERED, NOT_SENT };

static const struct {
	const char *name;
	const char *otherwise; /* shown of a failure without an error text; NULL: it is none */
} outcomes[] = {
	[ACCEPTED] = {"accepted", NULL},
	[REJECTED] = {"rejected", "rejected"},
	[UNANSWERED] = {"unanswered", "no answer yet"},
	[NOT_SENT] = {"not-sent", NULL},
};

static enum outcome outcome_of(const struct apply_job *job, const struct sync_view *view)
{
	if (job->outcome == APPLY_ACCEPTED)
		return ACCEPTED;
	if (job->outcome == APPLY_REJECTED)
		return REJECTED;
	return view->shown == SYNC_DUE ? NOT_SENT : UNANSWERED;
}

/* Nothing is removed while it runs, so each job has its view. */
static struct sync_view view_of(const struct apply_result *result, size_t index)
{
	struct sync_view view = {0};

	(void)sync_view_of(result->sync, result->jobs[index].id, &view);
	return view;
}

struct apply_sum apply_sum_of(const struct apply_result *result)
{
	size_t counts[] = {[ACCEPTED] = 0, [REJECTED] = 0, [UNANSWERED] = 0, [NOT_SENT] = 0};
	struct apply_sum sum = {0};

	for (size_t i = 0; i < result->count; i++) {
		struct sync_view view = view_of(result, i);
		enum outcome outcome = outcome_of(&result->jobs[i], &view);

		counts[outcome]++;
		sum.unconfirmed += outcome == ACCEPTED && view.shown == SYNC_CONFIRMING;
	}
	sum.accepted = counts[ACCEPTED];
	sum.rejected = counts[REJECTED];
	sum.unanswered = counts[UNANSWERED];
	sum.not_sent = counts[NOT_SENT];
	return sum;
}

static void name_failed(const struct sync_view *view, const char *otherwise, struct text *out)
{
	const struct spec_integration *integration = view->integration;
	struct spec_place place = spec_place_of(integration, view->about);

	fault_add_place(place.file, place.line, 0, out);
	format_integration(view->id, integration->value.name, NAME_SHOWN, NULL, out);
	text_printf(out, ": %s\n", view->error_text != NULL ? view->error_text : otherwise);
}

static void print_sum(const struct apply_sum *sum, int64_t elapsed_ms, struct text *out)
{
	char span[SPAN_TEXT_MAX];

	text_printf(out, "%zu accepted, %zu rejected, %zu unanswered", sum->accepted, sum->rejected,
	            sum->unanswered);
	if (sum->not_sent > 0)
		text_printf(out, ", %zu not sent", sum->not_sent);
	text_printf(out, " in %s", span_format(elapsed_ms, span));
	if (sum->unconfirmed > 0) {
		text_printf(out,
		            "; %zu of those accepted %s to be confirmed, by the daemon or the "
		            "next apply",
		            sum->unconfirmed, sum->unconfirmed == 1 ? "is" : "are");
	}
	text_add_char(out, '\n');
}

void apply_sum_print(const struct apply_result *result, struct text *out)
{
	struct apply_sum sum = apply_sum_of(result);

	for (size_t i = 0; i < result->count; i++) {
		struct sync_view view = view_of(result, i);
		const char *otherwise = outcomes[outcome_of(&result->jobs[i], &view)].otherwise;

		if (otherwise != NULL)
			name_failed(&view, otherwise, out);
	}
	print_sum(&sum, result->elapsed_ms, out);
}

static void add_element(const struct apply_job *job, const struct sync_view *view, struct text *out)
{
	enum outcome outcome = outcome_of(job, view);

	json_out_line(out);
	json_out_open_object(out, NULL);
	json_out_int(out, "id", view->id);
	json_out_string(out, "name", view->integration->value.name);
	json_out_string(out, "outcome", outcomes[outcome].name);
	json_out_string(out, "error", outcome == ACCEPTED ? NULL : view->error_text);
	format_json_place(out, spec_place_of(view->integration, view->about));
	json_out_close_object(out);
}

void apply_sum_print_json(const struct apply_result *result, struct text *out)
{
	struct apply_sum sum = apply_sum_of(result);

	format_open_document(out);
	json_out_int(out, "accepted", (int64_t)sum.accepted);
	json_out_int(out, "rejected", (int64_t)sum.rejected);
	json_out_int(out, "unanswered", (int64_t)sum.unanswered);
	json_out_int(out, "not_sent", (int64_t)sum.not_sent);
	json_out_int(out, "elapsed_ms", result->elapsed_ms);
	json_out_open_array(out, "integrations");
	for (size_t i = 0; i < result->count; i++) {
		struct sync_view view = view_of(result, i);

		add_element(&result->jobs[i], &view, out);
	}
	json_out_close_array(out);
	format_close_document(out);
}
