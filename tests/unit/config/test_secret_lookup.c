/* SPDX-License-Identifier: MIT */
/* Where a secret comes from: one of three keys, each file read once, the API key of the environment
 * last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/keys.h"
#include "config/secret_lookup.h"
#include "config/spec.h"
#include "config/specfile_internal.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct secret_environment nothing = {0};

/* A group "api" and what is looked up of its key. */
struct looked_up {
	struct config_fixture fixture;
	struct secret_lookup lookup;
	struct reader_setting given[KEYS_COUNT_MAX];
	struct spec *spec;
};

static void open_api(struct looked_up *looked_up, const char *inside,
                     const struct secret_environment *environment)
{
	char *text = mem_printf("api = { %s };\n", inside);

	config_fixture_open(&looked_up->fixture, text);
	free(text);
	looked_up->spec = spec_new();
	looked_up->lookup = (struct secret_lookup){
		.environment = environment,
		.reader = &looked_up->fixture.reader,
		.source = &looked_up->fixture.source,
	};
	schema_read(&looked_up->fixture.reader, &keys_api,
	            config_fixture_find(&looked_up->fixture, "api"), looked_up->spec,
	            looked_up->given);
}

static void close_api(struct looked_up *looked_up)
{
	secret_lookup_clear(&looked_up->lookup);
	assert_null(looked_up->lookup.files);
	spec_free(looked_up->spec);
	config_fixture_close(&looked_up->fixture);
}

static enum secret_lookup_answer find_key(struct looked_up *looked_up, char **bytes)
{
	uint32_t node;
	enum secret_lookup_answer answer =
		secret_lookup_find(&looked_up->lookup, &looked_up->given[KEYS_KEY], &node, bytes);

	assert_int_equal(answer == SECRET_LOOKUP_FOUND, *bytes != NULL);
	return answer;
}

struct lookup_case {
	const char *inside;
	enum secret_lookup_answer answer;
	const char *secret;
	const char *faults;
};

static void assert_lookup(const struct lookup_case *expected,
                          const struct secret_environment *environment)
{
	struct looked_up looked_up;
	char *bytes = NULL;

	open_api(&looked_up, expected->inside, environment);
	if (find_key(&looked_up, &bytes) != expected->answer)
		fail_msg("another answer: %s", expected->inside);
	if (expected->secret != NULL)
		assert_string_equal(bytes, expected->secret);
	config_fixture_assert_faults(&looked_up.fixture.faults, expected->faults);
	mem_free_secret(bytes);
	close_api(&looked_up);
}

static void one_of_three_keys(void **state)
{
	static const struct lookup_case cases[] = {
		{"", SECRET_LOOKUP_NONE, NULL, ""},
		{"key = \"inline\";", SECRET_LOOKUP_FOUND, "inline", ""},
		{"key_file = \"file\";", SECRET_LOOKUP_FOUND, "in file", ""},
		{"key_credential = \"one\";", SECRET_LOOKUP_FOUND, "in credential", ""},
		/* Both places are named, at the later one. */
		{"key = \"inline\"; key_file = \"file\";", SECRET_LOOKUP_BAD, NULL,
	         "1:25+8 error: api.key_file: the same secret as api.key at t.conf:1:9; keep one "
	         "of them\n"},
		{"key_credential = \"one\"; key = \"inline\";", SECRET_LOOKUP_BAD, NULL,
	         "1:33+3 error: api.key: the same secret as api.key_credential at t.conf:1:9; keep "
	         "one of them\n"},
		/* What was reported is not looked up. */
		{"key = 1;", SECRET_LOOKUP_BAD, NULL,
	         "1:15+1 error: api.key: expected a string, found an integer; text stands in "
	         "double quotes\n"},
		{"key_fil = \"file\";", SECRET_LOOKUP_BAD, NULL,
	         "1:9+7 error: api.key_fil: unknown key; did you mean 'key_file'?\n"},
		{"key_fil = \"file\"; key = \"inline\";", SECRET_LOOKUP_BAD, NULL,
	         "1:9+7 error: api.key_fil: unknown key; did you mean 'key_file'?\n"},
	};
	const struct secret_environment environment = {.credentials_directory = "credentials"};

	(void)state;
	config_fixture_put("file", "in file\n", 0600);
	assert_int_equal(mkdir("credentials", 0700), 0);
	config_fixture_put("credentials/one", "in credential\n", 0600);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_lookup(&cases[i], &environment);
}

