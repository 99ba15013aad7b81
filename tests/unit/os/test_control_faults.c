/* SPDX-License-Identifier: MIT */
/* A client for which libuv or the kernel fails is disconnected and takes up no room, and the next
 * one is served; an answer that comes too late, and room that nobody uses any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/control_fixture.h"
#include "support/wrap.h"

enum call { CALL_NONE, CALL_OPEN, CALL_READ, CALL_WRITE, CALL_PEER };

static enum call failing;
static unsigned failed;

static bool fails(enum call call)
{
	failed += call == failing;
	return call == failing;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
int __real_uv_pipe_open(uv_pipe_t *pipe, uv_file file);
int __wrap_uv_pipe_open(uv_pipe_t *pipe, uv_file file);
int __real_uv_read_start(uv_stream_t *stream, uv_alloc_cb allocate, uv_read_cb read);
int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb allocate, uv_read_cb read);
int __real_uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t *buffers,
                    unsigned count, uv_write_cb written);
int __wrap_uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t *buffers,
                    unsigned count, uv_write_cb written);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size);

int __wrap_uv_pipe_open(uv_pipe_t *pipe, uv_file file)
{
	return fails(CALL_OPEN) ? UV_ENOMEM : __real_uv_pipe_open(pipe, file);
}

int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb allocate, uv_read_cb read)
{
	return fails(CALL_READ) ? UV_EINVAL : __real_uv_read_start(stream, allocate, read);
}

int __wrap_uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t *buffers,
                    unsigned count, uv_write_cb written)
{
	return fails(CALL_WRITE) ? UV_EBADF
	                         : __real_uv_write(request, stream, buffers, count, written);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
	if (name == SO_PEERCRED && fails(CALL_PEER)) {
		errno = ENOBUFS;
		return -1;
	}
	return __real_getsockopt(fd, level, name, value, size);
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* More of them than there is room for, so that each that stayed counted would be missed. */
static void who_cannot_be_served_takes_no_room(void **state)
{
	static const enum call calls[] = {CALL_OPEN, CALL_READ, CALL_WRITE};
	struct world world;

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int fd;

		open_world(&world);
		failing = calls[i];
		failed = 0;
		for (unsigned j = 1; j <= CONTROL_CLIENTS + 1; j++) {
			fd = try_connect(&world);
			send_text(fd, "hello\n");
			wait_until(&world, &failed, j);
			assert_line(&world, fd, "");
			(void)close(fd);
		}
		failing = CALL_NONE;
		fd = try_connect(&world);
		send_text(fd, "hello\n");
		assert_line(&world, fd, "hello\n");
		(void)close(fd);
		close_world(&world);
	}
}

static void nobody_is_trusted_without_credentials(void **state)
{
	struct world world;
	int fd;

	(void)state;
	open_world(&world);
	failing = CALL_PEER;
	fd = try_connect(&world);
	send_text(fd, "trust\n");
	assert_line(&world, fd, "no\n");
	failing = CALL_NONE;
	(void)close(fd);
	close_world(&world);
}

/* After the client hung up, before its handles are closed. */
static void on_check(uv_check_t *check)
{
	struct world *world = check->data;
	struct text answer = {0};

	text_add(&answer, "too late");
	control_answer(world->waiting, &answer);
	assert_null(answer.bytes);
	uv_close((uv_handle_t *)check, NULL);
}

static void an_answer_that_is_too_late_is_dropped(void **state)
{
	uv_check_t check;
	struct world world;
	int fd;

	(void)state;
	open_world(&world);
	fd = try_connect(&world);
	send_text(fd, "wait\n");
	wait_until(&world, &world.requests, 1);
	(void)close(fd);
	check.data = &world;
	assert_int_equal(uv_check_init(&world.loop, &check), 0);
	assert_int_equal(uv_check_start(&check, on_check), 0);
	wait_ms(&world, 20);
	assert_int_equal(world.gone, 0);
	close_world(&world);
}

/* It comes while all seats are taken, one of them by a client that has gone since, of which the
 * loop has not heard yet. */
static void who_hung_up_gives_room_at_once(void **state)
{
	int fds[CONTROL_CLIENTS];
	struct world world;
	int fd;

	(void)state;
	open_world(&world);
	connect_all(&world, fds);
	fd = try_connect(&world);
	(void)close(fds[0]);
	send_text(fd, "hello\n");
	assert_line(&world, fd, "hello\n");
	(void)close(fd);
	for (size_t i = 1; i < CONTROL_CLIENTS; i++)
		(void)close(fds[i]);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_cannot_be_served_takes_no_room),
		cmocka_unit_test(nobody_is_trusted_without_credentials),
		cmocka_unit_test(an_answer_that_is_too_late_is_dropped),
		cmocka_unit_test(who_hung_up_gives_room_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
