/* SPDX-License-Identifier: MIT */
/* Who connects is handed on, at once or when there are descriptors again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "os/listener.h"
#include "support/descriptors.h"

#define PATIENCE_MS 5000

struct world {
	uv_loop_t loop;
	uv_timer_t timer;
	char directory[sizeof("/tmp/test_listener.XXXXXX")];
	char *path;
	size_t descriptors; /* that were open before */
	unsigned accepted;
	unsigned failures; /* that were reported */
	char *sentence;    /* the last of them; NULL: none */
};

static int accept_error; /* of the next accept4(); 0: none */
static enum call { CALL_NONE, CALL_UNLINK, CALL_LISTEN, CALL_CHMOD } failing; /* with EROFS */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);
int __real_chmod(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode);

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	errno = accept_error;
	accept_error = 0;
	return errno != 0 ? -1 : __real_accept4(fd, address, length, flags);
}

int __wrap_unlink(const char *path)
{
	errno = EROFS;
	return failing == CALL_UNLINK ? -1 : __real_unlink(path);
}

int __wrap_listen(int fd, int backlog)
{
	errno = EROFS;
	return failing == CALL_LISTEN ? -1 : __real_listen(fd, backlog);
}

int __wrap_chmod(const char *path, mode_t mode)
{
	errno = EROFS;
	return failing == CALL_CHMOD ? -1 : __real_chmod(path, mode);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void on_accepted(int fd, void *data)
{
	struct world *world = data;

	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	(void)close(fd);
	world->accepted++;
	uv_stop(&world->loop);
}

static void on_failed(const char *sentence, void *data)
{
	struct world *world = data;

	world->failures++;
	free(world->sentence);
	world->sentence = mem_dup(sentence);
}

static void on_timer(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/* Until somebody is accepted, or for a time. */
static void run(struct world *world, uint64_t ms)
{
	(void)uv_timer_start(&world->timer, on_timer, ms, 0);
	(void)uv_run(&world->loop, UV_RUN_DEFAULT);
}

static int begin(void **state)
{
	struct world *world = mem_new(struct world);

	memcpy(world->directory, "/tmp/test_listener.XXXXXX", sizeof(world->directory));
	assert_non_null(mkdtemp(world->directory));
	world->path = mem_printf("%s/socket", world->directory);
	assert_int_equal(uv_loop_init(&world->loop), 0);
	assert_int_equal(uv_timer_init(&world->loop, &world->timer), 0);
	world->descriptors = open_descriptors();
	*state = world;
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	uv_close((uv_handle_t *)&world->timer, NULL);
	(void)uv_run(&world->loop, UV_RUN_DEFAULT);
	assert_int_equal(open_descriptors(), world->descriptors);
	assert_int_equal(uv_loop_close(&world->loop), 0);
	assert_int_equal(rmdir(world->directory), 0); /* the socket is gone from it */
	free(world->sentence);
	free(world->path);
	free(world);
	return 0;
}

static struct listener *open_listener(struct world *world)
{
	struct fault fault = {0};
	struct listener *listener =
		listener_open(&world->loop, world->path, on_accepted, on_failed, world, &fault);

	assert_non_null(listener);
	return listener;
}

static int connect_to(const struct world *world)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, world->path, strlen(world->path) + 1);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void who_connects_is_handed_on(void **state)
{
	struct world *world = *state;
	struct listener *listener = open_listener(world);

	for (unsigned i = 1; i <= 3; i++) {
		int fd = connect_to(world);

		run(world, PATIENCE_MS);
		assert_int_equal(world->accepted, i);
		(void)close(fd);
	}
	listener_close(listener);
}

/* Another process was quicker, or the client is gone already: that is no failure. */
static void nobody_there_is_no_failure(void **state)
{
	static const int errors[] = {EAGAIN, EINTR, ECONNABORTED};
	struct world *world = *state;
	struct listener *listener = open_listener(world);

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		int fd = connect_to(world);

		accept_error = errors[i];
		run(world, PATIENCE_MS);
		assert_int_equal(accept_error, 0);
		assert_int_equal(world->accepted, i + 1);
		(void)close(fd);
	}
	assert_int_equal(world->failures, 0);
	listener_close(listener);
}

static void limit(rlim_t descriptors)
{
	struct rlimit now;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	now.rlim_cur = descriptors;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
}

/* No more than a few iterations of the loop are spent on who cannot be accepted. */
static void who_cannot_be_accepted_now_waits(void **state)
{
	struct world *world = *state;
	struct listener *listener = open_listener(world);
	int fd = connect_to(world);
	unsigned iterations = 0;

	limit(3);
	(void)uv_timer_start(&world->timer, on_timer, 200, 0);
	while (uv_run(&world->loop, UV_RUN_ONCE) != 0 && uv_is_active((uv_handle_t *)&world->timer))
		iterations++;
	assert_true(iterations < 10);
	assert_int_equal(world->accepted, 0);
	limit(1024);
	run(world, PATIENCE_MS);
	assert_int_equal(world->accepted, 1);
	(void)close(fd);
	listener_close(listener);
}