static void secrets_that_are_none(void **state)
{
	static const struct lookup_case cases[] = {
		{"key = \"\";", SECRET_LOOKUP_BAD, NULL, "1:15+2 error: api.key: is empty\n"},
		{"key = \"a\\tb\";", SECRET_LOOKUP_BAD, NULL,
	         "1:15+6 error: api.key: holds a tab (byte 2)\n"},
		{"key_file = \"\";", SECRET_LOOKUP_BAD, NULL,
	         "1:20+2 error: api.key_file: a path cannot be empty\n"},
		{"key_file = \"none\";", SECRET_LOOKUP_BAD, NULL,
	         "1:20+6 error: api.key_file: 'none' does not exist; create it, with the secret "
	         "as its only line\n"},
		{"key_file = \"empty\";", SECRET_LOOKUP_BAD, NULL,
	         "1:20+7 error: api.key_file: 'empty' is empty\n"},
		{"key_credential = \"one\";", SECRET_LOOKUP_BAD, NULL,
	         "1:26+5 error: api.key_credential: there are no credentials here "
	         "(CREDENTIALS_DIRECTORY is not set); systemd gives them with LoadCredential=\n"},
		{"key_credential = \"a/b\";", SECRET_LOOKUP_BAD, NULL,
	         "1:26+5 error: api.key_credential: a credential's name is a file name, without "
	         "'/'\n"},
		{"key_credential = \"\";", SECRET_LOOKUP_BAD, NULL,
	         "1:26+2 error: api.key_credential: a credential's name is a file name, without "
	         "'/'\n"},
		{"key_credential = \"..\";", SECRET_LOOKUP_BAD, NULL,
	         "1:26+4 error: api.key_credential: a credential's name is a file name, without "
	         "'/'\n"},
		{"key_credential = \".\";", SECRET_LOOKUP_BAD, NULL,
	         "1:26+3 error: api.key_credential: a credential's name is a file name, without "
	         "'/'\n"},
	};

	(void)state;
	config_fixture_put("empty", "", 0600);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_lookup(&cases[i], &nothing);
}

static void what_seems_not_to_be_meant_is_a_warning(void **state)
{
	static const struct lookup_case cases[] = {
		{"key = \"Key abc\";", SECRET_LOOKUP_FOUND, "Key abc",
	         "1:15+9 warning: api.key: the secret begins with \"Key \", which the program "
	         "adds\n"},
		{"key_file = \"quoted\";", SECRET_LOOKUP_FOUND, "'abc'",
	         "1:20+8 warning: api.key_file: the secret in the file has quotes around it, "
	         "which would be sent\n"},
		{"key_file = \"open\";", SECRET_LOOKUP_FOUND, "abc",
	         "1:20+6 warning: api.key_file: 'open' can be read by everybody (mode 0644); "
	         "chmod o= 'open'\n"},
	};

	(void)state;
	config_fixture_put("quoted", "'abc'\n", 0600);
	config_fixture_put("open", "abc\n", 0644);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_lookup(&cases[i], &nothing);
}

/* Whoever may not look takes a credential to be there, whatever its directory; a bad name stays
 * one. */
static void hidden_credentials_are_presumed(void **state)
{
	static const struct lookup_case cases[] = {
		{"key_credential = \"one\";", SECRET_LOOKUP_FOUND, "hidden",
	         "1:26+5 warning: credential 'one' is not checked: only the service can read it\n"},
		{"key_credential = \"a/b\";", SECRET_LOOKUP_BAD, NULL,
	         "1:26+5 error: api.key_credential: a credential's name is a file name, without "
	         "'/'\n"},
	};
	const struct secret_environment hidden = {.hides_credentials = true};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_lookup(&cases[i], &hidden);
}

/* many files */

#define FILES 100

static char *name_of(int i)
{
	return mem_printf("secret-%d", i);
}

static void put_secret(int i, const char *which)
{
	char *name = name_of(i);
	struct text secret = {0};

	text_printf(&secret, "Key %s-%d\n", which, i);
	config_fixture_put(name, secret.bytes, 0644);
	text_clear(&secret);
	free(name);
}

static void find_file(struct looked_up *looked_up, int i, const char *secret)
{
	char *name = name_of(i);
	char *expected = mem_printf("Key %s-%d", secret, i);
	char *found = NULL;

	looked_up->given[KEYS_KEY_FILE].string = name;
	assert_int_equal(find_key(looked_up, &found), SECRET_LOOKUP_FOUND);
	assert_string_equal(found, expected);
	mem_free_secret(found);
	free(expected);
	free(name);
}

/* Each is read once, however many there are: what it holds afterwards is not seen, its warnings
 * are not repeated. */
static void each_file_is_read_once(void **state)
{
	struct looked_up looked_up;

	(void)state;
	open_api(&looked_up, "key_file = \"x\";", &nothing);
	for (int i = 0; i < FILES; i++) {
		put_secret(i, "first");
		find_file(&looked_up, i, "first");
	}
	assert_int_equal(looked_up.fixture.faults.warnings, 2 * FILES);
	for (int i = 0; i < FILES; i++) {
		put_secret(i, "second");
		find_file(&looked_up, i, "first");
	}
	assert_int_equal(looked_up.fixture.source.watched_count, FILES);
	assert_int_equal(looked_up.fixture.faults.warnings, 2 * FILES);
	assert_int_equal(looked_up.fixture.faults.errors, 0);
	close_api(&looked_up);
}

