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
         .credentials = UINT64_C(0xfedcba9876543210),
         .value = {.indexing_cron = cron, .name = name, .workspace = workspace}},
	{.id = 42, .intended = true},
	{.id = 43, .accepted = true, .intended = true, .uncertain = true, .value = {.name = empty}},
	{.id = INT64_MAX,
         .accepted = true,
         .contradicted = 2,
         .credentials = 1,
         .accepted_at = INT64_MAX,
         .value = {.indexing_cron = empty, .workspace = empty}},
};

#define KEY_ID UINT64_C(0x0123456789abcdef)

static void encode(struct text *out, const struct state_entry *entries, size_t count)
{
	state_encode_start(out, url, KEY_ID);
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
	assert_true(state->key_id == KEY_ID);
	assert_int_equal(state->count, COUNT(sample));
	for (size_t i = 0; i < COUNT(sample); i++) {
		const struct state_entry *got = &state->entries[i];

		assert_int_equal(got->id, sample[i].id);
		assert_int_equal(got->accepted, sample[i].accepted);
		assert_int_equal(got->intended, sample[i].intended);
		assert_int_equal(got->uncertain, sample[i].uncertain);
		assert_int_equal(got->contradicted, sample[i].contradicted);
		assert_true(got->credentials == sample[i].credentials);
		assert_int_equal(got->accepted_at, sample[i].accepted_at);
		assert_string(got->value.indexing_cron, sample[i].value.indexing_cron);
		assert_string(got->value.name, sample[i].value.name);
		assert_string(got->value.workspace, sample[i].value.workspace);
	}
}

/* From the second version on, behind the version and up to the check. */
#define CONTENT                                                                                  \
	"\"url\":\"https://app.datafold.com\",\"key\":\"0123456789abcdef\",\"integrations\":[\n" \
	"{\"id\":42,\"accepted_at\":1700000000,\"intended\":false,"                              \
	"\"indexing_cron\":\"*/5 6 * * mon-fri\",\"name\":null,\"workspace\":\"acme\","          \
	"\"credentials\":\"00edcba987654321\"},\n"                                               \
	"{\"id\":43,\"accepted_at\":null,\"intended\":true,"                                     \
	"\"indexing_cron\":null,\"name\":null,\"workspace\":null,\"credentials\":null}\n"        \
	"],\"check\":"

static void file_is_what_the_header_says(void **unused)
{
	static const struct state_entry entries[] = {
		{.id = 42,
	         .accepted = true,
	         .accepted_at = 1700000000,
	         .credentials = UINT64_C(0x00edcba987654321),
	         .value = {.indexing_cron = cron, .workspace = workspace}},
		{.id = 43, .intended = true},
	};
	struct text out = {0};

	(void)unused;
	encode(&out, entries, COUNT(entries));
	assert_string_equal(out.bytes, "{\"version\":3," CONTENT "\"2808b3130281722a\"}\n");
	text_clear(&out);
}

/* As earlier versions wrote it. */
static const struct {
	const char *file;
	uint64_t key_id;
	uint64_t credentials; /* of 42 */
} earlier[] = {
	{"{\"version\":1,\"url\":\"https://app.datafold.com\",\"integrations\":[\n"
         "{\"id\":42,\"accepted_at\":1700000000,\"intended\":false,"
         "\"indexing_cron\":\"*/5 6 * * mon-fri\",\"name\":null,\"workspace\":\"acme\"},\n"
         "{\"id\":43,\"accepted_at\":null,\"intended\":true,"
         "\"indexing_cron\":null,\"name\":null,\"workspace\":null}\n"
         "],\"check\":\"ea957e44c5390e34\"}\n",
         0, 0},
	{"{\"version\":2," CONTENT "\"69377900cb0a4eb5\"}\n", UINT64_C(0x0123456789abcdef),
         UINT64_C(0x00edcba987654321)},
};

static void earlier_versions_are_read(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT(earlier); i++) {
		struct state state = {0};
		struct fault fault = {0};

		assert_true(state_decode(&state, earlier[i].file, strlen(earlier[i].file), &fault));
		assert_string_equal(state.url, url);
		assert_true(state.key_id == earlier[i].key_id);
		assert_int_equal(state.count, 2);
		assert_int_equal(state.entries[0].id, 42);
		assert_true(state.entries[0].accepted);
		assert_int_equal(state.entries[0].accepted_at, 1700000000);
		assert_string_equal(state.entries[0].value.indexing_cron, cron);
		assert_string_equal(state.entries[0].value.workspace, workspace);
		assert_true(state.entries[0].credentials == earlier[i].credentials);
		assert_true(state.entries[1].intended);
		assert_false(state.entries[1].accepted);
		state_clear(&state);
	}
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
	state_encode_start(&out, NULL, 0);
	state_encode_end(&out);
	assert_true(state_decode(&state, out.bytes, out.length, &fault));
	assert_null(state.url);
	assert_true(state.key_id == 0);
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
	assert_int_equal(json_object_get_int(value), 3);
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

