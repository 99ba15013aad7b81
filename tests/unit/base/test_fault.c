/* SPDX-License-Identifier: MIT */
/* Faults: the text, order, limits, and each way an entry is printed, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void fault_is_set_and_set_again(void **state)
{
	struct fault fault = {0};

	(void)state;
	assert_false(fault_set(&fault, "cannot open '%s': %s", "k", "No such file or directory"));
	assert_string_equal(fault.text, "cannot open 'k': No such file or directory");
	assert_false(fault_set(&fault, "api.%s: %s", "key_file", fault.text));
	assert_false(fault_set(&fault, "/etc/x.conf: %s", fault.text));
	assert_string_equal(
		fault.text,
		"/etc/x.conf: api.key_file: cannot open 'k': No such file or directory");
	fault_set(&fault, "again (%s)", fault.text + 13);
	assert_string_equal(fault.text,
	                    "again (api.key_file: cannot open 'k': No such file or directory)");
	fault_clear(&fault);
	assert_null(fault.text);
	fault_clear(&fault);
}

struct printing {
	enum fault_level level;
	struct fault_place place;
	const char *text;
	const char *want;
};

static void assert_printed(const struct printing *printing, bool colour)
{
	struct faults faults = {0};
	struct text out = {0};

	faults_add(&faults, printing->level, printing->place, "%s", printing->text);
	assert_int_equal(faults.count, 1);
	fault_print(&faults.entries[0], colour, &out);
	assert_string_equal(out.bytes, printing->want);
	text_clear(&out);
	faults_clear(&faults);
}

static void entry_as_a_compiler_prints_it(void **state)
{
	static const struct printing cases[] = {
		{
			.place = {.file = "/etc/dfmode-sync.conf",
	                          .line = 14,
	                          .column = 24,
	                          .width = 2,
	                          .source = "    indexing_cron = \"0 25 * * *\";\n}"},
			.text = "indexing_cron: hour 25 is outside 0-23",
			.want = "/etc/dfmode-sync.conf:14:24: error: indexing_cron: hour 25 is "
				"outside 0-23\n"
				"   14 |     indexing_cron = \"0 25 * * *\";\n"
				"      |                        ^~\n",
		},
		{
			.level = FAULT_WARNING,
			.place = {.file = "a.conf",
	                          .line = 123456,
	                          .column = 3,
	                          .source = "\tb\xc3\xa4r\tx"},
			.text = "w",
			.want = "a.conf:123456:3: warning: w\n123456 | \tb\xc3\xa4r\tx\n      | \t "
				"^\n",
		},
		{
			/* Under the character, not the byte; a width in bytes becomes one in
	                   columns. */
			.place = {.file = "a",
	                          .line = 1,
	                          .column = 6,
	                          .width = 4,
	                          .source = "\xc3\xa4\xe2\x82\xac\xc3\xb6\xc3\xbc."},
			.text = "t",
			.want = "a:1:6: error: t\n    1 | \xc3\xa4\xe2\x82\xac\xc3\xb6\xc3\xbc.\n  "
				"    |   ^~\n",
		},
		{
			/* An emoji has two columns, an accent that combines none. */
			.place = {.file = "a",
	                          .line = 1,
	                          .column = 8,
	                          .width = 4,
	                          .source = "\xf0\x9f\x98\x80"
	                                    "e\xcc\x81\xf0\x9f\x98\x80."},
			.text = "t",
			.want = "a:1:8: error: t\n    1 | \xf0\x9f\x98\x80"
				"e\xcc\x81\xf0\x9f\x98\x80.\n      |    ^~\n",
		},
		{
			.place = {.file = "a",
	                          .line = 1,
	                          .column = 2,
	                          .width = 99,
	                          .source = "abc\r\nd"},
			.text = "t",
			.want = "a:1:2: error: t\n    1 | abc\n      |  ^~\n",
		},
		{
			/* What is missing at the end of a line. */
			.place = {.file = "a", .line = 1, .column = 4, .source = "abc"},
			.text = "t",
			.want = "a:1:4: error: t\n    1 | abc\n      |    ^\n",
		},
		{
			.place = {.file = "a", .line = 1, .column = 400, .source = ""},
			.text = "t",
			.want = "a:1:400: error: t\n    1 | \n      | ^\n",
		},
		{
			.place = {.file = "a",
	                          .line = 1,
	                          .column = 4,
	                          .source = "\x1b\xff\xe2\x80\xaex"},
			.text = "t",
			.want = "a:1:4: error: t\n    1 | ???x\n      |    ^\n",
		},
		{
			.place = {.file = "a", .line = 1, .source = "abc"},
			.text = "t",
			.want = "a:1: error: t\n    1 | abc\n",
		},
		{
			.place = {.file = "a", .line = 1, .column = 5},
			.text = "t",
			.want = "a:1:5: error: t\n",
		},
		{
			.place = {.file = "a\nb", .column = 7, .source = "abc"},
			.text = "two\nlines\x1b",
			.want = "a\\nb: error: two\\nlines\\x1b\n",
		},
		{
			.place = {.line = 3, .column = 1, .source = "abc"},
			.text = "no file",
			.want = "error: no file\n",
		},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_printed(&cases[i], false);
}

