/* SPDX-License-Identifier: MIT */
/* A file is replaced whole with all that it had, or left as somebody else made it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "commands/command_edit_internal.h"

static char directory[64];
static bool is_read_only;
static unsigned exchanges, exchanges_that_work = UINT_MAX; /* after as many each one fails */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __real_renameat2(int from, const char *source, int to, const char *target, unsigned flags);
int __wrap_renameat2(int from, const char *source, int to, const char *target, unsigned flags);

int __wrap_access(const char *path, int mode)
{
	errno = EROFS;
	return is_read_only && mode == W_OK ? -1 : __real_access(path, mode);
}

int __wrap_renameat2(int from, const char *source, int to, const char *target, unsigned flags)
{
	errno = EINVAL;
	return exchanges++ >= exchanges_that_work
	               ? -1
	               : __real_renameat2(from, source, to, target, flags);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static char *path_of(const char *name)
{
	return mem_printf("%s/%s", directory, name);
}

static void write_file(const char *name, const char *text)
{
	char *path = path_of(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void assert_content(const char *name, const char *text)
{
	char *path = path_of(name);
	struct file_read file;
	struct fault fault = {0};

	assert_true(file_read(&file, path, 1000, NULL, &fault));
	assert_string_equal(file.bytes, text);
	file_read_clear(&file);
	free(path);
}

static void assert_only(const char *name)
{
	char *command = mem_printf("test \"$(ls -A %s)\" = %s", directory, name);

	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a test */
	free(command);
}

static void a_save_keeps_mode_and_attributes(void **state)
{
	struct edit_file file;
	struct fault fault = {0};
	char *path = path_of("f");
	struct stat status;
	bool has_attribute;
	char value[4];

	(void)state;
	write_file("f", "old");
	assert_int_equal(chmod(path, 0640), 0);
	has_attribute = setxattr(path, "user.kept", "yes", 3, 0) == 0;
	assert_true(edit_file_open(&file, path, &fault));
	assert_string_equal(file.content.bytes, "old");
	assert_true(edit_file_save(&file, "new", 3, &fault));
	assert_content("f", "new");
	assert_only("f");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	if (has_attribute)
		assert_int_equal(getxattr(path, "user.kept", value, sizeof(value)), 3);
	edit_file_close(&file);
	free(path);
}

/* The kind: whatever was done to the file since it was opened is what is there afterwards. */
static void a_change_in_between_stays(void **state)
{
	static const char *const changes[] = {"other", "", "old\n", "olx"};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct edit_file file;
		struct fault fault = {0};
		char *path = path_of("f");
		char *error =
			mem_printf("'%s' was changed meanwhile, and is left as it is now", path);

		write_file("f", "old");
		assert_true(edit_file_open(&file, path, &fault));
		write_file("f", changes[i]);
		assert_false(edit_file_save(&file, "new", 3, &fault));
		assert_string_equal(fault.text, error);
		assert_content("f", changes[i]);
		assert_only("f");
		fault_clear(&fault);
		edit_file_close(&file);
		free(error);
		free(path);
	}
}

static void a_file_that_went_is_not_made_again(void **state)
{
	struct edit_file file;
	struct fault fault = {0};
	char *path = path_of("f");

	(void)state;
	write_file("f", "old");
	assert_true(edit_file_open(&file, path, &fault));
	assert_int_equal(unlink(path), 0);
	assert_false(edit_file_save(&file, "new", 3, &fault));
	assert_non_null(strstr(fault.text, "no longer is"));
	assert_int_equal(access(path, F_OK), -1);
	fault_clear(&fault);
	edit_file_close(&file);
	free(path);
}

static void what_cannot_be_edited_is_named(void **state)
{
	struct edit_file file;
	struct fault fault = {0};
	char *path = path_of("f");
	char *link_path = path_of("g");

	(void)state;
	assert_false(edit_file_open(&file, path, &fault));
	assert_non_null(strstr(fault.text, "cannot be edited: No such file or directory"));
	assert_false(edit_file_open(&file, directory, &fault));
	assert_non_null(strstr(fault.text, "is a directory"));
	write_file("f", "old");
	assert_int_equal(link(path, link_path), 0);
	assert_false(edit_file_open(&file, path, &fault));
	assert_non_null(strstr(fault.text, "has 2 hard links, which a new file would break"));
	assert_null(file.path);
	fault_clear(&fault);
	free(link_path);
	free(path);
}

static void what_is_read_only_is_not_opened(void **state)
{
	struct edit_file file;
	struct fault fault = {0};
	char *path = path_of("f");
	char *error = mem_printf(
		"'%s' or its directory cannot be written to: Read-only file system", path);

	(void)state;
	write_file("f", "old");
	is_read_only = true;
	assert_false(edit_file_open(&file, path, &fault));
	is_read_only = false;
	assert_string_equal(fault.text, error);
	assert_null(file.path);
	fault_clear(&fault);
	free(error);
	free(path);
}

/* Some file systems know no exchange. */
static void what_cannot_be_exchanged_stays(void **state)
{
	struct edit_file file;
	struct fault fault = {0};
	char *path = path_of("f");
	char *error = mem_printf("'%s' cannot be replaced: Invalid argument", path);

	(void)state;
	write_file("f", "old");
	assert_true(edit_file_open(&file, path, &fault));
	exchanges_that_work = 0;
	assert_false(edit_file_save(&file, "new", 3, &fault));
	assert_string_equal(fault.text, error);
	assert_content("f", "old");
	assert_only("f");
	fault_clear(&fault);
	edit_file_close(&file);
	free(error);
	free(path);
}

/* Both are there then, and the fault says which is which. */
static void a_change_that_cannot_be_put_back_is_kept(void **state)
{
	struct edit_file file;
	struct fault fault = {0};
	char *path = path_of("f");
	char *error = mem_printf("'%s' was changed meanwhile; what it was then is '", path);
	char *beside;

	(void)state;
	write_file("f", "old");
	assert_true(edit_file_open(&file, path, &fault));
	write_file("f", "other");
	exchanges_that_work = 1;
	assert_false(edit_file_save(&file, "new", 3, &fault));
	assert_memory_equal(fault.text, error, strlen(error));
	beside = mem_dup_bytes(fault.text + strlen(error), strlen(fault.text + strlen(error)) - 1);
	assert_content("f", "new");
	assert_content(strrchr(beside, '/') + 1, "other");
	assert_int_equal(unlink(beside), 0);
	assert_only("f");
	fault_clear(&fault);
	edit_file_close(&file);
	free(beside);
	free(error);
	free(path);
}

static void links_are_followed_to_their_end(void **state)
{
	struct edit_file file;
	struct fault fault = {0};
	char *path = path_of("l");
	char target[8];

	(void)state;
	write_file("f", "old");
	assert_int_equal(symlink("f", path), 0);
	assert_true(edit_file_open(&file, path, &fault));
	assert_true(edit_file_save(&file, "new", 3, &fault));
	assert_content("f", "new");
	assert_int_equal(readlink(path, target, sizeof(target)), 1);
	edit_file_close(&file);
	/* A link that is pointed elsewhere meanwhile is a change by somebody else. */
	assert_true(edit_file_open(&file, path, &fault));
	write_file("g", "other");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("g", path), 0);
	assert_false(edit_file_save(&file, "newer", 5, &fault));
	assert_non_null(strstr(fault.text, "no longer is"));
	assert_content("f", "new");
	assert_content("g", "other");
	fault_clear(&fault);
	edit_file_close(&file);
	free(path);
}

static int enter(void **state)
{
	exchanges = 0;
	exchanges_that_work = UINT_MAX;
	(void)snprintf(directory, sizeof(directory), "/tmp/dfmode-edit.XXXXXX");
	*state = mkdtemp(directory);
	return *state != NULL ? 0 : -1;
}

static int leave(void **state)
{
	static const char *const names[] = {"f", "g", "l"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = path_of(names[i]);

		(void)unlink(path);
		free(path);
	}
	return rmdir(directory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_save_keeps_mode_and_attributes),
		TEST(a_change_in_between_stays),
		TEST(a_file_that_went_is_not_made_again),
		TEST(what_cannot_be_edited_is_named),
		TEST(links_are_followed_to_their_end),
		TEST(what_is_read_only_is_not_opened),
		TEST(what_cannot_be_exchanged_stays),
		TEST(a_change_that_cannot_be_put_back_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
