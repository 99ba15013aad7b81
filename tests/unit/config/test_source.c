/* SPDX-License-Identifier: MIT */
/* Real files in a directory of their own: what is joined, which line is whose, what is refused and
 * how it is told, and what is noted to be watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/source.h"
#include "config/source_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* a directory, and someone who writes while we read */

static struct {
	int reads_to_spoil; /* so many reads are followed by a write */
	int spoiled;
	int flags; /* O_APPEND: the file grows; 0: it is overwritten */
	const char *path;
} writer;

static void write_text(const char *path, const char *text);

static void write_byte(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);

	assert_int_equal(write(fd, "#", 1), 1);
	close(fd);
}

/* In front of the C library's own: each first read of an attempt is followed by a write. */
ssize_t read(int fd, void *bytes, size_t size)
{
	ssize_t count = (ssize_t)syscall(SYS_read, fd, bytes, size);

	if (writer.path != NULL && writer.spoiled < writer.reads_to_spoil && count > 1) {
		writer.spoiled++;
		write_byte(writer.path, writer.flags);
	}
	return count;
}

static int set_up(void **state)
{
	static char directory[] = "/tmp/test_source.XXXXXX";

	(void)state;
	memcpy(strchr(directory, '.'), ".XXXXXX", 7);
	return mkdtemp(directory) == NULL || chdir(directory) != 0;
}

static void remove_tree(int directory)
{
	DIR *stream = fdopendir(directory);
	const struct dirent *entry;

	while ((entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(directory, entry->d_name, 0) != 0) {
			remove_tree(openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY));
			(void)unlinkat(directory, entry->d_name, AT_REMOVEDIR);
		}
	}
	closedir(stream);
}

static int tear_down(void **state)
{
	char *here = getcwd(NULL, 0);
	int failed;

	(void)state;
	remove_tree(open(".", O_RDONLY | O_DIRECTORY));
	failed = chdir("/") != 0 || rmdir(here) != 0;
	free(here);
	return failed;
}

