/* SPDX-License-Identifier: MIT */
/* Words that name a time zone, and words that are like one: users, paths, days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void zones_are_known(void **state)
{
	static const struct {
		const char *word;
		enum cron_zone zone;
	} cases[] = {
		{"UTC", CRON_ZONE_UTC},
		{"utc", CRON_ZONE_UTC},
		{"Z", CRON_ZONE_UTC},
		{"GMT", CRON_ZONE_UTC},
		{"Etc/UTC", CRON_ZONE_UTC},
		{"Etc/GMT+5", CRON_ZONE_OTHER},
		{"Europe/Berlin", CRON_ZONE_OTHER},
		{"america/argentina/ushuaia", CRON_ZONE_OTHER},
		{"US/Pacific", CRON_ZONE_OTHER},
		{"CET", CRON_ZONE_OTHER},
		{"pst", CRON_ZONE_OTHER},
		{"Europe/", CRON_ZONE_NONE},
		{"Europe", CRON_ZONE_NONE},
		{"/Berlin", CRON_ZONE_NONE},
		{"bin/refresh", CRON_ZONE_NONE},
		{"/usr/bin/true", CRON_ZONE_NONE},
		{"root", CRON_ZONE_NONE},
		{"mon", CRON_ZONE_NONE},
		{"pm", CRON_ZONE_NONE},
		{"noon", CRON_ZONE_NONE},
		{"*", CRON_ZONE_NONE},
		{"UTC+1", CRON_ZONE_OTHER},
		{"gmt-03:00", CRON_ZONE_OTHER},
		{"UTC+", CRON_ZONE_NONE},
		{"UTC2", CRON_ZONE_NONE},
		{"etc/refresh", CRON_ZONE_NONE},
		{"us/refresh.sh", CRON_ZONE_NONE},
		{"NZDT", CRON_ZONE_OTHER},
		{"", CRON_ZONE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *word = cases[i].word;

		if (cron_zone_of(cron_slice(word, word + strlen(word))) != cases[i].zone)
			fail_msg("'%s'", word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
