/* SPDX-License-Identifier: MIT */
/* A file is read whole or not at all: every kind that is none, every answer of the system calls,
 * and what another process does to it meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "support/descriptors.h"
#include "support/scratch.h"
#include "support/wrap.h"

#define MAX 64

/* What the system calls do next. */
static struct {
	int fail_open;           /* errno */
	int fail_seek;           /* errno */
	int fail_read;           /* errno, once */
	int fail_stat;           /* errno, at the stat_number-th call */
	int stat_number;         /* counts down to the one that fails */
	size_t chunk;            /* bytes that one read gives at most; 0: all */
	void (*meanwhile)(void); /* what somebody does before each first read of an attempt */
	int attempts;            /* that began to read */
} calls;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *bytes, size_t size);
int __real_fstat(int fd, struct stat *status);
off_t __real_lseek(int fd, off_t offset, int whence);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
int __wrap_fstat(int fd, struct stat *status);
off_t __wrap_lseek(int fd, off_t offset, int whence);

int __wrap_open(const char *path, int flags, ...)
{
	errno = calls.fail_open;
	return calls.fail_open != 0 ? -1 : __real_open(path, flags, 0600);
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
	if (calls.fail_read != 0) {
		errno = calls.fail_read;
		calls.fail_read = 0;
		return -1;
	}
	return __real_read(fd, bytes, calls.chunk > 0 && calls.chunk < size ? calls.chunk : size);
}

int __wrap_fstat(int fd, struct stat *status)
{
	if (calls.fail_stat != 0 && --calls.stat_number == 0) {
		errno = calls.fail_stat;
		return -1;
	}
	return __real_fstat(fd, status);
}

