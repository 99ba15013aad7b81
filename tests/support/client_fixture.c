/* SPDX-License-Identifier: MIT */
/* It reads as fast as it is answered, and gives up in the end. */
#include "support/client_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define PATIENCE_NS UINT64_C(20000000000)

int client_ask(const char *path, const char *request)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	size_t length = strlen(request);

	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, request, length, MSG_NOSIGNAL), length);
	assert_int_equal(send(fd, "\n", 1, MSG_NOSIGNAL), 1);
	return fd;
}

char *client_read(uv_loop_t *loop, int fd)
{
	struct text answer = {0};
	uint64_t end = uv_hrtime() + PATIENCE_NS;
	char bytes[4096];

	while (answer.length == 0 || answer.bytes[answer.length - 1] != '\n') {
		ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

		assert_true(count > 0 || (count < 0 && errno == EAGAIN));
		assert_true(uv_hrtime() < end);
		if (count > 0)
			text_add_bytes(&answer, bytes, (size_t)count);
		else
			(void)uv_run(loop, UV_RUN_NOWAIT);
	}
	text_truncate(&answer, answer.length - 1);
	(void)close(fd);
	return text_take(&answer);
}
