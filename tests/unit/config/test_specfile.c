/* SPDX-License-Identifier: MIT */
/* What good files become: every key, defaults and what beats them, where secrets come from, places,
 * what is watched. (What bad files become is test_bad.c's.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "base/mem.h"
#include "config/keys.h"
#include "config/specfile.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECRETS      "defaults = { token = \"t\"; password = \"p\"; };\n"
#define LIST         "integrations = ( { id = 1; indexing_cron = \"0 6 * * *\"; } );\n"

static const struct secret_environment with_key = {.api_key = "environment"};

static void load_text(struct specfile *specfile, const char *text)
{
	config_fixture_put("t.conf", text, 0600);
	config_fixture_load_good(specfile, "t.conf", &with_key);
}

/* keys */

static const char all_keys_text[] =
	"api = { url = \"https://df.example:8443/base//\"; allow_http = true; key = \"k\";\n"
	"  ca_file = \"ca\"; client_cert_file = \"cert\"; client_key_file = "
	"\"/dev/../tmp/../etc/passwd\";\n"
	"  proxy = \"env\"; connect_timeout = \"1s 500ms\"; timeout = 7; max_in_flight = 64;\n"
	"  rate_limit = 2.5; };\n"
	"retry = { first = \"1ms\"; max = \"2h\"; rejected_first = 5; rejected_max = \"1d\";\n"
	"  rejected_limit = 9; };\n"
	"drift = { mode = \"repair\"; interval = \"30min\"; };\n"
	"watch = { settle = \"1ms\"; sweep = \"1min\"; };\n"
	"log = { level = \"debug\"; };\n"
	"metrics_file = \"metrics.prom\";\n"
	"allow_empty = true;\n"
	"defaults = { workspace = \"acme\"; token = \"t\"; password = \"p\"; paused = true; };\n"
	"integrations = (\n"
	"  { id = 9223372036854775807; name = \"Mode: \\\"Finance\\\"\"; indexing_cron = false;\n"
	"    workspace = \"\"; token = \"own\"; password = \"ownp\"; paused = false; },\n"
	"  { id = 0x10; indexing_cron = \"0 6 \" /* every */ \"* * *\" }\n"
	");\n";

static void every_key_is_read(void **state)
{
	const struct spec_integration *first, *second;
	const struct spec *spec;
	struct specfile specfile;

	(void)state;
	config_fixture_put("ca", "x", 0600);
	config_fixture_put("cert", "x", 0600);
	load_text(&specfile, all_keys_text);
	spec = specfile.spec;
	assert_int_equal(specfile.faults.count, 0);
	assert_string_equal(spec->api.url, "https://df.example:8443/base");
	assert_true(spec->api.allow_http);
	assert_string_equal(spec->api.key, "k");
	assert_string_equal(spec->api.ca_file, "ca");
	assert_string_equal(spec->api.client_cert_file, "cert");
	assert_string_equal(spec->api.client_key_file, "/dev/../tmp/../etc/passwd");
	assert_string_equal(spec->api.proxy, "env");
	assert_int_equal(spec->api.connect_timeout_ms, 1500);
	assert_int_equal(spec->api.timeout_ms, 7000);
	assert_int_equal(spec->api.max_in_flight, 64);
	assert_true(spec->api.rate_limit == 2.5);
	assert_int_equal(spec->retry.first_ms, 1);
	assert_int_equal(spec->retry.max_ms, 7200000);
	assert_int_equal(spec->retry.rejected_first_ms, 5000);
	assert_int_equal(spec->retry.rejected_max_ms, 86400000);
	assert_int_equal(spec->retry.rejected_limit, 9);
	assert_int_equal(spec->drift.mode, SPEC_DRIFT_REPAIR);
	assert_int_equal(spec->drift.interval_ms, 1800000);
	assert_int_equal(spec->watch.settle_ms, 1);
	assert_int_equal(spec->watch.sweep_ms, 60000);
	assert_int_equal(spec->log_level, LOG_DEBUG);
	assert_string_equal(spec->metrics_file, "metrics.prom");
	assert_true(spec->allow_empty);
	assert_int_equal(spec->count, 2);
	first = &spec->integrations[0];
	assert_int_equal(first->id, 16);
	assert_string_equal(first->value.indexing_cron, "0 6 * * *");
	assert_null(first->value.name);
	assert_string_equal(first->value.workspace, "acme");
	assert_string_equal(first->token, "t");
	assert_string_equal(first->password, "p");
	assert_true(first->paused);
	second = &spec->integrations[1];
	assert_int_equal(second->id, INT64_MAX);
	assert_null(second->value.indexing_cron);
	assert_string_equal(second->value.name, "Mode: \"Finance\"");
	assert_string_equal(second->value.workspace, "");
	assert_string_equal(second->token, "own");
	assert_string_equal(second->password, "ownp");
	assert_false(second->paused);
	specfile_clear(&specfile);
}

