/* SPDX-License-Identifier: MIT */
/* Counters and the text they are shown as: Prometheus' text format 0.0.4, which is what the
 * textfile collector reads; the "# EOF" that OpenMetrics wants is a comment to it, and shows a
 * reader that nothing is missing.
 *
 * Every sample carries the path of the configuration: the collector puts the files of one machine
 * together, and two daemons there must not collide. Nothing is counted by integration: 10,000 of
 * them would be 10,000 series, and `status` shows each. */
#include "daemon/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/verdict.h"
#include "base/mem.h"
#include "sync/sync_query.h"

static const char *const gates[] = {
	[GATE_AUTH] = "auth", [GATE_CONFIG] = "config", [GATE_BREAKER] = "breaker"};

/* counting */

static struct metrics_requests *find(struct metrics *metrics, enum verdict_kind kind, int status)
{
	size_t i = 0;
	struct metrics_requests *found;

	while (i < metrics->request_count &&
	       (metrics->requests[i].kind < kind ||
	        (metrics->requests[i].kind == kind && metrics->requests[i].status < status)))
		i++;
	if (i < metrics->request_count && metrics->requests[i].kind == kind &&
	    metrics->requests[i].status == status)
		return &metrics->requests[i];
	metrics->requests =
		mem_room(metrics->requests, &metrics->request_capacity, metrics->request_count + 1);
	found = &metrics->requests[i];
	memmove(found + 1, found, (metrics->request_count - i) * sizeof(*found));
	*found = (struct metrics_requests){.kind = kind, .status = status};
	metrics->request_count++;
	return found;
}

void metrics_count_request(struct metrics *metrics, enum verdict_kind kind, int status)
{
	find(metrics, kind, status)->count++;
}

void metrics_count_action(struct metrics *metrics, const struct sync_action *action, int64_t unix_s)
{
	if (action->kind == SYNC_SEND) {
		metrics->retries += action->send.attempt > 1;
	} else if (action->kind == SYNC_REPORT_ACCEPTED) {
		metrics->accepted_at = unix_s;
	} else if (action->kind == SYNC_REPORT_GATE) {
		/* A probe that fails is no other closure. */
		metrics->closures[action->gate.state] += action->gate.probes == 0;
	} else {
		metrics->drift_found += action->kind == SYNC_REPORT_DRIFT;
		metrics->drift_repaired += action->kind == SYNC_REPORT_REPAIRED;
		metrics->drift_unknown += action->kind == SYNC_REPORT_UNKNOWN;
	}
}

void metrics_restore(struct metrics *metrics, const struct sync *sync)
{
	for (size_t i = 0; i < sync_count(sync); i++) {
		const struct state_entry *entry = sync_view_at(sync, i).entry;

		if (entry->accepted && entry->accepted_at > metrics->accepted_at)
			metrics->accepted_at = entry->accepted_at;
	}
}

void metrics_clear(struct metrics *metrics)
{
	free(metrics->requests);
	*metrics = (struct metrics){0};
}

/* the text */

/* A list of these ends with one without a name. */
struct label {
	const char *name;
	const char *value;
};

struct writer {
	struct text *out;
	const char *config_path;
	const char *family;
};

/* A label may hold any UTF-8; what is none becomes U+FFFD. */
static void add_label(struct text *out, const char *name, const char *value)
{
	size_t left = strlen(value);
	bool plain;

	text_add(out, name);
	text_add(out, "=\"");
	while (left > 0) {
		size_t length = text_character(value, left, &plain);

		if (length == 0) {
			text_add(out, "\xef\xbf\xbd");
		} else if (*value == '\n') {
			text_add(out, "\\n");
		} else {
			text_add(out, *value == '\\' || *value == '"' ? "\\" : "");
			text_add_bytes(out, value, length);
		}
		value += length > 0 ? length : 1;
		left -= length > 0 ? length : 1;
	}
	text_add_char(out, '"');
}

/* Begin a family; "_total" is the end of a counter's name, all others are gauges. */
static void start(struct writer *writer, const char *family, const char *help)
{
	bool is_counter = strcmp(strrchr(family, '_'), "_total") == 0;

	writer->family = family;
	text_printf(writer->out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family,
	            is_counter ? "counter" : "gauge");
}

static void name_sample(const struct writer *writer, const struct label *labels)
{
	text_add(writer->out, writer->family);
	text_add_char(writer->out, '{');
	add_label(writer->out, "config", writer->config_path);
	for (; labels != NULL && labels->name != NULL; labels++) {
		text_add_char(writer->out, ',');
		add_label(writer->out, labels->name, labels->value);
	}
	text_add(writer->out, "} ");
}

static void add(const struct writer *writer, const struct label *labels, uint64_t value)
{
	name_sample(writer, labels);
	text_add_int(writer->out, (int64_t)value);
	text_add_char(writer->out, '\n');
}

/* One more label than the configuration's. */
static void add_with(const struct writer *writer, const char *name, const char *word,
                     uint64_t value)
{
	const struct label labels[] = {{name, word}, {NULL, NULL}};

	add(writer, labels, value);
}

/* A family of one sample. */
static void add_single(struct writer *writer, const char *family, const char *help, uint64_t value)
{
	start(writer, family, help);
	add(writer, NULL, value);
}

static void add_up(struct writer *writer, bool is_up)
{
	add_single(writer, "dfmode_sync_up",
	           "Whether the daemon runs; 0 is left behind by one that ended.", is_up);
}

