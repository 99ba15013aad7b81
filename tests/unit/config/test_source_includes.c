/* SPDX-License-Identifier: MIT */
/* Files that belong to a file: where what they include stands, that nothing of one reaches into the
 * next, and the drop-ins beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/source.h"
#include "support/config_fixture.h"
#include "support/source_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* includes */

static void include_is_spliced(void **state)
{
	(void)state;
	mkdir("inc", 0700);
	source_fixture_write("x.conf",
	                     "l = (\n  @include \"inc/a.conf\" # items\n  3 );\nm = 1;\n");
	source_fixture_write("inc/a.conf", "1,\n@include \"b.conf\"");
	source_fixture_write("inc/b.conf", "2,");
	source_fixture_assert("",
	                      "x.conf:1|l = (\n"
	                      "inc/a.conf:1|1,\n"
	                      "inc/b.conf:1|2,\n"
	                      "inc/a.conf:2|                 \n"
	                      "x.conf:2|                        # items\n"
	                      "x.conf:3|  3 );\n"
	                      "x.conf:4|m = 1;\n",
	                      "x.conf inc/a.conf inc/b.conf x.conf.d");
}

static void several_includes(void **state)
{
	char *here = getcwd(NULL, 0);
	char *text = mem_printf("@include \"a\"\n@include \"%s/b\"\n@include \"a\"\n"
	                        "# @include \"no\"\n/*\n@include \"no\"\n*/ s = \"\n"
	                        "@include \"; no;",
	                        here);

	(void)state;
	source_fixture_write("x.conf", text);
	source_fixture_write("a", "");
	source_fixture_write("b", "b = 1;\r\n");
	mem_free_secret(text);
	text = mem_printf("x.conf a %s/b x.conf.d", here);
	source_fixture_assert("", NULL, text);
	free(text);
	free(here);
}

static void include_follows_symlinks(void **state)
{
	(void)state;
	mkdir("real", 0700);
	source_fixture_write("real/x.conf", "@include \"y\"\n");
	source_fixture_write("real/y", "real = 1;\n");
	source_fixture_write("y", "here = 1;\n");
	assert_int_equal(symlink("real/x.conf", "x.conf"), 0);
	/* By the name that the operator uses, as a shell would. */
	source_fixture_assert("", "y:1|here = 1;\nx.conf:1|            \n", "x.conf y x.conf.d");
}

static void includes_that_fail(void **state)
{
	static const struct {
		const char *text;
		const char *faults;
	} cases[] = {
		{"a = 1;\n  @include \"gone\"\n",
	         "x.conf:2:12+6 'gone' does not exist; the path is relative to the directory of "
	         "this file\n"},
		{"@include \"/gone/x\"", "x.conf:1:10+9 '/gone/x' does not exist\n"},
		{"@include \"x.conf/y\"", "x.conf:1:10+10 'x.conf/y' does not exist; the path is "
	                                  "relative to the directory of this file\n"},
		{"@include \"*.conf\"",
	         "x.conf:1:10+8 '*.conf' does not exist; an include names one file and is no "
	         "pattern, but all of 'x.conf.d/*.conf' is read by itself\n"},
		{"@include \".\"",
	         "x.conf:1:10+3 '.' is a directory, not a regular file; include its files one by "
	         "one, or put them into 'x.conf.d'\n"},
		{"@include \"fifo\"", "x.conf:1:10+6 'fifo' is a FIFO, not a regular file\n"},
		{"@include \"\"", "x.conf:1:10+2 the path is empty\n"},
		{"@include \"a\\x00b\"", "x.conf:1:10+8 the path holds a NUL byte\n"},
		{"@include \"a\\b\"", "x.conf:1:10+5 the path has an unknown escape; a backslash "
	                              "itself is written \\\\\n"},
		{"@include \"x.conf\"", "x.conf:1:10+8 'x.conf' includes itself: x.conf -> "
	                                "x.conf\n"},
		{"@include \"link\"", "x.conf:1:10+6 'link' includes itself: x.conf -> link\n"},
		{"@include \"b\"\n", "c:1:10+5 './b' includes itself: b -> c -> ./b\n"},
		{"a = }\n@include \"odd\\\"\"\n",
	         "x.conf:1:5+1 '}' closes nothing in this file; is its '{' missing?\n"
	         "x.conf:2:10+7 'odd…' does not exist; the path is relative to the directory of "
	         "this file\n"},
	};

	(void)state;
	mkfifo("fifo", 0600);
	assert_int_equal(symlink("./x.conf", "link"), 0);
	source_fixture_write("b", "@include \"c\"\n");
	source_fixture_write("c", "@include \"./b\"\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		source_fixture_write("x.conf", cases[i].text);
		source_fixture_assert(cases[i].faults, NULL, NULL);
	}
}

