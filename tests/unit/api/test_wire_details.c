/* SPDX-License-Identifier: MIT */
/* Complaints: every shape of error body with exactly what is kept of it, bodies that are cut at
 * every byte, and secrets that a server puts into each place where it can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "api/wire_details.h"
#include "base/mem.h"
#include "base/redactor.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TOKEN        "s3cr3t-T0K3N"
#define PASSWORD     "p\"ss\\w/rd!"
#define KEY          "dotted.key.part"

static struct redactor *make_redactor(void)
{
	static const char *const secrets[] = {TOKEN, PASSWORD, KEY};

	return redactor_new(secrets, COUNT(secrets));
}

/* One line an entry: "field: reason (type) about", and how many more there were. */
static void describe(const struct wire_details *details, struct text *out)
{
	for (size_t i = 0; i < details->count; i++) {
		const struct wire_detail *detail = &details->items[i];

		text_printf(out, "%s: %s (%s)", detail->field, detail->reason, detail->type);
		if (detail->about != SPEC_ID)
			text_printf(out, " %s", spec_field_name(detail->about));
		text_add_char(out, '\n');
	}
	if (details->more > 0)
		text_printf(out, "%zu more\n", details->more);
}

static char *tell(const char *body, size_t length, const char *content_type)
{
	struct redactor *redactor = make_redactor();
	struct wire_details details;
	struct text text = {0};

	wire_details_parse(&(struct wire_answer){.bytes = body,
	                                         .length = length,
	                                         .content_type = content_type},
	                   redactor, &details);
	assert_true(details.count >= 1 && details.count <= WIRE_DETAILS_MAX);
	describe(&details, &text);
	wire_details_clear(&details);
	wire_details_clear(&details);
	redactor_free(redactor);
	return text_take(&text);
}

struct shape {
	const char *body;
	const char *told;
	const char *type; /* of the content */
};

static void assert_told(const struct shape *shapes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *told = tell(shapes[i].body, strlen(shapes[i].body), shapes[i].type);

		assert_string_equal(told, shapes[i].told);
		free(told);
	}
}

#define LIST(entries) "{\"detail\":[" entries "]}"
#define AT(loc)       LIST("{\"loc\":" loc ",\"msg\":\"m\",\"type\":\"t\"}")

