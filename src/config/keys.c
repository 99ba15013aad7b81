/* SPDX-License-Identifier: MIT */
/* The tables are all there is to a key: its type, its limits, where it goes. A key without a row
 * does not exist; the manual page and the sample are held to these rows by a test. Defaults are not
 * here: they are what spec_new gives. */
#include "config/keys.h"

#include <ctype.h>
#include <string.h>
#include <syslog.h>

#include "base/suggest.h"
#include "config/spec.h"

/* Enums are stored as the ints that KEYS_TYPE_WORD writes. */
_Static_assert(sizeof(enum spec_drift_mode) == sizeof(int), "KEYS_TYPE_WORD writes an int");

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct keys_word drift_modes[] = {
	{"off", SPEC_DRIFT_OFF},
	{"report", SPEC_DRIFT_REPORT},
	{"repair", SPEC_DRIFT_REPAIR},
	{NULL, 0},
};

static const struct keys_word log_levels[] = {
	{"error", LOG_ERR}, {"warning", LOG_WARNING}, {"notice", LOG_NOTICE},
	{"info", LOG_INFO}, {"debug", LOG_DEBUG},     {NULL, 0},
};

#define KEY(name, kind)     .key = name, .type = KEYS_TYPE_##kind
#define WITHIN(least, most) .min = least, .max = most
#define AT(member)          .offset = offsetof(struct spec, member)

static const struct keys_field top_fields[KEYS_TOP_COUNT] = {
	[KEYS_API] = {KEY("api", GROUP)},
	[KEYS_DEFAULTS] = {KEY("defaults", GROUP)},
	[KEYS_RETRY] = {KEY("retry", GROUP)},
	[KEYS_DRIFT] = {KEY("drift", GROUP)},
	[KEYS_WATCH] = {KEY("watch", GROUP)},
	[KEYS_LOG] = {KEY("log", GROUP)},
	[KEYS_METRICS_FILE] = {KEY("metrics_file", PATH), AT(metrics_file)},
	[KEYS_ALLOW_EMPTY] = {KEY("allow_empty", BOOL), AT(allow_empty)},
	[KEYS_INTEGRATIONS] = {KEY("integrations", LIST), .required = true,
                               .hint = "write integrations = ( { id = 42; indexing_cron = "
                                       "\"0 6 * * *\"; } )"},
};

static const struct keys_field api_fields[KEYS_API_COUNT] = {
	[KEYS_URL] = {KEY("url", URL), AT(api.url)},
	[KEYS_ALLOW_HTTP] = {KEY("allow_http", BOOL), AT(api.allow_http)},
	[KEYS_KEY] = {KEY("key", SECRET)},
	[KEYS_KEY_FILE] = {KEY("key_file", SECRET)},
	[KEYS_KEY_CREDENTIAL] = {KEY("key_credential", SECRET)},
	[KEYS_CA_FILE] = {KEY("ca_file", PATH), AT(api.ca_file)},
	[KEYS_CLIENT_CERT_FILE] = {KEY("client_cert_file", PATH), AT(api.client_cert_file)},
	[KEYS_CLIENT_KEY_FILE] = {KEY("client_key_file", PATH), AT(api.client_key_file)},
	[KEYS_PROXY] = {KEY("proxy", URL), AT(api.proxy)},
	[KEYS_CONNECT_TIMEOUT] = {KEY("connect_timeout", SPAN), AT(api.connect_timeout_ms)},
	[KEYS_TIMEOUT] = {KEY("timeout", SPAN), AT(api.timeout_ms)},
	[KEYS_MAX_IN_FLIGHT] = {KEY("max_in_flight", INT), AT(api.max_in_flight), WITHIN(1, 64)},
	[KEYS_RATE_LIMIT] = {KEY("rate_limit", NUMBER), AT(api.rate_limit), WITHIN(0, 1000000)},
};

static const struct keys_field retry_fields[KEYS_RETRY_COUNT] = {
	[KEYS_FIRST] = {KEY("first", SPAN), AT(retry.first_ms)},
	[KEYS_MAX] = {KEY("max", SPAN), AT(retry.max_ms)},
	[KEYS_REJECTED_FIRST] = {KEY("rejected_first", SPAN), AT(retry.rejected_first_ms)},
	[KEYS_REJECTED_MAX] = {KEY("rejected_max", SPAN), AT(retry.rejected_max_ms)},
	[KEYS_REJECTED_LIMIT] = {KEY("rejected_limit", INT), AT(retry.rejected_limit),
                                 WITHIN(0, 1000000)},
};

