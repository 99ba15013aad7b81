/* SPDX-License-Identifier: MIT */
/* Any bytes are a configuration or have faults; libconfig agrees with what the tree makes of
 * them, whatever they are; a canary that stands for a secret is never shown. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/specfile.h"
#include "fuzz/targets.h"

#define CANARY "Zanary7"

static void demand(bool truth)
{
	if (!truth)
		abort();
}

static void judge_entry(const struct fault_entry *entry)
{
	demand(strcmp(entry->text, "libconfig: syntax error") != 0);
	demand(strncmp(entry->text, "libconfig: duplicate", 20) != 0);
	demand(strncmp(entry->text, "libconfig does", 14) != 0);
	demand(entry->file != NULL && entry->line >= 0 && entry->column >= 0 && entry->width >= 0);
}

static void judge_spec(const struct spec *spec)
{
	demand(spec->api.url != NULL && spec->api.key != NULL && *spec->api.key != '\0');
	for (size_t i = 0; i < spec->count; i++) {
		const struct spec_integration *integration = &spec->integrations[i];

		demand(integration->id > 0);
		demand(i == 0 || spec->integrations[i - 1].id < integration->id);
		demand(integration->token != NULL && *integration->token != '\0');
		demand(integration->password != NULL && *integration->password != '\0');
		demand(spec_place_of(integration, SPEC_TOKEN).line > 0);
		demand(spec_find(spec, integration->id) == integration);
	}
}

static void load(const char *text, size_t length, bool has_canary)
{
	static const struct secret_environment environment = {.api_key = "k"};
	struct specfile specfile;
	struct text printed = {0};

	specfile_from_bytes(&specfile, "fuzz.conf", text, length, &environment);
	demand((specfile.spec != NULL) == (specfile.faults.errors == 0));
	for (size_t i = 0; i < specfile.faults.count; i++)
		judge_entry(&specfile.faults.entries[i]);
	faults_print(&specfile.faults, false, &printed);
	demand(!has_canary || printed.bytes == NULL || strstr(printed.bytes, CANARY) == NULL);
	if (specfile.spec != NULL)
		judge_spec(specfile.spec);
	text_clear(&printed);
	specfile_clear(&specfile);
}

/* The input as it is; then with a secret put before it, which no fault of the rest may show. */
int fuzz_specfile(const uint8_t *data, size_t size)
{
	static const char secret[] =
		"defaults = { token = \"" CANARY "\"; password = \"" CANARY "\"; };";
	const char *bytes = (const char *)data;
	struct text text = {0};

	load(bytes, size, false);
	if (memmem(bytes, size, CANARY, strlen(CANARY)) != NULL)
		return 0;
	text_add(&text, secret);
	text_add_bytes(&text, bytes, size);
	load(text.bytes, text.length, true);
	text_clear(&text);
	return 0;
}
