/* SPDX-License-Identifier: MIT */
/* Memory that cannot be had ends the process, whoever asks for it, which is seen from a parent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void overflow_product(void)
{
	free(mem_alloc(SIZE_MAX / 2 + 1, 2));
}

static void overflow_growth(void)
{
	size_t capacity = 0;

	free(mem_grow(NULL, &capacity, SIZE_MAX / 4, 8));
}

static void overflow_copy(void)
{
	free(mem_dup_bytes("x", SIZE_MAX));
}

/* What a library calls; volatile, lest the compiler object to the size or leave the call out. */
static volatile size_t too_large = SIZE_MAX / 2 + 1;
static void *volatile taken;

static void library_malloc(void)
{
	taken = malloc(too_large);
}

static void library_calloc(void)
{
	taken = calloc(1, too_large);
}

static void library_realloc(void)
{
	taken = realloc(malloc(8), too_large);
}

/* Memory that was in use comes back as zeros, at whatever size. */
static void what_is_cleared_is_zero(void **state)
{
	static const unsigned char zeros[2048];
	static void *(*volatile const clear)(size_t, size_t) = calloc;

	(void)state;
	for (size_t size = 1; size <= sizeof(zeros); size++) {
		unsigned char *used = malloc(size);
		unsigned char *cleared;

		memset(used, 0xa5, size);
		free(used);
		cleared = clear(size % 2 == 0 ? 2 : 1, size % 2 == 0 ? size / 2 : size);
		assert_memory_equal(cleared, zeros, size);
		free(cleared);
	}
}

/* A sanitizer's allocator ends the process itself, with another signal or status. */
static void too_much_ends_the_process(void **state)
{
	static void (*const ways[])(void) = {overflow_product, overflow_growth, overflow_copy,
	                                     library_malloc,   library_calloc,  library_realloc};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int status = 0;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			signal(SIGABRT, SIG_DFL);
			close(STDERR_FILENO);
			ways[i]();
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
#ifdef SANITIZED
		assert_int_not_equal(status, 0);
#else
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
#endif
	}
}

static void nothing_left_is_no_failure(void **state)
{
	(void)state;
	assert_null(realloc(malloc(8), 0));
}

#if defined(__GLIBC__) && !defined(SANITIZED)

static const char *object_of(const char *function)
{
	void *address = dlsym(RTLD_DEFAULT, function);
	Dl_info info;

	assert_int_not_equal(dladdr(address, &info), 0);
	return info.dli_fname;
}

/* Else a library that is preloaded would have to free what another one allocated. */
static void all_of_malloc_is_replaced_at_once(void **state)
{
	static const char *const functions[] = {"malloc", "calloc", "realloc", "free"};

	(void)state;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		assert_string_equal(object_of(functions[i]), object_of("malloc"));
		assert_string_not_equal(object_of(functions[i]), object_of("strlen"));
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_cleared_is_zero),
		cmocka_unit_test(too_much_ends_the_process),
		cmocka_unit_test(nothing_left_is_no_failure),
#if defined(__GLIBC__) && !defined(SANITIZED)
		cmocka_unit_test(all_of_malloc_is_replaced_at_once),
#endif
	};

	return cmocka_run_group_tests_name("mem_malloc", tests, NULL, NULL);
}
