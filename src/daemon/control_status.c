/* SPDX-License-Identifier: MIT */
/* One pass over what the reconciler knows: the daemon's own affairs, the gate, the counts, and an
 * object for each integration, up to 100,000 of them, some hundreds in one loop iteration. Between
 * these the reconciler goes on: each integration is what it is at the moment it is encoded.
 *
 * Text of the server comes redacted, escaped and cut; all else is the operator's own. */
#include "daemon/control_status.h"

#include "base/json_out.h"
#include "engine/report.h"

/* A moment of the monotonic clock as one of the wall clock, rounded up; INT64_MAX is null. */
static void add_moment(struct text *out, const char *key,
                       const struct control_status_context *context, int64_t at_ms)
{
	int64_t wait_ms =
		at_ms > context->now_ms && at_ms != INT64_MAX ? at_ms - context->now_ms : 0;

	json_out_int_or_null(out, key, context->unix_s + (wait_ms + 999) / 1000,
	                     at_ms != INT64_MAX);
}

static void add_fault(const struct fault_entry *entry, bool shows_excerpts, struct text *out)
{
	json_out_open_object(out, NULL);
	json_out_string(out, "file", entry->file);
	json_out_int_or_null(out, "line", entry->line, entry->line > 0);
	json_out_int_or_null(out, "column", entry->column, entry->column > 0);
	json_out_string(out, "severity", entry->level == FAULT_ERROR ? "error" : "warning");
	json_out_string(out, "message", entry->text);
	if (shows_excerpts) {
		json_out_string(out, "excerpt", entry->source);
		json_out_int_or_null(out, "caret", entry->caret, entry->caret > 0);
		json_out_int_or_null(out, "width", entry->width, entry->width > 0);
	}
	json_out_close_object(out);
}

void control_status_add_faults(const struct faults *faults, bool shows_excerpts, struct text *out)
{
	json_out_int(out, "errors", faults != NULL ? (int64_t)faults->errors : 0);
	json_out_open_array(out, "faults");
	for (size_t i = 0; faults != NULL && i < faults->count; i++)
		add_fault(&faults->entries[i], shows_excerpts, out);
	json_out_close_array(out);
}

static void add_config(struct text *out, const struct control_status_context *context)
{
	static const char *const states[] = {[CONTROL_STATUS_IN_FORCE] = "in-force",
	                                     [CONTROL_STATUS_CHANGED] = "changed",
	                                     [CONTROL_STATUS_REFUSED] = "refused",
	                                     [CONTROL_STATUS_UNREAD] = "unread"};

	json_out_open_object(out, "config");
	json_out_string(out, "file", context->config_path);
	json_out_string(out, "state", states[context->config]);
	control_status_add_faults(context->faults, context->shows_excerpts, out);
	json_out_close_object(out);
}

static void add_daemon(struct text *out, const struct control_status_context *context)
{
	json_out_int(out, "version", CONTROL_STATUS_VERSION);
	json_out_int(out, "pid", context->pid);
	json_out_int(out, "started_at", context->started_at);
	json_out_int(out, "written_at", context->unix_s);
	json_out_bool(out, "stopping", context->stopping);
	add_config(out, context);
	json_out_string(out, "state_directory", context->state_directory);
	json_out_bool(out, "state_failing", context->state_failing);
	json_out_int(out, "log_dropped", (int64_t)context->log_dropped);
}

void control_status_add_gate(const struct gate *gate, const struct control_status_context *context,
                             struct text *out)
{
	static const char *const names[] = {[GATE_OPEN] = "open",
	                                    [GATE_AUTH] = "auth",
	                                    [GATE_CONFIG] = "config",
	                                    [GATE_BREAKER] = "breaker"};
	bool waits = gate->state != GATE_OPEN && !gate->probing;
	bool pauses = gate->paused_until_ms > context->now_ms;

	json_out_open_object(out, "gate");
	json_out_string(out, "state", names[gate->state]);
	json_out_int(out, "failed_probes", gate->state == GATE_OPEN ? 0 : gate->probes);
	json_out_bool(out, "probing", gate->probing);
	add_moment(out, "next_probe_at", context,
	           waits ? gate_ready_at(gate, context->now_ms) : INT64_MAX);
	add_moment(out, "paused_until", context, pauses ? gate->paused_until_ms : INT64_MAX);
	json_out_close_object(out);
}

static void add_counts(struct text *out, const struct sync *sync)
{
	json_out_open_object(out, "counts");
	for (enum sync_state shown = 0; shown < SYNC_SHOWN_COUNT; shown++)
		json_out_int(out, sync_shown_name(shown), (int64_t)sync_shown_count(sync, shown));
	json_out_close_object(out);
}

void control_status_add_members(const struct sync *sync,
                                const struct control_status_context *context, struct text *out)
{
	struct text dashboard = {0};

	json_out_open_object(out, NULL);
	add_daemon(out, context);
	json_out_string(out, "url", sync_spec(sync)->api.url);
	control_status_add_gate(sync_gate(sync), context, out);
	dashboard_text(sync, &dashboard);
	json_out_string(out, "dashboard", dashboard.bytes);
	text_clear(&dashboard);
	add_counts(out, sync);
}

/* What went wrong last, or what somebody else did. */
static void add_error(struct text *out, const struct sync_view *view)
{
	struct text error_text = {0};

	if (!sync_shown_is_drift(view->shown)) {
		json_out_string(out, "last_error", view->error_text);
		return;
	}
	report_add_drift(view->shown == SYNC_GONE, view->drift, &error_text);
	json_out_string(out, "last_error", error_text.bytes);
	text_clear(&error_text);
}

/* Where the operator finds what the error is about. */
static void add_location(struct text *out, const struct sync_view *view)
{
	bool has_error = view->error_text != NULL || sync_shown_is_drift(view->shown);
	enum spec_field about = view->shown == SYNC_DRIFTED ? SPEC_INDEXING_CRON : view->about;
	struct spec_place place = {0};

	if (has_error && view->integration != NULL)
		place = spec_place_of(view->integration, about);
	json_out_string(out, "field",
	                has_error && about != SPEC_ID ? spec_field_name(about) : NULL);
	json_out_string(out, "file", place.file);
	json_out_int_or_null(out, "line", place.line, place.line > 0);
}

void control_status_add_integration(const struct sync_view *view,
                                    const struct control_status_context *context, struct text *out)
{
	const struct spec_integration *integration = view->integration;
	const struct state_entry *entry = view->entry;

	json_out_open_object(out, NULL);
	json_out_int(out, "id", view->id);
	json_out_string(out, "name", integration != NULL ? integration->value.name : NULL);
	json_out_string(out, "indexing_cron",
	                integration != NULL ? integration->value.indexing_cron : NULL);
	json_out_string(out, "accepted_cron", entry->accepted ? entry->value.indexing_cron : NULL);
	json_out_int_or_null(out, "accepted_at", entry->accepted_at, entry->accepted);
	json_out_string(out, "state", sync_shown_name(view->shown));
	json_out_int(out, "generation", (int64_t)view->generation);
	json_out_int(out, "attempts", view->attempts);
	add_moment(out, "next_at", context, view->due_ms);
	add_error(out, view);
	add_location(out, view);
	json_out_close_object(out);
}

void control_status_add_next(const struct sync_view *view,
                             const struct control_status_context *context, struct text *out)
{
	add_moment(out, "next_at", context, view->due_ms);
	add_location(out, view);
}
