/* SPDX-License-Identifier: MIT */
/* libcurl keeps copies of what it was given: of headers, of the request as it is sent, of the bytes
 * that came. A secret that was replaced must not stand in freed memory for weeks, so what it frees
 * is wiped. What cannot be had is NULL, which libcurl reports.
 *
 * For each request libcurl asks for the memory of a connection before it finds that it has one, and
 * frees it. glibc keeps no freed block of that size at hand, and has to search for one each time;
 * so one such block is kept here. libcurl gives these calls no context: hence the variable at file
 * scope. */
#include "http/http.h"

#include <curl/curl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* libcurl lets a buffer begin with 32 bytes, and doubles it until a request fits. */
#define BUFFER_MIN 512

#define SPARE_MIN (MEM_AT_HAND_MAX + 1)
#define SPARE_MAX 4096

static void *_Atomic spare; /* owned, and zero; or NULL. Threads that resolve names free as well. */

static bool is_of_spare_size(size_t size)
{
	return size >= SPARE_MIN && size <= SPARE_MAX;
}

static void wiping_free(void *memory)
{
	size_t size;

	if (memory == NULL)
		return; /* most calls: libcurl frees all that a transfer might have had */
	size = malloc_usable_size(memory);
	mem_wipe(memory, size);
	if (is_of_spare_size(size))
		memory = atomic_exchange(&spare, memory);
	free(memory);
}

static void *zeroed(size_t count, size_t size)
{
	void *memory = NULL;

	if (count == 1 && is_of_spare_size(size))
		memory = atomic_exchange(&spare, NULL);
	if (memory != NULL && malloc_usable_size(memory) >= size)
		return memory;
	free(memory);
	return calloc(count, size);
}

/* realloc(3) would leave the old bytes behind when it moves them. */
static void *wiping_realloc(void *memory, size_t size)
{
	size_t old = memory != NULL ? malloc_usable_size(memory) : 0;
	void *moved;

	if (size > 0 && size <= old)
		return memory;
	moved = malloc(size < BUFFER_MIN ? BUFFER_MIN : size);
	if (moved == NULL)
		return NULL;
	if (memory != NULL)
		memcpy(moved, memory, old < size ? old : size);
	wiping_free(memory);
	return moved;
}

static char *copy_string(const char *string)
{
	return strdup(string);
}

bool http_memory_start(void)
{
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc,
	                            copy_string, zeroed) == CURLE_OK;
}
