/* SPDX-License-Identifier: MIT */
/* malloc(3), for all libraries too, that gives memory or ends the process. */
#ifndef MEM_MALLOC_H
#define MEM_MALLOC_H

/* Give back what a library allocated; aborts if it is NULL. */
void *mem_demand(void *memory);

#endif
