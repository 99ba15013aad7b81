/* SPDX-License-Identifier: MIT */
/* However much a server sends, memory is bounded by what is asked for, and what is left out is
 * said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/wire_list.h"
#include "base/mem.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MIB          (1024 * 1024)

static struct redactor *no_redactor;

static void feed(struct wire_list *list, const char *body, size_t length, size_t chunk)
{
	for (size_t at = 0; at < length; at += chunk) {
		size_t left = length - at;

		assert_true(wire_list_feed(list, body + at, left < chunk ? left : chunk));
	}
}

/* memory */

static size_t allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* The form with a number in place of its "#". */
static void add_element(const char *form, int64_t number, struct text *out)
{
	const char *mark = strchr(form, '#');

	if (mark == NULL) {
		text_add(out, form);
		return;
	}
	text_add_bytes(out, form, (size_t)(mark - form));
	text_add_int(out, number);
	text_add(out, mark + 1);
}

/* Feed `total` bytes of a list of `count` managed ids; returns the largest growth seen. */
static size_t growth(const char *first, const char *form, size_t total, size_t count,
                     const char **partial)
{
	size_t before = allocated(), largest = 0;
	int64_t *ids = mem_alloc(count, sizeof(*ids));
	struct wire_list *list;
	struct wire_remotes remotes;
	struct text element = {0};
	char *next = NULL;

	for (size_t i = 0; i < count; i++)
		ids[i] = (int64_t)i + 1;
	list = wire_list_new(ids, count, &no_redactor);
	feed(list, first, strlen(first), strlen(first));
	for (size_t fed = 0, i = 1; fed < total; i++, fed += element.length) {
		text_truncate(&element, 0);
		add_element(form, (int64_t)i, &element);
		feed(list, element.bytes, element.length, element.length);
		if (i % 256 == 0 && allocated() - before > largest)
			largest = allocated() - before;
	}
	feed(list, "{}]}", first[0] == '[' ? 3 : 4, 4);
	assert_true(wire_list_end_page(list, NULL, &next));
	assert_true(wire_list_take(list, &remotes));
	largest = allocated() - before > largest ? allocated() - before : largest;
	*partial = remotes.partial;
	wire_remotes_clear(&remotes);
	wire_list_free(list);
	text_clear(&element);
	free(next);
	assert_int_equal(allocated(), before);
	return largest;
}

static void memory_is_bounded_by_what_is_asked_for(void **state)
{
	static char long_entry[70000];
	const struct {
		const char *first;
		const char *form;
		size_t total;
		size_t count;
		size_t limit;
		bool is_whole;
	} cases[] = {
		{"[{\"id\":1},", "{},", 16 * MIB, 10, MIB, true},
		{"[", "{\"id\":#},", 16 * MIB, 10, MIB, true},
		{"[{\"id\":1},", "{\"id\":1,\"name\":\"a name that has to be kept\"},", 8 * MIB, 10,
	         MIB, true},
		{"[{\"id\":1},", long_entry, 8 * MIB, 10, MIB, false},
		{"{\"mode\":[",
	         "{\"id\":#,\"name\":\"Mode: 12345\",\"type\":\"Mode\","
	         "\"indexing_cron\":\"0 6 * * *\",\"workspace\":\"acme\"},",
	         9 * MIB, 100000, 24 * MIB, true},
		{"[",
	         "{\"id\":#,\"name\":\"0123456789012345678901234567890123456789012345678901234"
	         "567890123456789012345678901234567890123456789012345678901234567890123456789\"},",
	         32 * MIB, 1000, MIB, true},
	};

	(void)state;
	memset(long_entry, 'x', sizeof(long_entry) - 1);
	memcpy(long_entry, "{\"id\":2,\"x\":\"", 13);
	memcpy(long_entry + sizeof(long_entry) - 4, "\"},", 3);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *partial = NULL;

		assert_in_range(growth(cases[i].first, cases[i].form, cases[i].total,
		                       cases[i].count, &partial),
		                0, cases[i].limit);
		assert_int_equal(partial == NULL, cases[i].is_whole);
	}
}