/* secrets */

static void an_own_secret_beats_defaults(void **state)
{
	const struct spec_integration *all;
	struct specfile specfile;

	(void)state;
	config_fixture_put("one", "1\n", 0600);
	config_fixture_put("two", "2\r\n", 0600);
	load_text(&specfile,
	          "defaults = { token_file = \"one\"; password = \"p\"; };\n"
	          "integrations = ( { id = 1; indexing_cron = false; token = \"own\"; },\n"
	          "  { id = 2; indexing_cron = false; token_file = \"two\"; password_file = "
	          "\"one\"; },\n"
	          "  { id = 3; indexing_cron = false; } );\n");
	all = specfile.spec->integrations;
	assert_string_equal(all[0].token, "own");
	assert_string_equal(all[0].password, "p");
	assert_string_equal(all[1].token, "2");
	assert_string_equal(all[1].password, "1");
	assert_string_equal(all[2].token, "1");
	assert_string_equal(all[2].password, "p");
	assert_int_equal(all[0].places[SPEC_TOKEN].line, 2);
	assert_int_equal(all[1].places[SPEC_TOKEN].line, 3);
	assert_int_equal(all[2].places[SPEC_TOKEN].line, 1);
	assert_int_equal(all[2].places[SPEC_PASSWORD].line, 1);
	specfile_clear(&specfile);
}

struct keying {
	const char *api; /* the group's inside */
	bool has_credentials;
	const char *environment;
	const char *desired;
};

static const struct keying keyings[] = {
	{"key = \"inline\";", true, "environment", "inline"},
	{"key_file = \"file\";", true, "environment", "file's"},
	{"key_credential = \"named\";", true, "environment", "credential's"},
	{"", true, "environment", "default credential's"},
	{"", true, NULL, "default credential's"},
	{"", false, "environment", "environment"},
};

static void the_key_comes_from_the_first_that_has_it(void **state)
{
	(void)state;
	config_fixture_put("file", "file's\n", 0600);
	assert_int_equal(mkdir("credentials", 0700), 0);
	config_fixture_put("credentials/named", "credential's", 0600);
	for (size_t i = 0; i < COUNT(keyings); i++) {
		const struct keying *keying = &keyings[i];
		const struct secret_environment environment = {
			.credentials_directory = keying->has_credentials ? "credentials" : NULL,
			.api_key = keying->environment,
		};
		struct specfile specfile;
		struct text text = {0};
		text_printf(&text, "api = { %s };\n" SECRETS LIST, keying->api);
		config_fixture_put("credentials/datafold-api-key", "default-credential's", 0600);
		config_fixture_put("t.conf", text.bytes, 0600);
		config_fixture_load_good(&specfile, "t.conf", &environment);
		if (strcmp(keying->desired, "default credential's") == 0)
			assert_string_equal(specfile.spec->api.key, "default-credential's");
		else
			assert_string_equal(specfile.spec->api.key, keying->desired);
		specfile_clear(&specfile);
		text_clear(&text);
	}
}

static void a_bad_key_of_the_environment_is_told(void **state)
{
	const struct secret_environment empty = {.api_key = ""};
	const struct secret_environment credentials = {.credentials_directory = ".",
	                                               .api_key = "good"};
	struct specfile specfile;

	(void)state;
	config_fixture_put("t.conf", SECRETS LIST, 0600);
	specfile_load(&specfile, "t.conf", &empty, false);
	assert_null(specfile.spec);
	assert_string_equal(specfile.faults.entries[0].text, "DATAFOLD_API_KEY: is empty");
	specfile_clear(&specfile);
	config_fixture_put("datafold-api-key", "", 0600);
	specfile_load(&specfile, "t.conf", &credentials, false);
	assert_null(specfile.spec);
	assert_string_equal(specfile.faults.entries[0].text,
	                    "credential datafold-api-key: './datafold-api-key' is empty");
	specfile_clear(&specfile);
	specfile_load(&specfile, "t.conf", NULL, false);
	assert_null(specfile.spec);
	specfile_clear(&specfile);
}

