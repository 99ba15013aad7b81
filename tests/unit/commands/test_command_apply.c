/* SPDX-License-Identifier: MIT */
/* The command `apply`: its line and its sum, to the letter. What it does is for the end-to-end
 * tests. */
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
		struct command_apply_progress progress;
		size_t columns;
		const char *line;
	} rows[] = {
		{{.total = 3}, 80, "0/3 done"},
		{{.done = 7, .total = 10, .elapsed_ms = 500}, 80, "7/10 done"},
		{{.done = 7, .total = 10, .elapsed_ms = 1400},
	         80,
	         "7/10 done, 5.0/s, about 1s left"},
		{{.done = 500, .total = 10000, .elapsed_ms = 1000, .refused = 2},
	         80,
	         "500/10000 done, 2 refused, 500/s, about 20s left"},
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
		{{.total = 3}, 8, "0/3 d…"},
		{{.total = 3, .retrying = 1, .error_text = "日本語"},
	         28,
	         "0/3 done, retrying 1 (日…"},
		{{.total = 3, .retrying = 1, .error_text = "日本語"},
	         31,
	         "0/3 done, retrying 1 (日本語)"},
		{{.total = 3}, 3, "…"},
		{{.total = 3}, 1, ""},
		{{.total = 3}, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text line = {.length = 0};

		command_apply_draw(&rows[i].progress, rows[i].columns, &line);
		assert_string_equal(line.length > 0 ? line.bytes : "", rows[i].line);
		text_clear(&line);
	}
}

static void the_sum_adds_up(void **state)
{
	static const struct {
		struct command_apply_sum sum;
		const char *error_text;
	} rows[] = {
		{{.accepted = 3, .refused = 1, .elapsed_ms = 2100},
	         "3 accepted, 1 refused, 0 unanswered in 2.1s\n"},
		{{.unanswered = 2, .not_sent = 7, .elapsed_ms = 120000},
	         "0 accepted, 0 refused, 2 unanswered, 7 not sent in 2min\n"},
		{{.accepted = 1, .unconfirmed = 1, .elapsed_ms = 30},
	         "1 accepted, 0 refused, 0 unanswered in 30ms; 1 of those accepted is to be "
	         "confirmed, by the daemon or the next apply\n"},
		{{.accepted = 3, .unconfirmed = 2, .elapsed_ms = 30},
	         "3 accepted, 0 refused, 0 unanswered in 30ms; 2 of those accepted are to be "
	         "confirmed, by the daemon or the next apply\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text error_text = {.length = 0};

		command_apply_tell_sum(&rows[i].sum, &error_text);
		assert_string_equal(error_text.bytes, rows[i].error_text);
		text_clear(&error_text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_says_how_far_it_is),
		cmocka_unit_test(the_sum_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
