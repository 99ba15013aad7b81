/* SPDX-License-Identifier: MIT */
/* The loop: everything that is to be sent becomes a job, and when each is settled it ends.
 *
 * It ends sooner if the key or the configuration is refused, as that is the same for all; if
 * nothing more was settled for as long as the user allows; if nothing is going to happen in that
 * time (the server asked to wait for longer); and with a signal. Then nothing new is started, what
 * is in flight gets five seconds, and a second signal cuts these short. */
#include "commands/command_apply_internal.h"

#include <signal.h>
#include <stdlib.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/span.h"
#include "engine/report.h"
#include "log/log.h"
#include "sync/sync_query.h"

#define BEAT_MS  100
#define GRACE_MS 5000 /* for what is in flight at the end, as the daemon's */

static void tell(enum event event, int level, char *message)
{
	log_write(&(const struct log_record){.event = event, .level = level, .message = message});
	free(message);
}

/* what is left */

static size_t count_of(const struct command_apply *apply, enum sync_shown shown)
{
	return sync_shown_count(apply->engine.sync, shown);
}

/* Neither accepted nor refused. */
static size_t count_open(const struct command_apply *apply)
{
	return count_of(apply, SYNC_SHOWN_DUE) + count_of(apply, SYNC_SHOWN_IN_FLIGHT) +
	       count_of(apply, SYNC_SHOWN_WAITING) + count_of(apply, SYNC_SHOWN_REJECTED);
}

static int64_t now_of(const struct command_apply *apply)
{
	return (int64_t)uv_now(&apply->loop);
}

static int64_t give_up_at(const struct command_apply *apply)
{
	return (int64_t)apply->settled_ms + apply->options->timeout_ms;
}

/* the end */

static void end(struct command_apply *apply)
{
	if (apply->closing)
		return;
	apply->closing = true;
	for (size_t i = 0; i < COMMAND_APPLY_SIGNALS; i++)
		uv_close((uv_handle_t *)&apply->signals[i], NULL);
	uv_close((uv_handle_t *)&apply->beat, NULL);
	uv_close((uv_handle_t *)&apply->grace, NULL);
	engine_close(&apply->engine);
}

static void on_grace(uv_timer_t *timer)
{
	end(timer->data);
}

/* Start nothing any more, and end when nothing is in flight (on_stepped). */
static void stop(struct command_apply *apply)
{
	struct sync_event event = {.kind = SYNC_STOPPED};

	apply->stopping = true;
	engine_step(&apply->engine, &event);
	if (!apply->closing)
		(void)uv_timer_start(&apply->grace, on_grace, GRACE_MS, 0);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct command_apply *apply = handle->data;
	size_t in_flight = count_of(apply, SYNC_SHOWN_IN_FLIGHT);

	if (apply->stopping) {
		end(apply);
		return;
	}
	tell(EVENT_STOPPING, LOG_WARNING,
	     mem_printf("stopping on SIG%s, %zu request%s in flight",
	                number == SIGINT    ? "INT"
	                : number == SIGTERM ? "TERM"
	                                    : "HUP",
	                in_flight, in_flight == 1 ? "" : "s"));
	stop(apply);
}

/* what the engine reports */

static void on_answered(const struct answer *answer, void *data)
{
	struct command_apply *apply = data;

	apply->reached = apply->reached || answer->status != 0;
}

/* For all of them alike; a breaker only waits. */
static bool is_final(const struct sync_action *action)
{
	return action->kind == SYNC_REPORT_GATE &&
	       (action->gate.state == GATE_AUTH || action->gate.state == GATE_CONFIG);
}

