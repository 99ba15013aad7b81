/* SPDX-License-Identifier: MIT */
/* All bytes arrive, whatever write(2) takes at once, or errno says why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define CALLS 4

/* What each call takes: bytes, or an errno below zero; and what it took. */
static int script[CALLS];
static size_t calls;
static char taken[32];

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's name for --wrap */
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	int most;

	assert_int_equal(fd, 42);
	assert_true(calls < CALLS);
	most = script[calls++];
	errno = most < 0 ? -most : 0;
	if (most < 0)
		return -1;
	size = size < (size_t)most ? size : (size_t)most;
	(void)strncat(taken, bytes, size);
	return (ssize_t)size;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void all_is_written_or_errno_says_why(void **state)
{
	static const struct {
		int script[CALLS];
		size_t calls;
		const char *taken;
		int error; /* 0: all is written */
	} cases[] = {
		{{10}, 1, "0123456789", 0},
		{{3, 3, 3, 3}, 4, "0123456789", 0},
		{{-EINTR, 4, -EINTR, 10}, 4, "0123456789", 0},
		{{4, -ENOSPC}, 2, "0123", ENOSPC},
		{{4, 0}, 2, "0123", EIO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memcpy(script, cases[i].script, sizeof(script));
		calls = 0;
		taken[0] = '\0';
		assert_int_equal(file_write(42, "0123456789", 10), cases[i].error == 0);
		assert_string_equal(taken, cases[i].taken);
		assert_int_equal(calls, cases[i].calls);
		assert_int_equal(errno, cases[i].error);
	}
}

static void nothing_takes_no_call(void **state)
{
	(void)state;
	calls = 0;
	assert_true(file_write(42, NULL, 0));
	assert_int_equal(calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_written_or_errno_says_why),
		cmocka_unit_test(nothing_takes_no_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
