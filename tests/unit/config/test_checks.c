/* SPDX-License-Identifier: MIT */
/* What no table of keys can say: URLs, proxies, files of TLS, and which delay is the larger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/mem.h"
#include "config/specfile_internal.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Judge the text of a group "api". The spec is the caller's. */
static struct spec *judge_api(struct config_fixture *fixture, const char *inside)
{
	struct reader_setting given[KEYS_COUNT_MAX];
	struct spec *spec = spec_new();
	char *text = mem_printf("api = { %s };\n", inside);

	config_fixture_open(fixture, text);
	schema_read(&fixture->reader, &keys_api, config_fixture_find(fixture, "api"), spec, given);
	checks_judge_api(given, spec, &fixture->source);
	free(text);
	return spec;
}

struct judged_case {
	const char *value;
	const char *fault; /* NULL: there is none */
};

/* The group's only fault is that of one key, or there is none. */
static void assert_judged(const char *inside, const char *key, const char *expected)
{
	struct config_fixture fixture;
	struct spec *spec = judge_api(&fixture, inside);
	char *fault = expected != NULL ? mem_printf("api.%s: %s", key, expected) : NULL;

	if (fault == NULL && fixture.faults.count > 0)
		fail_msg("%s: %s", inside, fixture.faults.entries[0].text);
	if (fault != NULL && fixture.faults.count != 1)
		fail_msg("%s: %zu faults", inside, fixture.faults.count);
	if (fault != NULL)
		assert_string_equal(fixture.faults.entries[0].text, fault);
	free(fault);
	spec_free(spec);
	config_fixture_close(&fixture);
}

static void assert_value(const char *key, const struct judged_case *expected)
{
	char *inside = mem_printf("%s = \"%s\";", key, expected->value);

	assert_judged(inside, key, expected->fault);
	free(inside);
}

#define NO_URL_BYTE "a blank or another byte that no URL has"
#define NO_SCHEME   "no scheme; write https:// before the host"
#define NO_HOST     "no host"
#define BAD_HOST    "the host is neither a name nor an address"
#define BAD_PORT    "the port is not within 1-65535"
#define CLEAR_TEXT \
	"http would send the API key in clear text; use https, or set api.allow_http = true"

