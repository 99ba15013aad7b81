/* SPDX-License-Identifier: MIT */
/* The tables are all there is to a key: its type, its limits, where it goes. A key without a row
 * does not exist; the manual page and the sample are held to these rows by a test. Defaults are not
 * here: they are what spec_new gives. */
#include "config/keys.h"

#include <ctype.h>
#include <string.h>
#include <syslog.h>

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

#define AT(member) .offset = offsetof(struct spec, member)

static const struct keys_field top_fields[KEYS_TOP_COUNT] = {
	[KEYS_API] = {.key = "api", .type = KEYS_TYPE_GROUP},
	[KEYS_DEFAULTS] = {.key = "defaults", .type = KEYS_TYPE_GROUP},
	[KEYS_RETRY] = {.key = "retry", .type = KEYS_TYPE_GROUP},
	[KEYS_DRIFT] = {.key = "drift", .type = KEYS_TYPE_GROUP},
	[KEYS_WATCH] = {.key = "watch", .type = KEYS_TYPE_GROUP},
	[KEYS_LOG] = {.key = "log", .type = KEYS_TYPE_GROUP},
	[KEYS_METRICS_FILE] = {.key = "metrics_file", .type = KEYS_TYPE_PATH, AT(metrics_file)},
	[KEYS_ALLOW_EMPTY] = {.key = "allow_empty", .type = KEYS_TYPE_BOOL, AT(allow_empty)},
	[KEYS_INTEGRATIONS] = {.key = "integrations",
                               .type = KEYS_TYPE_LIST,
                               .required = true,
                               .hint = "write integrations = ( { id = 42; indexing_cron = "
                                       "\"0 6 * * *\"; } )"},
};

static const struct keys_field api_fields[KEYS_API_COUNT] = {
	[KEYS_URL] = {.key = "url", .type = KEYS_TYPE_STRING, AT(api.url)},
	[KEYS_ALLOW_HTTP] = {.key = "allow_http", .type = KEYS_TYPE_BOOL, AT(api.allow_http)},
	[KEYS_KEY] = {.key = "key", .type = KEYS_TYPE_SECRET},
	[KEYS_KEY_FILE] = {.key = "key_file", .type = KEYS_TYPE_SECRET},
	[KEYS_KEY_CREDENTIAL] = {.key = "key_credential", .type = KEYS_TYPE_SECRET},
	[KEYS_CA_FILE] = {.key = "ca_file", .type = KEYS_TYPE_PATH, AT(api.ca_file)},
	[KEYS_CLIENT_CERT_FILE] = {.key = "client_cert_file",
                                   .type = KEYS_TYPE_PATH,
                                   AT(api.client_cert_file)},
	[KEYS_CLIENT_KEY_FILE] = {.key = "client_key_file",
                                  .type = KEYS_TYPE_PATH,
                                  AT(api.client_key_file)},
	[KEYS_PROXY] = {.key = "proxy", .type = KEYS_TYPE_STRING, AT(api.proxy)},
	[KEYS_CONNECT_TIMEOUT] = {.key = "connect_timeout",
                                  .type = KEYS_TYPE_SPAN,
                                  AT(api.connect_timeout_ms)},
	[KEYS_TIMEOUT] = {.key = "timeout", .type = KEYS_TYPE_SPAN, AT(api.timeout_ms)},
	[KEYS_MAX_IN_FLIGHT] = {.key = "max_in_flight",
                                .type = KEYS_TYPE_INT,
                                AT(api.max_in_flight),
                                .min = 1,
                                .max = 64},
	[KEYS_RATE_LIMIT] = {.key = "rate_limit",
                             .type = KEYS_TYPE_NUMBER,
                             AT(api.rate_limit),
                             .min = 0,
                             .max = 1000000},
};

static const struct keys_field retry_fields[KEYS_RETRY_COUNT] = {
	[KEYS_FIRST] = {.key = "first", .type = KEYS_TYPE_SPAN, AT(retry.first_ms)},
	[KEYS_MAX] = {.key = "max", .type = KEYS_TYPE_SPAN, AT(retry.max_ms)},
	[KEYS_REJECTED_FIRST] = {.key = "rejected_first",
                                 .type = KEYS_TYPE_SPAN,
                                 AT(retry.rejected_first_ms)},
	[KEYS_REJECTED_MAX] = {.key = "rejected_max",
                               .type = KEYS_TYPE_SPAN,
                               AT(retry.rejected_max_ms)},
	[KEYS_REJECTED_LIMIT] = {.key = "rejected_limit",
                                 .type = KEYS_TYPE_INT,
                                 AT(retry.rejected_limit),
                                 .min = 0,
                                 .max = 1000000},
};

static const struct keys_field drift_fields[] = {
	{.key = "mode", .type = KEYS_TYPE_WORD, AT(drift.mode), .words = drift_modes},
	{.key = "interval", .type = KEYS_TYPE_SPAN, AT(drift.interval_ms)},
};

static const struct keys_field watch_fields[] = {
	{.key = "settle", .type = KEYS_TYPE_SPAN, AT(watch.settle_ms)},
	{.key = "sweep", .type = KEYS_TYPE_SPAN, AT(watch.sweep_ms)},
};

static const struct keys_field log_fields[] = {
	{.key = "level", .type = KEYS_TYPE_WORD, AT(log_level), .words = log_levels},
};

#undef AT
#define AT(member) .offset = offsetof(struct spec_integration, member)

#define SHARED_ROWS                                                                            \
	[KEYS_WORKSPACE] = {.key = "workspace", .type = KEYS_TYPE_TEXT, AT(value.workspace)},  \
	[KEYS_TOKEN] = {.key = "token", .type = KEYS_TYPE_SECRET},                             \
	[KEYS_TOKEN_FILE] = {.key = "token_file", .type = KEYS_TYPE_SECRET},                   \
	[KEYS_TOKEN_CREDENTIAL] = {.key = "token_credential", .type = KEYS_TYPE_SECRET},       \
	[KEYS_PASSWORD] = {.key = "password", .type = KEYS_TYPE_SECRET},                       \
	[KEYS_PASSWORD_FILE] = {.key = "password_file", .type = KEYS_TYPE_SECRET},             \
	[KEYS_PASSWORD_CREDENTIAL] = {.key = "password_credential", .type = KEYS_TYPE_SECRET}, \
	[KEYS_PAUSED] = {.key = "paused", .type = KEYS_TYPE_BOOL, AT(paused)}

static const struct keys_field defaults_fields[KEYS_INTEGRATION_COUNT] = {SHARED_ROWS};

static const struct keys_field integration_fields[KEYS_INTEGRATION_COUNT] = {
	[KEYS_ID] = {.key = "id",
                     .type = KEYS_TYPE_INT,
                     AT(id),
                     .required = true,
                     .min = 1,
                     .max = INT64_MAX},
	[KEYS_INDEXING_CRON] = {.key = "indexing_cron",
                                .type = KEYS_TYPE_CRON,
                                AT(value.indexing_cron),
                                .required = true,
                                .hint = "false is no schedule"},
	[KEYS_NAME] = {.key = "name", .type = KEYS_TYPE_TEXT, AT(value.name)},
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

const struct keys_field *keys_find_in(const struct keys_group *group, const char *name,
                                      size_t length)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct keys_field *field = &group->fields[i];

		if (field->key != NULL && strlen(field->key) == length &&
		    memcmp(field->key, name, length) == 0)
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
		[KEYS_TYPE_STRING] = "a string",
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
