/* SPDX-License-Identifier: MIT */
/* As ls(1) and git(1) ask it. */
#include "commands/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

#define COLUMNS_MAX 10000

bool terminal_has_colour(int descriptor)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(descriptor) && (no_color == NULL || no_color[0] == '\0');
}

bool terminal_has_progress(enum log_form form)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && form != LOG_FORM_JSON && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

size_t terminal_columns(int descriptor)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {0};
	int64_t number;

	if (!isatty(descriptor))
		return 0;
	if (columns != NULL && text_to_int(columns, 1, COLUMNS_MAX, &number))
		return (size_t)number;
	return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
