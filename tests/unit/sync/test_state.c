/* SPDX-License-Identifier: MIT */
/* State: the file to the letter, the way back, each field's faults, and that no damaged byte of it
 * ever passes for another state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sync/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char url[] = "https://app.datafold.com";
static char cron[] = "*/5 6 * * mon-fri",
	    name[] = "Mode: \"F\\i\"\n\t\x01\x1f/\x7f \xc3\xa4\xf0\x9f\x98\x80";
static char workspace[] = "acme", empty[] = "";

static struct state_entry sample[] = {
	{.id = 1,
         .accepted = true,
         .accepted_at = 1700000000,
         .value = {.indexing_cron = cron, .name = name, .workspace = workspace}},
	{.id = 42, .intended = true},
	{.id = 43, .accepted = true, .intended = true, .value = {.name = empty}},
	{.id = INT64_MAX,
         .accepted = true,
         .accepted_at = INT64_MAX,
         .value = {.indexing_cron = empty, .workspace = empty}},
};

static void encode(struct text *out, const struct state_entry *entries, size_t count)
{
	state_encode_start(out, url);
	for (size_t i = 0; i < count; i++)
		state_encode_entry(out, &entries[i]);
	state_encode_end(out);
}

static void assert_string(const char *got, const char *desired)
{
	assert_int_equal(got == NULL, desired == NULL);
	if (got != NULL && desired != NULL)
		assert_string_equal(got, desired);
}

static void assert_sample(const struct state *state)
{
	assert_string(state->url, url);
	assert_int_equal(state->count, COUNT(sample));
	for (size_t i = 0; i < COUNT(sample); i++) {
		const struct state_entry *got = &state->entries[i];

		assert_int_equal(got->id, sample[i].id);
		assert_int_equal(got->accepted, sample[i].accepted);
		assert_int_equal(got->intended, sample[i].intended);
		assert_int_equal(got->accepted_at, sample[i].accepted_at);
		assert_string(got->value.indexing_cron, sample[i].value.indexing_cron);
		assert_string(got->value.name, sample[i].value.name);
		assert_string(got->value.workspace, sample[i].value.workspace);
	}
}

static void file_is_what_the_header_says(void **unused)
{
	static const struct state_entry entries[] = {
		{.id = 42,
	         .accepted = true,
	         .accepted_at = 1700000000,
	         .value = {.indexing_cron = cron, .workspace = workspace}},
		{.id = 43, .intended = true},
	};
	struct text out = {0};

	(void)unused;
	encode(&out, entries, COUNT(entries));
	assert_string_equal(
		out.bytes,
		"{\"version\":1,\"url\":\"https://app.datafold.com\",\"integrations\":[\n"
		"{\"id\":42,\"accepted_at\":1700000000,\"intended\":false,"
		"\"indexing_cron\":\"*/5 6 * * mon-fri\",\"name\":null,\"workspace\":\"acme\"},\n"
		"{\"id\":43,\"accepted_at\":null,\"intended\":true,"
		"\"indexing_cron\":null,\"name\":null,\"workspace\":null}\n"
		"],\"check\":\"ea957e44c5390e34\"}\n");
	text_clear(&out);
}

static void file_comes_back(void **unused)
{
	struct text out = {0}, again = {0};
	struct state state = {0};
	struct fault fault = {0};

	(void)unused;
	encode(&out, sample, COUNT(sample));
	assert_true(state_decode(&state, out.bytes, out.length, &fault));
	assert_null(fault.text);
	assert_sample(&state);
	encode(&again, state.entries, state.count);
	assert_string_equal(again.bytes, out.bytes);
	text_clear(&again);
	text_clear(&out);
	state_clear(&state);
	state_clear(&state);
}

static void nothing_comes_back_as_nothing(void **unused)
{
	struct text out = {0};
	struct state state = {0};
	struct fault fault = {0};

	(void)unused;
	state_encode_start(&out, NULL);
	state_encode_end(&out);
	assert_true(state_decode(&state, out.bytes, out.length, &fault));
	assert_null(state.url);
	assert_int_equal(state.count, 0);
	text_clear(&out);
	state_clear(&state);
}

/* Another reader of JSON finds the same in it. */
static void file_is_json(void **unused)
{
	struct text out = {0};
	struct json_object *root, *list, *first, *value;

	(void)unused;
	encode(&out, sample, COUNT(sample));
	root = json_tokener_parse(out.bytes);
	assert_non_null(root);
	assert_true(json_object_object_get_ex(root, "version", &value));
	assert_int_equal(json_object_get_int(value), 1);
	assert_true(json_object_object_get_ex(root, "integrations", &list));
	assert_int_equal(json_object_array_length(list), COUNT(sample));
	first = json_object_array_get_idx(list, 0);
	assert_true(json_object_object_get_ex(first, "name", &value));
	assert_string_equal(json_object_get_string(value), name);
	first = json_object_array_get_idx(list, 3);
	assert_true(json_object_object_get_ex(first, "id", &value));
	assert_true(json_object_get_int64(value) == INT64_MAX);
	json_object_put(root);
	text_clear(&out);
}

