/* SPDX-License-Identifier: MIT */
/* At the end only "it does not run" is left in the file: numbers that stay would be taken for the
 * present, and a file that is gone alarms nobody. */
#include "daemon/daemon_internal.h"

#include <curl/curl.h>
#include <json-c/json.h>
#include <time.h>

#include "engine/answer.h"
#include "log/log.h"
#include "version.h"

static void encode(struct text *out, void *data)
{
	struct daemon *daemon = data;
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	const struct metrics_context context = {
		.config_path = daemon->options->config_path,
		.version = PACKAGE_VERSION,
		.libcurl = curl->version,
		.tls = curl->ssl_version != NULL ? curl->ssl_version : "none",
		.libuv = uv_version_string(),
		.json_c = json_c_version(),
		.started_at = daemon->started_at,
		.refused = daemon->is_refused,
		.state_failures = daemon->engine.file.publisher.failures,
		.log_dropped = log_dropped(),
		.longest_pause_ms = daemon->monitor.longest_ms,
	};

	if (daemon->metrics.is_last)
		metrics_encode_end(context.config_path, out);
	else
		metrics_encode(&daemon->metrics.counted, daemon->engine.sync, &context, out);
}

void daemon_metrics_answered(const struct answer *answer, void *data)
{
	struct daemon *daemon = data;

	metrics_count_request(&daemon->metrics.counted, answer->verdict.kind, answer->status);
}

void daemon_metrics_acted(const struct sync_action *action, const struct answer *answer, void *data)
{
	struct daemon *daemon = data;

	(void)answer;
	metrics_count_action(&daemon->metrics.counted, action, (int64_t)time(NULL));
}

void daemon_metrics_loaded(struct daemon *daemon, bool good)
{
	struct metrics *counted = &daemon->metrics.counted;

	counted->reloads_good += good;
	counted->reloads_bad += !good;
	counted->reloaded_at = good ? (int64_t)time(NULL) : counted->reloaded_at;
	metrics_file_changed(&daemon->metrics.file);
}

void daemon_metrics_open(struct daemon *daemon)
{
	metrics_file_open(&daemon->metrics.file, &daemon->loop, encode, daemon);
}

void daemon_metrics_first(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	metrics->counted.reloaded_at = daemon->started_at;
	metrics_restore(&metrics->counted, daemon->engine.sync);
	metrics_file_write_now(&metrics->file);
}

void daemon_metrics_last(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	metrics->is_last = true;
	metrics_file_write_now(&metrics->file);
	metrics_clear(&metrics->counted);
}
