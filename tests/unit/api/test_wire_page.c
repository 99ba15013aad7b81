/* SPDX-License-Identifier: MIT */
/* What a page says of the next one, by each of the names that servers use, and what says nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "api/wire_internal.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct page_case {
	const char *frame;
	const char *next; /* NULL: none */
	bool has_more;
	int64_t total;
};

static void assert_page(const struct page_case *expected)
{
	struct json_object *frame = json_tokener_parse(expected->frame);
	struct wire_page page = {.total = 7};

	wire_page_read(frame, &page);
	if (page.has_more != expected->has_more || page.total != expected->total)
		fail_msg("%s", expected->frame);
	if (expected->next == NULL)
		assert_null(page.next);
	else
		assert_string_equal(page.next, expected->next);
	free(page.next);
	json_object_put(frame);
}

static void assert_all(const struct page_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_page(&cases[i]);
}

static void the_next_page_is_a_reference(void **state)
{
	static const struct page_case cases[] = {
		{"{\"next\":\"https://h/x?page=2\"}", "https://h/x?page=2", true, -1},
		{"{\"next\":\"/x?page=2\"}", "/x?page=2", true, -1},
		{"{\"next\":\"?page=2\"}", "?page=2", true, -1},
		{"{\"next\":{\"href\":\"/x\"}}", "/x", true, -1},
		{"{\"next\":{\"url\":\"/x\"}}", "/x", true, -1},
		{"{\"next\":{\"href\":\"/h\",\"url\":\"/u\"}}", "/h", true, -1},
		{"{\"links\":{\"next\":\"/x\"}}", "/x", true, -1},
		{"{\"_links\":{\"next\":{\"href\":\"/x\"}}}", "/x", true, -1},
		/* A cursor says that there is more, and not where. */
		{"{\"next\":\"cursor\"}", NULL, true, -1},
		{"{\"next\":2}", NULL, true, -1},
		{"{\"next\":{\"cursor\":\"/x\"}}", NULL, false, -1},
		/* The first one counts. */
		{"{\"next\":\"/a\",\"next_url\":\"/b\"}", "/a", true, -1},
		{"{\"next\":\"/a\",\"links\":{\"next\":\"/b\"}}", "/a", true, -1},
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

static void each_name_of_a_next_page_counts(void **state)
{
	static const char *const names[] = {
		"next",     "next_url",        "next_page", "next_page_url", "nextLink",
		"nextPage", "@odata.nextLink", "next_link", "next_href",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct json_object *frame = json_object_new_object();
		struct wire_page page;

		json_object_object_add(frame, names[i], json_object_new_string("/x"));
		wire_page_read(frame, &page);
		if (page.next == NULL)
			fail_msg("%s", names[i]);
		free(page.next);
		json_object_put(frame);
	}
}

static void each_name_of_more_counts(void **state)
{
	static const char *const names[] = {
		"has_more",      "hasMore",     "has_next",        "hasNext",
		"has_next_page", "hasNextPage", "next_cursor",     "nextCursor",
		"next_token",    "truncated",   "next_page_token", "nextPageToken",
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(names); i++) {
		struct json_object *frame = json_object_new_object();
		struct wire_page page;

		json_object_object_add(frame, names[i / 2], json_object_new_boolean(i % 2 == 0));
		wire_page_read(frame, &page);
		if (page.has_more != (i % 2 == 0) || page.next != NULL)
			fail_msg("%s", names[i / 2]);
		json_object_put(frame);
	}
}

static void what_is_nothing_says_nothing(void **state)
{
	static const struct page_case cases[] = {
		{"{}", NULL, false, -1},
		{"[{\"next\":\"/x\"}]", NULL, false, -1},
		{"null", NULL, false, -1},
		{"{\"next\":null,\"has_more\":null}", NULL, false, -1},
		{"{\"next\":\"\",\"next_cursor\":\"\"}", NULL, false, -1},
		{"{\"next\":false,\"next_page\":0}", NULL, false, -1},
		{"{\"next\":{\"href\":null}}", NULL, false, -1},
		{"{\"name\":\"/x\",\"more\":true}", NULL, false, -1},
		{"{\"a\":{\"b\":{\"next\":\"/x\"}}}", NULL, false, -1}, /* too far in */
		{"{\"a\":[{\"next\":\"/x\"}]}", NULL, false, -1},
		{"{\"has_more\":true,\"truncated\":false}", NULL, true, -1},
		{"{\"next_cursor\":\"false\"}", NULL, true, -1},
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

static void pages_are_counted_from_one(void **state)
{
	static const struct page_case cases[] = {
		{"{\"pages\":1}", NULL, false, -1},
		{"{\"pages\":2}", NULL, true, -1},
		{"{\"page\":2,\"pages\":2}", NULL, false, -1},
		{"{\"page\":1,\"total_pages\":2}", NULL, true, -1},
		{"{\"current_page\":3,\"last_page\":4}", NULL, true, -1},
		{"{\"current_page\":4,\"last_page\":4}", NULL, false, -1},
		{"{\"meta\":{\"page\":1,\"totalPages\":2}}", NULL, true, -1},
		{"{\"num_pages\":2}", NULL, true, -1},
		{"{\"page_count\":2}", NULL, true, -1},
		{"{\"pages\":0}", NULL, false, -1},
		{"{\"pages\":-5,\"page\":-9}", NULL, false, -1},
		{"{\"pages\":\"2\"}", NULL, false, -1},
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

static void the_total_is_a_number_or_unknown(void **state)
{
	static const struct page_case cases[] = {
		{"{\"total\":0}", NULL, false, 0},
		{"{\"total_count\":5}", NULL, false, 5},
		{"{\"totalCount\":5}", NULL, false, 5},
		{"{\"count\":5}", NULL, false, 5},
		{"{\"total_items\":5}", NULL, false, 5},
		{"{\"meta\":{\"total\":5}}", NULL, false, 5},
		{"{\"total\":-1}", NULL, false, -1},
		{"{\"total\":-2}", NULL, false, -1},
		{"{\"total\":\"5\"}", NULL, false, -1},
		{"{\"total\":5.5}", NULL, false, -1},
		{"{\"total\":null}", NULL, false, -1},
	};

	(void)state;
	assert_all(cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_page_is_a_reference),
		cmocka_unit_test(each_name_of_a_next_page_counts),
		cmocka_unit_test(each_name_of_more_counts),
		cmocka_unit_test(what_is_nothing_says_nothing),
		cmocka_unit_test(pages_are_counted_from_one),
		cmocka_unit_test(the_total_is_a_number_or_unknown),
	};

	return cmocka_run_group_tests_name("wire_page", tests, NULL, NULL);
}
