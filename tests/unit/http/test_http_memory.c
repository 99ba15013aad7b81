/* SPDX-License-Identifier: MIT */
/* What libcurl frees is wiped. Freed memory is read as a debugger would, not through a pointer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "http/http.h"
#include "support/wiped.h"

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

/* libcurl lets the text grow as it escapes it: each piece that it leaves held the secret. */
static void what_grows_leaves_no_secret_behind(void **state)
{
	char secret[40 * sizeof(SECRET)] = "";
	char *escaped;
	size_t freed;

	(void)state;
	for (int i = 0; i < 40; i++)
		memcpy(secret + strlen(secret), SECRET, sizeof(SECRET));
	memset(secret, '/', 60);
	wiped_watch("%2F%2F%2F");
	escaped = curl_easy_escape(NULL, secret, 0);
	assert_int_equal(wiped_forgotten(&freed), 0);
	assert_true(freed > 0);
	wiped_watch(NULL);
	assert_non_null(escaped);
	assert_int_equal(strlen(escaped), strlen(secret) + 120);
	assert_int_equal(strncmp(escaped, "%2F%2F%2F", 9), 0);
	assert_string_equal(escaped + 180, secret + 60);
	curl_free(escaped);
}

/* What libcurl was given. */
static curl_realloc_callback grow;
static curl_calloc_callback get_zeroed;

CURLcode curl_global_init_mem(long flags, curl_malloc_callback allocate, curl_free_callback release,
                              curl_realloc_callback resize, curl_strdup_callback copy,
                              curl_calloc_callback zeroed)
{
	CURLcode (*real)(long, curl_malloc_callback, curl_free_callback, curl_realloc_callback,
	                 curl_strdup_callback, curl_calloc_callback);

	*(void **)&real = dlsym(RTLD_NEXT, "curl_global_init_mem");
	grow = resize;
	get_zeroed = zeroed;
	return real(flags, allocate, release, resize, copy, zeroed);
}

static void a_request_fits_from_the_first(void **state)
{
	char *buffer = grow(NULL, 32);

	(void)state;
	memcpy(buffer, SECRET, sizeof(SECRET));
	assert_ptr_equal(grow(buffer, 512), buffer);
	buffer = grow(buffer, 5000);
	assert_string_equal(buffer, SECRET);
	curl_free(buffer);
}

/* Of the size of libcurl's connection. */
static void one_large_block_is_kept_at_hand(void **state)
{
	static const char zeros[2000];
	char *block = get_zeroed(1, sizeof(zeros));
	char *other;

	(void)state;
	assert_non_null(block);
	memset(block, 'x', sizeof(zeros));
	curl_free(block);
	assert_ptr_equal(get_zeroed(1, 1500), block);
	assert_memory_equal(block, zeros, 1500);
	other = get_zeroed(1, 1500);
	assert_ptr_not_equal(other, block);
	curl_free(other);
	curl_free(block);
}

static void a_block_that_is_too_small_is_given_up(void **state)
{
	char *block;

	(void)state;
	curl_free(get_zeroed(1, 1100));
	block = get_zeroed(1, 3000);
	assert_true(malloc_usable_size(block) >= 3000);
	curl_free(block);
	curl_free(get_zeroed(1, 1100));
	block = get_zeroed(3, 1100);
	assert_true(malloc_usable_size(block) >= 3300);
	curl_free(block);
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
		cmocka_unit_test(what_grows_leaves_no_secret_behind),
		cmocka_unit_test(a_request_fits_from_the_first),
		cmocka_unit_test(one_large_block_is_kept_at_hand),
		cmocka_unit_test(a_block_that_is_too_small_is_given_up),
	};

	return cmocka_run_group_tests_name("http_memory", tests, begin, end);
}
