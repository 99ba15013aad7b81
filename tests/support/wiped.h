/* SPDX-License-Identifier: MIT */
/* Whether memory that is freed still holds a secret. Link with -Wl,--wrap=free. */
#ifndef WIPED_H
#define WIPED_H

#include <stddef.h>

/* From now on count what is freed holding `secret` (borrowed; at most 64 bytes; NULL: no more). */
void wiped_watch(const char *secret);

/* How many were since, and how many were freed altogether. */
size_t wiped_forgotten(size_t *freed);

#endif
