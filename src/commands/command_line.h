/* SPDX-License-Identifier: MIT */
/* The command line: what a table of commands allows, read into one structure with what else a
 * command has to know of where it runs, and the help. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "log/log.h"

#define COMMAND_LINE_CONFIG     SYSCONFDIR "/dfmode-sync.conf"
#define COMMAND_LINE_STATE      "/var/lib/dfmode-sync"
#define COMMAND_LINE_RUNTIME    "/run/dfmode-sync"
#define COMMAND_LINE_TIMEOUT_MS INT64_C(120000)
#define COMMAND_LINE_RUNS_MAX   1000

/* The options that only some commands have. */
enum command_line_option {
	COMMAND_LINE_JSON = 1 << 0,
	COMMAND_LINE_WATCH = 1 << 1,
	COMMAND_LINE_WAIT = 1 << 2,  /* --timeout */
	COMMAND_LINE_COUNT = 1 << 3, /* -n */
	COMMAND_LINE_WEEK = 1 << 4,
	COMMAND_LINE_FILE = 1 << 5,
};

struct command_line;

/* A row of the table of commands; the last row has no name. */
struct command {
	const char *name;     /* first (suggest_row()) */
	const char *synopsis; /* what follows the name: "[ID...] [--json]"; "": nothing */
	const char *summary;  /* one line of the general help */
	const char *help;     /* sentences of its own help, newline-ended */
	const char *exits;    /* its exit codes: "0 all in sync, 1 not, 3 not running" */
	unsigned options;     /* enum command_line_option */
	int least, most;      /* arguments after the name */
	bool takes_ids;       /* the arguments are ids of integrations */
	bool uses_network;    /* curl_global_init() is needed */

	/* What goes to standard output and standard error is appended. Returns the exit code. */
	int (*run)(const struct command_line *line, struct text *out, struct text *errors);
};

/* What every command is given. All borrowed, but what it says is owned. */
struct command_line {
	const struct command *commands; /* the table */
	const struct command *command;
	const char *config_path;
	bool is_usual_config;          /* which may be missing where little of it is needed */
	const char *state_directory;   /* of the daemon that reads this configuration: of */
	const char *runtime_directory; /* $STATE_DIRECTORY, $RUNTIME_DIRECTORY (surroundings.h) */
	char *directories[2];          /* owned: these two */
	enum log_form form;
	bool verbose;
	bool json;
	bool watch;
	bool week;
	int64_t timeout_ms;
	int runs;               /* of -n; 0: not given */
	const char *file;       /* of `edit`; NULL: none was named */
	char *const *arguments; /* NULL-ended: of the command, after its name */
	int argument_count;
	int64_t *ids; /* owned: the arguments as ids, each once; NULL: none */
	size_t id_count;
	unsigned given; /* enum command_line_option: what was on the line */
	bool wants_help;
	bool wants_version;

	int64_t now_unix_s;
	size_t columns; /* of the terminal that standard output is; 0: it is none */
	size_t lines;   /* that there is room for; 0: any number */
	bool colour;    /* on standard output */
	bool error_colour;
	bool has_progress; /* a line on standard error can be drawn over itself */
};

/* Read the arguments of main(), in any order of options and words (getopt_long(3)); the first row
 * of `commands` is the command of a line that names none. `line` is to be cleared in any case.
 * Returns -1 if `line->command` is to run, else the exit code: 0 with a help or the version
 * appended to `out`, EX_USAGE with what is wrong appended to `errors`; what getopt_long(3) does not
 * know it reports to standard error itself. */
int command_line_read(int argc, char **argv, const struct command *commands,
                      struct command_line *line, struct text *out, struct text *errors);

/* Append "dfmode-sync: COMMAND: WHAT: 'WORD'; see dfmode-sync COMMAND --help" to `errors`; a NULL
 * word is left out. Returns EX_USAGE. */
int command_line_misuse(const struct command *command, const char *what, const char *word,
                        struct text *errors);

/* The command `help`: append the help of the whole, or of the command that is named. */
int command_line_help(const struct command_line *line, struct text *out, struct text *errors);

void command_line_clear(struct command_line *line);

#endif