/* A fault, however, is reported wherever the file is named. */
static void a_bad_file_is_bad_each_time(void **state)
{
	struct looked_up looked_up;
	char *bytes;

	(void)state;
	config_fixture_put("empty", "", 0600);
	open_api(&looked_up, "key_file = \"empty\";", &nothing);
	assert_int_equal(find_key(&looked_up, &bytes), SECRET_LOOKUP_BAD);
	config_fixture_put("empty", "filled", 0600);
	assert_int_equal(find_key(&looked_up, &bytes), SECRET_LOOKUP_BAD);
	config_fixture_assert_faults(&looked_up.fixture.faults,
	                             "1:20+7 error: api.key_file: 'empty' is empty\n"
	                             "1:20+7 error: api.key_file: 'empty' is empty\n");
	close_api(&looked_up);
}

/* A configuration with inline secrets that everybody can read is a warning, once of each file. */
static void the_mode_of_a_configuration_matters_once(void **state)
{
	static const struct {
		mode_t mode;
		bool has_files;
		size_t warnings;
	} cases[] = {{0644, true, 1}, {0640, true, 0}, {0644, false, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct looked_up looked_up;
		char *bytes;

		config_fixture_put("t.conf", "x", cases[i].mode);
		open_api(&looked_up, "key = \"inline\";", &nothing);
		looked_up.lookup.has_files = cases[i].has_files;
		for (int j = 0; j < 3; j++) {
			assert_int_equal(find_key(&looked_up, &bytes), SECRET_LOOKUP_FOUND);
			mem_free_secret(bytes);
		}
		config_fixture_assert_faults(
			&looked_up.fixture.faults,
			cases[i].warnings == 1
				? "1:9+3 warning: api.key: 't.conf' can be read by everybody "
				  "(mode 0644); chmod o= 't.conf'\n"
				: "");
		close_api(&looked_up);
	}
}

/* the API key of the environment */

struct key_case {
	struct secret_environment environment;
	const char *key;
	const char *faults;
};

static void assert_key(const struct key_case *expected, bool has_group)
{
	struct looked_up looked_up;
	char *bytes;
	uint32_t node;

	open_api(&looked_up, "", &expected->environment);
	node = has_group ? setting_node(config_fixture_find(&looked_up.fixture, "api")) : 0;
	bytes = secret_lookup_find_api_key(&looked_up.lookup, node);
	if (expected->key != NULL)
		assert_string_equal(bytes, expected->key);
	else
		assert_null(bytes);
	config_fixture_assert_faults(&looked_up.fixture.faults, expected->faults);
	mem_free_secret(bytes);
	close_api(&looked_up);
}

#define NO_KEY                                                                               \
	"no API key; set api.key_file, api.key_credential or api.key, or give a credential " \
	"'datafold-api-key' or DATAFOLD_API_KEY\n"

static void the_key_that_no_file_names(void **state)
{
	static const struct key_case cases[] = {
		{{.api_key = "variable"}, "variable", ""},
		{{.api_key = "variable", .credentials_directory = "full"}, "credential", ""},
		{{.api_key = "variable", .credentials_directory = "empty"}, "variable", ""},
		{{.credentials_directory = "full"}, "credential", ""},
		{{.credentials_directory = "bad", .api_key = "variable"},
	         NULL,
	         "0:0+1 error: credential datafold-api-key: 'bad/datafold-api-key' is empty\n"},
		{{.api_key = ""}, NULL, "0:0+1 error: DATAFOLD_API_KEY: is empty\n"},
		{{.api_key = "Key x"},
	         "Key x",
	         "0:0+1 warning: DATAFOLD_API_KEY: the secret begins with \"Key \", which the "
	         "program adds\n"},
		{{.hides_credentials = true, .credentials_directory = "full"},
	         "hidden",
	         "1:1+3 warning: credential 'datafold-api-key' is not checked: only the service "
	         "can read it\n"},
		{{.hides_credentials = true, .api_key = "variable"}, "variable", ""},
		{{0}, NULL, "1:1+3 error: " NO_KEY},
	};
	static const struct key_case none = {{0}, NULL, "0:0+1 error: " NO_KEY};

	(void)state;
	assert_int_equal(mkdir("full", 0700), 0);
	assert_int_equal(mkdir("empty", 0700), 0);
	assert_int_equal(mkdir("bad", 0700), 0);
	config_fixture_put("full/datafold-api-key", "credential\n", 0644);
	config_fixture_put("bad/datafold-api-key", "", 0600);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_key(&cases[i], true);
	assert_key(&none, false);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(one_of_three_keys),
		IN_DIRECTORY(secrets_that_are_none),
		IN_DIRECTORY(what_seems_not_to_be_meant_is_a_warning),
		IN_DIRECTORY(hidden_credentials_are_presumed),
		IN_DIRECTORY(each_file_is_read_once),
		IN_DIRECTORY(a_bad_file_is_bad_each_time),
		IN_DIRECTORY(the_mode_of_a_configuration_matters_once),
		IN_DIRECTORY(the_key_that_no_file_names),
	};

	return cmocka_run_group_tests_name("secret_lookup", tests, NULL, NULL);
}
