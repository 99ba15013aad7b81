/* SPDX-License-Identifier: MIT */
/* Real files in a directory of their own: what is joined, which line is whose, what is refused and
 * how it is reported, and what is noted to be watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
#include "support/config_fixture.h"
#include "support/source_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* someone who writes while we read */

static struct {
	int reads_to_spoil; /* so many reads are followed by a write */
	int spoiled;
	int flags; /* O_APPEND: the file grows; 0: it is overwritten */
	const char *path;
} writer;

static void write_byte(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);

	assert_int_equal(write(fd, "#", 1), 1);
	close(fd);
}

/* In front of the C library's own, under a name of ours, as its header may have a body for that:
 * each first read of an attempt is followed by a write. */
ssize_t read_and_spoil(int fd, void *bytes, size_t size) __asm__("read");

ssize_t read_and_spoil(int fd, void *bytes, size_t size)
{
	ssize_t count = (ssize_t)syscall(SYS_read, fd, bytes, size);

	if (writer.path != NULL && writer.spoiled < writer.reads_to_spoil && count > 1) {
		writer.spoiled++;
		write_byte(writer.path, writer.flags);
	}
	return count;
}

/* files */

static void one_file(void **state)
{
	(void)state;
	source_fixture_write("x.conf", "a = 1;\n\nb = 2;");
	source_fixture_assert("", "x.conf:1|a = 1;\nx.conf:2|\nx.conf:3|b = 2;\n",
	                      "x.conf x.conf.d");
	source_fixture_write("x.conf", "");
	source_fixture_assert("", "", "x.conf x.conf.d");
}

static void crlf_and_a_mark(void **state)
{
	struct faults faults = {0};
	struct text out = {0};
	struct source source;

	(void)state;
	source_fixture_write("x.conf", "\xef\xbb\xbf"
	                               "a = 1;\r\nb = ];\r\n");
	source_load(&source, "x.conf", NULL, &faults);
	assert_int_not_equal(faults.errors, 0);
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
	source_fixture_write(path, "");
	assert_int_equal(truncate(path, size), 0);
}

static void what_is_no_file(void **state)
{
	(void)state;
	source_fixture_assert("x.conf:0:0+1 the file does not exist\n", "", "x.conf x.conf.d");
	mkdir("x.conf", 0700);
	source_fixture_assert("x.conf:0:0+1 the file is a directory, not a regular file\n", "",
	                      NULL);
	rmdir("x.conf");
	mkfifo("x.conf", 0600);
	source_fixture_assert("x.conf:0:0+1 the file is a FIFO, not a regular file\n", "", NULL);
	unlink("x.conf");
	make_socket("x.conf");
	source_fixture_assert("x.conf:0:0+1 the file is a socket, not a regular file\n", "", NULL);
	unlink("x.conf");
	assert_int_equal(symlink("/dev/zero", "x.conf"), 0);
	source_fixture_assert("x.conf:0:0+1 the file is a device, not a regular file\n", "", NULL);
	unlink("x.conf");
	assert_int_equal(symlink("x.conf", "x.conf"), 0);
	source_fixture_assert("x.conf:0:0+1 the file is a loop of symbolic links\n", "", NULL);
	unlink("x.conf");
	assert_int_equal(symlink("gone", "x.conf"), 0);
	source_fixture_assert("x.conf:0:0+1 the file is a symbolic link to nothing\n", "", NULL);
	unlink("x.conf");
	make_sparse("x.conf", SOURCE_FILE_MAX + 1);
	source_fixture_assert("x.conf:0:0+1 the file is larger than 32 MiB\n", "", NULL);
}

static void unreadable_file(void **state)
{
	bool is_root = geteuid() == 0;

	(void)state;
	source_fixture_write("x.conf", "a = 1;\n");
	assert_int_equal(chmod("x.conf", 0), 0);
	assert_int_equal(chmod(".", 0755), 0);
	/* Root may read everything, so be somebody else meanwhile. */
	if (is_root)
		assert_int_equal(seteuid(65534), 0);
	source_fixture_assert("x.conf:0:0+1 the file cannot be opened: Permission denied\n", "",
	                      NULL);
	if (is_root)
		assert_int_equal(seteuid(0), 0);
}

static void file_that_grows_meanwhile(void **state)
{
	(void)state;
	source_fixture_write("x.conf", "a = 1;\n");
	writer.path = "x.conf";
	writer.spoiled = 0;
	writer.reads_to_spoil = 4;
	writer.flags = O_APPEND;
	source_fixture_assert("", "x.conf:1|a = 1;\nx.conf:2|####\n", NULL);
	writer.spoiled = 0;
	writer.reads_to_spoil = 5;
	source_fixture_assert("x.conf:0:0+1 the file changes while it is read\n", "", NULL);
	assert_int_equal(writer.spoiled, 5);
	writer.path = NULL;
}