static void missing_include_is_watched(void **state)
{
	(void)state;
	mkdir("etc", 0700);
	source_fixture_write("x.conf", "@include \"etc/gone\"\nb = 1;\n");
	source_fixture_assert(
		"x.conf:1:10+10 'etc/gone' does not exist; the path is relative to the "
		"directory of this file\n",
		"x.conf:1|                   \nx.conf:2|b = 1;\n", "x.conf etc/gone x.conf.d");
}

static void nested_as_deep_as_allowed(void **state)
{
	char name[16], text[32];

	(void)state;
	source_fixture_write("x.conf", "@include \"1\"\n");
	for (int i = 1; i < SOURCE_DEPTH_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		snprintf(text, sizeof(text), "@include \"%d\"\n", i + 1);
		source_fixture_write(name, text);
	}
	source_fixture_write("10", "a = 1;\n");
	source_fixture_assert("", NULL, "x.conf 1 2 3 4 5 6 7 8 9 10 x.conf.d");
	source_fixture_write("10", "@include \"11\"\n");
	source_fixture_assert("10:1:10+4 files are included more than 10 deep\n", NULL, NULL);
}

static void more_files_than_allowed(void **state)
{
	struct text text = {0};

	(void)state;
	source_fixture_write("a", "");
	for (int i = 0; i < SOURCE_FILES_MAX - 1; i++)
		text_add(&text, "@include \"a\"\n");
	source_fixture_write("x.conf", text.bytes);
	source_fixture_assert("", NULL, "x.conf a x.conf.d");
	text_add(&text, "@include \"a\"\n@include \"b\"\n");
	source_fixture_write("x.conf", text.bytes);
	/* Told once; but what comes later is watched. */
	source_fixture_assert("x.conf:256:10+3 'a' is one too many: at most 256 files are read\n",
	                      NULL, "x.conf a b x.conf.d");
	text_clear(&text);
}

static void more_bytes_than_allowed(void **state)
{
	char *blanks = mem_alloc(SOURCE_FILE_MAX + 1, 1);

	(void)state;
	memset(blanks, ' ', SOURCE_FILE_MAX);
	source_fixture_write("a", blanks);
	source_fixture_write("x.conf", "@include \"a\"\n@include \"a\"\n@include \"a\"\n");
	source_fixture_assert("x.conf:2:10+3 'a' makes the files together larger than 64 MiB\n",
	                      NULL, NULL);
	free(blanks);
}

/* nothing leaks into the next file */

static void open_ends_stay_in_their_file(void **state)
{
	static const struct {
		const char *included;
		const char *faults;
		const char *lines;
	} cases[] = {
		{"a = /* 1;\n", "inc:1:5+2 unterminated comment: its '*/' is missing\n",
	         "inc:1|a =      \nx.conf:1|              \nx.conf:2|b = 1; c =  ;\n"},
		{"a = \"1;", "inc:1:5+2 unterminated string: its closing quote is missing\n",
	         "inc:1|a = \x1a\x1a;\nx.conf:1|              \nx.conf:2|b = 1; c =  ;\n"},
		{"a = { // x", "inc:1:5+1 '{' is never closed\n",
	         "inc:1|a = { // x\ninc:0|}\nx.conf:1|              \n"
	         "x.conf:2|b = 1; c =  ;\n"},
		{"a = 1; }", "inc:1:8+1 '}' closes nothing in this file; is its '{' missing?\n",
	         "inc:1|a = 1;  \nx.conf:1|              \nx.conf:2|b = 1; c =  ;\n"},
		{"// x", "", "inc:1|// x\nx.conf:1|              \nx.conf:2|b = 1; c =  ;\n"},
	};

	(void)state;
	source_fixture_write("x.conf", "@include \"inc\"\nb = 1; c = );\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *faults = mem_printf(
			"x.conf:2:12+1 ')' closes nothing in this file; is its '(' missing?\n%s",
			cases[i].faults);

		source_fixture_write("inc", cases[i].included);
		source_fixture_assert(faults, cases[i].lines, NULL);
		free(faults);
	}
}

/* drop-ins */

static void drop_ins_in_byte_order(void **state)
{
	struct faults faults = {0};
	struct source source;
	char *lines;

	(void)state;
	mkdir("x.conf.d", 0700);
	source_fixture_write("x.conf", "a = 1;\nb = 1;\n");
	source_fixture_write("x.conf.d/b.conf", "@include \"../inc\"\n");
	source_fixture_write("x.conf.d/B.conf", "upper;\n");
	source_fixture_write("x.conf.d/10.conf", "ten;\n");
	source_fixture_write("x.conf.d/9.conf", "");
	source_fixture_write("x.conf.d/\xc3\xa4.conf", "umlaut;\n");
	source_fixture_write("x.conf.d/.hidden.conf", "no;\n");
	source_fixture_write("x.conf.d/.conf", "no;\n");
	source_fixture_write("x.conf.d/a.conf~", "no;\n");
	source_fixture_write("x.conf.d/a.conf.dpkg-new", "no;\n");
	source_fixture_write("inc", "inc;\n");
	source_load(&source, "x.conf", NULL, &faults);
	assert_int_equal(faults.errors, 0);
	lines = source_fixture_lines(&source);
	assert_string_equal(lines, "x.conf:1|a = 1;\nx.conf:2|b = 1;\n"
	                           "x.conf.d/10.conf:1|ten;\n"
	                           "x.conf.d/B.conf:1|upper;\n"
	                           "x.conf.d/../inc:1|inc;\n"
	                           "x.conf.d/b.conf:1|                 \n"
	                           "x.conf.d/\xc3\xa4.conf:1|umlaut;\n");
	assert_int_equal(source.root_count, 6);
	assert_int_equal(source.roots[0], 0);
	assert_int_equal(source.roots[1], 2);
	assert_int_equal(source.roots[2], 3); /* 9.conf has no line */
	assert_int_equal(source.roots[3], 3);
	assert_int_equal(source.roots[4], 4);
	assert_int_equal(source.roots[5], 6);
	assert_int_equal(source.file_count, 7);
	assert_null(source.files[7]);
	free(lines);
	source_clear(&source);
}

