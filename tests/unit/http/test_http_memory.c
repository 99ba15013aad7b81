/* SPDX-License-Identifier: MIT */
/* What libcurl frees is wiped. Freed memory is read as a debugger would, not through a pointer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "http/http_memory.h"

#define SECRET "canary-0123456789-0123456789-0123456789"

static void read_memory(uintptr_t address, char *bytes, size_t length)
{
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	assert_true(memory >= 0);
	assert_int_equal(pread(memory, bytes, length, (off_t)address), length);
	(void)close(memory);
}

static void freed_memory_holds_no_secret(void **state)
{
	struct curl_slist *list = curl_slist_append(NULL, SECRET);
	uintptr_t address = (uintptr_t)list->data;
	char bytes[sizeof(SECRET)];

	(void)state;
	read_memory(address, bytes, sizeof(bytes));
	assert_memory_equal(bytes, SECRET, sizeof(SECRET));
	curl_slist_free_all(list);
	read_memory(address, bytes, sizeof(bytes));
	assert_null(memmem(bytes, sizeof(bytes), "0123456789", 10));
}

static int begin(void **state)
{
	(void)state;
	return http_memory_start() ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	curl_global_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(freed_memory_holds_no_secret),
	};

	return cmocka_run_group_tests_name("http_memory", tests, begin, end);
}
