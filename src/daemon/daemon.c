/* SPDX-License-Identifier: MIT */
/* Everything is opened, then the first load begins, in the thread pool like any other; when it has
 * ended well the lock is taken, the state read, the control socket opened: READY. Then the engine
 * runs by itself, and what else happens becomes its events: a load, a signal, a client.
 *
 * It ends with a signal, or with a first load that is not good: nothing new is started, what is in
 * flight gets five seconds, every handle closes, and when the loop is empty the state is written
 * once more. A second signal cuts the five seconds short. What is cut off carries its intent in the
 * state, and is sent again by the next run. A read of a file that hangs cannot be stopped: the
 * process ends without it. */
#include "daemon/daemon.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/daemon_internal.h"
#include "engine/report.h"
#include "log/log.h"
#include "os/loop.h"
#include "os/store.h"
#include "sync/sync_query.h"
#include "version.h"

#define GRACE_MS     5000 /* for what is in flight at the end (SPEC §10) */
#define CHORE_MS     250
#define FLUSH_MS     50 /* while the log holds something back */
#define LOG_CLOSE_MS 200
#define ABANDON_MS   2000   /* for reads of files that cannot be stopped */
#define RETRY_MS     1000   /* until files that cannot be read are tried again; doubled each time */
#define STUCK_MS     600000 /* a load that takes so long ends by a restart only */

static const int signal_numbers[DAEMON_SIGNALS] = {SIGHUP, SIGTERM, SIGINT};

/* The line for the service manager. */
static void show_dashboard(struct daemon *daemon)
{
	struct text line = {0};

	if (daemon->is_refused)
		text_add(&line, "the file has faults and is not in force; ");
	else if (daemon->unread != NULL)
		text_add(&line, "the file cannot be read; ");
	dashboard_text(daemon->engine.sync, &line);
	notify_status(daemon->notify, line.bytes);
	text_clear(&line);
}

static void on_chore(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	show_dashboard(daemon);
	if (log_flush())
		(void)uv_timer_start(&daemon->chore, on_chore, FLUSH_MS, 0);
	else
		loader_trim(&daemon->loader);
}

/* What is shown has changed. */
static void refresh(struct daemon *daemon)
{
	metrics_file_changed(&daemon->metrics.file);
	if (!daemon->is_closing && !uv_is_active((uv_handle_t *)&daemon->chore))
		(void)uv_timer_start(&daemon->chore, on_chore, CHORE_MS, 0);
}

/* the end */

static void close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* Only reads of files are given up, never a write of the state. */
static void on_abandon(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	if (engine_is_saving(&daemon->engine))
		(void)uv_timer_start(timer, on_abandon, ABANDON_MS, 0);
	else
		uv_stop(&daemon->loop);
}

/* The last part of the end: cancel, close, and let the loop run empty. */
static void close_all(struct daemon *daemon)
{
	if (daemon->is_closing)
		return;
	daemon->is_closing = true;
	for (size_t i = 0; i < DAEMON_SIGNALS; i++)
		close_handle(&daemon->signals[i]);
	close_handle(&daemon->chore);
	close_handle(&daemon->watchdog);
	close_handle(&daemon->retry);
	metrics_file_close(&daemon->metrics.file);
	daemon_waits_close(daemon);
	control_close(daemon->control);
	watch_close(daemon->watch);
	loader_close(&daemon->loader);
	if (daemon->is_up) {
		loop_monitor_close(&daemon->monitor);
		engine_close(&daemon->engine);
	}
	uv_unref((uv_handle_t *)&daemon->grace);
	(void)uv_timer_start(&daemon->grace, on_abandon, ABANDON_MS, 0);
}

static void on_grace(uv_timer_t *timer)
{
	close_all(timer->data);
}

static size_t count_in_flight(const struct daemon *daemon)
{
	return daemon->is_up ? sync_count_in_flight(daemon->engine.sync) : 0;
}

static void begin_shutdown(struct daemon *daemon, int number)
{
	struct sync_event event = {.kind = SYNC_STOPPED};
	size_t in_flight = count_in_flight(daemon);

	daemon->is_stopping = true;
	notify_send(daemon->notify, NOTIFY_STOPPING);
	log_event(EVENT_STOPPING, 0, "stopping on %s, %zu request%s in flight",
	          number == SIGINT ? "SIGINT" : "SIGTERM", in_flight, in_flight == 1 ? "" : "s");
	if (!daemon->is_up) {
		close_all(daemon);
		return;
	}
	engine_step(&daemon->engine, &event);
	if (!daemon->is_closing)
		(void)uv_timer_start(&daemon->grace, on_grace, GRACE_MS, 0);
}

/* loads */

static void on_load_begun(const struct load *load, void *data)
{
	struct daemon *daemon = data;

	if (load->is_reload)
		notify_send(daemon->notify, NOTIFY_RELOADING);
	watch_mark(daemon->watch);
}

