/* SPDX-License-Identifier: MIT */
/* A document is taken apart into its lists' elements and its frame, however it arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/wire_internal.h"
#include "base/mem.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void on_list(const char *name, void *data)
{
	text_printf(data, "<%s>", name);
}

static bool on_element(const char *bytes, size_t length, void *data)
{
	if (bytes == NULL) {
		text_add(data, "too long;");
		return true;
	}
	text_add_bytes(data, bytes, length);
	text_add_char(data, ';');
	return memmem(bytes, length, "stop", 4) == NULL;
}

static const struct wire_split_events events = {.on_list = on_list, .on_element = on_element};

static void parts_and_frame(void **state)
{
	static const struct {
		const char *document;
		const char *parts;
		const char *frame; /* NULL: it is not whole */
	} cases[] = {
		{"", "", ""},
		{"42", "", "42"},
		{"[]", "<>", "[]"},
		{" [ 1 , \"a,]\" , {\"b\":[1,{}]} ] ", "<>1 ;\"a,]\" ;{\"b\":[1,{}]} ;", " [] "},
		{"{\"a\":[1],\"b\":{\"c\":[2]},\"d\":3}", "<a>1;<c>2;",
	         "{\"a\":[],\"b\":{\"c\":[]},\"d\":3}"},
		{"{\"a\":{\"b\":{\"c\":{\"d\":[1,2]}}}}", "",
	         "{\"a\":{\"b\":{\"c\":{\"d\":[1,2]}}}}"},
		{"[\"\\\"]\",2]", "<>\"\\\"]\";2;", "[]"},
		{"[{]}]", "<>{]};", "[]"},
		{"[1,]", "<>1;", NULL},
		{"[,1]", "<>", NULL},
		{"[1", "<>", NULL},
		{"{\"a\":[1]", "<a>1;", NULL},
		{"{\"a\":[1]]", "<a>1;", NULL},
		{"[1]]", "<>1;", NULL},
		{"\"a", "", NULL},
		{"[1,\"stop\",3]", "<>1;\"stop\";", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases) * 2; i++) {
		size_t chunk = i < COUNT(cases) ? 1 : 1000;
		const char *document = cases[i % COUNT(cases)].document;
		const char *frame = cases[i % COUNT(cases)].frame;
		struct text parts = {0};
		struct wire_split split = {.events = &events, .data = &parts};

		text_add(&parts, "");
		for (size_t at = 0; at < strlen(document); at += chunk)
			wire_split_feed(&split, document + at, chunk == 1 ? 1 : strlen(document));
		assert_string_equal(parts.bytes, cases[i % COUNT(cases)].parts);
		assert_int_equal(wire_split_is_whole(&split), frame != NULL);
		if (frame != NULL && *frame != '\0')
			assert_string_equal(split.frame.bytes, frame);
		wire_split_reset(&split);
		text_clear(&parts);
	}
}

/* What is too long is left out of memory: an element by itself, a frame with the document. */
static void lengths_are_limited(void **state)
{
	char *filler = mem_alloc(WIRE_SPLIT_FRAME_MAX, 1);
	struct text parts = {0};
	struct wire_split split = {.events = &events, .data = &parts};

	(void)state;
	memset(filler, 'x', WIRE_SPLIT_FRAME_MAX);
	wire_split_feed(&split, "[\"", 2);
	wire_split_feed(&split, filler, WIRE_SPLIT_ELEMENT_MAX);
	wire_split_feed(&split, "\",7]", 4);
	assert_string_equal(parts.bytes, "<>too long;7;");
	assert_true(wire_split_is_whole(&split));
	wire_split_reset(&split);
	wire_split_feed(&split, "{\"", 2);
	wire_split_feed(&split, filler, WIRE_SPLIT_FRAME_MAX);
	wire_split_feed(&split, "\":1}", 4);
	assert_false(wire_split_is_whole(&split));
	assert_in_range(split.frame.length, 0, WIRE_SPLIT_FRAME_MAX);
	wire_split_reset(&split);
	text_clear(&parts);
	free(filler);
}

static void limits_are_kept_to_the_byte(void **state)
{
	char *filler = mem_alloc(WIRE_SPLIT_ELEMENT_MAX, 1);

	(void)state;
	memset(filler, 'x', WIRE_SPLIT_ELEMENT_MAX);
	for (int more = 0; more < 2; more++) {
		struct text document = {0}, name = {0}, parts = {0};
		struct wire_split split = {.events = &events, .data = &parts};

		text_printf(&name, "<%.*s>", WIRE_SPLIT_NAME_MAX, filler);
		text_printf(&document, "{\"%.*s\":[\"", WIRE_SPLIT_NAME_MAX + more, filler);
		text_add_bytes(&document, filler, (size_t)(WIRE_SPLIT_ELEMENT_MAX - 2 + more));
		text_add(&document, "\"]}");
		wire_split_feed(&split, document.bytes, document.length);
		assert_memory_equal(parts.bytes, name.bytes, name.length);
		assert_int_equal(strcmp(parts.bytes + name.length, "too long;") == 0, more);
		assert_true(wire_split_is_whole(&split));
		wire_split_reset(&split);
		text_clear(&document);
		text_clear(&name);
		text_clear(&parts);
	}
	free(filler);
}

static void depth_is_limited(void **state)
{
	struct text parts = {0};
	struct wire_split split = {.events = &events, .data = &parts};

	(void)state;
	for (size_t i = 0; i <= WIRE_SPLIT_DEPTH_MAX; i++) {
		assert_false(split.is_broken);
		wire_split_feed(&split, "{\"a\":", 5);
	}
	assert_true(split.is_broken);
	wire_split_reset(&split);
	text_clear(&parts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_and_frame),
		cmocka_unit_test(lengths_are_limited),
		cmocka_unit_test(limits_are_kept_to_the_byte),
		cmocka_unit_test(depth_is_limited),
	};

	return cmocka_run_group_tests_name("wire_split", tests, NULL, NULL);
}
