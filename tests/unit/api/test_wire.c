/* SPDX-License-Identifier: MIT */
/* Wire, without the complaints: the body of the PUT to the letter and as another reader of JSON
 * finds it, the remote list and the answer to a PUT in many shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/wire.h"
#include "base/backoff.h"
#include "base/mem.h"
#include "base/redactor.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char cron[] = "*/5 6 * * mon-fri", name[] = "Mode: Finance", workspace[] = "acme";
static char token[] = "to/ken\"1\\", password[] = "pass", empty[] = "";

static int draws;

/* It stands before libc's for json-c too. */
ssize_t getrandom(void *bytes, size_t size, unsigned flags)
{
	(void)bytes;
	(void)size;
	(void)flags;
	draws++;
	errno = EIO;
	return -1;
}

/* json-c draws its seed once in a process, so this is the first test. */
static void without_random_numbers_nothing_is_printed(void **state)
{
	int usual = dup(STDERR_FILENO);
	int printed = memfd_create("stderr", MFD_CLOEXEC);
	const FILE *stream = stderr;
	struct json_object *table;
	struct stat status;

	(void)state;
	assert_int_equal(dup2(printed, STDERR_FILENO), STDERR_FILENO);
	wire_draw_seed();
	table = json_tokener_parse("{\"a\":1}");
	assert_int_equal(dup2(usual, STDERR_FILENO), STDERR_FILENO);
	json_object_put(table);
	assert_ptr_equal(stderr, stream);
	assert_int_equal(fstat(printed, &status), 0);
	assert_int_equal(status.st_size, 0);
	(void)close(printed);
	(void)close(usual);
	if (draws == 0)
		skip(); /* this json-c asks the processor */
}

static void body_is_to_the_letter(void **state)
{
	static const struct {
		struct spec_value value;
		const char *body;
	} cases[] = {
		{.value = {.indexing_cron = cron},
	         .body = "{\"indexing_cron\":\"*/5 6 * * mon-fri\","
	                 "\"token\":\"to/ken\\\"1\\\\\",\"password\":\"pass\"}"},
		{.value = {.name = name},
	         .body = "{\"indexing_cron\":null,\"name\":\"Mode: Finance\","
	                 "\"token\":\"to/ken\\\"1\\\\\",\"password\":\"pass\"}"},
		{.value = {.indexing_cron = empty, .name = empty, .workspace = empty},
	         .body = "{\"indexing_cron\":\"\",\"name\":\"\",\"workspace\":\"\","
	                 "\"token\":\"to/ken\\\"1\\\\\",\"password\":\"pass\"}"},
		{.value = {.indexing_cron = cron, .workspace = workspace},
	         .body = "{\"indexing_cron\":\"*/5 6 * * mon-fri\",\"workspace\":\"acme\","
	                 "\"token\":\"to/ken\\\"1\\\\\",\"password\":\"pass\"}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spec_integration integration = {
			.id = 42, .value = cases[i].value, .token = token, .password = password};
		struct text out = {0};

		wire_put_body(&integration, &out);
		assert_string_equal(out.bytes, cases[i].body);
		text_clear(&out);
	}
}

static void assert_member(struct json_object *root, const char *key, const char *want)
{
	struct json_object *value;

	assert_int_equal(json_object_object_get_ex(root, key, &value),
	                 want != NULL || strcmp(key, "indexing_cron") == 0);
	if (want == NULL) {
		assert_null(value);
		return;
	}
	assert_true(json_object_is_type(value, json_type_string));
	assert_int_equal(json_object_get_string_len(value), strlen(want));
	assert_string_equal(json_object_get_string(value), want);
}

static size_t count_members(const struct spec_value *value)
{
	return 3u + (value->name != NULL) + (value->workspace != NULL);
}

/* The whole way out and back. */
static void check_body(const struct spec_integration *integration)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root;
	struct text out = {0};

	/* Not JSON_TOKENER_STRICT: with it json-c 0.18 takes nothing beyond ASCII. */
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	wire_put_body(integration, &out);
	root = json_tokener_parse_ex(tokener, out.bytes, (int)out.length);
	assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
	assert_int_equal(json_tokener_get_parse_end(tokener), out.length);
	assert_int_equal(json_object_object_length(root), count_members(&integration->value));
	assert_member(root, "indexing_cron", integration->value.indexing_cron);
	assert_member(root, "name", integration->value.name);
	assert_member(root, "workspace", integration->value.workspace);
	assert_member(root, "token", integration->token);
	assert_member(root, "password", integration->password);
	json_object_put(root);
	json_tokener_free(tokener);
	text_clear(&out);
}

static void add_point(struct text *text, uint32_t point)
{
	static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
	unsigned size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	if (point >= 0xd800 && point <= 0xdfff)
		return;
	text_add_char(text, (char)(leads[size] | point >> 6 * (size - 1)));
	while (--size > 0)
		text_add_char(text, (char)(0x80 | (point >> 6 * (size - 1) & 0x3f)));
}

