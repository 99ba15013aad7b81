/* SPDX-License-Identifier: MIT */
/* The daemon's work, once: the same file, lock, state, mind and requests, on a loop that ends when
 * all is settled.
 *
 * Before the reconciler begins the server is asked what it has; where it shows that, it counts, and
 * not what was accepted last, so that what somebody changed there is sent, and what is there
 * already is not. A server that does not tell changes nothing: then it goes by the state, as the
 * daemon does. What is refused is not tried again, since nobody edits the file meanwhile. What is
 * left open when it gives up keeps its mark in the state, and goes with the next run, be it the
 * daemon's. */
#include "commands/command_apply_internal.h"

#include <stdlib.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>

#include "base/mem.h"
#include "commands/client.h"
#include "engine/report.h"
#include "engine/report_faults.h"
#include "log/log.h"
#include "os/loop.h"
#include "sync/plan.h"
#include "sync/sync_query.h"

#define LOG_CLOSE_MS 200

static const char advice[] =
	": the daemon, which applies the file by itself (see dfmode-sync status), or another apply";

static void tell(int level, char *message)
{
	log_write(&(const struct log_record){.level = level, .message = message});
	free(message);
}

/* A line of the terminal is for what a person must see; how far it is has a line of its own. */
static void set_level(const struct command_apply_options *options, const struct spec *spec)
{
	int level = spec->log_level;

	if (options->on_terminal && level > LOG_WARNING)
		level = LOG_WARNING;
	if (!options->level_is_given)
		log_set_level(level);
}

static int64_t at_most(int64_t span_ms, int64_t most_ms)
{
	return span_ms < most_ms ? span_ms : most_ms;
}

/* What differs from the daemon: a refusal is final, no request lasts longer than the whole, and
 * drift is at most told of: what differed at the start is sent anyway. */
static void adjust(struct spec *spec, int64_t timeout_ms)
{
	spec->retry.rejected_limit = 1;
	spec->api.timeout_ms = at_most(spec->api.timeout_ms, timeout_ms);
	spec->api.connect_timeout_ms = at_most(spec->api.connect_timeout_ms, timeout_ms);
	if (spec->drift.mode == SPEC_DRIFT_REPAIR)
		spec->drift.mode = SPEC_DRIFT_REPORT;
}

static void assume(struct command_apply *apply, const struct spec *spec, struct state *state,
                   const struct wire_remotes *remotes)
{
	struct state assumed = {.url = NULL};
	struct plan plan;

	plan_diff(&plan, spec, state, remotes);
	plan_assume(&plan, spec, (int64_t)time(NULL), &assumed);
	assumed.key_id = state->key_id;
	plan_clear(&plan);
	state_clear(state);
	*state = assumed;
	apply->by_list = remotes != NULL;
}

static void tell_unlisted(const struct command_apply *apply, enum client_outcome outcome,
                          const char *why)
{
	if (outcome == CLIENT_REFUSED) {
		tell(LOG_ERR, mem_printf("the API key is refused: %s; nothing is sent", why));
	} else {
		tell(LOG_WARNING, mem_printf("the server does not tell what it has: %s; going by "
		                             "what it accepted last, in %s",
		                             why, apply->options->state_directory));
	}
}

/* Hold the state against what the server has, if it tells. */
static void look(struct command_apply *apply, const struct spec *spec, struct state *state)
{
	struct fault fault = {.text = NULL};
	struct client *client = client_open(spec, &fault);
	struct wire_remotes remotes = {.count = 0};
	enum client_outcome outcome = CLIENT_FAILED;

	command_apply_show(apply, "asking the server what it has");
	if (client != NULL)
		outcome = client_list(client, &remotes, &fault);
	assume(apply, spec, state, outcome == CLIENT_DONE ? &remotes : NULL);
	if (outcome != CLIENT_DONE)
		tell_unlisted(apply, outcome, fault.text);
	apply->reached = client != NULL && outcome != CLIENT_UNREACHABLE;
	apply->denied = outcome == CLIENT_REFUSED;
	wire_remotes_clear(&remotes);
	client_close(client);
	fault_clear(&fault);
	command_apply_wipe(apply);
}

