/* SPDX-License-Identifier: MIT */
/* Real clients on a real socket, all on one loop; patience is 300 ms here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/control_fixture.h"

#define OTHER_USER 4711
#define WAITERS    20

static int open_with_client(struct world *world)
{
	open_world(world);
	return try_connect(world);
}

static void requests_are_answered_in_order(void **state)
{
	struct world world;
	int fd;

	(void)state;
	fd = open_with_client(&world);
	send_text(fd, "one\ntwo\nthr");
	wait_ms(&world, 20);
	send_text(fd, "ee\n");
	wait_ms(&world, 20);
	assert_line(&world, fd, "one\ntwo\nthree\n");
	/* A client that shuts its sending side down still gets what it is owed. */
	send_text(fd, "last\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_line(&world, fd, "last\n");
	assert_line(&world, fd, "");
	(void)close(fd);
	close_world(&world);
}

static void garbage_costs_nothing(void **state)
{
	static const char *const ends[] = {"", "half", "\n\n\n"};
	struct world world;

	(void)state;
	open_world(&world);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		int fd = try_connect(&world);

		send_text(fd, ends[i]);
		wait_ms(&world, 5);
		wait_until(&world, &world.requests, ends[i][0] == '\n' ? 3 : 0);
		(void)close(fd);
		wait_ms(&world, 5);
	}
	assert_int_equal(world.requests, 3); /* empty ones */
	close_world(&world);
}

static void a_long_line_is_rejected(void **state)
{
	struct text flood = {0};
	struct world world;
	int fd;

	(void)state;
	fd = open_with_client(&world);
	while (flood.length <= CONTROL_LINE_MAX)
		text_add(&flood, "xxxxxxxxxxxxxxxx");
	send_text(fd, flood.bytes);
	assert_line(&world, fd, "{\"error\":\"the request is too long\",\"code\":64}\n");
	assert_line(&world, fd, "");
	assert_int_equal(world.requests, 0);
	(void)close(fd);
	text_clear(&flood);
	close_world(&world);
}

static void a_flood_behind_a_request_ends_it(void **state)
{
	struct text flood = {0};
	struct world world;
	int fd;

	(void)state;
	fd = open_with_client(&world);
	send_text(fd, "wait\n");
	while (flood.length <= CONTROL_LINE_MAX)
		text_add(&flood, "more\n");
	send_text(fd, flood.bytes);
	assert_line(&world, fd, "");
	assert_int_equal(world.gone, 1);
	(void)close(fd);
	text_clear(&flood);
	close_world(&world);
}

static void clients_are_limited(void **state)
{
	int fds[CONTROL_CLIENTS];
	struct world world;
	int fd;

	(void)state;
	open_world(&world);
	connect_all(&world, fds);
	fd = try_connect(&world);
	assert_line(&world, fd, "{\"error\":\"too many clients\",\"code\":75}\n");
	assert_line(&world, fd, "");
	(void)close(fd);
	(void)close(fds[0]);
	wait_ms(&world, 5);
	fds[0] = try_connect(&world);
	send_text(fds[0], "again\n");
	assert_line(&world, fds[0], "again\n");
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		(void)close(fds[i]);
	close_world(&world);
}

static void silent_clients_are_dropped(void **state)
{
	struct world world;
	int fd;

	(void)state;
	open_world_with(&world, PATIENCE_MS);
	fd = try_connect(&world);
	send_text(fd, "half of a requ");
	wait_ms(&world, PATIENCE_MS / 2);
	send_text(fd, "est, and a bit more");
	wait_ms(&world, PATIENCE_MS / 2 + 100);
	assert_line(&world, fd, "");
	(void)close(fd);
	close_world(&world);
}

static void a_waiting_client_is_not_dropped(void **state)
{
	struct text answer = {0};
	struct world world;
	int fd;

	(void)state;
	open_world_with(&world, PATIENCE_MS);
	fd = try_connect(&world);
	send_text(fd, "wait\n");
	wait_ms(&world, 3 * PATIENCE_MS);
	assert_int_equal(world.gone, 0);
	text_add(&answer, "at last");
	control_answer(world.waiting, &answer);
	assert_line(&world, fd, "at last\n");
	(void)close(fd);
	wait_ms(&world, 5);
	assert_int_equal(world.gone, 0);
	close_world(&world);
}

static void a_waiting_client_that_hangs_up_is_gone(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	for (unsigned i = 1; i <= WAITERS; i++) {
		int fd = try_connect(&world);

		send_text(fd, "wait\n");
		wait_until(&world, &world.requests, i);
		(void)close(fd);
		wait_until(&world, &world.gone, i);
	}
	close_world(&world);
}