static void urls(void **state)
{
	static const struct judged_case cases[] = {
		{"https://app.datafold.com", NULL},
		{"HTTPS://app.datafold.com/", NULL},
		{"https://h:1/base", NULL},
		{"https://h:65535", NULL},
		{"https://[2001:db8::1]:8443/", NULL},
		{"http://localhost:8000", NULL},
		{"http://LOCALHOST", NULL},
		{"http://127.0.0.1", NULL},
		{"http://127.255.255.254:80", NULL},
		{"http://[::1]:80", NULL},
		{"https://a b", NO_URL_BYTE},
		{"https://a\xc3\xa4", NO_URL_BYTE},
		{"https://a|b", NO_URL_BYTE},
		{"app.datafold.com", NO_SCHEME},
		{"", NO_SCHEME},
		{"ftp://h", "the scheme must be https, or http for a loopback host"},
		{"https:///x", NO_HOST},
		{"https://", NO_HOST},
		{"https://:80", NO_HOST},
		{"https://[::1", NO_HOST},
		{"https://h:0", BAD_PORT},
		{"https://h:65536", BAD_PORT},
		{"https://h:", BAD_PORT},
		{"https://h:8a", BAD_PORT},
		{"https://h:100000", BAD_PORT},
		{"https://[::1]8", BAD_PORT},
		{"https://h~x", BAD_HOST},
		{"https://[::g]", BAD_HOST},
		{"https://u@h",
	         "credentials do not belong in a URL; the API key has keys of its own"},
		{"https://u:secret@h",
	         "credentials do not belong in a URL; the API key has keys of its own"},
		{"https://h/x@y", NULL},
		{"https://h?x", "a base URL has no query and no fragment"},
		{"https://h/#x", "a base URL has no query and no fragment"},
		{"http://h", CLEAR_TEXT},
		{"http://128.0.0.1", CLEAR_TEXT},
		{"http://126.255.255.255", CLEAR_TEXT},
		{"http://[::2]", CLEAR_TEXT},
		{"http://localhost.example", CLEAR_TEXT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_value("url", &cases[i]);
}

/* A host longer than any name is refused, and not cut. */
static void a_host_has_a_longest(void **state)
{
	(void)state;
	for (int length = 255; length <= 256; length++) {
		struct text url = {0};
		struct judged_case one = {.fault = length > 255 ? BAD_HOST : NULL};

		text_add(&url, "https://");
		for (int i = 0; i < length; i++)
			text_add_char(&url, 'h');
		one.value = url.bytes;
		assert_value("url", &one);
		text_clear(&url);
	}
}

static void clear_text_may_be_allowed(void **state)
{
	struct config_fixture fixture;
	struct spec *spec;

	(void)state;
	assert_judged("url = \"http://h\"; allow_http = true;", "url", NULL);
	assert_judged("url = \"http://h\"; allow_http = false;", "url", CLEAR_TEXT);
	/* It was meant to be allowed, and that fault is enough. */
	spec = judge_api(&fixture, "url = \"http://h\"; allow_http = 1;");
	config_fixture_assert_faults(&fixture.faults, "1:40+1 error: api.allow_http: expected true "
	                                              "or false, found an integer; write true\n");
	config_fixture_close(&fixture);
	spec_free(spec);
}

static void a_url_loses_its_slashes(void **state)
{
	static const struct {
		const char *inside;
		const char *url;
	} cases[] = {
		{"url = \"https://h\";", "https://h"},
		{"url = \"https://h///\";", "https://h"},
		{"url = \"https://h/base/\";", "https://h/base"},
		{"", SPEC_DEFAULT_URL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_fixture fixture;
		struct spec *spec = judge_api(&fixture, cases[i].inside);

		assert_string_equal(spec->api.url, cases[i].url);
		assert_int_equal(fixture.faults.count, 0);
		config_fixture_close(&fixture);
		spec_free(spec);
	}
}

static void a_path_of_the_api_is_a_warning(void **state)
{
	static const struct {
		const char *url;
		bool is_warned;
	} cases[] = {
		{"https://h/api", true},     {"https://h/api/v1", true},
		{"https://h/api/v1/", true}, {"https://h/api/", true},
		{"https://h/x/api", true},   {"https://h/apis", false},
		{"https://h/api/v2", false}, {"https://h/x", false},
		{"https://api", false},      {"https://h/api/v1/x", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_fixture fixture;
		char *inside = mem_printf("url = \"%s\";", cases[i].url);
		struct spec *spec = judge_api(&fixture, inside);

		assert_int_equal(fixture.faults.errors, 0);
		if (fixture.faults.warnings != cases[i].is_warned)
			fail_msg("%s", cases[i].url);
		if (cases[i].is_warned)
			assert_string_equal(fixture.faults.entries[0].text,
			                    "api.url: the program adds /api/v1/... "
			                    "itself; is the path meant?");
		free(inside);
		spec_free(spec);
		config_fixture_close(&fixture);
	}
}

#define BAD_SCHEME \
	"expected \"\", \"env\" or a URL with http, https, socks4, socks4a, socks5 or socks5h"

static void proxies(void **state)
{
	static const struct judged_case cases[] = {
		{"", NULL},
		{"env", NULL},
		{"proxy", NULL},
		{"proxy:3128", NULL},
		{"http://proxy:3128", NULL},
		{"SOCKS5h://proxy", NULL},
		{"socks4a://[::1]:1080", NULL},
		{"http://user:secret@proxy:3128", NULL},
		{"http://user:se@cret@proxy", NULL},
		{"user@proxy", NULL},
		{"http://", BAD_SCHEME},
		{"ftp://proxy", BAD_SCHEME},
		{"socks6://proxy", BAD_SCHEME},
		{"my proxy", NO_URL_BYTE},
		{"http://user@", NO_HOST},
		{"http://@:3128", NO_HOST},
		{"http://pro~xy", BAD_HOST},
		{"proxy:0", BAD_PORT},
		{"proxy:65536", BAD_PORT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_value("proxy", &cases[i]);
}

/* What a file of TLS holds is part of what a change is noticed by. */
static void files_of_tls_are_read_and_watched(void **state)
{
	struct config_fixture fixture;
	struct spec *spec;
	uint64_t hashes[3];
	static const char *const contents[] = {"one", "two", "one"};

	(void)state;
	for (size_t i = 0; i < COUNT(contents); i++) {
		config_fixture_put("ca", contents[i], 0644);
		spec = judge_api(&fixture, "ca_file = \"ca\";");
		config_fixture_assert_faults(&fixture.faults, "");
		assert_int_equal(fixture.source.watched_count, 1);
		assert_string_equal(fixture.source.watched[0], "ca");
		hashes[i] = spec->api.tls_hash;
		spec_free(spec);
		config_fixture_close(&fixture);
	}
	assert_true(hashes[0] != hashes[1]);
	assert_true(hashes[0] == hashes[2]);
	config_fixture_put("cert", "c", 0600);
	config_fixture_put("key", "k", 0600);
	spec = judge_api(&fixture, "client_cert_file = \"cert\"; client_key_file = \"key\";");
	config_fixture_assert_faults(&fixture.faults, "");
	assert_int_equal(fixture.source.watched_count, 2);
	spec_free(spec);
	config_fixture_close(&fixture);
}

static void files_of_tls_that_are_none(void **state)
{
	static const struct {
		const char *inside;
		const char *faults;
	} cases[] = {
		{"ca_file = \"none\";", "1:19+6 error: api.ca_file: 'none' does not exist\n"},
		{"ca_file = \".\";",
	         "1:19+3 error: api.ca_file: '.' is a directory, not a regular file\n"},
		{"ca_file = \"\";", "1:19+2 error: api.ca_file: a path cannot be empty\n"},
		{"ca_file = 1;", "1:19+1 error: api.ca_file: expected a string, found an integer; "
	                         "text stands in double quotes\n"},
		{"client_cert_file = \"there\";",
	         "1:28+7 error: api.client_cert_file: needs api.client_key_file as well\n"},
		{"client_key_file = \"there\";",
	         "1:27+7 error: api.client_key_file: needs api.client_cert_file as well\n"},
		/* A lost quote may have let in what follows. */
		{"ca_file = \"none; key = s3cr3t\";",
	         "1:19+20 error: api.ca_file: 'none\xe2\x80\xa6' does not exist\n"},
	};

	(void)state;
	config_fixture_put("there", "x", 0600);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_fixture fixture;
		struct spec *spec = judge_api(&fixture, cases[i].inside);

		config_fixture_assert_faults(&fixture.faults, cases[i].faults);
		spec_free(spec);
		config_fixture_close(&fixture);
	}
}

static void a_first_delay_is_below_its_longest(void **state)
{
	static const struct {
		const char *text;
		const char *faults;
	} cases[] = {
		{"retry = { };", ""},
		{"retry = { first = 5; max = 5; };", ""},
		{"retry = { first = 6; max = 5; };",
	         "1:19+1 error: retry.first: 6s is above retry.max, which is 5s\n"},
		{"retry = { max = 5; first = 6; };",
	         "1:28+1 error: retry.first: 6s is above retry.max, which is 5s\n"},
		/* The other is a default. */
		{"retry = { first = \"6min\"; };",
	         "1:19+6 error: retry.first: 6min is above retry.max, which is 5min\n"},
		{"retry = { max = \"999ms\"; };",
	         "1:17+7 error: retry.max: 999ms is below retry.first, which is 1s\n"},
		{"retry = { rejected_first = \"2h\"; };",
	         "1:28+4 error: retry.rejected_first: 2h is above retry.rejected_max, which is "
	         "1h\n"},
		{"retry = { rejected_max = 29; };", "1:26+2 error: retry.rejected_max: 29s is "
	                                            "below retry.rejected_first, which is 30s\n"},
		{"retry = { first = \"6min\"; max = 0; };",
	         "1:33+1 error: retry.max: 0s is less than 1ms, the least there is\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reader_setting given[KEYS_COUNT_MAX];
		struct spec *spec = spec_new();
		struct config_fixture fixture;

		config_fixture_open(&fixture, cases[i].text);
		schema_read(&fixture.reader, &keys_retry, config_fixture_find(&fixture, "retry"),
		            spec, given);
		checks_judge_retry(given, spec);
		config_fixture_assert_faults(&fixture.faults, cases[i].faults);
		config_fixture_close(&fixture);
		spec_free(spec);
	}
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(a_host_has_a_longest),
		cmocka_unit_test(clear_text_may_be_allowed),
		cmocka_unit_test(a_url_loses_its_slashes),
		cmocka_unit_test(a_path_of_the_api_is_a_warning),
		cmocka_unit_test(proxies),
		IN_DIRECTORY(files_of_tls_are_read_and_watched),
		IN_DIRECTORY(files_of_tls_that_are_none),
		cmocka_unit_test(a_first_delay_is_below_its_longest),
	};

	return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
