/* SPDX-License-Identifier: MIT */
/* libcurl keeps copies of what it was given: of headers, of the request as it is sent, of the bytes
 * that came. A secret that was replaced must not stand in freed memory for weeks. Only the calls
 * differ from the standard ones that free; what cannot be had is NULL, which libcurl reports. */
#include "http/http.h"

#include <curl/curl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* libcurl lets a buffer begin with 32 bytes, and doubles it until a request fits. */
#define BUFFER_MIN 512

static void wiping_free(void *memory)
{
	if (memory == NULL)
		return; /* most calls: libcurl frees all that a transfer might have had */
	mem_wipe(memory, malloc_usable_size(memory));
	free(memory);
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
	                            copy_string, calloc) == CURLE_OK;
}
