/* SPDX-License-Identifier: MIT */
/* The command `edit`: the safe way to change the configuration, as visudo(8) is for sudoers. */
#ifndef COMMAND_EDIT_H
#define COMMAND_EDIT_H

#include <stdbool.h>
#include <stdint.h>

/* All borrowed. */
struct command_edit_options {
	const char *config_path;
	const char
		*file; /* a drop-in or an include: its path, or its name; NULL: the file itself */
	const char *state_directory;
	const char *runtime_directory;
	int64_t timeout_ms; /* of the wait for the daemon */
	bool colour;        /* of what goes to standard output */
	bool error_colour;
	bool on_terminal; /* a line may show how far the wait is */
};

/* Have a private copy edited, show its faults as `check` does and then what `plan` says, until it
 * is saved or given up; then wait for the daemon, if one runs. Talks to the user on standard input,
 * output and error, which are terminals. Returns the exit code: 0 saved or unchanged, 1 given up or
 * not possible. */
int command_edit(const struct command_edit_options *options);

#endif
