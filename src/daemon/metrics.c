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

enum family {
	UP,
	BUILD_INFO,
	START_TIME,
	RELOAD_SUCCESSFUL,
	RELOAD_TIME,
	RELOADS,
	INTEGRATIONS,
	REQUESTS,
	RETRIES,
	IN_FLIGHT,
	ACCEPTED_TIME,
	GATES_CLOSED,
	GATE_CLOSURES,
	DRIFT_FOUND,
	DRIFT_REPAIRED,
	DRIFT_UNKNOWN,
	STATE_FAILURES,
	LOG_DROPPED,
	LOOP_PAUSE,
	FAMILY_COUNT,
};

/* The manual has the same rows. */
static const struct {
	const char *name; /* "_total" is the end of a counter's, all others are gauges */
	const char *help;
} families[FAMILY_COUNT] = {
	[UP] = {.name = "dfmode_sync_up",
                .help = "Whether the daemon runs; 0 is left behind by one that ended."},
	[BUILD_INFO] = {.name = "dfmode_sync_build_info",
                        .help = "The version, and those of the libraries, as labels."},
	[START_TIME] = {.name = "dfmode_sync_start_time_seconds",
                        .help = "When the daemon started, in unix time."},
	[RELOAD_SUCCESSFUL] = {.name = "dfmode_sync_config_last_reload_successful",
                               .help = "Whether the configuration as it is now is in force."},
	[RELOAD_TIME] = {.name = "dfmode_sync_config_last_reload_success_timestamp_seconds",
                         .help = "When the configuration in force was loaded, in unix time."},
	[RELOADS] = {.name = "dfmode_sync_config_reloads_total",
                     .help = "Loads of a changed configuration, or by request, by result."},
	[INTEGRATIONS] = {.name = "dfmode_sync_integrations", .help = "Integrations by state."},
	[REQUESTS] = {.name = "dfmode_sync_requests_total",
                      .help = "Updates that were answered or failed, by what that meant and by "
                              "HTTP status."},
	[RETRIES] = {.name = "dfmode_sync_request_retries_total",
                     .help = "Updates that were sent again after they had failed."},
	[IN_FLIGHT] = {.name = "dfmode_sync_requests_in_flight", .help = "Updates under way."},
	[ACCEPTED_TIME] = {.name = "dfmode_sync_last_accepted_timestamp_seconds",
                           .help = "When the server last accepted an update, in unix time; 0 is "
                                   "never."},
	[GATES_CLOSED] = {.name = "dfmode_sync_gate_closed",
                          .help = "Whether nothing but probes is sent, by the reason."},
	[GATE_CLOSURES] = {.name = "dfmode_sync_gate_closures_total",
                           .help = "How often sending was stopped, by the reason."},
	[DRIFT_FOUND] = {.name = "dfmode_sync_drift_found_total",
                         .help = "Integrations that were found changed on the server, or gone."},
	[DRIFT_REPAIRED] = {.name = "dfmode_sync_drift_repaired_total",
                            .help = "Of these, how many were brought back."},
	[DRIFT_UNKNOWN] = {.name = "dfmode_sync_drift_unknown_total",
                           .help = "How often it was logged that the server's schedules cannot "
                                   "be compared."},
	[STATE_FAILURES] = {.name = "dfmode_sync_state_write_failures_total",
                            .help = "Writes of the state that failed."},
	[LOG_DROPPED] = {.name = "dfmode_sync_log_records_dropped_total",
                         .help = "Records of the log that nobody took in time."},
	[LOOP_PAUSE] = {.name = "dfmode_sync_loop_pause_max_seconds",
                        .help = "The longest time that the event loop was held up."},
};

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
	metrics->requests = mem_grow(metrics->requests, &metrics->request_capacity,
	                             metrics->request_count + 1, sizeof(*metrics->requests));
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

static void start(const struct writer *writer, enum family family)
{
	const char *name = families[family].name;
	bool is_counter = strcmp(strrchr(name, '_'), "_total") == 0;

	text_printf(writer->out, "# HELP %s %s\n# TYPE %s %s\n", name, families[family].help, name,
	            is_counter ? "counter" : "gauge");
}

static void name_sample(const struct writer *writer, enum family family, const struct label *labels)
{
	text_add(writer->out, families[family].name);
	text_add_char(writer->out, '{');
	add_label(writer->out, "config", writer->config_path);
	for (; labels != NULL && labels->name != NULL; labels++) {
		text_add_char(writer->out, ',');
		add_label(writer->out, labels->name, labels->value);
	}
	text_add(writer->out, "} ");
}

static void add(const struct writer *writer, enum family family, const struct label *labels,
                uint64_t value)
{
	name_sample(writer, family, labels);
	text_add_int(writer->out, (int64_t)value);
	text_add_char(writer->out, '\n');
}