static void a_waiting_client_may_end_its_sending(void **state)
{
	struct text answer = {0};
	struct world world;
	int fd;

	(void)state;
	fd = open_with_client(&world);
	send_text(fd, "wait\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	wait_until(&world, &world.requests, 1);
	wait_ms(&world, 20);
	assert_int_equal(world.gone, 0);
	text_add(&answer, "at last");
	control_answer(world.waiting, &answer);
	assert_line(&world, fd, "at last\n");
	assert_line(&world, fd, "");
	(void)close(fd);
	close_world(&world);
}

static void slow_readers_hold_nothing_up(void **state)
{
	struct world world;
	int slow, fast;

	(void)state;
	open_world_with(&world, PATIENCE_MS);
	slow = try_connect(&world);
	fast = try_connect(&world);
	send_text(slow, "stream 1000\n");
	wait_ms(&world, 50);
	assert_true(world.pieces < 20);
	send_text(fast, "quick\n");
	assert_line(&world, fast, "quick\n");
	wait_until(&world, &world.released, 1);
	assert_true(world.pieces < 20);
	(void)close(slow);
	(void)close(fast);
	close_world(&world);
}

/* It reads for longer than anybody is waited for, but it reads. */
static void a_reader_that_goes_on_gets_all(void **state)
{
	static char bytes[32 * 1024];
	struct world world;
	size_t total = 0;
	int fd;

	(void)state;
	open_world_with(&world, PATIENCE_MS);
	fd = try_connect(&world);
	send_text(fd, "stream 40\n");
	while (total < (size_t)40 * 64 * 1024 + 1) {
		ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

		assert_true(count > 0 || (count < 0 && errno == EAGAIN));
		total += count > 0 ? (size_t)count : 0;
		wait_ms(&world, 20);
	}
	assert_int_equal(world.released, 1);
	assert_int_equal(total, (size_t)40 * 64 * 1024 + 1);
	(void)close(fd);
	close_world(&world);
}

static void the_end_releases_everything(void **state)
{
	struct world world;
	int waits, streams;

	(void)state;
	open_world(&world);
	waits = try_connect(&world);
	streams = try_connect(&world);
	send_text(waits, "wait\n");
	send_text(streams, "stream 1000\n");
	wait_until(&world, &world.requests, 2);
	close_world(&world);
	assert_int_equal(world.gone, 1);
	assert_int_equal(world.released, 1);
	(void)close(waits);
	(void)close(streams);
}

/* A child that has become another user asks; its exit status is how many got an answer. */
static unsigned ask_as(struct world *world, uid_t uid, unsigned clients, const char *answer)
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		unsigned answered = 0;
		int fds[CONTROL_CLIENTS];
		char line[64];

		if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
			_exit(255);
		for (unsigned i = 0; i < clients; i++) {
			ssize_t count;

			fds[i] = try_connect(world);
			(void)fcntl(fds[i], F_SETFL, 0);
			(void)send(fds[i], "trust\n", 6, MSG_NOSIGNAL);
			count = recv(fds[i], line, sizeof(line) - 1, 0);
			line[count > 0 ? count : 0] = '\0';
			answered += strcmp(line, answer) == 0;
		}
		_exit((int)answered);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		turn(world);
	wait_ms(world, 5);
	assert_true(WIFEXITED(status));
	return (unsigned)WEXITSTATUS(status);
}

static void others_are_not_trusted(void **state)
{
	struct world world;

	(void)state;
	if (geteuid() != 0) {
		print_message("SKIP: needs root to become other users\n");
		return;
	}
	open_world(&world);
	assert_int_equal(ask_as(&world, 0, 1, "yes\n"), 1);
	assert_int_equal(ask_as(&world, OTHER_USER, 1, "no\n"), 1);
	assert_int_equal(ask_as(&world, 65534, 1, "no\n"), 1);
	assert_int_equal(ask_as(&world, OTHER_USER, CONTROL_CLIENTS, "no\n"),
	                 CONTROL_CLIENTS - CONTROL_RESERVED);
	close_world(&world);
}

static void the_own_user_is_trusted_but_for_nobody(void **state)
{
	static const struct {
		uid_t uid;
		const char *answer;
	} users[] = {{OTHER_USER, "yes\n"}, {65534, "no\n"}};

	(void)state;
	if (geteuid() != 0) {
		print_message("SKIP: needs root to become other users\n");
		return;
	}
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct world world;

		open_world(&world);
		assert_int_equal(seteuid(users[i].uid), 0);
		/* The child starts from the same effective user. */
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(setresuid((uid_t)-1, users[i].uid, 0), 0);
		{
			int fd = try_connect(&world);

			send_text(fd, "trust\n");
			assert_line(&world, fd, users[i].answer);
			(void)close(fd);
		}
		assert_int_equal(setresuid(0, 0, 0), 0);
		close_world(&world);
	}
}

static void a_stale_socket_is_replaced(void **state)
{
	struct fault fault = {0};
	struct stat status;
	struct world world;
	mode_t mask = umask(0077);
	char *saved;
	int fd;

	(void)state;
	open_world(&world);
	saved = mem_printf("%s.saved", world.path);
	assert_int_equal(link(world.path, saved), 0);
	control_close(world.control);
	(void)uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_int_equal(rename(saved, world.path), 0);
	world.control =
		control_open(&world.loop, world.path,
	                     &(const struct control_options){.request = on_request,
	                                                     .failed = on_failed,
	                                                     .data = &world,
	                                                     .patience_ms = CONTROL_PATIENCE_MS},
	                     &fault);
	assert_non_null(world.control);
	assert_int_equal(stat(world.path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0666);
	fd = try_connect(&world);
	send_text(fd, "hello\n");
	assert_line(&world, fd, "hello\n");
	(void)close(fd);
	(void)umask(mask);
	free(saved);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered_in_order),
		cmocka_unit_test(garbage_costs_nothing),
		cmocka_unit_test(a_long_line_is_rejected),
		cmocka_unit_test(a_flood_behind_a_request_ends_it),
		cmocka_unit_test(clients_are_limited),
		cmocka_unit_test(silent_clients_are_dropped),
		cmocka_unit_test(a_waiting_client_is_not_dropped),
		cmocka_unit_test(a_waiting_client_that_hangs_up_is_gone),
		cmocka_unit_test(a_waiting_client_may_end_its_sending),
		cmocka_unit_test(slow_readers_hold_nothing_up),
		cmocka_unit_test(a_reader_that_goes_on_gets_all),
		cmocka_unit_test(the_end_releases_everything),
		cmocka_unit_test(others_are_not_trusted),
		cmocka_unit_test(the_own_user_is_trusted_but_for_nobody),
		cmocka_unit_test(a_stale_socket_is_replaced),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as main() does: a client may be gone */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