static void write_bytes(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

/* what came of a load */

/* "FILE:LINE:COLUMN+WIDTH TEXT", a line for each. */
static char *list_faults(struct faults *faults)
{
	struct text out = {0};

	faults_sort(faults, NULL);
	for (size_t i = 0; i < faults->count; i++) {
		const struct fault_entry *entry = &faults->entries[i];

		text_printf(&out, "%s:%d:%d+%d %s\n", entry->file, entry->line, entry->column,
		            entry->width, entry->text);
	}
	return text_take(&out);
}

/* "FILE:LINE|TEXT", as source_place() finds each line's first byte. */
static char *list_lines(const struct source *source)
{
	struct text out = {0};

	for (size_t offset = 0; offset < source->length;) {
		struct fault_place place = source_place(source, offset, 1);
		size_t length = strcspn(source->text + offset, "\n");

		assert_ptr_equal(place.source, source->text + offset);
		assert_int_equal(place.column, 1);
		text_printf(&out, "%s:%d|%.*s\n", place.file, place.line, (int)length,
		            place.source);
		offset += length + 1;
	}
	assert_int_equal(source->text[source->length], '\0');
	return text_take(&out);
}

static char *list_watched(const struct source *source)
{
	struct text out = {0};

	assert_null(source->watched[source->watched_count]);
	for (size_t i = 0; i < source->watched_count; i++)
		text_printf(&out, "%s%s", i > 0 ? " " : "", source->watched[i]);
	return text_take(&out);
}

/* Load "x.conf" and compare; NULL is not compared. */
static void assert_load(const char *faults, const char *lines, const char *watched)
{
	struct faults found = {0};
	struct source source;
	bool good = source_load(&source, "x.conf", &found);
	char *texts[] = {list_faults(&found), list_lines(&source), list_watched(&source)};

	assert_string_equal(texts[0], faults);
	assert_int_equal(good, *faults == '\0');
	if (lines != NULL)
		assert_string_equal(texts[1], lines);
	if (watched != NULL)
		assert_string_equal(texts[2], watched);
	for (size_t i = 0; i < COUNT(texts); i++)
		free(texts[i]);
	source_clear(&source);
	faults_clear(&found);
}

/* files */

static void one_file(void **state)
{
	(void)state;
	write_text("x.conf", "a = 1;\n\nb = 2;");
	assert_load("", "x.conf:1|a = 1;\nx.conf:2|\nx.conf:3|b = 2;\n", "x.conf x.conf.d");
	write_text("x.conf", "");
	assert_load("", "", "x.conf x.conf.d");
}

static void crlf_and_a_mark(void **state)
{
	struct faults faults = {0};
	struct text out = {0};
	struct source source;

	(void)state;
	write_text("x.conf", "\xef\xbb\xbf"
	                     "a = 1;\r\nb = ];\r\n");
	assert_false(source_load(&source, "x.conf", &faults));
	faults_print(&faults, false, &out);
	assert_string_equal(
		out.bytes,
		"x.conf:2:5: error: ']' closes nothing in this file; is its '[' missing?\n"
		"    2 | b = ];\n"
		"      |     ^\n"
		"1 error\n");
	text_clear(&out);
	source_clear(&source);
	faults_clear(&faults);
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void make_sparse(const char *path, off_t size)
{
	write_text(path, "");
	assert_int_equal(truncate(path, size), 0);
}

static void what_is_no_file(void **state)
{
	(void)state;
	assert_load("x.conf:0:0+1 the file does not exist\n", "", "x.conf x.conf.d");
	mkdir("x.conf", 0700);
	assert_load("x.conf:0:0+1 the file is a directory, not a regular file\n", "", NULL);
	rmdir("x.conf");
	mkfifo("x.conf", 0600);
	assert_load("x.conf:0:0+1 the file is a FIFO, not a regular file\n", "", NULL);
	unlink("x.conf");
	make_socket("x.conf");
	assert_load("x.conf:0:0+1 the file is a socket, not a regular file\n", "", NULL);
	unlink("x.conf");
	assert_int_equal(symlink("/dev/zero", "x.conf"), 0);
	assert_load("x.conf:0:0+1 the file is a device, not a regular file\n", "", NULL);
	unlink("x.conf");
	assert_int_equal(symlink("x.conf", "x.conf"), 0);
	assert_load("x.conf:0:0+1 the file is a loop of symbolic links\n", "", NULL);
	unlink("x.conf");
	assert_int_equal(symlink("gone", "x.conf"), 0);
	assert_load("x.conf:0:0+1 the file is a symbolic link to nothing\n", "", NULL);
	unlink("x.conf");
	make_sparse("x.conf", SOURCE_FILE_MAX + 1);
	assert_load("x.conf:0:0+1 the file is larger than 32 MiB\n", "", NULL);
}

static void unreadable_file(void **state)
{
	bool is_root = geteuid() == 0;

	(void)state;
	write_text("x.conf", "a = 1;\n");
	assert_int_equal(chmod("x.conf", 0), 0);
	assert_int_equal(chmod(".", 0755), 0);
	/* Root may read everything, so be somebody else meanwhile. */
	if (is_root)
		assert_int_equal(seteuid(65534), 0);
	assert_load("x.conf:0:0+1 the file cannot be opened: Permission denied\n", "", NULL);
	if (is_root)
		assert_int_equal(seteuid(0), 0);
}

static void file_that_grows_meanwhile(void **state)
{
	(void)state;
	write_text("x.conf", "a = 1;\n");
	writer.path = "x.conf";
	writer.spoiled = 0;
	writer.reads_to_spoil = 4;
	writer.flags = O_APPEND;
	assert_load("", "x.conf:1|a = 1;\nx.conf:2|####\n", NULL);
	writer.spoiled = 0;
	writer.reads_to_spoil = 5;
	assert_load("x.conf:0:0+1 the file changes while it is read\n", "", NULL);
	assert_int_equal(writer.spoiled, 5);
	writer.path = NULL;
}

/* The size tells nothing; the time of the last write does. */
static void file_that_is_overwritten_meanwhile(void **state)
{
	static const struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};

	(void)state;
	write_text("x.conf", "a = 1;\n");
	assert_int_equal(utimensat(AT_FDCWD, "x.conf", long_ago, 0), 0);
	writer.path = "x.conf";
	writer.spoiled = 0;
	writer.reads_to_spoil = 1;
	writer.flags = 0;
	assert_load("", "x.conf:1|# = 1;\n", NULL);
	writer.path = NULL;
}

/* includes */

static void include_is_spliced(void **state)
{
	(void)state;
	mkdir("inc", 0700);
	write_text("x.conf", "l = (\n  @include \"inc/a.conf\" # items\n  3 );\nm = 1;\n");
	write_text("inc/a.conf", "1,\n@include \"b.conf\"");
	write_text("inc/b.conf", "2,");
	assert_load("",
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
	write_text("x.conf", text);
	write_text("a", "");
	write_text("b", "b = 1;\r\n");
	mem_free_secret(text);
	text = mem_printf("x.conf a %s/b x.conf.d", here);
	assert_load("", NULL, text);
	free(text);
	free(here);
}

static void include_follows_symlinks(void **state)
{
	(void)state;
	mkdir("real", 0700);
	write_text("real/x.conf", "@include \"y\"\n");
	write_text("real/y", "real = 1;\n");
	write_text("y", "here = 1;\n");
	assert_int_equal(symlink("real/x.conf", "x.conf"), 0);
	/* By the name that the operator uses, as a shell would. */
	assert_load("", "y:1|here = 1;\nx.conf:1|            \n", "x.conf y x.conf.d");
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
	write_text("b", "@include \"c\"\n");
	write_text("c", "@include \"./b\"\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		write_text("x.conf", cases[i].text);
		assert_load(cases[i].faults, NULL, NULL);
	}
}

static void missing_include_is_watched(void **state)
{
	(void)state;
	mkdir("etc", 0700);
	write_text("x.conf", "@include \"etc/gone\"\nb = 1;\n");
	assert_load("x.conf:1:10+10 'etc/gone' does not exist; the path is relative to the "
	            "directory of this file\n",
	            "x.conf:1|                   \nx.conf:2|b = 1;\n", "x.conf etc/gone x.conf.d");
}

static void nested_as_deep_as_allowed(void **state)
{
	char name[16], text[32];

	(void)state;
	write_text("x.conf", "@include \"1\"\n");
	for (int i = 1; i < SOURCE_DEPTH_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		snprintf(text, sizeof(text), "@include \"%d\"\n", i + 1);
		write_text(name, text);
	}
	write_text("10", "a = 1;\n");
	assert_load("", NULL, "x.conf 1 2 3 4 5 6 7 8 9 10 x.conf.d");
	write_text("10", "@include \"11\"\n");
	assert_load("10:1:10+4 files are included more than 10 deep\n", NULL, NULL);
}

static void more_files_than_allowed(void **state)
{
	struct text text = {0};

	(void)state;
	write_text("a", "");
	for (int i = 0; i < SOURCE_FILES_MAX - 1; i++)
		text_add(&text, "@include \"a\"\n");
	write_text("x.conf", text.bytes);
	assert_load("", NULL, "x.conf a x.conf.d");
	text_add(&text, "@include \"a\"\n@include \"b\"\n");
	write_text("x.conf", text.bytes);
	/* Told once; but what comes later is watched. */
	assert_load("x.conf:256:10+3 'a' is one too many: at most 256 files are read\n", NULL,
	            "x.conf a b x.conf.d");
	text_clear(&text);
}

static void more_bytes_than_allowed(void **state)
{
	char *blanks = mem_alloc(SOURCE_FILE_MAX + 1, 1);

	(void)state;
	memset(blanks, ' ', SOURCE_FILE_MAX);
	write_text("a", blanks);
	write_text("x.conf", "@include \"a\"\n@include \"a\"\n@include \"a\"\n");
	assert_load("x.conf:2:10+3 'a' makes the files together larger than 64 MiB\n", NULL, NULL);
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
	         "inc:1|a = { // x\ninc:1|}\nx.conf:1|              \n"
	         "x.conf:2|b = 1; c =  ;\n"},
		{"a = 1; }", "inc:1:8+1 '}' closes nothing in this file; is its '{' missing?\n",
	         "inc:1|a = 1;  \nx.conf:1|              \nx.conf:2|b = 1; c =  ;\n"},
		{"// x", "", "inc:1|// x\nx.conf:1|              \nx.conf:2|b = 1; c =  ;\n"},
	};

	(void)state;
	write_text("x.conf", "@include \"inc\"\nb = 1; c = );\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *faults = mem_printf(
			"x.conf:2:12+1 ')' closes nothing in this file; is its '(' missing?\n%s",
			cases[i].faults);

		write_text("inc", cases[i].included);
		assert_load(faults, cases[i].lines, NULL);
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
	write_text("x.conf", "a = 1;\nb = 1;\n");
	write_text("x.conf.d/b.conf", "@include \"../inc\"\n");
	write_text("x.conf.d/B.conf", "upper;\n");
	write_text("x.conf.d/10.conf", "ten;\n");
	write_text("x.conf.d/9.conf", "");
	write_text("x.conf.d/\xc3\xa4.conf", "umlaut;\n");
	write_text("x.conf.d/.hidden.conf", "no;\n");
	write_text("x.conf.d/.conf", "no;\n");
	write_text("x.conf.d/a.conf~", "no;\n");
	write_text("x.conf.d/a.conf.dpkg-new", "no;\n");
	write_text("inc", "inc;\n");
	assert_true(source_load(&source, "x.conf", &faults));
	lines = list_lines(&source);
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
	write_text("x.conf", "a = 1;\n");
	mkdir("x.conf.d/a.conf", 0700);
	mkfifo("x.conf.d/b.conf", 0600);
	assert_int_equal(symlink("/dev/null", "x.conf.d/c.conf"), 0);
	assert_int_equal(symlink("gone", "x.conf.d/d.conf"), 0);
	write_text("x.conf.d/e.conf", "e = \"\n");
	write_text("x.conf.d/f.conf", "f = 1;\n");
	assert_load("x.conf.d/a.conf:0:0+1 the file is a directory, not a regular file\n"
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
	write_text("x.conf", "a = 1;\n");
	write_text("x.conf.d", "");
	assert_load("x.conf.d:0:0+1 this is not a directory\n", "x.conf:1|a = 1;\n",
	            "x.conf x.conf.d");
	unlink("x.conf.d");
	mkfifo("x.conf.d", 0600);
	assert_load("x.conf.d:0:0+1 this is not a directory\n", "x.conf:1|a = 1;\n", NULL);
}

/* hash, watching, places, bytes */

static uint64_t hash_now(void)
{
	struct faults faults = {0};
	struct source source;
	uint64_t hash;

	(void)source_load(&source, "x.conf", &faults);
	hash = source.hash;
	source_clear(&source);
	faults_clear(&faults);
	return hash;
}

static void hash_tells_what_is_new(void **state)
{
	uint64_t hashes[8];

	(void)state;
	hashes[0] = hash_now();
	write_text("x.conf", "");
	hashes[1] = hash_now();
	write_text("x.conf", "@include \"a\"\n");
	hashes[2] = hash_now();
	mkfifo("a", 0600);
	hashes[3] = hash_now();
	unlink("a");
	write_text("a", "");
	hashes[4] = hash_now();
	write_text("a", "#");
	hashes[5] = hash_now();
	mkdir("x.conf.d", 0700);
	write_text("x.conf.d/a.conf.disabled", "#");
	assert_true(hash_now() == hashes[5]);
	write_text("x.conf.d/a.conf", "");
	hashes[6] = hash_now();
	assert_int_equal(rename("x.conf.d/a.conf", "x.conf.d/b.conf"), 0);
	hashes[7] = hash_now();
	for (size_t i = 0; i < COUNT(hashes); i++) {
		for (size_t j = i + 1; j < COUNT(hashes); j++)
			assert_true(hashes[i] != hashes[j]);
	}
	write_text("x.conf", "@include \"a\"\n");
	assert_true(hash_now() == hashes[7]);
}

static void many_paths_are_watched_once(void **state)
{
	struct source source = {0};
	char path[16];
	char **watched;
	size_t count;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 100000; i++) {
			snprintf(path, sizeof(path), "/k/%d", i);
			source_watch(&source, path);
		}
		assert_int_equal(source.watched_count, 100000);
	}
	watched = source_take_watched(&source, &count);
	assert_int_equal(count, 100000);
	assert_string_equal(watched[0], "/k/0");
	assert_string_equal(watched[99999], "/k/99999");
	assert_null(watched[100000]);
	for (size_t i = 0; i < count; i++)
		free(watched[i]);
	free(watched);
	source_watch(&source, "/again");
	assert_string_equal(source.watched[0], "/again");
	source_clear(&source);
	watched = source_take_watched(&source, &count);
	assert_int_equal(count, 0);
	assert_null(watched[0]);
	free(watched);
}

