/* SPDX-License-Identifier: MIT */
/* A fault is set at a part of the expression, is at least one byte wide, and is cut, never overrun.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_fault.h"
#include "support/cron_fixture.h"

static void fault_is_at_its_part(void **state)
{
	const char *text = "0 25 * * *";
	struct cron_fault fault = {0};
	const struct cron_reader reader = {.text = text, .fault = &fault};

	(void)state;
	assert_false(cron_fault_set(&reader, cron_slice(text + 2, text + 4), "hour %d", 25));
	cron_fixture_assert_fault(text, &fault, "hour 25", 2, 2);
	assert_false(cron_fault_set(&reader, cron_slice(text + 10, text + 10), "nothing"));
	cron_fixture_assert_fault(text, &fault, "nothing", 10, 1);
}

static void fault_may_be_unwanted(void **state)
{
	const struct cron_reader reader = {.text = "0 25 * * *"};

	(void)state;
	assert_false(cron_fault_set(&reader, cron_slice(reader.text, reader.text), "nothing"));
}

static void text_is_cut(void **state)
{
	char text[1000];
	struct cron_fault fault = {0};
	const struct cron_reader reader = {.text = text, .fault = &fault};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(cron_fault_set(&reader, cron_slice(text, text + 1), "%s", text));
	assert_int_equal(strlen(fault.text), sizeof(fault.text) - 1);
}

/* What is shown of an expression may have tabs between its fields. */
static void text_is_printable(void **state)
{
	const char *text = "0 6\t*\t*\t*";
	struct cron_fault fault = {0};
	const struct cron_reader reader = {.text = text, .fault = &fault};

	(void)state;
	assert_false(cron_fault_set(&reader, cron_slice(text, text + 1), "write '%s'", text));
	assert_string_equal(fault.text, "write '0 6 * * *'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault_is_at_its_part),
		cmocka_unit_test(fault_may_be_unwanted),
		cmocka_unit_test(text_is_cut),
		cmocka_unit_test(text_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