static void who_cannot_be_served_is_hung_up_on(void **state)
{
	struct world *world = *state;
	struct listener *listener = open_listener(world);
	int fd = connect_to(world);
	int hole, lowest;
	char byte;

	limit(3); /* the spare descriptor is lost, and had again with the first that is accepted */
	run(world, 50);
	limit(1024);
	run(world, PATIENCE_MS);
	assert_int_equal(world->accepted, 1);
	(void)close(fd);
	fd = connect_to(world);
	hole = open("/dev/null", O_RDONLY | O_CLOEXEC); /* where the spare one was */
	lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)close(lowest);
	for (unsigned i = 0; i < 3; i++) {
		limit((rlim_t)lowest);
		run(world, 50);
		limit(1024);
		assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
		(void)close(fd);
		fd = connect_to(world);
	}
	assert_int_equal(world->failures, 2); /* the loss, and the three together */
	assert_int_equal(world->accepted, 1);
	run(world, PATIENCE_MS);
	assert_int_equal(world->accepted, 2);
	(void)close(hole);
	(void)close(fd);
	listener_close(listener);
}

/* Of each time that nobody can be accepted there is one report, whether clients wait or are hung up
 * on. */
static void a_failure_is_reported_once(void **state)
{
	struct world *world = *state;
	struct listener *listener = open_listener(world);
	char *expected = mem_printf("cannot accept clients at '%s': Too many open files; until "
	                            "it can, they wait or are disconnected",
	                            world->path);

	for (unsigned i = 1; i <= 2; i++) {
		int first = connect_to(world), second = connect_to(world);

		limit(3);
		run(world, 1200); /* the second is tried again */
		assert_int_equal(world->failures, i);
		assert_string_equal(world->sentence, expected);
		limit(1024);
		run(world, PATIENCE_MS);
		assert_true(world->accepted > 0);
		assert_int_equal(world->failures, i);
		(void)close(first);
		(void)close(second);
	}
	free(expected);
	listener_close(listener);
}

static void assert_fails(struct world *world, const char *path, const char *desired)
{
	struct fault fault = {0};

	assert_null(listener_open(&world->loop, path, on_accepted, on_failed, world, &fault));
	assert_string_equal(fault.text, desired);
	fault_clear(&fault);
}

static void without_descriptors_there_is_none(void **state)
{
	struct world *world = *state;
	char *desired = mem_printf("cannot listen at '%s': Too many open files", world->path);

	limit(3);
	assert_fails(world, world->path, desired);
	limit(1024);
	free(desired);
}

static void what_cannot_be_listened_at_is_said(void **state)
{
	struct world *world = *state;
	char *path = mem_alloc(1, 109);
	struct fault fault = {0};
	struct listener *listener;
	char *desired, *other;
	int fd;

	memset(path, 'a', 108);
	desired =
		mem_printf("the path of the control socket, '%s', is longer than 107 bytes", path);
	assert_fails(world, path, desired);
	free(desired);
	free(path);
	assert_fails(world, "/nonexistent/control",
	             "cannot listen at '/nonexistent/control': No such file or directory");
	assert_fails(world, "/dev/null/control",
	             "cannot listen at '/dev/null/control': Not a directory");
	fd = open(world->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	(void)close(fd);
	desired = mem_printf("'%s' is in the way: it is no socket", world->path);
	assert_fails(world, world->path, desired);
	assert_int_equal(unlink(world->path), 0);
	other = mem_printf("%s/other", world->directory);
	listener = listener_open(&world->loop, other, on_accepted, on_failed, world, &fault);
	assert_non_null(listener);
	assert_int_equal(symlink(other, world->path), 0);
	assert_fails(world, world->path, desired); /* even where it leads to one */
	listener_close(listener);
	assert_int_equal(unlink(world->path), 0);
	free(other);
	free(desired);
}

/* What was made so far goes again, and the next attempt works. */
static void each_step_may_fail(void **state)
{
	static const struct {
		enum call call;
		const char *verb;
	} rows[] = {
		{CALL_UNLINK, "remove"},
		{CALL_LISTEN, "listen at"},
		{CALL_CHMOD, "set the mode of"},
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct fault fault = {0};
		struct text desired = {0};
		struct listener *listener;

		/* A daemon that was killed left it. */
		memcpy(address.sun_path, world->path, strlen(world->path) + 1);
		assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
		(void)close(fd);
		text_printf(&desired, "cannot %s '%s': Read-only file system", rows[i].verb,
		            world->path);
		failing = rows[i].call;
		assert_fails(world, world->path, desired.bytes);
		failing = CALL_NONE;
		assert_int_equal(access(world->path, F_OK), rows[i].call == CALL_UNLINK ? 0 : -1);
		listener = listener_open(&world->loop, world->path, on_accepted, on_failed, world,
		                         &fault);
		assert_non_null(listener);
		listener_close(listener);
		text_clear(&desired);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_connects_is_handed_on, begin, end),
		cmocka_unit_test_setup_teardown(nobody_there_is_no_failure, begin, end),
		cmocka_unit_test_setup_teardown(who_cannot_be_accepted_now_waits, begin, end),
		cmocka_unit_test_setup_teardown(who_cannot_be_served_is_hung_up_on, begin, end),
		cmocka_unit_test_setup_teardown(a_failure_is_reported_once, begin, end),
		cmocka_unit_test_setup_teardown(without_descriptors_there_is_none, begin, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_listened_at_is_said, begin, end),
		cmocka_unit_test_setup_teardown(each_step_may_fail, begin, end),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