static void hidden_credentials_are_presumed_and_nothing_else_is(void **state)
{
	static const struct secret_environment hidden = {.hides_credentials = true};
	struct specfile specfile;

	(void)state;
	config_fixture_put("t.conf",
	                   "defaults = { token = \"t\"; password_credential = \"mode\"; };\n" LIST,
	                   0600);
	specfile_load(&specfile, "t.conf", &hidden, false);
	assert_non_null(specfile.spec);
	assert_int_equal(specfile.faults.count, 2);
	assert_string_equal(specfile.faults.entries[0].text,
	                    "credential 'datafold-api-key' is not checked: only the service can "
	                    "read it");
	assert_string_equal(specfile.faults.entries[1].text,
	                    "credential 'mode' is not checked: only the service can read it");
	specfile_clear(&specfile);
	config_fixture_put("t.conf", "api = { key_credential = \"a/b\"; };\n" SECRETS LIST, 0600);
	specfile_load(&specfile, "t.conf", &hidden, false);
	assert_null(specfile.spec);
	specfile_clear(&specfile);
	config_fixture_put("t.conf", "api = { key_file = \"nowhere/key\"; };\n" SECRETS LIST, 0600);
	specfile_load(&specfile, "t.conf", &hidden, false);
	assert_null(specfile.spec);
	specfile_clear(&specfile);
}

/* several files */

static void groups_and_lists_are_joined(void **state)
{
	const struct spec *spec;
	struct specfile specfile;

	(void)state;
	assert_int_equal(mkdir("t.conf.d", 0700), 0);
	assert_int_equal(mkdir("sub", 0700), 0);
	config_fixture_put("sub/secret", "s\n", 0600);
	config_fixture_put("sub/more.conf", "defaults = {\n    token_file = \"secret\";\n};\n",
	                   0600);
	config_fixture_put("t.conf.d/10.conf",
	                   "api = { timeout = 5; };\n"
	                   "integrations = (\n  { id = 1; indexing_cron = false; }\n);\n",
	                   0600);
	config_fixture_put("t.conf.d/20.conf",
	                   "integrations = ( );\ndefaults = { workspace = \"w\"; };\n", 0600);
	load_text(&specfile, "@include \"sub/more.conf\"\n"
	                     "api = { connect_timeout = 3; };\n"
	                     "defaults = { password = \"p\"; };\n"
	                     "integrations = ( { id = 2; indexing_cron = false; } );\n");
	spec = specfile.spec;
	assert_int_equal(spec->api.timeout_ms, 5000);
	assert_int_equal(spec->api.connect_timeout_ms, 3000);
	assert_int_equal(spec->count, 2);
	assert_int_equal(spec->integrations[0].id, 1);
	assert_string_equal(spec->integrations[0].places[SPEC_ID].file, "t.conf.d/10.conf");
	assert_int_equal(spec->integrations[0].places[SPEC_ID].line, 3);
	assert_int_equal(spec->integrations[1].id, 2);
	assert_int_equal(spec->integrations[1].places[SPEC_INDEXING_CRON].line, 4);
	assert_string_equal(spec->integrations[1].token, "s");
	assert_string_equal(spec->integrations[1].password, "p");
	assert_string_equal(spec->integrations[1].value.workspace, "w");
	assert_string_equal(spec->integrations[1].places[SPEC_TOKEN].file, "sub/more.conf");
	assert_int_equal(spec->integrations[1].places[SPEC_TOKEN].line, 2);
	assert_string_equal(spec->integrations[1].places[SPEC_WORKSPACE].file, "t.conf.d/20.conf");
	specfile_clear(&specfile);
}

static bool watches(const struct specfile *specfile, const char *path)
{
	assert_null(specfile->watched[specfile->watched_count]);
	for (size_t i = 0; i < specfile->watched_count; i++)
		if (strcmp(specfile->watched[i], path) == 0)
			return true;
	return false;
}