/* A family of one sample. */
static void add_single(const struct writer *writer, enum family family, uint64_t value)
{
	start(writer, family);
	add(writer, family, NULL, value);
}

/* One more label than the configuration's. */
static void add_with(const struct writer *writer, enum family family, const char *name,
                     const char *word, uint64_t value)
{
	const struct label labels[] = {{name, word}, {NULL, NULL}};

	add(writer, family, labels, value);
}

static void add_build(const struct writer *writer, const struct metrics_context *context)
{
	const struct label labels[] = {{"version", context->version}, {"libcurl", context->libcurl},
	                               {"tls", context->tls},         {"libuv", context->libuv},
	                               {"json_c", context->json_c},   {NULL, NULL}};

	start(writer, BUILD_INFO);
	add(writer, BUILD_INFO, labels, 1);
}

static void add_reloads(const struct writer *writer, const struct metrics *metrics,
                        const struct metrics_context *context)
{
	add_single(writer, RELOAD_SUCCESSFUL, !context->refused);
	add_single(writer, RELOAD_TIME, (uint64_t)metrics->reloaded_at);
	start(writer, RELOADS);
	add_with(writer, RELOADS, "result", "good", metrics->reloads_good);
	add_with(writer, RELOADS, "result", "bad", metrics->reloads_bad);
}

static void add_integrations(const struct writer *writer, const struct sync *sync)
{
	start(writer, INTEGRATIONS);
	for (enum sync_shown shown = 0; shown < SYNC_SHOWN_COUNT; shown++) {
		add_with(writer, INTEGRATIONS, "state", sync_shown_name(shown),
		         sync_shown_count(sync, shown));
	}
}

static void add_requests(const struct writer *writer, const struct metrics *metrics,
                         const struct sync *sync)
{
	start(writer, REQUESTS);
	for (size_t i = 0; i < metrics->request_count; i++) {
		const struct metrics_requests *requests = &metrics->requests[i];
		struct text code = {0};

		if (requests->status > 0)
			text_add_int(&code, requests->status);
		else
			text_add(&code, "none");
		add(writer, REQUESTS,
		    (const struct label[]){{"class", verdict_name(requests->kind)},
		                           {"code", code.bytes},
		                           {NULL, NULL}},
		    requests->count);
		text_clear(&code);
	}
	add_single(writer, RETRIES, metrics->retries);
	add_single(writer, IN_FLIGHT, sync_count_in_flight(sync));
	add_single(writer, ACCEPTED_TIME, (uint64_t)metrics->accepted_at);
}

static void add_gates(const struct writer *writer, const struct metrics *metrics,
                      const struct gate *gate)
{
	start(writer, GATES_CLOSED);
	for (enum gate_state state = GATE_AUTH; state <= GATE_BREAKER; state++)
		add_with(writer, GATES_CLOSED, "gate", gates[state], gate->state == state);
	start(writer, GATE_CLOSURES);
	for (enum gate_state state = GATE_AUTH; state <= GATE_BREAKER; state++)
		add_with(writer, GATE_CLOSURES, "gate", gates[state], metrics->closures[state]);
}

static void add_loop(const struct writer *writer, uint64_t pause_ms)
{
	start(writer, LOOP_PAUSE);
	name_sample(writer, LOOP_PAUSE, NULL);
	text_printf(writer->out, "%" PRIu64 ".%03u\n", pause_ms / 1000,
	            (unsigned)(pause_ms % 1000));
}

void metrics_encode(const struct metrics *metrics, const struct sync *sync,
                    const struct metrics_context *context, struct text *out)
{
	const struct writer writer = {.out = out, .config_path = context->config_path};

	add_single(&writer, UP, 1);
	add_build(&writer, context);
	add_single(&writer, START_TIME, (uint64_t)context->started_at);
	add_reloads(&writer, metrics, context);
	add_integrations(&writer, sync);
	add_requests(&writer, metrics, sync);
	add_gates(&writer, metrics, sync_gate(sync));
	add_single(&writer, DRIFT_FOUND, metrics->drift_found);
	add_single(&writer, DRIFT_REPAIRED, metrics->drift_repaired);
	add_single(&writer, DRIFT_UNKNOWN, metrics->drift_unknown);
	add_single(&writer, STATE_FAILURES, context->state_failures);
	add_single(&writer, LOG_DROPPED, context->log_dropped);
	add_loop(&writer, context->longest_pause_ms);
	text_add(out, "# EOF\n");
}

void metrics_encode_end(const char *config_path, struct text *out)
{
	const struct writer writer = {.out = out, .config_path = config_path};

	add_single(&writer, UP, 0);
	text_add(out, "# EOF\n");
}