static void on_load_overdue(const struct load *load, void *data)
{
	const struct daemon *daemon = data;

	(void)load;
	log_event(EVENT_CONFIG_UNREAD, 0,
	          "%s: has been read for %d s, and still is (a file server that does not answer?); "
	          "%s",
	          daemon->options->config_path, LOADER_OVERDUE_MS / 1000,
	          daemon->is_up ? "the configuration in force stays" : "not started yet");
}

static void on_retry(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	(void)loader_start(&daemon->loader, false);
}

/* Soon, and then less often, but no later than the next periodic rescan. */
static void retry_later(struct daemon *daemon, const struct load *load)
{
	int64_t sweep_ms = sync_spec(daemon->engine.sync)->watch.sweep_ms;
	int64_t retry_ms = daemon->unread == NULL ? RETRY_MS : 2 * daemon->retry_ms;

	daemon->retry_ms = retry_ms < sweep_ms ? retry_ms : sweep_ms;
	adoption_report_unread(daemon, load, daemon->retry_ms);
	(void)uv_timer_start(&daemon->retry, on_retry, (uint64_t)daemon->retry_ms, 0);
}

static bool open_adapters(struct daemon *daemon, const struct spec *spec)
{
	struct fault fault = {0};

	daemon->control = daemon_control_open(daemon, &fault);
	if (daemon->control != NULL && engine_open(&daemon->engine, &spec->api, &fault))
		return true;
	log_event(EVENT_NONE, LOG_ERR, "%s", fault.text);
	fault_clear(&fault);
	return false;
}

/* The state is only ours to read while we hold the lock. The exit code if it ends here, else 0. */
static int start_up(struct daemon *daemon, struct load *load)
{
	struct specfile *specfile = &load->specfile;
	struct state state = {0};
	int result;

	adoption_report(daemon, &specfile->faults, specfile->spec == NULL ? "not started" : NULL);
	if (specfile->spec == NULL)
		return EX_CONFIG;
	result = engine_lock(&daemon->engine, "");
	if (result != EXIT_SUCCESS)
		return result;
	if (!engine_load_state(&daemon->engine, &state))
		return EXIT_FAILURE;
	engine_reject_emptied(specfile, daemon->options->config_path, state.count);
	engine_start_sync(&daemon->engine, &state);
	if (specfile->spec == NULL) {
		report_faults(&specfile->faults, daemon->options->config_path, false,
		              "not started");
		return EX_CONFIG;
	}
	state_digest_credentials(specfile->spec, &daemon->engine.key);
	return open_adapters(daemon, specfile->spec) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void go_live(struct daemon *daemon, struct load *load)
{
	daemon->is_up = true;
	log_event(EVENT_STARTED, 0, "dfmode-sync " PACKAGE_VERSION " started");
	adoption_take(daemon, load);
	daemon_metrics_first(daemon);
	notify_send(daemon->notify, NOTIFY_READY);
	/* What the start took is no pause: nobody was kept waiting. */
	uv_update_time(&daemon->loop);
	loop_monitor_open(&daemon->monitor, &daemon->loop);
}

static void end_first_load(struct daemon *daemon, struct load *load)
{
	if (load->specfile.unread != NULL) {
		adoption_report_unread(daemon, load, -1);
		daemon->result = EX_TEMPFAIL;
	} else {
		daemon->result = start_up(daemon, load);
	}
	if (daemon->result == EXIT_SUCCESS)
		go_live(daemon, load);
	else
		close_all(daemon);
}

static void end_load(struct daemon *daemon, struct load *load)
{
	bool is_news = load->is_reload || load->specfile.hash != daemon->hash;

	if (load->specfile.unread != NULL) {
		retry_later(daemon, load);
	} else {
		(void)uv_timer_stop(&daemon->retry);
		adoption_judge(daemon, load);
		if (is_news)
			daemon_metrics_loaded(daemon, !daemon->is_refused);
	}
	if (load->is_reload && daemon->unread == NULL && !daemon->is_refused) {
		struct sync_event event = {.kind = SYNC_RELEASED};

		engine_step(&daemon->engine, &event);
	}
	if (load->is_reload)
		notify_send(daemon->notify, NOTIFY_READY);
	daemon_waits_loaded(daemon, load->number);
	refresh(daemon);
}

static void on_load_ended(struct load *load, void *data)
{
	struct daemon *daemon = data;

	if (daemon->is_stopping)
		return;
	watch_set(daemon->watch, (const char *const *)load->specfile.watched);
	if (daemon->is_up)
		end_load(daemon, load);
	else
		end_first_load(daemon, load);
}

/* what happens */

static void on_stepped(void *data)
{
	struct daemon *daemon = data;

	refresh(daemon);
	daemon_waits_stepped(daemon);
	if (daemon->is_stopping && count_in_flight(daemon) == 0)
		close_all(daemon);
}

/* The service manager hears from the loop itself, and only while requests, writes and loads end as
 * they must. */
static void on_watchdog(uv_timer_t *timer)
{
	const struct daemon *daemon = timer->data;
	bool is_stuck = (daemon->is_up && engine_is_stuck(&daemon->engine)) ||
	                loader_age_ms(&daemon->loader) > STUCK_MS;

	if (!is_stuck)
		notify_send(daemon->notify, NOTIFY_WATCHDOG);
}

static void on_change(enum watch_cause cause, void *data)
{
	struct daemon *daemon = data;

	log_debug("the files may have changed (%s)", cause == WATCH_EVENT ? "event" : "rescan");
	if (daemon->is_up)
		(void)loader_start(&daemon->loader, false);
}

static void on_watch_failed(const char *sentence, void *data)
{
	struct daemon *daemon = data;

	log_write(&(const struct log_record){.event = EVENT_CONFIG_WARNING,
	                                     .message = sentence,
	                                     .config_file = daemon->options->config_path});
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	if (number == SIGHUP)
		(void)loader_start(&daemon->loader, true);
	else if (daemon->is_stopping)
		close_all(daemon);
	else
		begin_shutdown(daemon, number);
}

/* the beginning */

static void open_timers(struct daemon *daemon)
{
	int64_t watchdog_ms =
		notify_watchdog_ms(daemon->options->watchdog_usec, daemon->options->watchdog_pid);
	uv_timer_t *timers[] = {&daemon->chore, &daemon->watchdog, &daemon->grace, &daemon->retry};

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		(void)uv_timer_init(&daemon->loop, timers[i]);
		timers[i]->data = daemon;
	}
	if (watchdog_ms > 0) {
		(void)uv_timer_start(&daemon->watchdog, on_watchdog, 0,
		                     (uint64_t)(watchdog_ms / 3 > 0 ? watchdog_ms / 3 : 1));
	}
}

