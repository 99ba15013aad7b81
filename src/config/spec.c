/* SPDX-License-Identifier: MIT */
/* A spec is built once by specfile.c, handed to the reconciler, and freed when the next one has
 * taken its place. Nothing in it changes meanwhile. Each string belongs to its struct, so that an
 * integration can be looked at, copied from and freed without knowing the rest. */
#include "config/spec.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/redactor.h"
#include "base/text.h"

static const char *const field_names[SPEC_FIELD_COUNT] = {
	[SPEC_ID] = "id",       [SPEC_INDEXING_CRON] = "indexing_cron",
	[SPEC_NAME] = "name",   [SPEC_WORKSPACE] = "workspace",
	[SPEC_TOKEN] = "token", [SPEC_PASSWORD] = "password",
};

const char *spec_field_name(enum spec_field field)
{
	return field_names[field];
}

struct spec *spec_new(void)
{
	struct spec *spec = mem_new(struct spec);
	spec->api = (struct spec_api){
		.url = mem_dup(SPEC_DEFAULT_URL),
		.proxy = mem_dup(""),
		.connect_timeout_ms = 10 * 1000,
		.timeout_ms = 30 * 1000,
		.max_in_flight = 4,
		.rate_limit = 5,
	};
	spec->retry = (struct spec_retry){
		.first_ms = 1000,
		.max_ms = 5 * 60 * 1000,
		.rejected_first_ms = 30 * 1000,
		.rejected_max_ms = 60 * 60 * 1000,
		.rejected_limit = 0,
	};
	spec->drift = (struct spec_drift){.mode = SPEC_DRIFT_REPORT, .interval_ms = 60 * 60 * 1000};
	spec->watch = (struct spec_watch){.settle_ms = 250, .sweep_ms = 30 * 1000};
	spec->log_level = LOG_INFO;
	return spec;
}

void spec_free(struct spec *spec)
{
	if (!spec)
		return;
	free(spec->api.url);
	mem_free_secret(spec->api.key);
	free(spec->api.ca_file);
	free(spec->api.client_cert_file);
	free(spec->api.client_key_file);
	mem_free_secret(spec->api.proxy); /* it may hold a password */
	free(spec->metrics_file);
	for (size_t i = 0; i < spec->count; i++) {
		spec_value_clear(&spec->integrations[i].value);
		mem_free_secret(spec->integrations[i].token);
		mem_free_secret(spec->integrations[i].password);
	}
	free(spec->integrations);
	for (char **file = spec->files; file && *file; file++)
		free(*file);
	free(spec->files);
	free(spec);
}

const struct spec_integration *spec_find(const struct spec *spec, int64_t id)
{
	if (spec->count == 0)
		return NULL;
	return bsearch(&id, spec->integrations, spec->count, sizeof(*spec->integrations),
	               mem_compare_int);
}

struct spec_place spec_place_of(const struct spec_integration *integration, enum spec_field field)
{
	const struct spec_place *place = &integration->places[field];
	return place->line > 0 ? *place : integration->places[SPEC_ID];
}

bool spec_value_equal(const struct spec_value *a, const struct spec_value *b)
{
	return text_equal(a->indexing_cron, b->indexing_cron) && text_equal(a->name, b->name) &&
	       text_equal(a->workspace, b->workspace);
}

struct spec_value spec_value_copy(const struct spec_value *value)
{
	return (struct spec_value){
		.indexing_cron = mem_dup(value->indexing_cron),
		.name = mem_dup(value->name),
		.workspace = mem_dup(value->workspace),
	};
}

void spec_value_clear(struct spec_value *value)
{
	free(value->indexing_cron);
	free(value->name);
	free(value->workspace);
	*value = (struct spec_value){0};
}

/* NULL differs from "", and where one string ends from where the next begins. */
static uint64_t add(uint64_t hash, const char *string)
{
	return string ? text_hash(hash, string, strlen(string) + 1) : text_hash(hash, "\1", 2);
}

static uint64_t start(uint64_t seed)
{
	return text_hash(TEXT_HASH_START, &seed, sizeof(seed));
}

uint64_t spec_key_hash(const struct spec_api *api, uint64_t seed)
{
	return add(start(seed), api->key);
}

uint64_t spec_transport_hash(const struct spec_api *api, uint64_t seed)
{
	uint64_t hash = add(add(start(seed), api->url), api->ca_file);
	hash = add(add(hash, api->client_cert_file), api->client_key_file);
	hash = text_hash(hash, &api->tls_hash, sizeof(api->tls_hash));
	return add(hash, api->proxy);
}

/* Of the credentials, which most integrations share, those that differ from the ones before. */
static size_t collect(const struct spec *spec, const char **secrets)
{
	const struct spec_integration none = {0};
	const struct spec_integration *before = &none;
	size_t count = 0;

	secrets[count++] = spec->api.key;
	for (size_t i = 0; i < spec->count; i++) {
		const struct spec_integration *integration = &spec->integrations[i];

		if (!text_equal(integration->token, before->token))
			secrets[count++] = integration->token;
		if (!text_equal(integration->password, before->password))
			secrets[count++] = integration->password;
		before = integration;
	}
	return count;
}

struct redactor *spec_redactor(const struct spec *spec, const struct spec *before)
{
	size_t most = 2 * (spec->count + 1 + (before != NULL ? before->count : 0));
	const char **secrets = mem_alloc(most, sizeof(*secrets));
	size_t count = collect(spec, secrets);
	struct redactor *redactor;

	if (before != NULL)
		count += collect(before, secrets + count);
	redactor = redactor_new(secrets, count);
	free(secrets);
	return redactor;
}