static void order_is_restored(void **unused)
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

#define HEAD            "{\"version\":3,\"url\":null,\"key\":null,\"integrations\":["
#define ENTRY(id, rest) "\n{\"id\":" id ",\"accepted_at\":0,\"intended\":false," rest
#define VALUE           "\"indexing_cron\":null,\"name\":null,\"workspace\":null,\"credentials\":null}"
#define ONE             ENTRY("42", VALUE)
#define STRING(string)                                                                    \
	HEAD ENTRY("42", "\"indexing_cron\":" string ",\"name\":null,\"workspace\":null," \
	                 "\"credentials\":null}") "\n],"
#define DIGEST(string)                                                              \
	HEAD ENTRY("42", "\"indexing_cron\":null,\"name\":null,\"workspace\":null," \
	                 "\"credentials\":" string "}") "\n],"
#define WRONG(member) "line 2: " member ": missing or not of its type"

/* All but the check, which is put behind each. */
static const struct {
	const char *body;
	const char *fault; /* NULL: fine */
} bodies[] = {
	{.body = HEAD "\n],"},
	{.body = HEAD ONE "\n],"},
	{.body = HEAD ONE "," ENTRY("43", VALUE) "\n],"},
	{.body = STRING("\"\\u0001\\u001f\\\"\\\\\\b\\f\\n\\r\\t\\u202e\"")},
	{.body = DIGEST("\"00000000000000ff\"")},
	{.body = "],", .fault = "not a state file"},
	{.body = "{}\n],", .fault = "not a state file"},
	{.body = "[\n],", .fault = "not a state file"},
	{.body = "{\"version\":\"2\",\"integrations\":[\n],", .fault = "not a state file"},
	{.body = "{\"version\":0,\"integrations\":[\n],", .fault = "not a state file"},
	{.body = "{\"version\":3.0,\"integrations\":[\n],", .fault = "not a state file"},
	{.body = "{\"version\":3,\"integrations\":[] x\n],", .fault = "not a state file"},
	{.body = "{\"version\":4,\"integrations\":[\n],",
         .fault = "version 4 is not known here, only up to 3"},
	{.body = "{\"version\":3,\"integrations\":[\n],",
         .fault = "url: missing or not of its type"},
	{.body = "{\"version\":3,\"url\":7,\"integrations\":[\n],",
         .fault = "url: missing or not of its type"},
	{.body = "{\"version\":3,\"url\":null,\"integrations\":[\n],",
         .fault = "key: missing or not of its type"},
	{.body = "{\"version\":3,\"url\":null,\"key\":\"12\",\"integrations\":[\n],",
         .fault = "key: missing or not of its type"},
	{.body = "{\"version\":3,\"url\":null,\"key\":null,\"other\":[\n],",
         .fault = "integrations: missing"},
	{.body = HEAD "],", .fault = "not a state file"},
	{.body = HEAD "\nx],", .fault = "line 2: not an integration"},
	{.body = HEAD "\n\n],", .fault = "line 2: not an integration"},
	{.body = HEAD "\n{},x\n],", .fault = "line 2: not an integration"},
	{.body = HEAD "\n{},\n],", .fault = WRONG("id")},
	{.body = HEAD ONE "x\n],", .fault = "line 2: not an integration"},
	{.body = HEAD ONE ONE "],", .fault = "line 3: not an integration"},
	{.body = HEAD ONE ",\n[[[[[]]]]]\n],", .fault = "line 3: not an integration"},
	{.body = HEAD ONE "," ONE "\n],", .fault = "integration 42 is there twice"},
	{.body = HEAD ENTRY("43", VALUE) "," ONE "," ENTRY("43", VALUE) "\n],",
         .fault = "integration 43 is there twice"},
	{.body = HEAD ENTRY("0", VALUE) "\n],", .fault = WRONG("id")},
	{.body = HEAD ENTRY("-1", VALUE) "\n],", .fault = WRONG("id")},
	{.body = HEAD ENTRY("\"42\"", VALUE) "\n],", .fault = WRONG("id")},
	{.body = HEAD ENTRY("42.0", VALUE) "\n],", .fault = WRONG("id")},
	{.body = HEAD ENTRY("null", VALUE) "\n],", .fault = WRONG("id")},
	{.body = HEAD "\n{\"id\":1,\"accepted_at\":-5}\n],", .fault = WRONG("accepted_at")},
	{.body = HEAD "\n{\"id\":1,\"accepted_at\":\"\"}\n],", .fault = WRONG("accepted_at")},
	{.body = HEAD "\n{\"id\":1,\"intended\":true}\n],", .fault = WRONG("accepted_at")},
	{.body = HEAD "\n{\"id\":1,\"accepted_at\":null,\"intended\":null}\n],",
         .fault = WRONG("intended")},
	{.body = HEAD "\n{\"id\":1,\"accepted_at\":null}\n],", .fault = WRONG("intended")},
	{.body = HEAD ENTRY("42", "\"name\":null,\"workspace\":null}") "\n],",
         .fault = WRONG("indexing_cron")},
	{.body = HEAD ENTRY("42", "\"indexing_cron\":null,\"workspace\":null}") "\n],",
         .fault = WRONG("name")},
	{.body = HEAD ENTRY("42", "\"indexing_cron\":null,\"name\":null}") "\n],",
         .fault = WRONG("workspace")},
	{.body = HEAD ENTRY("42",
                            "\"indexing_cron\":null,\"name\":null,\"workspace\":null}") "\n],",
         .fault = WRONG("credentials")},
	{.body = STRING("false"), .fault = WRONG("indexing_cron")},
	{.body = STRING("\"a\\u0000b\""), .fault = WRONG("indexing_cron")},
	{.body = STRING("\"\\x\""), .fault = "line 2: not an integration"},
	{.body = DIGEST("7"), .fault = WRONG("credentials")},
	{.body = DIGEST("\"\""), .fault = WRONG("credentials")},
	{.body = DIGEST("\"00000000000000fg\""), .fault = WRONG("credentials")},
	{.body = DIGEST("\"00000000000000fff\""), .fault = WRONG("credentials")},
	{.body = STRING("\"\xff\""), .fault = "not UTF-8"},
	{.body = STRING("\"\xc0\x80\""), .fault = "not UTF-8"},
	{.body = STRING("\"\xed\xa0\x80\""), .fault = "not UTF-8"},
};

