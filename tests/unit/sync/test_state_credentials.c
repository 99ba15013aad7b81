/* SPDX-License-Identifier: MIT */
/* Credentials: digests that tell apart what must be told apart, and the reconciler, which notices
 * new ones whether it ran meanwhile or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "support/sync_fixture.h"
#include "sync/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct state_key key = {.bytes = {1, 2, 3}}, other_key = {.bytes = {1, 2, 4}};

static uint64_t digest(int64_t id, const char *token, const char *password)
{
	struct spec_integration integration = {
		.id = id, .token = mem_dup(token), .password = mem_dup(password)};
	struct spec spec = {.integrations = &integration, .count = 1};

	state_digest_credentials(&spec, &key);
	free(integration.token);
	free(integration.password);
	return integration.credentials;
}

static void digests_differ_where_credentials_do(void **state)
{
	const uint64_t digests[] = {
		digest(1, "ab", "c"), digest(1, "a", "bc"), digest(1, "abc", ""),
		digest(1, "", "abc"), digest(2, "ab", "c"), digest(1, "ab", "d"),
		digest(1, "ac", "c"), digest(1, "c", "ab"),
	};

	(void)state;
	assert_true(digest(1, "ab", "c") == digests[0]);
	for (size_t i = 0; i < COUNT(digests); i++) {
		assert_true(digests[i] != 0);
		for (size_t j = 0; j < i; j++)
			assert_true(digests[i] != digests[j]);
	}
}

/* The 8 bytes of each number first: computed with another implementation. */
static void digest_is_what_the_header_says(void **state)
{
	(void)state;
	assert_true(digest(42, "token", "password") == UINT64_C(0x5925141ef6f9ebd5));
}

static void every_key_has_its_own(void **state)
{
	char token[] = "t", password[] = "p";
	struct spec_integration integration = {.id = 1, .token = token, .password = password};
	struct spec spec = {.integrations = &integration, .count = 1};
	uint64_t first;

	(void)state;
	state_digest_credentials(&spec, &key);
	first = integration.credentials;
	state_digest_credentials(&spec, &other_key);
	assert_true(integration.credentials != first);
	assert_true(state_key_id(&key) != state_key_id(&other_key));
	assert_true(state_key_id(&key) == state_key_id(&key));
	assert_true(state_key_id(&key) != 0);
}

/* the reconciler */

static struct spec *spec_with(const char *token, bool paused)
{
	const struct fixture_integration integrations[] = {
		{.id = 42, .cron = "0 1 * * *", .token = token, .paused = paused}, {.id = 0}};

	return fixture_spec(integrations);
}

/* What a crash leaves, taken up by the next run; without the digests if these `are_lost`. */
static void restart(struct fixture *fixture, bool are_lost)
{
	struct text text = {0};
	struct state state = {0};
	struct fault fault = {0};

	sync_encode(fixture->sync, false, &text);
	state_encode_end(&text);
	assert_true(state_decode(&state, text.bytes, text.length, &fault));
	for (size_t i = 0; are_lost && i < state.count; i++)
		state.entries[i].credentials = 0;
	text_clear(&text);
	fixture_close(fixture);
	fixture_open(fixture, &state);
}

static bool sends(struct fixture *fixture, const char *token)
{
	fixture_start(fixture, spec_with(token, false));
	return fixture_find(fixture, SYNC_SEND, 42) != NULL;
}

/* Accepted with the token "first". */
static void open_accepted(struct fixture *fixture)
{
	fixture_open(fixture, NULL);
	assert_true(sends(fixture, "first"));
	fixture_answer(fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
}

static void assert_at_rest(const struct fixture *fixture)
{
	assert_int_equal(fixture_count(fixture, SYNC_SEND), 0);
	assert_int_equal(fixture_view(fixture, 42).shown, SYNC_IN_SYNC);
}

static void new_ones_are_sent_once(void **state)
{
	struct fixture fixture;

	(void)state;
	open_accepted(&fixture);
	assert_true(sends(&fixture, "second"));
	fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
	assert_at_rest(&fixture);
	restart(&fixture, false);
	assert_false(sends(&fixture, "second"));
	assert_at_rest(&fixture);
	fixture_close(&fixture);
}

/* Whatever became of them before: never loaded, loaded, sent and rejected, sent without answer. */
static void new_ones_survive_a_crash(void **state)
{
	static const struct {
		bool is_loaded;
		enum verdict_transfer transfer;
		int status; /* 0: no answer yet, unless the transfer failed */
	} cases[] = {
		{.is_loaded = false},
		{.is_loaded = true, .transfer = VERDICT_TRANSFER_DONE},
		{.is_loaded = true, .transfer = VERDICT_TRANSFER_DONE, .status = 422},
		{.is_loaded = true, .transfer = VERDICT_TRANSFER_DONE, .status = 401},
		{.is_loaded = true, .transfer = VERDICT_TRANSFER_NOT_SENT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture fixture;

		open_accepted(&fixture);
		if (cases[i].is_loaded)
			assert_true(sends(&fixture, "second"));
		if (cases[i].status != 0 || cases[i].transfer != VERDICT_TRANSFER_DONE)
			fixture_answer(&fixture, 42, cases[i].transfer, cases[i].status, 0);
		restart(&fixture, false);
		assert_true(sends(&fixture, "second"));
		fixture_answer(&fixture, 42, VERDICT_TRANSFER_DONE, 200, 0);
		assert_at_rest(&fixture);
		fixture_close(&fixture);
	}
}

/* Those that go and come back while nothing is sent are no news. */
static void old_ones_are_not_sent_again(void **state)
{
	struct fixture fixture;

	(void)state;
	open_accepted(&fixture);
	fixture_start(&fixture, spec_with("second", true));
	assert_int_equal(fixture_count(&fixture, SYNC_SEND), 0);
	assert_false(sends(&fixture, "first"));
	assert_at_rest(&fixture);
	fixture_start(&fixture, spec_with("second", true));
	assert_true(sends(&fixture, "second"));
	fixture_close(&fixture);
}

static void unknown_ones_count_as_accepted(void **state)
{
	struct fixture fixture;

	(void)state;
	open_accepted(&fixture);
	restart(&fixture, true);
	assert_false(sends(&fixture, "second"));
	assert_at_rest(&fixture);
	restart(&fixture, false);
	assert_false(sends(&fixture, "second"));
	restart(&fixture, false);
	assert_true(sends(&fixture, "third"));
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_differ_where_credentials_do),
		cmocka_unit_test(digest_is_what_the_header_says),
		cmocka_unit_test(every_key_has_its_own),
		cmocka_unit_test(new_ones_are_sent_once),
		cmocka_unit_test(new_ones_survive_a_crash),
		cmocka_unit_test(old_ones_are_not_sent_again),
		cmocka_unit_test(unknown_ones_count_as_accepted),
	};

	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
