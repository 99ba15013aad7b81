/* SPDX-License-Identifier: MIT */
/* Verdicts: every status that SPEC §6 names, every way a transfer ends, and all that lies between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/verdict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a status is to mean: the kind, and then a letter for each flag: u, m, h, n (no
 * answer of the application), w (needs a witness). */
struct range {
	int first, last;
	enum verdict_kind kind;
	const char *flags;
};

static const struct range ranges[] = {
	{.first = -1, .last = 199, .kind = VERDICT_TRANSIENT, .flags = "umn"},
	{.first = 200, .last = 299, .kind = VERDICT_ACCEPTED, .flags = ""},
	{.first = 300, .last = 399, .kind = VERDICT_MISCONFIGURED, .flags = "w"},
	{.first = 400, .last = 400, .kind = VERDICT_REJECTED, .flags = ""},
	{.first = 401, .last = 401, .kind = VERDICT_DENIED, .flags = "w"},
	{.first = 402, .last = 402, .kind = VERDICT_REJECTED, .flags = ""},
	{.first = 403, .last = 403, .kind = VERDICT_DENIED, .flags = "w"},
	{.first = 404, .last = 406, .kind = VERDICT_REJECTED, .flags = ""},
	{.first = 407, .last = 407, .kind = VERDICT_MISCONFIGURED, .flags = ""},
	{.first = 408, .last = 408, .kind = VERDICT_TRANSIENT, .flags = "n"},
	{.first = 409, .last = 424, .kind = VERDICT_REJECTED, .flags = ""},
	{.first = 425, .last = 425, .kind = VERDICT_TRANSIENT, .flags = "n"},
	{.first = 426, .last = 428, .kind = VERDICT_REJECTED, .flags = ""},
	{.first = 429, .last = 429, .kind = VERDICT_TRANSIENT, .flags = "h"},
	{.first = 430, .last = 499, .kind = VERDICT_REJECTED, .flags = ""},
	{.first = 500, .last = 501, .kind = VERDICT_TRANSIENT, .flags = "m"},
	{.first = 502, .last = 502, .kind = VERDICT_TRANSIENT, .flags = "umn"},
	{.first = 503, .last = 503, .kind = VERDICT_TRANSIENT, .flags = "mhn"},
	{.first = 504, .last = 504, .kind = VERDICT_TRANSIENT, .flags = "umn"},
	{.first = 505, .last = 599, .kind = VERDICT_TRANSIENT, .flags = "m"},
	{.first = 600, .last = 1000, .kind = VERDICT_TRANSIENT, .flags = "umn"},
};

static void assert_verdict(struct verdict verdict, enum verdict_kind kind, const char *flags)
{
	char got[6] = "";
	size_t length = 0;

	if (verdict.uncertain)
		got[length++] = 'u';
	if (verdict.maybe_done)
		got[length++] = 'm';
	if (verdict.host_wide)
		got[length++] = 'h';
	if (verdict.unanswered)
		got[length++] = 'n';
	if (verdict.needs_witness)
		got[length++] = 'w';
	assert_string_equal(verdict_name(verdict.kind), verdict_name(kind));
	assert_string_equal(got, flags);
}

static void status_decides(void **state)
{
	int next = -1;

	(void)state;
	for (size_t i = 0; i < COUNT(ranges); i++) {
		assert_int_equal(ranges[i].first, next);
		for (int status = ranges[i].first; status <= ranges[i].last; status++)
			assert_verdict(verdict_of(VERDICT_TRANSFER_DONE, status), ranges[i].kind,
			               ranges[i].flags);
		next = ranges[i].last + 1;
	}
}

static void transfer_decides_without_a_status(void **state)
{
	static const int meaningless[] = {0, 100, 101, 199, 600, 999};

	(void)state;
	for (size_t i = 0; i < COUNT(meaningless); i++) {
		assert_verdict(verdict_of(VERDICT_TRANSFER_NOT_SENT, meaningless[i]),
		               VERDICT_TRANSIENT, "n");
		assert_verdict(verdict_of(VERDICT_TRANSFER_UNKNOWN, meaningless[i]),
		               VERDICT_TRANSIENT, "umn");
		assert_verdict(verdict_of(VERDICT_TRANSFER_SETUP, meaningless[i]),
		               VERDICT_MISCONFIGURED, "");
	}
}

/* A 422 whose body was cut off is a 422. */
static void status_outlives_a_broken_transfer(void **state)
{
	(void)state;
	for (int status = 200; status < 600; status++) {
		struct verdict whole = verdict_of(VERDICT_TRANSFER_DONE, status);
		struct verdict broken = verdict_of(VERDICT_TRANSFER_UNKNOWN, status);

		assert_int_equal(broken.kind, whole.kind);
		assert_int_equal(broken.uncertain, whole.uncertain);
		assert_int_equal(broken.maybe_done, whole.maybe_done);
		assert_int_equal(broken.host_wide, whole.host_wide);
	}
}

static void names_are_words(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_ACCEPTED), "accepted");
	assert_string_equal(verdict_name(VERDICT_REJECTED), "rejected");
	assert_string_equal(verdict_name(VERDICT_TRANSIENT), "transient");
	assert_string_equal(verdict_name(VERDICT_DENIED), "denied");
	assert_string_equal(verdict_name(VERDICT_MISCONFIGURED), "misconfigured");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_decides),
		cmocka_unit_test(transfer_decides_without_a_status),
		cmocka_unit_test(status_outlives_a_broken_transfer),
		cmocka_unit_test(names_are_words),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