static void faults_are_reported(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct text file = {0};
		struct state state = {0};
		struct fault fault = {0};
		uint64_t check = siphash_of(bodies[i].body, strlen(bodies[i].body));
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
static void assert_rejected(const char *bytes, size_t length, const char *why)
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

static void damage_is_rejected(void **unused)
{
	struct text out = {0};

	(void)unused;
	encode(&out, sample, COUNT(sample));
	assert_rejected("", 0, "empty");
	for (size_t length = 1; length < out.length; length++)
		assert_rejected(out.bytes, length, NULL);
	for (size_t bit = 0; bit < out.length * 8; bit++) {
		char mask = (char)(1 << bit % 8);

		out.bytes[bit / 8] = (char)(out.bytes[bit / 8] ^ mask);
		assert_rejected(out.bytes, out.length, NULL);
		out.bytes[bit / 8] = (char)(out.bytes[bit / 8] ^ mask);
	}
	text_add_char(&out, '\n');
	assert_rejected(out.bytes, out.length, "cut off");
	text_truncate(&out, out.length - 1);
	out.bytes[out.length / 2]++;
	assert_rejected(out.bytes, out.length, "damaged: the check does not fit the content");
	text_clear(&out);
}

static void size_is_limited(void **unused)
{
	char *bytes = mem_alloc(1, STATE_MAX + 1);

	(void)unused;
	assert_rejected(bytes, STATE_MAX + 1, "larger than 64 MiB");
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_what_the_header_says),
		cmocka_unit_test(earlier_versions_are_read),
		cmocka_unit_test(file_comes_back),
		cmocka_unit_test(nothing_comes_back_as_nothing),
		cmocka_unit_test(file_is_json),
		cmocka_unit_test(clock_before_1970_is_harmless),
		cmocka_unit_test(order_is_restored),
		cmocka_unit_test(faults_are_reported),
		cmocka_unit_test(damage_is_rejected),
		cmocka_unit_test(size_is_limited),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
