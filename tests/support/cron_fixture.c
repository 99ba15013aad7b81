/* SPDX-License-Identifier: MIT */
/* A failed assertion names the expression: the tests walk tables, and a line number says little. */
#include "support/cron_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

struct cron cron_fixture_parse(const char *expression)
{
	struct cron cron = {0};
	struct cron_fault fault = {0};

	if (!cron_parse(expression, &cron, &fault))
		fail_msg("'%s': %s", expression, fault.text);
	return cron;
}

void cron_fixture_assert_fault(const char *expression, const struct cron_fault *fault,
                               const char *text, size_t offset, size_t width)
{
	if (strcmp(fault->text, text) != 0 || fault->offset != offset || fault->width != width)
		fail_msg("'%s': %s: at %zu, %zu wide, not: %s: at %zu, %zu wide", expression,
		         fault->text, fault->offset, fault->width, text, offset, width);
}

bool cron_fixture_remedy(const char *expression, const struct cron_fault *fault,
                         char remedy[2 * CRON_TEXT_MAX])
{
	static const char *const leads[] = {"did you mean '", "write '", "the nearest is '"};

	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		const char *lead = strstr(fault->text, leads[i]);
		const char *text = lead != NULL ? lead + strlen(leads[i]) : NULL;
		const char *end = lead != NULL ? strrchr(text, '\'') : NULL;

		if (lead == NULL)
			continue;
		if (end == NULL)
			fail_msg("'%s': cut: %s", expression, fault->text);
		snprintf(remedy, 2 * CRON_TEXT_MAX, "%.*s%.*s%s", i == 0 ? (int)fault->offset : 0,
		         expression, (int)(end - text), text,
		         i == 0 ? expression + fault->offset + fault->width : "");
		return true;
	}
	return false;
}
