/* SPDX-License-Identifier: MIT */
/* The list of integrations: in every shape it is read the same however it arrives, and what
 * is not certain is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "api/wire_list.h"
#include "base/mem.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct redactor *no_redactor;

static void feed(struct wire_list *list, const char *body, size_t length, size_t chunk)
{
	for (size_t at = 0; at < length; at += chunk) {
		size_t left = length - at;

		assert_true(wire_list_feed(list, body + at, left < chunk ? left : chunk));
	}
}

/* Read one page, `chunk` bytes at a time. */
static bool read_list(const char *body, size_t length, size_t chunk, struct wire_remotes *remotes)
{
	struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
	char *next = NULL;
	bool is_list;

	feed(list, body, length, chunk);
	is_list = wire_list_end_page(list, NULL, &next);
	if (is_list)
		assert_true(wire_list_take(list, remotes));
	else
		*remotes = (struct wire_remotes){0};
	free(next);
	wire_list_free(list);
	return is_list;
}

/* One line an item: id type name workspace cron, "-" for what is not known. */
static void describe(const struct wire_remotes *remotes, struct text *out)
{
	static const char *const known[] = {"-", "none", "="};

	text_add(out, "");
	for (size_t i = 0; i < remotes->count; i++) {
		const struct wire_remote *remote = &remotes->items[i];
		const char *texts[] = {remote->type, remote->name, remote->workspace};

		text_add_int(out, remote->id);
		for (size_t j = 0; j < COUNT(texts); j++)
			text_printf(out, " %s", texts[j] != NULL ? texts[j] : "-");
		assert_int_equal(remote->cron_known == WIRE_GIVEN, remote->indexing_cron != NULL);
		text_printf(out, " %s", known[remote->cron_known]);
		text_add(out, remote->cron_known == WIRE_GIVEN ? remote->indexing_cron : "");
		text_add_char(out, '\n');
	}
}

