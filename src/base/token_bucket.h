/* SPDX-License-Identifier: MIT */
/* A token bucket: so many a second, with a burst. Time is an argument. */
#ifndef TOKEN_BUCKET_H
#define TOKEN_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct token_bucket {
	double per_second; /* 0: no limit */
	double burst;
	double tokens;
	int64_t at_ms; /* when `tokens` was true */
};

/* Start full. */
void token_bucket_init(struct token_bucket *bucket, double per_second, double burst,
                       int64_t now_ms);

/* Change the rate and keep what has been used: tokens are only cut to the new burst. */
void token_bucket_configure(struct token_bucket *bucket, double per_second, double burst,
                            int64_t now_ms);

/* The earliest time a token is there: `now_ms` or later. */
int64_t token_bucket_ready_at(struct token_bucket *bucket, int64_t now_ms);

/* The earliest time that the last of so many tokens comes, if each is taken as it comes. */
int64_t token_bucket_ready_for(struct token_bucket *bucket, size_t count, int64_t now_ms);

/* The earliest time it is full: what is taken then is missed by nobody. */
int64_t token_bucket_full_at(struct token_bucket *bucket, int64_t now_ms);

/* Take a token that token_bucket_ready_at() said is there. */
void token_bucket_take(struct token_bucket *bucket, int64_t now_ms);

#endif
