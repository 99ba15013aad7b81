/* SPDX-License-Identifier: MIT */
/* A day of the daemon: hold the lock, load the file, read the state, open the shells, READY. Then
 * each callback becomes an event, the mind answers with actions, and each action becomes a call.
 *
 * It ends with a signal: nothing new is started, what is in flight gets five seconds, every handle
 * closes, and when the loop is empty the state is written once more. A second signal cuts the
 * five seconds short. What is cut off carries its mark in the state, and is sent again by the next
 * run. */
#include "daemon.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "daemon_p.h"
#include "log.h"
#include "mem.h"
#include "store.h"
#include "sync_view.h"

#define GRACE_MS       5000 /* for what is in flight at the end (SPEC §10) */
#define CHORE_MS       250
#define FLUSH_MS       50 /* while the log holds something back */
#define LOG_CLOSE_MS   200
#define STUCK_EXTRA_MS 10000 /* beyond its time-out a request must have been answered */
#define STUCK_SAVE_MS  30000 /* a write of the state must have ended */

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* A request under way; named by value, so that a reload cannot free what it is about. */
struct flight {
	struct daemon *daemon;
	int64_t id;
	uint64_t generation;
};

static void tell(enum event event, int level, char *message)
{
	log_write(&(const struct log_record){.event = event, .level = level, .message = message});
	free(message);
}

static void arm_tick(struct daemon *daemon);
static void begin_end(struct daemon *daemon);

static void on_answer(const struct http_answer *answer, void *data)
{
	struct flight *flight = data;
	struct daemon *daemon = flight->daemon;
	struct report_answer report = {.status = 0};
	struct sync_event event = {.kind = SYNC_ANSWERED,
	                           .id = flight->id,
	                           .generation = flight->generation,
	                           .retry_after_ms = answer->retry_after_ms};

	free(flight);
	if (answer->cancelled) {
		return;
	}
	report_read(&report, answer, daemon->redactor);
	event.verdict = report.verdict;
	event.words = report.words;
	if (report.details.count > 0) {
		event.about = report.details.items[0].about;
	}
	daemon_step(daemon, &event, &report);
	report_clear(&report);
	if (daemon->stopping && http_in_flight(daemon->http) == 0) {
		begin_end(daemon);
	}
}

static void send_put(struct daemon *daemon, const struct sync_action *action)
{
	struct flight *flight = mem_new(struct flight);
	struct text body = {.length = 0};
	char path[80];
	struct http_request request = {.method = HTTP_PUT, .path = path};

	flight->daemon = daemon;
	flight->id = action->id;
	flight->generation = action->generation;
	(void)snprintf(path, sizeof(path), "/api/v1/lineage/bi/mode/%lld/", (long long)action->id);
	wire_put_body(action->integration, &body);
	request.body_length = body.length;
	request.body = text_take(&body);
	http_send(daemon->http, &request, on_answer, flight);
}

static void carry_out(struct daemon *daemon, const struct sync_action *action,
                      const struct report_answer *answer)
{
	if (action->kind == SYNC_SEND) {
		send_put(daemon, action);
	} else if (action->kind == SYNC_SAVE) {
		daemon_save_start(daemon, action->save);
	}
	report_action(action, answer,
	              action->kind == SYNC_TELL_REJECTED ? sync_words(daemon->sync, action->id)
	                                                 : NULL);
}

void daemon_step(struct daemon *daemon, struct sync_event *event,
                 const struct report_answer *answer)
{
	const struct sync_action *actions;
	int64_t id = event->id;
	size_t count = 0;

	event->now_ms = (int64_t)uv_now(&daemon->loop);
	event->unix_s = (int64_t)time(NULL);
	actions = sync_step(daemon->sync, event, &count);
	for (size_t i = 0; i < count; i++) {
		carry_out(daemon, &actions[i], actions[i].id == id ? answer : NULL);
	}
	if (!daemon->closing) {
		arm_tick(daemon);
	}
	daemon_changed(daemon);
}

