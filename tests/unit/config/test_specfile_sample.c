/* SPDX-License-Identifier: MIT */
/* The sample that is installed: good where its secrets are, clear about what it lacks, and with
 * every key in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/keys.h"
#include "config/specfile.h"
#include "support/config_fixture.h"

static const struct secret_environment with_key = {.api_key = "environment"};

static char *sample(void)
{
	const char *source = getenv("srcdir");
	char *path = mem_printf("%s/etc/dfmode-sync.conf", source ? source : ".");
	struct text text = {0};
	char buffer[4096];
	size_t length;
	FILE *stream = fopen(path, "re");

	assert_non_null(stream);
	while ((length = fread(buffer, 1, sizeof(buffer), stream)) > 0)
		text_add_bytes(&text, buffer, length);
	(void)fclose(stream);
	free(path);
	return text_take(&text);
}

static char *replaced(const char *text, const char *what, const char *with)
{
	struct text out = {0};
	const char *at;

	while ((at = strstr(text, what))) {
		text_add_bytes(&out, text, (size_t)(at - text));
		text_add(&out, with);
		text = at + strlen(what);
	}
	text_add(&out, text);
	return text_take(&out);
}

static void the_sample_is_good_where_its_secrets_are(void **state)
{
	struct specfile specfile;
	char *text = sample();
	char *here = replaced(text, "/etc/dfmode-sync/", "");

	(void)state;
	config_fixture_put("api-key", "k\n", 0600);
	config_fixture_put("mode-token", "t\n", 0600);
	config_fixture_put("mode-password", "p\n", 0600);
	config_fixture_put("t.conf", here, 0600);
	config_fixture_load_good(&specfile, "t.conf", &with_key);
	assert_int_equal(specfile.faults.count, 0);
	assert_int_equal(specfile.spec->count, 2);
	assert_string_equal(specfile.spec->integrations[0].value.name, "Mode: Finance");
	assert_null(specfile.spec->integrations[1].value.indexing_cron);
	specfile_clear(&specfile);
	free(here);
	free(text);
}

static void the_sample_says_what_it_lacks(void **state)
{
	static const char *const keys[] = {"api.key_file", "defaults.token_file",
	                                   "defaults.password_file"};
	static const char *const files[] = {"api-key", "mode-token", "mode-password"};
	struct specfile specfile;
	char *text = sample();
	char *nowhere = replaced(text, "/etc/dfmode-sync/", "/nonexistent/");

	(void)state;
	config_fixture_put("t.conf", nowhere, 0600);
	specfile_load(&specfile, "t.conf", &with_key, false);
	assert_int_equal(specfile.faults.count, 3);
	for (size_t i = 0; i < 3; i++) {
		char *desired =
			mem_printf("%s: '/nonexistent/%s' does not exist; create it, with the "
		                   "secret as its only line",
		                   keys[i], files[i]);

		assert_string_equal(specfile.faults.entries[i].text, desired);
		free(desired);
	}
	specfile_clear(&specfile);
	free(nowhere);
	free(text);
}

/* "    # key  = …" or "# key = …" for every key, in the sample. */
static bool has_key_line(const char *sample_text, const char *key)
{
	for (const char *at = sample_text; (at = strstr(at, key)); at += strlen(key)) {
		const char *after = at + strlen(key);
		bool begins = at == sample_text || strchr(" {\n", at[-1]);

		if (begins && after[strspn(after, " ")] == '=')
			return true;
	}
	return false;
}

static void the_sample_shows_every_key(void **state)
{
	char *text = sample();
	size_t found = 0;

	(void)state;
	for (const struct keys_group *const *group = keys_all; *group != NULL; group++) {
		for (size_t i = 0; i < (*group)->count; i++) {
			const char *key = (*group)->fields[i].key;

			if (key != NULL && !has_key_line(text, key))
				fail_msg("%s%s", (*group)->path, key);
			found += key != NULL;
		}
	}
	assert_true(found > 40);
	free(text);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(the_sample_is_good_where_its_secrets_are),
		IN_DIRECTORY(the_sample_says_what_it_lacks),
		IN_DIRECTORY(the_sample_shows_every_key),
	};

	return cmocka_run_group_tests_name("specfile_sample", tests, NULL, NULL);
}
