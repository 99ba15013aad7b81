/* SPDX-License-Identifier: MIT */
/* How long to wait after the n-th failure: doubling, capped, with equal jitter. */
#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t first_ms; /* at least 1 */
	int64_t max_ms;   /* at least first_ms */
};

/* The delay after failure number `attempt` (from 1): uniform in [d/2, d] where
 * d = min(max, first * 2^(attempt-1)); never less than 1 ms. `random` advances. */
int64_t backoff_delay(const struct backoff *backoff, unsigned attempt, uint64_t *random);

/* The next number of a splitmix64 sequence: the only source of chance of the reconciler. */
uint64_t backoff_random(uint64_t *random);

#endif
