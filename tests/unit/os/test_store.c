/* SPDX-License-Identifier: MIT */
/* Real directories: a scratch one, a read-only one, and a tmpfs of 24 KiB where root may mount. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/store.h"
#include "support/descriptors.h"
#include "support/skip.h"

static char *scratch(void)
{
	char pattern[] = "/tmp/test_store.XXXXXX";

	assert_non_null(mkdtemp(pattern));
	return mem_dup(pattern);
}

static void discard(char *directory)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;

	assert_non_null(stream);
	while ((entry = readdir(stream)) != NULL) {
		int flag = entry->d_type == DT_DIR ? AT_REMOVEDIR : 0;

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			assert_int_equal(unlinkat(dirfd(stream), entry->d_name, flag), 0);
	}
	closedir(stream);
	assert_int_equal(rmdir(directory), 0);
	free(directory);
}

static char *join(const char *directory, const char *name)
{
	return mem_printf("%s/%s", directory, name);
}

static void put(const char *directory, const char *name, const char *bytes)
{
	char *path = join(directory, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(bytes, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static size_t count_names(const char *directory, const char *prefix)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(stream);
	while ((entry = readdir(stream)) != NULL)
		count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
	closedir(stream);
	return count;
}

/* As store_read(), with the text taken apart. */
static enum store_result get(const char *directory, const char *name, size_t max, char **bytes,
                             size_t *length, struct fault *fault)
{
	struct text text = {0};
	enum store_result result = store_read(directory, name, max, &text, fault);

	if (result == STORE_READ) {
		*length = text.length;
		*bytes = text_take(&text);
	}
	return result;
}

static void assert_holds(const char *directory, const char *name, const char *expected)
{
	struct fault fault = {0};
	char *bytes = NULL;
	size_t length = 0;

	assert_int_equal(get(directory, name, 1 << 20, &bytes, &length, &fault), STORE_READ);
	assert_int_equal(length, strlen(expected));
	assert_string_equal(bytes, expected);
	free(bytes);
}

/* The texts name the scratch directory; `format` has a %s where it stands. */
static void assert_fault(struct fault *fault, const char *format, const char *directory)
{
	const char *at = strstr(format, "%s");
	char *expected;

	assert_non_null(at);
	expected = mem_printf("%.*s%s%s", (int)(at - format), format, directory, at + 2);
	assert_non_null(fault->text);
	assert_string_equal(fault->text, expected);
	free(expected);
	fault_clear(fault);
}

static void assert_replace_fails(const char *directory, const char *name, const char *bytes,
                                 size_t length, const char *format)
{
	struct fault fault = {0};

	assert_false(store_replace(directory, name, bytes, length, STORE_KEPT, &fault));
	assert_fault(&fault, format, directory);
}

static void replaces_and_reads(void **state)
{
	char *directory = scratch(), *path = join(directory, "a.json");
	struct fault fault = {0};
	struct stat before, after;
	mode_t mask = umask(0077);

	(void)state;
	assert_true(store_replace(directory, "a.json", "one", 3, STORE_KEPT, &fault));
	assert_holds(directory, "a.json", "one");
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 07777, 0600);
	assert_true(store_replace(directory, "a.json", "", 0, STORE_SHOWN, &fault));
	assert_holds(directory, "a.json", "");
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_mode & 07777, 0644);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(count_names(directory, "."), 2);
	umask(mask);
	free(path);
	discard(directory);
}

static void overwrites_what_a_crash_left(void **state)
{
	char *directory = scratch(), *victim = join(directory, "victim");
	char *temporary = join(directory, ".a.json.tmp");
	struct fault fault = {0};

	(void)state;
	put(directory, ".a.json.tmp", "half of something much longer than the new text");
	assert_true(store_replace(directory, "a.json", "new", 3, STORE_KEPT, &fault));
	assert_holds(directory, "a.json", "new");
	put(directory, "victim", "whole");
	assert_int_equal(symlink(victim, temporary), 0);
	assert_true(store_replace(directory, "a.json", "newer", 5, STORE_KEPT, &fault));
	assert_holds(directory, "a.json", "newer");
	assert_holds(directory, "victim", "whole");
	free(temporary);
	free(victim);
	discard(directory);
}

static void tells_what_cannot_be_replaced(void **state)
{
	char *directory = scratch(), *blocked = join(directory, "taken");

	(void)state;
	assert_int_equal(mkdir(blocked, 0700), 0);
	assert_replace_fails(directory, "taken", "x", 1,
	                     "cannot replace '%s/taken': Is a directory");
	assert_int_equal(count_names(directory, "."), 2);
	free(blocked);
	blocked = join(directory, ".a.tmp");
	assert_int_equal(mkdir(blocked, 0700), 0);
	assert_replace_fails(directory, "a", "x", 1, "cannot create '%s/.a.tmp': File exists");
	free(blocked);
	discard(directory);
	assert_replace_fails("/nonexistent/there", "a", "x", 1,
	                     "cannot open '%s': No such file or directory");
}

