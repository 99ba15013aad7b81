/* SPDX-License-Identifier: MIT */
/* Any bytes as a state file, once as they are, and once with the check that fits them, since none
 * is ever hit by chance. What is taken for a state is sound, and is written again as it was read.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz/targets.h"
#include "sync/state.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void encode(struct text *out, const struct state *state)
{
	state_encode_start(out, state->url, state->key_id);
	for (size_t i = 0; i < state->count; i++) {
		require(state->entries[i].id >= 1 && state->entries[i].accepted_at >= 0);
		require(i == 0 || state->entries[i - 1].id < state->entries[i].id);
		state_encode_entry(out, &state->entries[i]);
	}
	state_encode_end(out);
}

/* Sorted and in this version, it is written again as it was read. */
static void check_again(const struct state *state)
{
	struct text once = {0}, twice = {0};
	struct state again = {0};
	struct fault fault = {0};

	encode(&once, state);
	require(state_decode(&again, once.bytes, once.length, &fault));
	encode(&twice, &again);
	require(once.length == twice.length);
	require(memcmp(once.bytes, twice.bytes, once.length) == 0);
	text_clear(&once);
	text_clear(&twice);
	state_clear(&again);
}

static void run(const char *bytes, size_t length)
{
	struct state state = {0};
	struct fault fault = {0};

	if (state_decode(&state, bytes, length, &fault))
		check_again(&state);
	else
		require(fault.text != NULL && state.count == 0);
	fault_clear(&fault);
	state_clear(&state);
}

/* With the check that its version has. */
static void run_checked(const char *bytes, size_t length, uint64_t check)
{
	struct text file = {0};

	text_add_bytes(&file, bytes, length);
	text_printf(&file, "\"check\":\"%016" PRIx64 "\"}\n", check);
	run(file.bytes, file.length);
	text_clear(&file);
}

int fuzz_state(const uint8_t *data, size_t size)
{
	char *exact = mem_alloc(1, size);

	if (size > 0)
		memcpy(exact, data, size);
	run(exact, size);
	run_checked(exact, size, text_hash(TEXT_HASH_START, exact, size));
	run_checked(exact, size, siphash_of(exact, size));
	free(exact);
	return 0;
}
