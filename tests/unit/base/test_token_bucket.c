/* SPDX-License-Identifier: MIT */
/* The token bucket: that it never lets more through than it may, that the time it names is the
 * first at which a token is there, and that no rate or clock makes it wait for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/token_bucket.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Take as fast as allowed; the time of the last of `count` tokens. */
static int64_t drain(struct token_bucket *bucket, int count, int64_t now_ms)
{
	for (int i = 0; i < count; i++) {
		now_ms = token_bucket_ready_at(bucket, now_ms);
		token_bucket_take(bucket, now_ms);
	}
	return now_ms;
}

static void burst_and_then_the_rate(void **state)
{
	static const struct {
		double per_second, burst;
		int count;
		int64_t last_ms;
	} cases[] = {
		{.per_second = 5, .burst = 10, .count = 10, .last_ms = 0},
		{.per_second = 5, .burst = 10, .count = 11, .last_ms = 200},
		{.per_second = 5, .burst = 10, .count = 60, .last_ms = 10000},
		{.per_second = 0.5, .burst = 1, .count = 3, .last_ms = 4000},
		{.per_second = 0.1, .burst = 0.2, .count = 2, .last_ms = 10000},
		{.per_second = 0, .burst = 0, .count = 100000, .last_ms = 0},
		{.per_second = 1000, .burst = 1, .count = 1001, .last_ms = 1000},
		{.per_second = 1e-300, .burst = 1, .count = 2, .last_ms = 1000000000000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct token_bucket bucket;

		token_bucket_init(&bucket, cases[i].per_second, cases[i].burst, 1000);
		assert_int_equal(drain(&bucket, cases[i].count, 1000), 1000 + cases[i].last_ms);
	}
}

/* What is foreseen for the last of so many is when it is taken. */
static void the_last_of_many_is_foreseen(void **state)
{
	static const double rates[] = {0, 0.1, 5, 1000};

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		for (int count = 1; count < 30; count++) {
			struct token_bucket bucket;
			int64_t foreseen_ms;

			token_bucket_init(&bucket, rates[i], 3, 1000);
			(void)drain(&bucket, 5, 1000);
			foreseen_ms = token_bucket_ready_for(&bucket, (size_t)count, 1000);
			assert_in_range(drain(&bucket, count, 1000), foreseen_ms - 1,
			                foreseen_ms + count);
		}
	}
}

/* A tenth in binary is no tenth: ten of them make a token all the same. */
static void sums_of_fractions_are_whole(void **state)
{
	struct token_bucket bucket;

	(void)state;
	token_bucket_init(&bucket, 0.1, 1, 0);
	token_bucket_take(&bucket, 0);
	for (int64_t now_ms = 1000; now_ms < 10000; now_ms += 1000)
		assert_int_equal(token_bucket_ready_at(&bucket, now_ms), 10000);
	assert_int_equal(token_bucket_ready_at(&bucket, 10000), 10000);
}

static void full_again_after_a_pause(void **state)
{
	struct token_bucket bucket;

	(void)state;
	token_bucket_init(&bucket, 5, 10, 0);
	drain(&bucket, 10, 0);
	assert_int_equal(drain(&bucket, 10, 3600000), 3600000);
	assert_int_equal(token_bucket_ready_at(&bucket, 3600000), 3600200);
}

/* At the time it names a token is there; a millisecond before, it is not. */
static void ready_is_the_first_moment(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double rate = (double)(1 + backoff_random(&random) % 100000) / 997;
		int64_t now_ms = (int64_t)(backoff_random(&random) % 1000000000000);
		struct token_bucket bucket, early;
		int64_t ready_ms;

		token_bucket_init(&bucket, rate, 2 * rate, now_ms);
		now_ms = drain(&bucket, (int)(backoff_random(&random) % 50), now_ms);
		ready_ms = token_bucket_ready_at(&bucket, now_ms);
		early = bucket;
		assert_int_equal(token_bucket_ready_at(&bucket, ready_ms), ready_ms);
		if (ready_ms > now_ms)
			assert_int_not_equal(token_bucket_ready_at(&early, ready_ms - 1),
			                     ready_ms - 1);
	}
}

static void over_an_hour_the_rate_is_exact(void **state)
{
	struct token_bucket bucket;
	int taken = 0;

	(void)state;
	token_bucket_init(&bucket, 3, 6, 0);
	for (int64_t now_ms = 0; now_ms < 3600000; taken++) {
		token_bucket_take(&bucket, now_ms);
		now_ms = token_bucket_ready_at(&bucket, now_ms);
	}
	/* Waiting whole milliseconds may cost a token here and there, and never gives one. */
	assert_in_range(taken, 3 * 3600 - 20, 3 * 3600 + 6);
}

static void configure_keeps_what_was_used(void **state)
{
	struct token_bucket bucket;

	(void)state;
	token_bucket_init(&bucket, 5, 10, 0);
	drain(&bucket, 9, 0);
	token_bucket_configure(&bucket, 50, 100, 0);
	assert_int_equal(drain(&bucket, 1, 0), 0);
	assert_int_equal(token_bucket_ready_at(&bucket, 0), 20);

	token_bucket_init(&bucket, 50, 100, 0);
	token_bucket_configure(&bucket, 1, 2, 0);
	assert_int_equal(drain(&bucket, 2, 0), 0);
	assert_int_equal(token_bucket_ready_at(&bucket, 0), 1000);

	/* What dripped in at the old rate counts. */
	token_bucket_init(&bucket, 1, 2, 0);
	drain(&bucket, 2, 0);
	token_bucket_configure(&bucket, 100, 200, 1000);
	assert_int_equal(token_bucket_ready_at(&bucket, 1000), 1000);
	assert_int_equal(drain(&bucket, 2, 1000), 1010);
}

static void no_limit_and_back(void **state)
{
	struct token_bucket bucket;

	(void)state;
	token_bucket_init(&bucket, 1, 2, 0);
	drain(&bucket, 2, 0);
	token_bucket_configure(&bucket, 0, 0, 0);
	assert_int_equal(drain(&bucket, 1000, 5), 5);
	token_bucket_configure(&bucket, 1, 2, 5);
	assert_int_equal(token_bucket_ready_at(&bucket, 5), 1005);
}

static void clock_that_goes_back(void **state)
{
	struct token_bucket bucket;

	(void)state;
	token_bucket_init(&bucket, 1, 1, 10000);
	assert_int_equal(drain(&bucket, 1, 4000), 4000);
	assert_int_equal(token_bucket_ready_at(&bucket, 4000), 11000);
	assert_int_equal(token_bucket_ready_at(&bucket, 11000), 11000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_and_then_the_rate),
		cmocka_unit_test(the_last_of_many_is_foreseen),
		cmocka_unit_test(sums_of_fractions_are_whole),
		cmocka_unit_test(full_again_after_a_pause),
		cmocka_unit_test(ready_is_the_first_moment),
		cmocka_unit_test(over_an_hour_the_rate_is_exact),
		cmocka_unit_test(configure_keeps_what_was_used),
		cmocka_unit_test(no_limit_and_back),
		cmocka_unit_test(clock_that_goes_back),
	};

	return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