/* Runs in a child, where a namespace, limits and a uid can be changed at will; cmocka's longjmp
 * stays there. */
static void in_child(void (*body)(const char *directory), char *directory)
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		body(directory);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		discard(directory);
		skip_because("no namespace of its own can be had");
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define CHECK(condition)                                                   \
	do {                                                               \
		if (!(condition)) {                                        \
			fprintf(stderr, "%d: %s\n", __LINE__, #condition); \
			_exit(1);                                          \
		}                                                          \
	} while (0)

static bool fails_with(const char *directory, size_t length, const char *tail)
{
	struct fault fault = {0};
	char *bytes = mem_alloc(1, length);
	bool good;

	memset(bytes, 'x', length);
	good = !store_replace(directory, "a", bytes, length, STORE_KEPT, &fault) &&
	       strlen(fault.text) > strlen(tail) &&
	       strcmp(fault.text + strlen(fault.text) - strlen(tail), tail) == 0;
	if (!good)
		fprintf(stderr, "fault: %s\n", fault.text != NULL ? fault.text : "none");
	fault_clear(&fault);
	free(bytes);
	return good;
}

static bool holds(const char *directory, const char *expected)
{
	struct fault fault = {0};
	char *bytes = NULL;
	size_t length = 0;
	bool same;

	if (get(directory, "a", 1000, &bytes, &length, &fault) != STORE_READ)
		return false;
	same = strcmp(bytes, expected) == 0;
	free(bytes);
	return same;
}

static void fill_disk(const char *directory)
{
	struct fault fault = {0};

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", directory, "tmpfs", 0, "size=24k") < 0)
		_exit(77);
	CHECK(store_replace(directory, "a", "old", 3, STORE_KEPT, &fault));
	CHECK(fails_with(directory, 30000, "/.a.tmp': No space left on device"));
	CHECK(holds(directory, "old"));
	CHECK(count_names(directory, ".a") == 0);
	CHECK(mount(NULL, directory, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	CHECK(fails_with(directory, 3, "/.a.tmp': Read-only file system"));
	CHECK(holds(directory, "old"));
}

static void keeps_the_old_file_on_a_full_disk(void **state)
{
	char *directory = scratch();

	(void)state;
	in_child(fill_disk, directory);
	discard(directory);
}

static void limit_size(const char *directory)
{
	struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
	struct fault fault = {0};

	signal(SIGXFSZ, SIG_IGN);
	CHECK(store_replace(directory, "a", "old", 3, STORE_KEPT, &fault));
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	CHECK(fails_with(directory, 5000, "/.a.tmp': File too large"));
	CHECK(holds(directory, "old"));
	CHECK(count_names(directory, ".a") == 0);
}

static void keeps_the_old_file_after_a_short_write(void **state)
{
	char *directory = scratch();

	(void)state;
	in_child(limit_size, directory);
	discard(directory);
}

static void forbid(const char *directory)
{
	if (geteuid() == 0 && (chmod(directory, 0555) < 0 || setuid(65534) < 0))
		_exit(77);
	CHECK(geteuid() == 0 || chmod(directory, 0555) == 0 || errno == EPERM);
	CHECK(fails_with(directory, 3, "/.a.tmp': Permission denied"));
}

static void tells_of_a_read_only_directory(void **state)
{
	char *directory = scratch();

	(void)state;
	in_child(forbid, directory);
	discard(directory);
}

static void tells_why_nothing_was_read(void **state)
{
	static const struct {
		const char *name;
		const char *fault;
		enum store_result result;
	} rows[] = {
		{"none", "'%s/none' does not exist", STORE_MISSING},
		{"folder", "'%s/folder' is a directory, not a regular file", STORE_UNFIT},
		{"fifo", "'%s/fifo' is a FIFO, not a regular file", STORE_UNFIT},
		{"link", "'%s/link' is a symbolic link", STORE_FAILED},
		{"large", "'%s/large' is larger than 4 bytes", STORE_UNFIT},
	};
	char *directory = scratch(), *folder = join(directory, "folder");
	char *fifo = join(directory, "fifo"), *path = join(directory, "link");

	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("large", path), 0);
	put(directory, "large", "12345");
	put(directory, "right", "1234");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fault fault = {0};
		char untouched, *bytes = &untouched;
		size_t length = 7;

		assert_int_equal(get(directory, rows[i].name, 4, &bytes, &length, &fault),
		                 rows[i].result);
		assert_fault(&fault, rows[i].fault, directory);
		assert_ptr_equal(bytes, &untouched);
		assert_int_equal(length, 7);
	}
	assert_holds(directory, "right", "1234");
	free(folder);
	free(fifo);
	free(path);
	discard(directory);
}

static void a_missing_directory_is_missing(void **state)
{
	struct fault fault = {0};
	char *bytes = NULL;
	size_t length = 0;

	(void)state;
	assert_int_equal(get("/nonexistent", "a", 4, &bytes, &length, &fault), STORE_MISSING);
	assert_fault(&fault, "'%s/a' does not exist", "/nonexistent");
}

static void sets_aside_and_keeps_three(void **state)
{
	char *directory = scratch(), *last = NULL;
	size_t descriptors = open_descriptors();
	struct fault fault = {0};

	(void)state;
	put(directory, "s.corrupt-20200101T000000Z", "oldest");
	put(directory, "s.corrupt-29990101T000000Z", "from a clock that was wrong");
	for (unsigned i = 0; i < 5; i++) {
		char text[2] = {(char)('0' + i), '\0'};

		free(last);
		last = NULL;
		put(directory, "s", text);
		assert_true(store_set_aside(directory, "s", &last, &fault));
		assert_holds(directory, last, text);
		assert_int_equal(strncmp(last, "s.corrupt-20", 12), 0);
		assert_int_equal(last[strcspn(last, "Z")], 'Z');
	}
	assert_int_equal(count_names(directory, "s.corrupt-"), 3);
	assert_int_equal(count_names(directory, "s.corrupt-2999"), 1);
	assert_int_equal(open_descriptors(), descriptors);
	assert_false(store_set_aside(directory, "s", &last, &fault));
	assert_fault(&fault, "cannot set aside '%s/s': No such file or directory", directory);
	free(last);
	discard(directory);
}

/* However many within one second. */
static void sets_aside_over_nothing(void **state)
{
	char *directory = scratch(), *aside;
	struct fault fault = {0};

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		put(directory, "s", "x");
		assert_true(store_set_aside(directory, "s", &aside, &fault));
		assert_int_equal(count_names(directory, "s.corrupt-"), i);
		free(aside);
	}
	discard(directory);
}

