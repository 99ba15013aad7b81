/* SPDX-License-Identifier: MIT */
/* What cannot be read now is not what the operator wrote: for each path that a load depends on and
 * each system call, a failure that says nothing of the file ends the load as unread, and a definite
 * one as bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/specfile.h"
#include "support/scratch.h"
#include "support/wrap.h"

enum call { OPEN, READ, OPENDIR, READDIR };

/* What fails, and with what. */
static struct {
	enum call call;
	const char *path; /* NULL: nothing fails */
	const char *also; /* NULL: nothing else */
	int error;
	int entries; /* that readdir(3) gives before */
	int fd;      /* that read(2) fails on */
} injected;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *bytes, size_t size);
DIR *__real_opendir(const char *path);
struct dirent *__real_readdir(DIR *directory);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
DIR *__wrap_opendir(const char *path);
struct dirent *__wrap_readdir(DIR *directory);

static bool is_injected(enum call call, const char *path)
{
	return injected.path != NULL && injected.call == call &&
	       (strcmp(path, injected.path) == 0 ||
	        (injected.also != NULL && strcmp(path, injected.also) == 0));
}

int __wrap_open(const char *path, int flags, ...)
{
	int fd;

	if (is_injected(OPEN, path)) {
		errno = injected.error;
		return -1;
	}
	fd = __real_open(path, flags, 0600);
	if (is_injected(READ, path))
		injected.fd = fd;
	return fd;
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
	if (fd != injected.fd)
		return __real_read(fd, bytes, size);
	injected.fd = -1;
	errno = injected.error;
	return -1;
}

DIR *__wrap_opendir(const char *path)
{
	if (!is_injected(OPENDIR, path))
		return __real_opendir(path);
	errno = injected.error;
	return NULL;
}

struct dirent *__wrap_readdir(DIR *directory)
{
	if (injected.path == NULL || injected.call != READDIR || injected.entries-- > 0)
		return __real_readdir(directory);
	errno = injected.error;
	return NULL;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void write_file(const char *path, const char *text)
{
	FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_int_equal(fputs(text, stream) >= 0, true);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static int prepare(void **state)
{
	(void)scratch_open(state);
	assert_int_equal(mkdir("main.d", 0700), 0);
	write_file("main", "@include \"included\"\n"
	                   "api = { key_file = \"key\"; ca_file = \"ca\"; };\n"
	                   "defaults = { token_file = \"token\";\n"
	                   "             password_credential = \"password\"; };\n"
	                   "integrations = ( { id = 1; indexing_cron = false; } );\n");
	write_file("main.d/10.conf", "integrations = ( { id = 2; indexing_cron = false; } );\n");
	write_file("main.d/20.conf", "integrations = ( { id = 3; indexing_cron = false; } );\n");
	write_file("included", "log = { level = \"info\"; };\n");
	write_file("key", "k\n");
	write_file("ca", "c\n");
	write_file("token", "t\n");
	write_file("password", "p\n");
	return 0;
}

static void load(struct specfile *specfile)
{
	const struct secret_environment environment = {.credentials_directory = "."};

	specfile_load(specfile, "main", &environment, false);
	assert_int_equal(specfile->spec == NULL, specfile->faults.errors > 0);
	injected.path = NULL;
}

static void check_unread(const char *path, int error)
{
	struct specfile specfile;
	char *name = mem_printf("'%s'", path);

	injected.error = error;
	load(&specfile);
	if (specfile.unread == NULL)
		fail_msg("%s with %s is not unread", path, strerrorname_np(error));
	assert_null(specfile.spec);
	assert_int_equal(specfile.faults.count, 1);
	assert_string_equal(specfile.faults.entries[0].text, specfile.unread);
	assert_non_null(strstr(specfile.unread, name));
	assert_non_null(strstr(specfile.unread, strerrordesc_np(error)));
	specfile_clear(&specfile);
	free(name);
}

static const int transient[] = {EMFILE, ENFILE, EIO, ENOMEM, ESTALE, ETIMEDOUT};
static const char *const files[] = {"main", "main.d/10.conf", "main.d/20.conf", "included", "key",
                                    "ca",   "token",          "./password"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void all_is_good_without_failures(void **state)
{
	struct specfile specfile;

	(void)state;
	load(&specfile);
	assert_non_null(specfile.spec);
	assert_int_equal(specfile.spec->count, 3);
	assert_null(specfile.unread);
	specfile_clear(&specfile);
}

static void a_file_that_cannot_be_read_now_is_unread(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		for (size_t j = 0; j < COUNT(transient); j++) {
			injected.call = OPEN;
			injected.path = files[i];
			check_unread(files[i], transient[j]);
			injected.call = READ;
			injected.path = files[i];
			check_unread(files[i], transient[j]);
		}
	}
}

/* What follows may be a consequence: the first one is named. */
static void the_first_of_several_is_named(void **state)
{
	struct specfile specfile;

	(void)state;
	injected.call = OPEN;
	injected.path = "main.d/10.conf";
	injected.also = "main.d/20.conf";
	injected.error = EIO;
	load(&specfile);
	injected.also = NULL;
	assert_non_null(strstr(specfile.unread, "'main.d/10.conf'"));
	specfile_clear(&specfile);
}

/* Ended early, it would look like a shorter one, and integrations would vanish. */
static void a_directory_that_cannot_be_listed_is_unread(void **state)
{
	(void)state;
	for (size_t j = 0; j < COUNT(transient); j++) {
		injected.call = OPENDIR;
		injected.path = "main.d";
		check_unread("main.d", transient[j]);
		for (int entries = 0; entries < 5; entries++) {
			injected.call = READDIR;
			injected.path = "main.d";
			injected.entries = entries;
			check_unread("main.d", transient[j]);
		}
	}
}

static void a_definite_failure_is_bad(void **state)
{
	static const int definite[] = {EACCES, EPERM, ELOOP, ENAMETOOLONG, ENOTDIR};
	struct specfile specfile;

	(void)state;
	for (size_t i = 0; i < COUNT(definite); i++) {
		for (size_t j = 0; j < COUNT(files); j++) {
			injected.call = OPEN;
			injected.path = files[j];
			injected.error = definite[i];
			load(&specfile);
			assert_null(specfile.unread);
			assert_null(specfile.spec);
			specfile_clear(&specfile);
		}
	}
}

/* What stands in the file's place instead is as good as any other change. */
static void what_is_no_file_has_a_hash_of_its_own(void **state)
{
	uint64_t hashes[4];
	struct specfile specfile;

	(void)state;
	for (size_t i = 0; i < COUNT(hashes); i++) {
		if (i == 1)
			assert_int_equal(mkdir("main", 0700), 0);
		else if (i == 2)
			assert_int_equal(mkfifo("main", 0600), 0);
		load(&specfile);
		hashes[i] = specfile.hash;
		assert_null(specfile.unread);
		specfile_clear(&specfile);
		assert_int_equal(i == 0 ? rename("main", "kept") : i < 3 ? remove("main") : 0, 0);
	}
	for (size_t i = 0; i < COUNT(hashes); i++) {
		for (size_t j = 0; j < i; j++)
			assert_true(hashes[i] != hashes[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_good_without_failures),
		cmocka_unit_test(a_file_that_cannot_be_read_now_is_unread),
		cmocka_unit_test(the_first_of_several_is_named),
		cmocka_unit_test(a_directory_that_cannot_be_listed_is_unread),
		cmocka_unit_test(a_definite_failure_is_bad),
		cmocka_unit_test(what_is_no_file_has_a_hash_of_its_own),
	};

	return cmocka_run_group_tests(tests, prepare, scratch_close);
}
