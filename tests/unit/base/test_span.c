/* SPDX-License-Identifier: MIT */
/* Spans of time: what is read, what is refused and in which words, what is written, and that what
 * is written can be read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "base/backoff.h"
#include "base/span.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HOUR INT64_C(3600000)

static void spans_are_read(void **state)
{
	static const struct {
		const char *string;
		int64_t ms;
	} cases[] = {
		{"0", 0},
		{"30", 30000},
		{"30s", 30000},
		{"250ms", 250},
		{"1h 30min", HOUR * 3 / 2},
		{"1h30min", HOUR * 3 / 2},
		{" 1 h  30 min\t", HOUR * 3 / 2},
		{"1.5h", HOUR * 3 / 2},
		{"1.1h", 3960000},
		{"1.5000000000h", HOUR * 3 / 2},
		{".5s", 500},
		{"0.000001h", 4},
		{"0.1", 100},
		{"55s500ms", 55500},
		{"1min 30", 90000},
		{"5 6", 11000},
		{"1us", 1},
		{"1000usec", 1},
		{"1001us", 2},
		{"1\xc2\xb5s", 1},
		{"2000\xce\xbcs", 2},
		{"0.5ms 0.5ms", 1},
		{"0.1us", 1},
		{"3ms 0.000001us", 4},
		{"3msec", 3},
		{"2sec", 2000},
		{"1second", 1000},
		{"2seconds", 2000},
		{"1m", 60000},
		{"1minute", 60000},
		{"2minutes", 120000},
		{"1hr", HOUR},
		{"1hour", HOUR},
		{"2hours", 2 * HOUR},
		{"1d", 24 * HOUR},
		{"1day", 24 * HOUR},
		{"2days", 48 * HOUR},
		{"1w", 168 * HOUR},
		{"1week", 168 * HOUR},
		{"2weeks", 336 * HOUR},
		{"366d", SPAN_MAX_MS},
		{"000000000000000000000000000001", 1000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fault fault = {0};
		int64_t ms = -1;

		if (!span_parse(cases[i].string, &ms, &fault))
			fail_msg("%s: %s", cases[i].string, fault.text);
		if (ms != cases[i].ms)
			fail_msg("%s: %" PRId64 " ms", cases[i].string, ms);
		assert_null(fault.text);
	}
}

static void others_are_refused(void **state)
{
	static const struct {
		const char *string, *fault;
	} cases[] = {
		{"", "an empty string is no span of time"},
		{"  ", "an empty string is no span of time"},
		{"-5s", "'-5s' is negative"},
		{"1h -5min", "'-5min' is negative"},
		{"1h-5min", "'-5min' is negative"},
		{"soon", "'soon' does not start with a number"},
		{"+5s", "'+5s' does not start with a number"},
		{"infinity", "'infinity' does not start with a number"},
		{"1M", "'M' is no unit of time; there are us, ms, s, min, h, d and w"},
		{"1h 30mn", "'mn' is no unit of time; there are us, ms, s, min, h, d and w"},
		{"5S", "'S' is no unit of time; there are us, ms, s, min, h, d and w"},
		{"1e3s", "'e' is no unit of time; there are us, ms, s, min, h, d and w"},
		{"1,5h", "',' is no unit of time; there are us, ms, s, min, h, d and w"},
		{"5\x1b[0m", "'\\x1b[' is no unit of time; there are us, ms, s, min, h, d and w"},
		{".s", "'.' has no digit after the point"},
		{"1.h", "'1.' has no digit after the point"},
		{"1.2.3h", "'1.2.3h' has two points"},
		{"1.0000001h", "'1.0000001' has more than six digits after the point"},
		{"366d 1ms", "'1ms' is longer than 366 days"},
		{"366d 1us", "'1us' is longer than 366 days"},
		{"367d", "'367d' is longer than 366 days"},
		{"52.4w", "'52.4w' is longer than 366 days"},
		{"9223372036854775808s", "'9223372036854775808s' is longer than 366 days"},
		{"18446744073709551617", "'18446744073709551617' is longer than 366 days"},
		{"99999999999999999999999999999999999us",
	         "'99999999999999999999999999999\xe2\x80\xa6' is longer than 366 days"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fault fault = {0};
		int64_t ms = 4711;

		if (span_parse(cases[i].string, &ms, &fault))
			fail_msg("%s: %" PRId64 " ms", cases[i].string, ms);
		assert_string_equal(fault.text, cases[i].fault);
		assert_int_equal(ms, 4711);
		fault_clear(&fault);
	}
}

static void spans_are_written(void **state)
{
	static const struct {
		int64_t ms;
		const char *string;
	} cases[] = {
		{INT64_MIN, "0s"},
		{-1, "0s"},
		{0, "0s"},
		{1, "1ms"},
		{250, "250ms"},
		{999, "999ms"},
		{1000, "1s"},
		{1049, "1s"},
		{1050, "1.1s"},
		{1500, "1.5s"},
		{9949, "9.9s"},
		{9950, "10s"},
		{10499, "10s"},
		{59499, "59s"},
		{59500, "1min"},
		{60000, "1min"},
		{130000, "2min 10s"},
		{130499, "2min 10s"},
		{HOUR - 501, "59min 59s"},
		{HOUR - 500, "1h"},
		{HOUR + 29999, "1h"},
		{HOUR + 30000, "1h 1min"},
		{HOUR * 3 / 2, "1h 30min"},
		{24 * HOUR - 30001, "23h 59min"},
		{24 * HOUR - 30000, "1d"},
		{25 * HOUR, "1d 1h"},
		{48 * HOUR - 1, "2d"},
		{SPAN_MAX_MS, "366d"},
		{INT64_MAX, "53375995583d 16h"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char buffer[SPAN_TEXT_MAX];

		assert_ptr_equal(span_format(cases[i].ms, buffer), buffer);
		assert_string_equal(buffer, cases[i].string);
	}
}

/* What is written is read as the same time, give or take half of the smaller unit. */
static void written_spans_are_read_again(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t ms = (int64_t)(backoff_random(&random) >> (34 + i % 30)) % SPAN_MAX_MS;
		int64_t slack = ms < 1000        ? 0
		                : ms < 9950      ? 50
		                : ms < HOUR      ? 500
		                : ms < 24 * HOUR ? HOUR / 120
		                                 : HOUR / 2;
		struct fault fault = {0};
		char buffer[SPAN_TEXT_MAX];
		int64_t again = -1;

		assert_true(span_parse(span_format(ms, buffer), &again, &fault));
		if (again < ms - slack || again > ms + slack)
			fail_msg("%" PRId64 " ms became %s", ms, buffer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(spans_are_written),
		cmocka_unit_test(written_spans_are_read_again),
	};

	return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