static void body_holds_every_character(void **state)
{
	(void)state;
	for (uint32_t start = 1; start < 0x110000; start += 0x400) {
		struct text text = {0};
		struct spec_integration integration = {.token = token, .password = password};

		for (uint32_t point = start; point < start + 0x400 && point < 0x110000; point++)
			add_point(&text, point);
		integration.value.indexing_cron = text_take(&text);
		integration.value.name = integration.value.indexing_cron;
		check_body(&integration);
		free(integration.value.indexing_cron);
	}
}

static char *random_string(uint64_t *random)
{
	static const char *const odd[] = {
		"\"",           "\\",   "/",    "\b",       "\f",
		"\n",           "\r",   "\t",   "\1",       " ",
		"\\u0041",      "\x1f", "\x7f", "\xc3\xa4", "\xf0\x9f\x98\x80",
		"\xe2\x80\xa8",
	};
	struct text text = {0};

	for (uint64_t left = backoff_random(random) % 40; left > 0; left--)
		text_add(&text, odd[backoff_random(random) % COUNT(odd)]);
	return text_take(&text);
}

static void body_holds_odd_strings(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char *strings[5];

		for (size_t i = 0; i < COUNT(strings); i++)
			strings[i] = random_string(&random);
		check_body(&(struct spec_integration){
			.value = {.indexing_cron = round % 2 != 0 ? strings[0] : NULL,
		                  .name = round % 3 != 0 ? strings[1] : NULL,
		                  .workspace = round % 5 != 0 ? strings[2] : NULL},
			.token = strings[3],
			.password = strings[4]});
		for (size_t i = 0; i < COUNT(strings); i++)
			free(strings[i]);
	}
}

/* What a growing text leaves behind would hold secrets: one allocation must do, for the worst. */
static void body_is_written_in_place(void **state)
{
	char worst[1000];
	struct spec_integration integration = {.token = worst, .password = worst};
	struct text out = {0};
	const char *before;
	size_t capacity;

	(void)state;
	memset(worst, 1, sizeof(worst) - 1);
	worst[sizeof(worst) - 1] = '\0';
	integration.value = (struct spec_value){worst, worst, worst};
	wire_put_body(&integration, &out);
	capacity = out.capacity;
	before = out.bytes;
	text_truncate(&out, 0);
	wire_put_body(&integration, &out);
	assert_ptr_equal(out.bytes, before);
	assert_int_equal(out.capacity, capacity);
	assert_true(out.length > 5 * 6 * (sizeof(worst) - 1));
	assert_true(capacity <= out.length + 128);
	text_clear(&out);
}

static void answers_are_read(void **state)
{
	static const struct {
		const char *body;
		enum wire_known known;
		const char *cron;
		enum wire_body kind;
	} cases[] = {
		{.body = "{\"indexing_cron\":\"0 6 * * *\"}",
	         .known = WIRE_GIVEN,
	         .cron = "0 6 * * *"},
		{.body = "{\"indexing_cron\":\"\xc3\xa4 \xf0\x9f\x98\x80\"}",
	         .known = WIRE_GIVEN,
	         .cron = "\xc3\xa4 \xf0\x9f\x98\x80"},
		{.body = "{\"indexing_cron\":\"\\\\\xc3\xa4\"}",
	         .known = WIRE_GIVEN,
	         .cron = "\\\xc3\xa4"},
		{.body = "{\"indexing_cron\":\"\\\xc3\xa4\"}", .kind = WIRE_BODY_OTHER},
		{.body = "{\"indexing_cron\":null}", .known = WIRE_NONE},
		{.body = "{\"data\":{\"indexing_cron\":\"x\"}}", .known = WIRE_GIVEN, .cron = "x"},
		{.body = "{\"data_source_config\":{\"indexing_cron\":null}}", .known = WIRE_NONE},
		{.body = "{\"a\":{\"indexing_cron\":\"x\"},\"b\":{\"indexing_cron\":\"x\"}}"},
		{.body = "{\"index_interval_min\":60}"},
		{.body = "{\"detail\":\"no\",\"indexing_cron\":\"x\"}", .kind = WIRE_BODY_ERROR},
		{.body = "{\"detail\":[{}]}", .kind = WIRE_BODY_ERROR},
		{.body = "{\"detail\":[],\"error\":{}}"},
		{.body = "\xef\xbb\xbf{\"indexing_cron\":null}", .known = WIRE_NONE},
		{.body = "{\"indexing_cron\":\"\xff\"}", .kind = WIRE_BODY_OTHER},
		{.body = "{\"indexing_cron\":\"\xc3\"}", .kind = WIRE_BODY_OTHER},
		{.body = "{\"error\":{\"message\":\"no\"}}", .kind = WIRE_BODY_ERROR},
		{.body = "{\"success\":false}", .kind = WIRE_BODY_ERROR},
		{.body = "{\"success\":true,\"error\":null,\"detail\":\"\"}"},
		{.body = "{\"errors\":[]}"},
		{.body = "{\"data\":{\"detail\":\"x\"}}"},
		{.body = "<html>", .kind = WIRE_BODY_OTHER},
		{.body = " \n"},
		{.body = "{\"indexing_cron\":[\"x\"]}"},
		{.body = "{\"indexing_cron\":{\"indexing_cron\":\"x\"}}"},
		{.body = "[{\"indexing_cron\":\"x\"}]"},
		{.body = "{}"},
		{.body = "null"},
		{.body = "true"},
		{.body = ""},
		{.body = "{\"indexing_cron\":null,\"detail\":\"no\"}", .kind = WIRE_BODY_ERROR},
		{.body = "{\"indexing_cron\":null,\"success\":false}", .kind = WIRE_BODY_ERROR},
		{.body = "{\"error\":\"no\",\"indexing_cron\":null}", .kind = WIRE_BODY_ERROR},
		{.body = "{\"indexing_cron\":nullify}", .kind = WIRE_BODY_OTHER},
		{.body = "{\"indexing_cron\"", .kind = WIRE_BODY_OTHER},
		{.body = "OK", .kind = WIRE_BODY_OTHER},
		{.body = "{\"indexing_cron\":\"x\"", .kind = WIRE_BODY_OTHER},
	};

	struct json_tokener *tokener = wire_tokener_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum wire_known known;
		char *got = token;

		assert_int_equal(wire_parse_answer(tokener, cases[i].body, strlen(cases[i].body),
		                                   &known, &got),
		                 cases[i].kind);
		assert_int_equal(known, cases[i].known);
		if (cases[i].cron != NULL)
			assert_string_equal(got, cases[i].cron);
		else
			assert_null(got);
		free(got);
	}
	wire_tokener_free(tokener);
}