static void entries_are_read(void **state)
{
	static const struct shape shapes[] = {
		{.body = LIST("{\"loc\":[\"body\",\"indexing_cron\"],"
	                      "\"msg\":\"invalid cron expression\",\"type\":\"value_error\"}"),
	         .told = "body.indexing_cron: invalid cron expression (value_error) "
	                 "indexing_cron\n"},
		/* Pydantic 2, a missing field: input holds the whole body. */
		{.body = LIST("{\"type\":\"missing\",\"loc\":[\"body\",\"token\"],"
	                      "\"msg\":\"Field required\",\"input\":{\"indexing_cron\":null,"
	                      "\"password\":\"p\\\"ss\\\\w/rd!\"},"
	                      "\"url\":\"https://errors.pydantic.dev/2.6/v/missing\"}"),
	         .told = "body.token: Field required (missing) token\n"},
		{.body = LIST("{\"loc\":[\"body\",\"name\"],\"msg\":\"a\",\"type\":\"x\"},"
	                      "{\"loc\":[\"body\",\"workspace\"],\"msg\":\"b\",\"type\":\"y\"},"
	                      "{\"loc\":[\"body\",\"password\"],\"msg\":\"c\",\"type\":\"z\"}"),
	         .told = "body.name: a (x) name\nbody.workspace: b (y) workspace\n"
	                 "body.password: c (z) password\n"},
		{.body = AT("[\"body\",8]"), .told = "body.8: m (t)\n"},
		{.body = AT("[\"body\",-1,0,18446744073709551615]"),
	         .told = "body.-1.0.18446744073709551615: m (t)\n"},
		{.body = AT("[\"path\",\"bi_datasource_id\"]"),
	         .told = "path.bi_datasource_id: m (t)\n"},
		{.body = AT("[\"body\",\"indexing_cron\",\"constrained-str\"]"),
	         .told = "body.indexing_cron.constrained-str: m (t) indexing_cron\n"},
		{.body = AT("[\"body\",\"token\",\"name\"]"),
	         .told = "body.token.name: m (t) name\n"},
		{.body = AT("[\"body\",\"name\",\"id\"]"), .told = "body.name.id: m (t) name\n"},
		{.body = AT("[\"body\",\"Name\",\"names\",\"nam\"]"),
	         .told = "body.Name.names.nam: m (t)\n"},
		{.body = AT("\"body.indexing_cron\""),
	         .told = "body.indexing_cron: m (t) indexing_cron\n"},
		{.body = AT("\"name\""), .told = "name: m (t) name\n"},
		{.body = AT("[\"body\",[\"indexing_cron\",[0]]]"),
	         .told = "body.indexing_cron.0: m (t) indexing_cron\n"},
		{.body = AT("[\"body\",null,true,1.5,{\"a\":\"name\"}]"), .told = "body: m (t)\n"},
		{.body = AT("[]"), .told = ": m (t)\n"},
		{.body = AT("{}"), .told = ": m (t)\n"},
		{.body = AT("7"), .told = "7: m (t)\n"},
		{.body = AT("[\"a.b\",\"\",\"..\"]"), .told = "a.b....: m (t)\n"},
		{.body = AT("[\"na\\u0000me\",\"name\\u0000\"]"),
	         .told = "na\\x00me.name\\x00: m (t)\n"},
		{.body = LIST("{\"msg\":\"m\"}"), .told = ": m ()\n"},
		{.body = LIST("{\"loc\":[\"body\",\"name\"]}"),
	         .told = "body.name: no reason given () name\n"},
		{.body = LIST("{\"type\":\"t\"}"), .told = ": no reason given (t)\n"},
		{.body = LIST("{\"loc\":[\"body\"],\"msg\":\"\",\"type\":\"\"}"),
	         .told = "body: no reason given ()\n"},
		{.body = LIST("{\"loc\":[\"body\"],\"msg\":[\"m\"],\"type\":{\"t\":1}}"),
	         .told = "body: no reason given ()\n"},
		{.body = LIST("{\"loc\":[\"body\"],\"msg\":null,\"type\":5}"),
	         .told = "body: no reason given ()\n"},
		{.body = LIST("{},null,7,[],{\"input\":\"x\"},{\"msg\":\"m\"}"),
	         .told = ": m ()\n"},
		{.body = LIST("\"one\",\"two\""), .told = ": one ()\n: two ()\n"},
	};

	(void)state;
	assert_told(shapes, COUNT(shapes));
}

