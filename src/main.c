/* SPDX-License-Identifier: MIT */
/* One table of commands. How a line is read is command_line's affair. */
#include <curl/curl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "api/wire.h"
#include "commands/command.h"
#include "commands/service_user.h"
#include "daemon/daemon.h"
#include "http/http.h"
#include "log/log.h"

#define LOG_CLOSE_MS 200

static int run_daemon(const struct command_line *line, struct text *out, struct text *errors)
{
	struct daemon_options options = {
		.config_path = line->config_path,
		.state_directory = line->state_directory,
		.runtime_directory = line->runtime_directory,
		.environment = service_user_own_environment(),
		.notify_socket = getenv("NOTIFY_SOCKET"),
		.watchdog_usec = getenv("WATCHDOG_USEC"),
		.watchdog_pid = getenv("WATCHDOG_PID"),
		.without_inotify = getenv("DFMODE_NO_INOTIFY") != NULL,
		.level_is_given = line->verbose,
	};

	(void)out;
	(void)errors;
	return daemon_run(&options);
}

static int run_edit(const struct command_line *line, struct text *out, struct text *errors)
{
	(void)out;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return command_line_misuse(line->command, "needs a terminal", NULL, errors);
	return command_edit(line);
}

/* The first is what runs when none is named. */
static const struct command commands[] = {
	{.name = "run",
         .synopsis = "",
         .summary = "the daemon, in the foreground (the default)",
         .help = "Run the daemon in the foreground: keep the schedules equal to the file, until "
                 "SIGTERM.\n",
         .exits = "0 stopped, 1 a directory or the state cannot be used, 75 already running, or a\n"
                  "file that cannot be read now, 78 faults in the file",
         .uses_network = true,
         .run = run_daemon},
	{.name = "apply",
         .synopsis = "[--timeout=SPAN] [--json]",
         .summary = "send what differs, once, without a daemon",
         .help = "Send what differs, once, and end. What fails is retried until nothing more was\n"
                 "accepted or rejected for SPAN.\n",
         .exits =
                 "0 all accepted, 1 some not, 69 no answer, 75 the daemon is running, or the file\n"
                 "cannot be read now, 77 key refused, 78 faults in the file",
         .options = COMMAND_LINE_WAIT | COMMAND_LINE_JSON,
         .uses_network = true,
         .run = command_apply},
	{.name = "check",
         .synopsis = "[--json]",
         .summary = "every fault of the file, or what it asks for; without network",
         .help = "Read the file as the daemon would, without network. Print every fault and "
                 "warning, then\na table of the integrations, their schedules in words and their "
                 "next runs. By root,\nwhat the file names is opened as the service's user.\n",
         .exits = "0 no faults, 75 the file cannot be read now, 78 faults in the file",
         .options = COMMAND_LINE_JSON,
         .run = command_check},
	{.name = "import",
         .synopsis = "",
         .summary = "a configuration for what the server has, to standard output",
         .help = "Write a configuration for the integrations that the server lists to standard "
                 "output.\n`check` refuses it until the placeholders are filled in.\n",
         .exits = "0 done, 1 there is no list in the answer, 69 no answer, 75 the file cannot be\n"
                  "read now, 77 key refused, 78 faults in the file",
         .uses_network = true,
         .run = command_import},
	{.name = "next",
         .synopsis = "[CRON|ID] [-n N | --week] [--json]",
         .summary = "a schedule, or an integration's, in words, and its next runs",
         .help = "Print a schedule, in quotes, or that of an integration of the file, in words, "
                 "and its\nnext N runs. Without one: what runs in the coming 24 hours.\n",
         .exits = "0 done, 64 not a schedule, or no such integration, 75 the file cannot be read\n"
                  "now, 78 faults in the file",
         .options = COMMAND_LINE_COUNT | COMMAND_LINE_WEEK | COMMAND_LINE_JSON,
         .most = 1,
         .run = command_next},
	{.name = "plan",
         .synopsis = "[ID...] [--json]",
         .summary = "what would be sent, against what the server has; sends nothing",
         .help = "Compare the file with what the server has, or accepted last. Nothing is sent.\n",
         .exits = "0 nothing to do, 1 nothing to compare with, 2 changes, 69 no answer, 75 the "
                  "file\n"
                  "cannot be read now, 77 key refused, 78 faults in the file",
         .options = COMMAND_LINE_JSON,
         .most = INT_MAX,
         .takes_ids = true,
         .uses_network = true,
         .run = command_plan},
	{.name = "resync",
         .synopsis = "ID... [--json]",
         .summary = "have the server synchronise these integrations now",
         .help = "Start an unscheduled synchronisation of each integration, once.\n",
         .exits =
                 "0 all started, 1 some not, 69 no answer, 75 the file cannot be read now, 77 key\n"
                 "refused, 78 faults in the file",
         .options = COMMAND_LINE_JSON,
         .least = 1,
         .most = INT_MAX,
         .takes_ids = true,
         .uses_network = true,
         .run = command_resync},
	{.name = "status",
         .synopsis = "[ID...] [--json | --watch]",
         .summary = "what the running daemon has in force, and what it waits for",
         .help = "Ask the running daemon what it has in force, and print a table of the\n"
                 "integrations, or of those named; below it, in full, whatever is wrong. A\n"
                 "paused one counts as in sync.\n",
         .exits = "0 all in sync and the files are in force, 1 not, 3 not running",
         .options = COMMAND_LINE_JSON | COMMAND_LINE_WATCH,
         .most = INT_MAX,
         .takes_ids = true,
         .run = command_status},
	{.name = "wait",
         .synopsis = "[ID...] [--timeout=SPAN]",
         .summary = "have the daemon take up the files, and wait until all is settled",
         .help = "Have the running daemon take up the files as they are now, and wait until\n"
                 "the integrations named, or all, are settled. What is not in sync is printed\n"
                 "with its reason.\n",
         .exits = "0 all in sync, 1 not, or not within SPAN, 3 not running, 77 not for this user,\n"
                  "78 the files are refused",
         .options = COMMAND_LINE_WAIT,
         .most = INT_MAX,
         .takes_ids = true,
         .run = command_wait},
	{.name = "reload",
         .synopsis = "",
         .summary = "have the daemon take up the files now, and say whether they are in force",
         .help = "Have the running daemon take up the files now, retry what waits, and open\n"
                 "closed gates.\n",
         .exits = "0 the files are in force, 3 not running, 75 the files cannot be read now,\n"
                  "77 not for this user, 78 the files are refused",
         .run = command_reload},
	{.name = "push",
         .synopsis = "ID...",
         .summary = "have the daemon send these integrations now, whatever the server has",
         .help = "Have the running daemon send these integrations now, whatever it believes the "
                 "server has,\nand wait for the answers.\n",
         .exits = "0 all accepted, 1 not, 3 not running, 77 not for this user",
         .least = 1,
         .most = INT_MAX,
         .takes_ids = true,
         .run = command_push},
	{.name = "edit",
         .synopsis = "[--file=NAME]",
         .summary = "edit the file safely: check, plan, save, wait",
         .help = "Edit a private copy of the file, or of a drop-in or include of it, in "
                 "$SUDO_EDITOR, "
                 "$VISUAL,\n$EDITOR or editor. Faults are shown and can be edited away; then comes "
                 "the plan, "
                 "and the\nquestion whether to save; then what the daemon makes of it.\n",
         .exits = "0 saved or unchanged, 1 given up",
         .options = COMMAND_LINE_FILE,
         .uses_network = true,
         .run = run_edit},
	{.name = "help",
         .synopsis = "[COMMAND]",
         .summary = "this text, or the help of a command",
         .help = "Print the help of a command, as COMMAND --help does, or the general help.\n",
         .exits = "0 done, 64 no such command",
         .most = 1,
         .run = command_line_help},
	{.name = NULL},
};

