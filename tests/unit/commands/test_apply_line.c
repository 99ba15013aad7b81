/* SPDX-License-Identifier: MIT */
/* The progress line of `apply`, to the letter, and that it stays off what is no terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "commands/command_apply_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void the_line_says_how_far_it_is(void **state)
{
	static const struct {
		struct apply_line_progress progress;
		size_t columns;
		const char *line;
	} rows[] = {
		{{.total = 3}, 80, "0/3 done"},
		{{.done = 7, .total = 10, .elapsed_ms = 500}, 80, "7/10 done"},
		{{.done = 7, .total = 10, .elapsed_ms = 1400},
	         80,
	         "7/10 done, 5.0/s, about 1s left"},
		{{.done = 500, .total = 10000, .elapsed_ms = 1000, .rejected = 2},
	         80,
	         "500/10000 done, 2 rejected, 500/s, about 20s left"},
		{{.done = 3, .total = 3, .elapsed_ms = 3000, .stalled = true},
	         80,
	         "3/3 done, 1.0/s"},
		{{.done = 10, .total = 10, .elapsed_ms = 2000, .confirming = 1},
	         80,
	         "10/10 done, 5.0/s, 1 to confirm"},
		{{.done = 1,
	          .total = 3,
	          .elapsed_ms = 2000,
	          .retrying = 2,
	          .stalled = true,
	          .next_ms = 1500,
	          .give_up_ms = 118000,
	          .error_text = "integration 42: 503 busy"},
	         100,
	         "1/3 done, gives up in 1min 58s, retrying 2 in 1.5s (integration 42: 503 busy)"},
		{{.done = 1,
	          .total = 30,
	          .elapsed_ms = 1000,
	          .retrying = 1,
	          .next_ms = 1500,
	          .error_text = "integration 42: 503 busy"},
	         100,
	         "1/30 done, 1.0/s, about 30s left, retrying 1 (integration 42: 503 busy)"},
		{{.done = 1, .total = 3, .stopping = true, .stalled = true},
	         80,
	         "1/3 done, stopping"},
		{{.total = 3, .stalled = true, .retrying = 3, .next_ms = INT64_MAX},
	         80,
	         "0/3 done, gives up in 0s, retrying 3"},
		/* Cut so that the last column stays free, and wide characters have room. */
		{{.total = 3}, 9, "0/3 done"},
		{{.total = 3}, 8, "0/3 do…"},
		{{.total = 3, .retrying = 1, .error_text = "日本語"},
	         28,
	         "0/3 done, retrying 1 (日本…"},
		{{.total = 3, .retrying = 1, .error_text = "日本語"},
	         31,
	         "0/3 done, retrying 1 (日本語)"},
		{{.total = 3}, 3, "0…"},
		{{.total = 3}, 2, "…"},
		{{.total = 3}, 1, ""},
		{{.total = 3}, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text line = {0};

		apply_line_format(&rows[i].progress, rows[i].columns, &line);
		assert_string_equal(line.length > 0 ? line.bytes : "", rows[i].line);
		text_clear(&line);
	}
}

static void nothing_is_drawn_but_on_a_terminal(void **state)
{
	const struct apply_line_progress progress = {.total = 3};
	struct apply_line line = {0};

	(void)state;
	apply_line_show_progress(&line, &progress);
	assert_false(line.drawn);
	apply_line_show(&line, "asking");
	assert_false(line.drawn);
	line.on_terminal = true;
	apply_line_show_progress(&line, &progress);
	assert_true(line.drawn);
	apply_line_wipe(&line);
	assert_false(line.drawn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_says_how_far_it_is),
		cmocka_unit_test(nothing_is_drawn_but_on_a_terminal),
	};

	return cmocka_run_group_tests_name("apply_line", tests, NULL, NULL);
}
