/* SPDX-License-Identifier: MIT */
/* A fault begins with its key and stands at its value; a path is relative to its file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "config/keys.h"
#include "config/specfile_internal.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static uint32_t node_of(const struct config_fixture *fixture, const char *path)
{
	return setting_node(config_fixture_find(fixture, path));
}

static struct reader_setting setting_of(const struct config_fixture *fixture,
                                        const struct keys_group *group, size_t row,
                                        const char *path)
{
	return (struct reader_setting){
		.reader = &fixture->reader,
		.group = group,
		.field = &group->fields[row],
		.node = node_of(fixture, path),
	};
}

static void a_fault_stands_at_its_value(void **state)
{
	struct config_fixture fixture;
	struct reader_setting url, file;

	(void)state;
	config_fixture_open(&fixture, "api = {\n  url = \"x\";\n};\nmetrics_file = \"m\";\n");
	url = setting_of(&fixture, &keys_api, KEYS_URL, "api.url");
	file = setting_of(&fixture, &keys_top, KEYS_METRICS_FILE, "metrics_file");
	reader_complain(&url, "%d of %s", 3, "them");
	reader_complain(&file, "it is wrong");
	reader_warn(&url, "the host ", "is odd");
	reader_warn(&url, "the host ", NULL);
	config_fixture_assert_faults(&fixture.faults, "2:9+3 error: api.url: 3 of them\n"
	                                              "2:9+3 warning: api.url: the host is odd\n"
	                                              "4:16+3 error: metrics_file: it is wrong\n");
	assert_string_equal(fixture.faults.entries[0].file, "t.conf");
	config_fixture_close(&fixture);
}

static void a_fault_stands_where_it_is_reported(void **state)
{
	struct config_fixture fixture;
	struct fault_place place;
	struct reader_setting url;

	(void)state;
	config_fixture_open(&fixture, "api = { url = \"https://\"; };\n");
	url = setting_of(&fixture, &keys_api, KEYS_URL, "api.url");
	place = tree_string_place(&fixture.tree, url.node, 5, 3);
	reader_report(&url, place, "100 % wrong");
	config_fixture_assert_faults(&fixture.faults, "1:21+3 error: api.url: 100 % wrong\n");
	config_fixture_close(&fixture);
}

/* A value on another line may be another key's, or what a comment should have hidden. */
static void nothing_is_repeated_of_a_value_apart_from_its_key(void **state)
{
	static const char *const texts[] = {
		"api = { url =\n\"secret\"; };\n",
		"api = { url = /* x */ \"secret\"; };\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct config_fixture fixture;
		struct reader_setting url;

		config_fixture_open(&fixture, texts[i]);
		url = setting_of(&fixture, &keys_api, KEYS_URL, "api.url");
		reader_complain(&url, "'%s' is wrong", "secret");
		assert_int_equal(fixture.faults.errors, 1);
		assert_string_equal(fixture.faults.entries[0].text,
		                    "api.url: this value is not valid; write it on the line of its "
		                    "key to see why");
		config_fixture_close(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_stands_at_its_value),
		cmocka_unit_test(a_fault_stands_where_it_is_reported),
		cmocka_unit_test(nothing_is_repeated_of_a_value_apart_from_its_key),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
