/* SPDX-License-Identifier: MIT */
/* Names of other programs, and the keys of ours that they are written for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/keys.h"

static void each_is_written_for_a_key(void **state)
{
	static const struct {
		const struct keys_group *group;
		const char *name, *key;
	} cases[] = {
		{&keys_api, "api_key", "key"},
		{&keys_api, "API_KEY", "key"},
		{&keys_api, "base_url", "url"},
		{&keys_api, "address", "url"},
		{&keys_api, "api_token", "key"},
		{&keys_integration, "api_token", "token"},
		{&keys_integration, "cron", "indexing_cron"},
		{&keys_integration, "shedule", "indexing_cron"},
		{&keys_integration, "bi_datasource_id", "id"},
		{&keys_defaults, "mode_token", "token"},
		{&keys_defaults, "cron", NULL},
		{NULL, "cron", "indexing_cron"},
		{NULL, "check_interval", "interval"},
		{&keys_watch, "check_interval", NULL},
		{NULL, "SeCrEtTok123", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *key = keys_find_alias(cases[i].group, cases[i].name);

		if ((key == NULL) != (cases[i].key == NULL) ||
		    (key != NULL && strcmp(key, cases[i].key) != 0))
			fail_msg("%s", cases[i].name);
	}
}

static void a_name_is_near_to_a_key(void **state)
{
	static const struct {
		const struct keys_group *group;
		const char *name, *key;
	} cases[] = {
		{&keys_api, "urll", "url"},          {&keys_api, "rate_limt", "rate_limit"},
		{&keys_api, "URL", "url"},           {&keys_api, "paused", NULL},
		{&keys_defaults, "pausd", "paused"}, {&keys_defaults, "nmae", NULL},
		{&keys_integration, "nmae", "name"}, {&keys_integration, "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *key = keys_find_near(cases[i].group, cases[i].name);

		if ((key == NULL) != (cases[i].key == NULL) ||
		    (key != NULL && strcmp(key, cases[i].key) != 0))
			fail_msg("%s", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_written_for_a_key),
		cmocka_unit_test(a_name_is_near_to_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
