/* SPDX-License-Identifier: MIT */
/* What is counted, and the text that Prometheus' node_exporter takes it from (metrics_file). */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "sync/gate.h"
#include "sync/sync.h"

/* Requests that ended the same way. */
struct metrics_requests {
	enum verdict_kind kind;
	int status; /* 0: none came */
	uint64_t count;
};

/* Counted since the process began. Zeroed is nothing. */
struct metrics {
	struct metrics_requests *requests; /* owned; sorted by kind and status */
	size_t request_count;
	size_t request_capacity;
	uint64_t retries;
	uint64_t closures[GATE_BREAKER + 1]; /* by the gate that closed */
	uint64_t drift_found;
	uint64_t drift_repaired;
	uint64_t drift_unknown;
	uint64_t reloads_good;
	uint64_t reloads_bad;
	int64_t reloaded_at; /* unix seconds: what is in force was taken up */
	int64_t accepted_at; /* the last time, also of an earlier run; 0: never */
};

/* What others know at this moment. All borrowed. */
struct metrics_context {
	const char *config_path; /* separates the daemons of one machine */
	const char *version;
	const char *libcurl, *tls, *libuv, *json_c; /* versions */
	int64_t started_at;                         /* unix seconds */
	bool refused;                               /* the file as it is now is not in force */
	uint64_t state_failures;
	uint64_t log_dropped;
	uint64_t longest_pause_ms; /* of the loop */
};

void metrics_count_request(struct metrics *metrics, enum verdict_kind kind, int status);
void metrics_count_action(struct metrics *metrics, const struct sync_action *action,
                          int64_t unix_s);

/* Take the time of the last acceptance from what an earlier run left. O(integrations). */
void metrics_restore(struct metrics *metrics, const struct sync *sync);

/* Append the file's text, in Prometheus' text format. O(1) in integrations. */
void metrics_encode(const struct metrics *metrics, const struct sync *sync,
                    const struct metrics_context *context, struct text *out);

/* The text of a daemon that has ended: that, and nothing that would be taken for the present. */
void metrics_encode_end(const char *config_path, struct text *out);

void metrics_clear(struct metrics *metrics);

#endif