static void clock_before_1970_is_harmless(void **unused)
{
	struct state_entry early = {.id = 1, .accepted = true, .accepted_at = -1};
	struct text out = {0};
	struct state state = {0};
	struct fault fault = {0};

	(void)unused;
	encode(&out, &early, 1);
	assert_true(state_decode(&state, out.bytes, out.length, &fault));
	assert_true(state.entries[0].accepted);
	assert_int_equal(state.entries[0].accepted_at, 0);
	text_clear(&out);
	state_clear(&state);
}

static void order_is_mended(void **unused)
{
	struct state_entry mixed[] = {sample[2], sample[0], sample[3], sample[1]};
	struct text out = {0};
	struct state state = {0};
	struct fault fault = {0};

	(void)unused;
	encode(&out, mixed, COUNT(mixed));
	assert_true(state_decode(&state, out.bytes, out.length, &fault));
	assert_sample(&state);
	text_clear(&out);
	state_clear(&state);
}

#define HEAD            "{\"version\":1,\"url\":null,\"integrations\":["
#define ENTRY(id, rest) "\n{\"id\":" id ",\"accepted_at\":0,\"intended\":false," rest
#define VALUE           "\"indexing_cron\":null,\"name\":null,\"workspace\":null}"
#define ONE             ENTRY("42", VALUE)
#define STRING(string) \
	HEAD ENTRY("42", "\"indexing_cron\":" string ",\"name\":null,\"workspace\":null}") "\n],"

/* All but the check, which is put behind each. */
static const struct {
	const char *body;
	const char *fault; /* NULL: fine */
} bodies[] = {
	{.body = HEAD "\n],"},
	{.body = HEAD ONE "\n],"},
	{.body = HEAD ONE "," ENTRY("43", VALUE) "\n],"},
	{.body = STRING("\"\\u0001\\u001f\\\"\\\\\\b\\f\\n\\r\\t\"")},
	{.body = "", .fault = "not a state file"},
	{.body = "{}", .fault = "not a state file"},
	{.body = "{\"version\":\"1\",", .fault = "not a state file"},
	{.body = "{\"version\":0,", .fault = "not a state file"},
	{.body = "{\"version\":01,", .fault = "not a state file"},
	{.body = "{\"version\":99999999999999999999,", .fault = "not a state file"},
	{.body = "{\"version\":2,", .fault = "version 2 is not known here, only version 1"},
	{.body = "{\"version\":1,", .fault = "url: missing or not of its type"},
	{.body = "{\"version\":1,\"url\":7,", .fault = "url: missing or not of its type"},
	{.body = "{\"version\":1,\"url\":\"", .fault = "url: missing or not of its type"},
	{.body = "{\"version\":1,\"url\":\"h", .fault = "url: missing or not of its type"},
	{.body = "{\"version\":1,\"url\":null}",
         .fault = "integrations: missing or not of its type"},
	{.body = "{\"version\":1,\"url\":null,\"integrations\":{",
         .fault = "integrations: missing or not of its type"},
	{.body = HEAD, .fault = "line 2: not an integration"},
	{.body = HEAD "]", .fault = "line 2: not an integration"},
	{.body = HEAD "\n", .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ONE "\n", .fault = "line 2: more than one integration"},
	{.body = HEAD ONE "x\n],", .fault = "line 2: more than one integration"},
	{.body = HEAD ONE ",\n],", .fault = "line 3: id: missing or not of its type"},
	{.body = HEAD ONE ","
                          "{}\n],",
         .fault = "line 3: not an integration"},
	{.body = HEAD ONE "\n],\"more\":1,", .fault = "more than a state behind the integrations"},
	{.body = HEAD ONE "," ONE "\n],", .fault = "integration 42 is there twice"},
	{.body = HEAD ENTRY("43", VALUE) "," ONE "," ENTRY("43", VALUE) "\n],",
         .fault = "integration 43 is there twice"},
	{.body = HEAD ENTRY("0", VALUE) "\n],", .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ENTRY("-1", VALUE) "\n],", .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ENTRY("042", VALUE) "\n],",
         .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ENTRY("", VALUE) "\n],", .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ENTRY("\"42\"", VALUE) "\n],",
         .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ENTRY("9223372036854775808", VALUE) "\n],",
         .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ENTRY("000000000000000000000000000000001", VALUE) "\n],",
         .fault = "line 2: id: missing or not of its type"},
	{.body = HEAD ENTRY("42.0", VALUE) "\n],",
         .fault = "line 2: accepted_at: missing or not of its type"},
	{.body = HEAD ENTRY("42", "\"name\":null,\"workspace\":null}") "\n],",
         .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = HEAD ENTRY("42", "\"indexing_cron\":null,\"workspace\":null}") "\n],",
         .fault = "line 2: name: missing or not of its type"},
	{.body = HEAD ENTRY("42", "\"indexing_cron\":null,\"name\":null}") "\n],",
         .fault = "line 2: workspace: missing or not of its type"},
	{.body = HEAD ENTRY("42",
                            "\"indexing_cron\":null,\"name\":null,\"workspace\":null,") "\n],",
         .fault = "line 2: more than an integration's members"},
	{.body = HEAD "\n{\"id\":42,\"accepted_at\":-5,",
         .fault = "line 2: accepted_at: missing or not of its type"},
	{.body = HEAD "\n{\"id\":42,\"accepted_at\":\"\",",
         .fault = "line 2: accepted_at: missing or not of its type"},
	{.body = HEAD "\n{\"id\":42,\"intended\":true,",
         .fault = "line 2: accepted_at: missing or not of its type"},
	{.body = HEAD "\n{\"id\":42,\"accepted_at\":null,\"intended\":null,",
         .fault = "line 2: intended: missing or not of its type"},
	{.body = HEAD "\n{\"id\":42,\"accepted_at\":null,\"indexing_cron\":null,",
         .fault = "line 2: intended: missing or not of its type"},
	{.body = STRING("false"), .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = STRING("\"a\nb\""), .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = STRING("\"\\u0000\""),
         .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = STRING("\"\\u0041\""),
         .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = STRING("\"\\u00\""), .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = STRING("\"\\x\""), .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = STRING("\"\\/\""), .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = HEAD ENTRY("42", "\"indexing_cron\":\"a\\"),
         .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = HEAD ENTRY("42", "\"indexing_cron\":\"a\\u00"),
         .fault = "line 2: indexing_cron: missing or not of its type"},
	{.body = STRING("\"\xff\""), .fault = "not UTF-8"},
	{.body = STRING("\"\xc0\x80\""), .fault = "not UTF-8"},
	{.body = STRING("\"\xed\xa0\x80\""), .fault = "not UTF-8"},
};

