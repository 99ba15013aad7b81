/* SPDX-License-Identifier: MIT */
/* metrics_file: there before READY, then after what changes, soon and at most every two seconds.
 * It is put together on the loop and written in the thread pool, one write at a time.
 *
 * While nothing changes it is written again about every minute, so that its age tells a daemon that
 * lives from one that was killed; for that nothing wakes up, it is done when the loop is awake for
 * a sweep or the watchdog anyway. At the end only "it does not run" is left in the file: numbers
 * that stay would be taken for the present, and a file that is gone alarms nobody.
 *
 * A write that fails is told once; nothing else depends on it, and the next change tries again. */
#include "daemon/daemon_metrics.h"

#include <curl/curl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/daemon_internal.h"
#include "engine/answer.h"
#include "log/log.h"
#include "os/store.h"
#include "version.h"

#define SOON_MS     250 /* what changes together is written together */
#define INTERVAL_MS 2000
#define PULSE_MS    55000 /* two sweeps by default, whatever the one is late */

/* the text */

static void encode(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;
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
		.state_failures = engine_save_failures(&daemon->engine),
		.log_dropped = log_dropped(),
		.longest_pause_ms = daemon->monitor.longest_ms,
	};

	text_truncate(&metrics->text, 0);
	metrics_encode(&metrics->counted, daemon->engine.sync, &context, &metrics->text);
}

/* the file */

static bool put_at(const char *path, const struct text *text, struct fault *fault)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	char *directory = slash == NULL
	                          ? mem_dup(".")
	                          : mem_dup_bytes(path, slash > path ? (size_t)(slash - path) : 1);
	bool done = store_replace(directory, name, text->bytes, text->length, STORE_SHOWN, fault);

	free(directory);
	return done;
}

static void write_file(struct daemon_metrics *metrics)
{
	if (metrics->obsolete != NULL)
		(void)unlink(metrics->obsolete);
	metrics->ok =
		metrics->target == NULL || put_at(metrics->target, &metrics->text, &metrics->fault);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void begin_write(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	metrics->target = mem_dup(metrics->path);
	if (!is_same(metrics->present, metrics->path)) {
		metrics->obsolete = metrics->present;
		metrics->present = NULL;
	}
	metrics->changed = false;
	metrics->ok = false;
	metrics->last_ms = uv_now(&daemon->loop);
	metrics->next_ms = metrics->last_ms + INTERVAL_MS;
	if (metrics->target != NULL)
		encode(daemon);
}

static void tell_failure(struct daemon_metrics *metrics)
{
	char *message = mem_printf("%s; the metrics are not written, all else goes on (under "
	                           "systemd the unit needs ReadWritePaths= for the directory)",
	                           metrics->fault.text != NULL ? metrics->fault.text
	                                                       : "cannot write metrics_file");

	log_write(&(const struct log_record){.event = EVENT_METRICS_FAILED, .message = message});
	free(message);
}

static void end_write(struct daemon_metrics *metrics)
{
	if (!metrics->ok && !metrics->failing)
		tell_failure(metrics);
	metrics->failing = !metrics->ok;
	if (metrics->ok && metrics->target != NULL) {
		free(metrics->present);
		metrics->present = metrics->target;
		metrics->target = NULL;
	}
	free(metrics->target);
	free(metrics->obsolete);
	metrics->target = NULL;
	metrics->obsolete = NULL;
	fault_clear(&metrics->fault);
}

/* when */

static void work_write(uv_work_t *work)
{
	struct daemon *daemon = work->data;

	write_file(&daemon->metrics);
}

static void on_written(uv_work_t *work, int status)
{
	struct daemon *daemon = work->data;
	struct daemon_metrics *metrics = &daemon->metrics;

	metrics->running = false;
	metrics->ok = metrics->ok && status == 0;
	end_write(metrics);
	if (metrics->changed)
		daemon_metrics_changed(daemon);
}

static void start_write(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	begin_write(daemon);
	metrics->running = true;
	metrics->work.data = daemon;
	(void)uv_queue_work(&daemon->loop, &metrics->work, work_write, on_written);
}

static void on_due(uv_timer_t *timer)
{
	start_write(timer->data);
}

static void on_pulse(uv_check_t *check)
{
	struct daemon *daemon = check->data;
	struct daemon_metrics *metrics = &daemon->metrics;

	if (!metrics->running && metrics->path != NULL &&
	    uv_now(&daemon->loop) >= metrics->last_ms + PULSE_MS) {
		(void)uv_timer_stop(&metrics->due);
		start_write(daemon);
	}
}

/* Nothing to write, and nothing of ours that would have to go. */
static bool is_off(const struct daemon_metrics *metrics)
{
	return metrics->path == NULL && metrics->present == NULL;
}

void daemon_metrics_changed(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;
	uint64_t now_ms = uv_now(&daemon->loop);
	uint64_t wait_ms = SOON_MS;

	if (metrics->running) {
		metrics->changed = true;
		return;
	}
	if (daemon->is_closing || is_off(metrics) || uv_is_active((uv_handle_t *)&metrics->due))
		return;
	if (metrics->next_ms > now_ms + SOON_MS)
		wait_ms = metrics->next_ms - now_ms;
	(void)uv_timer_start(&metrics->due, on_due, wait_ms, 0);
}

void daemon_metrics_configure(struct daemon *daemon, const char *path)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	if (is_same(metrics->path, path))
		return;
	free(metrics->path);
	metrics->path = mem_dup(path);
	metrics->failing = false;
	metrics->next_ms = 0;
	daemon_metrics_changed(daemon);
}

/* what is counted */

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
	daemon_metrics_changed(daemon);
}

/* from the first to the last */

void daemon_metrics_open(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	(void)uv_timer_init(&daemon->loop, &metrics->due);
	(void)uv_check_init(&daemon->loop, &metrics->pulse);
	metrics->due.data = daemon;
	metrics->pulse.data = daemon;
	(void)uv_check_start(&metrics->pulse, on_pulse);
}

void daemon_metrics_first(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	metrics->counted.reloaded_at = daemon->started_at;
	metrics_restore(&metrics->counted, daemon->engine.sync);
	begin_write(daemon);
	write_file(metrics);
	end_write(metrics);
}

void daemon_metrics_close(struct daemon *daemon)
{
	uv_close((uv_handle_t *)&daemon->metrics.due, NULL);
	uv_close((uv_handle_t *)&daemon->metrics.pulse, NULL);
}

void daemon_metrics_last(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;

	begin_write(daemon);
	text_truncate(&metrics->text, 0);
	metrics_encode_end(daemon->options->config_path, &metrics->text);
	write_file(metrics);
	end_write(metrics);
	free(metrics->path);
	free(metrics->present);
	text_clear(&metrics->text);
	metrics_clear(&metrics->counted);
}
