/* SPDX-License-Identifier: MIT */
/* What other libraries hold of cron: expressions and the times at which they run, as their own test
 * suites state them. Facts only; how they are tested here is ours. Each time is the next run after
 * the one before it; a single time says that there is none. Where a library reads an expression in
 * another way than crontab(5), both answers are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cron/cron.h"
#include "support/cron_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TIMES_MAX    12

struct row {
	const char *expression;
	const char *times[TIMES_MAX];
};

/* NCrontab (.NET), its evaluations without seconds. */
static const struct row ncrontab[] = {
	{"* * * * *", {"2003-01-01 00:00", "2003-01-01 00:01"}},
	{"* * * * *", {"2003-01-01 00:59", "2003-01-01 01:00"}},
	{"* * * * *", {"2003-01-01 23:59", "2003-01-02 00:00"}},
	{"* * * * *", {"2003-12-31 23:59", "2004-01-01 00:00"}},
	{"* * * * *", {"2003-02-28 23:59", "2003-03-01 00:00"}},
	{"* * * * *", {"2004-02-28 23:59", "2004-02-29 00:00"}},
	{"45-47,48,49 * * * *",
         {"2003-01-01 00:00", "2003-01-01 00:45", "2003-01-01 00:46", "2003-01-01 00:47",
          "2003-01-01 00:48", "2003-01-01 00:49", "2003-01-01 01:45"}},
	{"2/5 * * * *", {"2003-01-01 00:00", "2003-01-01 00:02", "2003-01-01 00:07"}},
	{"2/5 * * * *",
         {"2003-01-01 00:50", "2003-01-01 00:52", "2003-01-01 00:57", "2003-01-01 01:02"}},
	{" * 3/4 * * *", {"2003-12-20 10:00", "2003-12-20 11:00"}},
	{"30 3   * * *", {"2003-12-20 01:45", "2003-12-20 03:30"}},
	{"30  *  1 * *", {"2003-01-07 00:00", "2003-02-01 00:30", "2003-02-01 01:30"}},
	{"10  * 22    * *", {"2003-01-01 00:00", "2003-01-22 00:10"}},
	{"30 23 19    * *", {"2003-01-01 00:00", "2003-01-19 23:30"}},
	{" *  * 30,31 * *", {"2003-07-10 00:00", "2003-07-30 00:00"}},
	{"* * * 3 *", {"2002-02-28 23:59", "2002-03-01 00:00"}},
	{"* * * 3 *", {"2004-02-29 23:59", "2004-03-01 00:00"}},
	{"* * * 5 *", {"2002-04-30 23:59", "2002-05-01 00:00"}},
	{"0 0 15,30,31 * *",
         {"2000-01-01 00:00", "2000-01-15 00:00", "2000-01-30 00:00", "2000-01-31 00:00",
          "2000-02-15 00:00", "2000-03-15 00:00", "2000-03-30 00:00", "2000-03-31 00:00",
          "2000-04-15 00:00", "2000-04-30 00:00", "2000-05-15 00:00"}},
	{"0 0 15,30,31 * *",
         {"2000-11-15 00:00", "2000-11-30 00:00", "2000-12-15 00:00", "2000-12-30 00:00",
          "2000-12-31 00:00", "2001-01-15 00:00"}},
	{"10 * * 6 *", {"2003-12-01 05:00", "2004-06-01 00:10"}},
	{" 1 2 3 * *", {"2003-01-04 00:00", "2003-02-03 02:01"}},
	{"0 12 1 6 *", {"2003-01-01 00:00", "2003-06-01 12:00"}},
	{"* 12 1 6 *", {"1988-09-11 14:23", "1989-06-01 12:00"}},
	{"* 2,4-8,15 * 6 *", {"1988-03-11 14:23", "1988-06-01 02:00"}},
	{"30 6 * * 0", {"2003-06-26 10:00", "2003-06-29 06:30"}},
	{"1 12 * * 2", {"2003-06-19 00:00", "2003-06-24 12:01", "2003-07-01 12:01"}},
	{"15 18 * * Mon",
         {"2003-06-01 14:55", "2003-06-02 18:15", "2003-06-09 18:15", "2003-06-16 18:15",
          "2003-06-23 18:15", "2003-06-30 18:15", "2003-07-07 18:15"}},
	{"* * * * Mon", {"2003-01-01 00:00", "2003-01-06 00:00"}},
	{"1 12 29 2 *",
         {"2000-01-01 12:00", "2000-02-29 12:01", "2004-02-29 12:01", "2008-02-29 12:01"}},
	{"1 12 28 2 *",
         {"2000-01-01 12:00", "2000-02-28 12:01", "2001-02-28 12:01", "2002-02-28 12:01",
          "2003-02-28 12:01", "2004-02-28 12:01", "2005-02-28 12:01"}},
	{"40 14/1 * * *", {"2000-01-01 12:00", "2000-01-01 14:40", "2000-01-01 15:40"}},
};

