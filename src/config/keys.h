/* SPDX-License-Identifier: MIT */
/* Every key of the configuration (SPEC §2), as tables for schema.c. */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/keys_type.h"

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
extern const struct keys_group keys_top;
extern const struct keys_group keys_api;
extern const struct keys_group keys_retry;
extern const struct keys_group keys_drift;
extern const struct keys_group keys_watch;
extern const struct keys_group keys_log;

/* and these into a struct spec_integration; the rows are enum keys_integration's in both. */
extern const struct keys_group keys_defaults;
extern const struct keys_group keys_integration;

/* All of them, NULL-ended; what is likelier meant stands first. */
extern const struct keys_group *const keys_all[];

/* The row of a key, in one group, and in whichever; NULL if there is none of that name. */
const struct keys_field *keys_find_in(const struct keys_group *group, const char *name,
                                      size_t length);
const struct keys_field *keys_find(const char *name, size_t length);

/* The key of `group` that a name is near to (suggest.h); NULL if none is. */
const char *keys_find_near(const struct keys_group *group, const char *name);

/* The key of `group` (NULL: of any) that an alias, or a name near one (suggest.h), is written for;
 * NULL if none is known. */
const char *keys_find_alias(const struct keys_group *group, const char *name);

/* Append "expected true or false", …: what the value of a key is. */
void keys_add_expected(const struct keys_field *field, struct text *out);

/* Where a key begins behind which only "=" or ":" and blanks stand up to `end`; NULL if that is not
 * so. */
const char *keys_before_equals(const char *start, const char *end);

#endif
