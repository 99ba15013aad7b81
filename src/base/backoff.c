/* SPDX-License-Identifier: MIT */
/* Equal jitter: half of the doubled delay is certain, so that a retry never comes at once, and half
 * is chance, so that many integrations that failed together do not come back together. */
#include "base/backoff.h"

#include <assert.h>

int64_t backoff_delay(const struct backoff *backoff, unsigned attempt, uint64_t *random)
{
	int64_t delay = backoff->first_ms;
	int64_t half;

	assert(backoff->first_ms >= 1 && backoff->max_ms >= backoff->first_ms);
	for (; attempt > 1 && delay < backoff->max_ms; attempt--)
		delay = delay <= backoff->max_ms / 2 ? delay * 2 : backoff->max_ms;
	/* Odd delays: the half is rounded up, which also keeps a delay of 1 ms from becoming 0. */
	half = delay - delay / 2;
	return half + (int64_t)(backoff_random(random) % (uint64_t)(delay - half + 1));
}

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014). */
uint64_t backoff_random(uint64_t *random)
{
	uint64_t mixed = *random += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}
