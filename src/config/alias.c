/* SPDX-License-Identifier: MIT */
/* What is likelier meant stands first; an alias may stand for keys of several groups. One that is
 * near another (suggest.h) is not listed. */
#include "config/alias.h"

#include <string.h>

#include "base/suggest.h"

static const struct {
	const char *name;
	const char *key;
} aliases[] = {
	{"api_key", "key"},
	{"datafold_api_key", "key"},
	{"api_token", "key"},
	{"api_key_file", "key_file"},
	{"keyfile", "key_file"},
	{"key_path", "key_file"},
	{"base_url", "url"},
	{"api_url", "url"},
	{"server_url", "url"},
	{"datafold_url", "url"},
	{"datafold_host", "url"},
	{"host", "url"},
	{"hostname", "url"},
	{"server", "url"},
	{"endpoint", "url"},
	{"uri", "url"},
	{"address", "url"},
	{"insecure", "allow_http"},
	{"allow_insecure", "allow_http"},
	{"ca", "ca_file"},
	{"ca_cert", "ca_file"},
	{"ca_bundle", "ca_file"},
	{"cert", "client_cert_file"},
	{"cert_file", "client_cert_file"},
	{"client_cert", "client_cert_file"},
	{"client_key", "client_key_file"},
	{"http_proxy", "proxy"},
	{"request_timeout", "timeout"},
	{"read_timeout", "timeout"},
	{"concurrency", "max_in_flight"},
	{"parallel", "max_in_flight"},
	{"max_connections", "max_in_flight"},
	{"rps", "rate_limit"},
	{"rate", "rate_limit"},
	{"requests_per_second", "rate_limit"},
	{"cron", "indexing_cron"},
	{"crontab", "indexing_cron"},
	{"cron_expression", "indexing_cron"},
	{"cron_schedule", "indexing_cron"},
	{"indexing_schedule", "indexing_cron"},
	{"refresh_schedule", "indexing_cron"},
	{"schedule", "indexing_cron"},
	{"bi_datasource_id", "id"},
	{"datasource_id", "id"},
	{"integration_id", "id"},
	{"label", "name"},
	{"title", "name"},
	{"mode_workspace", "workspace"},
	{"organization", "workspace"},
	{"access_token", "token"},
	{"api_token", "token"},
	{"auth_token", "token"},
	{"mode_token", "token"},
	{"token_id", "token"},
	{"mode_token_file", "token_file"},
	{"tokenfile", "token_file"},
	{"mode_password", "password"},
	{"passwd", "password"},
	{"mode_secret", "password"},
	{"token_secret", "password"},
	{"secret", "password"},
	{"mode_password_file", "password_file"},
	{"passwordfile", "password_file"},
	{"disabled", "paused"},
	{"enabled", "paused"},
	{"default", "defaults"},
	{"datasources", "integrations"},
	{"mode_integrations", "integrations"},
	{"datafold", "api"},
	{"logging", "log"},
	{"log_level", "level"},
	{"verbosity", "level"},
	{"metrics", "metrics_file"},
	{"initial_delay", "first"},
	{"max_delay", "max"},
	{"max_attempts", "rejected_limit"},
	{"max_retries", "rejected_limit"},
	{"debounce", "settle"},
	{"poll_interval", "sweep"},
	{"check_interval", "interval"},
};

const char *alias_find(const struct keys_group *group, const char *name)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		const char *const word[] = {aliases[i].name, NULL};

		if ((group == NULL ||
		     keys_find_in(group, aliases[i].key, strlen(aliases[i].key)) != NULL) &&
		    suggest_nearest(name, word) != NULL)
			return aliases[i].key;
	}
	return NULL;
}
