/* SPDX-License-Identifier: MIT */
/* The daemon's work, once: the same file, lock, state, reconciler and requests, on a loop that ends
 * when each is accepted or rejected.
 *
 * Before the reconciler begins the server is asked what it has; where it shows that, it counts, and
 * not what was accepted last, so that what somebody changed there is sent, and what is there
 * already is not. Without a list it goes by the state, as the daemon does. What is rejected is not
 * tried again, since nobody edits the file meanwhile. What is left open when it gives up keeps its
 * intent in the state, and goes with the next run, be it the daemon's. */
#include "commands/command_apply_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>

#include "base/mem.h"
#include "commands/client.h"
#include "commands/command.h"
#include "commands/format.h"
#include "commands/service_user.h"
#include "engine/report.h"
#include "log/log.h"
#include "os/loop.h"
#include "sync/plan.h"
#include "sync/sync_query.h"

#define NAME_SHOWN 80 /* bytes of a name */

/* What the lock's holder does, appended to who it is. */
static const char advice[] =
	": another apply, or the daemon, which applies the file by itself: `dfmode-sync wait` "
	"waits until it has, `dfmode-sync push ID` has it send one again";

/* A line of the terminal is for what a person must see; how far it is has a line of its own. */
static void set_level(const struct command_line *line, const struct spec *spec)
{
	int level = spec->log_level;

	if (line->has_progress && level > LOG_WARNING)
		level = LOG_WARNING;
	if (!line->verbose)
		log_set_level(level);
}

/* What differs from the daemon: a rejection is final, no request lasts longer than the whole, and
 * drift is at most reported: what differed at the start is sent anyway. */
static void adjust(struct spec *spec, int64_t timeout_ms)
{
	spec->retry.rejected_limit = 1;
	if (spec->api.timeout_ms > timeout_ms)
		spec->api.timeout_ms = timeout_ms;
	if (spec->api.connect_timeout_ms > timeout_ms)
		spec->api.connect_timeout_ms = timeout_ms;
	if (spec->drift.mode == SPEC_DRIFT_REPAIR)
		spec->drift.mode = SPEC_DRIFT_REPORT;
}

/* From the start of the command to its end. */
struct apply {
	const struct command_line *line;
	struct apply_run run;
	bool by_list; /* the server's list is what the file was compared with */
};

static void add_left(const struct plan_item *item, enum spec_field field, const char *shown,
                     const struct redactor *redactor, struct text *out)
{
	if ((item->left & PLAN_BIT(field)) == 0 || shown == NULL)
		return;
	text_printf(out, "%s%s ", out->length > 0 ? " and " : "", spec_field_name(field));
	format_quoted(shown, NAME_SHOWN, redactor, out);
}

/* Names that the server accepts and changes, once. */
static void report_left(const struct plan_item *item, const struct redactor *redactor)
{
	struct text shown = {0};

	if (item->left == 0 || item->entry->contradicted >= PLAN_CONTRADICTED_MAX)
		return;
	add_left(item, SPEC_NAME, item->remote->name, redactor, &shown);
	add_left(item, SPEC_WORKSPACE, item->remote->workspace, redactor, &shown);
	log_printf(&(const struct log_record){.event = EVENT_DRIFT_FOUND,
	                                      .integration_id = item->id,
	                                      .integration_name = item->integration->value.name},
	           "integration %" PRId64
	           ": the server has %s, though it accepted that of the file "
	           "twice; it is not sent again before an edit",
	           item->id, shown.bytes);
	text_clear(&shown);
}

static void assume(struct apply *apply, const struct spec *spec, struct state *state,
                   const struct wire_remotes *remotes, const struct redactor *redactor)
{
	struct state assumed = {0};
	struct plan plan;

	plan_diff(&plan, spec, state, remotes);
	for (size_t i = 0; i < plan.count; i++)
		report_left(&plan.items[i], redactor);
	plan_assume(&plan, spec, (int64_t)time(NULL), &assumed);
	assumed.key_id = state->key_id;
	plan_clear(&plan);
	state_clear(state);
	*state = assumed;
	apply->by_list = remotes != NULL;
}

static void report_unlisted(const struct apply *apply, enum client_outcome outcome, const char *why)
{
	if (outcome == CLIENT_REFUSED) {
		log_event(EVENT_NONE, LOG_ERR, "the API key is refused: %s; nothing is sent", why);
	} else {
		log_event(EVENT_NONE, LOG_WARNING,
		          "the server does not say what it has: %s; going by what it accepted "
		          "last, in %s",
		          why, apply->line->state_directory);
	}
}

