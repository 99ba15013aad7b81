/* SPDX-License-Identifier: MIT */
/* Options and exit codes, nothing else: what the arguments of the command line mean, and which
 * command they call. */
#include <curl/curl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "commands/command_apply.h"
#include "commands/command_check.h"
#include "commands/command_import.h"
#include "commands/command_next.h"
#include "commands/command_plan.h"
#include "commands/command_resync.h"
#include "commands/command_status.h"
#include "commands/directories.h"
#include "daemon/daemon.h"
#include "log/log.h"
#include "version.h"

#define DEFAULT_CONFIG  SYSCONFDIR "/dfmode-sync.conf"
#define DEFAULT_STATE   "/var/lib/dfmode-sync"
#define DEFAULT_RUNTIME "/run/dfmode-sync"

struct command_line {
	const char *config_path;
	enum log_form form;
	int verbose;
	bool json;
	bool watch;         /* of `status` */
	int64_t timeout_ms; /* of `apply` */
	long runs;          /* of `next` */
	char **arguments;   /* of the command, after its name */
	int argument_count;
};

static const char help[] =
	"Usage: dfmode-sync [-v] [-c FILE] [--log=FORM] [COMMAND]\n"
	"\n"
	"Keep the refresh schedules of Datafold's Mode Analytics integrations equal to a file.\n"
	"\n"
	"Commands:\n"
	"  run              the daemon, in the foreground (the default)\n"
	"  apply [--timeout=SPAN]\n"
	"                   send what differs, once; give up after SPAN without progress (2min)\n"
	"  check [--json]   every fault of the file, or what it asks for; without network\n"
	"  import           a configuration for what the server has, to standard output\n"
	"  next CRON|ID [-n N]\n"
	"                   a schedule, or an integration's, in words; its next N runs (5)\n"
	"  plan [--json]    what would be sent, against what the server has; sends nothing\n"
	"  resync ID...     have the server synchronise these integrations now\n"
	"  status [--json | --watch]\n"
	"                   what the running daemon does, and waits for; again every second\n"
	"\n"
	"Options:\n"
	"  -c, --config=FILE  the configuration (" DEFAULT_CONFIG "); FILE.d/*.conf adds to it\n"
	"      --log=FORM     text, json, journal, or auto: the journal if stderr is it, else "
	"text\n"
	"  -v, --verbose      tell more: every request (as log.level = \"debug\" does)\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version, and those of the libraries\n"
	"\n"
	"Environment: STATE_DIRECTORY (" DEFAULT_STATE "), RUNTIME_DIRECTORY (" DEFAULT_RUNTIME
	"),\n"
	"CREDENTIALS_DIRECTORY, DATAFOLD_API_KEY, NO_COLOR, TERM.\n"
	"\n"
	"Exit codes: 0 done, 1 failed or not all in sync, 2 the plan has changes, 3 not running,\n"
	"64 wrong usage, 69 no answer, 74 output failed, 75 already running, 77 key refused,\n"
	"78 faults in the file.\n"
	"\n"
	"See dfmode-sync(8) and dfmode-sync.conf(5).\n";

static int misuse(const char *what, const char *word)
{
	(void)fprintf(stderr, "dfmode-sync: %s%s%s; see dfmode-sync --help\n", what,
	              word != NULL ? ": " : "", word != NULL ? word : "");
	return EX_USAGE;
}

/* Output that does not arrive is a failure, as with any other command. */
static int put(const struct text *text, FILE *stream, int result)
{
	if (text->length > 0 && fwrite(text->bytes, 1, text->length, stream) != text->length)
		return EX_IOERR;
	return fflush(stream) == 0 ? result : EX_IOERR;
}

/* What a command says, on its way out. */
struct output {
	struct text out;
	struct text errors;
};

static int finish(struct output *output, int result)
{
	result = put(&output->errors, stderr, result);
	result = put(&output->out, stdout, result);
	text_clear(&output->out);
	text_clear(&output->errors);
	return result;
}

