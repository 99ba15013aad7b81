/* SPDX-License-Identifier: MIT */
/* The commands: each takes the line that was read, and appends what is for standard output to `out`
 * and what is wrong to `errors`. Each returns its exit code (sysexits(3)): 0, or as it says; 64 for
 * options that exclude each other, 75 for files that cannot be read now, 78 for files with faults.
 * No secret is ever shown, and text of others is redacted and escaped. */
#ifndef COMMAND_H
#define COMMAND_H

#include "base/text.h"
#include "commands/command_line.h"

struct redactor;
struct spec_api;
struct wire_remotes;

/* Send what differs, once, and wait for the answers; the log is open. What was not accepted, each
 * with its place, and the sum go to `out`. Returns 0 all accepted, 1 some not, 69 without any
 * answer, 75 also if another instance runs, 77 for a refused key. `errors` is left alone: all that
 * is wrong is logged. */
int command_apply(const struct command_line *line, struct text *out, struct text *errors);

/* Load the configuration without any network; by root, what it names is judged as the service's
 * user would (service_user.h). Faults and warnings go to `errors` as a compiler prints them, then a
 * table of the integrations, their schedules in words and their next runs to `out`; with `json` one
 * document in `out` holds all of it. */
int command_check(const struct command_line *line, struct text *out, struct text *errors);

/* Have a private copy edited, as visudo(8) does: show its faults as `check` does and then what
 * `plan` says, until it is saved or given up; then wait for the daemon, if one runs. Talks to the
 * user on standard input, output and error, which are terminals. Returns 0 saved or unchanged, 1
 * given up or not possible. */
int command_edit(const struct command_line *line);

/* Write a configuration for what the server has, to begin with. Of the file only the API's settings
 * count; the usual one may be missing. What fails leaves `out` alone. Returns 69 if there is no
 * answer, 77 if the key is refused, 1 if there is no list in the answer. */
int command_import(const struct command_line *line, struct text *out, struct text *errors);

/* The text itself, of a list that is there already. */
void command_import_write(const struct spec_api *api, const struct wire_remotes *remotes,
                          const struct redactor *redactor, int64_t now_unix_s, struct text *out);

/* Show a schedule (an expression, or that of an id), or without an argument all that runs in the
 * coming 24 hours; with `week` a picture of the week instead. Returns also 64, with the fault and a
 * caret, or the neighbours of an id that is not there. Secrets are not read: whoever may read the
 * file may see its schedules. */
int command_next(const struct command_line *line, struct text *out, struct text *errors);

/* Print what `apply` would send, against the server where it answers; it sends nothing. The state
 * is only read, whoever holds its lock, and a daemon is asked what is under way. Returns 0 nothing
 * to do, 2 something to send, 77 if the key is refused; and if there is nothing to compare with, 69
 * where the server does not answer, else 1. */
int command_plan(const struct command_line *line, struct text *out, struct text *errors);

/* Have the daemon send these integrations now, whatever it believes the server has. Returns 0 all
 * were accepted, 1 not, 3 not running, 77 not for this user. */
int command_push(const struct command_line *line, struct text *out, struct text *errors);

/* Wait until the running daemon has loaded the files, retried what waits and released its gates.
 * The faults of refused files are printed as `check` does. Returns 0 the files are in force, 3 not
 * running, 77 not for this user, else 1. */
int command_reload(const struct command_line *line, struct text *out, struct text *errors);

/* Have the server synchronise integrations now, outside their schedules: each of the ids, in their
 * order, one at a time; a line of each goes to `out`, or one document. Returns 0 all were started,
 * 1 some were not, 69 if none had an answer, 77 if the key is refused (no other is asked then). */
int command_resync(const struct command_line *line, struct text *out, struct text *errors);

/* Print what the running daemon has in force, exact at that moment: the table, and below it each
 * problem in full, or the daemon's answer as it is; with `watch` on the terminal, again every
 * second. Returns 0 all that was asked for is in sync and the files are in force, 1 not, 3 not
 * running. */
int command_status(const struct command_line *line, struct text *out, struct text *errors);

/* Have the daemon take up the files as they are now, and wait until the integrations are settled.
 * Each that is not in sync goes to `out`, with its reason, then a summary. Returns 0 all in sync, 1
 * not, or not in time, or the files cannot be read now, 3 not running, 77 not for this user. */
int command_wait(const struct command_line *line, struct text *out, struct text *errors);

#endif
