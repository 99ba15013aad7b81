/* SPDX-License-Identifier: MIT */
/* `status --watch` shows the table again every second, on the terminal's other screen, until a
 * signal ends it. Signals are waited for rather than handled, so that nothing can come between
 * half a picture and the next; a new size of the terminal is a reason to draw, not to end.
 *
 * A daemon that is not running is shown as that, and looked for again: it may be on its way. */
#include "commands/command_status_internal.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"

#define INTERVAL_MS 1000
#define DRAW_SHARE  10 /* of a core at most one part in so many goes into drawing */
#define LINES       24 /* where the terminal does not say */
#define COLUMNS     80

/* The other screen, no cursor, and no line that goes on in the next; and back. */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

struct screen {
	struct termios before;
	bool is_quiet; /* what is typed is not shown; `before` is to be put back */
};

static bool enter(struct screen *screen)
{
	struct termios quiet;

	screen->is_quiet = tcgetattr(STDIN_FILENO, &screen->before) == 0;
	if (screen->is_quiet) {
		quiet = screen->before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
	}
	return file_write(STDOUT_FILENO, ENTER, strlen(ENTER));
}

static void leave(const struct screen *screen)
{
	(void)file_write(STDOUT_FILENO, LEAVE, strlen(LEAVE));
	if (screen->is_quiet)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &screen->before);
}

/* Line for line over what was there, at most `lines`; the last without a newline, which would
 * move all of them up. */
static void add_lines(struct text *picture, const struct text *text, size_t lines)
{
	const char *at = text->length > 0 ? text->bytes : "";

	for (size_t i = 0; i < lines && *at != '\0'; i++) {
		size_t length = strcspn(at, "\n");

		text_add(picture, i > 0 ? "\n" : "");
		text_add_bytes(picture, at, length);
		text_add(picture, "\033[K");
		at += length + (at[length] == '\n');
	}
}

static bool draw(const struct command_line *line, command_status_show_fn *show)
{
	struct command_line now = *line;
	struct winsize size = {0};
	struct text out = {0};
	struct text picture = {0};
	bool done;

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	now.lines = size.ws_row > 0 ? size.ws_row : LINES;
	now.columns = size.ws_col > 0 ? size.ws_col : COLUMNS;
	now.now_unix_s = (int64_t)time(NULL);
	/* What is wrong has the screen for itself. */
	(void)show(&now, &out, &out);
	text_add(&picture, "\033[H");
	add_lines(&picture, &out, now.lines);
	text_add(&picture, "\033[J");
	done = file_write(STDOUT_FILENO, picture.bytes, picture.length);
	text_clear(&picture);
	text_clear(&out);
	return done;
}

/* The signal that came; 0: it is time to draw. */
static int wait_for(const sigset_t *signals, int64_t ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	int number = sigtimedwait(signals, NULL, &time);

	return number > 0 && number != SIGWINCH ? number : 0;
}

/* Ctrl-Z: the terminal is the shell's for as long. */
static bool suspend(struct screen *screen)
{
	leave(screen);
	(void)raise(SIGSTOP);
	return enter(screen);
}

int command_status_watch(const struct command_line *line, command_status_show_fn *show)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
	struct screen screen;
	sigset_t signals;
	bool done;
	int number = 0;

	(void)sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaddset(&signals, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	done = enter(&screen);
	while (done && (number == 0 || number == SIGTSTP)) {
		uint64_t start_ns = uv_hrtime();
		int64_t rest_ms;

		done = (number != SIGTSTP || suspend(&screen)) && draw(line, show);
		rest_ms = (int64_t)(uv_hrtime() - start_ns) / 1000000 * DRAW_SHARE;
		number = wait_for(&signals, rest_ms > INTERVAL_MS ? rest_ms : INTERVAL_MS);
	}
	leave(&screen);
	return done ? EX_OK : EX_IOERR;
}
