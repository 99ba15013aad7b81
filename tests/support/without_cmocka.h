/* SPDX-License-Identifier: MIT */
/* What stands in for <cmocka.h> where cmocka is not installed: the unit tests are compiled, and
 * each of them is skipped, with the reason. configure puts it into the include path. */
#ifndef TESTS_SUPPORT_WITHOUT_CMOCKA_H
#define TESTS_SUPPORT_WITHOUT_CMOCKA_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
	const char *name;
	CMUnitTestFunction test_func;
	CMFixtureFunction setup_func, teardown_func;
	void *initial_state;
};

#define cmocka_unit_test(test) cmocka_unit_test_setup_teardown(test, NULL, NULL)
/* clang-format off: it takes the braces for a block */
#define cmocka_unit_test_setup_teardown(test, set_up, tear_down) \
	{                                                        \
#test, test, set_up, tear_down, NULL             \
	}
/* clang-format on */

/* By its name in cmocka, which a test calls whose tests are counted at run time. */
static inline int _cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests,
                                          size_t count, CMFixtureFunction set_up,
                                          CMFixtureFunction tear_down)
{
	(void)name;
	(void)set_up;
	(void)tear_down;
	for (size_t i = 0; i < count; i++)
		(void)printf("ok %zu - %s # SKIP cmocka is not installed (libcmocka-dev)\n", i + 1,
		             tests[i].name);
	(void)printf("1..%zu\n", count);
	return 0;
}

#define cmocka_run_group_tests_name(name, tests, set_up, tear_down) \
	_cmocka_run_group_tests(name, tests, sizeof(tests) / sizeof((tests)[0]), set_up, tear_down)
#define cmocka_run_group_tests(tests, set_up, tear_down) \
	cmocka_run_group_tests_name(#tests, tests, set_up, tear_down)

static inline void without_cmocka_require(int condition)
{
	if (!condition)
		abort();
}

static inline void without_cmocka_require_range(uintmax_t value, uintmax_t least, uintmax_t most)
{
	without_cmocka_require(value >= least && value <= most);
}

#define assert_true(condition)                    without_cmocka_require(!!(condition))
#define assert_false(condition)                   assert_true(!(condition))
#define assert_null(pointer)                      assert_true((pointer) == NULL)
#define assert_non_null(pointer)                  assert_true((pointer) != NULL)
#define assert_ptr_equal(one, other)              assert_true((const void *)(one) == (const void *)(other))
#define assert_ptr_not_equal(one, other)          assert_true((const void *)(one) != (const void *)(other))
#define assert_int_equal(one, other)              assert_true((intmax_t)(one) == (intmax_t)(other))
#define assert_int_not_equal(one, other)          assert_true((intmax_t)(one) != (intmax_t)(other))
#define assert_string_equal(one, other)           assert_true(strcmp(one, other) == 0)
#define assert_string_not_equal(one, other)       assert_true(strcmp(one, other) != 0)
#define assert_memory_equal(one, other, size)     assert_true(memcmp(one, other, size) == 0)
#define assert_memory_not_equal(one, other, size) assert_true(memcmp(one, other, size) != 0)
#define assert_in_range(value, least, most) \
	without_cmocka_require_range((uintmax_t)(value), (uintmax_t)(least), (uintmax_t)(most))
#define assert_return_code(code, error) assert_true((code) >= 0 || (error) != 0)
#define fail()                          abort()
#define fail_msg(...)                   ((void)printf(__VA_ARGS__), abort())
#define print_message(...)              ((void)printf(__VA_ARGS__))
#define print_error(...)                ((void)fprintf(stderr, __VA_ARGS__))
#define skip()                          abort()

#endif