static void other_shapes_are_read(void **state)
{
	static const struct shape shapes[] = {
		{.body = "{\"detail\":\"Cron expression is invalid\"}",
	         .told = ": Cron expression is invalid ()\n"},
		{.body = "{\"detail\":{\"message\":\"m\",\"loc\":[\"body\",\"name\"],\"type\":"
	                 "\"t\"}}",
	         .told = "body.name: m (t) name\n"},
		{.body = "{\"detail\":{\"msg\":\"m\"}}", .told = ": m ()\n"},
		{.body = "{\"detail\":{\"error\":\"m\"}}", .told = ": m ()\n"},
		{.body = "{\"detail\":{\"msg\":1,\"message\":null,\"error\":\"m\"}}",
	         .told = ": m ()\n"},
		{.body = "{\"error\":\"e\"}", .told = ": e ()\n"},
		{.body = "{\"message\":\"m\"}", .told = ": m ()\n"},
		{.body = "{\"error\":\"Bad Request\",\"message\":\"cron\"}", .told = ": cron ()\n"},
		{.body = "{\"error\":{\"code\":7,\"message\":\"m\"}}", .told = ": m ()\n"},
		{.body = "{\"error\":[\"a\",{\"msg\":\"b\"}]}", .told = ": a ()\n: b ()\n"},
		{.body = "{\"errors\":[{\"message\":\"a\"},\"b\"]}", .told = ": a ()\n: b ()\n"},
		{.body = "{\"detail\":null,\"message\":\"m\"}", .told = ": m ()\n"},
		{.body = "{\"detail\":[],\"message\":\"m\"}", .told = ": m ()\n"},
		{.body = "{\"detail\":\"d\",\"message\":\"m\"}", .told = ": d ()\n"},
		{.body = "{\"detail\":\"d\",\"detail\":\"e\"}", .told = ": e ()\n"},
		{.body = "[{\"loc\":[\"body\",8],\"msg\":\"m\",\"type\":\"t\"}]",
	         .told = "body.8: m (t)\n"},
		{.body = "[\"a\",\"b\"]", .told = ": a ()\n: b ()\n"},
		{.body = "\"a\"", .told = ": a ()\n"},
		{.body = " {\"detail\":\"d\"}\r\n", .told = ": d ()\n"},
		{.body = "\xef\xbb\xbf{\"detail\":\"d\"}", .told = ": d ()\n"},
		/* Maps of fields. */
		{.body = "{\"detail\":{\"indexing_cron\":[\"x\"]}}",
	         .told = "indexing_cron: x () indexing_cron\n"},
		{.body = "{\"detail\":{\"indexing_cron\":\"x\",\"input\":\"y\"}}",
	         .told = "indexing_cron: x () indexing_cron\n"},
		{.body = "{\"indexing_cron\":[\"bad\",\"worse\"],\"id\":[\"x\"]}",
	         .told = "indexing_cron: bad () indexing_cron\nindexing_cron: worse () "
	                 "indexing_cron\n"},
		{.body = "{\"errors\":{\"name\":[{\"message\":\"too long\"}]}}",
	         .told = "name: too long () name\n"},
		/* An echo of what was sent is no complaint. */
		{.body = "{\"indexing_cron\":\"0 5 * * *\",\"name\":\"F\"}",
	         .told = ": the answer has no detail ()\n"},
		/* RFC 9457. */
		{.body = "{\"type\":\"about:blank\",\"title\":\"Bad\",\"status\":422,"
	                 "\"detail\":\"two errors\",\"errors\":["
	                 "{\"detail\":\"no cron\",\"pointer\":\"#/indexing_cron\"},"
	                 "{\"reason\":\"long\",\"field\":\"name\"}]}",
	         .told = "indexing_cron: no cron () indexing_cron\nname: long () name\n"},
		{.body = "{\"type\":\"about:blank\",\"title\":\"Bad\",\"status\":422}",
	         .told = ": Bad (about:blank)\n"},
		{.body = "{\"errors\":[{\"source\":{\"pointer\":\"/data/name\"},\"title\":\"t\"}]}",
	         .told = "data.name: t () name\n"},
		{.body = "The cron is invalid\nsee " TOKEN,
	         .type = "text/plain; charset=utf-8",
	         .told = ": The cron is invalid ()\n"},
		{.body = "\n got " TOKEN, .type = "TEXT/PLAIN", .told = ": got [redacted] ()\n"},
	};

	(void)state;
	assert_told(shapes, COUNT(shapes));
}

static void nothing_to_tell_is_told(void **state)
{
	static const struct shape shapes[] = {
		{.body = "", .told = ": the answer has no body ()\n", .type = "text/plain"},
		{.body = " \r\n\t", .told = ": the answer has no body ()\n"},
		{.body = "{}", .told = ": the answer has no detail ()\n"},
		{.body = "[]", .told = ": the answer has no detail ()\n"},
		{.body = "null", .told = ": the answer has no detail ()\n"},
		{.body = "42", .told = ": the answer has no detail ()\n"},
		{.body = "true", .told = ": the answer has no detail ()\n"},
		{.body = "[[[1]]]", .told = ": the answer has no detail ()\n"},
		{.body = "{\"detail\":7}", .told = ": the answer has no detail ()\n"},
		{.body = "{\"detail\":[{}]}", .told = ": the answer has no detail ()\n"},
		{.body = "<html>" TOKEN "</html>", .told = ": the answer is not JSON ()\n"},
		{.body = "<html></html>",
	         .type = "text/html; charset=utf-8",
	         .told = ": the answer is not JSON (text/html) ()\n"},
		{.body = "<html></html>", .type = "", .told = ": the answer is not JSON ()\n"},
		{.body = "x", .type = "; a", .told = ": the answer is not JSON ()\n"},
		{.body = "x",
	         .type = "a\x1b[1m" TOKEN "\xff",
	         .told = ": the answer is not JSON (a\\x1b[1m[redacted]\\xff) ()\n"},
		{.body = "Internal Server Error", .told = ": the answer is not JSON ()\n"},
		{.body = "{\"detail\":\"d\"} x", .told = ": the answer is not JSON ()\n"},
		{.body = "{\"detail\":\"d\",}", .told = ": the answer is not JSON ()\n"},
		{.body = "{\"detail\":\"\xc0\x80 d\"}", .told = ": the answer is not JSON ()\n"},
		{.body = "{\"detail\":\"\xff\xfe d\"}", .told = ": the answer is not JSON ()\n"},
		{.body = "{\"detail\":\"d", .told = ": the answer is incomplete JSON ()\n"},
		{.body = "{", .told = ": the answer is incomplete JSON ()\n"},
		{.body = "[1,", .told = ": the answer is incomplete JSON ()\n"},
		{.body = "nul", .told = ": the answer is incomplete JSON ()\n"},
		{.body = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	         .told = ": the answer is too deeply nested JSON ()\n"},
	};

	(void)state;
	assert_told(shapes, COUNT(shapes));
}

