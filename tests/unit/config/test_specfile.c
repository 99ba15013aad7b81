/* SPDX-License-Identifier: MIT */
/* What good files become: every key, defaults and what beats them, where secrets come from, places,
 * what is watched. (What bad files become is test_bad.c's.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/keys.h"
#include "config/source.h"
#include "config/specfile.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECRETS      "defaults = { token = \"t\"; password = \"p\"; };\n"
#define LIST         "integrations = ( { id = 1; indexing_cron = \"0 6 * * *\"; } );\n"

static const struct secret_environment with_key = {.api_key = "environment"};

/* files of a test: each test has a directory of its own, and is in it */

static int enter(void **state)
{
	char *directory = mem_dup("/tmp/dfmode-specfile-XXXXXX");
	*state = directory;
	return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int leave(void **state)
{
	int failed = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return failed;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void load_good(struct specfile *specfile, const char *path,
                      const struct secret_environment *environment)
{
	specfile_load(specfile, path, environment);
	if (!specfile->spec) {
		struct text told = {0};
		faults_print(&specfile->faults, false, &told);
		fail_msg("%s", told.bytes);
	}
}

static void load_text(struct specfile *specfile, const char *text)
{
	put("t.conf", text);
	load_good(specfile, "t.conf", &with_key);
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
	struct specfile specfile;
	(void)state;
	put("ca", "x");
	put("cert", "x");
	load_text(&specfile, all_keys_text);
	const struct spec *spec = specfile.spec;
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
	const struct spec_integration *first = &spec->integrations[0];
	assert_int_equal(first->id, 16);
	assert_string_equal(first->value.indexing_cron, "0 6 * * *");
	assert_null(first->value.name);
	assert_string_equal(first->value.workspace, "acme");
	assert_string_equal(first->token, "t");
	assert_string_equal(first->password, "p");
	assert_true(first->paused);
	const struct spec_integration *second = &spec->integrations[1];
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
	struct specfile specfile;
	(void)state;
	put("one", "1\n");
	put("two", "2\r\n");
	load_text(&specfile,
	          "defaults = { token_file = \"one\"; password = \"p\"; };\n"
	          "integrations = ( { id = 1; indexing_cron = false; token = \"own\"; },\n"
	          "  { id = 2; indexing_cron = false; token_file = \"two\"; password_file = "
	          "\"one\"; },\n"
	          "  { id = 3; indexing_cron = false; } );\n");
	const struct spec_integration *all = specfile.spec->integrations;
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
	put("file", "file's\n");
	assert_int_equal(mkdir("credentials", 0700), 0);
	put("credentials/named", "credential's");
	for (size_t i = 0; i < COUNT(keyings); i++) {
		const struct keying *keying = &keyings[i];
		const struct secret_environment environment = {
			.credentials_directory = keying->has_credentials ? "credentials" : NULL,
			.api_key = keying->environment,
		};
		struct specfile specfile;
		struct text text = {0};
		text_printf(&text, "api = { %s };\n" SECRETS LIST, keying->api);
		put("credentials/datafold-api-key", "default-credential's");
		put("t.conf", text.bytes);
		load_good(&specfile, "t.conf", &environment);
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
	put("t.conf", SECRETS LIST);
	specfile_load(&specfile, "t.conf", &empty);
	assert_null(specfile.spec);
	assert_string_equal(specfile.faults.entries[0].text, "DATAFOLD_API_KEY: is empty");
	specfile_clear(&specfile);
	put("datafold-api-key", "");
	specfile_load(&specfile, "t.conf", &credentials);
	assert_null(specfile.spec);
	assert_string_equal(specfile.faults.entries[0].text,
	                    "credential datafold-api-key: './datafold-api-key' is empty");
	specfile_clear(&specfile);
	specfile_load(&specfile, "t.conf", NULL);
	assert_null(specfile.spec);
	specfile_clear(&specfile);
}

static void hidden_credentials_are_presumed_and_nothing_else_is(void **state)
{
	static const struct secret_environment hidden = {.hides_credentials = true};
	struct specfile specfile;
	(void)state;
	put("t.conf", "defaults = { token = \"t\"; password_credential = \"mode\"; };\n" LIST);
	specfile_load(&specfile, "t.conf", &hidden);
	assert_non_null(specfile.spec);
	assert_int_equal(specfile.faults.count, 2);
	assert_string_equal(specfile.faults.entries[0].text,
	                    "credential 'datafold-api-key' is not checked: only the service can "
	                    "read it");
	assert_string_equal(specfile.faults.entries[1].text,
	                    "credential 'mode' is not checked: only the service can read it");
	specfile_clear(&specfile);
	put("t.conf", "api = { key_credential = \"a/b\"; };\n" SECRETS LIST);
	specfile_load(&specfile, "t.conf", &hidden);
	assert_null(specfile.spec);
	specfile_clear(&specfile);
	put("t.conf", "api = { key_file = \"nowhere/key\"; };\n" SECRETS LIST);
	specfile_load(&specfile, "t.conf", &hidden);
	assert_null(specfile.spec);
	specfile_clear(&specfile);
}

/* several files */

static void groups_and_lists_are_joined(void **state)
{
	struct specfile specfile;
	(void)state;
	assert_int_equal(mkdir("t.conf.d", 0700), 0);
	assert_int_equal(mkdir("sub", 0700), 0);
	put("sub/secret", "s\n");
	put("sub/more.conf", "defaults = {\n    token_file = \"secret\";\n};\n");
	put("t.conf.d/10.conf", "api = { timeout = 5; };\n"
	                        "integrations = (\n  { id = 1; indexing_cron = false; }\n);\n");
	put("t.conf.d/20.conf", "integrations = ( );\ndefaults = { workspace = \"w\"; };\n");
	load_text(&specfile, "@include \"sub/more.conf\"\n"
	                     "api = { connect_timeout = 3; };\n"
	                     "defaults = { password = \"p\"; };\n"
	                     "integrations = ( { id = 2; indexing_cron = false; } );\n");
	const struct spec *spec = specfile.spec;
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
	specfile_load(&specfile, path, &with_key);
	uint64_t hash = specfile.hash;
	specfile_clear(&specfile);
	return hash;
}

static void all_that_matters_is_watched_and_hashed(void **state)
{
	struct specfile specfile;
	(void)state;
	put("ca", "1");
	put("t.conf",
	    "@include \"none.conf\"\napi = { ca_file = \"ca\"; key_file = \"key\"; };\n" SECRETS
	    "integrations = ( { id = 1; indexing_cron = 7; token_file = \"none\"; } );\n");
	put("key", "k");
	specfile_load(&specfile, "t.conf", &with_key);
	assert_null(specfile.spec);
	assert_true(watches(&specfile, "t.conf"));
	assert_true(watches(&specfile, "t.conf.d"));
	assert_true(watches(&specfile, "none.conf"));
	assert_true(watches(&specfile, "ca"));
	assert_true(watches(&specfile, "key"));
	assert_true(watches(&specfile, "none"));
	uint64_t hash = specfile.hash;
	specfile_clear(&specfile);
	assert_int_equal(hash_of("t.conf"), hash);
	put("key", "K");
	assert_int_not_equal(hash_of("t.conf"), hash);
	hash = hash_of("t.conf");
	put("ca", "2");
	assert_int_not_equal(hash_of("t.conf"), hash);
	hash = hash_of("t.conf");
	put("none", "x");
	assert_int_not_equal(hash_of("t.conf"), hash);
}

static void a_missing_file_is_a_fault_and_watched(void **state)
{
	struct specfile specfile;
	(void)state;
	specfile_load(&specfile, "none.conf", &with_key);
	assert_null(specfile.spec);
	assert_int_equal(specfile.faults.errors, 1);
	assert_true(watches(&specfile, "none.conf"));
	specfile_clear(&specfile);
}

static void an_empty_list_needs_leave(void **state)
{
	struct specfile specfile;
	(void)state;
	load_text(&specfile, "integrations = ( ); allow_empty = true;\n");
	assert_int_equal(specfile.spec->count, 0);
	assert_int_equal(specfile.faults.count, 0);
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

/* the sample */

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
	put("api-key", "k\n");
	put("mode-token", "t\n");
	put("mode-password", "p\n");
	(void)state;
	load_text(&specfile, here);
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
	put("t.conf", nowhere);
	specfile_load(&specfile, "t.conf", &with_key);
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
		bool begins = at == sample_text || strchr(" {", at[-1]);
		if (begins && after[strspn(after, " ")] == '=')
			return true;
	}
	return false;
}

static void the_sample_shows_every_key(void **state)
{
	char *text = sample();
	(void)state;
	for (const char *const *key = specfile_keys(); *key; key++) {
		const char *dot = strrchr(*key, '.');
		if (!has_key_line(text, dot ? dot + 1 : *key))
			fail_msg("%s", *key);
	}
	free(text);
}

/* size */

static void ten_thousand_share_one_secret_file(void **state)
{
	struct specfile specfile;
	struct text text = {0};
	(void)state;
	put("token", "shared\n");
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

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter, leave)

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
		IN_DIRECTORY(a_url_may_be_plain_on_loopback),
		cmocka_unit_test(bytes_load_without_files),
		IN_DIRECTORY(the_sample_is_good_where_its_secrets_are),
		IN_DIRECTORY(the_sample_says_what_it_lacks),
		IN_DIRECTORY(the_sample_shows_every_key),
		IN_DIRECTORY(ten_thousand_share_one_secret_file),
		cmocka_unit_test(faults_far_down_have_their_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
