/* SPDX-License-Identifier: MIT */
/* What people get wrong, and what they are answered: the tables of tests/bad/slips. A row is
 *
 *     === KIND
 *     what was written
 *     ---
 *     what is reported
 *
 * and KIND says where in a file that is otherwise right it stands: `file` is all of it; "!" behind
 * the kind: with the escapes \r \t \xNN. `--record` writes the answers, for a person to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/specfile.h"

#define API      "api = {\n    url = \"https://app.datafold.com\";\n    key = \"k1\";\n"
#define NO_URL   "api = {\n    key = \"k1\";\n"
#define NO_KEY   "api = {\n    url = \"https://app.datafold.com\";\n"
#define DEFAULTS "defaults = {\n    token = \"t\"; password = \"p\";\n"
#define LIST \
	"integrations = (\n    { id = 42; name = \"Mode\"; indexing_cron = \"0 6 * * *\"; }\n);\n"

static const struct kind {
	const char *name, *before, *after;
} kinds[] = {
	{"file", "", ""},
	{"top", "", "\n" API "};\n" DEFAULTS "};\n" LIST},
	{"api", API "    ", "\n};\n" DEFAULTS "};\n" LIST},
	{"url", NO_URL "    ", "\n};\n" DEFAULTS "};\n" LIST},
	{"key", NO_KEY "    ", "\n};\n" DEFAULTS "};\n" LIST},
	{"defaults", API "};\n" DEFAULTS "    ", "\n};\n" LIST},
	{"secret", API "};\ndefaults = {\n    ", "\n};\n" LIST},
	{"list", API "};\n" DEFAULTS "};\n", "\n"},
	{"integration", API "};\n" DEFAULTS "};\nintegrations = (\n    { ", " }\n);\n"},
	{"cron", API "};\n" DEFAULTS "};\nintegrations = (\n    { id = 42; indexing_cron = \"",
         "\"; }\n);\n"},
};

static const char *const tables[] = {"secrets", "quotes", "values", "cron", "lists", "languages"};

struct row {
	char *title; /* owned: "KIND" or "KIND!" */
	char *written;
	char *wanted;
};

/* The lines up to one that begins with `stop`, without the last newline; given. */
static char *take_lines(const char **at, const char *stop)
{
	const char *start = *at;
	size_t length;

	while (**at != '\0' && strncmp(*at, stop, strlen(stop)) != 0)
		*at += strcspn(*at, "\n") + ((*at)[strcspn(*at, "\n")] == '\n');
	length = (size_t)(*at - start);
	return mem_dup_bytes(start, length > 0 ? length - 1 : 0);
}

static char *take_line(const char **at, size_t skipped)
{
	size_t length = strcspn(*at, "\n");
	char *line = mem_dup_bytes(*at + skipped, length - skipped);

	*at += length + 1;
	return line;
}

static bool take_row(const char **at, struct row *row)
{
	if (**at == '\0')
		return false;
	assert_int_equal(strncmp(*at, "=== ", 4), 0);
	row->title = take_line(at, 4);
	row->written = take_lines(at, "---\n");
	free(take_line(at, 0));
	row->wanted = take_lines(at, "=== ");
	return true;
}

static void clear_row(struct row *row)
{
	free(row->title);
	free(row->written);
	free(row->wanted);
}

static void add_escaped(struct text *text, const char *at)
{
	for (; *at != '\0'; at++) {
		if (*at != '\\') {
			text_add_char(text, *at);
		} else if (*++at == 'x') {
			text_add_char(text, (char)strtol((char[]){at[1], at[2], '\0'}, NULL, 16));
			at += 2;
		} else {
			text_add_char(text, (char)(*at == 'r' ? '\r' : *at == 't' ? '\t' : *at));
		}
	}
}

static struct text file_of(const struct row *row)
{
	size_t length = strcspn(row->title, "!");
	struct text text = {0};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strlen(kinds[i].name) != length ||
		    memcmp(kinds[i].name, row->title, length) != 0)
			continue;
		text_add(&text, kinds[i].before);
		if (row->title[length] == '!')
			add_escaped(&text, row->written);
		else
			text_add(&text, row->written);
		text_add(&text, kinds[i].after);
		return text;
	}
	fail_msg("no kind '%s'", row->title);
	return text;
}

/* Given, without its last newline. */
static char *answer(const struct row *row)
{
	struct text file = file_of(row);
	struct specfile specfile;
	struct text shown = {0};

	specfile_from_bytes(&specfile, "f", file.bytes, file.length, NULL);
	faults_print(&specfile.faults, false, &shown);
	if (shown.length == 0)
		text_add(&shown, "(nothing)\n");
	text_truncate(&shown, shown.length - 1);
	specfile_clear(&specfile);
	text_clear(&file);
	return text_take(&shown);
}

static char *path_of(const char *table)
{
	const char *source = getenv("srcdir");

	return mem_printf("%s/tests/bad/slips/%s", source != NULL ? source : ".", table);
}

static void open_table(const char *table, struct file_read *file)
{
	char *path = path_of(table);
	struct fault fault = {0};

	if (!file_read(file, path, 1024 * 1024, NULL, &fault))
		fail_msg("%s %s", path, fault.text);
	free(path);
}

static void each_slip_has_its_answer(void **state)
{
	struct file_read file;
	const char *at;
	struct row row;

	open_table(*state, &file);
	for (at = file.bytes; take_row(&at, &row);) {
		char *shown = answer(&row);

		if (strcmp(shown, row.wanted) != 0)
			print_error("%s\n", row.written);
		assert_string_equal(shown, row.wanted);
		free(shown);
		clear_row(&row);
	}
	file_read_clear(&file);
}

static void record(const char *table)
{
	char *path = path_of(table);
	struct file_read file;
	const char *at;
	struct row row;
	FILE *stream;

	open_table(table, &file);
	stream = fopen(path, "we");
	assert_non_null(stream);
	for (at = file.bytes; take_row(&at, &row);) {
		char *shown = answer(&row);

		(void)fprintf(stream, "=== %s\n%s\n---\n%s\n", row.title, row.written, shown);
		free(shown);
		clear_row(&row);
	}
	(void)fclose(stream);
	file_read_clear(&file);
	free(path);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[sizeof(tables) / sizeof(*tables)] = {{0}};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		tests[i].name = tables[i];
		tests[i].test_func = each_slip_has_its_answer;
		tests[i].initial_state = (void *)(uintptr_t)tables[i];
		if (argc > 1 && strcmp(argv[1], "--record") == 0)
			record(tables[i]);
	}
	return cmocka_run_group_tests_name("slips", tests, NULL, NULL);
}
