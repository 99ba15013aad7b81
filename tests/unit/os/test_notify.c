/* SPDX-License-Identifier: MIT */
/* A socket of our own stands in for the service manager. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/notify.h"
#include "support/descriptors.h"

#define MESSAGE_MAX 1024

struct manager {
	int fd;
	char name[64]; /* as in $NOTIFY_SOCKET */
};

static void manager_open(struct manager *manager, const char *format)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length;

	snprintf(manager->name, sizeof(manager->name), "%s.%d", format, (int)getpid());
	length = strlen(manager->name);
	memcpy(address.sun_path, manager->name, length);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	else
		unlink(manager->name);
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(manager->fd >= 0);
	length += offsetof(struct sockaddr_un, sun_path) + (manager->name[0] == '/');
	assert_int_equal(bind(manager->fd, (struct sockaddr *)&address, (socklen_t)length), 0);
}

static void manager_close(struct manager *manager)
{
	close(manager->fd);
	if (manager->name[0] == '/')
		unlink(manager->name);
}

/* The next message, "" if there is none; borrowed until the next call. */
static const char *next(const struct manager *manager)
{
	static char message[MESSAGE_MAX];
	ssize_t count = recv(manager->fd, message, sizeof(message) - 1, 0);

	if (count < 0)
		assert_int_equal(errno, EAGAIN);
	message[count > 0 ? count : 0] = '\0';
	return message;
}

static void say_everything(const char *address)
{
	struct manager manager;
	struct notify *notify;

	manager_open(&manager, address);
	notify = notify_open(manager.name);
	assert_string_equal(next(&manager), "");
	notify_send(notify, NOTIFY_READY);
	assert_string_equal(next(&manager), "READY=1\n");
	notify_send(notify, NOTIFY_WATCHDOG);
	assert_string_equal(next(&manager), "WATCHDOG=1\n");
	notify_send(notify, NOTIFY_STOPPING);
	assert_string_equal(next(&manager), "STOPPING=1\n");
	notify_status(notify, "5 of 6 in sync");
	assert_string_equal(next(&manager), "STATUS=5 of 6 in sync\n");
	notify_close(notify);
	manager_close(&manager);
}

static void speaks_to_paths_and_abstract_sockets(void **state)
{
	(void)state;
	say_everything("/tmp/test_notify");
	say_everything("@test_notify");
}

static int64_t monotonic_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void reloading_carries_the_clock(void **state)
{
	struct manager manager;
	struct notify *notify;
	int64_t before = monotonic_usec();
	int64_t usec = 0;
	char end = 'x';

	(void)state;
	manager_open(&manager, "@test_notify");
	notify = notify_open(manager.name);
	notify_send(notify, NOTIFY_RELOADING);
	assert_int_equal(
		sscanf(next(&manager), "RELOADING=1\nMONOTONIC_USEC=%" SCNd64 "%c", &usec, &end),
		2);
	assert_int_equal(end, '\n');
	assert_in_range(usec, before, monotonic_usec());
	notify_close(notify);
	manager_close(&manager);
}

static void a_status_is_sent_once_and_cut(void **state)
{
	char line[300], expected[300];
	struct manager manager;
	struct notify *notify;

	(void)state;
	manager_open(&manager, "@test_notify");
	notify = notify_open(manager.name);
	notify_status(notify, "one");
	assert_string_equal(next(&manager), "STATUS=one\n");
	notify_status(notify, "one");
	assert_string_equal(next(&manager), "");
	notify_status(notify, "two\nREADY=1");
	assert_string_equal(next(&manager), "STATUS=two\\nREADY=1\n");
	notify_status(notify, "one");
	assert_string_equal(next(&manager), "STATUS=one\n");
	memset(line, 'x', sizeof(line));
	line[250] = '\0';
	snprintf(expected, sizeof(expected), "STATUS=%.197s\xe2\x80\xa6\n", line);
	notify_status(notify, line);
	assert_string_equal(next(&manager), expected);
	notify_status(notify, "");
	assert_string_equal(next(&manager), "STATUS=\n");
	notify_close(notify);
	manager_close(&manager);
}

