/* SPDX-License-Identifier: MIT */
/* The allocations of the libraries are no exception. libconfig and json-c go on with the NULL that
 * they are given and die of SIGSEGV, the dynamic loader exits with 127, libcurl forgets a transfer.
 * So the program replaces malloc(3) for all of them ("Replacing malloc" in glibc's manual), by the
 * functions that glibc keeps under other names; and free(3) with it, since a library that is
 * preloaded (an allocator, a profiler of the heap) would else be given what is not its own. The
 * sanitizers have replaced them already. */
#include "base/mem_malloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mem_demand(void *memory)
{
	if (memory == NULL) {
		fputs("dfmode-sync: out of memory\n", stderr);
		abort();
	}
	return memory;
}

#if defined(__GLIBC__) && !defined(SANITIZED)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
	return mem_demand(__libc_malloc(size));
}

/* glibc's own takes several times as long for a small block. */
void *calloc(size_t count, size_t size)
{
	if (count > MEM_AT_HAND_MAX || size > MEM_AT_HAND_MAX || count * size > MEM_AT_HAND_MAX)
		return mem_demand(__libc_calloc(count, size));
	return memset(mem_demand(__libc_malloc(count * size)), 0, count * size);
}

/* Of size 0 it frees, and gives NULL. */
void *realloc(void *memory, size_t size)
{
	void *moved = __libc_realloc(memory, size);

	return size > 0 ? mem_demand(moved) : moved;
}

void free(void *memory)
{
	__libc_free(memory);
}

#endif
