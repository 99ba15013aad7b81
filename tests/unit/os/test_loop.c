/* SPDX-License-Identifier: MIT */
/* The loop where descriptors are short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/loop.h"

static void set_limit(rlim_t soft)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* With each number of free descriptors, from none on, there is a sentence that says why there is no
 * loop, until there is one that works. */
static void tells_of_too_few_descriptors(void **state)
{
	struct fault fault = {0};
	int first_free = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool opened = false;
	uv_loop_t loop;

	(void)state;
	assert_true(first_free >= 0);
	(void)close(first_free);
	for (rlim_t extra = 0; !opened; extra++) {
		set_limit((rlim_t)first_free + extra);
		opened = loop_open(&loop, &fault);
		set_limit(1024);
		if (opened) {
			loop_close(&loop);
		} else {
			assert_string_equal(fault.text,
			                    "cannot start the event loop: too many open files");
			fault_clear(&fault);
		}
		assert_true(extra < 100); /* others of the process may be open above it */
	}
}

#ifndef SANITIZED

static unsigned spare_threads = UINT_MAX; /* how many more can be started */

/* In place of the C library's. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (spare_threads == 0)
		return EAGAIN;
	spare_threads--;
	*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	return next(thread, attributes, start, argument);
}

static void too_few_threads_are_reported(void **state)
{
	struct fault fault = {0};
	uv_loop_t loop;

	(void)state;
	for (unsigned spare = 0; spare < 4; spare++) {
		spare_threads = spare;
		assert_false(loop_open(&loop, &fault));
		assert_string_equal(fault.text, "cannot start the event loop: resource temporarily "
		                                "unavailable");
		fault_clear(&fault);
	}
	spare_threads = 4;
	assert_true(loop_open(&loop, &fault));
	spare_threads = UINT_MAX;
	loop_close(&loop);
}

#endif

static void on_timer(uv_timer_t *timer)
{
	bool *is_called = timer->data;

	*is_called = true;
	uv_close((uv_handle_t *)timer, NULL);
}

static void close_runs_what_is_left(void **state)
{
	struct fault fault = {0};
	bool is_called = false;
	uv_timer_t timer = {.data = &is_called};
	uv_loop_t loop;

	(void)state;
	assert_true(loop_open(&loop, &fault));
	(void)uv_timer_init(&loop, &timer);
	(void)uv_timer_start(&timer, on_timer, 1, 0);
	loop_close(&loop);
	assert_true(is_called);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_too_few_descriptors),
#ifndef SANITIZED
		cmocka_unit_test(too_few_threads_are_reported),
#endif
		cmocka_unit_test(close_runs_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
