/* SPDX-License-Identifier: MIT */
/* Any string is a span within its bounds or is refused with one printable line; and what
 * span_format() writes of it is read again as nearly the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_refusal(const struct fault *fault)
{
	bool plain;
	size_t length = strlen(fault->text);

	require(length > 0 && length < 200);
	for (size_t at = 0, step; at < length; at += step) {
		step = text_character(fault->text + at, length - at, &plain);
		require(step > 0 && plain);
	}
}

static void check_round_trip(int64_t ms)
{
	struct fault fault = {0};
	char buffer[SPAN_TEXT_MAX];
	int64_t again;

	require(ms >= 0 && ms <= SPAN_MAX_MS);
	require(span_parse(span_format(ms, buffer), &again, &fault));
	require(llabs(again - ms) <= 1800000 && llabs(again - ms) * 10 <= ms);
}

int fuzz_span(const uint8_t *data, size_t size)
{
	char *string = mem_dup_bytes(data, size);
	struct fault fault = {0};
	int64_t ms = -1;

	if (span_parse(string, &ms, &fault)) {
		require(fault.text == NULL);
		check_round_trip(ms);
	} else {
		require(ms == -1);
		check_refusal(&fault);
	}
	fault_clear(&fault);
	free(string);
	return 0;
}
