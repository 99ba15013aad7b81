/* SPDX-License-Identifier: MIT */
/* `dfmode-sync resync ID…`: a request with a side effect, so it is only ever made by hand, once,
 * and not again when its outcome is unknown: whoever asked decides. An id that is given twice
 * counts once. The id need not be in the file: what the server has may be asked for. */
#include "commands/command_resync.h"

#include <stdint.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/mem.h"
#include "commands/client.h"
#include "commands/format.h"
#include "config/specfile.h"

#define NAME_SHOWN 200 /* bytes */

struct ids {
	int64_t *items; /* owned */
	size_t count;
	size_t capacity;
};

static bool has(const struct ids *ids, int64_t id)
{
	for (size_t i = 0; i < ids->count; i++) {
		if (ids->items[i] == id)
			return true;
	}
	return false;
}

static bool read_ids(char *const *error_text, struct ids *ids, struct text *errors)
{
	for (; *error_text != NULL; error_text++) {
		int64_t id;

		if (!text_to_int(*error_text, 1, INT64_MAX, &id)) {
			text_add(errors, "error: not the id of an integration: '");
			format_text(*error_text, NAME_SHOWN, NULL, errors);
			text_add(errors, "'\n");
			return false;
		}
		if (has(ids, id))
			continue;
		ids->items =
			mem_grow(ids->items, &ids->capacity, ids->count + 1, sizeof(*ids->items));
		ids->items[ids->count++] = id;
	}
	return true;
}

static void tell(const struct spec *spec, const struct redactor *redactor, int64_t id,
                 const struct fault *fault, struct text *out)
{
	const struct spec_integration *integration = spec_find(spec, id);

	text_printf(out, "integration %lld", (long long)id);
	if (integration != NULL && integration->value.name != NULL) {
		text_add(out, " '");
		format_text(integration->value.name, NAME_SHOWN, redactor, out);
		text_add_char(out, '\'');
	}
	text_printf(out, ": %s\n", fault->text != NULL ? fault->text : "synchronisation started");
}

static int sum_up(const size_t counts[CLIENT_FAILED + 1], size_t asked)
{
	if (counts[CLIENT_REFUSED] > 0)
		return client_exit_code(CLIENT_REFUSED);
	if (counts[CLIENT_UNREACHABLE] == asked)
		return client_exit_code(CLIENT_UNREACHABLE);
	return counts[CLIENT_DONE] == asked ? EX_OK : EXIT_FAILURE;
}

static int ask(struct client *client, const struct spec *spec, const struct ids *ids,
               struct text *out)
{
	size_t counts[CLIENT_FAILED + 1] = {0};
	size_t asked = 0;

	while (asked < ids->count && counts[CLIENT_REFUSED] == 0) {
		struct fault fault = {.text = NULL};
		int64_t id = ids->items[asked++];

		counts[client_resync(client, id, &fault)]++;
		tell(spec, client_redactor(client), id, &fault, out);
		fault_clear(&fault);
	}
	if (asked < ids->count)
		text_printf(out, "the key is refused: %zu not asked\n", ids->count - asked);
	return sum_up(counts, asked);
}

static int open_client(const struct spec *spec, const struct ids *ids, struct text *out,
                       struct text *errors)
{
	struct fault fault = {.text = NULL};
	struct client *client = client_open(spec, &fault);
	int result = EXIT_FAILURE;

	if (client != NULL)
		result = ask(client, spec, ids, out);
	else
		text_printf(errors, "error: %s\n", fault.text);
	client_close(client);
	fault_clear(&fault);
	return result;
}

int command_resync(const char *config_path, char *const *error_text, bool colour, struct text *out,
                   struct text *errors)
{
	const struct secret_environment environment = {
		.credentials_directory = getenv("CREDENTIALS_DIRECTORY"),
		.api_key = getenv("DATAFOLD_API_KEY"),
	};
	struct specfile specfile = {.spec = NULL};
	struct ids ids = {.count = 0};
	int result = EX_CONFIG;

	if (!read_ids(error_text, &ids, errors)) {
		free(ids.items);
		return EX_USAGE;
	}
	specfile_load(&specfile, config_path, &environment);
	if (specfile.spec == NULL)
		faults_print(&specfile.faults, colour, errors);
	else
		result = open_client(specfile.spec, &ids, out, errors);
	specfile_clear(&specfile);
	free(ids.items);
	return result;
}