/* Output that does not arrive is a failure, as with any other command. */
static int put(struct text *text, FILE *stream, int code)
{
	if (text->length > 0 && fwrite(text->bytes, 1, text->length, stream) != text->length)
		code = EX_IOERR;
	text_clear(text);
	return fflush(stream) == 0 ? code : EX_IOERR;
}

/* A daemon, and who stands in for one, keeps a log; other commands log what they were asked to. */
static int call(const struct command_line *line, struct text *out, struct text *errors)
{
	const struct command *command = line->command;
	bool logs = command->run == run_daemon || command->run == command_apply;
	int code;

	if (command->run != run_daemon)
		daemon_mask_signals(SIG_UNBLOCK);
	if (command->uses_network)
		(void)http_memory_start();
	wire_draw_seed();
	log_open(line->form, line->verbose ? LOG_DEBUG : logs ? LOG_INFO : LOG_ERR);
	code = command->run(line, out, errors);
	log_close(LOG_CLOSE_MS);
	if (command->uses_network)
		curl_global_cleanup();
	return code;
}

/* Secrets are in our memory: no core, and no other process of the same user may read it.
 * LeakSanitizer has to. */
static void guard_memory(void)
{
#if !defined(SANITIZED)
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

int main(int argc, char **argv)
{
	struct command_line line;
	struct text out = {0};
	struct text errors = {0};
	int code;

	daemon_mask_signals(SIG_BLOCK);
	guard_memory();
	(void)signal(SIGPIPE, SIG_IGN);
	code = command_line_read(argc, argv, commands, &line, &out, &errors);
	if (code < 0)
		code = call(&line, &out, &errors);
	command_line_clear(&line);
	code = put(&errors, stderr, code);
	return put(&out, stdout, code);
}