static bool tell_final(const struct sync_action *action, const struct answer *answer)
{
	bool denied = action->gate.state == GATE_AUTH;
	char *message;

	if (!is_final(action))
		return false;
	message = mem_printf("%s: %s (integration %lld); nothing else is sent",
	                     denied ? "the API key is refused"
	                            : "the server cannot be used as configured",
	                     action->gate.error_text, (long long)action->id);
	log_write(&(const struct log_record){.event = denied ? EVENT_AUTH_GATE : EVENT_CONFIG_GATE,
	                                     .message = message,
	                                     .integration_id = action->id,
	                                     .http_status = action->gate.status,
	                                     .curl_code = answer != NULL ? answer->curl_code : 0,
	                                     .reason = action->gate.error_text});
	free(message);
	return true;
}

/* That the server's list does not tell all was said at the start. */
static bool on_told(const struct sync_action *action, const struct answer *answer, void *data)
{
	(void)data;
	return action->kind == SYNC_REPORT_UNKNOWN || tell_final(action, answer);
}

static int compare_ids(const void *key, const void *job)
{
	int64_t a = *(const int64_t *)key;
	int64_t b = ((const struct command_apply_job *)job)->id;

	return (a > b) - (a < b);
}

static void settle(struct command_apply *apply, int64_t id, bool accepted)
{
	struct command_apply_job *job =
		bsearch(&id, apply->jobs, apply->count, sizeof(*job), compare_ids);

	if (job != NULL) {
		apply->refused -= job->outcome == JOB_REFUSED;
		job->outcome = accepted ? JOB_ACCEPTED : JOB_REFUSED;
		apply->refused += !accepted;
	}
}

static void on_acted(const struct sync_action *action, const struct answer *answer, void *data)
{
	struct command_apply *apply = data;

	(void)answer;
	if (action->kind == SYNC_REPORT_ACCEPTED || action->kind == SYNC_REPORT_REJECTED) {
		settle(apply, action->id, action->kind == SYNC_REPORT_ACCEPTED);
	} else if (action->kind == SYNC_REPORT_FAILED) {
		free(apply->error_text);
		apply->error_text = mem_printf("integration %lld: %s", (long long)action->id,
		                               action->failed.error_text);
	} else if (is_final(action)) {
		apply->over = true;
		apply->denied = action->gate.state == GATE_AUTH;
	}
}

static void note_progress(struct command_apply *apply, size_t open)
{
	size_t settled = apply->count - open;

	if (settled > apply->settled_most) {
		apply->settled_most = settled;
		apply->settled_ms = uv_now(&apply->loop);
	}
}

static void on_stepped(void *data)
{
	struct command_apply *apply = data;
	size_t open;

	if (!apply->running || apply->closing)
		return;
	open = count_open(apply);
	note_progress(apply, open);
	if (apply->stopping && count_of(apply, SYNC_SHOWN_IN_FLIGHT) == 0)
		end(apply);
	else if (apply->over && !apply->stopping)
		stop(apply);
	else if (open + count_of(apply, SYNC_SHOWN_CONFIRMING) == 0)
		end(apply);
}

/* the beat */

static void show(struct command_apply *apply)
{
	struct command_apply_progress progress = {
		.done = apply->count - count_open(apply),
		.total = apply->count,
		.refused = apply->refused,
		.confirming = count_of(apply, SYNC_SHOWN_CONFIRMING),
		.retrying = count_of(apply, SYNC_SHOWN_WAITING),
		.elapsed_ms = now_of(apply) - (int64_t)apply->started_ms,
		.next_ms = sync_deadline(apply->engine.sync),
		.give_up_ms = give_up_at(apply) - now_of(apply),
		.stopping = apply->stopping,
		.error_text = apply->error_text,
	};
	struct text line = {.length = 0};

	if (!apply->options->on_terminal)
		return;
	progress.stalled = count_open(apply) == progress.retrying ||
	                   sync_gate(apply->engine.sync)->state != GATE_OPEN;
	if (progress.next_ms != INT64_MAX)
		progress.next_ms -= now_of(apply);
	command_apply_draw(&progress, command_apply_columns(), &line);
	command_apply_show(apply, line.bytes);
	text_clear(&line);
}

