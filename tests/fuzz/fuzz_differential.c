/* SPDX-License-Identifier: MIT */
/* A text that libconfig takes and one that we take have the same values. Only of what a keyboard
 * writes: of other bytes libconfig thinks nothing, and of includes it would open files. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "fuzz/targets.h"
#include "support/differential.h"

#define LENGTH_MAX 1024

static bool is_from_a_keyboard(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if ((data[i] < ' ' && data[i] != '\n') || data[i] > '~' || data[i] == '@')
			return false;
	}
	return size > 0 && size <= LENGTH_MAX;
}

int fuzz_differential(const uint8_t *data, size_t size)
{
	struct text text = {0};
	const char *reason;

	if (!is_from_a_keyboard(data, size))
		return 0;
	text_add_bytes(&text, (const char *)data, size);
	text_add_char(&text, '\n'); /* libconfig 1.5 needs one behind a comment */
	if (!differential_compare(text.bytes, &reason))
		abort();
	text_clear(&text);
	return 0;
}
