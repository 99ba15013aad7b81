/* SPDX-License-Identifier: MIT */
/* A disk that takes little at a time, is interrupted, fails, or loses what is not synced: the file
 * is the old one or the new one, and what is kept was synced, and its directory after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/store.h"
#include "support/descriptors.h"
#include "support/scratch.h"

#define BYTES "0123456789abcdef"

/* What the system calls do next. */
static struct {
	size_t chunk;    /* bytes that one write takes at most; 0: all */
	int fail_write;  /* errno, once; -1: nothing is taken */
	int fail_sync;   /* errno, at the sync_number-th call */
	int sync_number; /* counts down to the one that fails */
	int fail_mkdir;  /* errno, until it is 0 again */
	int fail_fchmod; /* errno, once */
	int fail_close;  /* errno, once */
	int fail_read;   /* errno, once */
	char synced[8];  /* 'f' for a file, 'd' for a directory, in order */
} calls;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __wrap_fsync(int fd);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
int __real_close(int fd);
int __wrap_close(int fd);
ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	int error = calls.fail_write;

	calls.fail_write = 0;
	errno = error;
	if (error != 0)
		return error < 0 ? 0 : -1;
	return __real_write(fd, bytes, calls.chunk > 0 && calls.chunk < size ? calls.chunk : size);
}

int __wrap_fsync(int fd)
{
	struct stat status;

	if (calls.fail_sync != 0 && --calls.sync_number == 0) {
		errno = calls.fail_sync;
		return -1;
	}
	assert_int_equal(fstat(fd, &status), 0);
	calls.synced[strlen(calls.synced)] = S_ISDIR(status.st_mode) ? 'd' : 'f';
	return 0;
}

/* Take what a call is to fail with; 0: nothing. */
static int take(int *failure)
{
	errno = *failure;
	*failure = 0;
	return errno;
}

int __wrap_fchmod(int fd, mode_t mode)
{
	return take(&calls.fail_fchmod) != 0 ? -1 : __real_fchmod(fd, mode);
}

/* It is closed whatever it says. */
int __wrap_close(int fd)
{
	int error = take(&calls.fail_close), result = __real_close(fd);

	errno = error;
	return error != 0 ? -1 : result;
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
	return take(&calls.fail_read) != 0 ? -1 : __real_read(fd, bytes, size);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	errno = calls.fail_mkdir;
	return calls.fail_mkdir != 0 ? -1 : __real_mkdir(path, mode);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static int prepare(void **state)
{
	struct fault fault = {0};

	memset(&calls, 0, sizeof(calls));
	(void)scratch_open(state);
	assert_true(store_replace(*state, "file", "old", 3, STORE_KEPT, &fault));
	memset(&calls, 0, sizeof(calls));
	return 0;
}

static void assert_holds(const char *directory, const char *expected)
{
	struct fault fault = {0};
	struct text text = {0};
	char *temporary = mem_printf("%s/.file.tmp", directory);

	assert_int_equal(store_read(directory, "file", 100, &text, &fault), STORE_READ);
	assert_string_equal(text.bytes, expected);
	assert_int_equal(access(temporary, F_OK), -1);
	text_clear(&text);
	free(temporary);
}

/* Replace it; `verb` cannot be done, which is said with this text after the directory's name; NULL:
 * it can. */
static void replace(const char *directory, enum store_care care, const char *verb, const char *text)
{
	size_t descriptors = open_descriptors();
	struct fault fault = {0};
	char *expected;
	bool done = store_replace(directory, "file", BYTES, strlen(BYTES), care, &fault);

	assert_int_equal(open_descriptors(), descriptors);
	assert_int_equal(done, text == NULL);
	if (text == NULL)
		return;
	expected = mem_printf("cannot %s '%s%s", verb, directory, text);
	assert_string_equal(fault.text, expected);
	free(expected);
	fault_clear(&fault);
}

static void what_is_taken_in_pieces_is_written_whole(void **state)
{
	for (calls.chunk = 1; calls.chunk <= strlen(BYTES); calls.chunk++) {
		calls.fail_write = EINTR;
		replace(*state, STORE_KEPT, NULL, NULL);
		assert_holds(*state, BYTES);
		memset(calls.synced, 0, sizeof(calls.synced));
	}
}

static void a_write_that_fails_changes_nothing(void **state)
{
	calls.fail_write = EIO;
	replace(*state, STORE_KEPT, "write", "/.file.tmp': Input/output error");
	assert_holds(*state, "old");
	calls.fail_write = -1;
	replace(*state, STORE_KEPT, "write", "/.file.tmp': Input/output error");
	assert_holds(*state, "old");
	assert_string_equal(calls.synced, "");
}

static void each_call_that_fails_is_named(void **state)
{
	calls.fail_fchmod = EPERM;
	replace(*state, STORE_KEPT, "set the mode of", "/.file.tmp': Operation not permitted");
	assert_holds(*state, "old");
	calls.fail_close = EDQUOT;
	replace(*state, STORE_SHOWN, "close", "/.file.tmp': Disk quota exceeded");
	assert_holds(*state, "old");
}

/* Half of a file is no file; an interruption is no end of it. */
static void a_read_that_fails_is_a_failure(void **state)
{
	char *expected = mem_printf("'%s/file' cannot be read: Input/output error", (char *)*state);
	struct fault fault = {0};
	struct text text = {0};

	calls.fail_read = EIO;
	assert_int_equal(store_read(*state, "file", 100, &text, &fault), STORE_FAILED);
	assert_string_equal(fault.text, expected);
	assert_int_equal(text.length, 0);
	calls.fail_read = EINTR;
	assert_holds(*state, "old");
	fault_clear(&fault);
	text_clear(&text);
	free(expected);
}

static void what_is_kept_is_synced_before_it_is_named(void **state)
{
	replace(*state, STORE_KEPT, NULL, NULL);
	assert_string_equal(calls.synced, "fd");
	assert_holds(*state, BYTES);
	memset(&calls, 0, sizeof(calls));
	replace(*state, STORE_SHOWN, NULL, NULL);
	assert_string_equal(calls.synced, "");
}

static void a_sync_that_fails_is_a_failure(void **state)
{
	calls.fail_sync = EIO;
	calls.sync_number = 1;
	replace(*state, STORE_KEPT, "sync", "/.file.tmp': Input/output error");
	assert_holds(*state, "old");
	calls.sync_number = 2;
	replace(*state, STORE_KEPT, "sync", "': Input/output error");
	assert_holds(*state, BYTES);
}

/* Why it cannot be made, not that it is not there; what is there need not be made. */
static void a_directory_that_cannot_be_made(void **state)
{
	const char *directory = *state;
	char *inner = mem_printf("%s/inner", directory);
	char *expected =
		mem_printf("cannot create the directory '%s': Read-only file system", inner);
	struct fault fault = {0};

	calls.fail_mkdir = EROFS;
	assert_false(store_make_directory(inner, &fault));
	assert_string_equal(fault.text, expected);
	assert_true(store_make_directory(directory, &fault));
	calls.fail_mkdir = 0;
	assert_true(store_make_directory(inner, &fault));
	assert_int_equal(access(inner, X_OK), 0);
	fault_clear(&fault);
	free(expected);
	free(inner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_taken_in_pieces_is_written_whole, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(a_write_that_fails_changes_nothing, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(each_call_that_fails_is_named, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(a_read_that_fails_is_a_failure, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(what_is_kept_is_synced_before_it_is_named, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(a_sync_that_fails_is_a_failure, prepare,
	                                        scratch_close),
		cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_made, prepare,
	                                        scratch_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
