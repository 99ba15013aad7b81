/* SPDX-License-Identifier: MIT */
/* Whatever is offered instead of a faulty expression is an expression, and means what was meant:
 * random slips of each kind, whose meaning is known. The seed is printed; CRON_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cron/cron.h"
#include "cron/cron_fields.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ROUNDS 20000

static uint64_t random_state;

static unsigned pick(unsigned below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % below;
}

/* A field that is valid, of numbers alone. */
static void add_field(char *out, size_t size, unsigned index)
{
	const struct cron_field *field = &cron_fields[index];
	unsigned low = field->least + pick(field->last - field->least + 1);
	unsigned high = low + pick(field->last - low + 1);

	switch (pick(5)) {
	case 0:
		snprintf(out, size, "*");
		break;
	case 1:
		snprintf(out, size, "*/%u", 1 + pick(9));
		break;
	case 2:
		snprintf(out, size, "%u-%u", low, high);
		break;
	case 3:
		snprintf(out, size, "%u,%u-%u/%u", high, low, high, 1 + pick(5));
		break;
	default:
		snprintf(out, size, "%u", low);
		break;
	}
}

static void make(char fields[CRON_FIELD_COUNT][32], char *expression)
{
	for (unsigned i = 0; i < CRON_FIELD_COUNT; i++)
		add_field(fields[i], sizeof(fields[i]), i);
	snprintf(expression, CRON_TEXT_MAX, "%s %s %s %s %s", fields[0], fields[1], fields[2],
	         fields[3], fields[4]);
}

/* What is offered for an expression that must be faulty. */
static void remedy_of(const char *expression, char remedy[2 * CRON_TEXT_MAX])
{
	struct cron cron;
	struct cron_fault fault = {0};

	if (cron_parse(expression, &cron, &fault))
		fail_msg("'%s' is accepted", expression);
	if (!cron_fixture_remedy(expression, &fault, remedy))
		fail_msg("'%s' has no remedy: %s", expression, fault.text);
	(void)cron_fixture_parse(remedy);
}

/* Blanks are put beside what holds a field together; without them it is the same text again. */
static void blanks_are_left_out(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		char fields[CRON_FIELD_COUNT][32];
		char expression[CRON_TEXT_MAX];
		char slip[2 * CRON_TEXT_MAX];
		char remedy[2 * CRON_TEXT_MAX];
		size_t length = 0;

		make(fields, expression);
		for (const char *at = expression; *at != '\0'; at++) {
			bool joins = strchr(",-/", *at) != NULL;

			if (joins && pick(3) == 0)
				slip[length++] = ' ';
			slip[length++] = *at;
			if (joins && pick(3) == 0)
				slip[length++] = ' ';
		}
		slip[length] = '\0';
		if (strcmp(slip, expression) == 0)
			continue;
		remedy_of(slip, remedy);
		assert_string_equal(remedy, expression);
	}
}

/* The numbers that a range has whose field goes round. */
static uint64_t go_round(const struct cron_field *field, unsigned low, unsigned high, unsigned step)
{
	unsigned size = field->last - field->least + 1;
	unsigned length = (high + size - low) % size;
	uint64_t set = 0;

	for (unsigned i = 0; i <= length; i += step)
		set |= UINT64_C(1) << (field->least + (low - field->least + i) % size);
	return set;
}

static uint64_t set_of(const struct cron *cron, unsigned index)
{
	const uint64_t sets[] = {cron->minutes, cron->hours, cron->days, cron->months,
	                         cron->weekdays};

	return sets[index];
}

