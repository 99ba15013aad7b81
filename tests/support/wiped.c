/* SPDX-License-Identifier: MIT */
/* The allocator knows how large each piece is, and so each is searched whole. */
#include "support/wiped.h"

#include <malloc.h>
#include <string.h>

static const char *watched;
static size_t forgotten, all;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
void __real_free(void *memory);
void __wrap_free(void *memory);

void __wrap_free(void *memory)
{
	if (watched != NULL && memory != NULL) {
		all++;
		if (memmem(memory, malloc_usable_size(memory), watched, strlen(watched)) != NULL)
			forgotten++;
	}
	__real_free(memory);
}
/* NOLINTEND(bugprone-reserved-identifier) */

void wiped_watch(const char *secret)
{
	watched = secret;
	forgotten = all = 0;
}

size_t wiped_forgotten(size_t *freed)
{
	*freed = all;
	return forgotten;
}
