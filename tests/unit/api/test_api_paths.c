/* SPDX-License-Identifier: MIT */
/* The paths of the remote API, for the smallest and the largest id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/api_paths.h"

static void paths_hold_the_id_and_end_with_a_slash(void **state)
{
	static const struct {
		int64_t id;
		const char *update;
		const char *sync;
	} cases[] = {
		{1, "/api/v1/lineage/bi/mode/1/", "/api/v1/lineage/bi/1/sync/"},
		{42, "/api/v1/lineage/bi/mode/42/", "/api/v1/lineage/bi/42/sync/"},
		{INT64_MAX, "/api/v1/lineage/bi/mode/9223372036854775807/",
	         "/api/v1/lineage/bi/9223372036854775807/sync/"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[API_PATHS_MAX];

		assert_string_equal(api_paths_update(cases[i].id, path), cases[i].update);
		assert_string_equal(api_paths_sync(cases[i].id, path), cases[i].sync);
	}
	assert_string_equal(API_PATHS_LIST, "/api/v1/lineage/bi/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_hold_the_id_and_end_with_a_slash),
	};

	return cmocka_run_group_tests_name("api_paths", tests, NULL, NULL);
}