static void add_start(struct writer *writer, const struct metrics_context *context)
{
	const struct label labels[] = {{"version", context->version}, {"libcurl", context->libcurl},
	                               {"tls", context->tls},         {"libuv", context->libuv},
	                               {"json_c", context->json_c},   {NULL, NULL}};

	start(writer, "dfmode_sync_build_info",
	      "The version, and those of the libraries, as labels.");
	add(writer, labels, 1);
	add_single(writer, "dfmode_sync_start_time_seconds",
	           "When the daemon started, in unix time.", (uint64_t)context->started_at);
}

static void add_reloads(struct writer *writer, const struct metrics *metrics,
                        const struct metrics_context *context)
{
	add_single(writer, "dfmode_sync_config_last_reload_successful",
	           "Whether the configuration as it is now is in force.", !context->refused);
	add_single(writer, "dfmode_sync_config_last_reload_success_timestamp_seconds",
	           "When the configuration in force was loaded, in unix time.",
	           (uint64_t)metrics->reloaded_at);
	start(writer, "dfmode_sync_config_reloads_total",
	      "Loads of a changed configuration, or by request, by result.");
	add_with(writer, "result", "good", metrics->reloads_good);
	add_with(writer, "result", "bad", metrics->reloads_bad);
}

static void add_integrations(struct writer *writer, const struct sync *sync)
{
	start(writer, "dfmode_sync_integrations", "Integrations by state.");
	for (enum sync_state shown = 0; shown < SYNC_SHOWN_COUNT; shown++)
		add_with(writer, "state", sync_shown_name(shown), sync_shown_count(sync, shown));
}

static void add_requests(struct writer *writer, const struct metrics *metrics,
                         const struct sync *sync)
{
	start(writer, "dfmode_sync_requests_total",
	      "Updates that were answered or failed, by what that meant and by HTTP status.");
	for (size_t i = 0; i < metrics->request_count; i++) {
		const struct metrics_requests *requests = &metrics->requests[i];
		struct text code = {0};

		if (requests->status > 0)
			text_add_int(&code, requests->status);
		else
			text_add(&code, "none");
		add(writer,
		    (const struct label[]){{"class", verdict_name(requests->kind)},
		                           {"code", code.bytes},
		                           {NULL, NULL}},
		    requests->count);
		text_clear(&code);
	}
	add_single(writer, "dfmode_sync_request_retries_total",
	           "Updates that were sent again after they had failed.", metrics->retries);
	add_single(writer, "dfmode_sync_requests_in_flight", "Updates under way.",
	           sync_count_in_flight(sync));
	add_single(writer, "dfmode_sync_last_accepted_timestamp_seconds",
	           "When the server last accepted an update, in unix time; 0 is never.",
	           (uint64_t)metrics->accepted_at);
}

static void add_gates(struct writer *writer, const struct metrics *metrics, const struct gate *gate)
{
	start(writer, "dfmode_sync_gate_closed",
	      "Whether nothing but probes is sent, by the reason.");
	for (enum gate_state state = GATE_AUTH; state <= GATE_BREAKER; state++)
		add_with(writer, "gate", gates[state], gate->state == state);
	start(writer, "dfmode_sync_gate_closures_total",
	      "How often sending was stopped, by the reason.");
	for (enum gate_state state = GATE_AUTH; state <= GATE_BREAKER; state++)
		add_with(writer, "gate", gates[state], metrics->closures[state]);
}

static void add_drift(struct writer *writer, const struct metrics *metrics)
{
	add_single(writer, "dfmode_sync_drift_found_total",
	           "Integrations that were found changed on the server, or gone.",
	           metrics->drift_found);
	add_single(writer, "dfmode_sync_drift_repaired_total",
	           "Of these, how many were brought back.", metrics->drift_repaired);
	add_single(writer, "dfmode_sync_drift_unknown_total",
	           "How often it was logged that the server's schedules cannot be compared.",
	           metrics->drift_unknown);
}

static void add_health(struct writer *writer, const struct metrics_context *context)
{
	add_single(writer, "dfmode_sync_state_write_failures_total",
	           "Writes of the state that failed.", context->state_failures);
	add_single(writer, "dfmode_sync_log_records_dropped_total",
	           "Records of the log that nobody took in time.", context->log_dropped);
	start(writer, "dfmode_sync_loop_pause_max_seconds",
	      "The longest time that the event loop was held up.");
	name_sample(writer, NULL);
	text_printf(writer->out, "%" PRIu64 ".%03u\n", context->longest_pause_ms / 1000,
	            (unsigned)(context->longest_pause_ms % 1000));
}

void metrics_encode(const struct metrics *metrics, const struct sync *sync,
                    const struct metrics_context *context, struct text *out)
{
	struct writer writer = {.out = out, .config_path = context->config_path};

	add_up(&writer, true);
	add_start(&writer, context);
	add_reloads(&writer, metrics, context);
	add_integrations(&writer, sync);
	add_requests(&writer, metrics, sync);
	add_gates(&writer, metrics, sync_gate(sync));
	add_drift(&writer, metrics);
	add_health(&writer, context);
	text_add(out, "# EOF\n");
}

void metrics_encode_end(const char *config_path, struct text *out)
{
	struct writer writer = {.out = out, .config_path = config_path};

	add_up(&writer, false);
	text_add(out, "# EOF\n");
}