static bool wants_colour(int descriptor)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(descriptor) && (no_color == NULL || no_color[0] == '\0');
}

/* `-c emea.conf` may be said in the directory of the instances. */
static char *directory_from(const char *variable, const char *otherwise,
                            const struct command_line *line)
{
	const char *path = line->config_path;
	char *here = path[0] == '/' ? NULL : get_current_dir_name();
	char *whole = here != NULL ? mem_printf("%s/%s", here, path) : mem_dup(path);
	char *directory = directories_find(getenv(variable), otherwise, whole);

	free(whole);
	free(here);
	return directory;
}

static int run_daemon(const struct command_line *line)
{
	char *state = directory_from("STATE_DIRECTORY", DEFAULT_STATE, line);
	char *runtime = directory_from("RUNTIME_DIRECTORY", DEFAULT_RUNTIME, line);
	struct daemon_options options = {
		.config_path = line->config_path,
		.state_directory = state,
		.runtime_directory = runtime,
		.environment = {.credentials_directory = getenv("CREDENTIALS_DIRECTORY"),
	                        .api_key = getenv("DATAFOLD_API_KEY")},
		.notify_socket = getenv("NOTIFY_SOCKET"),
		.watchdog_usec = getenv("WATCHDOG_USEC"),
		.watchdog_pid = getenv("WATCHDOG_PID"),
		.without_inotify = getenv("DFMODE_NO_INOTIFY") != NULL,
		.level_is_given = line->verbose > 0,
	};
	int result;

	if (line->argument_count > 0) {
		result = misuse("run takes no arguments", line->arguments[0]);
	} else {
		log_open(line->form, line->verbose > 0 ? LOG_DEBUG : LOG_INFO);
		(void)curl_global_init(CURL_GLOBAL_DEFAULT);
		result = daemon_run(&options);
		curl_global_cleanup();
	}
	free(state);
	free(runtime);
	return result;
}

/* Whether a line can be drawn over itself there. */
static bool shows_progress(enum log_form form)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && form != LOG_FORM_JSON && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

static int run_apply(const struct command_line *line)
{
	char *state = directory_from("STATE_DIRECTORY", DEFAULT_STATE, line);
	struct command_apply_options options = {
		.config_path = line->config_path,
		.state_directory = state,
		.environment = {.credentials_directory = getenv("CREDENTIALS_DIRECTORY"),
	                        .api_key = getenv("DATAFOLD_API_KEY")},
		.timeout_ms = line->timeout_ms,
		.level_is_given = line->verbose > 0,
		.on_terminal = shows_progress(line->form),
	};
	struct output output = {.out = {.length = 0}};
	int result;

	if (line->argument_count > 0) {
		result = misuse("apply takes no arguments", line->arguments[0]);
	} else {
		log_open(line->form, line->verbose > 0 ? LOG_DEBUG : LOG_INFO);
		(void)curl_global_init(CURL_GLOBAL_DEFAULT);
		result = command_apply(&options, &output.out);
		curl_global_cleanup();
	}
	free(state);
	return finish(&output, result);
}

static int run_check(const struct command_line *line)
{
	struct output output = {.out = {.length = 0}};
	int result;

	if (line->argument_count > 0)
		return misuse("check takes no arguments; name the file with -c",
		              line->arguments[0]);
	result = command_check(line->config_path, line->json, wants_colour(STDERR_FILENO),
	                       &output.out, &output.errors);
	return finish(&output, result);
}

