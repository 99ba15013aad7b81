/* SPDX-License-Identifier: MIT */
/* One field: lists, ranges, steps and extensions become a set; what is wrong is said at its item.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_fields.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n)       (UINT64_C(1) << (n))

static bool read(enum cron_field_index index, const char *word, struct cron_list *list,
                 struct cron_fault *fault)
{
	const struct cron_reader reader = {.text = word, .fault = fault};

	return cron_fields_read(&reader, index, cron_slice(word, word + strlen(word)), list);
}

static void lists_become_sets(void **state)
{
	static const struct {
		enum cron_field_index index;
		const char *word;
		struct cron_list list;
	} cases[] = {
		{CRON_MINUTE, "0", {.set = BIT(0)}},
		{CRON_MINUTE, "*/20", {.set = BIT(0) | BIT(20) | BIT(40), .star = true}},
		{CRON_HOUR,
	         "6-6",
	         {.set = BIT(6), .lone_range = true, .extension = "a range of one value"}},
		{CRON_DAY, "5,*", {.set = 0xfffffffe, .bare = true}},
		{CRON_DAY, "*,5", {.set = 0xfffffffe, .star = true, .bare = true}},
		{CRON_SECOND, "*/90", {.set = BIT(0), .star = true, .wide_step = true}},
		{CRON_YEAR, "2027-2030,*", {.set = 0, .bare = true}},
		{CRON_MINUTE, "1-9/4,59", {.set = BIT(1) | BIT(5) | BIT(9) | BIT(59)}},
		{CRON_HOUR, "5-7/3", {.set = BIT(5), .wide_step = true}},
		{CRON_HOUR,
	         "20/2",
	         {.set = BIT(20) | BIT(22), .extension = "a step after a single value"}},
		{CRON_DAY,
	         "?",
	         {.set = 0xfffffffe, .star = true, .bare = true, .extension = "'?'"}},
		{CRON_DAY, "1,L", {.set = BIT(1), .opaque = "'L'"}},
		{CRON_MONTH, "jan-mar,12", {.set = BIT(1) | BIT(2) | BIT(3) | BIT(12)}},
		{CRON_WEEKDAY, "7", {.set = BIT(0)}},
		{CRON_WEEKDAY,
	         "sat-0",
	         {.set = BIT(0) | BIT(6), .extension = "a range up to Sunday as 0"}},
		{CRON_WEEKDAY, "0-7", {.set = 0x7f}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cron_list list;
		const struct cron_list *expected = &cases[i].list;

		assert_true(read(cases[i].index, cases[i].word, &list, NULL));
		assert_int_equal(list.set, expected->set);
		assert_int_equal(list.star, expected->star);
		assert_int_equal(list.lone_range, expected->lone_range);
		assert_int_equal(list.bare, expected->bare);
		assert_int_equal(list.wide_step, expected->wide_step);
		assert_int_equal(list.extension != NULL, expected->extension != NULL);
		assert_int_equal(list.opaque != NULL, expected->opaque != NULL);
		if (list.extension != NULL)
			assert_string_equal(list.extension, expected->extension);
		if (list.opaque != NULL)
			assert_string_equal(list.opaque, expected->opaque);
	}
}

static void faults_are_at_their_item(void **state)
{
	static const struct {
		enum cron_field_index index;
		const char *word;
		size_t offset;
		size_t width;
		const char *text;
	} cases[] = {
		{CRON_HOUR, "1,25,99", 2, 2, "hour 25 is outside 0-23"},
		{CRON_HOUR, "1,,2", 2, 1, "hour: nothing before ','"},
		{CRON_HOUR, "1,", 1, 1, "hour: nothing after ','"},
		{CRON_HOUR, "1-2-3", 0, 5, "hour range '1-2-3' has more than one '-'"},
		{CRON_HOUR, "6,*/0", 4, 1, "hour: step 0; the least is 1"},
		{CRON_HOUR, "/2", 0, 2, "hour '/2' has nothing before '/'; did you mean '*/2'?"},
		{CRON_HOUR, "/x", 0, 2, "hour '/x' has nothing before '/'"},
		{CRON_SECOND, "60", 0, 2, "second 60 is outside 0-59"},
		{CRON_YEAR, "1969", 0, 4, "year 1969 is outside 1970-2199"},
		{CRON_DAY, "L,0", 2, 1, "day of month 0 is outside 1-31"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cron_list list;
		struct cron_fault fault = {0};

		assert_false(read(cases[i].index, cases[i].word, &list, &fault));
		cron_fixture_assert_fault(cases[i].word, &fault, cases[i].text, cases[i].offset,
		                          cases[i].width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_become_sets),
		cmocka_unit_test(faults_are_at_their_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