static void on_tick(uv_timer_t *timer)
{
	struct sync_event event = {.kind = SYNC_TICKED};

	daemon_step(timer->data, &event, NULL);
}

static void on_chore(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	bool shown = !daemon_status_update(daemon);
	bool written = !log_flush();

	if (!shown || !written) {
		(void)uv_timer_start(&daemon->chore, on_chore, written ? CHORE_MS : FLUSH_MS, 0);
	}
}

void daemon_changed(struct daemon *daemon)
{
	daemon->status.changed = true;
	if (!daemon->closing && !uv_is_active((uv_handle_t *)&daemon->chore)) {
		(void)uv_timer_start(&daemon->chore, on_chore, CHORE_MS, 0);
	}
}

static void arm_tick(struct daemon *daemon)
{
	int64_t deadline = sync_deadline(daemon->sync);
	int64_t now = (int64_t)uv_now(&daemon->loop);

	if (deadline == INT64_MAX) {
		(void)uv_timer_stop(&daemon->tick);
	} else {
		(void)uv_timer_start(&daemon->tick, on_tick,
		                     deadline > now ? (uint64_t)(deadline - now) : 0, 0);
	}
}

static bool is_stuck(const struct daemon *daemon)
{
	int64_t timeout_ms = sync_spec(daemon->sync)->api.timeout_ms;
	uint64_t now_ms = uv_now(&daemon->loop);

	return http_oldest_ms(daemon->http) > timeout_ms + STUCK_EXTRA_MS ||
	       (daemon->save.running && now_ms - daemon->save.started_ms > STUCK_SAVE_MS);
}

/* The service manager hears from the loop itself, and only while requests and writes end as they
 * must. */
static void on_watchdog(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	if (!is_stuck(daemon)) {
		notify_watchdog(daemon->notify);
	}
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
	if (!uv_is_closing(handle)) {
		uv_close(handle, NULL);
	}
}

/* The last part of the end: cancel, close, and let the loop run empty. */
static void begin_end(struct daemon *daemon)
{
	if (daemon->closing) {
		return;
	}
	daemon->closing = true;
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		close_handle(&daemon->signals[i]);
	}
	close_handle(&daemon->tick);
	close_handle(&daemon->chore);
	close_handle(&daemon->watchdog);
	close_handle(&daemon->grace);
	close_handle(&daemon->pace.before_sleep);
	close_handle(&daemon->pace.after_events);
	watch_close(daemon->watch);
	http_close(daemon->http);
}

static void on_grace(uv_timer_t *timer)
{
	begin_end(timer->data);
}

static void stop(struct daemon *daemon, int number)
{
	struct sync_event event = {.kind = SYNC_STOPPED};
	size_t in_flight = http_in_flight(daemon->http);

	daemon->stopping = true;
	notify_stopping(daemon->notify);
	tell(EVENT_STOPPING, 0,
	     mem_printf("stopping on %s, %zu request%s in flight",
	                number == SIGINT ? "SIGINT" : "SIGTERM", in_flight,
	                in_flight == 1 ? "" : "s"));
	daemon_step(daemon, &event, NULL);
	if (in_flight == 0) {
		begin_end(daemon);
	} else {
		(void)uv_timer_start(&daemon->grace, on_grace, GRACE_MS, 0);
	}
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	if (number == SIGHUP) {
		daemon_load_start(daemon, true);
	} else if (daemon->stopping) {
		begin_end(daemon);
	} else {
		stop(daemon, number);
	}
}

static void open_timers(struct daemon *daemon)
{
	int64_t watchdog_ms =
		notify_watchdog_ms(daemon->options->watchdog_usec, daemon->options->watchdog_pid);
	uv_timer_t *timers[] = {&daemon->tick, &daemon->chore, &daemon->watchdog, &daemon->grace};

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		(void)uv_timer_init(&daemon->loop, timers[i]);
		timers[i]->data = daemon;
	}
	if (watchdog_ms > 0) {
		(void)uv_timer_start(&daemon->watchdog, on_watchdog, 0,
		                     (uint64_t)(watchdog_ms / 3 > 0 ? watchdog_ms / 3 : 1));
	}
}

