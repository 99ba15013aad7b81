/* SPDX-License-Identifier: MIT */
/* Every allocation of the process goes through here, so that no caller has to write, and nobody
 * has to test, a path for memory that ran out: the process aborts, systemd starts it again, and
 * the state file knows what was not finished. What held a secret is wiped before it is freed. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 8

void *mem_alloc(size_t count, size_t size)
{
	/* calloc(3) checks the product; it may answer NULL for nothing at all, which is no failure.
	 */
	return mem_demand(count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size));
}

void *mem_grow(void *array, size_t *capacity, size_t need, size_t item_size)
{
	size_t larger = *capacity <= SIZE_MAX / 2 ? *capacity * 2 : SIZE_MAX;

	if (need <= *capacity)
		return array;
	if (larger < FIRST_CAPACITY)
		larger = FIRST_CAPACITY;
	if (larger < need)
		larger = need;
	array = mem_demand(reallocarray(array, larger, item_size));
	*capacity = larger;
	return array;
}

char *mem_dup(const char *string)
{
	return string != NULL ? mem_dup_bytes(string, strlen(string)) : NULL;
}

char *mem_dup_bytes(const void *bytes, size_t length)
{
	char *copy = mem_demand(length < SIZE_MAX ? malloc(length + 1) : NULL);

	if (length > 0)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *mem_printf(const char *format, ...)
{
	char *string = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&string, format, arguments);
	va_end(arguments);
	return mem_demand(length >= 0 ? string : NULL);
}

int mem_compare_int(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a;
	int64_t other = *(const int64_t *)b;

	return (one > other) - (one < other);
}

void mem_wipe(void *bytes, size_t size)
{
	if (size > 0)
		explicit_bzero(bytes, size);
}

void mem_free_secret(char *string)
{
	if (string != NULL)
		mem_wipe(string, strlen(string));
	free(string);
}
