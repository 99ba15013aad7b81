/* SPDX-License-Identifier: MIT */
/* Which spellings are one schedule, and which are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/mem.h"
#include "cron/cron.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Day of month and day of week are joined by "or" where both are restricted. To cronie a field is
 * unrestricted if it begins with '*' (entry.c looks at the first character, so that every day with
 * a step of 1 counts, and even one with a step of 2), to croniter 1.3 if it leaves no day out (so
 * that a step of 1 counts, and 1-31 does too), to croniter 6.2 only if it has a '*' without a step.
 * As we do not know which of them the server resembles, two spellings that one of them reads
 * differently are not equal. */
static void spellings_are_compared(void **state)
{
	static const struct {
		bool equal;
		const char *a;
		const char *b;
	} cases[] = {
		{true, "0 6 * * 1", "0 6 * * MON"},
		{true, "0 6 * * mon", "0 6 * * Mon"},
		{true, "0 6 * * 7", "0 6 * * 0"},
		{true, "0 6 * * sun", "0 6 * * 0,7"},
		{true, "0 6 * * 1-7", "0 6 * * 0-6"},
		{true, "0 6 * * *", " 0  6\t* * *  "},
		{true, "*/1 * * * *", "* * * * *"},
		{true, "00 06 * * *", "0 6 * * *"},
		{true, "0 6 * * 1,2,3,4,5", "0 6 * * mon-fri"},
		{true, "0,15,30,45 * * * *", "*/15 * * * *"},
		{true, "45,30,15,0,0 * * * *", "0-59/15 * * * *"},
		{true, "0 6 * jan,feb,mar *", "0 6 * 1-3 *"},
		{true, "*/70 * * * *", "0 * * * *"},
		{true, "@daily", "0 0 * * *"},
		{true, "@Weekly", "0 0 * * sun"},
		{true, "0 6 ? * 1", "0 6 * * 1"},
		{false, "0 6 * * *", "0 7 * * *"},
		{false, "0 6 * * *", "0 6 * * 1"},
		{false, "0 6 * 1 *", "0 6 1 * *"},
		{false, "0 6 * 1 *", "0 6 * 2 *"},
		{false, "0 6 1 * *", "0 6 2 * *"},
		{false, "1 6 * * *", "2 6 * * *"},
		{false, "0 6 1 * 1", "0 6 * * 1"},
		{false, "0 6 1 * 1", "0 6 1 * *"},
		{false, "@daily", "@weekly"},
		/* The day fields. */
		{false, "0 6 */1 * mon", "0 6 * * mon"},
		{true, "0 6 */1 * mon", "0 6 */1 * 1"},
		{true, "0 6 */1 * *", "0 6 * * *"},
		/* croniter 6.2 takes a range of one value for the whole field. */
		{false, "0 6-6 * * *", "0 6 * * *"},
		{false, "0-0 6 * * *", "0 6-6 * * *"},
		{true, "0 6-6 * * MON", "0  6-6 * * mon"},
		{true, "0 6 * * */1", "0 6 * * *"},
		{true, "0 6 1-31 * *", "0 6 * * *"},
		{true, "0 6 1-31 * 0-6", "0 6 * * *"},
		{true, "0 6 1-31 * 0-6", "0 6 * * 0-6"},
		{true, "0 6 */2 * *", "0 6 1-31/2 * *"},
		{true, "0 6 */2 * mon", "0 6 */2 * 1"},
		{true, "0 6 1 * 1,2", "0 6 1 * mon-tue"},
		{false, "0 6 1-31 * mon", "0 6 * * mon"},
		{false, "0 6 1-31 * mon", "0 6 * * *"},
		{false, "0 6 1-31 * mon", "0 6 1-31 * tue"},
		{false, "0 6 */2 * mon", "0 6 1-31/2 * mon"},
		{false, "0 6 1,15 * 0-6", "0 6 1,15 * *"},
		{false, "0 6 5,* * mon", "0 6 *,5 * mon"},
		/* What only the server can read, and what is no schedule. */
		{true, "0 6 l * *", " 0 6  L * *"},
		{true, "0 0 6 * * MON", "0 0 6 * * mon"},
		{true, "@every 1h", "@EVERY\t1h"},
		{true, "no cron at all", "No cron  at all"},
		{true, " ", "  "},
		{false, "0 6 L * *", "0 6 LW * *"},
		{false, "0 6 L * *", "0 6 31 * *"},
		{false, "0 6 L * *", "0 6 L * 0-6"},
		{false, "0 0 6 * * mon", "0 0 6 * * 1"},
		{false, "@every 1h", "@hourly"},
		{false, "0 25 * * *", "0 26 * * *"},
		{false, "0 25 * * *", "0 2 5 * * *"},
		{false, "0 25 * *", "0 25 * * *"},
		{false, "", "* * * * *"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *spaced;

		if (cron_same(cases[i].a, cases[i].b) != cases[i].equal ||
		    cron_same(cases[i].b, cases[i].a) != cases[i].equal)
			fail_msg("'%s' and '%s' should %sbe equal", cases[i].a, cases[i].b,
			         cases[i].equal ? "" : "not ");
		/* Not the same bytes, or nothing would be parsed. */
		spaced = mem_printf("%s ", cases[i].a);
		assert_true(cron_same(cases[i].a, spaced) || *cases[i].a == '\0');
		free(spaced);
	}
}

static void no_schedule_is_one_of_its_own(void **state)
{
	(void)state;
	assert_true(cron_same(NULL, NULL));
	assert_true(cron_same(NULL, ""));
	assert_true(cron_same("", NULL));
	assert_false(cron_same("", "  "));
	assert_false(cron_same(NULL, "0 6 * * *"));
	assert_false(cron_same("0 6 * * *", ""));
	assert_true(cron_same("0 6 * * 1", "00 06 * * MON"));
	assert_true(cron_same("not a cron", "not a cron"));
	assert_false(cron_same("0 6 * * 1", "0 6 * * 2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_are_compared),
		cmocka_unit_test(no_schedule_is_one_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
