/* SPDX-License-Identifier: MIT */
/* The picture of a week, to the letter for a fixed date, and its numbers by another way of
 * counting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "commands/command_next_internal.h"
#include "cron/cron.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MIDNIGHT INT64_C(1774656000) /* Sat 2026-03-28 00:00 UTC */
#define NOW      (MIDNIGHT + 14 * 3600)

static struct next_schedules schedules_of(struct next_schedule *items, const char *const *texts,
                                          size_t count)
{
	for (size_t i = 0; i < count; i++) {
		items[i] = (struct next_schedule){.expression = texts[i]};
		assert_true(cron_parse(texts[i], &items[i].cron, NULL));
	}
	return (struct next_schedules){.items = items, .count = count};
}

static void assert_week(const struct next_schedules *schedules, bool colour, const char *expected)
{
	const struct command_line options = {.colour = colour, .now_unix_s = NOW};
	struct text out = {0};

	next_add_week(schedules, &options, &out);
	assert_string_equal(out.bytes, expected);
	text_clear(&out);
}

static void week_is_drawn(void **state)
{
	static const char *const texts[] = {"0 6 * * *", "0 6 * * mon-fri", "*/15 9-17 * * mon-fri",
	                                    "30 23 29 3 *", "0 6 31 2 *"};
	struct next_schedule items[COUNT(texts)];
	struct next_schedules schedules = schedules_of(items, texts, COUNT(texts));

	(void)state;
	schedules.paused = 2;
	assert_week(
		&schedules, false,
		"starts in each hour, UTC, of seven days from Sat 2026-03-28: 193 in all\n"
		"       00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
		"Sat 28  .  .  .  .  .  .  1  .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  .\n"
		"Sun 29  .  .  .  .  .  .  1  .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  1\n"
		"Mon 30  .  .  .  .  .  .  2  .  .  4  4  4  4  4  4  4  4  4  .  .  .  .  .  .\n"
		"Tue 31  .  .  .  .  .  .  2  .  .  4  4  4  4  4  4  4  4  4  .  .  .  .  .  .\n"
		"Wed 01  .  .  .  .  .  .  2  .  .  4  4  4  4  4  4  4  4  4  .  .  .  .  .  .\n"
		"Thu 02  .  .  .  .  .  .  2  .  .  4  4  4  4  4  4  4  4  4  .  .  .  .  .  .\n"
		"Fri 03  .  .  .  .  .  .  2  .  .  4  4  4  4  4  4  4  4  4  .  .  .  .  .  .\n"
		"busiest minutes:\n"
		"06:00       2 start on Mon 30 and 4 other days\n"
		"09:00       1 starts on Mon 30 and 4 other days\n"
		"09:15       1 starts on Mon 30 and 4 other days\n"
		"09:30       1 starts on Mon 30 and 4 other days\n"
		"09:45       1 starts on Mon 30 and 4 other days\n"
		"left out: 2 paused\n");
}

static void a_single_schedule_has_its_heading(void **state)
{
	static const char *const texts[] = {"0 6 29 3 *"};
	struct next_schedule items[1];
	struct next_schedules schedules = schedules_of(items, texts, 1);
	const struct command_line options = {.now_unix_s = NOW};
	struct text out = {0};

	(void)state;
	schedules.is_single = true;
	next_add_week(&schedules, &options, &out);
	assert_ptr_equal(strstr(out.bytes, "at 06:00, on day 29 of March\nstarts in each hour"),
	                 out.bytes);
	assert_non_null(strstr(out.bytes, "\nbusiest minutes:\n06:00       1 starts on Sun 29\n"));
	text_clear(&out);
}

static void nothing_is_drawn_empty(void **state)
{
	const struct next_schedules schedules = {.without = 3};
	const struct command_line options = {.now_unix_s = NOW};
	struct text out = {0};

	(void)state;
	next_add_week(&schedules, &options, &out);
	assert_null(strstr(out.bytes, "busiest"));
	assert_non_null(strstr(out.bytes, ": 0 in all\n"));
	assert_non_null(strstr(out.bytes, "\nleft out: 3 without a schedule\n"));
	text_clear(&out);
}

