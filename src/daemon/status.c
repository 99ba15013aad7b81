/* SPDX-License-Identifier: MIT */
/* One pass over what the reconciler knows: the daemon's own affairs, the gate, the counts, and a
 * line for each integration. It is encoded between two turns of the event loop, up to 100,000 lines
 * of it, so the line is put together from literals, without printf, and some thousands a turn.
 * Words of the server come redacted, escaped and cut from `report`; all else is the operator's own.
 */
#include "daemon/status.h"

#include <string.h>

#include "engine/report.h"
#include "sync/sync_query.h"

static void add_string(struct text *out, const char *string)
{
	if (string == NULL) {
		text_add(out, "null");
		return;
	}
	text_add_char(out, '"');
	text_add_json(out, string, strlen(string));
	text_add_char(out, '"');
}

static void add_bool(struct text *out, bool value)
{
	text_add(out, value ? "true" : "false");
}

/* A moment of the monotonic clock as one of the wall clock, rounded up; INT64_MAX is null. */
static void add_moment(struct text *out, const struct status_context *context, int64_t at_ms)
{
	int64_t wait_ms = at_ms > context->now_ms ? at_ms - context->now_ms : 0;

	if (at_ms == INT64_MAX)
		text_add(out, "null");
	else
		text_add_int(out, context->unix_s + (wait_ms + 999) / 1000);
}

static void add_daemon(struct text *out, const struct status_context *context)
{
	text_add(out, "{\"version\":");
	text_add_int(out, STATUS_VERSION);
	text_add(out, ",\"pid\":");
	text_add_int(out, context->pid);
	text_add(out, ",\"started_at\":");
	text_add_int(out, context->started_at);
	text_add(out, ",\"written_at\":");
	text_add_int(out, context->unix_s);
	text_add(out, ",\"stopping\":");
	add_bool(out, context->stopping);
	text_add(out, ",\n\"config\":");
	add_string(out, context->config_path);
	text_add(out, ",\"refused\":");
	if (context->refused) {
		text_add(out, "{\"errors\":");
		text_add_int(out, (int64_t)context->refused_errors);
		text_add(out, ",\"first\":");
		add_string(out, context->refused_fault);
		text_add(out, "}");
	} else {
		text_add(out, "null");
	}
	text_add(out, ",\n\"state_directory\":");
	add_string(out, context->state_directory);
	text_add(out, ",\"state_failing\":");
	add_bool(out, context->state_failing);
	text_add(out, ",\"log_dropped\":");
	text_add_int(out, (int64_t)context->log_dropped);
}

static void add_gate(struct text *out, const struct gate *gate,
                     const struct status_context *context)
{
	static const char *const names[] = {[GATE_OPEN] = "open",
	                                    [GATE_AUTH] = "auth",
	                                    [GATE_CONFIG] = "config",
	                                    [GATE_BREAKER] = "breaker"};
	bool waits = gate->state != GATE_OPEN && !gate->probing;
	bool pauses = gate->paused_until_ms > context->now_ms;

	text_add(out, ",\n\"gate\":{\"state\":");
	add_string(out, names[gate->state]);
	text_add(out, ",\"failed_probes\":");
	text_add_int(out, gate->state == GATE_OPEN ? 0 : gate->probes);
	text_add(out, ",\"probing\":");
	add_bool(out, gate->probing);
	text_add(out, ",\"next_probe_at\":");
	add_moment(out, context, waits ? gate_ready_at(gate, context->now_ms) : INT64_MAX);
	text_add(out, ",\"paused_until\":");
	add_moment(out, context, pauses ? gate->paused_until_ms : INT64_MAX);
	text_add(out, "}");
}

static void add_counts(struct text *out, const struct sync *sync)
{
	text_add(out, ",\n\"counts\":{");
	for (enum sync_shown shown = 0; shown < SYNC_SHOWN_COUNT; shown++) {
		text_add(out, shown > 0 ? "," : "");
		add_string(out, sync_shown_name(shown));
		text_add_char(out, ':');
		text_add_int(out, (int64_t)sync_shown_count(sync, shown));
	}
	text_add(out, "}");
}

/* What went wrong last, or what somebody else did. */
static void add_words(struct text *out, const struct sync_view *view)
{
	struct text error_text = {.length = 0};

	if (view->shown != SYNC_SHOWN_DRIFTED) {
		add_string(out, view->error_text);
		return;
	}
	report_drift(view->drift, &error_text);
	add_string(out, error_text.bytes);
	text_clear(&error_text);
}

/* The greater part of the integrations is in sync, with nothing more to tell. */
static void add_progress(struct text *out, const struct sync_view *view,
                         const struct status_context *context)
{
	const char *field = view->error_text != NULL && view->about != SPEC_ID
	                            ? spec_field_name(view->about)
	                            : NULL;

	text_add(out, ",\"attempts\":");
	text_add_int(out, view->attempts);
	text_add(out, ",\"next_at\":");
	add_moment(out, context, view->due_ms);
	text_add(out, ",\"last_error\":");
	add_words(out, view);
	text_add(out, ",\"field\":");
	add_string(out, field);
}

static void add_integration(struct text *out, const struct sync_view *view,
                            const struct status_context *context)
{
	const struct spec_integration *integration = view->integration;
	const struct state_entry *entry = view->entry;

	text_add(out, "\n{\"id\":");
	text_add_int(out, view->id);
	text_add(out, ",\"name\":");
	add_string(out, integration != NULL ? integration->value.name : NULL);
	text_add(out, ",\"indexing_cron\":");
	add_string(out, integration != NULL ? integration->value.indexing_cron : NULL);
	text_add(out, ",\"accepted_cron\":");
	add_string(out, entry->accepted ? entry->value.indexing_cron : NULL);
	text_add(out, ",\"accepted_at\":");
	if (entry->accepted)
		text_add_int(out, entry->accepted_at);
	else
		text_add(out, "null");
	text_add(out, ",\"state\":\"");
	text_add(out, sync_shown_name(view->shown));
	text_add(out, "\",\"generation\":");
	text_add_int(out, (int64_t)view->generation);
	add_progress(out, view, context);
	text_add(out, "}");
}

void status_encode_start(const struct sync *sync, const struct status_context *context,
                         struct text *out)
{
	struct text dashboard = {.length = 0};

	add_daemon(out, context);
	text_add(out, ",\n\"url\":");
	add_string(out, sync_spec(sync)->api.url);
	add_gate(out, sync_gate(sync), context);
	dashboard_text(sync, &dashboard);
	text_add(out, ",\n\"dashboard\":");
	add_string(out, dashboard.bytes);
	text_clear(&dashboard);
	add_counts(out, sync);
	text_add(out, ",\n\"integrations\":[");
}

bool status_encode_more(const struct sync *sync, const struct status_context *context, size_t count,
                        int64_t *last, struct text *out)
{
	size_t at = sync_index_after(sync, *last);
	size_t end = sync_count(sync);

	end = end - at > count ? at + count : end;
	for (; at < end; at++) {
		struct sync_view view = sync_view_at(sync, at);

		text_add(out, *last > 0 ? "," : "");
		add_integration(out, &view, context);
		*last = view.id;
	}
	if (at < sync_count(sync))
		return true;
	text_add(out, "\n]}\n");
	return false;
}
