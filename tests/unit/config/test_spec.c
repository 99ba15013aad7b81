/* SPDX-License-Identifier: MIT */
/* The spec: defaults, lookup, equality, hashes, secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/redactor.h"
#include "base/text.h"
#include "config/spec.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void defaults_are_the_manuals(void **state)
{
	struct spec *spec = spec_new();

	(void)state;
	assert_string_equal(spec->api.url, "https://app.datafold.com");
	assert_string_equal(spec->api.proxy, "");
	assert_false(spec->api.allow_http);
	assert_null(spec->api.key);
	assert_int_equal(spec->api.connect_timeout_ms, 10000);
	assert_int_equal(spec->api.timeout_ms, 30000);
	assert_int_equal(spec->api.max_in_flight, 4);
	assert_true(spec->api.rate_limit == 5.0);
	assert_int_equal(spec->retry.first_ms, 1000);
	assert_int_equal(spec->retry.max_ms, 300000);
	assert_int_equal(spec->retry.rejected_first_ms, 30000);
	assert_int_equal(spec->retry.rejected_max_ms, 3600000);
	assert_int_equal(spec->retry.rejected_limit, 0);
	assert_int_equal(spec->drift.mode, SPEC_DRIFT_REPORT);
	assert_int_equal(spec->drift.interval_ms, 3600000);
	assert_int_equal(spec->watch.settle_ms, 250);
	assert_int_equal(spec->watch.sweep_ms, 30000);
	assert_int_equal(spec->log_level, LOG_INFO);
	assert_null(spec->metrics_file);
	assert_false(spec->allow_empty);
	assert_int_equal(spec->count, 0);
	assert_null(spec_find(spec, 1));
	spec_free(spec);
	spec_free(NULL);
}

static struct spec *example(void)
{
	static const int64_t ids[] = {1, 7, 42, INT64_MAX};
	struct spec *spec = spec_new();

	spec->count = 4;
	spec->integrations = mem_alloc(4, sizeof(*spec->integrations));
	for (size_t i = 0; i < 4; i++) {
		spec->integrations[i].id = ids[i];
		spec->integrations[i].token = mem_dup(i == 2 ? "other" : "token");
		spec->integrations[i].password = mem_dup("key");
	}
	spec->api.key = mem_dup("api key");
	return spec;
}

static void an_id_is_found(void **state)
{
	struct spec *spec = example();

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_ptr_equal(spec_find(spec, spec->integrations[i].id), &spec->integrations[i]);
	assert_null(spec_find(spec, 0));
	assert_null(spec_find(spec, 8));
	assert_null(spec_find(spec, INT64_MAX - 1));
	spec_free(spec);
}

static void assert_redacted(const struct spec *spec, const struct spec *before,
                            const char *expected)
{
	static const char said[] = "api key, token, key, other, new key";
	struct redactor *redactor = spec_redactor(spec, before);
	struct text shown = {0};

	redactor_apply(redactor, said, strlen(said), &shown);
	assert_string_equal(shown.bytes, expected);
	text_clear(&shown);
	redactor_free(redactor);
}

static void every_secret_is_redacted(void **state)
{
	struct spec *spec = example();
	struct spec *next = spec_new();

	(void)state;
	assert_redacted(spec, NULL,
	                "[redacted], [redacted], [redacted], [redacted], new [redacted]");
	assert_redacted(next, NULL, "api key, token, key, other, new key");
	next->api.key = mem_dup("new key");
	assert_redacted(next, NULL, "api key, token, key, other, [redacted]");
	assert_redacted(next, spec, "[redacted], [redacted], [redacted], [redacted], [redacted]");
	spec_free(next);
	spec_free(spec);
}

static void values_are_equal_to_the_letter(void **state)
{
	char cron[] = "0 6 * * *";
	char other[] = "0  6 * * *";
	char empty[] = "";
	struct spec_value a = {.indexing_cron = cron, .workspace = empty};
	struct spec_value b = spec_value_copy(&a);

	(void)state;
	assert_true(spec_value_equal(&a, &b));
	assert_ptr_not_equal(a.indexing_cron, b.indexing_cron);
	assert_null(b.name);
	a.indexing_cron = other;
	assert_false(spec_value_equal(&a, &b));
	a.indexing_cron = NULL;
	assert_false(spec_value_equal(&a, &b));
	a.indexing_cron = cron;
	a.workspace = NULL; /* not sent is not empty */
	assert_false(spec_value_equal(&a, &b));
	a.workspace = empty;
	a.name = empty;
	assert_false(spec_value_equal(&a, &b));
	spec_value_clear(&b);
	assert_null(b.indexing_cron);
}

/* Whatever is another key is another hash, and so is another seed. */
static void a_key_has_its_hash(void **state)
{
	char a[] = "a", b[] = "b";
	struct spec_api api = {.key = a, .url = a, .proxy = b};
	uint64_t key = spec_key_hash(&api, 5);
	uint64_t transport = spec_transport_hash(&api, 5);

	(void)state;
	assert_int_not_equal(spec_key_hash(&api, 6), key);
	assert_int_not_equal(spec_transport_hash(&api, 6), transport);
	api.key = b;
	assert_int_not_equal(spec_key_hash(&api, 5), key);
	assert_int_equal(spec_transport_hash(&api, 5), transport);
	api.key = NULL;
	assert_int_not_equal(spec_key_hash(&api, 5), key);
}

/* No two ways to a server have one hash: not where strings move from one to the next, nor where a
 * file of TLS has changed. */
static void each_way_to_a_server_has_its_hash(void **state)
{
	char a[] = "a", b[] = "b", ab[] = "ab", empty[] = "";
	const struct spec_api ways[] = {
		{.url = a, .proxy = b},
		{.url = a, .proxy = a},
		{.url = b, .proxy = b},
		{.url = a, .proxy = empty},
		{.url = a, .proxy = b, .ca_file = a},
		{.url = a, .proxy = b, .client_cert_file = a},
		{.url = a, .proxy = b, .client_key_file = a},
		{.url = a, .proxy = b, .ca_file = empty},
		{.url = a, .proxy = b, .ca_file = b},
		{.url = ab, .proxy = b, .ca_file = empty},
		{.url = a, .proxy = b, .tls_hash = 1},
		{.url = a, .proxy = b, .tls_hash = 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		for (size_t j = i + 1; j < COUNT(ways); j++) {
			if (spec_transport_hash(&ways[i], 5) == spec_transport_hash(&ways[j], 5))
				fail_msg("%zu and %zu", i, j);
		}
	}
}

static void a_place_is_the_nearest_there_is(void **state)
{
	struct spec_integration integration = {
		.places = {[SPEC_ID] = {"f", 3}, [SPEC_NAME] = {"g", 4}}};

	(void)state;
	assert_int_equal(spec_place_of(&integration, SPEC_NAME).line, 4);
	assert_string_equal(spec_place_of(&integration, SPEC_NAME).file, "g");
	assert_int_equal(spec_place_of(&integration, SPEC_TOKEN).line, 3);
	assert_string_equal(spec_field_name(SPEC_INDEXING_CRON), "indexing_cron");
	assert_string_equal(spec_field_name(SPEC_PASSWORD), "password");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_manuals),
		cmocka_unit_test(an_id_is_found),
		cmocka_unit_test(every_secret_is_redacted),
		cmocka_unit_test(values_are_equal_to_the_letter),
		cmocka_unit_test(a_key_has_its_hash),
		cmocka_unit_test(each_way_to_a_server_has_its_hash),
		cmocka_unit_test(a_place_is_the_nearest_there_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
