/* SPDX-License-Identifier: MIT */
/* Memory that is there or ends the process, and memory that is wiped before it goes. */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

#include "base/mem_malloc.h"

/* Running out of memory aborts: sound here, because a restart at any point loses nothing
 * (state.h), and because every size that comes from outside is capped before it gets here. */

/* A zeroed object of a type. */
#define mem_new(type) ((type *)mem_alloc(1, sizeof(type)))

/* Allocate a zeroed array of `count` items of `size` bytes; aborts when count * size overflows. */
void *mem_alloc(size_t count, size_t size);

/* Make `array` (NULL is an empty one) large enough for `need` items, at least doubling
 * `*capacity`; what is new is not zeroed. */
void *mem_grow(void *array, size_t *capacity, size_t need, size_t item_size);

/* The same for items of the type that `array` points to. */
#define mem_room(array, capacity, need) mem_grow(array, capacity, need, sizeof(*(array)))

/* Copy a string; NULL gives NULL. */
char *mem_dup(const char *string);

/* Copy `length` bytes and end them with a NUL. */
char *mem_dup_bytes(const void *bytes, size_t length);

/* Format into a new string. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Compare the int64_t that two objects begin with, for qsort(3) and bsearch(3). */
int mem_compare_int(const void *a, const void *b);

/* Overwrite `size` bytes in a way that the compiler keeps. */
void mem_wipe(void *bytes, size_t size);

/* Wipe a string and free it; NULL is fine. */
void mem_free_secret(char *string);

#endif
