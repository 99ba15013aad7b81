/* SPDX-License-Identifier: MIT */
/* What the operator wants: the settings of the file, and its integrations sorted by id. */
#ifndef SPEC_H
#define SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPEC_DEFAULT_URL "https://app.datafold.com"

/* All strings are owned by their struct. Spans are in milliseconds. */
struct spec_api {
	char *url; /* without trailing slashes */
	bool allow_http;
	char *key;            /* secret */
	bool key_is_presumed; /* a credential that cannot be read here was taken to be there */
	char *ca_file;        /* NULL: the system's trust */
	char *client_cert_file, *client_key_file;
	uint64_t tls_hash; /* of what these three files hold */
	char *proxy;       /* "": none; "env": as the environment says */
	int64_t connect_timeout_ms, timeout_ms;
	int64_t max_in_flight;
	double rate_limit; /* requests a second; 0: no limit */
};

struct spec_retry {
	int64_t first_ms, max_ms;
	int64_t rejected_first_ms, rejected_max_ms;
	int64_t rejected_limit; /* 0: never stop */
};

struct spec_drift {
	enum spec_drift_mode { SPEC_DRIFT_OFF, SPEC_DRIFT_REPORT, SPEC_DRIFT_REPAIR } mode;
	int64_t interval_ms;
};

struct spec_watch {
	int64_t settle_ms, sweep_ms;
};

/* Where something stands in the files; `file` is borrowed from spec.files. line 0: not given. */
struct spec_place {
	const char *file;
	int line;
};

/* The parts of an integration that a server's complaint can be about. */
enum spec_field {
	SPEC_ID, /* the place of the integration itself where there is nothing nearer */
	SPEC_INDEXING_CRON,
	SPEC_NAME,
	SPEC_WORKSPACE,
	SPEC_TOKEN,
	SPEC_PASSWORD,
	SPEC_FIELD_COUNT,
};

/* The key in the file and in the PUT's body: "indexing_cron". */
const char *spec_field_name(enum spec_field field);

/* The value that the server is to have: what is compared, sent and remembered. Secrets are apart,
 * as they are sent but never remembered. */
struct spec_value {
	char *indexing_cron; /* NULL: no schedule (JSON null) */
	char *name;          /* NULL: not sent */
	char *workspace;     /* NULL: not sent */
};

struct spec_integration {
	int64_t id; /* bi_datasource_id, 1 or more; first (mem_compare_int()) */
	struct spec_value value;
	char *token;          /* secret */
	char *password;       /* secret */
	uint64_t credentials; /* keyed digest of these two (state.h); 0: not known */
	bool paused;
	struct spec_place places[SPEC_FIELD_COUNT]; /* defaults' places where they apply */
};

struct spec {
	struct spec_api api;
	struct spec_retry retry;
	struct spec_drift drift;
	struct spec_watch watch;
	int log_level;      /* LOG_ERR … LOG_DEBUG of syslog(3) */
	char *metrics_file; /* NULL: none */
	bool allow_empty;
	bool secrets_are_presumed;             /* some tokens or passwords, likewise */
	struct spec_integration *integrations; /* sorted by id, no two alike */
	size_t count;
	char **files; /* the paths that places borrow; NULL-ended */
};

/* A spec with the defaults of SPEC §2 and no integrations. */
struct spec *spec_new(void);

/* Wipes the secrets; NULL is fine. */
void spec_free(struct spec *spec);

/* NULL if there is none. O(log n). */
const struct spec_integration *spec_find(const struct spec *spec, int64_t id);

/* The place of a field, or the nearest there is (the integration's own). */
struct spec_place spec_place_of(const struct spec_integration *integration, enum spec_field field);

/* Equal to the letter; the text is sent as written, so another spelling is another value. */
bool spec_value_equal(const struct spec_value *a, const struct spec_value *b);
struct spec_value spec_value_copy(const struct spec_value *value);
void spec_value_clear(struct spec_value *value);

/* Hashes to notice a change with, under a `seed` of the process; never kept on disk. */
uint64_t spec_key_hash(const struct spec_api *api, uint64_t seed); /* the API key */
/* url, TLS files and what they hold, proxy */
uint64_t spec_transport_hash(const struct spec_api *api, uint64_t seed);

/* A redactor of every secret that the spec holds, and of those of the one `before` (NULL: none),
 * which answers under way may still echo; given to the caller. */
struct redactor *spec_redactor(const struct spec *spec, const struct spec *before);

#endif
