/* SPDX-License-Identifier: MIT */
/* How many descriptors the process has open, to see that none is left. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stddef.h>

size_t open_descriptors(void);

#endif