static const struct keys_field drift_fields[] = {
	{KEY("mode", WORD), AT(drift.mode), .words = drift_modes},
	{KEY("interval", SPAN), AT(drift.interval_ms)},
};

static const struct keys_field watch_fields[] = {
	{KEY("settle", SPAN), AT(watch.settle_ms)},
	{KEY("sweep", SPAN), AT(watch.sweep_ms)},
};

static const struct keys_field log_fields[] = {
	{KEY("level", WORD), AT(log_level), .words = log_levels},
};

#undef AT
#define AT(member) .offset = offsetof(struct spec_integration, member)

#define SHARED_ROWS                                                                             \
	[KEYS_WORKSPACE] = {KEY("workspace", TEXT), AT(value.workspace)},                       \
	[KEYS_TOKEN] = {KEY("token", SECRET)}, [KEYS_TOKEN_FILE] = {KEY("token_file", SECRET)}, \
	[KEYS_TOKEN_CREDENTIAL] = {KEY("token_credential", SECRET)},                            \
	[KEYS_PASSWORD] = {KEY("password", SECRET)},                                            \
	[KEYS_PASSWORD_FILE] = {KEY("password_file", SECRET)},                                  \
	[KEYS_PASSWORD_CREDENTIAL] = {KEY("password_credential", SECRET)},                      \
	[KEYS_PAUSED] = {KEY("paused", BOOL), AT(paused)}

static const struct keys_field defaults_fields[KEYS_INTEGRATION_COUNT] = {SHARED_ROWS};

static const struct keys_field integration_fields[KEYS_INTEGRATION_COUNT] = {
	[KEYS_ID] = {KEY("id", INT), AT(id), .required = true, WITHIN(1, INT64_MAX)},
	[KEYS_INDEXING_CRON] = {KEY("indexing_cron", CRON), AT(value.indexing_cron),
                                .required = true, .hint = "false is no schedule"},
	[KEYS_NAME] = {KEY("name", TEXT), AT(value.name)},
	SHARED_ROWS,
};

const struct keys_group keys_top = {"", "", top_fields, COUNT(top_fields)};
const struct keys_group keys_api = {"api.", "api.", api_fields, COUNT(api_fields)};
const struct keys_group keys_retry = {"retry.", "retry.", retry_fields, COUNT(retry_fields)};
const struct keys_group keys_drift = {"drift.", "drift.", drift_fields, COUNT(drift_fields)};
const struct keys_group keys_watch = {"watch.", "watch.", watch_fields, COUNT(watch_fields)};
const struct keys_group keys_log = {"log.", "log.", log_fields, COUNT(log_fields)};
const struct keys_group keys_defaults = {"defaults.", "defaults.", defaults_fields,
                                         COUNT(defaults_fields)};
const struct keys_group keys_integration = {"", "integrations[].", integration_fields,
                                            COUNT(integration_fields)};

const struct keys_group *const keys_all[] = {
	&keys_top,   &keys_api,   &keys_integration, &keys_defaults, &keys_retry,
	&keys_drift, &keys_watch, &keys_log,         NULL,
};

/* Names that people write for our keys: other programs' names, the API's, longer and shorter ones.
 * What is likelier meant stands first; an alias may stand for keys of several groups. One that is
 * near another (suggest.h) is not listed. */
#define ALIASES_MAX 12 /* of one key */

static const struct {
	const char *key;
	const char *names[ALIASES_MAX + 1];
} aliases[] = {
	{"key", {"api_key", "datafold_api_key", "api_token"}},
	{"key_file", {"api_key_file", "keyfile", "key_path"}},
	{"url",
         {"base_url", "api_url", "server_url", "datafold_url", "datafold_host", "host", "hostname",
          "server", "endpoint", "uri", "address"}},
	{"allow_http", {"insecure", "allow_insecure"}},
	{"ca_file", {"ca", "ca_cert", "ca_bundle"}},
	{"client_cert_file", {"cert", "cert_file", "client_cert"}},
	{"client_key_file", {"client_key"}},
	{"proxy", {"http_proxy"}},
	{"timeout", {"request_timeout", "read_timeout"}},
	{"max_in_flight", {"concurrency", "parallel", "max_connections"}},
	{"rate_limit", {"rps", "rate", "requests_per_second"}},
	{"indexing_cron",
         {"cron", "crontab", "cron_expression", "cron_schedule", "indexing_schedule",
          "refresh_schedule", "schedule"}},
	{"id", {"bi_datasource_id", "datasource_id", "integration_id"}},
	{"name", {"label", "title"}},
	{"workspace", {"mode_workspace", "organization"}},
	{"token", {"access_token", "api_token", "auth_token", "mode_token", "token_id"}},
	{"token_file", {"mode_token_file", "tokenfile"}},
	{"password", {"mode_password", "passwd", "mode_secret", "token_secret", "secret"}},
	{"password_file", {"mode_password_file", "passwordfile"}},
	{"paused", {"disabled", "enabled"}},
	{"defaults", {"default"}},
	{"integrations", {"datasources", "mode_integrations"}},
	{"api", {"datafold"}},
	{"log", {"logging"}},
	{"level", {"log_level", "verbosity"}},
	{"metrics_file", {"metrics"}},
	{"first", {"initial_delay"}},
	{"max", {"max_delay"}},
	{"rejected_limit", {"max_attempts", "max_retries"}},
	{"settle", {"debounce"}},
	{"sweep", {"poll_interval"}},
	{"interval", {"check_interval"}},
};