/* Compare the state with what the server has, if it says so. */
static void ask_server(struct apply *apply, const struct spec *spec, struct state *state)
{
	struct apply_run *run = &apply->run;
	struct fault fault = {0};
	struct client *client = client_open(spec, &fault);
	struct wire_remotes remotes = {0};
	enum client_outcome outcome = CLIENT_FAILED;

	apply_line_show(&run->line, "asking the server what it has");
	if (client != NULL)
		outcome = client_list(client, &remotes, &fault);
	assume(apply, spec, state, outcome == CLIENT_DONE ? &remotes : NULL,
	       client != NULL ? client_redactor(client) : NULL);
	if (outcome != CLIENT_DONE)
		report_unlisted(apply, outcome, fault.text);
	if (outcome != CLIENT_DONE && client != NULL) {
		run->list = client_list_end(client);
		run->list.error_text = run->list_error = mem_dup(fault.text);
	}
	run->reached = client != NULL && outcome != CLIENT_UNREACHABLE;
	run->denied = outcome == CLIENT_REFUSED;
	wire_remotes_clear(&remotes);
	client_close(client);
	fault_clear(&fault);
	apply_line_wipe(&run->line);
}

static void print_nothing(const struct apply *apply, struct text *out)
{
	const struct sync *sync = apply->run.engine.sync;
	size_t count = sync_shown_count(sync, SYNC_IN_SYNC);
	size_t paused = sync_shown_count(sync, SYNC_PAUSED);

	text_printf(out, "nothing to do: %zu integration%s %s", count, count == 1 ? "" : "s",
	            apply->by_list ? "as the file says" : "accepted as the file says");
	if (paused > 0)
		text_printf(out, ", %zu paused", paused);
	text_add_char(out, '\n');
}

static int conclude(const struct apply *apply, struct text *out)
{
	const struct apply_run *run = &apply->run;
	const struct apply_result *result = &run->result;

	if (apply->line->json)
		apply_sum_print_json(result, out);
	else if (result->count > 0)
		apply_sum_print(result, out);
	else if (run->reached)
		print_nothing(apply, out);
	if (run->denied)
		return EX_NOPERM;
	if (!run->reached)
		return EX_UNAVAILABLE;
	return apply_sum_of(result).accepted == result->count ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int send_all(struct apply *apply, struct specfile *specfile, struct state *state,
                    struct text *out)
{
	struct engine *engine = &apply->run.engine;
	struct fault fault = {0};
	struct spec *spec = specfile->spec;

	ask_server(apply, spec, state);
	if (apply->run.denied) {
		state_clear(state);
		return EX_NOPERM;
	}
	engine_start_sync(engine, state);
	specfile->spec = NULL;
	if (!apply_run_all(&apply->run, spec, &fault)) {
		log_event(EVENT_NONE, LOG_ERR, "%s", fault.text);
		fault_clear(&fault);
		return EXIT_FAILURE;
	}
	engine_save_last(engine);
	return conclude(apply, out);
}

static int refuse(const struct apply *apply, const struct specfile *specfile)
{
	report_faults(&specfile->faults, apply->line->config_path, true, "nothing is sent");
	return specfile->unread != NULL ? EX_TEMPFAIL : EX_CONFIG;
}

/* From the lock to its end. */
static int apply_locked(struct apply *apply, struct specfile *specfile, struct text *out)
{
	struct engine *engine = &apply->run.engine;
	struct state state = {0};

	if (!engine_load_state(engine, &state))
		return EXIT_FAILURE;
	engine_reject_emptied(specfile, apply->line->config_path, state.count);
	if (specfile->spec == NULL) {
		state_clear(&state);
		return refuse(apply, specfile);
	}
	report_faults(&specfile->faults, apply->line->config_path, true, NULL);
	state_digest_credentials(specfile->spec, &engine->key);
	return send_all(apply, specfile, &state, out);
}

static int apply_loaded(struct apply *apply, struct specfile *specfile, struct text *out)
{
	int result;

	if (specfile->spec == NULL)
		return refuse(apply, specfile);
	set_level(apply->line, specfile->spec);
	adjust(specfile->spec, apply->line->timeout_ms);
	result = engine_lock(&apply->run.engine, advice);
	return result == EXIT_SUCCESS ? apply_locked(apply, specfile, out) : result;
}

static int apply_opened(struct apply *apply, struct text *out)
{
	const struct command_line *line = apply->line;
	const struct secret_environment environment = service_user_own_environment();
	struct apply_run *run = &apply->run;
	struct specfile specfile;
	int result;

	run->timeout_ms = line->timeout_ms;
	run->line.on_terminal = line->has_progress;
	run->engine = (struct engine){.loop = &run->loop,
	                              .state_directory = line->state_directory,
	                              .lock = INSTANCE_LOCK_NONE};
	log_set_before(apply_line_wipe, &run->line);
	specfile_load(&specfile, line->config_path, &environment, false);
	result = apply_loaded(apply, &specfile, out);
	loop_close(&run->loop);
	engine_clear(&run->engine);
	specfile_clear(&specfile);
	apply_run_clear(run);
	return result;
}

int command_apply(const struct command_line *line, struct text *out, struct text *errors)
{
	struct apply apply = {.line = line};
	struct fault fault = {0};
	int result = EXIT_FAILURE;

	(void)errors;
	if (loop_open(&apply.run.loop, &fault))
		result = apply_opened(&apply, out);
	else
		log_event(EVENT_NONE, LOG_ERR, "%s", fault.text);
	fault_clear(&fault);
	log_set_before(NULL, NULL);
	return result;
}