static void nul_is_never_json(void **state)
{
	static const char body[] = "{\"detail\":\"d\"}\0";
	char *told = tell(body, sizeof(body) - 1, "application/json");

	(void)state;
	assert_string_equal(told, ": the answer is not JSON (application/json) ()\n");
	free(told);
}

static void secrets_are_struck_out(void **state)
{
	static const struct shape shapes[] = {
		{.body = LIST("{\"loc\":[\"body\",\"" TOKEN "\",\"p\\\"ss\\\\w\\/rd!\"],\"msg\":"
	                      "\"got '" TOKEN "' and p\\\"ss\\\\w/rd!\",\"type\":\"x." TOKEN "\","
	                      "\"input\":\"" TOKEN "\",\"ctx\":{\"doc\":\"" TOKEN "\"},"
	                      "\"" TOKEN "\":\"" TOKEN "\"}"),
	         .told = "body.[redacted].[redacted]: got '[redacted]' and [redacted] "
	                 "(x.[redacted])\n"},
		/* One that the dots of a loc put together. */
		{.body = AT("[\"dotted\",\"key\",\"part\"]"), .told = "[redacted]: m (t)\n"},
		{.body = "{\"detail\":\"s3cr3t\\u002dT0K3N\"}", .told = ": [redacted] ()\n"},
		{.body = "{\"error\":\"" TOKEN "\"}", .told = ": [redacted] ()\n"},
		{.body = "{\"detail\":\"body was "
	                 "{\\\"password\\\":\\\"p\\\\\\\"ss\\\\\\\\w/rd!\\\"}\"}",
	         .told = ": body was {\"password\":\"[redacted]\"} ()\n"},
		{.body = "{\"" TOKEN "\":\"" TOKEN "\"}",
	         .told = ": the answer has no detail ()\n"},
		{.body = TOKEN, .told = ": the answer is not JSON ()\n"},
	};

	(void)state;
	assert_told(shapes, COUNT(shapes));
}

static void foreign_text_is_escaped(void **state)
{
	static const struct shape shapes[] = {
		{.body = "{\"detail\":\"a\\nb\\u001b[31m\\u0000\\u202e\\ud800\"}",
	         .told = ": a\\nb\\x1b[31m\\x00\\u{202e}\xef\xbf\xbd ()\n"},
		{.body = LIST("{\"loc\":[\"a\\nb\"],\"msg\":\"\\r\",\"type\":\"\\t\"}"),
	         .told = "a\\nb: \\r (\\t)\n"},
	};

	(void)state;
	assert_told(shapes, COUNT(shapes));
}

/* A secret that stands across the cut is struck out before it is cut. */
static void long_text_is_cut_last(void **state)
{
	struct redactor *redactor = make_redactor();

	(void)state;
	for (size_t before = 200; before < 300; before++) {
		struct wire_details details;
		struct text body = {0};

		text_add(&body, "{\"detail\":\"");
		for (size_t i = 0; i < before; i++)
			text_add_char(&body, '-');
		text_add(&body, TOKEN "--------------------\"}");
		wire_details_parse(
			&(struct wire_answer){.bytes = body.bytes, .length = body.length}, redactor,
			&details);
		assert_int_equal(details.count, 1);
		assert_true(strlen(details.items[0].reason) <= WIRE_TEXT_MAX);
		assert_null(strstr(details.items[0].reason, "s3"));
		assert_int_equal(before + 30 > WIRE_TEXT_MAX,
		                 strstr(details.items[0].reason, "\xe2\x80\xa6") != NULL);
		wire_details_clear(&details);
		text_clear(&body);
	}
	redactor_free(redactor);
}

