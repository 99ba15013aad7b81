/* SPDX-License-Identifier: MIT */
/* There before READY, then written after what changes, soon and at most every two seconds.
 *
 * While nothing changes it is written again about every minute, so that its age sets a daemon that
 * lives apart from one that was killed; for that nothing wakes up, it is done when the loop is
 * awake for a rescan or the watchdog anyway.
 *
 * A write that fails is reported once; nothing else depends on it, and the next change tries again.
 */
#include "daemon/metrics_file.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/log.h"
#include "os/store.h"

#define SOON_MS     250 /* what changes together is written together */
#define INTERVAL_MS 2000
#define PULSE_MS    55000 /* two rescans by default, whatever the one is late */

static bool encode(struct text *out, void *data)
{
	struct metrics_file *file = data;

	free(file->target);
	file->target = mem_dup(file->path);
	if (!text_equal(file->present, file->path)) {
		file->obsolete = file->present;
		file->present = NULL;
	}
	file->is_changed = false;
	file->last_ms = uv_now(file->loop);
	file->next_ms = file->last_ms + INTERVAL_MS;
	if (file->target != NULL)
		file->encode(out, file->data);
	return true;
}

static bool write_file(struct text *text, struct fault *fault, void *data)
{
	const struct metrics_file *file = data;
	const char *path = file->target;
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;
	char *directory;
	bool is_written;

	if (file->obsolete != NULL)
		(void)unlink(file->obsolete);
	if (path == NULL)
		return true;
	directory = slash == NULL ? mem_dup(".")
	                          : mem_dup_bytes(path, slash > path ? (size_t)(slash - path) : 1);
	is_written = store_replace(directory, slash != NULL ? slash + 1 : path, text->bytes,
	                           text->length, STORE_SHOWN, fault);
	free(directory);
	return is_written;
}

static void on_done(const char *why, bool is_news, void *data)
{
	struct metrics_file *file = data;

	if (why != NULL && is_news)
		log_event(EVENT_METRICS_FAILED, 0,
		          "%s; the metrics are not written, everything else continues (under "
		          "systemd the unit needs ReadWritePaths= for the directory)",
		          why);
	if (why == NULL && is_news)
		log_event(EVENT_METRICS_FAILED, LOG_NOTICE, "the metrics are written again");
	if (why == NULL && file->target != NULL) {
		free(file->present);
		file->present = file->target;
		file->target = NULL;
	}
	free(file->obsolete);
	file->obsolete = NULL;
	if (file->is_changed)
		metrics_file_changed(file);
}

static void on_due(uv_timer_t *timer)
{
	struct metrics_file *file = timer->data;

	publisher_start(&file->publisher);
}

static void on_pulse(uv_check_t *check)
{
	struct metrics_file *file = check->data;

	if (!file->publisher.is_running && file->path != NULL &&
	    uv_now(file->loop) >= file->last_ms + PULSE_MS) {
		(void)uv_timer_stop(&file->due);
		publisher_start(&file->publisher);
	}
}

void metrics_file_changed(struct metrics_file *file)
{
	uint64_t now_ms = uv_now(file->loop);
	uint64_t wait_ms = SOON_MS;

	file->is_changed = true;
	if (file->publisher.is_running || file->is_closed ||
	    (file->path == NULL && file->present == NULL) ||
	    uv_is_active((uv_handle_t *)&file->due))
		return;
	if (file->next_ms > now_ms + SOON_MS)
		wait_ms = file->next_ms - now_ms;
	(void)uv_timer_start(&file->due, on_due, wait_ms, 0);
}

void metrics_file_configure(struct metrics_file *file, const char *path)
{
	if (text_equal(file->path, path))
		return;
	free(file->path);
	file->path = mem_dup(path);
	file->publisher.is_failing = false; /* another path is another failure */
	file->next_ms = 0;
	metrics_file_changed(file);
}

void metrics_file_open(struct metrics_file *file, uv_loop_t *loop,
                       void (*encode_text)(struct text *out, void *data), void *data)
{
	*file = (struct metrics_file){.loop = loop, .encode = encode_text, .data = data};
	publisher_open(
		&file->publisher, loop,
		&(const struct publisher_options){
			.encode = encode, .write = write_file, .done = on_done, .data = file});
	(void)uv_timer_init(loop, &file->due);
	(void)uv_check_init(loop, &file->pulse);
	file->due.data = file;
	file->pulse.data = file;
	(void)uv_check_start(&file->pulse, on_pulse);
}

void metrics_file_write_now(struct metrics_file *file)
{
	(void)uv_timer_stop(&file->due);
	publisher_write_now(&file->publisher);
}

void metrics_file_close(struct metrics_file *file)
{
	file->is_closed = true;
	publisher_close(&file->publisher);
	uv_close((uv_handle_t *)&file->due, NULL);
	uv_close((uv_handle_t *)&file->pulse, NULL);
}

void metrics_file_clear(struct metrics_file *file)
{
	free(file->path);
	free(file->target);
	free(file->present);
}
