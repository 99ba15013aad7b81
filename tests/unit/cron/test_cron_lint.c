/* SPDX-License-Identifier: MIT */
/* What is odd about a schedule, and the sentences that say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cron/cron_describe.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void oddities_are_flagged(void **state)
{
	static const struct {
		const char *expression;
		unsigned flags;
	} cases[] = {
		{"0 6 * * mon-fri", 0},
		{"*/2 * * * *", 0},
		{"0 0 29 2 *", 0},
		{"0 0 31 2 *", CRON_NEVER},
		{"0 0 31 2 mon", CRON_BOTH_DAYS},
		{"* * * * *", CRON_EVERY_MINUTE},
		{"* 6 * * *", CRON_EVERY_MINUTE},
		{"0-59 6 * * *", CRON_EVERY_MINUTE},
		{"@every_minute", CRON_EVERY_MINUTE | CRON_EXTENSION},
		{"0 6 1 * mon", CRON_BOTH_DAYS},
		{"0 6 */1 * mon", CRON_DAYS_UNCLEAR},
		{"0 6 1 * */1", CRON_DAYS_UNCLEAR},
		{"0 6 */1 * *", 0},
		{"0 6 */1 * */1", 0},
		{"* * 31 2 *", CRON_NEVER},
		{"*/60 * 31 2 *", CRON_NEVER},
		{"* * 31 2 ?", CRON_NEVER | CRON_EXTENSION},
		{"* * 31 4 */2", CRON_NEVER | CRON_DAYS_UNCLEAR},
		{"0 6 * * 0-6", 0},
		{"0 6 1-31 * 0-6", 0},
		{"0 6 1-31 * *", 0},
		{"0 6 ? * mon", CRON_EXTENSION},
		{"0 6 */2 * mon", CRON_DAYS_UNCLEAR},
		{"0 6 1 * */2", CRON_DAYS_UNCLEAR},
		{"0 6 */2 * *", 0},
		{"0 6 1-31 * mon", CRON_DAYS_UNCLEAR},
		{"0 6 1 * 0-6", CRON_DAYS_UNCLEAR},
		{"0 6 5,* * mon", CRON_DAYS_UNCLEAR},
		{"*/60 * * * *", CRON_WIDE_STEP},
		{"*/59 * * * *", 0},
		{"0 5-7/3 * * *", CRON_WIDE_STEP},
		{"0 6 * * */7", CRON_WIDE_STEP},
		{"50/20 * * * *", CRON_WIDE_STEP | CRON_EXTENSION},
		{"0 6 L * *", CRON_EXTENSION},
		{"* * * * * *", CRON_EXTENSION},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cron cron = cron_fixture_parse(cases[i].expression);

		if (cron_lint(&cron) != cases[i].flags)
			fail_msg("'%s': %#x, not %#x", cases[i].expression, cron_lint(&cron),
			         cases[i].flags);
	}
}

static void flags_have_sentences(void **state)
{
	static const struct {
		const char *expression;
		enum cron_lint flag;
		const char *words;
	} cases[] = {
		{"0 0 31 2 *", CRON_NEVER, "never runs: there is no day 31 in February"},
		{"0 0 31 2,4,6 *", CRON_NEVER,
	         "never runs: there is no day 31 in February, April and June"},
		{"0 0 30,31 2 *", CRON_NEVER,
	         "never runs: there are no days 30 and 31 in February"},
		{"* * * * *", CRON_EVERY_MINUTE, "runs every minute"},
		{"* 6 * * *", CRON_EVERY_MINUTE,
	         "runs every minute of the hours it names; to run once in each, begin with '0'"},
		{"0 6 1 * mon", CRON_BOTH_DAYS,
	         "restricts both day of month and day of week: runs when either fits"},
		{"0 6 */2 * mon", CRON_DAYS_UNCLEAR,
	         "restricts day of month and day of week in a way that schedulers read "
	         "differently: "
	         "some run when both fit, others when either fits"},
		{"0 6 1-31 * mon", CRON_DAYS_UNCLEAR,
	         "restricts day of month and day of week in a way that schedulers read "
	         "differently: "
	         "some run when either fits, others when both fit; for any day of the month write "
	         "'*'"},
		{"0 6 1 * */1", CRON_DAYS_UNCLEAR,
	         "restricts day of month and day of week in a way that schedulers read "
	         "differently: "
	         "some run when both fit, others when either fits; for any day of the week write "
	         "'*'"},
		{"*/70 * * * *", CRON_WIDE_STEP,
	         "a step is larger than its range: only the first value is left"},
		{"@daily", CRON_EXTENSION,
	         "uses '@daily', which not every cron knows; sent as written"},
		{"@every 5m", CRON_EXTENSION,
	         "uses '@every', which not every cron knows; sent as written; every cron knows "
	         "'*/5 * * * *'"},
		{"@every 1h30m", CRON_EXTENSION,
	         "uses '@every', which not every cron knows; sent as written; the nearest that "
	         "every cron knows is '0 * * * *'"},
		{"5/10 * * * *", CRON_EXTENSION,
	         "uses a step after a single value, which not every cron knows; sent as written"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cron cron = cron_fixture_parse(cases[i].expression);
		struct text out = {0};

		assert_true((cron_lint(&cron) & cases[i].flag) != 0);
		assert_int_equal(cron_lint_text(&cron, cases[i].flag, &out), 0);
		assert_string_equal(out.bytes, cases[i].words);
		text_clear(&out);
	}
}

static void flags_are_said_one_by_one(void **state)
{
	const struct cron cron = cron_fixture_parse("* */30 1 5/100 mon");
	unsigned all = cron_lint(&cron), flags = all;

	(void)state;
	while (flags != 0) {
		struct text out = {0};
		unsigned others = cron_lint_text(&cron, flags, &out);
		struct text alone = {0};

		assert_int_equal(others & ~flags, 0);
		assert_int_equal(__builtin_popcount(flags & ~others), 1);
		assert_int_equal(cron_lint_text(&cron, flags & ~others, &alone), 0);
		assert_string_equal(out.bytes, alone.bytes);
		text_clear(&alone);
		text_clear(&out);
		flags = others;
	}
	assert_int_equal(all, CRON_EVERY_MINUTE | CRON_BOTH_DAYS | CRON_WIDE_STEP | CRON_EXTENSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oddities_are_flagged),
		cmocka_unit_test(flags_have_sentences),
		cmocka_unit_test(flags_are_said_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