void daemon_mask_signals(int how)
{
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++)
		(void)sigaddset(&set, signal_numbers[i]);
	(void)pthread_sigmask(how, &set, NULL);
}

/* What came before this moment is delivered here, and read by the loop's first iteration. */
static void open_signals(struct daemon *daemon)
{
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		(void)uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		(void)uv_signal_start(&daemon->signals[i], on_signal, signal_numbers[i]);
	}
	daemon_mask_signals(SIG_UNBLOCK);
}

static void open_all(struct daemon *daemon)
{
	daemon->engine = (struct engine){.loop = &daemon->loop,
	                                 .state_directory = daemon->options->state_directory,
	                                 .answered = daemon_metrics_answered,
	                                 .acted = daemon_metrics_acted,
	                                 .stepped = on_stepped,
	                                 .data = daemon,
	                                 .lock = INSTANCE_LOCK_NONE};
	daemon->started_at = (int64_t)time(NULL);
	daemon->notify = notify_open(daemon->options->notify_socket);
	open_timers(daemon);
	daemon_metrics_open(daemon);
	daemon_waits_open(daemon);
	/* From before the first load on, so that a save during it is not lost. */
	daemon->watch = watch_open(&daemon->loop, on_change, on_watch_failed, daemon);
	if (daemon->options->without_inotify)
		watch_without_inotify(daemon->watch);
	loader_open(&daemon->loader, &daemon->loop,
	            &(const struct loader_options){.path = daemon->options->config_path,
	                                           .environment = &daemon->options->environment,
	                                           .key = &daemon->engine.key,
	                                           .begun = on_load_begun,
	                                           .ended = on_load_ended,
	                                           .overdue = on_load_overdue,
	                                           .data = daemon});
	open_signals(daemon);
}

/* Write what is left to be written. */
static void write_last(struct daemon *daemon)
{
	if (daemon->is_up) {
		engine_save_last(&daemon->engine);
		daemon_metrics_last(daemon);
	}
	notify_close(daemon->notify);
}

static void clear(struct daemon *daemon)
{
	close_handle(&daemon->grace);
	loop_close(&daemon->loop);
	engine_clear(&daemon->engine);
	metrics_file_clear(&daemon->metrics.file);
	faults_clear(&daemon->faults);
	free(daemon->unread);
}

int daemon_run(const struct daemon_options *options)
{
	struct daemon daemon = {.options = options};
	struct fault fault = {0};

	if (!loop_open(&daemon.loop, &fault)) {
		log_event(EVENT_NONE, LOG_ERR, "%s", fault.text);
		fault_clear(&fault);
		log_close(LOG_CLOSE_MS);
		return EXIT_FAILURE;
	}
	open_all(&daemon);
	(void)loader_start(&daemon.loader, false);
	(void)uv_run(&daemon.loop, UV_RUN_DEFAULT);
	write_last(&daemon);
	if (uv_loop_alive(&daemon.loop)) {
		/* Threads still read files into what is ours; exit(3) would wait for them. */
		log_debug("ended while files were being read");
		log_close(LOG_CLOSE_MS);
		_exit(daemon.result);
	}
	clear(&daemon);
	log_close(LOG_CLOSE_MS);
	return daemon.result;
}