static int run_plan(const struct command_line *line)
{
	char *state = directory_from("STATE_DIRECTORY", DEFAULT_STATE, line);
	struct command_plan_options options = {.config_path = line->config_path,
	                                       .state_directory = state,
	                                       .now_unix_s = (int64_t)time(NULL),
	                                       .colour = wants_colour(STDOUT_FILENO),
	                                       .error_colour = wants_colour(STDERR_FILENO),
	                                       .json = line->json};
	struct output output = {.out = {.length = 0}};
	int result;

	if (line->argument_count > 0) {
		result = misuse("plan takes no arguments", line->arguments[0]);
	} else {
		(void)curl_global_init(CURL_GLOBAL_DEFAULT);
		result = command_plan(&options, &output.out, &output.errors);
		curl_global_cleanup();
	}
	result = finish(&output, result);
	free(state);
	return result;
}

static int run_import(const struct command_line *line)
{
	struct command_import_options options = {
		.config_path = line->config_path,
		.may_be_missing = strcmp(line->config_path, DEFAULT_CONFIG) == 0,
		.now_unix_s = (int64_t)time(NULL),
		.colour = wants_colour(STDERR_FILENO)};
	struct output output = {.out = {.length = 0}};
	int result;

	if (line->argument_count > 0)
		return misuse("import takes no arguments", line->arguments[0]);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	result = command_import(&options, &output.out, &output.errors);
	curl_global_cleanup();
	return finish(&output, result);
}

static int run_resync(const struct command_line *line)
{
	struct output output = {.out = {.length = 0}};
	int result;

	if (line->argument_count == 0)
		return misuse("resync takes the ids of integrations", NULL);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	result = command_resync(line->config_path, line->arguments, wants_colour(STDERR_FILENO),
	                        &output.out, &output.errors);
	curl_global_cleanup();
	return finish(&output, result);
}

/* One number alone is no schedule. */
static bool is_id(const char *word)
{
	return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

static int run_next(const struct command_line *line)
{
	struct output output = {.out = {.length = 0}};
	int result;

	if (line->argument_count != 1) {
		return misuse("next takes one schedule, in quotes, or the id of an integration",
		              NULL);
	}
	if (is_id(line->arguments[0])) {
		result = command_next_id(line->config_path, line->arguments[0], (int)line->runs,
		                         (int64_t)time(NULL), &output.out, &output.errors);
	} else {
		result = command_next(line->arguments[0], (int)line->runs, (int64_t)time(NULL),
		                      &output.out, &output.errors);
	}
	return finish(&output, result);
}

/* Of the terminal, as ls(1) asks for it; 0: the output is not for one. */
static size_t count_columns(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {.ws_col = 0};
	int64_t number;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns != NULL && text_to_int(columns, 1, 10000, &number))
		return (size_t)number;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int run_status(const struct command_line *line)
{
	char *state = directory_from("STATE_DIRECTORY", DEFAULT_STATE, line);
	char *runtime = directory_from("RUNTIME_DIRECTORY", DEFAULT_RUNTIME, line);
	struct command_status_options options = {.runtime_directory = runtime,
	                                         .state_directory = state,
	                                         .now_unix_s = (int64_t)time(NULL),
	                                         .columns = count_columns(),
	                                         .colour = wants_colour(STDOUT_FILENO),
	                                         .json = line->json};
	struct output output = {.out = {.length = 0}};
	int result;

	if (line->argument_count > 0)
		result = misuse("status takes no arguments", line->arguments[0]);
	else if (line->watch && line->json)
		result = misuse("--watch is for people, --json for programs", NULL);
	else if (line->watch && !isatty(STDOUT_FILENO))
		result = misuse("--watch needs a terminal", NULL);
	else if (line->watch)
		result = command_status_watch(&options);
	else
		result = command_status(&options, &output.out, &output.errors);
	result = finish(&output, result);
	free(state);
	free(runtime);
	return result;
}

static const struct {
	const char *name;
	int (*run)(const struct command_line *line);
} commands[] = {
	{.name = "run", .run = run_daemon},    {.name = "apply", .run = run_apply},
	{.name = "check", .run = run_check},   {.name = "next", .run = run_next},
	{.name = "import", .run = run_import}, {.name = "plan", .run = run_plan},
	{.name = "resync", .run = run_resync}, {.name = "status", .run = run_status},
};

static int call(struct command_line *line)
{
	const char *name = line->argument_count > 0 ? line->arguments[0] : "run";

	if (strcmp(name, "run") != 0)
		daemon_unblock_signals();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0) {
			if (line->argument_count > 0) {
				line->arguments++;
				line->argument_count--;
			}
			return commands[i].run(line);
		}
	}
	return misuse("unknown command", name);
}

