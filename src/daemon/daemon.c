/* SPDX-License-Identifier: MIT */
/* A day of the daemon: load the file, hold the lock, read the state, open the shells, READY. Then
 * the engine runs by itself, and what else happens becomes its events: a load, a signal.
 *
 * It ends with a signal: nothing new is started, what is in flight gets five seconds, every handle
 * closes, and when the loop is empty the state is written once more. A second signal cuts the
 * five seconds short. What is cut off carries its mark in the state, and is sent again by the next
 * run. */
#include "daemon/daemon.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/daemon_control.h"
#include "daemon/daemon_internal.h"
#include "log/log.h"
#include "os/loop.h"
#include "os/store.h"
#include "sync/sync_query.h"
#include "version.h"

#define GRACE_MS     5000 /* for what is in flight at the end (SPEC §10) */
#define CHORE_MS     250
#define FLUSH_MS     50 /* while the log holds something back */
#define LOG_CLOSE_MS 200

static const int signal_numbers[DAEMON_SIGNALS] = {SIGHUP, SIGTERM, SIGINT};

static void tell(enum event event, int level, char *message)
{
	log_write(&(const struct log_record){.event = event, .level = level, .message = message});
	free(message);
}

static void begin_end(struct daemon *daemon);

static void on_chore(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	bool shown = !daemon_status_update(daemon);
	bool written = !log_flush();

	if (!shown || !written)
		(void)uv_timer_start(&daemon->chore, on_chore, written ? CHORE_MS : FLUSH_MS, 0);
	else
		daemon_load_trim(daemon);
}

void daemon_changed(struct daemon *daemon)
{
	daemon->status.changed = true;
	daemon_metrics_changed(daemon);
	if (!daemon->closing && !uv_is_active((uv_handle_t *)&daemon->chore))
		(void)uv_timer_start(&daemon->chore, on_chore, CHORE_MS, 0);
}

static size_t count_in_flight(const struct daemon *daemon)
{
	return sync_count_in_flight(daemon->engine.sync);
}

static void on_stepped(void *data)
{
	struct daemon *daemon = data;

	daemon_changed(daemon);
	if (daemon->stopping && count_in_flight(daemon) == 0)
		begin_end(daemon);
}

/* The service manager hears from the loop itself, and only while requests and writes end as they
 * must. */
static void on_watchdog(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	if (!engine_is_stuck(&daemon->engine))
		notify_watchdog(daemon->notify);
}

static void on_change(enum watch_cause cause, void *data)
{
	log_debug("the files may have changed (%s)", cause == WATCH_EVENT ? "event" : "sweep");
	daemon_load_start(data, false);
}

static void on_trouble(const char *sentence, void *data)
{
	struct daemon *daemon = data;

	log_write(&(const struct log_record){.event = EVENT_CONFIG_WARNING,
	                                     .message = sentence,
	                                     .config_file = daemon->options->config_path});
}

static void close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* The last part of the end: cancel, close, and let the loop run empty. */
static void begin_end(struct daemon *daemon)
{
	if (daemon->closing)
		return;
	daemon->closing = true;
	for (size_t i = 0; i < DAEMON_SIGNALS; i++)
		close_handle(&daemon->signals[i]);
	close_handle(&daemon->chore);
	close_handle(&daemon->status.more);
	close_handle(&daemon->watchdog);
	close_handle(&daemon->grace);
	loop_monitor_close(daemon);
	daemon_metrics_close(daemon);
	daemon_control_close(daemon);
	watch_close(daemon->watch);
	engine_close(&daemon->engine);
}

static void on_grace(uv_timer_t *timer)
{
	begin_end(timer->data);
}

static void stop(struct daemon *daemon, int number)
{
	struct sync_event event = {.kind = SYNC_STOPPED};
	size_t in_flight = count_in_flight(daemon);

	daemon->stopping = true;
	notify_stopping(daemon->notify);
	tell(EVENT_STOPPING, 0,
	     mem_printf("stopping on %s, %zu request%s in flight",
	                number == SIGINT ? "SIGINT" : "SIGTERM", in_flight,
	                in_flight == 1 ? "" : "s"));
	engine_step(&daemon->engine, &event);
	if (!daemon->closing)
		(void)uv_timer_start(&daemon->grace, on_grace, GRACE_MS, 0);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	if (number == SIGHUP)
		daemon_load_start(daemon, true);
	else if (daemon->stopping)
		begin_end(daemon);
	else
		stop(daemon, number);
}