static void bytes_without_files(void **state)
{
	static const char text[] = "a = 1;\n@include \"/etc/passwd\"\nbcd";
	struct faults faults = {0};
	struct fault_place place;
	struct source source;
	char *told;

	(void)state;
	assert_false(source_from_bytes(&source, "name", text, strlen(text), &faults));
	told = list_faults(&faults);
	assert_string_equal(told, "name:2:10+13 no file can be included here\n");
	assert_int_equal(source.line_count, 3);
	assert_int_equal(source.root_count, 1);
	place = source_place(&source, source.lines[2].start + 2, 1);
	assert_int_equal(place.line, 3);
	assert_int_equal(place.column, 3);
	/* The end of the text is behind its last newline. */
	place = source_place(&source, source.length, 1);
	assert_int_equal(place.line, 3);
	assert_int_equal(place.column, 5);
	free(told);
	source_clear(&source);
	faults_clear(&faults);
	assert_true(source_from_bytes(&source, "name", "", 0, &faults));
	assert_string_equal(source_place(&source, 0, 1).file, "name");
	assert_int_equal(source_place(&source, 0, 1).line, 0);
	assert_string_equal(source.text, "");
	source_clear(&source);
}

static void large_files(void **state)
{
	static const char unit[] = "{ id = 1; indexing_cron = \"0 6 * * *\"; },\n";
	size_t count = 10 * 1024 * 1024 / (sizeof(unit) - 1);
	struct text text = {0};
	struct faults faults = {0};
	struct source source;

	(void)state;
	for (size_t i = 0; i < count; i++)
		text_add(&text, unit);
	write_text("x.conf", text.bytes);
	assert_true(source_load(&source, "x.conf", &faults));
	assert_int_equal(source.line_count, count);
	assert_string_equal(source.text, text.bytes);
	assert_int_equal(source_place(&source, source.length - 1, 1).line, count);
	source_clear(&source);
	text_clear(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_file),
		TEST(crlf_and_a_mark),
		TEST(what_is_no_file),
		TEST(unreadable_file),
		TEST(file_that_grows_meanwhile),
		TEST(file_that_is_overwritten_meanwhile),
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
		TEST(hash_tells_what_is_new),
		cmocka_unit_test(many_paths_are_watched_once),
		cmocka_unit_test(bytes_without_files),
		TEST(large_files),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