static void what_is_not_taken_goes_with_the_next(void **state)
{
	struct manager manager;
	struct notify *notify;
	unsigned taken = 0;

	(void)state;
	manager_open(&manager, "@test_notify");
	notify = notify_open(manager.name);
	/* Far more than the queue of any socket holds; none of it may block. */
	for (unsigned i = 0; i < 100000; i++)
		notify_send(notify, NOTIFY_WATCHDOG);
	notify_send(notify, NOTIFY_READY);
	notify_status(notify, "first");
	notify_status(notify, "second");
	notify_send(notify, NOTIFY_WATCHDOG);
	while (strcmp(next(&manager), "WATCHDOG=1\n") == 0)
		taken++;
	assert_in_range(taken, 1, 99999);
	assert_string_equal(next(&manager), "");
	/* That it was alive is not news any more. */
	notify_status(notify, "third");
	assert_string_equal(next(&manager), "READY=1\nSTATUS=third\n");
	notify_send(notify, NOTIFY_WATCHDOG);
	assert_string_equal(next(&manager), "WATCHDOG=1\n");
	notify_close(notify);
	manager_close(&manager);
}

static void a_manager_that_comes_back_is_told(void **state)
{
	struct manager manager;
	struct notify *notify;

	(void)state;
	manager_open(&manager, "/tmp/test_notify");
	notify = notify_open(manager.name);
	manager_close(&manager);
	notify_send(notify, NOTIFY_READY);
	manager_open(&manager, "/tmp/test_notify");
	notify_status(notify, "here");
	assert_string_equal(next(&manager), "READY=1\nSTATUS=here\n");
	notify_close(notify);
	manager_close(&manager);
}

static void without_an_address_nothing_happens(void **state)
{
	char *long_path = mem_alloc(1, 300);
	size_t descriptors = open_descriptors();
	const char *const paths[] = {NULL, "", "/", "@", "relative", "vsock:2:1", long_path};

	(void)state;
	memset(long_path, '/', 299);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct notify *notify = notify_open(paths[i]);

		assert_non_null(notify);
		assert_int_equal(open_descriptors(), descriptors);
		notify_send(notify, NOTIFY_READY);
		notify_send(notify, NOTIFY_RELOADING);
		notify_status(notify, "x");
		notify_send(notify, NOTIFY_WATCHDOG);
		notify_send(notify, NOTIFY_STOPPING);
		notify_close(notify);
	}
	notify_close(NULL);
	notify_close(notify_open("/somewhere"));
	assert_int_equal(open_descriptors(), descriptors);
	free(long_path);
}

static void reads_the_watchdog(void **state)
{
	char own[24], other[24];
	const struct {
		const char *usec;
		const char *pid;
		int64_t ms;
	} rows[] = {
		{.usec = NULL, .pid = NULL, .ms = 0},
		{.usec = NULL, .pid = own, .ms = 0},
		{.usec = "60000000", .pid = NULL, .ms = 60000},
		{.usec = "60000000", .pid = own, .ms = 60000},
		{.usec = "60000000", .pid = other, .ms = 0},
		{.usec = "60000000", .pid = "x", .ms = 0},
		{.usec = "999", .pid = NULL, .ms = 1},
		{.usec = "0", .pid = NULL, .ms = 0},
		{.usec = "-5", .pid = NULL, .ms = 0},
		{.usec = "60s", .pid = NULL, .ms = 0},
		{.usec = "", .pid = NULL, .ms = 0},
		{.usec = "18446744073709551615", .pid = NULL, .ms = 0},
	};

	(void)state;
	snprintf(own, sizeof(own), "%d", (int)getpid());
	snprintf(other, sizeof(other), "%d", (int)getpid() + 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(notify_watchdog_ms(rows[i].usec, rows[i].pid), rows[i].ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_to_paths_and_abstract_sockets),
		cmocka_unit_test(reloading_carries_the_clock),
		cmocka_unit_test(a_status_is_sent_once_and_cut),
		cmocka_unit_test(what_is_not_taken_goes_with_the_next),
		cmocka_unit_test(a_manager_that_comes_back_is_told),
		cmocka_unit_test(without_an_address_nothing_happens),
		cmocka_unit_test(reads_the_watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
