/* SPDX-License-Identifier: MIT */
/* `status --watch` on a pseudo-terminal, in a process of its own: what is drawn, when, and how the
 * terminal is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "commands/command.h"
#include "commands/command_status_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ENTER        "\033[?1049h\033[?25l\033[?7l"
#define LEAVE        "\033[?7h\033[?25h\033[?1049l"
#define PICTURE      "\033[Hnot running"
#define REST         "\033[J"
#define PATIENCE_MS  20000

/* No daemon runs, which is a picture of one line. */
struct watched {
	pid_t pid;
	int near;
	struct text drawn;
};

static void watch(int far)
{
	struct command_line options = {.runtime_directory = "/nonexistent"};

	if (dup2(far, STDIN_FILENO) < 0 || dup2(far, STDOUT_FILENO) < 0)
		_exit(99);
	_exit(command_status_watch(&options, command_status));
}

static void start(struct watched *watched)
{
	struct winsize size = {.ws_row = 5, .ws_col = 200};
	int far;

	*watched = (struct watched){0};
	assert_int_equal(openpty(&watched->near, &far, NULL, NULL, &size), 0);
	watched->pid = fork();
	if (watched->pid == 0)
		watch(far);
	assert_true(watched->pid > 0);
	(void)close(far);
}

/* Read what is drawn until `word` stands in it `times` times. */
static void await(struct watched *watched, const char *word, size_t times)
{
	struct pollfd polled = {.fd = watched->near, .events = POLLIN};
	char bytes[4096];
	size_t count = 0;

	while (count < times) {
		ssize_t length = -1;
		const char *at = watched->drawn.bytes;

		for (count = 0; at != NULL && (at = strstr(at, word)) != NULL; at += strlen(word))
			count++;
		if (count >= times)
			return;
		if (poll(&polled, 1, PATIENCE_MS) == 1)
			length = read(watched->near, bytes, sizeof(bytes));
		if (length <= 0)
			fail_msg("%zu of %zu: %s", count, times, watched->drawn.bytes);
		text_add_bytes(&watched->drawn, bytes, (size_t)length);
	}
}

/* Wait for its end and read the rest. */
static int end(struct watched *watched)
{
	char bytes[4096];
	ssize_t length;
	int status = 0;

	while ((length = read(watched->near, bytes, sizeof(bytes))) > 0)
		text_add_bytes(&watched->drawn, bytes, (size_t)length);
	assert_int_equal(waitpid(watched->pid, &status, 0), watched->pid);
	(void)close(watched->near);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool ends_with(const struct text *text, const char *word)
{
	size_t length = strlen(word);

	return text->length >= length &&
	       memcmp(text->bytes + text->length - length, word, length) == 0;
}

static void each_signal_ends_it_and_the_screen_is_back(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

	(void)state;
	for (size_t i = 0; i < COUNT(signals); i++) {
		struct watched watched;

		start(&watched);
		await(&watched, REST, 1);
		assert_int_equal(kill(watched.pid, signals[i]), 0);
		assert_int_equal(end(&watched), EX_OK);
		assert_memory_equal(watched.drawn.bytes, ENTER, strlen(ENTER));
		assert_true(ends_with(&watched.drawn, LEAVE));
		text_clear(&watched.drawn);
	}
}

static void it_is_drawn_again_every_second(void **state)
{
	struct watched watched;

	(void)state;
	start(&watched);
	await(&watched, PICTURE, 3);
	assert_int_equal(kill(watched.pid, SIGTERM), 0);
	assert_int_equal(end(&watched), EX_OK);
	text_clear(&watched.drawn);
}

/* A new size is a reason to draw, and not to end. */
static void a_new_size_draws_at_once(void **state)
{
	struct watched watched;

	(void)state;
	start(&watched);
	await(&watched, REST, 1);
	for (size_t i = 2; i < 50; i++) {
		assert_int_equal(kill(watched.pid, SIGWINCH), 0);
		await(&watched, REST, i);
	}
	assert_int_equal(kill(watched.pid, SIGTERM), 0);
	assert_int_equal(end(&watched), EX_OK);
	text_clear(&watched.drawn);
}

/* What is typed is not shown in between, and is again afterwards. */
static void echo_is_off_for_as_long(void **state)
{
	struct watched watched;
	struct termios terminal;
	struct termios before;
	int far;

	(void)state;
	start(&watched);
	await(&watched, REST, 1);
	assert_int_equal(tcgetattr(watched.near, &terminal), 0);
	assert_false((terminal.c_lflag & ECHO) != 0);
	far = open(ptsname(watched.near), O_RDWR | O_NOCTTY);
	assert_true(far >= 0);
	assert_int_equal(kill(watched.pid, SIGTERM), 0);
	await(&watched, LEAVE, 1);
	assert_int_equal(waitpid(watched.pid, NULL, 0), watched.pid);
	assert_int_equal(tcgetattr(far, &before), 0);
	assert_true((before.c_lflag & ECHO) != 0);
	(void)close(far);
	(void)close(watched.near);
	text_clear(&watched.drawn);
}

/* Stopped, the terminal is the shell's; continued, it is drawn again. */
static void a_stop_gives_the_screen_back(void **state)
{
	struct watched watched;
	int status = 0;

	(void)state;
	start(&watched);
	await(&watched, REST, 1);
	assert_int_equal(kill(watched.pid, SIGTSTP), 0);
	assert_int_equal(waitpid(watched.pid, &status, WUNTRACED), watched.pid);
	assert_true(WIFSTOPPED(status));
	await(&watched, LEAVE, 1);
	assert_int_equal(kill(watched.pid, SIGCONT), 0);
	await(&watched, ENTER, 2);
	await(&watched, REST, 2);
	assert_int_equal(kill(watched.pid, SIGTERM), 0);
	assert_int_equal(end(&watched), EX_OK);
	text_clear(&watched.drawn);
}

/* A pipe that nobody reads any more is as a terminal that is gone. */
static void a_terminal_that_is_gone_ends_it(void **state)
{
	int pipes[2];
	int status = 0;
	pid_t pid;
	char first;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(pipes[0]);
		(void)alarm(PATIENCE_MS / 2000);
		(void)signal(SIGPIPE, SIG_IGN);
		watch(pipes[1]);
	}
	(void)close(pipes[1]);
	assert_int_equal(read(pipes[0], &first, 1), 1); /* it has begun */
	(void)close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_IOERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_signal_ends_it_and_the_screen_is_back),
		cmocka_unit_test(it_is_drawn_again_every_second),
		cmocka_unit_test(a_new_size_draws_at_once),
		cmocka_unit_test(echo_is_off_for_as_long),
		cmocka_unit_test(a_stop_gives_the_screen_back),
		cmocka_unit_test(a_terminal_that_is_gone_ends_it),
	};

	return cmocka_run_group_tests_name("command_status_watch", tests, NULL, NULL);
}