static void entry_in_colour(void **state)
{
	static const struct printing cases[] = {
		{
			.place = {.file = "a", .line = 1, .column = 2, .width = 2, .source = "abc"},
			.text = "t",
			.want = "\033[1ma:1:2: \033[31merror:\033[0m t\n"
				"    1 | abc\n      | \033[1;32m ^~\033[0m\n",
		},
		{
			.level = FAULT_WARNING,
			.text = "t",
			.want = "\033[1m\033[35mwarning:\033[0m t\n",
		},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_printed(&cases[i], true);
}

static char *print_one(const struct fault_place *place)
{
	struct faults faults = {0};
	struct text out = {0};

	faults_add(&faults, FAULT_ERROR, *place, "t");
	fault_print(&faults.entries[0], false, &out);
	faults_clear(&faults);
	return text_take(&out);
}

/* What was cut once is not cut again: the place of an entry prints as the entry. */
static void assert_printed_alike(const struct fault_entry *entry, const char *want)
{
	const struct fault_place place = {.file = entry->file,
	                                  .line = entry->line,
	                                  .column = entry->column,
	                                  .width = entry->width,
	                                  .source = entry->source,
	                                  .caret = entry->caret};
	char *out = print_one(&place);

	assert_string_equal(out, want);
	free(out);
}

/* Whatever the length of the line, what is kept of it is short, and the caret stands under the
 * byte that is meant. */
static void long_lines_are_cut_around_the_caret(void **state)
{
	static char line[10001];

	(void)state;
	memset(line, 'a', 10000);
	for (int column = 1; column <= 10000; column += column < 400 || column > 9600 ? 1 : 97) {
		struct fault_place place = {
			.file = "f", .line = 1, .column = column, .width = 300, .source = line};
		struct faults faults = {0};
		struct text out = {0};
		char *source, *caret;

		line[column - 1] = 'X';
		faults_add(&faults, FAULT_ERROR, place, "t");
		assert_in_range(strlen(faults.entries[0].source), 80, 166);
		assert_int_equal(faults.entries[0].source[faults.entries[0].caret - 1], 'X');
		fault_print(&faults.entries[0], false, &out);
		line[column - 1] = 'a';
		assert_printed_alike(&faults.entries[0], out.bytes);
		source = strchr(out.bytes, '\n') + 9;
		caret = strchr(source, '\n') + 9;
		assert_true(out.length < 500);
		/* An ellipsis at the start is three bytes in one column. */
		if (strncmp(source, "\xe2\x80\xa6", 3) == 0)
			source += 2;
		assert_int_equal(source[strcspn(caret, "^")], 'X');
		assert_true(strcspn(caret, "\n") <= 161);
		text_clear(&out);
		faults_clear(&faults);
	}
}

/* It may come from another program. */
static void a_caret_stays_at_its_line(void **state)
{
	static const struct {
		int caret;
		const char *want;
	} cases[] = {
		{-1, "f:1:3: error: t\n    1 | abc\n      |   ^\n"},
		{0, "f:1:3: error: t\n    1 | abc\n      |   ^\n"},
		{1, "f:1:3: error: t\n    1 | abc\n      | ^\n"},
		{4, "f:1:3: error: t\n    1 | abc\n      |    ^\n"},
		{99999, "f:1:3: error: t\n    1 | abc\n      |    ^\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fault_place place = {.file = "f",
		                                  .line = 1,
		                                  .column = 3,
		                                  .source = "abc\nd",
		                                  .caret = cases[i].caret};
		char *out = print_one(&place);

		assert_string_equal(out, cases[i].want);
		free(out);
	}
}

/* As one that is covered in part; what is underlined follows. */
static void another_line_may_be_shown(void **state)
{
	const struct fault_place place = {
		.file = "f", .line = 1, .column = 5, .width = 3, .source = "key=secret"};
	struct faults faults = {0};
	struct text out = {0};

	(void)state;
	faults_add(&faults, FAULT_ERROR, place, "t");
	fault_show_line(&faults.entries[0], "key=......and", 10);
	fault_print(&faults.entries[0], false, &out);
	assert_string_equal(out.bytes, "f:1:5: error: t\n    1 | key=......\n      |     ^~~\n");
	text_clear(&out);
	faults_clear(&faults);
}

static void cut_lines_keep_characters_whole(void **state)
{
	char line[2 * 300 + 1] = "";

	(void)state;
	for (int i = 0; i < 300; i++)
		memcpy(line + 2 * i, "\xc3\xa4", 3);
	for (int column = 1; column < 600; column++) {
		struct fault_place place = {
			.file = "f", .line = 1, .column = column, .source = line};
		struct faults faults = {0};
		struct text out = {0};

		faults_add(&faults, FAULT_ERROR, place, "t");
		fault_print(&faults.entries[0], false, &out);
		assert_int_equal(text_utf8_error(out.bytes, out.length), out.length);
		assert_null(strchr(out.bytes, '?'));
		text_clear(&out);
		faults_clear(&faults);
	}
}

static void lines_of_continuation_bytes_stay_in_bounds(void **state)
{
	char line[400];

	(void)state;
	memset(line, 0xa0, sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (int column = 1; column <= 420; column++) {
		const struct fault_place place = {
			.file = "f", .line = 1, .column = column, .width = 100, .source = line};
		struct faults faults = {0};
		struct text out = {0};

		faults_add(&faults, FAULT_ERROR, place, "bytes");
		faults_print(&faults, false, &out);
		assert_non_null(strchr(out.bytes, '^'));
		assert_in_range(out.length, 1, 1000);
		text_clear(&out);
		faults_clear(&faults);
	}
}

static void long_texts_are_cut(void **state)
{
	struct faults faults = {0};

	(void)state;
	faults_add(&faults, FAULT_ERROR, (struct fault_place){0}, "%5000s", "");
	assert_int_equal(strlen(faults.entries[0].text), 1024);
	assert_string_equal(faults.entries[0].text + 1021, "\xe2\x80\xa6");
	faults_clear(&faults);
}

static void sorted_by_place_within_a_file(void **state)
{
	static const struct {
		const char *file;
		int line, column;
		const char *text;
	} added[] = {
		{.file = "b", .line = 9, .column = 1, .text = "6"},
		{.file = "a", .line = 1, .column = 1, .text = "7"},
		{.file = "b", .line = 2, .column = 5, .text = "3"},
		{.file = NULL, .text = "9"},
		{.file = "b", .line = 2, .column = 5, .text = "4"},
		{.file = "b", .line = 2, .column = 4, .text = "2"},
		{.file = "b", .line = 0, .column = 0, .text = "1"},
		{.file = "a", .line = 1, .column = 1, .text = "8"},
		{.file = "b", .line = 2, .column = 6, .text = "5"},
	};
	struct faults faults = {0};

	(void)state;
	faults_sort(&faults, NULL);
	for (size_t i = 0; i < COUNT(added); i++) {
		struct fault_place place = {
			.file = added[i].file, .line = added[i].line, .column = added[i].column};

		faults_add(&faults, FAULT_ERROR, place, "%s", added[i].text);
	}
	for (int round = 0; round < 2; round++) {
		faults_sort(&faults, NULL);
		for (size_t i = 0; i < COUNT(added); i++)
			assert_int_equal(faults.entries[i].text[0] - '1', i);
	}
	faults_clear(&faults);
}

static void files_in_their_order(void **state)
{
	static char main_file[] = "main", drop_in[] = "drop-in";
	static char *const files[] = {main_file, drop_in, NULL};
	static const char *const sorted[] = {"main", "drop-in", "other", "another", NULL};
	struct faults faults = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct fault_place place = {.file = sorted[i ^ 2], .line = 1};

		faults_add(&faults, FAULT_ERROR, place, "x");
	}
	faults_sort(&faults, files);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(faults.entries[i].file, sorted[i]);
	faults_clear(&faults);
}

static void add_many(struct faults *faults, enum fault_level level, int count)
{
	for (int i = 0; i < count; i++)
		faults_add(faults, level, (struct fault_place){0}, "%d", i);
}

static void counted_beyond_what_is_kept(void **state)
{
	struct faults faults = {0};

	(void)state;
	add_many(&faults, FAULT_ERROR, FAULTS_MAX + 5);
	add_many(&faults, FAULT_WARNING, FAULTS_MAX + 1);
	assert_int_equal(faults.count, 2 * FAULTS_MAX);
	assert_int_equal(faults.errors, FAULTS_MAX + 5);
	assert_int_equal(faults.warnings, FAULTS_MAX + 1);
	assert_string_equal(faults.entries[FAULTS_MAX - 1].text, "49");
	faults_clear(&faults);
	assert_int_equal(faults.errors + faults.warnings + faults.count, 0);
}

static void summary_of_all(void **state)
{
	static const struct {
		int errors, warnings;
		const char *want;
	} cases[] = {
		{.errors = 1, .want = "1 error\n"},
		{.errors = 2, .warnings = 1, .want = "2 errors, 1 warning\n"},
		{.warnings = 2, .want = "2 warnings\n"},
		{.errors = 52,
	         .warnings = 51,
	         .want = "52 errors (2 not shown), 51 warnings (1 not shown)\n"},
		{.errors = 50, .want = "50 errors\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct faults faults = {0};
		struct text out = {0};

		add_many(&faults, FAULT_ERROR, cases[i].errors);
		add_many(&faults, FAULT_WARNING, cases[i].warnings);
		faults_print(&faults, false, &out);
		assert_true(out.length > strlen(cases[i].want));
		assert_string_equal(out.bytes + out.length - strlen(cases[i].want), cases[i].want);
		assert_int_equal(out.bytes[out.length - strlen(cases[i].want) - 1], '\n');
		text_clear(&out);
		faults_clear(&faults);
	}
}

static void no_faults_print_nothing(void **state)
{
	struct faults faults = {0};
	struct text out = {0};

	(void)state;
	faults_print(&faults, true, &out);
	assert_int_equal(out.length, 0);
	faults_clear(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault_is_set_and_set_again),
		cmocka_unit_test(entry_as_a_compiler_prints_it),
		cmocka_unit_test(entry_in_colour),
		cmocka_unit_test(long_lines_are_cut_around_the_caret),
		cmocka_unit_test(a_caret_stays_at_its_line),
		cmocka_unit_test(another_line_may_be_shown),
		cmocka_unit_test(cut_lines_keep_characters_whole),
		cmocka_unit_test(lines_of_continuation_bytes_stay_in_bounds),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(sorted_by_place_within_a_file),
		cmocka_unit_test(files_in_their_order),
		cmocka_unit_test(counted_beyond_what_is_kept),
		cmocka_unit_test(summary_of_all),
		cmocka_unit_test(no_faults_print_nothing),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
