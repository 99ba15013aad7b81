/* SPDX-License-Identifier: MIT */
/* `dfmode-sync import`: on the first day there is a key and nothing else, so of the configuration
 * only the API's settings are needed, and none of it if the defaults will do.
 *
 * What is written is read again by nobody but `check`, and so it is made that `check` either takes
 * a value as the server has it, or refuses it: a secret that is to be filled in, and a schedule
 * that is not known, are empty. A name that no file may hold is left out, and with that left alone.
 */
#include "commands/command.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "commands/client.h"
#include "commands/format.h"
#include "commands/service_user.h"
#include "config/keys_type.h"
#include "config/specfile.h"
#include "cron/cron.h"

#define SHOWN 300 /* bytes of the server's text in a comment */

/* one integration */

static bool may_stand(const char *text, const struct redactor *redactor)
{
	size_t length = strlen(text);
	struct text redacted = {0};
	bool is_plain = length > 0 && length <= KEYS_TEXT_MAX;

	for (size_t at = 0, taken; is_plain && at < length; at += taken)
		taken = text_character(text + at, length - at, &is_plain);
	redactor_apply(redactor, text, length, &redacted);
	is_plain =
		is_plain && redacted.length == length && memcmp(redacted.bytes, text, length) == 0;
	text_clear(&redacted);
	return is_plain;
}

static void add_string(const char *indent, const char *key, const char *value, struct text *out)
{
	text_printf(out, "%s%s = \"", indent, key);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			text_add_char(out, '\\');
		text_add_char(out, *value);
	}
	text_add(out, "\";\n");
}

static void add_text(const char *key, const char *value, const struct redactor *redactor,
                     struct text *out)
{
	if (value == NULL || *value == '\0')
		return;
	if (may_stand(value, redactor)) {
		add_string("        ", key, value, out);
	} else {
		text_printf(out, "        # %s: ", key);
		format_quoted(value, SHOWN, redactor, out);
		text_add(out, " there, which no file may hold; left out, it stays\n");
	}
}

static void add_cron(const struct wire_remote *remote, const struct redactor *redactor,
                     struct text *out)
{
	const char *cron = remote->indexing_cron;
	bool is_good = remote->cron_known == WIRE_GIVEN && may_stand(cron, redactor) &&
	               cron_parse(cron, &(struct cron){.kind = CRON_STANDARD}, NULL);

	if (remote->cron_known == WIRE_GIVEN && !is_good) {
		text_add(out, "        # the server has ");
		format_quoted(cron, SHOWN, redactor, out);
		text_add(out, ", which is no schedule\n");
	}
	if (remote->cron_known == WIRE_UNKNOWN)
		text_add(out, "        # the server does not show the schedule\n");
	if (remote->cron_known == WIRE_NONE)
		text_add(out, "        indexing_cron = false;\n");
	else if (is_good)
		add_string("        ", "indexing_cron", cron, out);
	else
		text_add(out, "        indexing_cron = \"\"; # FILL IN: a schedule, or false for "
		              "none\n");
}

static void add_integration(const struct wire_remote *remote, const struct redactor *redactor,
                            const char *comma, struct text *out)
{
	text_printf(out, "%s    {\n        id = %" PRId64 ";\n", comma, remote->id);
	if (remote->type == NULL)
		text_add(out, "        # the server does not say whether it is Mode's\n");
	add_text("name", remote->name, redactor, out);
	add_text("workspace", remote->workspace, redactor, out);
	add_cron(remote, redactor, out);
	text_add(out, "    }");
}

/* the file */

static void add_head(const char *url, const struct wire_remotes *remotes, int64_t now_unix_s,
                     struct text *out)
{
	size_t taken = 0;

	for (size_t i = 0; i < remotes->count; i++)
		taken += wire_may_be_mode(&remotes->items[i]);
	text_printf(out, "# What %s listed at ", url);
	format_time(now_unix_s, FORMAT_TIMESTAMP, out);
	text_printf(out, ": %zu integration%s of Mode", taken, taken == 1 ? "" : "s");
	if (taken < remotes->count)
		text_printf(out, "; left out: %zu of another type", remotes->count - taken);
	text_add(out, ".\n# Fill in what is marked, then see what `dfmode-sync check` and "
	              "`dfmode-sync plan` say.\n\n");
}

static void add_path(const char *key, const char *path, struct text *out)
{
	if (path != NULL)
		add_string("    ", key, path, out);
}

static void add_api(const struct spec_api *api, struct text *out)
{
	text_add(out, "api = {\n");
	add_path("url", api->url, out);
	if (api->allow_http)
		text_add(out, "    allow_http = true;\n");
	add_path("ca_file", api->ca_file, out);
	add_path("client_cert_file", api->client_cert_file, out);
	add_path("client_key_file", api->client_key_file, out);
	text_add(out, "    key_file = \"\"; # FILL IN: a file that holds the API key\n};\n\n");
	text_add(out, "defaults = {\n"
	              "    token_file = \"\"; # FILL IN: a file that holds Mode's API token\n"
	              "    password_file = \"\"; # FILL IN: a file that holds its password\n"
	              "};\n\n");
}

void command_import_write(const struct spec_api *api, const struct wire_remotes *remotes,
                          const struct redactor *redactor, int64_t now_unix_s, struct text *out)
{
	const char *comma = "";

	add_head(api->url, remotes, now_unix_s, out);
	add_api(api, out);
	text_add(out, "integrations = (\n");
	for (size_t i = 0; i < remotes->count; i++) {
		if (!wire_may_be_mode(&remotes->items[i]))
			continue;
		add_integration(&remotes->items[i], redactor, comma, out);
		comma = ",\n";
	}
	text_add(out, *comma != '\0' ? "\n);\n" : ");\n");
}

/* the command */

static int ask(const struct command_line *line, struct spec *spec, struct client *client,
               struct text *out, struct text *errors)
{
	struct fault fault = {0};
	struct wire_remotes remotes;
	enum client_outcome outcome = client_list(client, &remotes, &fault);

	/* Part of a list would look like all of it, and what is missing would never be noticed. */
	if (outcome == CLIENT_DONE && remotes.partial != NULL) {
		(void)fault_set(&fault, "the list of integrations %s; nothing is written",
		                remotes.partial);
		outcome = CLIENT_FAILED;
	}
	if (outcome == CLIENT_DONE)
		command_import_write(&spec->api, &remotes, client_redactor(client),
		                     line->now_unix_s, out);
	else
		text_printf(errors, "error: %s: %s\n", spec->api.url, fault.text);
	fault_clear(&fault);
	wire_remotes_clear(&remotes);
	return client_exit_code(outcome);
}

int command_import(const struct command_line *line, struct text *out, struct text *errors)
{
	const struct secret_environment environment = service_user_own_environment();
	struct specfile specfile;
	int result;

	if (line->is_usual_config && access(line->config_path, F_OK) < 0 && errno == ENOENT)
		specfile_from_bytes(&specfile, "(no file)", "integrations = ();", 18, &environment);
	else
		specfile_load(&specfile, line->config_path, &environment, true);
	result = client_work(line, &specfile, ask, out, errors);
	specfile_clear(&specfile);
	return result;
}