static void open_timers(struct daemon *daemon)
{
	int64_t watchdog_ms =
		notify_watchdog_ms(daemon->options->watchdog_usec, daemon->options->watchdog_pid);
	uv_timer_t *timers[] = {&daemon->chore, &daemon->watchdog, &daemon->grace};

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		(void)uv_timer_init(&daemon->loop, timers[i]);
		timers[i]->data = daemon;
	}
	if (watchdog_ms > 0) {
		(void)uv_timer_start(&daemon->watchdog, on_watchdog, 0,
		                     (uint64_t)(watchdog_ms / 3 > 0 ? watchdog_ms / 3 : 1));
	}
}

static void handled_signals(sigset_t *set)
{
	(void)sigemptyset(set);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++)
		(void)sigaddset(set, signal_numbers[i]);
}

void daemon_block_signals(void)
{
	sigset_t set;

	handled_signals(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void daemon_unblock_signals(void)
{
	sigset_t set;

	handled_signals(&set);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* What came before this moment is delivered here, and read by the loop's first iteration. */
static void open_signals(struct daemon *daemon)
{
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		(void)uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		(void)uv_signal_start(&daemon->signals[i], on_signal, signal_numbers[i]);
	}
	daemon_unblock_signals();
}

/* From before the first load on, so that a save during it is not lost. */
static void open_watch(struct daemon *daemon)
{
	daemon->watch = watch_open(&daemon->loop, on_change, on_trouble, daemon);
	if (daemon->options->without_inotify)
		watch_without_inotify(daemon->watch);
	watch_mark(daemon->watch);
}

static bool open_shells(struct daemon *daemon, const struct spec *spec, struct fault *fault)
{
	if (!daemon_control_open(daemon, fault) || !engine_open(&daemon->engine, &spec->api, fault))
		return false;
	daemon->notify = notify_open(daemon->options->notify_socket);
	open_timers(daemon);
	open_signals(daemon);
	loop_monitor_open(daemon);
	daemon_status_open(daemon);
	daemon_metrics_open(daemon);
	return true;
}

/* The loop, from the first event to the last; then the state. */
static int live(struct daemon *daemon)
{
	struct fault fault = {.text = NULL};

	if (!open_shells(daemon, daemon->load.specfile.spec, &fault)) {
		tell(EVENT_NONE, LOG_ERR, mem_printf("%s", fault.text));
		fault_clear(&fault);
		return EXIT_FAILURE;
	}
	watch_set(daemon->watch, (const char *const *)daemon->load.specfile.watched);
	tell(EVENT_STARTED, 0, mem_printf("dfmode-sync " PACKAGE_VERSION " started"));
	daemon_adopt(daemon, &daemon->load);
	daemon_load_end(daemon);
	daemon_status_first(daemon);
	daemon_metrics_first(daemon);
	notify_ready(daemon->notify);
	(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
	engine_save_last(&daemon->engine);
	daemon_status_last(daemon);
	daemon_metrics_last(daemon);
	notify_close(daemon->notify);
	return EXIT_SUCCESS;
}

/* From the lock to its end. The state is only ours to read while we hold it. */
static int run_locked(struct daemon *daemon)
{
	struct state state = {.url = NULL};

	if (!engine_load_state(&daemon->engine, &state))
		return EXIT_FAILURE;
	engine_reject_emptied(&daemon->load.specfile, daemon->options->config_path, state.count);
	engine_start_sync(&daemon->engine, &state);
	if (daemon->load.specfile.spec != NULL) {
		credentials_digest(daemon->load.specfile.spec, &daemon->engine.key);
		return live(daemon);
	}
	report_faults(&daemon->load.specfile.faults, daemon->options->config_path, false,
	              "not started");
	return EX_CONFIG;
}

static void close_loop(struct daemon *daemon)
{
	if (!daemon->closing) {
		daemon_control_close(daemon);
		watch_close(daemon->watch);
	}
	loop_close(&daemon->loop);
}

int daemon_run(const struct daemon_options *options)
{
	struct daemon daemon = {.options = options};
	struct fault fault = {.text = NULL};
	int result = EX_CONFIG;

	if (!loop_open(&daemon.loop, &fault)) {
		tell(EVENT_NONE, LOG_ERR, fault.text);
		log_close(LOG_CLOSE_MS);
		return EXIT_FAILURE;
	}
	daemon.engine = (struct engine){.loop = &daemon.loop,
	                                .state_directory = options->state_directory,
	                                .answered = daemon_metrics_answered,
	                                .acted = daemon_metrics_acted,
	                                .stepped = on_stepped,
	                                .data = &daemon,
	                                .lock = INSTANCE_LOCK_NONE};
	open_watch(&daemon);
	if (daemon_load_first(&daemon))
		result = engine_lock(&daemon.engine, "");
	if (result == EXIT_SUCCESS)
		result = run_locked(&daemon);
	daemon_load_end(&daemon);
	close_loop(&daemon);
	engine_clear(&daemon.engine);
	faults_clear(&daemon.faults);
	log_close(LOG_CLOSE_MS);
	return result;
}
