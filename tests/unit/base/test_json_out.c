/* SPDX-License-Identifier: MIT */
/* The JSON writer: commas, escapes, and every document is one that json-c reads back as it was
 * meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"

static void writes_every_kind(void **state)
{
	struct text out = {0};

	(void)state;
	json_out_open_object(&out, NULL);
	json_out_string(&out, "s", "a\"b");
	json_out_string(&out, "none", NULL);
	json_out_bytes(&out, "bytes", "a\0b", 3);
	json_out_int(&out, "min", INT64_MIN);
	json_out_bool(&out, "yes", true);
	json_out_bool(&out, "no", false);
	json_out_null(&out, "null");
	json_out_int_or_null(&out, "some", 5, true);
	json_out_int_or_null(&out, "absent", 0, false);
	json_out_open_array(&out, "empty");
	json_out_close_array(&out);
	json_out_open_array(&out, "list");
	json_out_int(&out, NULL, 1);
	json_out_open_object(&out, NULL);
	json_out_close_object(&out);
	json_out_string(&out, NULL, "x");
	json_out_close_array(&out);
	json_out_open_object(&out, "object");
	json_out_int(&out, "a", 0);
	json_out_close_object(&out);
	json_out_close_object(&out);
	assert_string_equal(out.bytes,
	                    "{\"s\":\"a\\\"b\",\"none\":null,\"bytes\":\"a\\u0000b\","
	                    "\"min\":-9223372036854775808,\"yes\":true,\"no\":false,\"null\":null,"
	                    "\"some\":5,\"absent\":null,\"empty\":[],\"list\":[1,{},\"x\"],"
	                    "\"object\":{\"a\":0}}");
	text_clear(&out);
}

/* A document that is emptied out in pieces: the comma at the start of one is the caller's, and the
 * only one, whatever comes first. */
static void a_piece_starts_with_the_callers_comma(void **state)
{
	struct text out = {0};

	(void)state;
	text_add_char(&out, ',');
	json_out_open_object(&out, NULL);
	json_out_int(&out, "a", 1);
	json_out_close_object(&out);
	json_out_int(&out, NULL, 2);
	assert_string_equal(out.bytes, ",{\"a\":1},2");
	text_truncate(&out, 0);
	text_add(&out, ",\n");
	json_out_string(&out, NULL, "x");
	assert_string_equal(out.bytes, ",\n\"x\"");
	text_clear(&out);
}

/* No comma before the first element, one before every other, wherever lines are broken. */
static void breaks_lines(void **state)
{
	struct text out = {0};

	(void)state;
	json_out_open_object(&out, NULL);
	json_out_open_array(&out, "a");
	json_out_line(&out);
	json_out_int(&out, NULL, 1);
	json_out_line(&out);
	json_out_int(&out, NULL, 2);
	text_add(&out, "\n");
	json_out_close_array(&out);
	json_out_line(&out);
	json_out_bool(&out, "b", true);
	json_out_close_object(&out);
	text_add(&out, "\n");
	json_out_open_object(&out, NULL);
	json_out_close_object(&out);
	assert_string_equal(out.bytes, "{\"a\":[\n1,\n2\n],\n\"b\":true}\n{}");
	text_clear(&out);
}

/* A piece of a document begins with the comma behind the piece before. */
static void goes_on_after_a_comma(void **state)
{
	struct text out = {0};

	(void)state;
	text_add(&out, ",");
	json_out_open_object(&out, NULL);
	json_out_close_object(&out);
	json_out_int(&out, NULL, 1);
	assert_string_equal(out.bytes, ",{},1");
	text_clear(&out);
}

/* A string that ends like the start of something else is still a value. */
static void a_comma_follows_any_string(void **state)
{
	static const char *const values[] = {"", "{", "[", ":", ",", "\n", "\"", "\\", "x{\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct text out = {0};
		struct json_object *read;

		json_out_open_array(&out, NULL);
		json_out_string(&out, NULL, values[i]);
		json_out_string(&out, NULL, values[i]);
		json_out_close_array(&out);
		read = json_tokener_parse(out.bytes);
		assert_int_equal(json_object_array_length(read), 2);
		for (size_t j = 0; j < 2; j++)
			assert_string_equal(
				json_object_get_string(json_object_array_get_idx(read, j)),
				values[i]);
		json_object_put(read);
		text_clear(&out);
	}
}

/* What is added, as text that json-c writes: the two must agree about any document. */
static void add_random(struct text *out, const char *key, unsigned *seed, int depth)
{
	char name[] = "k0";
	int count = rand_r(seed) % 4;

	switch (rand_r(seed) % (depth > 0 ? 6 : 4)) {
	case 0:
		json_out_int(out, key, rand_r(seed) - RAND_MAX / 2);
		break;
	case 1:
		json_out_string(out, key, count == 0 ? NULL : "x\"\\\n]},");
		break;
	case 2:
		json_out_bool(out, key, count == 0);
		break;
	case 3:
		json_out_null(out, key);
		break;
	case 4:
		json_out_open_object(out, key);
		for (int i = 0; i < count; i++) {
			name[1] = (char)('0' + i);
			if (rand_r(seed) % 3 == 0)
				json_out_line(out);
			add_random(out, name, seed, depth - 1);
		}
		json_out_close_object(out);
		break;
	default:
		json_out_open_array(out, key);
		for (int i = 0; i < count; i++)
			add_random(out, NULL, seed, depth - 1);
		json_out_close_array(out);
	}
}

static void drop_lines(struct text *text)
{
	size_t kept = 0;

	for (size_t i = 0; i < text->length; i++) {
		if (text->bytes[i] != '\n')
			text->bytes[kept++] = text->bytes[i];
	}
	text_truncate(text, kept);
}

static void any_document_is_read_back(void **state)
{
	(void)state;
	for (unsigned number = 0; number < 2000; number++) {
		struct text out = {0};
		unsigned seed = number;
		struct json_object *read;

		json_out_open_array(&out, NULL);
		add_random(&out, NULL, &seed, 4);
		json_out_close_array(&out);
		drop_lines(&out);
		read = json_tokener_parse(out.bytes);
		if (read == NULL ||
		    strcmp(json_object_to_json_string_ext(read, JSON_C_TO_STRING_NOSLASHESCAPE),
		           out.bytes) != 0)
			fail_msg("seed %u: %s", number, out.bytes);
		json_object_put(read);
		text_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_every_kind),
		cmocka_unit_test(a_piece_starts_with_the_callers_comma),
		cmocka_unit_test(breaks_lines),
		cmocka_unit_test(goes_on_after_a_comma),
		cmocka_unit_test(a_comma_follows_any_string),
		cmocka_unit_test(any_document_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