/* The size tells nothing; the time of the last write does. */
static void file_that_is_overwritten_meanwhile(void **state)
{
	static const struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};

	(void)state;
	source_fixture_write("x.conf", "a = 1;\n");
	assert_int_equal(utimensat(AT_FDCWD, "x.conf", long_ago, 0), 0);
	writer.path = "x.conf";
	writer.spoiled = 0;
	writer.reads_to_spoil = 1;
	writer.flags = 0;
	source_fixture_assert("", "x.conf:1|# = 1;\n", NULL);
	writer.path = NULL;
}

/* hash, watching, places, bytes */

static void a_path_is_seen_from_its_file(void **state)
{
	static const struct {
		const char *file;
		const char *path;
		const char *seen;
	} cases[] = {
		{"main.conf", "key", "key"},
		{"main.conf", "/etc/key", "/etc/key"},
		{"main.conf", "./key", "./key"},
		{NULL, "key", "key"},
		{"./main.conf", "key", "./key"},
		{"sub/main.conf", "key", "sub/key"},
		{"sub/main.conf", "../key", "sub/../key"},
		{"sub/main.conf", "/etc/key", "/etc/key"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *seen = source_path_from(cases[i].file, cases[i].path);

		assert_string_equal(seen, cases[i].seen);
		free(seen);
	}
}

static uint64_t hash_now(void)
{
	struct faults faults = {0};
	struct source source;
	uint64_t hash;

	source_load(&source, "x.conf", NULL, &faults);
	hash = source.hash;
	source_clear(&source);
	faults_clear(&faults);
	return hash;
}

static void hash_tells_what_is_new(void **state)
{
	uint64_t hashes[10];

	(void)state;
	hashes[0] = hash_now();
	source_fixture_write("x.conf", "");
	hashes[1] = hash_now();
	source_fixture_write("x.conf", "@include \"a\"\n");
	hashes[2] = hash_now();
	mkfifo("a", 0600);
	hashes[3] = hash_now();
	unlink("a");
	mkdir("a", 0700);
	hashes[4] = hash_now();
	rmdir("a");
	source_fixture_write("a", "");
	hashes[5] = hash_now();
	source_fixture_write("a", "#");
	hashes[6] = hash_now();
	mkdir("x.conf.d", 0700);
	source_fixture_write("x.conf.d/a.conf.disabled", "#");
	assert_true(hash_now() == hashes[6]);
	source_fixture_write("x.conf.d/a.conf", "");
	hashes[7] = hash_now();
	assert_int_equal(rename("x.conf.d/a.conf", "x.conf.d/b.conf"), 0);
	hashes[8] = hash_now();
	source_fixture_write("a", " "); /* as many bytes */
	hashes[9] = hash_now();
	for (size_t i = 0; i < COUNT(hashes); i++) {
		for (size_t j = i + 1; j < COUNT(hashes); j++)
			assert_true(hashes[i] != hashes[j]);
	}
	source_fixture_write("x.conf", "@include \"a\"\n");
	assert_true(hash_now() == hashes[9]);
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
	source_from_bytes(&source, "name", text, strlen(text), &faults);
	assert_int_not_equal(faults.errors, 0);
	told = source_fixture_faults(&faults);
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
	source_from_bytes(&source, "name", "", 0, &faults);
	assert_int_equal(faults.errors, 0);
	assert_string_equal(source_place(&source, 0, 1).file, "name");
	assert_int_equal(source_place(&source, 0, 1).line, 0);
	assert_string_equal(source.text, "");
	source_clear(&source);
}

static void bytes_have_a_limit_too(void **state)
{
	char *blanks = mem_alloc(SOURCE_FILE_MAX + 1, 1);

	(void)state;
	memset(blanks, ' ', SOURCE_FILE_MAX + 1);
	for (size_t above = 0; above <= 1; above++) {
		struct faults faults = {0};
		struct source source;

		source_from_bytes(&source, "name", blanks, SOURCE_FILE_MAX + above, &faults);
		assert_int_equal(faults.errors, above);
		if (above > 0)
			assert_string_equal(faults.entries[0].text, "the file is too large");
		source_clear(&source);
		faults_clear(&faults);
	}
	free(blanks);
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
	source_fixture_write("x.conf", text.bytes);
	source_load(&source, "x.conf", NULL, &faults);
	assert_int_equal(faults.errors, 0);
	assert_int_equal(source.line_count, count);
	assert_string_equal(source.text, text.bytes);
	assert_int_equal(source_place(&source, source.length - 1, 1).line, count);
	source_clear(&source);
	text_clear(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_file),
		TEST(crlf_and_a_mark),
		TEST(what_is_no_file),
		TEST(unreadable_file),
		TEST(file_that_grows_meanwhile),
		TEST(file_that_is_overwritten_meanwhile),
		cmocka_unit_test(a_path_is_seen_from_its_file),
		TEST(hash_tells_what_is_new),
		cmocka_unit_test(many_paths_are_watched_once),
		cmocka_unit_test(bytes_without_files),
		cmocka_unit_test(bytes_have_a_limit_too),
		TEST(large_files),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