/* Nothing is under way, and nothing will be before it gives up. */
static bool is_idle(const struct command_apply *apply)
{
	return count_of(apply, SYNC_SHOWN_IN_FLIGHT) == 0 && !engine_is_saving(&apply->engine) &&
	       sync_deadline(apply->engine.sync) > give_up_at(apply);
}

static void tell_given_up(const struct command_apply *apply, bool idle)
{
	int64_t next_at = sync_deadline(apply->engine.sync);
	char timeout[SPAN_TEXT_MAX];
	char next[SPAN_TEXT_MAX];
	char *message;

	if (count_open(apply) == 0)
		return;
	(void)span_format(apply->options->timeout_ms, timeout);
	if (idle && next_at != INT64_MAX) {
		message = mem_printf("gives up: the next try, in %s, is too late for --timeout=%s",
		                     span_format(next_at - now_of(apply), next), timeout);
	} else {
		message = mem_printf("gives up: nothing more was settled within --timeout=%s",
		                     timeout);
	}
	tell(EVENT_NONE, LOG_ERR, message);
}

static void on_beat(uv_timer_t *timer)
{
	struct command_apply *apply = timer->data;
	bool idle = is_idle(apply);

	(void)log_flush();
	if (!apply->stopping && (idle || now_of(apply) >= give_up_at(apply))) {
		tell_given_up(apply, idle);
		stop(apply);
	}
	if (!apply->closing)
		show(apply);
}

/* the start */

static void open_handles(struct command_apply *apply)
{
	static const int numbers[COMMAND_APPLY_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

	(void)uv_timer_init(&apply->loop, &apply->beat);
	(void)uv_timer_init(&apply->loop, &apply->grace);
	apply->beat.data = apply;
	apply->grace.data = apply;
	for (size_t i = 0; i < COMMAND_APPLY_SIGNALS; i++) {
		(void)uv_signal_init(&apply->loop, &apply->signals[i]);
		apply->signals[i].data = apply;
		(void)uv_signal_start(&apply->signals[i], on_signal, numbers[i]);
	}
	(void)uv_timer_start(&apply->beat, on_beat, BEAT_MS, BEAT_MS);
}

static void collect_jobs(struct command_apply *apply)
{
	const struct sync *sync = apply->engine.sync;
	size_t count = sync_count(sync);

	apply->jobs = mem_alloc(count + 1, sizeof(*apply->jobs));
	for (size_t i = 0; i < count; i++) {
		struct sync_view view = sync_view_at(sync, i);

		if (view.shown != SYNC_SHOWN_IN_SYNC && view.shown != SYNC_SHOWN_PAUSED) {
			apply->jobs[apply->count++] =
				(struct command_apply_job){.id = view.id, .index = i};
		}
	}
}

static void set_redactor(struct engine *engine, const struct spec *spec)
{
	size_t count = 0;
	const char **secrets = spec_secrets(spec, &count);

	engine->redactor = redactor_new(secrets, count);
	free(secrets);
}

bool command_apply_run(struct command_apply *apply, struct spec *spec, struct fault *fault)
{
	struct sync_event event = {.kind = SYNC_CONFIGURED, .spec = spec};
	struct engine *engine = &apply->engine;

	engine->answered = on_answered;
	engine->acted = on_acted;
	engine->reported = on_told;
	engine->stepped = on_stepped;
	engine->data = apply;
	if (!engine_open(engine, &spec->api, fault)) {
		spec_free(spec);
		return false;
	}
	set_redactor(engine, spec);
	open_handles(apply);
	uv_update_time(&apply->loop);
	apply->started_ms = uv_now(&apply->loop);
	apply->settled_ms = apply->started_ms;
	engine_step(engine, &event);
	collect_jobs(apply);
	apply->settled_most = apply->count - count_open(apply);
	apply->running = true;
	on_stepped(apply);
	(void)uv_run(&apply->loop, UV_RUN_DEFAULT);
	command_apply_wipe(apply);
	return true;
}
