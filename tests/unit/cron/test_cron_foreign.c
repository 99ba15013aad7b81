/* SPDX-License-Identifier: MIT */
/* What was written for another program: what it is, where, and what to write instead, which must
 * itself be an expression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <string.h>

#include "cron/cron.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FIELDS "minute, hour, day of month, month, day of week"

static void assert_fault(const char *expression, size_t offset, size_t width, const char *text)
{
	struct cron cron;
	struct cron_fault fault = {0};
	char remedy[2 * CRON_TEXT_MAX];

	if (cron_parse(expression, &cron, &fault))
		fail_msg("'%s' is accepted", expression);
	cron_fixture_assert_fault(expression, &fault, text, offset, width);
	if (cron_fixture_remedy(expression, &fault, remedy))
		(void)cron_fixture_parse(remedy);
}

static void blanks_inside_fields_are_named(void **state)
{
	(void)state;
	assert_fault("0 6 * * 1, 3, 5", 8, 7,
	             "day of week '1, 3, 5' has a blank inside; did you mean '1,3,5'?");
	assert_fault("0 6 * * 1 - 5", 8, 5,
	             "day of week '1 - 5' has a blank inside; did you mean '1-5'?");
	assert_fault("*/ 5 * * * *", 0, 4, "minute '*/ 5' has a blank inside; did you mean '*/5'?");
	assert_fault(
		"0, 30 6 * * 1 ,5", 0, 16,
		"minute '0, 30 6 * * 1 ,5' has a blank inside; did you mean '0,30 6 * * 1,5'?");
	assert_fault("0 6 * * mon #2", 8, 6,
	             "day of week 'mon #2' has a blank inside; did you mean 'mon#2'?");
	assert_fault("0 6 / * * *", 4, 1, "'/' stands alone; a field has no blanks inside");
	assert_fault(", , , , , ,", 0, 1, "',' stands alone; a field has no blanks inside");
	assert_fault("( ) ( ) ( )", 0, 1, "'(' stands alone; a field has no blanks inside");
	assert_fault("0 25 * * 1, 3", 12, 1, "6 fields where 5 are needed: " FIELDS);
}

/* The lines of a crontab have more than a schedule. */
static void what_follows_is_named(void **state)
{
	(void)state;
	assert_fault("0 6 * * * root", 10, 4,
	             "'root' after the five fields is a user: write '0 6 * * *'");
	assert_fault("0 6 * * * root /usr/bin/true", 10, 18,
	             "'root /usr/bin/true' after the five fields is a user or a command: write "
	             "'0 6 * * *'");
	assert_fault(" 0  6 * * mon /usr/bin/true -x", 14, 16,
	             "'/usr/bin/true -x' after the five fields is a command: write '0  6 * * mon'");
	assert_fault("0 6 * * * ./refresh", 10, 9,
	             "'./refresh' after the five fields is a command: write '0 6 * * *'");
	assert_fault("0 6 * * 1 #", 10, 1,
	             "'#' after the five fields is a comment: write '0 6 * * 1'");
	assert_fault("0 6 * * 1 # finance", 10, 9,
	             "'# finance' after the five fields is a comment: write '0 6 * * 1'");
	assert_fault("0 25 * * * root", 11, 4, "6 fields where 5 are needed: " FIELDS);
	assert_fault("0 6 * * * 60", 10, 2, "6 fields where 5 are needed: " FIELDS);
}

static void time_zones_are_named(void **state)
{
	(void)state;
	assert_fault("CRON_TZ=UTC 0 6 * * *", 0, 11,
	             "'CRON_TZ=' sets a time zone; every schedule is in UTC: write '0 6 * * *'");
	assert_fault("TZ=Etc/UTC 0 6 * * *", 0, 10,
	             "'TZ=' sets a time zone; every schedule is in UTC: write '0 6 * * *'");
	assert_fault("TZ=Asia/Tokyo 0 6 * * *", 0, 13,
	             "'TZ=' sets a time zone; every schedule is in UTC: leave it out and write the "
	             "hours in UTC");
	assert_fault("TZ=UTC 0 25 * * *", 0, 6,
	             "'TZ=' sets a time zone; every schedule is in UTC: leave it out and write the "
	             "hours in UTC");
	assert_fault("0 6 * * * UTC", 10, 3,
	             "'UTC' after the five fields is a time zone: write '0 6 * * *'");
	assert_fault("0 6 * * * Europe/Berlin", 10, 13,
	             "'Europe/Berlin' is a time zone; every schedule is in UTC: leave it out and "
	             "write the hours in UTC");
	assert_fault("0 6 * * * cet", 10, 3,
	             "'cet' is a time zone; every schedule is in UTC: leave it out and write the "
	             "hours in UTC");
	assert_fault("0 6 * * * UTC+2", 10, 5,
	             "'UTC+2' is a time zone; every schedule is in UTC: leave it out and write the "
	             "hours in UTC");
	assert_fault("0 6 * * * Europe/Berlin root x", 10, 13,
	             "'Europe/Berlin' is a time zone; every schedule is in UTC: leave it out and "
	             "write the hours in UTC");
	assert_fault("0 6 * * * UTC root /bin/true", 10, 18,
	             "'UTC root /bin/true' after the five fields is no part of them: write "
	             "'0 6 * * *'");
	assert_fault("0 6 * * * etc/refresh.sh", 10, 14,
	             "'etc/refresh.sh' after the five fields is a command: write '0 6 * * *'");
	assert_fault("0 25 * * * CET", 11, 3, "6 fields where 5 are needed: " FIELDS);
	assert_fault("TZ=UTC;x 0 6 * * *", 6, 1,
	             "';' is never part of a schedule; is a quote missing?");
}