static bool read_form(const char *word, enum log_form *form)
{
	static const char *const forms[] = {[LOG_FORM_AUTO] = "auto",
	                                    [LOG_FORM_TEXT] = "text",
	                                    [LOG_FORM_JSON] = "json",
	                                    [LOG_FORM_JOURNAL] = "journal"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i], word) == 0) {
			*form = (enum log_form)i;
			return true;
		}
	}
	return false;
}

static bool read_runs(const char *word, long *runs)
{
	int64_t number;

	if (!text_to_int(word, 1, 1000, &number))
		return false;
	*runs = (long)number;
	return true;
}

static int read_timeout(const char *word, int64_t *timeout_ms)
{
	struct fault fault = {.text = NULL};
	int result = -1;

	if (!span_parse(word, timeout_ms, &fault))
		result = misuse("--timeout", fault.text);
	else if (*timeout_ms == 0)
		result = misuse("--timeout takes at least 1ms", word);
	fault_clear(&fault);
	return result;
}

/* -1: go on with the command; else the exit code. */
static int read_option(int option, struct command_line *line)
{
	switch (option) {
	case 'c':
		line->config_path = optarg;
		return -1;
	case 'l':
		return read_form(optarg, &line->form) ? -1 : misuse("unknown form of log", optarg);
	case 'n':
		return read_runs(optarg, &line->runs) ? -1 : misuse("-n takes 1 to 1000", optarg);
	case 'j':
		line->json = true;
		return -1;
	case 'w':
		line->watch = true;
		return -1;
	case 't':
		return read_timeout(optarg, &line->timeout_ms);
	case 'v':
		line->verbose++;
		return -1;
	case 'h':
		return fputs(help, stdout) >= 0 && fflush(stdout) == 0 ? EX_OK : EX_IOERR;
	case 'V':
		return printf("dfmode-sync %s (%s)\n", PACKAGE_VERSION, curl_version()) > 0
		               ? EX_OK
		               : EX_IOERR;
	default:
		(void)fputs("See dfmode-sync --help.\n", stderr);
		return EX_USAGE;
	}
}

/* Secrets live in our memory: no core, and nobody of the same user looks in. LeakSanitizer needs
 * to. */
static void guard_memory(void)
{
#if !defined(SANITIZED)
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{.name = "config", .has_arg = required_argument, .val = 'c'},
		{.name = "log", .has_arg = required_argument, .val = 'l'},
		{.name = "json", .has_arg = no_argument, .val = 'j'},
		{.name = "watch", .has_arg = no_argument, .val = 'w'},
		{.name = "timeout", .has_arg = required_argument, .val = 't'},
		{.name = "verbose", .has_arg = no_argument, .val = 'v'},
		{.name = "help", .has_arg = no_argument, .val = 'h'},
		{.name = "version", .has_arg = no_argument, .val = 'V'},
		{.name = NULL},
	};
	struct command_line line = {
		.config_path = DEFAULT_CONFIG, .runs = 5, .timeout_ms = COMMAND_APPLY_TIMEOUT_MS};
	int option;

	daemon_block_signals();
	guard_memory();
	(void)signal(SIGPIPE, SIG_IGN);
	while ((option = getopt_long(argc, argv, "c:n:vhV", options, NULL)) != -1) {
		int result = read_option(option, &line);

		if (result >= 0)
			return result;
	}
	line.arguments = argv + optind;
	line.argument_count = argc - optind;
	return call(&line);
}
