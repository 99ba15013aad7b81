/* SPDX-License-Identifier: MIT */
/* What the daemon shows of itself: the line for the service manager, and status.json.
 *
 * The file is there before READY and gone with the daemon; in between it follows what changes, at
 * most every 250 ms, and with so many integrations that its making takes long, less often. It is
 * put together on the loop, some thousands of integrations a turn, and written in the thread pool,
 * one write at a time. A write that fails is told once; nothing else depends on it, and the next
 * change tries again. */
#include "daemon/daemon_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/log.h"
#include "os/store.h"

#define INTERVAL_MS 250
#define LOOP_SHARE  50   /* of the loop's time at most one part in so many goes into the file */
#define PIECE       5000 /* integrations that are put into it in one loop iterations */
#define NS_PER_MS   1000000

static const char *first_fault(struct daemon *daemon)
{
	struct text text = {.length = 0};

	for (size_t i = 0; daemon->is_refused && i < daemon->faults.count; i++) {
		if (daemon->faults.entries[i].level == FAULT_ERROR) {
			fault_print(&daemon->faults.entries[i], false, &text);
			text_truncate(&text, strcspn(text.bytes, "\n"));
			break;
		}
	}
	free(daemon->status.refused_fault);
	daemon->status.refused_fault = text.length > 0 ? text_take(&text) : NULL;
	return daemon->status.refused_fault;
}

static void begin(struct daemon *daemon)
{
	struct daemon_status *status = &daemon->status;
	uint64_t start_ns = uv_hrtime();

	status->context = (struct status_context){
		.now_ms = (int64_t)uv_now(&daemon->loop),
		.unix_s = (int64_t)time(NULL),
		.started_at = daemon->started_at,
		.pid = (int64_t)getpid(),
		.config_path = daemon->options->config_path,
		.state_directory = daemon->options->state_directory,
		.refused = daemon->is_refused,
		.refused_errors = daemon->is_refused ? daemon->faults.errors : 0,
		.refused_fault = first_fault(daemon),
		.state_failing = engine_cannot_save(&daemon->engine),
		.stopping = daemon->is_stopping,
		.log_dropped = log_dropped(),
	};
	status->changed = false;
	status->last = 0;
	status_encode_start(daemon->engine.sync, &status->context, &status->text);
	status->spent_ns = uv_hrtime() - start_ns;
}

/* False when it is whole. The longer it takes, the later it may be done again. */
static bool go_on(struct daemon *daemon)
{
	struct daemon_status *status = &daemon->status;
	uint64_t start_ns = uv_hrtime();
	bool is_more = status_encode_more(daemon->engine.sync, &status->context, PIECE,
	                                  &status->last, &status->text);
	uint64_t pause_ms;

	status->spent_ns += uv_hrtime() - start_ns;
	pause_ms = status->spent_ns * LOOP_SHARE / NS_PER_MS;
	status->next_ms = uv_now(&daemon->loop) + (pause_ms > INTERVAL_MS ? pause_ms : INTERVAL_MS);
	return is_more;
}

static void write_file(struct daemon *daemon)
{
	struct daemon_status *status = &daemon->status;

	status->ok =
		store_replace(daemon->options->runtime_directory, STATUS_NAME, status->text.bytes,
	                      status->text.length, STORE_SHOWN, &status->fault);
}

static void tell_result(struct daemon_status *status)
{
	struct text message = {.length = 0};

	if (!status->ok && !status->failing) {
		text_printf(&message,
		            "%s; the status command has nothing to show, all else goes on "
		            "($RUNTIME_DIRECTORY names another place)",
		            status->fault.text != NULL ? status->fault.text
		                                       : "cannot write " STATUS_NAME);
		log_write(
			&(const struct log_record){.level = LOG_WARNING, .message = message.bytes});
	}
	status->failing = !status->ok;
	fault_clear(&status->fault);
	text_clear(&message);
}

static void work_write(uv_work_t *work)
{
	write_file(work->data);
}

static void on_written(uv_work_t *work, int result)
{
	struct daemon *daemon = work->data;
	struct daemon_status *status = &daemon->status;

	status->running = false;
	status->ok = status->ok && result == 0;
	text_clear(&status->text);
	tell_result(status);
}

static void on_more(uv_idle_t *idle)
{
	struct daemon *daemon = idle->data;
	struct daemon_status *status = &daemon->status;

	if (!go_on(daemon)) {
		(void)uv_idle_stop(idle);
		(void)uv_queue_work(&daemon->loop, &status->work, work_write, on_written);
	}
}

static void start_write(struct daemon *daemon)
{
	struct daemon_status *status = &daemon->status;

	status->running = true;
	status->ok = false;
	begin(daemon);
	(void)uv_idle_start(&status->more, on_more);
}

void daemon_status_open(struct daemon *daemon)
{
	(void)uv_idle_init(&daemon->loop, &daemon->status.more);
	daemon->status.more.data = daemon;
	daemon->status.work.data = daemon;
}

bool daemon_status_update(struct daemon *daemon)
{
	struct daemon_status *status = &daemon->status;

	if (status->changed && !status->running && uv_now(&daemon->loop) >= status->next_ms)
		start_write(daemon);
	return status->changed;
}

/* Before the loop runs, so that whoever waits for READY finds the file. */
void daemon_status_first(struct daemon *daemon)
{
	struct daemon_status *status = &daemon->status;

	/* The service manager makes it; without one it may not be there. */
	(void)mkdir(daemon->options->runtime_directory, 0755);
	begin(daemon);
	while (go_on(daemon)) {
	}
	write_file(daemon);
	text_clear(&status->text);
	tell_result(status);
}

/* The loop has ended: a file that stays tells of a daemon that did not end by itself. */
void daemon_status_last(struct daemon *daemon)
{
	char *path = mem_printf("%s/" STATUS_NAME, daemon->options->runtime_directory);

	(void)unlink(path);
	free(path);
	text_clear(&daemon->status.text); /* if it was not whole yet */
	free(daemon->status.refused_fault);
	daemon->status.refused_fault = NULL;
}
