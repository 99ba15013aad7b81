/* SPDX-License-Identifier: MIT */
/* Moments of one clock in milliseconds, INT64_MAX for "never": which of two comes first. */
#ifndef MOMENT_H
#define MOMENT_H

#include <stdint.h>

static inline int64_t moment_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t moment_sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

#endif
