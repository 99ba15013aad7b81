/* SPDX-License-Identifier: MIT */
/* The end of it, on standard output: a line for each that failed, with the place to mend first, so
 * that an editor can jump there, and the sum. What was never sent is only counted: why is told once
 * for all of it. */
#include "commands/command_apply_internal.h"

#include <string.h>

#include "base/json_out.h"
#include "base/span.h"
#include "sync/sync_query.h"

#define NAME_SHOWN 60 /* bytes */

static void name_failed(const struct sync_view *view, const char *otherwise, struct text *out)
{
	const struct spec_integration *integration = view->integration;
	struct spec_place place = spec_place_of(integration, view->about);

	if (place.file != NULL)
		text_printf(out, "%s:%d: ", place.file, place.line);
	text_printf(out, "integration %lld", (long long)view->id);
	if (integration->value.name != NULL) {
		text_add(out, " '");
		text_escape(out, integration->value.name, strlen(integration->value.name),
		            NAME_SHOWN);
		text_add(out, "'");
	}
	text_printf(out, ": %s\n", view->error_text != NULL ? view->error_text : otherwise);
}

static void add(const struct command_apply_job *job, const struct sync_view *view,
                struct command_apply_sum *sum, struct text *out)
{
	if (job->outcome == JOB_ACCEPTED) {
		sum->accepted++;
		sum->unconfirmed += view->shown == SYNC_SHOWN_CONFIRMING;
	} else if (job->outcome == JOB_REFUSED) {
		sum->refused++;
		name_failed(view, "refused", out);
	} else if (view->shown == SYNC_SHOWN_DUE) {
		sum->not_sent++;
	} else {
		sum->unanswered++;
		name_failed(view, "no answer yet", out);
	}
}

void command_apply_add_up(const struct command_apply *apply, struct command_apply_sum *sum,
                          struct text *out)
{
	for (size_t i = 0; i < apply->count; i++) {
		struct sync_view view = sync_view_at(apply->engine.sync, apply->jobs[i].index);

		add(&apply->jobs[i], &view, sum, out);
	}
	sum->elapsed_ms = (int64_t)(uv_now(&apply->loop) - apply->started_ms);
}

static void add_element(const struct command_apply_job *job, const struct sync_view *view,
                        struct text *out)
{
	static const char *const outcomes[] = {
		[JOB_OPEN] = "unanswered", [JOB_ACCEPTED] = "accepted", [JOB_REFUSED] = "rejected"};
	bool not_sent = job->outcome == JOB_OPEN && view->shown == SYNC_SHOWN_DUE;
	struct spec_place place = spec_place_of(view->integration, view->about);

	json_out_line(out);
	json_out_open_object(out, NULL);
	json_out_int(out, "id", view->id);
	json_out_string(out, "name", view->integration->value.name);
	json_out_string(out, "outcome", not_sent ? "not-sent" : outcomes[job->outcome]);
	json_out_string(out, "error", job->outcome == JOB_ACCEPTED ? NULL : view->error_text);
	json_out_string(out, "file", place.file);
	json_out_int_or_null(out, "line", place.line, place.line > 0);
	json_out_close_object(out);
}

void command_apply_add_document(const struct command_apply *apply, struct command_apply_sum *sum,
                                struct text *out)
{
	struct text lines = {0};

	command_apply_add_up(apply, sum, &lines);
	text_clear(&lines);
	json_out_open_object(out, NULL);
	json_out_int(out, "accepted", (int64_t)sum->accepted);
	json_out_int(out, "rejected", (int64_t)sum->refused);
	json_out_int(out, "unanswered", (int64_t)sum->unanswered);
	json_out_int(out, "not_sent", (int64_t)sum->not_sent);
	json_out_int(out, "elapsed_ms", sum->elapsed_ms);
	json_out_open_array(out, "integrations");
	for (size_t i = 0; i < apply->count; i++) {
		struct sync_view view = sync_view_at(apply->engine.sync, apply->jobs[i].index);

		add_element(&apply->jobs[i], &view, out);
	}
	json_out_close_array(out);
	json_out_close_object(out);
	text_add_char(out, '\n');
}

void command_apply_tell_sum(const struct command_apply_sum *sum, struct text *out)
{
	char span[SPAN_TEXT_MAX];

	text_printf(out, "%zu accepted, %zu refused, %zu unanswered", sum->accepted, sum->refused,
	            sum->unanswered);
	if (sum->not_sent > 0)
		text_printf(out, ", %zu not sent", sum->not_sent);
	text_printf(out, " in %s", span_format(sum->elapsed_ms, span));
	if (sum->unconfirmed > 0) {
		text_printf(out,
		            "; %zu of those accepted %s to be confirmed, by the daemon or the "
		            "next apply",
		            sum->unconfirmed, sum->unconfirmed == 1 ? "is" : "are");
	}
	text_add_char(out, '\n');
}