/* Who writes "0 6 * * *" instead would run it at another hour. */
static void what_may_be_a_time_zone_is_not_left_out(void **state)
{
	static const char *const names[] = {"BRST", "EST5EDT", "UTC2", "Japan", "GB", "BRST root"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char schedule[40];
		char sentence[200];
		int length = (int)strcspn(names[i], " ");

		(void)snprintf(schedule, sizeof(schedule), "0 6 * * * %s", names[i]);
		(void)snprintf(sentence, sizeof(sentence),
		               "'%.*s' is a user or a time zone; a schedule is five fields alone, "
		               "with the hours in UTC",
		               length, names[i]);
		assert_fault(schedule, 10, (size_t)length, sentence);
	}
}

static void notations_of_aws_are_named(void **state)
{
#define NO_TEXT \
	"cron(...) is AWS's notation: write five fields alone, without a year, with 0 for Sunday"
	(void)state;
	assert_fault("cron(0 6 * * ? *)", 0, 17, "cron(...) is AWS's notation: write '0 6 * * *'");
	assert_fault("cron(0/15 6 ? * 2-6 *)", 0, 22,
	             "cron(...) is AWS's notation: write '0/15 6 * * 1-5'");
	assert_fault(" CRON(0 6 ? * MON,FRI *)", 1, 23,
	             "cron(...) is AWS's notation: write '0 6 * * MON,FRI'");
	assert_fault("cron(0 6 L * ? *)", 0, 17, "cron(...) is AWS's notation: write '0 6 L * *'");
	assert_fault("cron(0 6 * * ? 2027)", 0, 20, NO_TEXT);
	assert_fault("cron(0 6 ? * 2#1 *)", 0, 19, NO_TEXT);
	assert_fault("cron(0 6 ? * 0 *)", 0, 17, NO_TEXT);
	assert_fault("cron(0 6 ? * 2-6/2 *)", 0, 21, NO_TEXT);
	assert_fault("cron(0 6 * * ? *]", 0, 17, NO_TEXT);
	assert_fault("cron(0 25 * * ? *)", 0, 18, NO_TEXT);
	assert_fault("cron(", 0, 5, NO_TEXT);
	assert_fault("cron()", 0, 6, NO_TEXT);
	assert_fault("rate(1 hour)", 0, 12, "rate(...) is AWS's notation: write '0 * * * *'");
	assert_fault("rate(7 days)", 0, 12, "rate(...) is AWS's notation: write '0 0 * * 0'");
	assert_fault("rate(90 minutes)", 0, 16,
	             "rate(...) is AWS's notation, and no cron has this interval; the nearest is "
	             "'0 * * * *'");
	assert_fault("rate()", 0, 6, "rate(...) is AWS's notation: write five fields: " FIELDS);
#undef NO_TEXT
}

static void english_is_named(void **state)
{
	(void)state;
	assert_fault("every 5 minutes", 0, 15, "a schedule in words: write '*/5 * * * *'");
	assert_fault("daily at 6:30 pm", 0, 16, "a schedule in words: write '30 18 * * *'");
	assert_fault("every 7 minutes", 0, 15,
	             "a schedule in words, and no cron has this interval; the nearest is "
	             "'*/6 * * * *'");
	assert_fault("every now and then", 0, 18,
	             "a schedule in words: write five fields: " FIELDS);
	assert_fault("06:00 UTC", 0, 9, "a schedule in words: write '0 6 * * *'");
	assert_fault("06:00 CET", 0, 9,
	             "a schedule in words: write five fields, with the hours in UTC: " FIELDS);
	assert_fault("at 1800 UTC", 0, 11, "a schedule in words: write five fields: " FIELDS);
	assert_fault("at 6.30", 0, 7, "a schedule in words: write five fields: " FIELDS);
	assert_fault("daily 1800", 0, 10, "a schedule in words: write five fields: " FIELDS);
	assert_fault("daily UTC", 0, 9, "a schedule in words: write '0 0 * * *'");
	assert_fault("hourly CET", 0, 10,
	             "a schedule in words: write five fields, with the hours in UTC: " FIELDS);
	assert_fault("every", 0, 5, "a schedule in words: write five fields: " FIELDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_inside_fields_are_named),
		cmocka_unit_test(what_follows_is_named),
		cmocka_unit_test(time_zones_are_named),
		cmocka_unit_test(what_may_be_a_time_zone_is_not_left_out),
		cmocka_unit_test(notations_of_aws_are_named),
		cmocka_unit_test(english_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