static void open_signals(struct daemon *daemon)
{
	static const int numbers[DAEMON_SIGNALS] = {SIGHUP, SIGTERM, SIGINT};

	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		(void)uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		(void)uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
	}
}

/* From before the first load on, so that a save during it is not lost. */
static void open_watch(struct daemon *daemon)
{
	daemon->watch = watch_open(&daemon->loop, on_change, on_trouble, daemon);
	if (daemon->options->without_inotify) {
		watch_without_inotify(daemon->watch);
	}
	watch_mark(daemon->watch);
}

static bool open_shells(struct daemon *daemon, const struct spec *spec, struct fault *fault)
{
	daemon->http = http_open(&daemon->loop, &spec->api, fault);
	if (daemon->http == NULL) {
		return false;
	}
	daemon->notify = notify_open(daemon->options->notify_socket);
	open_timers(daemon);
	open_signals(daemon);
	daemon_pace_open(daemon);
	return true;
}

static uint64_t draw_seed(void)
{
	uint64_t seed = 0;

	if (getentropy(&seed, sizeof(seed)) != 0) {
		seed = (uint64_t)uv_hrtime() ^ (uint64_t)getpid();
	}
	return seed;
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
	notify_ready(daemon->notify);
	(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
	daemon_save_last(daemon);
	daemon_status_last(daemon);
	redactor_free(daemon->redactor);
	notify_close(daemon->notify);
	return EXIT_SUCCESS;
}

static int take_lock(struct daemon *daemon)
{
	const char *directory = daemon->options->state_directory;
	struct fault fault = {.text = NULL};
	pid_t holder = -1;
	int result = EXIT_FAILURE;

	if (store_make_directory(directory, &fault)) {
		daemon->lock = store_lock(directory, &holder, &fault);
	}
	if (daemon->lock >= 0) {
		result = EXIT_SUCCESS;
	} else if (holder >= 0) {
		tell(EVENT_NONE, LOG_ERR,
		     mem_printf("already running as process %ld, which holds %s/lock", (long)holder,
		                directory));
		result = EX_TEMPFAIL;
	} else {
		tell(EVENT_NONE, LOG_ERR,
		     mem_printf("%s; $STATE_DIRECTORY names another place", fault.text));
	}
	fault_clear(&fault);
	return result;
}

/* From the lock to its end. The state is only ours to read while we hold it. */
static int run_locked(struct daemon *daemon)
{
	struct state state = {.url = NULL};
	int result;

	if (!daemon_restore(daemon, &state)) {
		return EXIT_FAILURE;
	}
	daemon->sync = sync_new(&state, draw_seed());
	daemon_refuse_emptying(daemon, &daemon->load.specfile);
	if (daemon->load.specfile.spec != NULL) {
		result = live(daemon);
	} else {
		report_faults(&daemon->load.specfile.faults, daemon->options->config_path, false,
		              "not started");
		result = EX_CONFIG;
	}
	sync_free(daemon->sync);
	return result;
}

static void close_loop(struct daemon *daemon)
{
	bool is_closed;

	if (!daemon->closing) {
		watch_close(daemon->watch);
		(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
	}
	/* Every handle's leak test, in production too. */
	is_closed = uv_loop_close(&daemon->loop) == 0;
	assert(is_closed);
	(void)is_closed;
}

int daemon_run(const struct daemon_options *options)
{
	struct daemon daemon = {.options = options, .lock = -1};
	int result = EX_CONFIG;

	(void)uv_loop_init(&daemon.loop);
	open_watch(&daemon);
	if (daemon_load_first(&daemon)) {
		result = take_lock(&daemon);
	}
	if (result == EXIT_SUCCESS) {
		result = run_locked(&daemon);
	}
	daemon_load_end(&daemon);
	close_loop(&daemon);
	if (daemon.lock >= 0) {
		(void)close(daemon.lock);
	}
	log_close(LOG_CLOSE_MS);
	return result;
}