static void faults_are_told(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct text file = {0};
		struct state state = {0};
		struct fault fault = {0};
		uint64_t check = text_hash(TEXT_HASH_START, bodies[i].body, strlen(bodies[i].body));
		bool fine;

		text_add(&file, bodies[i].body);
		text_printf(&file, "\"check\":\"%016" PRIx64 "\"}\n", check);
		fine = state_decode(&state, file.bytes, file.length, &fault);
		assert_int_equal(fine, bodies[i].fault == NULL);
		assert_string(fault.text, bodies[i].fault);
		state_clear(&state);
		fault_clear(&fault);
		text_clear(&file);
	}
}

/* Decode what must not pass, from memory that ends where it ends. */
static void assert_refused(const char *bytes, size_t length, const char *why)
{
	char *copy = mem_alloc(1, length);
	struct state state = {.url = mem_dup("kept")};
	struct fault fault = {0};

	memcpy(copy, bytes, length);
	assert_false(state_decode(&state, copy, length, &fault));
	assert_string_equal(state.url, "kept");
	assert_non_null(fault.text);
	if (why != NULL)
		assert_string_equal(fault.text, why);
	fault_clear(&fault);
	state_clear(&state);
	free(copy);
}

static void damage_is_refused(void **unused)
{
	struct text out = {0};

	(void)unused;
	encode(&out, sample, COUNT(sample));
	assert_refused("", 0, "empty");
	for (size_t length = 1; length < out.length; length++)
		assert_refused(out.bytes, length, length < 12 ? "not a state file" : "cut off");
	for (size_t bit = 0; bit < out.length * 8; bit++) {
		char mask = (char)(1 << bit % 8);

		out.bytes[bit / 8] = (char)(out.bytes[bit / 8] ^ mask);
		assert_refused(out.bytes, out.length, NULL);
		out.bytes[bit / 8] = (char)(out.bytes[bit / 8] ^ mask);
	}
	text_add_char(&out, '\n');
	assert_refused(out.bytes, out.length, "cut off");
	text_truncate(&out, out.length - 1);
	out.bytes[out.length / 2]++;
	assert_refused(out.bytes, out.length, "damaged: the check does not fit the content");
	text_clear(&out);
}

static void size_is_limited(void **unused)
{
	char *bytes = mem_alloc(1, STATE_MAX + 1);

	(void)unused;
	assert_refused(bytes, STATE_MAX + 1, "larger than 64 MiB");
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_what_the_header_says),
		cmocka_unit_test(file_comes_back),
		cmocka_unit_test(nothing_comes_back_as_nothing),
		cmocka_unit_test(file_is_json),
		cmocka_unit_test(clock_before_1970_is_harmless),
		cmocka_unit_test(order_is_mended),
		cmocka_unit_test(faults_are_told),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(size_is_limited),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