/* A cell is as wide in colour; only what is not zero has one. */
static void colour_adds_no_width(void **state)
{
	static const char *const texts[] = {"0 6 * * *", "*/20 7 * * *"};
	struct next_schedule items[COUNT(texts)];
	const struct next_schedules schedules = schedules_of(items, texts, COUNT(texts));
	const struct command_line plain = {.now_unix_s = NOW};
	const struct command_line coloured = {.now_unix_s = NOW, .colour = true};
	struct text expected = {0};
	struct text out = {0};
	struct text stripped = {0};

	(void)state;
	next_add_week(&schedules, &plain, &expected);
	next_add_week(&schedules, &coloured, &out);
	assert_non_null(strstr(out.bytes,
	                       " .\x1b[48;5;157;38;5;16m  1\x1b[0m\x1b[48;5;28;38;5;231m  3\x1b"
	                       "[0m  .  ."));
	for (const char *at = out.bytes; *at != '\0'; at++) {
		if (*at == '\x1b')
			at = strchr(at, 'm');
		else
			text_add_char(&stripped, *at);
	}
	assert_string_equal(stripped.bytes, expected.bytes);
	text_clear(&expected);
	text_clear(&out);
	text_clear(&stripped);
}

/* Many schedules that run every minute, up to the most that the text can show. */
static void every_line_fits_80_columns(void **state)
{
	static const size_t counts[] = {1, 2, 20, 200, 2000, 20000};
	static const char *const units[] = {NULL,
	                                    "tens",
	                                    "hundreds",
	                                    "thousands",
	                                    "tens of thousands",
	                                    "hundreds of thousands"};
	struct next_schedule *items = calloc(20000, sizeof(items[0]));

	(void)state;
	assert_non_null(items);
	for (size_t i = 0; i < 20000; i++)
		assert_true(cron_parse("* * * * *", &items[i].cron, NULL));
	for (size_t i = 0; i < COUNT(counts); i++) {
		const struct next_schedules schedules = {.items = items, .count = counts[i]};
		const struct command_line options = {.now_unix_s = NOW};
		struct text out = {0};

		next_add_week(&schedules, &options, &out);
		if (units[i] == NULL)
			assert_null(strstr(out.bytes, "numbers are in"));
		else
			assert_non_null(strstr(out.bytes, units[i]));
		for (const char *at = out.bytes; *at != '\0'; at += strcspn(at, "\n") + 1)
			assert_true(strcspn(at, "\n") <= 80);
		text_clear(&out);
	}
	free(items);
}

/* Run by run, as cron_next() has them. */
static void counts_are_those_of_the_runs(void **state)
{
	static const char *const texts[] = {"*/7 */5 * * *", "0 6 31 * fri", "0 0 */2 * mon",
	                                    "59 23 * * 0",   "* 12 1 4 *",   "1-9/4 3,4 29 3 *"};
	struct next_schedule items[COUNT(texts)];
	const struct next_schedules schedules = schedules_of(items, texts, COUNT(texts));
	uint32_t *starts = next_count_starts(&schedules, MIDNIGHT);

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		int64_t at = MIDNIGHT - 1;

		while (cron_next(&items[i].cron, at, &at) && at < MIDNIGHT + 7 * 86400)
			starts[(at - MIDNIGHT) / 60]--;
	}
	for (size_t i = 0; i < NEXT_WEEK_MINUTES; i++)
		assert_int_equal(starts[i], 0);
	free(starts);
}

static void busiest_are_minutes_of_the_day(void **state)
{
	uint32_t *starts = calloc(NEXT_WEEK_MINUTES, sizeof(starts[0]));
	struct next_busy busiest[NEXT_BUSIEST_MAX];

	(void)state;
	assert_non_null(starts);
	starts[3 * 1440 + 100] = 5;
	starts[6 * 1440 + 100] = 5;
	starts[1 * 1440 + 100] = 4;
	starts[0 * 1440 + 1439] = 7;
	starts[2 * 1440] = 5;
	next_find_busiest(starts, busiest);
	assert_int_equal(busiest[0].minute, 1439);
	assert_int_equal(busiest[0].starts, 7);
	assert_int_equal(busiest[0].day, 0);
	assert_int_equal(busiest[0].days, 1);
	assert_int_equal(busiest[1].minute, 0);
	assert_int_equal(busiest[1].day, 2);
	assert_int_equal(busiest[2].minute, 100);
	assert_int_equal(busiest[2].starts, 5);
	assert_int_equal(busiest[2].day, 3);
	assert_int_equal(busiest[2].days, 2);
	assert_int_equal(busiest[3].starts, 0);
	free(starts);
}