static void drop_ins_that_fail(void **state)
{
	(void)state;
	mkdir("x.conf.d", 0700);
	source_fixture_write("x.conf", "a = 1;\n");
	mkdir("x.conf.d/a.conf", 0700);
	mkfifo("x.conf.d/b.conf", 0600);
	assert_int_equal(symlink("/dev/null", "x.conf.d/c.conf"), 0);
	assert_int_equal(symlink("gone", "x.conf.d/d.conf"), 0);
	source_fixture_write("x.conf.d/e.conf", "e = \"\n");
	source_fixture_write("x.conf.d/f.conf", "f = 1;\n");
	source_fixture_assert(
		"x.conf.d/a.conf:0:0+1 the file is a directory, not a regular file\n"
		"x.conf.d/b.conf:0:0+1 the file is a FIFO, not a regular file\n"
		"x.conf.d/c.conf:0:0+1 the file is a device, not a regular file\n"
		"x.conf.d/d.conf:0:0+1 the file is a symbolic link to nothing\n"
		"x.conf.d/e.conf:1:5+1 unterminated string: its closing quote is missing\n",
		"x.conf:1|a = 1;\nx.conf.d/e.conf:1|e = \x1a\nx.conf.d/f.conf:1|f = 1;\n",
		"x.conf x.conf.d x.conf.d/a.conf x.conf.d/b.conf x.conf.d/c.conf "
		"x.conf.d/d.conf x.conf.d/e.conf x.conf.d/f.conf");
}

static void drop_in_directory_is_none(void **state)
{
	(void)state;
	source_fixture_write("x.conf", "a = 1;\n");
	source_fixture_write("x.conf.d", "");
	source_fixture_assert("x.conf.d:0:0+1 this is not a directory\n", "x.conf:1|a = 1;\n",
	                      "x.conf x.conf.d");
	unlink("x.conf.d");
	mkfifo("x.conf.d", 0600);
	source_fixture_assert("x.conf.d:0:0+1 this is not a directory\n", "x.conf:1|a = 1;\n",
	                      NULL);
	unlink("x.conf.d");
	assert_int_equal(symlink("gone", "x.conf.d"), 0);
	source_fixture_assert("x.conf.d:0:0+1 this is a symbolic link to nothing\n",
	                      "x.conf:1|a = 1;\n", "x.conf x.conf.d");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_open, scratch_close)

static int open_none(const struct file_opener *opener, const char *path)
{
	(void)opener;
	(void)path;
	errno = EACCES;
	return -1;
}

/* Whoever calls has read the first; what it names is opened by the service's user. */
static void another_opens_all_but_the_first(void **state)
{
	static const struct file_opener opener = {.open = open_none, .user = "nobody"};
	struct faults faults = {0};
	struct source source;

	(void)state;
	source_fixture_write("x.conf", "a = 1;\n@include \"inc\"\n");
	source_fixture_write("inc", "b = 2;\n");
	source_load(&source, "x.conf", &opener, &faults);
	assert_int_not_equal(faults.errors, 0);
	config_fixture_assert_faults(&faults,
	                             "2:10+5 error: 'inc' cannot be opened by user nobody: "
	                             "Permission denied\n");
	assert_string_equal(source.text, "a = 1;\n              \n");
	source_clear(&source);
	faults_clear(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(include_is_spliced),
		TEST(several_includes),
		TEST(include_follows_symlinks),
		TEST(includes_that_fail),
		TEST(missing_include_is_watched),
		TEST(nested_as_deep_as_allowed),
		TEST(more_files_than_allowed),
		TEST(more_bytes_than_allowed),
		TEST(open_ends_stay_in_their_file),
		TEST(drop_ins_in_byte_order),
		TEST(drop_ins_that_fail),
		TEST(drop_in_directory_is_none),
		TEST(another_opens_all_but_the_first),
	};

	return cmocka_run_group_tests_name("source_includes", tests, NULL, NULL);
}
