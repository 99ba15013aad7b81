/* SPDX-License-Identifier: MIT */
/* Everything that is to be sent becomes a job, and when each is accepted or rejected it ends.
 *
 * It ends sooner if the key or the configuration is refused, as that is the same for all; if
 * nothing more was decided for as long as the user allows; if nothing is going to happen in that
 * time (the server asked to wait for longer); and with a signal. Then nothing new is started, what
 * is in flight gets five seconds, and a second signal cuts these short. */
#include "commands/command_apply_internal.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/span.h"
#include "engine/answer.h"
#include "log/log.h"
#include "sync/sync_query.h"

#define BEAT_MS  100
#define GRACE_MS 5000 /* for what is in flight at the end, as the daemon's */

/* what is left */

static size_t count_of(const struct apply_run *run, enum sync_state shown)
{
	return sync_shown_count(run->engine.sync, shown);
}

/* Neither accepted nor rejected. */
static size_t count_open(const struct apply_run *run)
{
	return count_of(run, SYNC_DUE) + count_of(run, SYNC_IN_FLIGHT) +
	       count_of(run, SYNC_WAITING) + count_of(run, SYNC_REJECTED);
}

static int64_t now_of(const struct apply_run *run)
{
	return (int64_t)uv_now(&run->loop);
}

static int64_t give_up_at(const struct apply_run *run)
{
	return (int64_t)run->decided_ms + run->timeout_ms;
}

/* the end */

static void end(struct apply_run *run)
{
	if (run->closing)
		return;
	run->closing = true;
	for (size_t i = 0; i < APPLY_RUN_SIGNALS; i++)
		uv_close((uv_handle_t *)&run->signals[i], NULL);
	uv_close((uv_handle_t *)&run->beat, NULL);
	uv_close((uv_handle_t *)&run->grace, NULL);
	engine_close(&run->engine);
}

static void on_grace(uv_timer_t *timer)
{
	end(timer->data);
}

/* Start nothing any more, and end when nothing is in flight (on_stepped). */
static void stop(struct apply_run *run)
{
	struct sync_event event = {.kind = SYNC_STOPPED};

	run->stopping = true;
	engine_step(&run->engine, &event);
	if (!run->closing)
		(void)uv_timer_start(&run->grace, on_grace, GRACE_MS, 0);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct apply_run *run = handle->data;
	size_t in_flight = count_of(run, SYNC_IN_FLIGHT);

	if (run->stopping) {
		end(run);
		return;
	}
	log_event(EVENT_STOPPING, LOG_WARNING, "stopping on SIG%s, %zu request%s in flight",
	          sigabbrev_np(number), in_flight, in_flight == 1 ? "" : "s");
	stop(run);
}

/* what the engine reports */

static void on_answered(const struct answer *answer, void *data)
{
	struct apply_run *run = data;

	run->reached = run->reached || answer->status != 0;
}

/* For all of them alike; a breaker only waits. */
static bool is_final(const struct sync_action *action)
{
	return action->kind == SYNC_REPORT_GATE &&
	       (action->gate.state == GATE_AUTH || action->gate.state == GATE_CONFIG);
}

static void decide(struct apply_run *run, int64_t id, bool accepted)
{
	struct apply_job *job =
		bsearch(&id, run->jobs, run->result.count, sizeof(*job), mem_compare_int);

	if (job != NULL) {
		run->rejected -= job->outcome == APPLY_REJECTED;
		job->outcome = accepted ? APPLY_ACCEPTED : APPLY_REJECTED;
		run->rejected += !accepted;
	}
}

static void on_acted(const struct sync_action *action, const struct answer *answer, void *data)
{
	struct apply_run *run = data;

	(void)answer;
	if (action->kind == SYNC_REPORT_ACCEPTED || action->kind == SYNC_REPORT_REJECTED) {
		decide(run, action->id, action->kind == SYNC_REPORT_ACCEPTED);
	} else if (action->kind == SYNC_REPORT_FAILED) {
		free(run->error_text);
		run->error_text = mem_printf("integration %" PRId64 ": %s", action->id,
		                             action->failed.error.text);
	} else if (is_final(action)) {
		run->over = true;
		run->denied = action->gate.state == GATE_AUTH;
	}
}

static void on_stepped(void *data)
{
	struct apply_run *run = data;
	size_t open;

	if (!run->running || run->closing)
		return;
	open = count_open(run);
	if (run->result.count - open > run->decided_most) {
		run->decided_most = run->result.count - open;
		run->decided_ms = uv_now(&run->loop);
	}
	if (run->stopping && count_of(run, SYNC_IN_FLIGHT) == 0)
		end(run);
	else if (run->over && !run->stopping)
		stop(run);
	else if (open + count_of(run, SYNC_CONFIRMING) == 0)
		end(run);
}

/* the beat */

