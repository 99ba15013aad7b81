/* SPDX-License-Identifier: MIT */
#include "support/cron_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
