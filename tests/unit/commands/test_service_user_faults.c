/* SPDX-License-Identifier: MIT */
/* Where the service's user cannot be had, files are judged as root, and a note says so; where its
 * process dies no file is taken for read; and which credentials are out of sight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "commands/service_user.h"
#include "support/skip.h"
#include "support/wrap.h"

#define USER         61234
#define CREDENTIALS  "/run/credentials/dfmode-sync.service"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char directory[] = "/tmp/test-service-user.XXXXXX";
static uid_t effective; /* whom we take ourselves for */
static bool has_no_sockets, has_no_process, has_credentials, loses_requests;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
uid_t __wrap_geteuid(void);
int __real_socketpair(int family, int type, int protocol, int sockets[2]);
int __wrap_socketpair(int family, int type, int protocol, int sockets[2]);
pid_t __real_fork(void);
pid_t __wrap_fork(void);
int __real_stat(const char *path, struct stat *status);
int __wrap_stat(const char *path, struct stat *status);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
ssize_t __real_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);

uid_t __wrap_geteuid(void)
{
	return effective;
}

int __wrap_socketpair(int family, int type, int protocol, int sockets[2])
{
	errno = EMFILE;
	return has_no_sockets ? -1 : __real_socketpair(family, type, protocol, sockets);
}

pid_t __wrap_fork(void)
{
	errno = EAGAIN;
	return has_no_process ? -1 : __real_fork();
}

int __wrap_stat(const char *path, struct stat *status)
{
	return __real_stat(has_credentials && strcmp(path, CREDENTIALS) == 0 ? "/" : path, status);
}

/* Root may enter whatever there is. */
int __wrap_access(const char *path, int mode)
{
	errno = EACCES;
	return strcmp(path, "shut") == 0 ? -1 : __real_access(path, mode);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags)
{
	return loses_requests ? (ssize_t)length : __real_send(fd, bytes, length, flags);
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* A state directory that is not root's. */
static int enter(void **state)
{
	(void)state;
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	(void)unsetenv("DATAFOLD_API_KEY");
	(void)unsetenv("MAINPID");
	if (mkdtemp(directory) == NULL || chdir(directory) != 0 || chmod(directory, 0755) != 0 ||
	    mkdir("state", 0700) != 0)
		return -1;
	return getuid() == 0 ? chown("state", USER, USER) : 0;
}

static int leave(void **state)
{
	(void)state;
	return rmdir("state") == 0 && chdir("/") == 0 ? rmdir(directory) : -1;
}

static void assert_root_with_note(const char *why)
{
	static const char start[] = "files are judged as root would read them: ";
	struct service_user *user = service_user_new("x.conf", "state");

	assert_null(user->name);
	assert_null(user->environment.opener);
	assert_memory_equal(user->note, start, strlen(start));
	assert_string_equal(user->note + strlen(start), why);
	assert_true(service_user_can_read(user, "whatever"));
	service_user_free(user);
}

static void without_a_process_root_judges(void **state)
{
	(void)state;
	effective = 0;
	has_no_sockets = true;
	assert_root_with_note("socketpair: Too many open files");
	has_no_sockets = false;
	has_no_process = true;
	assert_root_with_note("fork: Resource temporarily unavailable");
	has_no_process = false;
}

/* As in a container without CAP_SETUID. */
static void who_may_not_become_the_user_judges(void **state)
{
	(void)state;
	if (getuid() == 0)
		skip_because("root may become any user");
	effective = 0;
	assert_root_with_note("cannot become the service's user: Operation not permitted");
}

static void a_process_that_died_reads_nothing(void **state)
{
	struct service_user *user;
	struct file_read file;
	struct fault fault = {0};

	(void)state;
	if (getuid() != 0)
		skip_because("needs root, who alone can become another user");
	effective = 0;
	user = service_user_new("x.conf", "state");
	assert_null(user->note);
	assert_int_equal(kill(user->child, SIGKILL), 0);
	loses_requests = true;
	assert_false(file_read(&file, "/dev/null", 10, user->environment.opener, &fault));
	loses_requests = false;
	assert_string_equal(fault.text, "cannot be opened by user 61234: Input/output error");
	fault_clear(&fault);
	service_user_free(user);
}

static void what_systemd_shows_is_taken(void **state)
{
	struct service_user *user;

	(void)state;
	effective = 0;
	has_credentials = true;
	has_no_process = true;
	user = service_user_new("/etc/dfmode-sync.conf", "state");
	has_credentials = false;
	has_no_process = false;
	assert_string_equal(user->environment.credentials_directory, CREDENTIALS);
	assert_false(user->environment.hides_credentials);
	service_user_free(user);
}

static void a_command_of_the_unit_does_not_see_all(void **state)
{
	static const struct {
		const char *directory, *main_pid;
		bool hides;
	} cases[] = {
		{NULL, NULL, false}, {NULL, "1", true},     {"shut", NULL, true},
		{"shut", "1", true}, {"state", "1", false}, {"missing", NULL, false},
	};

	(void)state;
	effective = USER;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct service_user *user;

		if (cases[i].directory != NULL)
			(void)setenv("CREDENTIALS_DIRECTORY", cases[i].directory, 1);
		if (cases[i].main_pid != NULL)
			(void)setenv("MAINPID", cases[i].main_pid, 1);
		user = service_user_new("x.conf", "state");
		(void)unsetenv("CREDENTIALS_DIRECTORY");
		(void)unsetenv("MAINPID");
		assert_int_equal(user->environment.hides_credentials, cases[i].hides);
		assert_null(user->note);
		assert_null(user->environment.opener);
		service_user_free(user);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_process_root_judges),
		cmocka_unit_test(who_may_not_become_the_user_judges),
		cmocka_unit_test(a_process_that_died_reads_nothing),
		cmocka_unit_test(what_systemd_shows_is_taken),
		cmocka_unit_test(a_command_of_the_unit_does_not_see_all),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