static void backwards_ranges_go_round(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		char fields[CRON_FIELD_COUNT][32];
		char slip[CRON_TEXT_MAX];
		char remedy[2 * CRON_TEXT_MAX];
		unsigned index = pick(CRON_FIELD_COUNT);
		const struct cron_field *field = &cron_fields[index];
		unsigned low = field->least + 1 + pick(field->last - field->least);
		unsigned high = field->least + pick(low - field->least);
		unsigned step = pick(2) == 0 ? 1 : 1 + pick(field->last + 2);
		char range[32];

		if (index == CRON_WEEKDAY && high == 0)
			continue; /* up to Sunday, which is 7 as well: not backwards */
		make(fields, slip);
		if (field->names != NULL && pick(2) == 0)
			snprintf(range, sizeof(range), "%s-%s", field->names[low - field->least],
			         field->names[high - field->least]);
		else
			snprintf(range, sizeof(range), "%u-%u", low, high);
		snprintf(fields[index], sizeof(fields[index]), step > 1 ? "%s/%u" : "%s", range,
		         step);
		snprintf(slip, sizeof(slip), "%s %s %s %s %s", fields[0], fields[1], fields[2],
		         fields[3], fields[4]);
		remedy_of(slip, remedy);
		{
			const struct cron cron = cron_fixture_parse(remedy);

			if (set_of(&cron, index) != go_round(field, low, high, step))
				fail_msg("'%s' is not '%s'", slip, remedy);
		}
	}
}

static void what_follows_is_cut_off(void **state)
{
	static const char *const rests[] = {"root", "root /bin/true -x", "/bin/true", "# daily",
	                                    "www-data ./a"};

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		char fields[CRON_FIELD_COUNT][32];
		char expression[CRON_TEXT_MAX];
		char slip[2 * CRON_TEXT_MAX];
		char remedy[2 * CRON_TEXT_MAX];

		make(fields, expression);
		snprintf(slip, sizeof(slip), "%s %s", expression, rests[pick(COUNT(rests))]);
		remedy_of(slip, remedy);
		assert_string_equal(remedy, expression);
		snprintf(slip, sizeof(slip), "CRON_TZ=UTC %s", expression);
		remedy_of(slip, remedy);
		assert_string_equal(remedy, expression);
	}
}

/* To AWS Sunday is 1. */
static void days_of_aws_are_moved(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned first = 1 + pick(7);
		unsigned last = first + pick(8 - first);
		char slip[CRON_TEXT_MAX];
		char remedy[2 * CRON_TEXT_MAX];
		char expected[CRON_TEXT_MAX];
		unsigned minute = pick(60);
		unsigned hour = pick(24);

		snprintf(slip, sizeof(slip), "cron(%u %u ? * %u-%u *)", minute, hour, first, last);
		snprintf(expected, sizeof(expected), "%u %u * * %u-%u", minute, hour, first - 1,
		         last - 1);
		remedy_of(slip, remedy);
		assert_string_equal(remedy, expected);
	}
}

/* One byte of a valid expression is deleted, doubled, replaced or added: what is offered, if
 * anything is, is an expression, or what is still wrong stands behind it (a slip can make two
 * faults). */
static void remedies_of_slips_are_expressions(void **state)
{
	static const char junk[] = "0123456789*/,-#?LWHR~@() .:xmonjan;\"=\\";
	unsigned offered = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS * 5; round++) {
		char fields[CRON_FIELD_COUNT][32];
		char expression[CRON_TEXT_MAX];
		char slip[CRON_TEXT_MAX + 8];
		char remedy[2 * CRON_TEXT_MAX];
		struct cron cron;
		struct cron_fault fault = {0};
		struct cron_fault next = {0};
		size_t end;
		size_t at;

		make(fields, expression);
		at = pick((unsigned)strlen(expression));
		snprintf(slip, sizeof(slip), "%.*s%.*s%s", (int)at, expression, (int)pick(2),
		         &junk[pick(sizeof(junk) - 1)], expression + at + pick(2));
		if (cron_parse(slip, &cron, &fault) || !cron_fixture_remedy(slip, &fault, remedy))
			continue;
		offered++;
		end = fault.offset + fault.width + strlen(remedy) - strlen(slip);
		if (!cron_parse(remedy, &cron, &next) && next.offset < end)
			fail_msg("'%s': '%s' is no expression: %s", slip, remedy, next.text);
	}
	assert_true(offered > ROUNDS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_are_left_out),
		cmocka_unit_test(backwards_ranges_go_round),
		cmocka_unit_test(what_follows_is_cut_off),
		cmocka_unit_test(days_of_aws_are_moved),
		cmocka_unit_test(remedies_of_slips_are_expressions),
	};
	const char *seed = getenv("CRON_SEED");

	random_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
	printf("# CRON_SEED=%" PRIu64 "\n", random_state);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
