/* SPDX-License-Identifier: MIT */
/* What requests have in common: which settings it serves, which cannot be used, which pages of a
 * list it follows, and that its copies are like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/http.h"
#include "http/http_internal.h"
#include "support/wiped.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIST         "/api/v1/list"

static char base[] = "https://example.test:8443/base/", key[] = "s3cret-key", none[] = "";

static struct spec_api settings(void)
{
	return (struct spec_api){.url = base,
	                         .key = key,
	                         .proxy = none,
	                         .connect_timeout_ms = 1000,
	                         .timeout_ms = 2000,
	                         .max_in_flight = 8};
}

static void it_serves_the_same_settings(void **state)
{
	static char other_url[] = "https://example.test:8443/other", other_key[] = "0ther-key";
	static char proxy[] = "http://proxy.test:3128", ca_file[] = "/etc/ca.pem";
	struct spec_api api = settings();
	struct http_template *template = http_template_new(&api);

	(void)state;
	assert_null(template->fault.text);
	assert_true(http_template_serves(template, &api));
	api.url = other_url;
	assert_false(http_template_serves(template, &api));
	api = settings();
	api.key = other_key;
	assert_false(http_template_serves(template, &api));
	api = settings();
	api.proxy = proxy;
	assert_false(http_template_serves(template, &api));
	api = settings();
	api.timeout_ms++;
	assert_false(http_template_serves(template, &api));
	api = settings();
	api.connect_timeout_ms++;
	assert_false(http_template_serves(template, &api));
	api = settings();
	api.max_in_flight++;
	assert_false(http_template_serves(template, &api));
	http_template_free(template);
	/* The bytes of a file may be others under the same name. */
	api = settings();
	api.ca_file = ca_file;
	template = http_template_new(&api);
	assert_false(http_template_serves(template, &api));
	http_template_free(template);
	http_template_free(NULL);
}

static void what_cannot_be_used_is_said(void **state)
{
	static char line_break[] = "key\r\nX: 1", del[] = "key\x7f", no_url[] = "https://[",
		    no_scheme[] = "gopher://x";
	static const struct {
		char *url, *key;
		const char *fault;
	} rows[] = {
		{base, NULL, "there is no API key"},
		{base, none, "there is no API key"},
		{base, line_break, "the API key holds a byte that no header may hold"},
		{base, del, "the API key holds a byte that no header may hold"},
		{no_url, key, "libcurl: "},
		{no_scheme, key, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct spec_api api = settings();
		struct http_template *template, *copy;

		api.url = rows[i].url;
		api.key = rows[i].key;
		template = http_template_new(&api);
		copy = http_template_copy(template);
		if (rows[i].fault == NULL) {
			assert_null(template->fault.text);
		} else {
			assert_int_equal(
				strncmp(template->fault.text, rows[i].fault, strlen(rows[i].fault)),
				0);
			assert_string_equal(copy->fault.text, template->fault.text);
			assert_false(http_template_serves(template, &api));
		}
		http_template_free(copy);
		http_template_free(template);
	}
}

static void a_copy_is_alike(void **state)
{
	static char proxy[] = "http://me:pass@proxy.test:3128";
	struct spec_api api = settings();
	struct http_template *template, *copy;
	const struct curl_slist *line, *other;

	(void)state;
	api.proxy = proxy;
	template = http_template_new(&api);
	copy = http_template_copy(template);
	assert_true(http_template_serves(copy, &api));
	assert_string_equal(copy->proxy, "proxy.test:3128");
	assert_int_equal(copy->timeout_ms, 2000);
	assert_int_equal(copy->max_in_flight, 8);
	for (line = template->headers, other = copy->headers; line != NULL;
	     line = line->next, other = other->next)
		assert_string_equal(line->data, other->data);
	assert_null(other);
	assert_string_equal(template->headers->data, "Content-Type: application/json");
	http_template_free(template);
	assert_string_equal(copy->headers->next->data, "Authorization: Key s3cret-key");
	http_template_free(copy);
}

/* A page is followed to the same resource of the same host, and nowhere else. */
static void pages_stay_with_the_resource(void **state)
{
	static const struct {
		const char *reference, *query; /* NULL: not followed */
	} rows[] = {
		{"?page=2", "?page=2"},
		{"https://example.test:8443/base" LIST "?page=2", "?page=2"},
		{"http://example.test:8443/base" LIST "?page=2", "?page=2"},
		{"https://EXAMPLE.test:8443" LIST "/?page=2&x=%20", "?page=2&x=%20"},
		{"/base" LIST "?cursor=a%2Fb", "?cursor=a%2Fb"},
		{"https://example.test" LIST "?page=2", NULL},
		{"https://example.test:443" LIST "?page=2", NULL},
		{"https://other.test:8443/base" LIST "?page=2", NULL},
		{"//other.test" LIST "?page=2", NULL},
		{"/base/api/v1/delete?page=2", NULL},
		{"../delete?page=2", NULL},
		{"/base" LIST, NULL},
		{"https://[", NULL},
	};
	struct spec_api api = settings();
	struct http_template *template = http_template_new(&api);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text query = {0};
		bool is_followed = http_template_page(template, LIST, rows[i].reference, &query);

		if (is_followed != (rows[i].query != NULL))
			fail_msg("'%s' is %sfollowed", rows[i].reference,
			         is_followed ? "" : "not ");
		if (is_followed)
			assert_string_equal(query.bytes, rows[i].query);
		text_clear(&query);
	}
	http_template_free(template);
}

static void the_key_is_wiped(void **state)
{
	struct spec_api api = settings();
	size_t freed;

	(void)state;
	wiped_watch("s3cret");
	http_template_free(http_template_new(&api));
	assert_int_equal(wiped_forgotten(&freed), 0);
	assert_true(freed > 0);
	wiped_watch(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_serves_the_same_settings),
		cmocka_unit_test(what_cannot_be_used_is_said),
		cmocka_unit_test(a_copy_is_alike),
		cmocka_unit_test(pages_stay_with_the_resource),
		cmocka_unit_test(the_key_is_wiped),
	};

	if (!http_memory_start())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