/* The same week as a document: from midnight on, the last minute of an hour counts. */
static void a_document_has_the_same_days(void **state)
{
	static const char *const texts[] = {"59 5 * * *", "0 6 28 3 *", "0 0 29 3 *"};
	struct next_schedule items[COUNT(texts)];
	struct next_schedules schedules = schedules_of(items, texts, COUNT(texts));
	const struct command_line options = {.now_unix_s = NOW, .week = true, .json = true};
	struct text out = {0};

	(void)state;
	next_add_json(&schedules, &options, &out);
	assert_non_null(strstr(out.bytes, "\"days\":[\n"
	                                  "{\"from\":\"2026-03-28T00:00:00Z\",\"starts\":"
	                                  "[0,0,0,0,0,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},\n"
	                                  "{\"from\":\"2026-03-29T00:00:00Z\",\"starts\":"
	                                  "[1,0,0,0,0,1,0,0,"));
	assert_non_null(strstr(out.bytes, "\"busiest\":[\n"
	                                  "{\"at\":\"2026-03-29T00:00:00Z\",\"starts\":1,"
	                                  "\"days\":1},\n"
	                                  "{\"at\":\"2026-03-28T05:59:00Z\",\"starts\":1,"
	                                  "\"days\":7},\n"
	                                  "{\"at\":\"2026-03-28T06:00:00Z\",\"starts\":1,"
	                                  "\"days\":1}]"));
	text_clear(&out);
}

/* The fewest and the most of an hour have shades of their own. */
static void shades_tell_few_from_many(void **state)
{
	static const char *const texts[] = {"0 5 * * *", "*/4 6 * * *"};
	struct next_schedule items[COUNT(texts)];
	struct next_schedules schedules = schedules_of(items, texts, COUNT(texts));
	const struct command_line options = {.now_unix_s = NOW, .colour = true};
	struct text out = {0};

	(void)state;
	next_add_week(&schedules, &options, &out);
	assert_non_null(strstr(out.bytes, "\x1b[48;5;194;38;5;16m  1\x1b[0m"));
	assert_non_null(strstr(out.bytes, "\x1b[48;5;28;38;5;231m 15\x1b[0m"));
	text_clear(&out);
}

/* Above 99 the numbers have a unit, and are rounded up in either form. */
static void large_numbers_are_rounded_up(void **state)
{
	struct next_schedule *items = mem_alloc(101, sizeof(*items));
	struct next_schedules schedules = {.items = items, .count = 101};
	struct text out = {0};

	(void)state;
	for (size_t i = 0; i < 101; i++) {
		items[i].expression = "0 6 * * *";
		assert_true(cron_parse(items[i].expression, &items[i].cron, NULL));
	}
	for (int colour = 0; colour <= 1; colour++) {
		const struct command_line options = {.now_unix_s = NOW, .colour = colour == 1};

		text_truncate(&out, 0);
		next_add_week(&schedules, &options, &out);
		assert_non_null(strstr(out.bytes, "numbers are in tens, rounded up\n"));
		assert_non_null(strstr(out.bytes, colour == 1 ? "m 11\x1b[0m" : "  . 11  ."));
	}
	text_clear(&out);
	free(items);
}

/* After the year 9999 nothing is looked for. */
static void the_last_run_has_none_after_it(void **state)
{
	static const char *const texts[] = {"59 23 31 12 *", "* * * * *", "0 6 31 2 *"};
	struct next_schedule items[COUNT(texts)];
	struct next_schedules schedules = schedules_of(items, texts, COUNT(texts));
	int64_t last_unix_s = INT64_C(253402300740); /* 9999-12-31 23:59 */
	struct next_runs runs;

	(void)state;
	schedules.is_single = true;
	schedules.limit = 9;
	runs = next_find_runs(&schedules, last_unix_s - 60);
	assert_int_equal(runs.count, 4); /* the next one of each is found from within it */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(runs.items[i].at_unix_s, last_unix_s);
		assert_ptr_equal(runs.items[i].schedule, &items[i]);
	}
	free(runs.items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(week_is_drawn),
		cmocka_unit_test(a_single_schedule_has_its_heading),
		cmocka_unit_test(nothing_is_drawn_empty),
		cmocka_unit_test(colour_adds_no_width),
		cmocka_unit_test(every_line_fits_80_columns),
		cmocka_unit_test(counts_are_those_of_the_runs),
		cmocka_unit_test(busiest_are_minutes_of_the_day),
		cmocka_unit_test(shades_tell_few_from_many),
		cmocka_unit_test(large_numbers_are_rounded_up),
		cmocka_unit_test(a_document_has_the_same_days),
		cmocka_unit_test(the_last_run_has_none_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
