/* SPDX-License-Identifier: MIT */
/* The log on a pipe, as the tests of the log have it. */
#include "support/log_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

const struct log_record rejected = {
	.event = EVENT_UPDATE_REJECTED,
	.message =
		"integration 42 'Mode: Finance': 422 body.indexing_cron: invalid cron expression",
	.integration_id = 42,
	.integration_name = "Mode: Finance",
	.cron = "0 25 * * *",
	.cron_old = "0 6 * * *",
	.generation = UINT64_MAX,
	.attempt = 3,
	.http_status = 422,
	.curl_code = 7,
	.retry_ms = 130250,
	.field = "body.indexing_cron",
	.reason = "invalid cron expression",
	.error_type = "value_error",
	.config_file = "/etc/dfmode-sync.conf",
	.config_line = 14,
};

const char *drain(int fd)
{
	static char buffer[BUFFER_MAX];
	size_t length = 0;
	ssize_t count;

	while ((count = read(fd, buffer + length, sizeof(buffer) - 1 - length)) > 0)
		length += (size_t)count;
	assert_true(count == 0 || errno == EAGAIN);
	buffer[length] = '\0';
	return buffer;
}

void open_pipe(int fds[2], enum log_form form, int level)
{
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	log_open_at(form, level, fds[1], NOWHERE);
}

void close_pipe(int fds[2])
{
	log_close(0);
	close(fds[0]);
	close(fds[1]);
}

void say(int level, const char *message)
{
	log_write(&(struct log_record){.level = level, .message = message});
}

void stuff(int fd)
{
	char page[4096] = {0};
	int flags = fcntl(fd, F_GETFL);

	memset(page, '.', sizeof(page));
	assert_int_equal(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
	while (write(fd, page, sizeof(page)) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
}

char *collect(int fd)
{
	struct text all = {0};
	bool is_held;

	do {
		is_held = log_flush();
		text_add(&all, drain(fd));
	} while (is_held);
	return text_take(&all);
}