static int exit_code(const struct command_apply *apply, const struct command_apply_sum *sum)
{
	if (apply->denied)
		return EX_NOPERM;
	if (!apply->reached)
		return EX_UNAVAILABLE;
	return sum->refused + sum->unanswered + sum->not_sent == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void tell_nothing(const struct command_apply *apply, struct text *out)
{
	const struct sync *sync = apply->engine.sync;
	size_t count = sync_shown_count(sync, SYNC_SHOWN_IN_SYNC);
	size_t paused = sync_shown_count(sync, SYNC_SHOWN_PAUSED);

	text_printf(out, "nothing to do: %zu integration%s %s", count, count == 1 ? "" : "s",
	            apply->by_list ? "as the file says" : "accepted as the file says");
	if (paused > 0)
		text_printf(out, ", %zu paused", paused);
	text_add_char(out, '\n');
}

static int conclude(const struct command_apply *apply, struct text *out)
{
	struct command_apply_sum sum = {.accepted = 0};

	if (apply->options->json)
		command_apply_add_document(apply, &sum, out);
	else
		command_apply_add_up(apply, &sum, out);
	if (apply->options->json)
		return exit_code(apply, &sum);
	if (apply->count > 0)
		command_apply_tell_sum(&sum, out);
	else if (apply->reached)
		tell_nothing(apply, out);
	return exit_code(apply, &sum);
}

static int send_all(struct command_apply *apply, struct specfile *specfile, struct state *state,
                    struct text *out)
{
	struct fault fault = {.text = NULL};
	struct spec *spec = specfile->spec;

	look(apply, spec, state);
	if (apply->denied) {
		state_clear(state);
		return EX_NOPERM;
	}
	engine_start_sync(&apply->engine, state);
	specfile->spec = NULL;
	if (!command_apply_run(apply, spec, &fault)) {
		tell(LOG_ERR, mem_printf("%s", fault.text));
		fault_clear(&fault);
		return EXIT_FAILURE;
	}
	engine_save_last(&apply->engine);
	return conclude(apply, out);
}

static int refuse(const struct command_apply *apply, const struct specfile *specfile)
{
	report_faults(&specfile->faults, apply->options->config_path, true, "nothing is sent");
	return EX_CONFIG;
}

/* From the lock to its end. */
static int apply_locked(struct command_apply *apply, struct specfile *specfile, struct text *out)
{
	struct state state = {.url = NULL};

	if (!engine_load_state(&apply->engine, &state))
		return EXIT_FAILURE;
	engine_reject_emptied(specfile, apply->options->config_path, state.count);
	if (specfile->spec == NULL) {
		state_clear(&state);
		return refuse(apply, specfile);
	}
	report_faults(&specfile->faults, apply->options->config_path, true, NULL);
	credentials_digest(specfile->spec, &apply->engine.key);
	return send_all(apply, specfile, &state, out);
}

static int apply_loaded(struct command_apply *apply, struct specfile *specfile, struct text *out)
{
	int result;

	if (specfile->spec == NULL)
		return refuse(apply, specfile);
	set_level(apply->options, specfile->spec);
	adjust(specfile->spec, apply->options->timeout_ms);
	result = engine_lock(&apply->engine, advice);
	return result == EXIT_SUCCESS ? apply_locked(apply, specfile, out) : result;
}

int command_apply(const struct command_apply_options *options, struct text *out)
{
	struct command_apply apply = {.options = options};
	struct specfile specfile;
	struct fault fault = {.text = NULL};
	int result;

	if (!loop_open(&apply.loop, &fault)) {
		tell(LOG_ERR, fault.text);
		log_close(LOG_CLOSE_MS);
		return EXIT_FAILURE;
	}
	apply.engine = (struct engine){.loop = &apply.loop,
	                               .state_directory = options->state_directory,
	                               .lock = INSTANCE_LOCK_NONE};
	log_set_before(command_apply_wipe, &apply);
	specfile_load(&specfile, options->config_path, &options->environment);
	result = apply_loaded(&apply, &specfile, out);
	loop_close(&apply.loop);
	engine_clear(&apply.engine);
	specfile_clear(&specfile);
	free(apply.jobs);
	free(apply.error_text);
	log_close(LOG_CLOSE_MS);
	log_set_before(NULL, NULL);
	return result;
}