static const struct {
	const char *body;
	const char *list; /* NULL: none */
} lists[] = {
	{.body = "[]", .list = ""},
	{.body = " [ ] \n", .list = ""},
	{.body = "{\"items\":[]}", .list = ""},
	{.body = "[{\"id\":42}]", .list = "42 - - - -\n"},
	{.body = "[{\"id\":42,\"type\":\"Mode\",\"name\":\"F\",\"workspace\":\"acme\","
                 "\"indexing_cron\":\"0 6 * * *\"}]",
         .list = "42 Mode F acme =0 6 * * *\n"},
	{.body = "[{\"id\":42,\"indexing_cron\":null}]", .list = "42 - - - none\n"},
	{.body = "[{\"id\":42,\"indexing_cron\":\"\"}]", .list = "42 - - - =\n"},
	{.body = "[{\"id\":42,\"indexing_cron\":7,\"name\":false,\"type\":{}}]",
         .list = "42 - - - -\n"},
	{.body = "[{\"id\":42,\"indexing_cron\":\"0\\u00006\",\"name\":\"a\\u0000b\"}]",
         .list = "42 - - - -\n"},
	{.body = "[{\"id\":9},{\"id\":3},{\"id\":\"7\"}]",
         .list = "3 - - - -\n7 - - - -\n9 - - - -\n"},
	{.body = "[{\"id\":9223372036854775807}]", .list = "9223372036854775807 - - - -\n"},
	/* Items that are none are left out; where nothing is left it was no such list. */
	{.body = "[{\"id\":0},{\"id\":-1},{\"id\":9223372036854775808},{\"id\":1.0},{\"id\":null},"
                 "{\"id\":\"1x\"},{\"id\":\"\"},{\"id\":\"1\\u0000\"},{\"id\":[1]},{},null,7,\"x\","
                 "[],"
                 "{\"id\":8}]",
         .list = "8 - - - -\n"},
	{.body = "[{\"id\":0}]"},
	{.body = "[{\"id\":\"0\"}]"},
	{.body = "[1,2]"},
	{.body = "[null]"},
	/* The path's own name of it is the better one. */
	{.body = "[{\"id\":5,\"bi_datasource_id\":42}]", .list = "42 - - - -\n"},
	{.body = "[{\"id\":5,\"bi_datasource_id\":null}]", .list = "5 - - - -\n"},
	/* Twice the same: there is no telling which one is true. */
	{.body = "[{\"id\":5,\"name\":\"a\",\"indexing_cron\":\"0 6 * * *\"},{\"id\":6},"
                 "{\"id\":5,\"name\":\"b\",\"indexing_cron\":null},{\"id\":5}]",
         .list = "5 - - - -\n6 - - - -\n"},
	/* One object further in. */
	{.body = "[{\"id\":42,\"config\":{\"indexing_cron\":\"0 6 * * *\",\"workspace\":\"w\"},"
                 "\"created_by\":{\"name\":\"somebody\"}}]",
         .list = "42 - - w =0 6 * * *\n"},
	{.body = "[{\"id\":42,\"data_source\":{\"name\":\"F\",\"type\":\"Mode\"}}]",
         .list = "42 Mode F - -\n"},
	{.body = "[{\"id\":42,\"odd\":{\"indexing_cron\":null,\"name\":\"F\"}}]",
         .list = "42 - F - none\n"},
	{.body = "[{\"id\":42,\"indexing_cron\":null,\"config\":{\"indexing_cron\":\"x\"}}]",
         .list = "42 - - - none\n"},
	{.body = "[{\"id\":42,\"old\":{\"indexing_cron\":\"a\"},\"new\":{\"indexing_cron\":\"b\"}}"
                 "]",
         .list = "42 - - - -\n"},
	{.body = "[{\"id\":42,\"a\":{\"b\":{\"indexing_cron\":\"x\"}}}]", .list = "42 - - - -\n"},
	/* A list in an object. */
	{.body = "{\"items\":[{\"id\":1}],\"total\":1}", .list = "1 - - - -\n"},
	{.body = "{\"warnings\":[],\"tags\":[\"a\"],\"results\":[{\"id\":1}]}",
         .list = "1 - - - -\n"},
	{.body = "{\"a\":[],\"b\":[]}"},
	{.body = "{\"tags\":[\"a\"]}"},
	{.body = "{\"tags\":[\"a\"],\"items\":[]}"},
	{.body = "{\"id\":42}"},
	{.body = "{}"},
	{.body = ""},
	{.body = "null"},
	{.body = "42"},
	{.body = "\"[]\""},
	{.body = "[{\"id\":42}"},
	{.body = "[{\"id\":42}],"},
	{.body = "[{\"id\":42}] x"},
	{.body = "[{\"id\":42},]"},
	{.body = "[{\"id\":42,\"name\":\"\xc0\x80\"}]"},
	{.body = "<html></html>"},
	{.body = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
                 "]"},
	{.body = "\xef\xbb\xbf[{\"id\":42}]", .list = "42 - - - -\n"},
	{.body = "{\"data\":{\"items\":[{\"id\":1}]}}", .list = "1 - - - -\n"},
	/* Only the first list with ids: others may be of anything. */
	{.body = "{\"results\":[{\"id\":1,\"indexing_cron\":null}],\"users\":[{\"id\":2},{\"id\":1}"
                 "]}",
         .list = "1 - - - none\n"},
	/* Lists by kind: only Mode's is read, of the others no more than the kind is known. */
	{.body = "{\"tableau\":[{\"id\":7,\"indexing_cron\":\"x\",\"name\":\"T\"}],"
                 "\"mode\":[{\"id\":42,\"type\":\"scheduled\",\"indexing_cron\":null}]}",
         .list = "7 tableau - - -\n42 mode - - none\n"},
	{.body = "{\"thoughtspot\":[{\"id\":42,\"indexing_cron\":\"x\"}],\"mode\":[]}",
         .list = "42 thoughtspot - - -\n"},
	{.body = "{\"mode\":[{\"id\":42,\"indexing_cron\":null}],\"looker\":[{\"id\":42}]}",
         .list = "42 mode - - none\n"},
	{.body = "{\"looker\":[{\"id\":42}],\"mode\":[{\"id\":42,\"indexing_cron\":null}]}",
         .list = "42 mode - - none\n"},
	{.body = "{\"mode\":[{\"id\":42,\"name\":\"a\"}],\"mode\":[{\"id\":42}]}",
         .list = "42 mode - - -\n"},
	/* In two lists that may both be of Mode there is no telling which one is true either. */
	{.body = "{\"mode\":[{\"id\":42,\"name\":\"a\"},{\"id\":43}],\"mode_old\":[{\"id\":42,"
                 "\"name\":\"b\"}],\"mode-older\":[{\"id\":42}],\"looker\":[{\"id\":42}]}",
         .list = "42 - - - -\n43 mode - - -\n"},
	{.body = "{\"mode\":[],\"tableau\":[]}", .list = ""},
	{.body = "[{\"id\":42,\"type\":\"Tableau\",\"indexing_cron\":\"x\",\"name\":\"T\"}]",
         .list = "42 Tableau - - -\n"},
	{.body = "[{\"\\u0069d\":42}]", .list = "42 - - - -\n"},
	{.body = "[{\"id\":42,\"name\":\"],[{,\\\"\"}]", .list = "42 - ],[{,\" - -\n"},
	{.body = "[{\"id\":42} {\"id\":43}]"},
	{.body = "[,{\"id\":42}]"},
	{.body = "[{\"id\":42},,{\"id\":43}]"},
	{.body = "[{\"id\":42}}]"},
	{.body = "{\"items\":[{\"id\":42}]"},
	{.body = "{\"items\":[{\"id\":42}],}"},
	{.body = "{\"items\":[{\"id\":42}]]"},
	{.body = "[{\"id\":42}][{\"id\":43}]"},
	{.body = "[[{\"id\":42}]]"},
	{.body = "[{\"id\":42]"},
	{.body = "[\"{\\\"id\\\":42}\"]"},
};

