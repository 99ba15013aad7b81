/* SPDX-License-Identifier: MIT */
/* Which items of a list are extensions, of which fields, and what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cron/cron_fields.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define IN(index) (1u << CRON_##index)
#define IN_ANY    (IN(MINUTE) | IN(HOUR) | IN(DAY) | IN(MONTH) | IN(WEEKDAY))
#define IN_NONE   0u

static const char *opaque_of(enum cron_field_index field, const char *item)
{
	const struct cron_reader unheard = {0};
	struct cron_slice word = cron_slice(item, item + strlen(item));
	struct cron_list list;

	return cron_fields_read(&unheard, field, word, &list) ? list.opaque : NULL;
}

/* In which fields an item is an extension. 20 is no month and no weekday. */
static void items_are_recognised_in_their_fields(void **state)
{
	static const struct {
		const char *item;
		unsigned fields;
		const char *name;
	} cases[] = {
		{"H", IN_ANY, "'H'"},
		{"h/15", IN_ANY, "'H'"},
		{"H(1-5)", IN_ANY, "'H'"},
		{"H(0-20)/3", IN(MINUTE) | IN(HOUR), "'H'"},
		{"R", IN_ANY, "'R'"},
		{"r(1-3)/2", IN_ANY, "'R'"},
		{"~", IN_ANY, "'~'"},
		{"1~5", IN_ANY, "'~'"},
		{"20~", IN(MINUTE) | IN(HOUR) | IN(DAY), "'~'"},
		{"L", IN(DAY) | IN(WEEKDAY), "'L'"},
		{"L-3", IN(DAY), "'L'"},
		{"20-L", IN(DAY), "'L'"},
		{"lW", IN(DAY), "'LW'"},
		{"15W", IN(DAY), "'W'"},
		{"5L", IN(WEEKDAY), "'L'"},
		{"friL", IN(WEEKDAY), "'L'"},
		{"L5", IN(WEEKDAY), "'L'"},
		{"mon#2", IN(WEEKDAY), "'#'"},
		{"1#L", IN(WEEKDAY), "'#'"},
		{"mon-fri#1", IN(WEEKDAY), "'#'"},
		{"", IN_NONE, NULL},
		{"*", IN_NONE, NULL},
		{"1-5/2", IN_NONE, NULL},
		{"mon", IN_NONE, NULL},
		{"mon#6", IN_NONE, NULL},
		{"mon#0", IN_NONE, NULL},
		{"H(5)", IN_NONE, NULL},
		{"H/0", IN_NONE, NULL},
		{"LL", IN_NONE, NULL},
		{"W", IN_NONE, NULL},
		{"15WW", IN_NONE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *item = cases[i].item;

		for (unsigned j = 0; j < CRON_FIELD_COUNT; j++) {
			const char *name = opaque_of((enum cron_field_index)j, item);

			if ((cases[i].fields & 1u << j) == 0)
				assert_null(name);
			else
				assert_string_equal(name, cases[i].name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_recognised_in_their_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
