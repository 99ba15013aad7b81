/* SPDX-License-Identifier: MIT */
/* malloc(3), for all libraries too, that gives memory or ends the process. */
#ifndef MEM_MALLOC_H
#define MEM_MALLOC_H

/* The most bytes of a block that glibc (2.36) keeps at hand for each thread once it is freed
 * ("tcache" in its malloc.c, on 64 bits). Its calloc(3) does not look there. */
#define MEM_AT_HAND_MAX 1032

/* Give back what a library allocated; aborts if it is NULL. */
void *mem_demand(void *memory);

#endif