static void lists_are_read_however_they_arrive(void **state)
{
	static const size_t chunks[] = {1, 2, 7, 65536};

	(void)state;
	for (size_t i = 0; i < COUNT(lists) * COUNT(chunks); i++) {
		const char *expected = lists[i / COUNT(chunks)].list;
		const char *body = lists[i / COUNT(chunks)].body;
		struct wire_remotes remotes;
		struct text text = {0};
		bool found = read_list(body, strlen(body), chunks[i % COUNT(chunks)], &remotes);

		describe(&remotes, &text);
		assert_string_equal(text.bytes, expected != NULL ? expected : "");
		assert_int_equal(found, expected != NULL);
		assert_null(remotes.partial);
		text_clear(&text);
		wire_remotes_clear(&remotes);
		wire_remotes_clear(&remotes);
	}
}

static void nul_is_never_json(void **state)
{
	static const char *const bodies[] = {"[{\"id\":42}]\0", "[{\"id\":42\0}]",
	                                     "{\"a\":[{\"id\":42}]\0}"};
	static const size_t lengths[] = {12, 12, 18};
	struct wire_remotes remotes;

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++)
		assert_false(read_list(bodies[i], lengths[i], 65536, &remotes));
}

/* A list is partial, or where its next page is, by what stands beside it. */
static void pages_are_noticed(void **state)
{
	static const struct {
		const char *body;
		const char *link;
		const char *next;
		const char *partial;
	} cases[] = {
		{.body = "[{\"id\":1}]"},
		{.body = "[{\"id\":1}]", .link = "?page=2", .next = "?page=2"},
		{.body = "{\"next\":null,\"results\":[{\"id\":1}],\"count\":1}"},
		{.body = "{\"results\":[{\"id\":1}],\"next\":\"https://h/x?page=2\",\"count\":9}",
	         .link = "?other",
	         .next = "https://h/x?page=2"},
		{.body = "{\"count\":2,\"results\":[{\"id\":1}]}",
	         .partial = "has fewer entries than it says"},
		{.body = "{\"items\":[{\"id\":1}],\"page\":1,\"pages\":3}",
	         .partial = "has further pages, which cannot be followed"},
		{.body = "{\"items\":[{\"id\":1}],\"meta\":{\"next_cursor\":\"abc\"}}",
	         .partial = "has further pages, which cannot be followed"},
		{.body = "{\"items\":[{\"id\":1}],\"next\":\"abc\"}",
	         .partial = "has further pages, which cannot be followed"},
		{.body = "{\"items\":[{\"id\":1}],\"next\":7}",
	         .partial = "has further pages, which cannot be followed"},
		{.body = "{\"items\":[{\"id\":1}],\"has_more\":true}",
	         .partial = "has further pages, which cannot be followed"},
		{.body = "{\"items\":[{\"id\":1}],\"has_more\":false,\"next\":\"\"}"},
		{.body = "{\"items\":[{\"id\":1}],\"links\":{\"next\":{\"href\":\"/x?o=1\"}}}",
	         .next = "/x?o=1"},
		{.body = "{\"items\":[],\"page\":1,\"pages\":1,\"total\":0}"},
		{.body = "[{\"id\":1},{\"id\":2,\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	                 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}]",
	         .partial = "has an entry that is nested too deeply"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
		struct wire_remotes remotes;
		char *next = NULL;

		feed(list, cases[i].body, strlen(cases[i].body), 65536);
		assert_true(wire_list_end_page(list, cases[i].link, &next));
		if (cases[i].next != NULL)
			assert_string_equal(next, cases[i].next);
		else
			assert_null(next);
		assert_true(wire_list_take(list, &remotes));
		if (cases[i].partial != NULL)
			assert_string_equal(remotes.partial, cases[i].partial);
		else
			assert_null(remotes.partial);
		free(next);
		wire_remotes_clear(&remotes);
		wire_list_free(list);
	}
}

/* An id on two pages is an id that is there twice. */
static void pages_are_one_list(void **state)
{
	static const char *const pages[] = {
		"{\"results\":[{\"id\":3,\"name\":\"c\"},{\"id\":1,\"name\":\"a\"}],\"next\":\"?"
		"2\"}",
		"{\"results\":[{\"id\":2,\"name\":\"b\"},{\"id\":1,\"name\":\"x\"}],\"next\":null,"
		"\"count\":4}",
		"{\"results\":[]}",
	};
	struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
	struct text text = {0};
	struct wire_remotes remotes;

	(void)state;
	for (size_t i = 0; i < COUNT(pages); i++) {
		char *next = NULL;

		feed(list, pages[i], strlen(pages[i]), 65536);
		assert_true(wire_list_end_page(list, NULL, &next));
		free(next);
	}
	assert_true(wire_list_take(list, &remotes));
	describe(&remotes, &text);
	assert_string_equal(text.bytes, "1 - - - -\n2 - b - -\n3 - c - -\n");
	assert_null(remotes.partial);
	text_clear(&text);
	wire_remotes_clear(&remotes);
	wire_list_free(list);
}

static void secrets_are_struck_out_of_what_is_no_schedule(void **state)
{
	static const char *const secrets[] = {"s3cret"};
	static const char body[] = "[{\"id\":1,\"indexing_cron\":\"s3cret\"},"
				   "{\"id\":2,\"indexing_cron\":\"0 5 * * *\"}]";
	struct redactor *redactor = redactor_new(secrets, 1);
	struct wire_list *list = wire_list_new(NULL, 0, &redactor);
	struct wire_remotes remotes;
	char *next = NULL;

	(void)state;
	feed(list, body, strlen(body), 65536);
	assert_true(wire_list_end_page(list, NULL, &next));
	assert_true(wire_list_take(list, &remotes));
	assert_string_equal(remotes.items[0].indexing_cron, "[redacted]");
	assert_string_equal(remotes.items[1].indexing_cron, "0 5 * * *");
	wire_remotes_clear(&remotes);
	wire_list_free(list);
	redactor_free(redactor);
}

/* The first reason counts, and a page without a list is none, whatever came before. */
static void pages_are_judged_by_themselves(void **state)
{
	struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
	struct wire_remotes remotes;
	char *next = NULL;

	(void)state;
	feed(list, "[{\"id\":1}]", 10, 10);
	assert_true(wire_list_end_page(list, NULL, &next));
	feed(list, "{}", 2, 2);
	assert_false(wire_list_end_page(list, NULL, &next));
	wire_list_mark_partial(list, "first");
	wire_list_mark_partial(list, "second");
	assert_true(wire_list_take(list, &remotes));
	assert_string_equal(remotes.partial, "first");
	wire_remotes_clear(&remotes);
	wire_list_free(list);
}

/* Of a list of thousands only what is managed is kept. */
static void only_what_is_asked_for_is_kept(void **state)
{
	static const char body[] = "[{\"id\":1},{\"id\":3},{\"id\":5},{\"id\":7}]";
	int64_t *ids = mem_alloc(2, sizeof(*ids));
	struct wire_list *list;
	struct wire_remotes remotes;
	char *next = NULL;

	(void)state;
	ids[0] = 3;
	ids[1] = 7;
	list = wire_list_new(ids, 2, &no_redactor);
	feed(list, body, strlen(body), 5);
	assert_true(wire_list_end_page(list, NULL, &next));
	assert_true(wire_list_take(list, &remotes));
	assert_int_equal(remotes.count, 2);
	assert_int_equal(remotes.items[0].id, 3);
	assert_int_equal(remotes.items[1].id, 7);
	wire_remotes_clear(&remotes);
	wire_list_free(list);
	free(next);
}

static void more_lists_than_can_be_told_apart_are_noticed(void **state)
{
	(void)state;
	for (int count = 16; count <= 17; count++) {
		struct text body = {0};
		struct wire_remotes remotes;

		for (int i = 1; i <= count; i++)
			text_printf(&body, "%s\"l%d\":[{\"id\":%d}]", i == 1 ? "{" : ",", i, i);
		text_add_char(&body, '}');
		assert_true(read_list(body.bytes, body.length, body.length, &remotes));
		if (count > 16)
			assert_string_equal(remotes.partial, "holds too many lists");
		else
			assert_null(remotes.partial);
		wire_remotes_clear(&remotes);
		text_clear(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_however_they_arrive),
		cmocka_unit_test(nul_is_never_json),
		cmocka_unit_test(pages_are_noticed),
		cmocka_unit_test(pages_are_one_list),
		cmocka_unit_test(secrets_are_struck_out_of_what_is_no_schedule),
		cmocka_unit_test(pages_are_judged_by_themselves),
		cmocka_unit_test(only_what_is_asked_for_is_kept),
		cmocka_unit_test(more_lists_than_can_be_told_apart_are_noticed),
	};

	return cmocka_run_group_tests_name("wire_list", tests, NULL, NULL);
}
