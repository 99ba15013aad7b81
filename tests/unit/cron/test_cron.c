/* SPDX-License-Identifier: MIT */
/* Schedules: what is read, what is refused, at which byte and in which words, and which spellings
 * are equal. What is valid is also compared with croniter, by cron_oracle.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FIELDS "minute, hour, day of month, month, day of week"

static void fields_become_sets(void **state)
{
	const struct cron cron = cron_fixture_parse("0,30-32 */8 1,15 jan-mar/2 Mon,5-7");

	(void)state;
	assert_int_equal(cron.kind, CRON_STANDARD);
	assert_int_equal(cron.minutes, UINT64_C(1) | UINT64_C(7) << 30);
	assert_int_equal(cron.hours, 1 | 1 << 8 | 1 << 16);
	assert_int_equal(cron.days, 1 << 1 | 1 << 15);
	assert_int_equal(cron.months, 1 << 1 | 1 << 3);
	assert_int_equal(cron.weekdays, 1 << 0 | 1 << 1 | 1 << 5 | 1 << 6);
	assert_false(cron.star_day);
	assert_false(cron.star_weekday);
	assert_null(cron.extension);
}

static void whole_fields_leave_nothing_out(void **state)
{
	static const char *const expressions[] = {"* * * * *",
	                                          "*/1 */1 */1 */1 */1",
	                                          "0-59 0-23 1-31 1-12 0-7",
	                                          "0-59 0-23 1-31 jan-dec 1-7",
	                                          "00-59 000-0023 01-31 01-12 sun-sat",
	                                          "\t*  *\t \t* * *  "};

	(void)state;
	for (size_t i = 0; i < COUNT(expressions); i++) {
		const struct cron cron = cron_fixture_parse(expressions[i]);

		assert_int_equal(cron.kind, CRON_STANDARD);
		assert_int_equal(cron.minutes, UINT64_C(0xfffffffffffffff));
		assert_int_equal(cron.hours, 0xffffff);
		assert_int_equal(cron.days, UINT32_C(0xfffffffe));
		assert_int_equal(cron.months, 0x1ffe);
		assert_int_equal(cron.weekdays, 0x7f);
		assert_int_equal(cron.star_day, expressions[i][0] != '0');
	}
}