static void show(struct apply_run *run)
{
	size_t open = count_open(run);
	struct apply_line_progress progress = {
		.done = run->result.count - open,
		.total = run->result.count,
		.rejected = run->rejected,
		.confirming = count_of(run, SYNC_CONFIRMING),
		.retrying = count_of(run, SYNC_WAITING),
		.elapsed_ms = now_of(run) - (int64_t)run->started_ms,
		.next_ms = sync_deadline(run->engine.sync),
		.give_up_ms = give_up_at(run) - now_of(run),
		.stopping = run->stopping,
		.error_text = run->error_text,
	};

	progress.stalled =
		open == progress.retrying || sync_gate(run->engine.sync)->state != GATE_OPEN;
	if (progress.next_ms != INT64_MAX)
		progress.next_ms -= now_of(run);
	apply_line_show_progress(&run->line, &progress);
}

/* Nothing is under way, and nothing will be before it gives up. */
static bool is_idle(const struct apply_run *run)
{
	return count_of(run, SYNC_IN_FLIGHT) == 0 && !engine_is_saving(&run->engine) &&
	       !engine_is_asking(&run->engine) && sync_deadline(run->engine.sync) > give_up_at(run);
}

static void report_given_up(const struct apply_run *run, bool idle)
{
	int64_t next_at = sync_deadline(run->engine.sync);
	char timeout[SPAN_TEXT_MAX];
	char next[SPAN_TEXT_MAX];

	if (count_open(run) == 0)
		return;
	(void)span_format(run->timeout_ms, timeout);
	if (idle && next_at != INT64_MAX) {
		log_event(EVENT_NONE, LOG_ERR,
		          "gives up: the next try, in %s, is too late for --timeout=%s",
		          span_format(next_at - now_of(run), next), timeout);
	} else {
		log_event(EVENT_NONE, LOG_ERR,
		          "gives up: nothing more was settled within --timeout=%s", timeout);
	}
}

static void on_beat(uv_timer_t *timer)
{
	struct apply_run *run = timer->data;
	bool idle = is_idle(run);

	(void)log_flush();
	if (!run->stopping && (idle || now_of(run) >= give_up_at(run))) {
		report_given_up(run, idle);
		stop(run);
	}
	if (!run->closing)
		show(run);
}

/* the start */

static void open_handles(struct apply_run *run)
{
	static const int numbers[APPLY_RUN_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

	(void)uv_timer_init(&run->loop, &run->beat);
	(void)uv_timer_init(&run->loop, &run->grace);
	run->beat.data = run;
	run->grace.data = run;
	for (size_t i = 0; i < APPLY_RUN_SIGNALS; i++) {
		(void)uv_signal_init(&run->loop, &run->signals[i]);
		run->signals[i].data = run;
		(void)uv_signal_start(&run->signals[i], on_signal, numbers[i]);
	}
	(void)uv_timer_start(&run->beat, on_beat, BEAT_MS, BEAT_MS);
}

static void collect_jobs(struct apply_run *run)
{
	const struct sync *sync = run->engine.sync;
	size_t count = sync_count(sync);

	run->jobs = mem_alloc(count + 1, sizeof(*run->jobs));
	run->result = (struct apply_result){.sync = sync, .jobs = run->jobs};
	for (size_t i = 0; i < count; i++) {
		struct sync_view view = sync_view_at(sync, i);

		if (view.shown != SYNC_IN_SYNC && view.shown != SYNC_PAUSED)
			run->jobs[run->result.count++] = (struct apply_job){.id = view.id};
	}
}

bool apply_run_all(struct apply_run *run, struct spec *spec, struct fault *fault)
{
	struct sync_event pause = {.kind = SYNC_LISTED, .list = run->list};
	struct sync_event event = {.kind = SYNC_CONFIGURED, .spec = spec};
	struct engine *engine = &run->engine;

	engine->answered = on_answered;
	engine->acted = on_acted;
	engine->is_brief = true;
	engine->stepped = on_stepped;
	engine->data = run;
	if (!engine_open(engine, &spec->api, fault)) {
		spec_free(spec);
		return false;
	}
	engine->redactor = spec_redactor(spec, NULL);
	open_handles(run);
	uv_update_time(&run->loop);
	run->started_ms = uv_now(&run->loop);
	run->decided_ms = run->started_ms;
	if (run->list.retry_after_ms > 0)
		engine_step(engine, &pause);
	engine_step(engine, &event);
	collect_jobs(run);
	run->decided_most = run->result.count - count_open(run);
	run->running = true;
	on_stepped(run);
	(void)uv_run(&run->loop, UV_RUN_DEFAULT);
	run->result.elapsed_ms = now_of(run) - (int64_t)run->started_ms;
	apply_line_wipe(&run->line);
	return true;
}

void apply_run_clear(struct apply_run *run)
{
	free(run->jobs);
	free(run->error_text);
	free(run->list_error);
}