off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	calls.attempts++;
	if (calls.meanwhile != NULL)
		calls.meanwhile();
	errno = calls.fail_seek;
	return calls.fail_seek != 0 ? -1 : __real_lseek(fd, offset, whence);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void write_file(const char *path, const char *text)
{
	int fd = __real_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

static int prepare(void **state)
{
	(void)scratch_open(state);
	memset(&calls, 0, sizeof(calls));
	write_file("file", "twelve bytes");
	return 0;
}

static void expect_bytes(const char *path, size_t max, const char *text)
{
	size_t before = open_descriptors();
	struct file_read file;
	struct fault fault = {0};

	if (!file_read(&file, path, max, NULL, &fault))
		fail_msg("%s: %s", path, fault.text);
	assert_int_equal(file.length, strlen(text));
	assert_string_equal(file.bytes, text);
	assert_int_equal(file.status.st_size, (off_t)strlen(text));
	assert_int_equal(file.error, 0);
	file_read_clear(&file);
	assert_null(file.bytes);
	assert_int_equal(file.length, 0);
	assert_int_equal(open_descriptors(), before);
}

static void expect_fault(const char *path, size_t max, int error, const char *text)
{
	size_t before = open_descriptors();
	struct file_read file;
	struct fault fault = {0};

	if (file_read(&file, path, max, NULL, &fault))
		fail_msg("%s is read", path);
	assert_string_equal(fault.text, text);
	assert_int_equal(file.error, error);
	assert_null(file.bytes);
	assert_int_equal(open_descriptors(), before);
	fault_clear(&fault);
}

static void a_file_is_read_whole(void **state)
{
	(void)state;
	expect_bytes("file", MAX, "twelve bytes");
	write_file("empty", "");
	expect_bytes("empty", MAX, "");
	expect_bytes("empty", 0, "");
	assert_int_equal(symlink("file", "link"), 0);
	expect_bytes("link", MAX, "twelve bytes");
}

static void in_pieces_too(void **state)
{
	(void)state;
	for (calls.chunk = 1; calls.chunk <= 13; calls.chunk++)
		expect_bytes("file", MAX, "twelve bytes");
	calls.fail_read = EINTR;
	expect_bytes("file", MAX, "twelve bytes");
}

static void no_more_than_allowed(void **state)
{
	(void)state;
	expect_bytes("file", 12, "twelve bytes");
	expect_fault("file", 11, EINVAL, "is larger than 11 bytes");
	assert_int_equal(truncate("file", 2 * 1024 * 1024 + 1), 0);
	expect_fault("file", 1024 * 1024 - 1, EINVAL, "is larger than 1048575 bytes");
	expect_fault("file", 1024 * 1024, EINVAL, "is larger than 1 MiB");
	expect_fault("file", 2 * 1024 * 1024, EINVAL, "is larger than 2 MiB");
}

static void bind_socket(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(close(fd), 0);
}

static void what_is_no_file_is_named(void **state)
{
	(void)state;
	assert_int_equal(mkdir("directory", 0700), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	bind_socket();
	expect_fault("directory", MAX, EINVAL, "is a directory, not a regular file");
	expect_fault("fifo", MAX, EINVAL, "is a FIFO, not a regular file");
	expect_fault("socket", MAX, ENXIO, "is a socket, not a regular file");
	expect_fault("/dev/null", MAX, EINVAL, "is a device, not a regular file");
}

static void what_cannot_be_opened_is_said(void **state)
{
	static const struct {
		int error;
		const char *text;
	} rows[] = {
		{EACCES, "cannot be opened: Permission denied"},
		{EMFILE, "cannot be opened: Too many open files"},
		{ENODEV, "is a device, not a regular file"},
		{ENXIO, "is a device, not a regular file"},
		{EIO, "cannot be opened: Input/output error"},
		{ENOENT, "does not exist"},
	};

	(void)state;
	assert_int_equal(symlink("nothing", "dangling"), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	expect_fault("missing", MAX, ENOENT, "does not exist");
	expect_fault("file/below", MAX, ENOTDIR, "does not exist");
	expect_fault("dangling", MAX, ENOENT, "is a symbolic link to nothing");
	expect_fault("loop", MAX, ELOOP, "is a loop of symbolic links");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		calls.fail_open = rows[i].error;
		expect_fault("/dev/null", MAX, rows[i].error, rows[i].text);
	}
	expect_fault("file", MAX, ENOENT, "does not exist");
	calls.fail_open = ENXIO;
	expect_fault("missing", MAX, ENXIO, "cannot be opened: No such device or address");
}

static void an_error_is_no_content(void **state)
{
	(void)state;
	calls.fail_read = EIO;
	expect_fault("file", MAX, EIO, "cannot be read: Input/output error");
	calls.fail_seek = ESPIPE;
	expect_fault("file", MAX, ESPIPE, "cannot be read: Illegal seek");
	calls.fail_seek = 0;
	for (int number = 1; number <= 2; number++) {
		calls.fail_stat = ESTALE;
		calls.stat_number = number;
		expect_fault("file", MAX, ESTALE, "cannot be read: Stale file handle");
	}
	calls.fail_stat = 0;
	/* It has bytes and says that it has none. */
	expect_fault("/proc/self/status", MAX, EAGAIN, "changes while it is read");
	expect_bytes("file", MAX, "twelve bytes");
}

static void grow_twice(void)
{
	if (calls.attempts <= 2)
		write_file("file", calls.attempts == 1 ? "thirteen byte" : "of fourteen by");
}

static void keep_growing(void)
{
	assert_int_equal(truncate("file", 20 + calls.attempts), 0);
}

static void keep_shrinking(void)
{
	assert_int_equal(truncate("file", 12 - calls.attempts), 0);
}

/* Seen by its time alone. */
static void keep_touching(void)
{
	struct timespec times[2] = {{.tv_sec = 1000, .tv_nsec = calls.attempts},
	                            {.tv_sec = 1000, .tv_nsec = calls.attempts}};

	assert_int_equal(utimensat(AT_FDCWD, "file", times, 0), 0);
}

static void what_changes_is_read_again(void **state)
{
	(void)state;
	calls.meanwhile = grow_twice;
	expect_bytes("file", MAX, "of fourteen by");
	assert_int_equal(calls.attempts, 3);
}

static void what_keeps_changing_is_unread(void **state)
{
	static void (*const rows[])(void) = {keep_growing, keep_shrinking, keep_touching};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		calls.meanwhile = NULL;
		calls.attempts = 0;
		write_file("file", "twelve bytes");
		calls.meanwhile = rows[i];
		expect_fault("file", MAX, EAGAIN, "changes while it is read");
		assert_int_equal(calls.attempts, 5);
	}
}

static int open_other(const struct file_opener *opener, const char *path)
{
	if (opener->data != NULL)
		return __real_open(opener->data, O_RDONLY | O_CLOEXEC);
	(void)path;
	errno = EACCES;
	return -1;
}

static void another_may_open_it(void **state)
{
	char file[] = "file";
	struct file_opener opener = {.open = open_other, .user = "nobody", .data = file};
	struct file_read read;
	struct fault fault = {0};

	(void)state;
	calls.fail_open = EPERM;
	assert_true(file_read(&read, "elsewhere", MAX, &opener, &fault));
	assert_string_equal(read.bytes, "twelve bytes");
	file_read_clear(&read);
	opener.data = NULL;
	assert_false(file_read(&read, "file", MAX, &opener, &fault));
	assert_int_equal(read.error, EACCES);
	assert_string_equal(fault.text, "cannot be opened by user nobody: Permission denied");
	fault_clear(&fault);
}

static void what_says_nothing_of_the_file_is_transient(void **state)
{
	static const int definite[] = {0,      EACCES, EINVAL,  EISDIR, ELOOP, ENAMETOOLONG,
	                               ENODEV, ENOENT, ENOTDIR, ENXIO,  EPERM};
	static const int transient[] = {EAGAIN, EINTR,  EIO,    EMFILE,    ENFILE,
	                                ENOMEM, ENOSPC, ESTALE, ETIMEDOUT, EOVERFLOW};

	(void)state;
	for (size_t i = 0; i < sizeof(definite) / sizeof(definite[0]); i++)
		assert_false(file_read_is_transient(definite[i]));
	for (size_t i = 0; i < sizeof(transient) / sizeof(transient[0]); i++)
		assert_true(file_read_is_transient(transient[i]));
}

/* What the process writes at its end (--coverage) is opened as well. */
static int give_back(void **state)
{
	memset(&calls, 0, sizeof(calls));
	return scratch_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_is_read_whole, prepare, scratch_close),
		cmocka_unit_test_setup_teardown(in_pieces_too, prepare, scratch_close),
		cmocka_unit_test_setup_teardown(no_more_than_allowed, prepare, scratch_close),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_named, prepare, scratch_close),
		cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_said, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(an_error_is_no_content, prepare, scratch_close),
		cmocka_unit_test_setup_teardown(what_changes_is_read_again, prepare, scratch_close),
		cmocka_unit_test_setup_teardown(what_keeps_changing_is_unread, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(another_may_open_it, prepare, give_back),
		cmocka_unit_test(what_says_nothing_of_the_file_is_transient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
