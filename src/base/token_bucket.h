/* SPDX-License-Identifier: MIT */
/* A token bucket: so many a second, with a burst. Time is an argument. */
#ifndef TOKEN_BUCKET_H
#define TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	double per_second; /* 0: no limit */
	double burst;
	double tokens;
	int64_t at_ms; /* when `tokens` was true */
};

/* Start full. */
void bucket_init(struct bucket *bucket, double per_second, double burst, int64_t now_ms);

/* Change the rate and keep what has been used: tokens are only cut to the new burst. */
void bucket_configure(struct bucket *bucket, double per_second, double burst, int64_t now_ms);

/* The earliest time a token is there: `now_ms` or later. */
int64_t bucket_ready_at(struct bucket *bucket, int64_t now_ms);

/* The earliest time it is full: what is taken then is missed by nobody. */
int64_t bucket_full_at(struct bucket *bucket, int64_t now_ms);

/* Take a token that bucket_ready_at() said is there. */
void bucket_take(struct bucket *bucket, int64_t now_ms);

#endif
