/* SPDX-License-Identifier: MIT */
/* Pipes and sockets that take less than is written: nothing blocks, nothing is torn, what is lost
 * is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "support/log_fixture.h"

static void a_full_pipe_never_blocks(void **state)
{
	uint64_t before = log_dropped(), lost;
	struct text expected = {0};
	char message[LONG + 1], *all;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	stuff(fds[1]);
	alarm(20);
	for (unsigned i = 0; i < FLOOD; i++) {
		snprintf(message, sizeof(message), "%0*u", LONG, i);
		say(LOG_INFO, message);
	}
	alarm(0);
	lost = log_dropped() - before;
	assert_in_range(lost, FLOOD / 4, FLOOD - FLOOD / 4);
	assert_true(log_flush());

	/* Once somebody reads, all that was held back comes in order, then the count, once. */
	all = collect(fds[0]);
	for (unsigned i = 0; i < FLOOD - lost; i++)
		text_printf(&expected, "%0*u\n", LONG, i);
	text_printf(&expected, "warning: %u log records dropped: the log sink was blocked\n",
	            (unsigned)lost);
	assert_string_equal(all + strspn(all, "."), expected.bytes);
	say(LOG_INFO, "after");
	assert_string_equal(drain(fds[0]), "after\n");
	assert_int_equal(log_dropped() - before, lost);
	free(all);
	text_clear(&expected);
	close_pipe(fds);
}

static void the_next_record_tells_of_the_lost(void **state)
{
	char *huge = mem_alloc(1, 5 * 1024 * 1024);
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_JSON, LOG_INFO);
	memset(huge, 'x', 5 * 1024 * 1024 - 1);
	log_write(&(struct log_record){.level = LOG_INFO, .message = "big", .reason = huge});
	assert_string_equal(drain(fds[0]), "");
	log_set_level(LOG_ERR);
	say(LOG_ERR, "quiet");
	assert_null(strstr(drain(fds[0]), "dropped"));
	log_set_level(LOG_INFO);
	say(LOG_INFO, "next");
	assert_non_null(strstr(drain(fds[0]),
	                       "\"MESSAGE\":\"1 log record dropped: the log sink was blocked\""));
	say(LOG_INFO, "next");
	assert_null(strstr(drain(fds[0]), "dropped"));
	free(huge);
	close_pipe(fds);
}

/* A line that is longer than the pipe takes at once is not torn by the one after it. */
static void a_long_line_stays_whole(void **state)
{
	char *message = mem_alloc(1, 60000), *all;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 8192), 8192);
	memset(message, 'x', 59999);
	say(LOG_INFO, message);
	say(LOG_INFO, "second");
	assert_true(log_flush());
	all = collect(fds[0]);
	assert_int_equal(strlen(all), 60000 + strlen("second\n"));
	assert_int_equal(strspn(all, "x"), 59999);
	assert_string_equal(all + 59999, "\nsecond\n");
	free(all);
	free(message);
	close_pipe(fds);
}

/* What gathers is written by a flush, in order and whole, and none is lost to a pipe that is full
 * meanwhile. */
static void lines_gather_until_a_flush(void **state)
{
	uint64_t before = log_dropped();
	struct text expected = {0};
	struct text all = {0};
	char page[4096];
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	log_gather(true);
	say(LOG_INFO, "first");
	assert_int_equal(read(fds[0], page, sizeof(page)), -1);
	assert_false(log_flush());
	assert_int_equal(read(fds[0], page, sizeof(page)), strlen("first\n"));
	for (int i = 0; i < 20000; i++) {
		text_printf(&expected, "line %d\n", i);
		(void)snprintf(page, sizeof(page), "line %d", i);
		say(LOG_INFO, page);
		/* A pipe that has room again meanwhile lets no later one pass. */
		if (i % 7000 == 6999)
			text_add_bytes(&all, page, (size_t)read(fds[0], page, sizeof(page)));
	}
	for (bool is_held = true; is_held || all.length < expected.length;) {
		ssize_t count;

		is_held = log_flush();
		while ((count = read(fds[0], page, sizeof(page))) > 0)
			text_add_bytes(&all, page, (size_t)count);
	}
	assert_string_equal(all.bytes, expected.bytes);
	assert_int_equal(log_dropped(), before);
	say(LOG_INFO, "last");
	log_gather(false);
	assert_int_equal(read(fds[0], page, sizeof(page)), strlen("last\n"));
	close(fds[0]);
	log_gather(true);
	say(LOG_INFO, "one");
	say(LOG_INFO, "two");
	for (int i = 0; i < 3; i++)
		assert_false(log_flush());
	assert_int_equal(log_dropped() - before, 2);
	log_close(0);
	close(fds[1]);
	text_clear(&expected);
	text_clear(&all);
}

