/* SPDX-License-Identifier: MIT */
/* Allocation: zeroed where it is promised, growing by doubling, wiped where it held a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "support/wiped.h"

static void alloc_zeroes(void **state)
{
	unsigned char *bytes = mem_alloc(100, 3);
	struct timespec_like {
		long a, b;
	} *one = mem_new(struct timespec_like);

	(void)state;
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(one->a, 0);
	assert_int_equal(one->b, 0);
	free(one);
	free(bytes);
}

static void alloc_of_nothing_is_something(void **state)
{
	static const size_t sizes[][2] = {{0, 8}, {8, 0}, {0, 0}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		void *bytes = mem_alloc(sizes[i][0], sizes[i][1]);

		assert_non_null(bytes);
		free(bytes);
	}
}

static void grow_doubles(void **state)
{
	static const struct {
		size_t capacity, need, want;
	} cases[] = {
		{.capacity = 0, .need = 1, .want = 8},
		{.capacity = 8, .need = 9, .want = 16},
		{.capacity = 8, .need = 17, .want = 17},
		{.capacity = 8, .need = 8, .want = 8},
		{.capacity = 3, .need = 4, .want = 8},
		{.capacity = 100, .need = 101, .want = 200},
		{.capacity = 0, .need = 0, .want = 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t capacity = cases[i].capacity;
		long *array = capacity > 0 ? mem_alloc(capacity, sizeof(*array)) : NULL;

		if (capacity > 0)
			array[capacity - 1] = 77;
		array = mem_grow(array, &capacity, cases[i].need, sizeof(*array));
		assert_int_equal(capacity, cases[i].want);
		if (cases[i].capacity > 0)
			assert_int_equal(array[cases[i].capacity - 1], 77);
		if (capacity > 0)
			array[capacity - 1] = 1; /* the sanitizer objects if it is not ours */
		free(array);
	}
}

static void dup_copies(void **state)
{
	char *string = mem_dup("key"), *bytes = mem_dup_bytes("a\0b", 3);
	char *empty = mem_dup_bytes(NULL, 0);

	(void)state;
	assert_string_equal(string, "key");
	assert_memory_equal(bytes, "a\0b", 4);
	assert_string_equal(empty, "");
	assert_null(mem_dup(NULL));
	free(string);
	free(bytes);
	free(empty);
}

static void printf_formats(void **state)
{
	char *string = mem_printf("%s-%d%200s", "a", 7, "");

	(void)state;
	assert_int_equal(strlen(string), 203);
	assert_memory_equal(string, "a-7 ", 4);
	free(string);
}

static void numbers_are_compared(void **state)
{
	static const int64_t ascending[] = {INT64_MIN, -1, 0, 1, 1 + (INT64_C(1) << 32), INT64_MAX};
	const size_t count = sizeof(ascending) / sizeof(*ascending);

	(void)state;
	for (size_t i = 0; i < count * count; i++) {
		int expected = (i / count > i % count) - (i / count < i % count);

		assert_int_equal(mem_compare_int(&ascending[i / count], &ascending[i % count]),
		                 expected);
	}
}

static void wipe_zeroes(void **state)
{
	char bytes[8] = "secrets";

	(void)state;
	mem_wipe(bytes + 1, 3);
	assert_memory_equal(bytes, "s\0\0\0ets", 8);
	mem_wipe(NULL, 0);
}

static void a_secret_is_wiped_before_it_is_freed(void **state)
{
	size_t freed;

	(void)state;
	mem_free_secret(NULL);
	wiped_watch("ets");
	mem_free_secret(mem_dup("secrets"));
	assert_int_equal(wiped_forgotten(&freed), 0);
	assert_int_equal(freed, 1);
	wiped_watch(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alloc_zeroes),
		cmocka_unit_test(alloc_of_nothing_is_something),
		cmocka_unit_test(grow_doubles),
		cmocka_unit_test(dup_copies),
		cmocka_unit_test(printf_formats),
		cmocka_unit_test(numbers_are_compared),
		cmocka_unit_test(wipe_zeroes),
		cmocka_unit_test(a_secret_is_wiped_before_it_is_freed),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
