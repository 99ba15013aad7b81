/* SPDX-License-Identifier: MIT */
/* Tokens drip in at the rate up to the burst, and each request takes one. The bucket is brought up
 * to date whenever it is asked, never by a timer. A burst below one would never fill to a token,
 * and a slow rate (0.1 a second) asks for just that, so the least burst is one. A clock that
 * stands still or goes back adds nothing. */
#include "base/token_bucket.h"

/* A token short by less than this is there: sums of doubles miss the whole number by as much. */
#define TOLERANCE 1e-6

#define WAIT_MAX_MS 1e12 /* 31 years; keeps any rate within an int64_t */

static void refill(struct token_bucket *bucket, int64_t now_ms)
{
	if (now_ms <= bucket->at_ms)
		return;
	bucket->tokens += (double)(now_ms - bucket->at_ms) / 1000 * bucket->per_second;
	if (bucket->tokens > bucket->burst)
		bucket->tokens = bucket->burst;
	bucket->at_ms = now_ms;
}

void token_bucket_init(struct token_bucket *bucket, double per_second, double burst, int64_t now_ms)
{
	*bucket = (struct token_bucket){.at_ms = now_ms};
	token_bucket_configure(bucket, per_second, burst, now_ms);
	bucket->tokens = bucket->burst;
}

void token_bucket_configure(struct token_bucket *bucket, double per_second, double burst,
                            int64_t now_ms)
{
	refill(bucket, now_ms);
	bucket->per_second = per_second;
	bucket->burst = burst < 1 ? 1 : burst;
	if (bucket->tokens > bucket->burst)
		bucket->tokens = bucket->burst;
}

static int64_t reaches_at(struct token_bucket *bucket, double tokens, int64_t now_ms)
{
	double wait_ms;
	int64_t whole_ms;

	refill(bucket, now_ms);
	if (bucket->per_second <= 0 || bucket->tokens >= tokens - TOLERANCE)
		return now_ms;
	/* From when the tokens were true, which a clock that went back leaves in the future. */
	wait_ms = (tokens - TOLERANCE / 2 - bucket->tokens) / bucket->per_second * 1000;
	if (wait_ms > WAIT_MAX_MS)
		wait_ms = WAIT_MAX_MS;
	whole_ms = (int64_t)wait_ms;
	return bucket->at_ms + whole_ms + (wait_ms > (double)whole_ms);
}

int64_t token_bucket_ready_at(struct token_bucket *bucket, int64_t now_ms)
{
	return reaches_at(bucket, 1, now_ms);
}

int64_t token_bucket_ready_for(struct token_bucket *bucket, size_t count, int64_t now_ms)
{
	return reaches_at(bucket, (double)count, now_ms);
}

int64_t token_bucket_full_at(struct token_bucket *bucket, int64_t now_ms)
{
	return reaches_at(bucket, bucket->burst, now_ms);
}

void token_bucket_take(struct token_bucket *bucket, int64_t now_ms)
{
	refill(bucket, now_ms);
	if (bucket->per_second > 0)
		bucket->tokens -= 1;
}