static void makes_directories(void **state)
{
	char *directory = scratch(), *deep = join(directory, "a/b/c/"),
	     *middle = join(directory, "a/b");
	char *file = join(directory, "file"), *under = join(directory, "file/x");
	mode_t mask = umask(0022);
	struct fault fault = {0};
	struct stat status;

	(void)state;
	assert_true(store_make_directory(deep, &fault));
	assert_true(store_make_directory(deep, &fault));
	assert_int_equal(stat(deep, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat(middle, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0755);
	put(directory, "file", "");
	assert_false(store_make_directory(file, &fault));
	assert_fault(&fault, "cannot create the directory '%s/file': File exists", directory);
	assert_false(store_make_directory(under, &fault));
	assert_fault(&fault, "cannot create the directory '%s/file': File exists", directory);
	assert_int_equal(rmdir(deep), 0);
	assert_int_equal(rmdir(middle), 0);
	umask(mask);
	free(deep);
	free(middle);
	free(file);
	free(under);
	discard(directory);
}

static void assert_owner(const char *directory, const char *name, uid_t uid)
{
	char *path = join(directory, name);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, uid);
	assert_int_equal(status.st_gid, uid);
	assert_int_equal(status.st_mode & 07777, 0600);
	free(path);
}

/* What root does by hand must not shut the daemon out of its state. */
static void root_leaves_files_to_the_owner(void **state)
{
	struct fault fault = {0};
	const uid_t other = 54321;
	char *directory;

	(void)state;
	if (geteuid() != 0)
		skip_because("only root can give a directory away");
	directory = scratch();
	assert_int_equal(chown(directory, other, other), 0);
	assert_true(store_replace(directory, "state.json", "x", 1, STORE_KEPT, &fault));
	assert_owner(directory, "state.json", other);
	discard(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_and_reads),
		cmocka_unit_test(overwrites_what_a_crash_left),
		cmocka_unit_test(tells_what_cannot_be_replaced),
		cmocka_unit_test(keeps_the_old_file_on_a_full_disk),
		cmocka_unit_test(keeps_the_old_file_after_a_short_write),
		cmocka_unit_test(tells_of_a_read_only_directory),
		cmocka_unit_test(tells_why_nothing_was_read),
		cmocka_unit_test(a_missing_directory_is_missing),
		cmocka_unit_test(sets_aside_and_keeps_three),
		cmocka_unit_test(sets_aside_over_nothing),
		cmocka_unit_test(makes_directories),
		cmocka_unit_test(root_leaves_files_to_the_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
