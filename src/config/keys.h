/* SPDX-License-Identifier: MIT */
/* Every key of the configuration (SPEC §2), as tables for schema.h. */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/schema.h"

/* Rows of a secret stand together: inline, file, credential. */
enum keys_top {
	KEYS_API,
	KEYS_DEFAULTS,
	KEYS_RETRY,
	KEYS_DRIFT,
	KEYS_WATCH,
	KEYS_LOG,
	KEYS_METRICS_FILE,
	KEYS_ALLOW_EMPTY,
	KEYS_INTEGRATIONS,
	KEYS_TOP_COUNT,
};

enum keys_api {
	KEYS_URL,
	KEYS_ALLOW_HTTP,
	KEYS_KEY,
	KEYS_KEY_FILE,
	KEYS_KEY_CREDENTIAL,
	KEYS_CA_FILE,
	KEYS_CLIENT_CERT_FILE,
	KEYS_CLIENT_KEY_FILE,
	KEYS_PROXY,
	KEYS_CONNECT_TIMEOUT,
	KEYS_TIMEOUT,
	KEYS_MAX_IN_FLIGHT,
	KEYS_RATE_LIMIT,
	KEYS_API_COUNT,
};

enum keys_retry {
	KEYS_FIRST,
	KEYS_MAX,
	KEYS_REJECTED_FIRST,
	KEYS_REJECTED_MAX,
	KEYS_REJECTED_LIMIT,
	KEYS_RETRY_COUNT,
};

enum keys_integration {
	KEYS_ID,
	KEYS_INDEXING_CRON,
	KEYS_NAME,
	KEYS_WORKSPACE,
	KEYS_TOKEN,
	KEYS_TOKEN_FILE,
	KEYS_TOKEN_CREDENTIAL,
	KEYS_PASSWORD,
	KEYS_PASSWORD_FILE,
	KEYS_PASSWORD_CREDENTIAL,
	KEYS_PAUSED,
	KEYS_INTEGRATION_COUNT,
};

#define KEYS_COUNT_MAX 16 /* rows of the longest table */

/* These are read into a struct spec, */
extern const struct schema keys_top;
extern const struct schema keys_api;
extern const struct schema keys_retry;
extern const struct schema keys_drift;
extern const struct schema keys_watch;
extern const struct schema keys_log;

/* and these into a struct spec_integration; the rows are enum keys_integration's in both. */
extern const struct schema keys_defaults;
extern const struct schema keys_integration;

/* All of them, NULL-ended; what is likelier meant stands first. */
extern const struct schema *const keys_all[];

/* Whether it is the name of a key whose value may be shown: known or nearly so, and no secret, nor
 * nearly. */
bool keys_may_show(const char *name, size_t length);

bool keys_is_known(const char *name, size_t length);

/* "api.url", "integrations[].id", …; NULL-ended. */
const char *const *keys_names(void);

#endif