/* robfig/cron (Go), without its field of seconds. */
static const struct row robfig[] = {
	{"0/15 * * * *", {"2012-07-09 14:45", "2012-07-09 15:00"}},
	{"0/15 * * * *", {"2012-07-09 14:59", "2012-07-09 15:00"}},
	{"20-35/15 * * * *", {"2012-07-09 15:45", "2012-07-09 16:20"}},
	{"*/15 * * * *", {"2012-07-09 23:46", "2012-07-10 00:00"}},
	{"20-35/15 * * * *", {"2012-07-09 23:45", "2012-07-10 00:20"}},
	{"20-35/15 1/2 * * *", {"2012-07-09 23:35", "2012-07-10 01:20"}},
	{"20-35/15 10-12 * * *", {"2012-07-09 23:35", "2012-07-10 10:20"}},
	{"20-35/15 1/2 */2 * *", {"2012-07-09 23:35", "2012-07-11 01:20"}},
	{"20-35/15 * 9-20 * *", {"2012-07-09 23:35", "2012-07-10 00:20"}},
	{"20-35/15 * 9-20 Jul *", {"2012-07-09 23:35", "2012-07-10 00:20"}},
	{"0 0 9 Apr-Oct ?", {"2012-07-09 23:35", "2012-08-09 00:00"}},
	{"0 0 */5 Apr,Aug,Oct Mon", {"2012-07-09 23:35", "2012-08-06 00:00"}},
	{"0 0 */5 Oct Mon", {"2012-07-09 23:35", "2012-10-01 00:00"}},
	{"0 0 * Feb Mon", {"2012-07-09 23:35", "2013-02-04 00:00"}},
	{"0 0 * Feb Mon/2", {"2012-07-09 23:35", "2013-02-01 00:00"}},
	{"* * * * *", {"2012-12-31 23:59", "2013-01-01 00:00"}},
	{"0 0 29 Feb ?", {"2012-07-09 23:35", "2016-02-29 00:00"}},
	{"0 0 30 Feb ?", {"2012-07-09 23:35"}},
	{"0 0 31 Apr ?", {"2012-07-09 23:35"}},
	{"30 08 ? Jul Sun", {"2012-07-15 08:29", "2012-07-15 08:30"}},
	{"30 08 15 Jul ?", {"2012-07-15 08:29", "2012-07-15 08:30"}},
	{"30 08 15 Jul ?", {"2012-07-16 08:29", "2013-07-15 08:30"}},
	{"@hourly", {"2012-07-09 14:59", "2012-07-09 15:00"}},
	{"@daily", {"2012-07-08 23:59", "2012-07-09 00:00"}},
	{"@weekly", {"2012-07-07 23:59", "2012-07-08 00:00"}},
	{"@monthly", {"2012-06-30 23:59", "2012-07-01 00:00"}},
	{"* * 1,15 * Sun", {"2012-07-14 23:59", "2012-07-15 00:00"}},
	{"* * 1,15 * Sun", {"2012-06-14 23:59", "2012-06-15 00:00"}},
	{"* * 1,15 * Sun", {"2012-07-31 23:59", "2012-08-01 00:00"}},
	{"* * 1,15 * *", {"2012-07-14 23:59", "2012-07-15 00:00"}},
	{"* * */2 * Sun", {"2012-07-14 23:59", "2012-07-15 00:00"}},
};

/* The runs of crontab(5)'s own examples, by the calendar of 2026. */
static const struct row crontab[] = {
	{"5 0 * * *", {"2026-11-26 00:04", "2026-11-26 00:05", "2026-11-27 00:05"}},
	{"15 14 1 * *", {"2026-11-26 00:00", "2026-12-01 14:15", "2027-01-01 14:15"}},
	{"0 22 * * 1-5", {"2026-11-27 00:00", "2026-11-27 22:00", "2026-11-30 22:00"}},
	{"23 0-23/2 * * *", {"2026-11-26 21:00", "2026-11-26 22:23", "2026-11-27 00:23"}},
	{"5 4 * * sun", {"2026-11-26 00:00", "2026-11-29 04:05", "2026-12-06 04:05"}},
	{"30 4 1,15 * 5",
         {"2026-11-26 00:00", "2026-11-27 04:30", "2026-12-01 04:30", "2026-12-04 04:30"}},
};

static int64_t seconds(const char *time)
{
	struct tm date = {0};
	const char *end = strptime(time, "%Y-%m-%d %H:%M", &date);

	if (end == NULL || *end != '\0')
		fail_msg("'%s' is no time", time);
	return timegm(&date);
}

static void check_row(const struct row *row)
{
	const struct cron cron = cron_fixture_parse(row->expression);
	int64_t at = seconds(row->times[0]);

	if (row->times[1] == NULL && cron_next(&cron, at, &at))
		fail_msg("'%s' runs after %s, at %" PRId64, row->expression, row->times[0], at);
	for (size_t i = 1; row->times[i] != NULL; i++) {
		if (!cron_next(&cron, at, &at) || at != seconds(row->times[i]))
			fail_msg("'%s' does not run at %s, but at %" PRId64, row->expression,
			         row->times[i], at);
	}
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i]);
}

static void runs_are_those_of_ncrontab(void **state)
{
	(void)state;
	check_rows(ncrontab, COUNT(ncrontab));
}

static void runs_are_those_of_robfig(void **state)
{
	(void)state;
	check_rows(robfig, COUNT(robfig));
}

static void runs_are_those_of_crontab(void **state)
{
	(void)state;
	check_rows(crontab, COUNT(crontab));
}

/* NCrontab joins two restricted day fields by "and"; crontab(5), by "or". */
static void days_are_joined_as_crontab_does(void **state)
{
	static const struct row ours = {
		"45 16 1 * Mon", {"2003-01-01 12:00", "2003-01-01 16:45", "2003-01-06 16:45"}};
	static const char *const theirs = "2003-09-01 16:45"; /* the first Monday that is a 1st */
	const struct cron cron = cron_fixture_parse(ours.expression);
	int64_t at;

	(void)state;
	check_row(&ours);
	assert_true(cron_next(&cron, seconds(theirs) - 60, &at));
	assert_int_equal(at, seconds(theirs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_those_of_ncrontab),
		cmocka_unit_test(runs_are_those_of_robfig),
		cmocka_unit_test(runs_are_those_of_crontab),
		cmocka_unit_test(days_are_joined_as_crontab_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
