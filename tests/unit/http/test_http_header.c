/* SPDX-License-Identifier: MIT */
/* The values of headers, well formed and not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http_header.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void next_link(void **state)
{
	static const struct {
		const char *value;
		const char *reference; /* NULL: none */
	} cases[] = {
		{"<https://h/x?page=2>; rel=\"next\"", "https://h/x?page=2"},
		{"<?page=2>;rel=next", "?page=2"},
		{"</a>; rel=\"prev\", </b>; rel=\"next\"", "/b"},
		{"</a,b>; title=\"x, <y>; rel=next\"; rel=last, </c>;REL=\"last NEXT\"", "/c"},
		{"</a>; title=\"\\\", </q>; rel=next\"; rel=prev", NULL},
		{"</a>; rel=\"nextfoo\"", NULL},
		{"</a>; relation=next", NULL},
		{"</a>", NULL},
		{"</a; rel=next", NULL},
		{"/a; rel=next", NULL},
		{"</a>; rel", NULL},
		{"</a>; rel=", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text reference = {.length = 0};

		text_add(&reference, "old");
		assert_int_equal(http_header_next(cases[i].value, &reference),
		                 cases[i].reference != NULL);
		assert_string_equal(reference.bytes,
		                    cases[i].reference != NULL ? cases[i].reference : "old");
		text_clear(&reference);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_link),
	};

	return cmocka_run_group_tests_name("http_header", tests, NULL, NULL);
}
