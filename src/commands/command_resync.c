/* SPDX-License-Identifier: MIT */
/* `dfmode-sync resync ID…`: a request with a side effect, so it is only ever made by hand, once,
 * and not again when its outcome is unknown: whoever asked decides. The id need not be in the file:
 * what the server has may be asked for. */
#include "commands/command.h"

#include <stdlib.h>
#include <sysexits.h>

#include "base/json_out.h"
#include "commands/client.h"
#include "commands/format.h"
#include "commands/service_user.h"
#include "config/specfile.h"

#define NAME_SHOWN 200 /* bytes */

/* What was asked so far. */
struct round {
	const struct command_line *line;
	const struct spec *spec;
	struct client *client;
	size_t counts[CLIENT_FAILED + 1];
	size_t asked;
};

static const char *name_of(const struct round *round, int64_t id)
{
	const struct spec_integration *integration = spec_find(round->spec, id);

	return integration != NULL ? integration->value.name : NULL;
}

static void add_element(const struct round *round, int64_t id, const char *error, struct text *out)
{
	struct text name = {0};

	if (name_of(round, id) != NULL)
		format_text(name_of(round, id), NAME_SHOWN, client_redactor(round->client), &name);
	json_out_line(out);
	json_out_open_object(out, NULL);
	json_out_int(out, "id", id);
	json_out_string(out, "name", name.bytes);
	json_out_bool(out, "started", error == NULL);
	json_out_string(out, "error", error);
	json_out_close_object(out);
	text_clear(&name);
}

static int exit_code(const struct round *round)
{
	if (round->counts[CLIENT_REFUSED] > 0)
		return client_exit_code(CLIENT_REFUSED);
	if (round->counts[CLIENT_UNREACHABLE] == round->asked)
		return client_exit_code(CLIENT_UNREACHABLE);
	return round->counts[CLIENT_DONE] == round->asked ? EX_OK : EXIT_FAILURE;
}

static void ask_all(struct round *round, struct text *out)
{
	const struct command_line *line = round->line;

	while (round->asked < line->id_count && round->counts[CLIENT_REFUSED] == 0) {
		struct fault fault = {0};
		int64_t id = line->ids[round->asked++];

		round->counts[client_resync(round->client, id, &fault)]++;
		if (line->json) {
			add_element(round, id, fault.text, out);
		} else {
			format_integration(id, name_of(round, id), NAME_SHOWN,
			                   client_redactor(round->client), out);
			text_printf(out, ": %s\n",
			            fault.text != NULL ? fault.text : "synchronisation started");
		}
		fault_clear(&fault);
	}
}

static int run(const struct command_line *line, struct spec *spec, struct client *client,
               struct text *out, struct text *errors)
{
	struct round round = {.line = line, .spec = spec, .client = client};

	(void)errors;
	if (line->json) {
		format_open_document(out);
		json_out_open_array(out, "integrations");
	}
	ask_all(&round, out);
	if (line->json) {
		json_out_close_array(out);
		json_out_int(out, "not_asked", (int64_t)(line->id_count - round.asked));
		format_close_document(out);
	} else if (round.asked < line->id_count) {
		text_printf(out, "the key is refused: %zu not asked\n",
		            line->id_count - round.asked);
	}
	return exit_code(&round);
}

int command_resync(const struct command_line *line, struct text *out, struct text *errors)
{
	const struct secret_environment environment = service_user_own_environment();
	struct specfile specfile;
	int code;

	specfile_load(&specfile, line->config_path, &environment, false);
	code = client_work(line, &specfile, run, out, errors);
	specfile_clear(&specfile);
	return code;
}