static void nobody_reads(void **state)
{
	uint64_t before = log_dropped();
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	close(fds[0]);
	say(LOG_INFO, "one");
	say(LOG_INFO, "two");
	assert_false(log_flush());
	assert_int_equal(log_dropped() - before, 2);
	log_close(1000);
	close(fds[1]);
	say(LOG_DEBUG, "not even written");
}

/* What was held back when the reader went is lost, and counted. */
static void the_reader_goes_away(void **state)
{
	uint64_t before = log_dropped();
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	stuff(fds[1]);
	say(LOG_INFO, "one");
	say(LOG_INFO, "two");
	assert_true(log_flush());
	assert_int_equal(log_dropped(), before);
	close(fds[0]);
	assert_false(log_flush());
	assert_true(log_dropped() - before >= 2);
	log_close(0);
	close(fds[1]);
}

/* What others write to the same pipe comes between lines, never into one. */
static void a_full_pipe_ends_with_a_line(void **state)
{
	char message[1000] = "", *rest;
	const char *begun;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 8192), 8192);
	memset(message, 'x', sizeof(message) - 1);
	log_gather(true);
	for (int i = 0; i < 12; i++)
		say(LOG_INFO, message);
	assert_true(log_flush());
	begun = drain(fds[0]);
	assert_int_equal(strlen(begun) % sizeof(message), 0);
	assert_true(strlen(begun) > 0);
	rest = collect(fds[0]);
	assert_int_equal(strlen(rest) % sizeof(message), 0);
	assert_true(strlen(rest) > 0);
	free(rest);
	close_pipe(fds);
}

static void *read_late(void *data)
{
	int fd = *(int *)data;
	struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
	struct text all = {0};
	char page[4096];
	ssize_t count;

	nanosleep(&pause, NULL);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	while ((count = read(fd, page, sizeof(page))) > 0)
		text_add_bytes(&all, page, (size_t)count);
	return text_take(&all);
}

static void closing_waits_for_what_is_held(void **state)
{
	uint64_t before = log_dropped();
	pthread_t reader;
	void *all;
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	stuff(fds[1]);
	say(LOG_INFO, "last words");
	assert_int_equal(pthread_create(&reader, NULL, read_late, &fds[0]), 0);
	log_close(10000);
	close(fds[1]);
	assert_int_equal(pthread_join(reader, &all), 0);
	assert_string_equal((char *)all + strspn(all, "."), "last words\n");
	assert_int_equal(log_dropped(), before);
	free(all);
	close(fds[0]);

	/* And only so long. */
	open_pipe(fds, LOG_FORM_TEXT, LOG_INFO);
	stuff(fds[1]);
	say(LOG_INFO, "lost words");
	close_pipe(fds);
	assert_int_equal(log_dropped(), before + 1);
}

/* A socket that others share, as stderr of a unit is: written without blocking, never torn. */
static void a_stream_socket_never_blocks(void **state)
{
	char message[64], *all;
	struct text expected = {0};
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	log_open_at(LOG_FORM_TEXT, LOG_INFO, fds[1], NOWHERE);
	alarm(20);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(message, sizeof(message), "record %u of those on a socket", i);
		say(LOG_INFO, message);
		text_printf(&expected, "%s\n", message);
	}
	assert_true(log_flush());
	alarm(0);
	all = collect(fds[0]);
	assert_string_equal(all, expected.bytes);
	free(all);
	text_clear(&expected);
	close_pipe(fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_pipe_never_blocks),
		cmocka_unit_test(the_next_record_tells_of_the_lost),
		cmocka_unit_test(a_long_line_stays_whole),
		cmocka_unit_test(nobody_reads),
		cmocka_unit_test(the_reader_goes_away),
		cmocka_unit_test(a_full_pipe_ends_with_a_line),
		cmocka_unit_test(lines_gather_until_a_flush),
		cmocka_unit_test(closing_waits_for_what_is_held),
		cmocka_unit_test(a_stream_socket_never_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
