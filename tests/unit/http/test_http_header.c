/* SPDX-License-Identifier: MIT */
/* The values of headers, well formed and not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http_internal.h"

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
		struct text reference = {0};

		text_add(&reference, "old");
		assert_int_equal(http_header_next(cases[i].value, &reference),
		                 cases[i].reference != NULL);
		assert_string_equal(reference.bytes,
		                    cases[i].reference != NULL ? cases[i].reference : "old");
		text_clear(&reference);
	}
}

static void retry_after(void **state)
{
	static const char date[] = "Wed, 21 Oct 2015 07:28:00 GMT";
	static const struct {
		const char *value;
		const char *date;
		int64_t ms;
	} cases[] = {
		{"0", NULL, 0},
		{"120", NULL, 120000},
		{"1.5", NULL, 1000},
		{"120,60", NULL, 120000},
		{"120 ", NULL, 120000},
		{"21599", NULL, 21599000},
		{"21600", NULL, 21600000},
		{"86400", NULL, 21600000},
		{"", NULL, -1},
		{"soon", NULL, -1},
		{"-5", NULL, -1},
		{"5x", NULL, -1},
		{"1795703719", NULL, -1},
		{"99999999999", NULL, -1},
		{"123456789012345678901234", NULL, -1},
		{"9223372036854775808", NULL, -1},
		/* By the clock of the server, which is years behind. */
		{"Wed, 21 Oct 2015 07:29:00 GMT", date, 60000},
		{"Wed, 21 Oct 2015 07:27:00 GMT", date, 0},
		{"Thu, 22 Oct 2015 07:28:00 GMT", date, 21600000},
		{"Wednesday, 21-Oct-15 07:29:00 GMT", date, 60000},
		{"Wed Oct 21 07:29:00 2015", date, 60000},
		{"Tue, 19 Jan 2038 03:14:08 GMT", "Tue, 19 Jan 2038 03:14:00 GMT", 8000},
		{"Wed, 21 Oct 2015 07:29:00 GMT, 60", date, -1},
		{"Oct 2015", date, -1},
		/* By our own, 2015-10-21 07:28:30, where it tells none. */
		{"Wed, 21 Oct 2015 07:29:00 GMT", NULL, 30000},
		{"Wed, 21 Oct 2015 07:29:00 GMT", "yesterday", 30000},
		{"Wed, 99 Oct 2015 07:29:00 GMT", date, -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(http_header_retry_after(cases[i].value, cases[i].date, 1445412510,
		                                         21600000),
		                 cases[i].ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_link),
		cmocka_unit_test(retry_after),
	};

	return cmocka_run_group_tests_name("http_header", tests, NULL, NULL);
}