static void entries_are_counted(void **state)
{
	(void)state;
	for (size_t count = 1; count < 20; count++) {
		struct wire_details details;
		struct text body = {0};

		text_add(&body, "{\"detail\":[");
		for (size_t i = 0; i < count; i++)
			text_printf(&body, "%s{\"msg\":\"m%zu\"}", i > 0 ? "," : "", i);
		text_add(&body, "]}");
		wire_details_parse(
			&(struct wire_answer){.bytes = body.bytes, .length = body.length}, NULL,
			&details);
		assert_int_equal(details.count, count < 8 ? count : 8);
		assert_int_equal(details.more, count < 8 ? 0 : count - 8);
		assert_string_equal(details.items[0].reason, "m0");
		if (count >= 8)
			assert_string_equal(details.items[7].reason, "m7");
		wire_details_clear(&details);
		text_clear(&body);
	}
}

/* As entries_are_read() has it, with an echo that does not end. */
static void what_comes_before_a_cut_is_told(void **state)
{
	static const struct shape shapes[] = {
		{.body = "{\"detail\":[{\"type\":\"t\",\"loc\":[\"body\",\"name\"],\"msg\":\"m\","
	                 "\"input\":{\"token\":\"" TOKEN "\",\"x\":\"aaaaaaa",
	         .told = "body.name: m (t) name\n1 more\n"},
		{.body = "{\"detail\":[{\"msg\":\"a\"},{\"msg\":\"b\"},{\"msg\":\"c",
	         .told = ": a ()\n: b ()\n1 more\n"},
		{.body = "{\"detail\":[{\"msg\":\"a\"}", .told = ": a ()\n1 more\n"},
		{.body = "{\"detail\":[{\"msg\":\"a,]}{[\\\"\\\\\"},{\"msg\":\"b\\",
	         .told = ": a,]}{[\"\\ ()\n1 more\n"},
		{.body = "{\"detail\":[{\"msg\":\"a\"},{\"msg\":\"\xe2\x80",
	         .told = ": a ()\n1 more\n"},
		{.body = "{\"detail\":[{\"loc\":[\"body\",\"na",
	         .told = "body: no reason given ()\n1 more\n"},
		/* So deep that the parser gives up. */
		{.body = LIST("{\"msg\":\"m\",\"input\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	                      "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"),
	         .told = ": m ()\n1 more\n"},
	};

	(void)state;
	assert_told(shapes, COUNT(shapes));
}

/* Wherever the body ends: what is told is a beginning of what would have been told. */
static void every_cut_tells_the_beginning(void **state)
{
	static const char body[] =
		"{\"detail\":[{\"loc\":[\"body\",\"name\"],\"msg\":\"m\\\"1\xc3\xa4\",\"type\":"
		"\"t\","
		"\"input\":{\"a\":[1,2,{\"b\":null}],\"token\":\"" TOKEN "\"}},"
		"{\"loc\":[\"body\",8],\"msg\":\"m2\",\"type\":\"t2\",\"ctx\":{}}]}";

	(void)state;
	for (size_t length = 0; length < sizeof(body); length++) {
		char *copy = mem_dup_bytes(body, length);
		char *told = tell(copy, length, NULL);

		assert_null(strstr(told, "s3cr3t"));
		if (length > (size_t)(strstr(body, ",\"input\"") - body))
			assert_memory_equal(told, "body.name: m\"1\xc3\xa4 (t) name\n", 26);
		if (length == sizeof(body) - 1)
			assert_string_equal(told, "body.name: m\"1\xc3\xa4 (t) name\n"
			                          "body.8: m2 (t2)\n");
		free(told);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_read),
		cmocka_unit_test(other_shapes_are_read),
		cmocka_unit_test(nothing_to_tell_is_told),
		cmocka_unit_test(nul_is_never_json),
		cmocka_unit_test(secrets_are_struck_out),
		cmocka_unit_test(foreign_text_is_escaped),
		cmocka_unit_test(long_text_is_cut_last),
		cmocka_unit_test(entries_are_counted),
		cmocka_unit_test(what_comes_before_a_cut_is_told),
		cmocka_unit_test(every_cut_tells_the_beginning),
	};

	return cmocka_run_group_tests_name("wire_details", tests, NULL, NULL);
}