static uint64_t hash_of(const char *path)
{
	struct specfile specfile;
	uint64_t hash;

	specfile_load(&specfile, path, &with_key, false);
	hash = specfile.hash;
	specfile_clear(&specfile);
	return hash;
}

static void all_that_matters_is_watched_and_hashed(void **state)
{
	struct specfile specfile;
	uint64_t hash;

	(void)state;
	config_fixture_put("ca", "1", 0600);
	config_fixture_put(
		"t.conf",
		"@include \"none.conf\"\napi = { ca_file = \"ca\"; key_file = \"key\"; };\n" SECRETS
		"integrations = ( { id = 1; indexing_cron = 7; token_file = \"none\"; } );\n",
		0600);
	config_fixture_put("key", "k", 0600);
	specfile_load(&specfile, "t.conf", &with_key, false);
	assert_null(specfile.spec);
	assert_true(watches(&specfile, "t.conf"));
	assert_true(watches(&specfile, "t.conf.d"));
	assert_true(watches(&specfile, "none.conf"));
	assert_true(watches(&specfile, "ca"));
	assert_true(watches(&specfile, "key"));
	assert_true(watches(&specfile, "none"));
	hash = specfile.hash;
	specfile_clear(&specfile);
	assert_int_equal(hash_of("t.conf"), hash);
	config_fixture_put("key", "K", 0600);
	assert_int_not_equal(hash_of("t.conf"), hash);
	hash = hash_of("t.conf");
	config_fixture_put("ca", "2", 0600);
	assert_int_not_equal(hash_of("t.conf"), hash);
	hash = hash_of("t.conf");
	config_fixture_put("none", "x", 0600);
	assert_int_not_equal(hash_of("t.conf"), hash);
}

static void a_missing_file_is_a_fault_and_watched(void **state)
{
	struct specfile specfile;

	(void)state;
	specfile_load(&specfile, "none.conf", &with_key, false);
	assert_null(specfile.spec);
	assert_int_equal(specfile.faults.errors, 1);
	assert_true(watches(&specfile, "none.conf"));
	specfile_clear(&specfile);
}

static void an_empty_list_needs_leave(void **state)
{
	struct specfile specfile;

	(void)state;
	load_text(&specfile, "integrations = ( );\n");
	assert_int_equal(specfile.faults.warnings, 1);
	assert_string_equal(specfile.faults.entries[0].text,
	                    "integrations: the list is empty; a running daemon rejects that "
	                    "unless allow_empty = true");
	specfile_clear(&specfile);
	load_text(&specfile, "integrations = ( ); allow_empty = true;\n");
	assert_int_equal(specfile.spec->count, 0);
	assert_int_equal(specfile.faults.count, 0);
	specfile_clear(&specfile);
}

/* Each use of an id but the first names the first, wherever the others are. */
static void an_id_that_is_used_again_names_the_first(void **state)
{
	struct specfile specfile;

	(void)state;
	config_fixture_put("t.conf",
	                   SECRETS "integrations = (\n"
	                           "{ id = 5; indexing_cron = false; },\n"
	                           "{ id = 7; indexing_cron = false; },\n"
	                           "{ id = 5; indexing_cron = false; },\n"
	                           "{ id = 3; indexing_cron = false; },\n"
	                           "{ id = 5; indexing_cron = false; },\n"
	                           "{ id = 7; indexing_cron = false; } );\n",
	                   0600);
	specfile_load(&specfile, "t.conf", &with_key, false);
	assert_null(specfile.spec);
	assert_int_equal(specfile.faults.errors, 3);
	assert_int_equal(specfile.faults.entries[0].line, 5);
	assert_string_equal(specfile.faults.entries[0].text, "id: already used at t.conf:3:8");
	assert_int_equal(specfile.faults.entries[1].line, 7);
	assert_string_equal(specfile.faults.entries[1].text, "id: already used at t.conf:3:8");
	assert_int_equal(specfile.faults.entries[2].line, 8);
	assert_string_equal(specfile.faults.entries[2].text, "id: already used at t.conf:4:8");
	specfile_clear(&specfile);
}