static void extensions_are_known(void **state)
{
	static const struct {
		const char *expression;
		enum cron_kind kind;
		const char *extension;
	} cases[] = {
		{"@hourly", CRON_ALIAS, "'@hourly'"},
		{"@DAILY ", CRON_ALIAS, "'@daily'"},
		{"@midnight", CRON_ALIAS, "'@midnight'"},
		{"@every_minute", CRON_ALIAS, "'@every_minute'"},
		{"@every_second", CRON_OPAQUE, "'@every_second'"},
		{"@reboot", CRON_OPAQUE, "'@reboot'"},
		{"@every 1h30m", CRON_OPAQUE, "'@every'"},
		{"0 6 ? * mon", CRON_ALIAS, "'?'"},
		{"0 6 1 * ?", CRON_ALIAS, "'?'"},
		{"5/10 * * * *", CRON_ALIAS, "a step after a single value"},
		{"0 6 * * fri-sun", CRON_ALIAS, "a range up to Sunday as 0"},
		{"0 6 * * 5-0/2", CRON_ALIAS, "a range up to Sunday as 0"},
		{"0 6 L * *", CRON_OPAQUE, "'L'"},
		{"0 6 L-3 * *", CRON_OPAQUE, "'L'"},
		{"0 6 LW * *", CRON_OPAQUE, "'LW'"},
		{"0 6 1,15w * *", CRON_OPAQUE, "'W'"},
		{"0 6 ? * friL", CRON_OPAQUE, "'L'"},
		{"0 6 * * 5L", CRON_OPAQUE, "'L'"},
		{"0 6 * * mon#1,3#2", CRON_OPAQUE, "'#'"},
		{"0 6 * * mon-fri#1", CRON_OPAQUE, "'#'"},
		{"H 6 * * *", CRON_OPAQUE, "'H'"},
		{"h(0-29)/10 h/3 * * *", CRON_OPAQUE, "'H'"},
		{"R 6 * * *", CRON_OPAQUE, "'R'"},
		{"6~15 ~ * * *", CRON_OPAQUE, "'~'"},
		{"0 0 6 * * *", CRON_OPAQUE, "six fields"},
		{"0 6 * * mon *", CRON_OPAQUE, "six fields"},
		{"*/90 0 6 ? * MON-FRI", CRON_OPAQUE, "six fields"},
		{"0 6 * * mon 30", CRON_OPAQUE, "six fields"},
		{"0 0 6 ? * 2#1 2027-2030", CRON_OPAQUE, "seven fields"},
		{"0 0 6 LW * ? 2027", CRON_OPAQUE, "seven fields"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct cron cron = cron_fixture_parse(cases[i].expression);
		int64_t next = 0;

		assert_int_equal(cron.kind, cases[i].kind);
		assert_string_equal(cron.extension, cases[i].extension);
		assert_int_equal(cron_next(&cron, 0, &next), cases[i].kind == CRON_ALIAS);
		if (cases[i].kind == CRON_OPAQUE)
			assert_true(cron.minutes == 0 && cron.hours == 0 && cron.days == 0 &&
			            cron.months == 0 && cron.weekdays == 0);
	}
}

static void nicknames_are_their_five_fields(void **state)
{
	static const char *const pairs[][2] = {
		{"@hourly", "0 * * * *"},        {"@daily", "0 0 * * *"},
		{"@midnight", "0 0 * * *"},      {"@weekly", "0 0 * * 0"},
		{"@monthly", "0 0 1 * *"},       {"@yearly", "0 0 1 1 *"},
		{"@annually", "0 0 1 jan *"},    {"@every_minute", "* * * * *"},
		{"0 6 ? * 1", "0 6 * * mon"},    {"5/20 * * * *", "5,25,45 * * * *"},
		{"0 6 * * sat-0", "0 6 * * 6,7"}};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		assert_true(cron_same(pairs[i][0], pairs[i][1]));
}

static void faults_name_the_place(void **state)
{
	static const struct {
		const char *expression;
		size_t offset;
		size_t width;
		const char *text;
	} cases[] = {
		/* How many fields. */
		{"", 0, 1, "empty; for no schedule write false, without quotes"},
		{" \t ", 0, 1, "empty; for no schedule write false, without quotes"},
		{"0", 0, 1, "1 field where 5 are needed: " FIELDS},
		{" 0  6 ", 5, 1, "2 fields where 5 are needed: " FIELDS},
		{"0 6 * *", 7, 1, "4 fields where 5 are needed: " FIELDS},
		{"0 6 * * * root", 10, 4,
	         "'root' after the five fields is a user: write '0 6 * * *'"},
		{"0 6 * * * 60", 10, 2, "6 fields where 5 are needed: " FIELDS},
		{"0 0 6 * * ? 2500", 10, 6, "7 fields where 5 are needed: " FIELDS},
		{"1 2 3 4 5 6 7 8", 10, 5, "8 fields where 5 are needed: " FIELDS},
		/* Words. */
		{"never", 0, 5, "'never' is not a schedule; for none write false, without quotes"},
		{" False", 1, 5, "'false' is not a schedule; for none write false, without quotes"},
		{"Daily", 0, 5, "'daily' is not a schedule; did you mean '@daily'?"},
		{"@dayly", 0, 6, "'@dayly' is unknown; did you mean '@daily'?"},
		{"@sometimes", 0, 10, "'@sometimes' is unknown"},
		{"@daily 6", 7, 1, "'6' after '@daily', which stands alone"},
		{"@every", 0, 6, "'@every' needs one span of time; did you mean '@every 1h'?"},
		{"@every 1 h", 7, 3, "'@every' takes one word; write '0 * * * *'"},
		{"@every 90 m", 7, 4, "'@every' takes one word; the nearest is '0 * * * *'"},
		{"@every now", 7, 3, "'now' is no span of time; did you mean '1h30m'?"},
		{"@every 0s", 7, 2, "'0s' is no span of time; did you mean '1h30m'?"},
		{"TZ=UTC 0 6 * * *", 0, 6,
	         "'TZ=' sets a time zone; every schedule is in UTC: write '0 6 * * *'"},
		{"CRON_TZ=Asia/Tokyo 0 6 * * *", 0, 18,
	         "'CRON_TZ=' sets a time zone; every schedule is in UTC: leave it out and write "
	         "the hours in UTC"},
		/* Ranges of values. */
		{"60 * * * *", 0, 2, "minute 60 is outside 0-59"},
		{"0 25 * * *", 2, 2, "hour 25 is outside 0-23"},
		{"0 6 0 * *", 4, 1, "day of month 0 is outside 1-31"},
		{"0 6 32 * *", 4, 2, "day of month 32 is outside 1-31"},
		{"0 6 1 0 *", 6, 1, "month 0 is outside 1-12"},
		{"0 6 1 13 *", 6, 2, "month 13 is outside 1-12"},
		{"0 6 * * 8", 8, 1, "day of week 8 is outside 0-7"},
		{"0 6,9-24 * * *", 6, 2, "hour 24 is outside 0-23"},
		{"99999999999999999999 * * * *", 0, 20,
	         "minute 99999999999999999999 is outside 0-59"},
		{"4294967296 * * * *", 0, 10, "minute 4294967296 is outside 0-59"},
		/* Names. */
		{"0 6 * * mom", 8, 3, "'mom' is not a day of the week; did you mean 'mon'?"},
		{"0 6 * * Monday", 8, 6, "'Monday' is not a day of the week; did you mean 'mon'?"},
		{"0 6 * * mon-wendsday", 12, 8,
	         "'wendsday' is not a day of the week; did you mean 'wed'?"},
		{"0 6 * * xyz", 8, 3, "'xyz' is not a day of the week: 0-7 or sun-sat"},
		{"0 6 * sept *", 6, 4, "'sept' is not a month; did you mean 'sep'?"},
		{"0 6 * foo *", 6, 3, "'foo' is not a month: 1-12 or jan-dec"},
		{"0 6 * mon *", 6, 3, "'mon' is a day of the week, not a month"},
		{"0 6 * * jan,mon", 8, 3, "'jan' is a month, not a day of the week"},
		{"0 mon * * *", 2, 3, "hour 'mon' is not a number"},
		{"6:00 * * * *", 0, 4, "minute '6:00' is not a number"},
		{"0 6 * * 1x", 8, 2, "'1x' is not a day of the week: 0-7 or sun-sat"},
		{"0 6 * * mon#6", 8, 5, "'mon#6' is not a day of the week: 0-7 or sun-sat"},
		{"0 6 32W * *", 4, 3, "day of month '32W' is not a number"},
		{"'0 6 * * *'", 0, 2, "minute ''0' is not a number"},
		/* Shapes. */
		{"0 22-6 * * *", 2, 4,
	         "hour range '22-6' runs backwards; did you mean '22-23,0-6'?"},
		{"0 23-1 * * *", 2, 4, "hour range '23-1' runs backwards; did you mean '23,0-1'?"},
		{"0 22-0 * * *", 2, 4, "hour range '22-0' runs backwards; did you mean '22-23,0'?"},
		{"0 22-6/2 * * *", 2, 6,
	         "hour range '22-6/2' runs backwards; did you mean '22,0-6/2'?"},
		{"0 6 * * fri-mon", 8, 7,
	         "day of week range 'fri-mon' runs backwards; did you mean 'fri-sat,sun-mon'?"},
		{"0 6 * * 7-3", 8, 3,
	         "day of week range '7-3' runs backwards; did you mean '0-3'?"},
		{"0 6 * nov-feb *", 6, 7,
	         "month range 'nov-feb' runs backwards; did you mean 'nov-dec,jan-feb'?"},
		{"-5 * * * *", 0, 2, "minute range '-5' has no start"},
		{"1,5- * * * *", 2, 2, "minute range '5-' has no end"},
		{"- * * * *", 0, 1, "minute range '-' has no start"},
		{"1-5-7 * * * *", 0, 5, "minute range '1-5-7' has more than one '-'"},
		{"*/0 * * * *", 2, 1, "minute: step 0; the least is 1"},
		{"*/ * * * *", 1, 1, "minute: no step after '/'"},
		{"* */x * * *", 4, 1, "hour: step 'x' is not a number"},
		{"*/5/2 * * * *", 2, 3, "minute: more than one '/'"},
		{"/5 * * * *", 0, 2, "minute '/5' has nothing before '/'; did you mean '*/5'?"},
		{"*5 * * * *", 1, 1, "minute: '5' after '*', where only '/' may follow"},
		{"*-5 * * * *", 1, 2, "minute: '-5' after '*', where only '/' may follow"},
		{"1,,2 * * * *", 2, 1, "minute: nothing before ','"},
		{",1 * * * *", 0, 1, "minute: nothing before ','"},
		{"0 6, * * *", 3, 1, "hour: nothing after ','"},
		{", * * * *", 0, 1, "minute: nothing before ','"},
		{"? * * * *", 0, 1,
	         "minute '?': may only stand alone, as day of month or day of week"},
		{"0 6 1,? * *", 6, 1,
	         "day of month '?': may only stand alone, as day of month or day of week"},
		/* An extension does not hide what is wrong beside it. */
		{"0 25 L * *", 2, 2, "hour 25 is outside 0-23"},
		{"0 6 L,32 * *", 6, 2, "day of month 32 is outside 1-31"},
		/* Bytes. */
		{"0 6 * * 1; token", 9, 1, "';' is never part of a schedule; is a quote missing?"},
		{"0 6 * * 1 a=b", 11, 1, "'=' is never part of a schedule; is a quote missing?"},
		{"0 6 * * \"mon\"", 8, 1, "'\"' is never part of a schedule; is a quote missing?"},
		{"0 6 * * \\1", 8, 1, "'\\' is never part of a schedule; is a quote missing?"},
		{"0 6\n* * *", 3, 1, "control byte 0x0a; fields are separated by spaces"},
		{"0 6 * * *\x7f", 9, 1, "control byte 0x7f; fields are separated by spaces"},
		{"0 6 * * 1\xe2\x80\x93"
	         "5",
	         9, 3, "U+2013 is not ASCII; did you mean '-'?"},
		{"0\xc2\xa0"
	         "6 * * *",
	         1, 2, "U+00A0 (no-break space) is not ASCII; write a space"},
		{"\xe2\x88\x97 * * * *", 0, 3, "U+2217 is not ASCII; did you mean '*'?"},
		{"0 6 * * \xc3\xa9", 8, 2, "U+00E9 is not ASCII"},
		{"0 6 * * \xf0\x9f\x95\x90", 8, 4, "U+1F550 is not ASCII"},
		{"0 6 * * \xff", 8, 1, "byte 0xff is not ASCII"},
		{"0 6 * * \xe2\x80", 8, 1, "byte 0xe2 is not ASCII"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cron cron = {.minutes = 42};
		struct cron_fault fault = {0};

		if (cron_parse(cases[i].expression, &cron, &fault))
			fail_msg("'%s' is accepted", cases[i].expression);
		assert_string_equal(fault.text, cases[i].text);
		if (fault.offset != cases[i].offset || fault.width != cases[i].width)
			fail_msg("'%s': %s: at %zu, %zu wide", cases[i].expression, fault.text,
			         fault.offset, fault.width);
		assert_int_equal(cron.minutes, 42);
		assert_false(cron_parse(cases[i].expression, &cron, NULL));
	}
}

static void length_has_a_limit(void **state)
{
	char expression[CRON_TEXT_MAX + 2];
	struct cron cron;
	struct cron_fault fault;

	(void)state;
	memset(expression, '0', sizeof(expression));
	memcpy(expression + CRON_TEXT_MAX - 8, " 6 * * *", 9);
	assert_true(cron_parse(expression, &cron, &fault));
	assert_int_equal(cron.minutes, 1);
	memcpy(expression + CRON_TEXT_MAX - 8, " 6 * * * ", 10);
	assert_false(cron_parse(expression, &cron, &fault));
	assert_string_equal(fault.text, "longer than 256 bytes");
	assert_int_equal(fault.offset, CRON_TEXT_MAX);
	assert_int_equal(fault.width, 1);

	/* A long word is quoted in part, and the sentence still ends. */
	memset(expression, 'x', 200);
	memcpy(expression + 200, " 6 * * *", 9);
	assert_false(cron_parse(expression, &cron, &fault));
	assert_string_equal(fault.text,
	                    "minute 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not a number");
	assert_int_equal(fault.width, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_become_sets),
		cmocka_unit_test(whole_fields_leave_nothing_out),
		cmocka_unit_test(extensions_are_known),
		cmocka_unit_test(nicknames_are_their_five_fields),
		cmocka_unit_test(faults_name_the_place),
		cmocka_unit_test(length_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
