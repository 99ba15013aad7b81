/* SPDX-License-Identifier: MIT */
/* Back-off: the bounds of each attempt, that both of them are reached, and the known sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <limits.h>

#include "base/backoff.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The values that the reference implementation gives from the seed 1234567. */
static void random_is_splitmix64(void **state)
{
	static const uint64_t want[] = {
		UINT64_C(6457827717110365317),  UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423),  UINT64_C(4593380528125082431),
		UINT64_C(16408922859458223821),
	};
	uint64_t random = 1234567;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++)
		assert_true(backoff_random(&random) == want[i]);
}

static void delay_doubles_up_to_the_cap(void **state)
{
	static const struct {
		int64_t first_ms, max_ms;
		unsigned attempt;
		int64_t least_ms, most_ms;
	} cases[] = {
		{.first_ms = 1000,
	         .max_ms = 300000,
	         .attempt = 0,
	         .least_ms = 500,
	         .most_ms = 1000},
		{.first_ms = 1000,
	         .max_ms = 300000,
	         .attempt = 1,
	         .least_ms = 500,
	         .most_ms = 1000},
		{.first_ms = 1000,
	         .max_ms = 300000,
	         .attempt = 2,
	         .least_ms = 1000,
	         .most_ms = 2000},
		{.first_ms = 1000,
	         .max_ms = 300000,
	         .attempt = 9,
	         .least_ms = 128000,
	         .most_ms = 256000},
		{.first_ms = 1000,
	         .max_ms = 300000,
	         .attempt = 10,
	         .least_ms = 150000,
	         .most_ms = 300000},
		{.first_ms = 1000,
	         .max_ms = 300000,
	         .attempt = UINT_MAX,
	         .least_ms = 150000,
	         .most_ms = 300000},
		{.first_ms = 1, .max_ms = 1, .attempt = 1, .least_ms = 1, .most_ms = 1},
		{.first_ms = 1, .max_ms = 3, .attempt = 2, .least_ms = 1, .most_ms = 2},
		{.first_ms = 1, .max_ms = 3, .attempt = 3, .least_ms = 2, .most_ms = 3},
		{.first_ms = 7, .max_ms = 7, .attempt = 5, .least_ms = 4, .most_ms = 7},
		{.first_ms = 1,
	         .max_ms = INT64_MAX,
	         .attempt = 200,
	         .least_ms = INT64_MAX / 2 + 1,
	         .most_ms = INT64_MAX},
	};
	uint64_t random = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct backoff backoff = {.first_ms = cases[i].first_ms,
		                                .max_ms = cases[i].max_ms};

		for (int round = 0; round < 300; round++) {
			int64_t delay = backoff_delay(&backoff, cases[i].attempt, &random);

			if (delay < cases[i].least_ms || delay > cases[i].most_ms)
				fail_msg("case %zu: %" PRId64, i, delay);
		}
	}
}

/* Of eight delays in [4, 8] ms all five come, each about as often: 2,000 ± 6 sigma. */
static void delay_is_uniform(void **state)
{
	const struct backoff backoff = {.first_ms = 8, .max_ms = 8};
	uint64_t random = 99;
	int seen[9] = {0};

	(void)state;
	for (int i = 0; i < 10000; i++)
		seen[backoff_delay(&backoff, 1, &random)]++;
	for (int ms = 4; ms <= 8; ms++)
		assert_in_range(seen[ms], 1760, 2240);
}

static void chance_is_replayed_from_the_seed(void **state)
{
	const struct backoff backoff = {.first_ms = 1000, .max_ms = 60000};
	uint64_t one = 5, same = 5, other = 6;
	int different = 0;

	(void)state;
	for (unsigned attempt = 1; attempt < 20; attempt++) {
		int64_t delay = backoff_delay(&backoff, attempt, &one);

		assert_int_equal(delay, backoff_delay(&backoff, attempt, &same));
		different += delay != backoff_delay(&backoff, attempt, &other);
	}
	assert_true(one == same);
	assert_true(different > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_is_splitmix64),
		cmocka_unit_test(delay_doubles_up_to_the_cap),
		cmocka_unit_test(delay_is_uniform),
		cmocka_unit_test(chance_is_replayed_from_the_seed),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