static void a_url_may_be_plain_on_loopback(void **state)
{
	static const char *const urls[] = {"http://localhost",      "http://LOCALHOST:8080",
	                                   "http://127.0.0.1:1",    "http://127.255.255.254/x",
	                                   "http://[::1]:8080/",    "HTTPS://a.b",
	                                   "https://[2001:db8::1]", "https://a_b.c:65535"};
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct specfile specfile;
		struct text text = {0};
		text_printf(&text, "api = { url = \"%s\"; };\n" SECRETS LIST, urls[i]);
		load_text(&specfile, text.bytes);
		specfile_clear(&specfile);
		text_clear(&text);
	}
}

static void bytes_load_without_files(void **state)
{
	static const char text[] = "api = { key = \"k\"; };\n" SECRETS LIST;
	struct specfile specfile;

	(void)state;
	specfile_from_bytes(&specfile, "b.conf", text, sizeof(text) - 1, NULL);
	assert_non_null(specfile.spec);
	assert_string_equal(specfile.spec->integrations[0].places[SPEC_ID].file, "b.conf");
	specfile_clear(&specfile);
	specfile_clear(&specfile);
}

/* size */

static void ten_thousand_share_one_secret_file(void **state)
{
	struct specfile specfile;
	struct text text = {0};

	(void)state;
	config_fixture_put("token", "shared\n", 0600);
	text_add(&text, "defaults = { token_file = \"token\"; password_file = \"token\"; };\n"
	                "integrations = (\n");
	for (int id = 10000; id > 0; id--)
		text_printf(&text, "{ id = %d; indexing_cron = \"%d * * * *\"; }%s\n", id, id % 60,
		            id > 1 ? "," : "");
	text_add(&text, ");\n");
	load_text(&specfile, text.bytes);
	assert_int_equal(specfile.spec->count, 10000);
	for (size_t i = 0; i < 10000; i++) {
		assert_int_equal(specfile.spec->integrations[i].id, i + 1);
		assert_string_equal(specfile.spec->integrations[i].token, "shared");
	}
	assert_int_equal(spec_find(specfile.spec, 5000)->places[SPEC_ID].line, 5003);
	specfile_clear(&specfile);
	text_clear(&text);
}

/* libconfig is given a long list in parts: a fault must still find its line. */
static void faults_far_down_have_their_lines(void **state)
{
	struct specfile specfile;
	struct text text = {0};

	(void)state;
	text_add(&text, SECRETS "integrations = (\n");
	for (int line = 3; line <= 3000; line++) {
		if (line == 1700)
			text_add(&text, "5,\n");
		else
			text_printf(&text, "{ id = %d; indexing_cron = \"%d 0 * * *\"; },\n", line,
			            line == 2600 ? 60 : line % 60);
	}
	text_add(&text, ");\n");
	specfile_from_bytes(&specfile, "t.conf", text.bytes, text.length, &with_key);
	assert_int_equal(specfile.faults.count, 2);
	assert_int_equal(specfile.faults.entries[0].line, 1700);
	assert_string_equal(specfile.faults.entries[0].text,
	                    "integrations: expected a group { }, found an integer");
	assert_int_equal(specfile.faults.entries[1].line, 2600);
	assert_string_equal(specfile.faults.entries[1].text,
	                    "indexing_cron: minute 60 is outside 0-59");
	specfile_clear(&specfile);
	text_clear(&text);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(every_key_is_read),
		IN_DIRECTORY(an_own_secret_beats_defaults),
		IN_DIRECTORY(the_key_comes_from_the_first_that_has_it),
		IN_DIRECTORY(a_bad_key_of_the_environment_is_told),
		IN_DIRECTORY(hidden_credentials_are_presumed_and_nothing_else_is),
		IN_DIRECTORY(groups_and_lists_are_joined),
		IN_DIRECTORY(all_that_matters_is_watched_and_hashed),
		IN_DIRECTORY(a_missing_file_is_a_fault_and_watched),
		IN_DIRECTORY(an_empty_list_needs_leave),
		IN_DIRECTORY(an_id_that_is_used_again_names_the_first),
		IN_DIRECTORY(a_url_may_be_plain_on_loopback),
		cmocka_unit_test(bytes_load_without_files),
		IN_DIRECTORY(ten_thousand_share_one_secret_file),
		cmocka_unit_test(faults_far_down_have_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