static void a_body_with_a_nul_is_no_json(void **state)
{
	static const char body[] = "{\"indexing_cron\":null}\0";
	enum wire_known known;
	struct json_tokener *tokener = wire_tokener_new();
	char *got;

	(void)state;
	assert_int_equal(wire_parse_answer(tokener, body, sizeof(body) - 2, &known, &got),
	                 WIRE_BODY_FINE);
	assert_int_equal(known, WIRE_NONE);
	assert_int_equal(wire_parse_answer(tokener, body, sizeof(body) - 1, &known, &got),
	                 WIRE_BODY_OTHER);
	assert_int_equal(known, WIRE_UNKNOWN);
	wire_tokener_free(tokener);
}

/* A secret that a server echoes is no schedule; what is one stays, though it may hold the bytes. */
static void schedules_are_fit_to_be_shown(void **state)
{
	static const char *const secrets[] = {"6"};
	static const char *const crons[][2] = {
		{"0 6 * * *", "0 6 * * *"}, {"at 6", "at [redacted]"}, {"", ""}, {"x", "x"}};
	struct redactor *redactor = redactor_new(secrets, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(crons); i++) {
		char *shown = wire_redact_cron(mem_dup(crons[i][0]), redactor);

		assert_string_equal(shown, crons[i][1]);
		free(shown);
	}
	assert_null(wire_redact_cron(NULL, redactor));
	redactor_free(redactor);
}

static void kinds_that_may_be_mode(void **state)
{
	static const struct {
		const char *type;
		bool may_be;
	} cases[] = {
		{NULL, true},
		{"Mode", true},
		{"mode", true},
		{"MODE", true},
		{"mode_analytics", true},
		{"Mode Analytics", true},
		{"mode-bi", true},
		{"modern", false},
		{"mod", false},
		{"tableau", false},
		{"", false},
		{"a mode", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct wire_remote remote = {.type = (void *)(uintptr_t)cases[i].type};

		if (wire_may_be_mode(&remote) != cases[i].may_be)
			fail_msg("%s", cases[i].type);
	}
}

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
		char path[WIRE_PATH_MAX];

		assert_string_equal(wire_path_update(cases[i].id, path), cases[i].update);
		assert_string_equal(wire_path_sync(cases[i].id, path), cases[i].sync);
	}
	assert_string_equal(WIRE_PATH_LIST, "/api/v1/lineage/bi/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_random_numbers_nothing_is_printed),
		cmocka_unit_test(paths_hold_the_id_and_end_with_a_slash),
		cmocka_unit_test(body_is_to_the_letter),
		cmocka_unit_test(body_holds_every_character),
		cmocka_unit_test(body_holds_odd_strings),
		cmocka_unit_test(body_is_written_in_place),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(a_body_with_a_nul_is_no_json),
		cmocka_unit_test(schedules_are_fit_to_be_shown),
		cmocka_unit_test(kinds_that_may_be_mode),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
