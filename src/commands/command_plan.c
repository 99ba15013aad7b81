/* SPDX-License-Identifier: MIT */
/* The file is read as the daemon would, the server is asked for its list, and what differs is
 * printed.
 *
 * Where the server does not answer, or not with a list, what it accepted last has to do, and that
 * is said. The state is only read, as a daemon may be at work on it: the lock is not asked for, and
 * a file that cannot be used is not set aside. Only where neither is to be had there is no plan. */
#include "commands/command_plan_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "commands/client.h"
#include "commands/command.h"
#include "commands/format.h"
#include "commands/service_user.h"
#include "config/specfile.h"
#include "engine/state_file.h"

#define EXIT_NOTHING_TO_DO 0
#define EXIT_CHANGES       2

/* What there is to compare the file with. */
struct basis {
	struct state state;
	bool has_state; /* it could be read, or there is none yet */
	struct wire_remotes remotes;
	enum client_outcome outcome;
	bool is_unasked;     /* the server is not asked: the key is not readable here */
	struct fault reason; /* why there is no list */
	char *state_path;    /* owned */
};

/* Without their key, or the credentials themselves, digests say nothing: then these count as
 * accepted. */
static void digest(const struct command_line *line, struct spec *spec, struct state *state)
{
	struct state_key key = {.bytes = {0}};
	struct fault fault = {0};
	bool is_known = !spec->secrets_are_presumed &&
	                state_file_read_key(line->state_directory, &key, &fault) == STORE_READ &&
	                state_key_id(&key) == state->key_id;

	state_digest_credentials(spec, &key);
	for (size_t i = 0; !is_known && i < state->count; i++)
		state->entries[i].credentials = 0;
	mem_wipe(&key, sizeof(key));
	fault_clear(&fault);
}

static void warn_of_other_server(const struct spec *spec, const struct basis *basis,
                                 struct text *errors)
{
	const char *url = basis->state.url;

	if (url == NULL || strcmp(url, spec->api.url) == 0)
		return;
	text_printf(errors, "warning: '%s' is about ", basis->state_path);
	format_text(url, PLAN_NAME_SHOWN, NULL, errors);
	text_add(errors, "; taken as if nothing had been accepted\n");
}

/* NULL: there is none. */
static const char *describe_obstacle(const struct basis *basis)
{
	static const char *const obstacles[] = {
		[CLIENT_UNREACHABLE] = "does not answer",
		[CLIENT_REFUSED] = "refuses the key",
		[CLIENT_FORBIDDEN] = "forbids its list to this key",
		[CLIENT_FAILED] = "does not say what it has",
	};

	return basis->is_unasked ? "is not asked" : obstacles[basis->outcome];
}

/* That it does not answer its reason says, too. */
static void warn_of_obstacle(const struct spec *spec, const struct basis *basis,
                             struct text *errors)
{
	bool is_unreachable = basis->outcome == CLIENT_UNREACHABLE;

	if (basis->outcome == CLIENT_DONE)
		return;
	text_printf(errors, "%s: %s%s%s: %s\n",
	            basis->outcome == CLIENT_REFUSED ? "error" : "warning", spec->api.url,
	            is_unreachable ? "" : " ", is_unreachable ? "" : describe_obstacle(basis),
	            basis->reason.text);
}

static int compare(const struct command_line *line, const struct spec *spec,
                   const struct basis *basis, const struct redactor *redactor, struct text *out,
                   struct text *errors)
{
	struct plan plan;
	const struct plan_view view = {.plan = &plan,
	                               .url = spec->api.url,
	                               .state_path = basis->state_path,
	                               .obstacle = describe_obstacle(basis),
	                               .reason = basis->reason.text,
	                               .redactor = redactor,
	                               .now_unix_s = line->now_unix_s,
	                               .colour = line->colour};
	int64_t missing = 0;
	int result;

	plan_diff(&plan, spec, &basis->state,
	          basis->outcome == CLIENT_DONE ? &basis->remotes : NULL);
	if (line->ids != NULL)
		missing = plan_keep(&plan, line->ids, line->id_count);
	if (missing != 0) {
		text_printf(errors, "error: integration %" PRId64 " is not in the file\n", missing);
		plan_clear(&plan);
		return EXIT_FAILURE;
	}
	if (line->json)
		plan_json_add(&view, out);
	else
		plan_text_add(&view, out);
	result = plan_count_sends(&plan) > 0 ? EXIT_CHANGES : EXIT_NOTHING_TO_DO;
	plan_clear(&plan);
	return basis->outcome == CLIENT_REFUSED ? EX_NOPERM : result;
}

static void ask(const struct spec *spec, struct client *client, struct basis *basis)
{
	basis->is_unasked = spec->api.key_is_presumed;
	if (!basis->is_unasked) {
		basis->outcome = client_list(client, &basis->remotes, &basis->reason);
		return;
	}
	basis->outcome = CLIENT_UNREACHABLE;
	(void)fault_set(&basis->reason, "the API key is a credential that only the service can "
	                                "read, so the server is not asked");
}

static int make_plan(const struct command_line *line, struct spec *spec, struct client *client,
                     struct text *out, struct text *errors)
{
	struct basis basis = {.state_path =
	                              mem_printf("%s/" STATE_FILE_NAME, line->state_directory)};
	struct fault fault = {0};
	int result;

	ask(spec, client, &basis);
	warn_of_obstacle(spec, &basis, errors);
	basis.has_state = plan_state_read(&basis.state, line->state_directory,
	                                  line->runtime_directory, &fault);
	if (!basis.has_state)
		text_printf(errors, "warning: %s; taken as if nothing had been accepted\n",
		            fault.text);
	digest(line, spec, &basis.state);
	warn_of_other_server(spec, &basis, errors);
	if (basis.outcome == CLIENT_DONE || basis.has_state)
		result = compare(line, spec, &basis, client_redactor(client), out, errors);
	else
		result = client_exit_code(basis.outcome);
	free(basis.state_path);
	state_clear(&basis.state);
	wire_remotes_clear(&basis.remotes);
	fault_clear(&basis.reason);
	fault_clear(&fault);
	return result;
}

int command_plan(const struct command_line *line, struct text *out, struct text *errors)
{
	struct service_user *user = service_user_new(line->config_path, line->state_directory);
	struct specfile specfile;
	int result;

	specfile_load(&specfile, line->config_path, &user->environment, false);
	result = client_work(line, &specfile, make_plan, out, errors);
	if (specfile.spec != NULL && specfile.spec->secrets_are_presumed) {
		text_add(errors, "note: credentials that only the service can read count as "
		                 "unchanged\n");
	}
	if (user->note != NULL)
		text_printf(errors, "note: %s\n", user->note);
	specfile_clear(&specfile);
	service_user_free(user);
	return result;
}