const struct keys_field *keys_find_in(const struct keys_group *group, const char *name,
                                      size_t length)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct keys_field *field = &group->fields[i];

		if (field->key != NULL && *field->key == *name &&
		    strncmp(field->key, name, length) == 0 && field->key[length] == '\0')
			return field;
	}
	return NULL;
}

const struct keys_field *keys_find(const char *name, size_t length)
{
	const struct keys_field *found = NULL;

	for (const struct keys_group *const *group = keys_all; *group != NULL && found == NULL;
	     group++)
		found = keys_find_in(*group, name, length);
	return found;
}

const char *keys_find_near(const struct keys_group *group, const char *name)
{
	return suggest_row(name, group->fields, group->count, sizeof(*group->fields));
}

const char *keys_find_alias(const struct keys_group *group, const char *name)
{
	for (size_t i = 0; i < COUNT(aliases); i++) {
		const char *key = aliases[i].key;

		if ((group == NULL || keys_find_in(group, key, strlen(key)) != NULL) &&
		    suggest_nearest(name, aliases[i].names) != NULL)
			return key;
	}
	return NULL;
}

static void add_words(const struct keys_word *words, struct text *out)
{
	for (const struct keys_word *word = words; word->word != NULL; word++) {
		if (word != words)
			text_add(out, word[1].word != NULL ? ", " : " or ");
		text_printf(out, "\"%s\"", word->word);
	}
}

/* "log = { level = ...; }" */
static void add_group(const struct keys_field *field, struct text *out)
{
	size_t length = strlen(field->key);

	for (const struct keys_group *const *group = keys_all; *group != NULL; group++) {
		const struct keys_field *first = (*group)->fields;

		if (strncmp((*group)->path, field->key, length) != 0 ||
		    strcmp((*group)->path + length, ".") != 0)
			continue;
		while (first->key == NULL)
			first++;
		text_printf(out, "a group such as %s = { %s = ...; }", field->key, first->key);
	}
}

void keys_add_expected(const struct keys_field *field, struct text *out)
{
	static const char *const expected[] = {
		[KEYS_TYPE_URL] = "a string",
		[KEYS_TYPE_TEXT] = "a string",
		[KEYS_TYPE_PATH] = "a string",
		[KEYS_TYPE_CRON] = "a string or false",
		[KEYS_TYPE_BOOL] = "true or false",
		[KEYS_TYPE_INT] = "an integer",
		[KEYS_TYPE_NUMBER] = "a number",
		[KEYS_TYPE_SPAN] = "a span such as \"30s\", or an integer of seconds",
		[KEYS_TYPE_SECRET] = "a string",
		[KEYS_TYPE_LIST] = "a list such as ( { id = 42; ... }, ... )",
	};

	text_add(out, "expected ");
	if (field->type == KEYS_TYPE_WORD)
		add_words(field->words, out);
	else if (field->type == KEYS_TYPE_GROUP)
		add_group(field, out);
	else
		text_add(out, expected[field->type]);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_name_byte(char byte)
{
	return byte == '_' || byte == '-' || byte == '*' || isalnum((unsigned char)byte);
}

const char *keys_before_equals(const char *start, const char *end)
{
	const char *name;

	while (end > start && is_blank(end[-1]))
		end--;
	if (end == start || (end[-1] != '=' && end[-1] != ':'))
		return NULL;
	for (end--; end > start && is_blank(end[-1]);)
		end--;
	for (name = end; name > start && is_name_byte(name[-1]);)
		name--;
	return keys_find(name, (size_t)(end - name)) != NULL ? name : NULL;
}