/* Why a list is partial of which all is asked for: so many elements of a form. */
static const char *partial_of(const char *form, size_t count)
{
	struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
	struct wire_remotes remotes;
	struct text element = {0};
	const char *partial;
	char *next = NULL;

	feed(list, "[", 1, 1);
	for (size_t i = 1; i <= count; i++) {
		text_truncate(&element, 0);
		add_element(form, (int64_t)i, &element);
		feed(list, element.bytes, element.length - (i == count), element.length);
	}
	feed(list, "]", 1, 1);
	assert_true(wire_list_end_page(list, NULL, &next));
	assert_true(wire_list_take(list, &remotes));
	partial = remotes.partial;
	wire_remotes_clear(&remotes);
	wire_list_free(list);
	text_clear(&element);
	return partial;
}

static void what_is_kept_has_a_most(void **state)
{
	static char text[60000];

	(void)state;
	assert_null(partial_of("{\"id\":#},", 131072));
	assert_string_equal(partial_of("{\"id\":#},", 131073), "is too long to be kept");
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "{\"id\":#,\"name\":\"", 16);
	memcpy(text + sizeof(text) - 4, "\"},", 3);
	assert_null(partial_of(text, 160));
	assert_string_equal(partial_of(text, 200), "holds too much text to be kept");
}

/* Read so many, all of them asked for, and give the processor time that it took. */
static clock_t keep_all(int64_t count, const char **partial)
{
	struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
	struct wire_remotes remotes;
	clock_t began = clock();
	struct text text = {0};
	char *next = NULL;

	text_add(&text, "[");
	for (int64_t id = 1; id <= count; id++)
		add_element(id < count ? "{\"id\":#}," : "{\"id\":#}]", id, &text);
	assert_true(wire_list_feed(list, text.bytes, text.length));
	assert_true(wire_list_end_page(list, NULL, &next));
	assert_true(wire_list_take(list, &remotes));
	*partial = remotes.partial;
	wire_remotes_clear(&remotes);
	wire_list_free(list);
	text_clear(&text);
	return clock() - began;
}

/* The time grows as the list does, however far that is beyond what can be kept. */
static void too_many_to_keep_cost_no_more(void **state)
{
	const char *partial = NULL;
	clock_t once = keep_all(100000, &partial);

	(void)state;
	assert_null(partial);
	assert_true(keep_all(400000, &partial) < 12 * once);
	assert_string_equal(partial, "is too long to be kept");
}

static void more_than_64_mib_is_too_much(void **state)
{
	struct wire_list *list = wire_list_new(NULL, 0, &no_redactor);
	char *blanks = mem_alloc(MIB, 1);

	(void)state;
	memset(blanks, ' ', MIB);
	blanks[0] = '[';
	for (size_t i = 0; i < 64; i++, blanks[0] = ' ')
		assert_true(wire_list_feed(list, blanks, MIB));
	assert_int_equal(wire_list_bytes(list), WIRE_LIST_BYTES_MAX);
	assert_false(wire_list_feed(list, "]", 1));
	free(blanks);
	wire_list_free(list);
}

/* What glibc keeps in the cache of a thread counts as allocated, so this runs without such a cache.
 */
static void leave_out_the_cache(char **argv)
{
	if (getenv("GLIBC_TUNABLES") != NULL)
		return;
	(void)setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	(void)execv("/proc/self/exe", argv);
	abort();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_bounded_by_what_is_asked_for),
		cmocka_unit_test(too_many_to_keep_cost_no_more),
		cmocka_unit_test(what_is_kept_has_a_most),
		cmocka_unit_test(more_than_64_mib_is_too_much),
	};

	(void)argc;
	leave_out_the_cache(argv);
	return cmocka_run_group_tests_name("wire_list_memory", tests, NULL, NULL);
}
