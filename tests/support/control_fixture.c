/* SPDX-License-Identifier: MIT */
/* The owner answers by what is asked, and counts what it is asked and what ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/loop.h"
#include "support/control_fixture.h"

#define PATIENCE_NS UINT64_C(20000000000) /* of a test */

struct pieces {
	struct world *world;
	int left;
};

static bool add_piece(struct text *out, void *data)
{
	struct pieces *pieces = data;

	for (size_t i = 0; i < 1024; i++)
		text_add(out, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	pieces->world->pieces++;
	return --pieces->left > 0;
}

static void release_pieces(void *data)
{
	struct pieces *pieces = data;

	pieces->world->released++;
	free(pieces);
}

static void on_gone(void *data)
{
	struct world *world = data;

	world->gone++;
}

void on_request(struct control_client *client, const char *line, size_t length, void *data)
{
	struct world *world = data;
	struct text answer = {0};

	assert_int_equal(strlen(line), length);
	world->requests++;
	if (strncmp(line, "stream ", 7) == 0) {
		struct pieces *pieces = mem_new(struct pieces);

		pieces->world = world;
		pieces->left = (int)strtol(line + 7, NULL, 10);
		control_stream(client, add_piece, release_pieces, pieces);
	} else if (strcmp(line, "wait") == 0) {
		world->waiting = client;
		control_wait(client, on_gone, world);
	} else {
		text_add(&answer, strcmp(line, "trust") != 0   ? line
		                  : control_is_trusted(client) ? "yes"
		                                               : "no");
		control_answer(client, &answer);
	}
}

void on_failed(const char *sentence, void *data)
{
	(void)data;
	fail_msg("%s", sentence);
}

void open_world(struct world *world)
{
	open_world_with(world, CONTROL_PATIENCE_MS);
}

void open_world_with(struct world *world, uint64_t patience_ms)
{
	char pattern[] = "/tmp/test_control.XXXXXX";
	struct fault fault = {0};

	*world = (struct world){0};
	assert_non_null(mkdtemp(pattern));
	assert_int_equal(chmod(pattern, 0755), 0);
	world->directory = mem_dup(pattern);
	world->path = mem_printf("%s/control", pattern);
	assert_true(loop_open(&world->loop, &fault));
	world->control = control_open(&world->loop, world->path,
	                              &(const struct control_options){.request = on_request,
	                                                              .failed = on_failed,
	                                                              .data = world,
	                                                              .patience_ms = patience_ms},
	                              &fault);
	assert_non_null(world->control);
}

void close_world(struct world *world)
{
	control_close(world->control);
	loop_close(&world->loop);
	assert_int_equal(access(world->path, F_OK), -1);
	assert_int_equal(rmdir(world->directory), 0);
	free(world->path);
	free(world->directory);
}

int try_connect(const struct world *world)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(address.sun_path, world->path, strlen(world->path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

void turn(struct world *world)
{
	(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	(void)usleep(500);
}

/* Read to the end of a line, or of the stream. Free the result. */
static char *read_line(struct world *world, int fd)
{
	struct text line = {0};
	char bytes[64 * 1024];
	uint64_t end = uv_hrtime() + PATIENCE_NS;

	while (true) {
		ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

		if (count == 0 || (count < 0 && errno != EAGAIN))
			break;
		if (count > 0) {
			text_add_bytes(&line, bytes, (size_t)count);
			if (bytes[count - 1] == '\n')
				break;
		}
		turn(world);
		if (uv_hrtime() > end)
			fail_msg("neither a line nor an end: '%s'", line.bytes);
	}
	return text_take(&line);
}

void assert_line(struct world *world, int fd, const char *desired)
{
	char *line = read_line(world, fd);

	assert_string_equal(line, desired);
	free(line);
}

void connect_all(struct world *world, int fds[CONTROL_CLIENTS])
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		fds[i] = try_connect(world);
		send_text(fds[i], "hello\n");
		assert_line(world, fds[i], "hello\n");
	}
}

void wait_ms(struct world *world, uint64_t ms)
{
	uint64_t end = uv_hrtime() + ms * 1000000;

	while (uv_hrtime() < end)
		turn(world);
}

void wait_until(struct world *world, const unsigned *counter, unsigned value)
{
	uint64_t end = uv_hrtime() + PATIENCE_NS;

	while (*counter != value && uv_hrtime() < end)
		turn(world);
	assert_int_equal(*counter, value);
}
