/* SPDX-License-Identifier: MIT */
/* The instance lock: one at a time, also when the directory was removed and made again; and what
 * stands under the lock's name but is not ours stays as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/instance_lock.h"
#include "support/descriptors.h"

#define OTHER 54321 /* another user's id */

static char directory[64], path[80], other[80];

static unsigned interruptions; /* of the next locks */
static bool has_no_locks;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

int __wrap_flock(int fd, int operation)
{
	errno = interruptions > 0 ? EINTR : ENOLCK;
	if (interruptions > 0)
		interruptions--;
	else if (!has_no_locks)
		return __real_flock(fd, operation);
	return -1;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static int open_scratch(void **state)
{
	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/test_lock.XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/lock", directory);
	(void)snprintf(other, sizeof(other), "%s.other", directory);
	return 0;
}

static int close_scratch(void **state)
{
	(void)state;
	(void)rmdir(path);
	(void)unlink(path);
	(void)unlink(other);
	return rmdir(directory);
}

static void put(const char *file, const char *bytes)
{
	FILE *stream = fopen(file, "w");

	assert_non_null(stream);
	assert_true(fputs(bytes, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

static void assert_content(const char *file, const char *expected)
{
	char bytes[32] = {0};
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, bytes, sizeof(bytes) - 1) >= 0);
	(void)close(fd);
	assert_string_equal(bytes, expected);
}

static bool take(struct instance_lock *lock, pid_t *holder)
{
	struct fault fault = {0};
	bool taken;

	*lock = (struct instance_lock)INSTANCE_LOCK_NONE;
	taken = instance_lock_take(lock, directory, holder, &fault);
	assert_null(fault.text);
	return taken;
}

/* Another process that holds the lock until it is killed. */
static pid_t start_holder(void)
{
	struct instance_lock lock;
	int ready[2];
	pid_t child, holder;
	char byte;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!take(&lock, &holder) || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(close(ready[1]), 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return child;
}

static void end_holder(pid_t child)
{
	int status;

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
}

static void keeps_the_second_out(void **state)
{
	struct instance_lock lock, second;
	pid_t child = start_holder(), holder = 0;

	(void)state;
	assert_false(take(&lock, &holder));
	assert_int_equal(holder, child);
	end_holder(child);
	/* The dead one's pid is still in the file, and its lock is gone. */
	assert_true(take(&lock, &holder));
	assert_int_equal(holder, -1);
	assert_true((fcntl(lock.file, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(lock.socket, F_GETFD) & FD_CLOEXEC) != 0);
	assert_false(take(&second, &holder));
	assert_int_equal(holder, getpid());
	instance_lock_release(&lock);
	instance_lock_release(&lock);
	assert_true(take(&lock, &holder));
	instance_lock_release(&lock);
}

static void keeps_the_second_out_of_a_new_directory(void **state)
{
	struct instance_lock lock;
	pid_t child = start_holder(), holder = 0;

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(mkdir(directory, 0700), 0);
	assert_false(take(&lock, &holder));
	assert_int_equal(holder, child);
	end_holder(child);
	assert_true(take(&lock, &holder));
	instance_lock_release(&lock);
}

/* Another name beside it is another instance. */
static void leaves_its_neighbours_alone(void **state)
{
	char *beside = mem_printf("%s-2", directory), *file = mem_printf("%s-2/lock", directory);
	struct instance_lock lock, second = INSTANCE_LOCK_NONE;
	size_t descriptors = open_descriptors();
	struct fault fault = {0};
	pid_t holder;

	(void)state;
	assert_true(take(&lock, &holder));
	assert_int_equal(mkdir(beside, 0700), 0);
	assert_true(instance_lock_take(&second, beside, &holder, &fault));
	assert_int_equal(open_descriptors(), descriptors + 4);
	instance_lock_release(&second);
	instance_lock_release(&lock);
	assert_int_equal(open_descriptors(), descriptors);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(beside), 0);
	free(file);
	free(beside);
}

/* The same name elsewhere is another instance. */
static void leaves_other_directories_alone(void **state)
{
	char *inner = mem_printf("%s/%s", directory, strrchr(directory, '/') + 1);
	struct instance_lock lock, second = INSTANCE_LOCK_NONE;
	struct fault fault = {0};
	char *file = mem_printf("%s/lock", inner);
	pid_t holder;

	(void)state;
	assert_true(take(&lock, &holder));
	assert_int_equal(mkdir(inner, 0700), 0);
	assert_true(instance_lock_take(&second, inner, &holder, &fault));
	instance_lock_release(&second);
	instance_lock_release(&lock);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(inner), 0);
	free(file);
	free(inner);
}

static void the_holder_may_be_unknown(void **state)
{
	struct instance_lock lock, second;
	char *own;
	pid_t holder = -1;

	(void)state;
	assert_true(take(&lock, &holder));
	put(path, "not a number\n");
	assert_false(take(&second, &holder));
	assert_int_equal(holder, 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_false(take(&second, &holder));
	assert_int_equal(holder, 0);
	instance_lock_release(&lock);
	/* Nothing is left of a pid that was longer. */
	put(path, "1234567890\n and more");
	assert_true(take(&lock, &holder));
	own = mem_printf("%" PRId64 "\n", (int64_t)getpid());
	assert_content(path, own);
	free(own);
	instance_lock_release(&lock);
}

static void assert_rejected(const char *before, const char *after)
{
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct fault fault = {0};
	char *text = mem_printf("%s'%s/lock'%s", before, directory, after);
	pid_t holder = 5;

	assert_false(instance_lock_take(&lock, directory, &holder, &fault));
	assert_int_equal(holder, -1);
	assert_int_equal(lock.file, -1);
	assert_string_equal(fault.text, text);
	fault_clear(&fault);
	free(text);
}

static void assert_untouched(const char *file, uid_t owner)
{
	struct stat status;

	assert_content(file, "mine\n");
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_uid, owner);
}

#define NOT_OURS "", " is a hard link, no regular file, or another user's; remove it"

static void what_is_not_ours_is_left_as_it_is(void **state)
{
	(void)state;
	put(other, "mine\n");
	assert_int_equal(link(other, path), 0);
	assert_rejected(NOT_OURS);
	assert_untouched(other, geteuid());
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_rejected("cannot open ", ": Too many levels of symbolic links");
	assert_untouched(other, geteuid());
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_rejected(NOT_OURS);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_rejected("cannot open ", ": Is a directory");
}

/* In a directory of the daemon's user root makes the lock for that user, takes what this user made,
 * and nobody else's. */
static void root_works_for_the_owner(void **state)
{
	struct instance_lock lock;
	struct stat status;
	pid_t holder;

	(void)state;
	if (geteuid() != 0) {
		print_message("# SKIP: only root can give files away\n");
		return;
	}
	assert_int_equal(chown(directory, OTHER, OTHER), 0);
	assert_true(take(&lock, &holder));
	instance_lock_release(&lock);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, OTHER);
	assert_int_equal(status.st_gid, OTHER);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_true(take(&lock, &holder));
	instance_lock_release(&lock);
	put(path, "mine\n");
	assert_int_equal(chown(path, OTHER + 1, OTHER), 0);
	assert_rejected(NOT_OURS);
	assert_untouched(path, OTHER + 1);
}

/* A stranger may have the name, which anybody can take; but not the file. */
static void a_stranger_keeps_nobody_out(void **state)
{
	struct instance_lock lock;
	pid_t child, holder;
	int pipes[2];
	char byte;

	(void)state;
	if (geteuid() != 0) {
		print_message("# SKIP: only root can be a stranger\n");
		return;
	}
	assert_int_equal(chmod(directory, 0777), 0);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (setresgid(OTHER, OTHER, OTHER) != 0 || setresuid(OTHER, OTHER, OTHER) != 0 ||
		    !take(&lock, &holder) || write(pipes[1], "x", 1) != 1)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	assert_int_equal(unlink(path), 0);
	assert_true(take(&lock, &holder));
	instance_lock_release(&lock);
	end_holder(child);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

static void no_directory_no_lock(void **state)
{
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct fault fault = {0};
	pid_t holder = 5;

	(void)state;
	assert_false(instance_lock_take(&lock, "/nonexistent", &holder, &fault));
	assert_int_equal(holder, -1);
	assert_string_equal(fault.text, "cannot open '/nonexistent': No such file or directory");
	fault_clear(&fault);
}

/* As NFS without its lock daemon. */
static void a_file_system_without_locks_is_named(void **state)
{
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct fault fault = {0};
	char *error = mem_printf("cannot lock '%s': No locks available", path);
	pid_t holder = 0;

	(void)state;
	has_no_locks = true;
	assert_false(instance_lock_take(&lock, directory, &holder, &fault));
	has_no_locks = false;
	assert_string_equal(fault.text, error);
	interruptions = 2;
	assert_true(take(&lock, &holder));
	assert_int_equal(interruptions, 0);
	instance_lock_release(&lock);
	fault_clear(&fault);
	free(error);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_scratch, close_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_the_second_out),        TEST(keeps_the_second_out_of_a_new_directory),
		TEST(leaves_its_neighbours_alone), TEST(leaves_other_directories_alone),
		TEST(the_holder_may_be_unknown),   TEST(what_is_not_ours_is_left_as_it_is),
		TEST(root_works_for_the_owner),    TEST(a_stranger_keeps_nobody_out),
		TEST(no_directory_no_lock),        TEST(a_file_system_without_locks_is_named),
	};

	return cmocka_run_group_tests_name("instance_lock", tests, NULL, NULL);
}
