/* SPDX-License-Identifier: MIT */
/* Everything about options stands in two tables: which there are and how each is read, here; which
 * command has which, in main.c. The help, getopt_long's own tables and the error about an option
 * that a command does not have are made of them, so none of these can disagree.
 *
 * An option is never ignored: -c, --log and -v mean something to every command, all others are an
 * error where the command does not have them. The line is read as a whole before anything is
 * judged, so that `--help` counts wherever it stands. */
#include "commands/command_line.h"

#include <curl/curl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"
#include "base/span.h"
#include "base/suggest.h"
#include "commands/surroundings.h"
#include "version.h"

#define LONG_ONLY   256 /* added to a row's number: getopt_long's value of an option */
#define WORD_SHOWN  200 /* bytes of an argument that a message repeats */
#define HELP_INDENT 19

#define MEMBER(name) offsetof(struct command_line, name)

static bool read_form(const char *value, struct command_line *line, struct fault *fault)
{
	static const char *const forms[] = {[LOG_FORM_AUTO] = "auto",
	                                    [LOG_FORM_TEXT] = "text",
	                                    [LOG_FORM_JSON] = "json",
	                                    [LOG_FORM_JOURNAL] = "journal"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i], value) == 0) {
			line->form = (enum log_form)i;
			return true;
		}
	}
	return fault_set(fault, "--log takes auto, text, json or journal");
}

static bool read_timeout(const char *value, struct command_line *line, struct fault *fault)
{
	if (!span_parse(value, &line->timeout_ms, fault))
		return fault_set(fault, "--timeout: %s", fault->text);
	return line->timeout_ms > 0 || fault_set(fault, "--timeout takes at least 1ms");
}

static bool read_runs(const char *value, struct command_line *line, struct fault *fault)
{
	int64_t number;

	if (!text_to_int(value, 1, COMMAND_LINE_RUNS_MAX, &number))
		return fault_set(fault, "-n takes 1 to %d", COMMAND_LINE_RUNS_MAX);
	line->runs = (int)number;
	return true;
}

static const struct option_row {
	const char *name;  /* first (suggest_row()): after two dashes; NULL: none */
	unsigned bit;      /* enum command_line_option; 0: every command has it */
	char letter;       /* '\0': none */
	const char *value; /* what it takes; NULL: nothing */
	const char *help;
	size_t member; /* of struct command_line: what it takes, or a bool; 0: see `read` */
	bool (*read)(const char *value, struct command_line *line, struct fault *fault);
} rows[] = {
	{.letter = 'c',
         .name = "config",
         .value = "FILE",
         .help = "the configuration (" COMMAND_LINE_CONFIG "); FILE.d/*.conf adds to it",
         .member = MEMBER(config_path)},
	{.name = "log",
         .value = "FORM",
         .help = "text, json, journal, or auto: the journal if stderr is it, else text",
         .read = read_form},
	{.letter = 'v',
         .name = "verbose",
         .help = "log every request, as log.level = \"debug\" does",
         .member = MEMBER(verbose)},
	{.letter = 'h',
         .name = "help",
         .help = "this text; after a command, the help of that command",
         .member = MEMBER(wants_help)},
	{.letter = 'V',
         .name = "version",
         .help = "the version, and those of the libraries",
         .member = MEMBER(wants_version)},
	{.bit = COMMAND_LINE_JSON,
         .name = "json",
         .help = "one JSON document, for programs",
         .member = MEMBER(json)},
	{.bit = COMMAND_LINE_WATCH,
         .name = "watch",
         .help = "draw the table again every second, until Ctrl-C",
         .member = MEMBER(watch)},
	{.bit = COMMAND_LINE_WAIT,
         .name = "timeout",
         .value = "SPAN",
         .help = "give up after SPAN, such as 30s or 5min (2min)",
         .read = read_timeout},
	{.bit = COMMAND_LINE_FILE,
         .name = "file",
         .value = "NAME",
         .help = "a drop-in or an included file, by its name or path",
         .member = MEMBER(file)},
	{.bit = COMMAND_LINE_COUNT,
         .letter = 'n',
         .value = "N",
         .help = "how many runs, 1 to 1000 (5)",
         .read = read_runs},
	{.bit = COMMAND_LINE_WEEK,
         .name = "week",
         .help = "draw the week: how many start in each hour of each day",
         .member = MEMBER(week)},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* messages and help */

int command_line_misuse(const struct command *command, const char *what, const char *word,
                        struct text *errors)
{
	const char *name = command != NULL ? command->name : "";
	const char *colon = command != NULL ? ": " : "";

	text_printf(errors, "dfmode-sync: %s%s%s", name, colon, what);
	if (word != NULL) {
		text_add(errors, ": '");
		text_escape(errors, word, strlen(word), WORD_SHOWN);
		text_add_char(errors, '\'');
	}
	text_printf(errors, "; see dfmode-sync %s%s--help\n", name, command != NULL ? " " : "");
	return EX_USAGE;
}

static void add_blanks(size_t length, struct text *out)
{
	while (out->length < length)
		text_add_char(out, ' ');
}

static void add_row(const struct option_row *row, struct text *out)
{
	size_t start = out->length;

	text_add(out, "  ");
	if (row->letter != '\0')
		text_printf(out, "-%c", row->letter);
	else
		text_add(out, "   ");
	if (row->name != NULL)
		text_printf(out, "%s--%s", row->letter != '\0' ? ", " : " ", row->name);
	if (row->value != NULL)
		text_printf(out, "%s%s", row->name != NULL ? "=" : " ", row->value);
	add_blanks(start + HELP_INDENT + 2, out);
	text_printf(out, "%s\n", row->help);
}

static void add_rows(unsigned options, bool general, struct text *out)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (rows[i].bit == 0 ? general : (rows[i].bit & options) != 0)
			add_row(&rows[i], out);
	}
}

static void add_command_help(const struct command *command, struct text *out)
{
	text_printf(out, "Usage: dfmode-sync [OPTION...] %s%s%s\n\n%s", command->name,
	            command->synopsis[0] != '\0' ? " " : "", command->synopsis, command->help);
	if (command->options != 0) {
		text_add(out, "\nOptions:\n");
		add_rows(command->options, false, out);
	}
	text_add(out, "\nOptions of every command:\n");
	add_rows(0, true, out);
	text_printf(out, "\nExit codes: %s.\n", command->exits);
}

static void add_summary(const struct command *command, struct text *out)
{
	size_t start = out->length;

	text_printf(out, "  %s%s%s", command->name, command->synopsis[0] != '\0' ? " " : "",
	            command->synopsis);
	if (out->length > start + HELP_INDENT) {
		text_add_char(out, '\n');
		start = out->length;
	}
	add_blanks(start + HELP_INDENT + 2, out);
	text_printf(out, "%s\n", command->summary);
}

/* Of the whole, or of one command. */
static void add_help(const struct command *commands, const struct command *command,
                     struct text *out)
{
	if (command != NULL) {
		add_command_help(command, out);
		return;
	}
	text_add(out,
	         "Usage: dfmode-sync [-v] [-c FILE] [--log=FORM] [COMMAND]\n\n"
	         "Keep the refresh schedules of Datafold's Mode Analytics integrations equal to "
	         "a file.\n\nCommands:\n");
	for (; commands->name != NULL; commands++)
		add_summary(commands, out);
	text_add(out, "\nOptions of every command:\n");
	add_rows(0, true, out);
	text_add(out,
	         "\n`dfmode-sync COMMAND --help` has a command's own options and exit codes.\n\n"
	         "Environment: STATE_DIRECTORY (" COMMAND_LINE_STATE "),\n"
	         "RUNTIME_DIRECTORY (" COMMAND_LINE_RUNTIME "), CREDENTIALS_DIRECTORY,\n"
	         "DATAFOLD_API_KEY, NO_COLOR, TERM.\n\n"
	         "Exit codes: 0 done, 1 failed or not all in sync, 2 the plan has changes, 3 not "
	         "running,\n64 wrong usage, 69 no answer, 74 output failed, 75 already running, or "
	         "a file that\n"
	         "cannot be read now, 77 key or request refused, 78 faults in the "
	         "file.\n\n"
	         "See dfmode-sync(8) and dfmode-sync.conf(5).\n");
}

/* reading */

static const struct command *find_command(const struct command *commands, const char *name)
{
	while (commands->name != NULL && strcmp(commands->name, name) != 0)
		commands++;
	return commands->name != NULL ? commands : NULL;
}

static void report_unknown(const struct command *commands, const char *name, struct text *errors)
{
	size_t count = 0;
	const char *nearest;
	char *what;

	while (commands[count].name != NULL)
		count++;
	nearest = suggest_row(name, commands, count, sizeof(*commands));
	what = nearest != NULL ? mem_printf("unknown command (did you mean %s?)", nearest)
	                       : mem_dup("unknown command");
	(void)command_line_misuse(NULL, what, name, errors);
	free(what);
}

/* getopt_long's tables out of ours. */
static void make_tables(struct option longs[ROW_COUNT + 1], char shorts[2 * ROW_COUNT + 1])
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		int has_value = rows[i].value != NULL ? required_argument : no_argument;

		if (rows[i].name != NULL) {
			*longs++ = (struct option){.name = rows[i].name,
			                           .has_arg = has_value,
			                           .val = LONG_ONLY + (int)i};
		}
		if (rows[i].letter != '\0')
			*shorts++ = rows[i].letter;
		if (rows[i].letter != '\0' && rows[i].value != NULL)
			*shorts++ = ':';
	}
}

static const struct option_row *find_row(int value)
{
	size_t i = 0;

	if (value >= LONG_ONLY)
		return &rows[value - LONG_ONLY];
	while (i < ROW_COUNT && rows[i].letter != value)
		i++;
	return i < ROW_COUNT ? &rows[i] : NULL;
}

/* What getopt_long() stopped at: `value` is its own, `word` the last one that it read. */
static void report_option(int value, const char *word, struct text *errors)
{
	const struct option_row *row = optopt != 0 ? find_row(optopt) : NULL;
	const char letters[] = {'-', (char)optopt, '\0'};
	bool is_long = strncmp(word, "--", 2) == 0;
	const char *nearest = is_long && row == NULL
	                              ? suggest_row(word + 2, rows, ROW_COUNT, sizeof(rows[0]))
	                              : NULL;
	const char *what = is_long ? "unknown or ambiguous option" : "unknown option";
	char *why = NULL;

	if (value == ':')
		what = "the option needs a value";
	else if (row != NULL)
		what = "the option takes no value";
	else if (optopt >= '0' && optopt <= '9')
		what = "unknown option (an id is a whole number from 1 on)";
	else if (nearest != NULL)
		what = why = mem_printf("unknown option (did you mean --%s?)", nearest);
	(void)command_line_misuse(NULL, what, is_long ? word : letters, errors);
	free(why);
}

static bool take(const struct option_row *row, const char *value, struct command_line *line,
                 struct fault *fault)
{
	void *member = (char *)line + row->member;

	if (row->read != NULL)
		return row->read(value, line, fault);
	if (row->value != NULL)
		*(const char **)member = value;
	else
		*(bool *)member = true;
	return true;
}

static bool read_options(int argc, char **argv, struct command_line *line, struct text *errors)
{
	struct option longs[ROW_COUNT + 1] = {{0}};
	char shorts[2 * ROW_COUNT + 2] = ":"; /* a missing value is a case of its own */
	struct fault fault = {0};
	int value;

	make_tables(longs, shorts + 1);
	opterr = 0;
	optind = 0; /* glibc: from the start, whatever was read before */
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row = find_row(value);

		if (row == NULL) {
			report_option(value, argv[optind - 1], errors);
			return false;
		}
		line->given |= row->bit;
		if (!take(row, optarg, line, &fault)) {
			(void)command_line_misuse(NULL, fault.text, optarg, errors);
			fault_clear(&fault);
			return false;
		}
	}
	return true;
}

static bool has_id(const struct command_line *line, int64_t id)
{
	for (size_t i = 0; i < line->id_count; i++) {
		if (line->ids[i] == id)
			return true;
	}
	return false;
}

static int read_ids(struct command_line *line, struct text *errors)
{
	size_t capacity = 0;

	for (int i = 0; i < line->argument_count; i++) {
		int64_t id;

		if (!text_to_int(line->arguments[i], 1, INT64_MAX, &id))
			return command_line_misuse(line->command, "not the id of an integration",
			                           line->arguments[i], errors);
		if (has_id(line, id))
			continue;
		line->ids = mem_room(line->ids, &capacity, line->id_count + 1);
		line->ids[line->id_count++] = id;
	}
	return EX_OK;
}

/* Each option has to be one of the command, which takes so many words. */
static int judge(struct command_line *line, struct text *errors)
{
	const struct command *command = line->command;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		if ((rows[i].bit & line->given & ~command->options) != 0) {
			text_printf(errors,
			            "dfmode-sync: %s has no option %s%s%.*s; see dfmode-sync %s "
			            "--help\n",
			            command->name, rows[i].name != NULL ? "--" : "-",
			            rows[i].name != NULL ? rows[i].name : "", rows[i].name == NULL,
			            &rows[i].letter, command->name);
			return EX_USAGE;
		}
	}
	if (line->argument_count < command->least) {
		text_printf(errors,
		            "dfmode-sync: %s: an argument is missing; usage: dfmode-sync %s %s\n",
		            command->name, command->name, command->synopsis);
		return EX_USAGE;
	}
	if (line->argument_count > command->most)
		return command_line_misuse(command, "takes no such argument",
		                           line->arguments[command->most], errors);
	return command->takes_ids ? read_ids(line, errors) : EX_OK;
}

static bool find_words(int argc, char **argv, struct command_line *line, struct text *errors)
{
	const char *name = optind < argc ? argv[optind] : line->commands[0].name;

	line->command = find_command(line->commands, name);
	if (line->command == NULL) {
		report_unknown(line->commands, name, errors);
		return false;
	}
	line->arguments = argv + optind + (optind < argc);
	line->argument_count = argc - optind - (optind < argc);
	return true;
}

/* `-c emea.conf` may be given in the directory of the instances. */
static void find_directories(struct command_line *line)
{
	const char *path = line->config_path;
	char *here = path[0] == '/' ? NULL : get_current_dir_name();
	char *whole = here != NULL ? mem_printf("%s/%s", here, path) : mem_dup(path);

	line->state_directory = line->directories[0] =
		surroundings_directory(getenv("STATE_DIRECTORY"), COMMAND_LINE_STATE, whole);
	line->runtime_directory = line->directories[1] =
		surroundings_directory(getenv("RUNTIME_DIRECTORY"), COMMAND_LINE_RUNTIME, whole);
	free(whole);
	free(here);
}

static void find_surroundings(struct command_line *line)
{
	find_directories(line);
	line->is_usual_config = strcmp(line->config_path, COMMAND_LINE_CONFIG) == 0;
	line->now_unix_s = (int64_t)time(NULL);
	line->columns = surroundings_columns(STDOUT_FILENO);
	line->colour = surroundings_have_colour(STDOUT_FILENO);
	line->error_colour = surroundings_have_colour(STDERR_FILENO);
	line->has_progress = surroundings_have_progress(line->form);
}

int command_line_read(int argc, char **argv, const struct command *commands,
                      struct command_line *line, struct text *out, struct text *errors)
{
	*line = (struct command_line){.commands = commands,
	                              .config_path = COMMAND_LINE_CONFIG,
	                              .timeout_ms = COMMAND_LINE_TIMEOUT_MS};
	if (!read_options(argc, argv, line, errors) || !find_words(argc, argv, line, errors))
		return EX_USAGE;
	if (line->wants_version) {
		text_printf(out, "dfmode-sync %s (%s)\n", PACKAGE_VERSION, curl_version());
		return EX_OK;
	}
	if (line->wants_help) {
		add_help(commands, optind < argc ? line->command : NULL, out);
		return EX_OK;
	}
	if (judge(line, errors) != EX_OK)
		return EX_USAGE;
	find_surroundings(line);
	return -1;
}

int command_line_help(const struct command_line *line, struct text *out, struct text *errors)
{
	const char *name = line->arguments[0];
	const struct command *command = name != NULL ? find_command(line->commands, name) : NULL;

	if (name != NULL && command == NULL)
		return command_line_misuse(line->command, "no such command", name, errors);
	add_help(line->commands, command, out);
	return EX_OK;
}

void command_line_clear(struct command_line *line)
{
	free(line->ids);
	free(line->directories[0]);
	free(line->directories[1]);
	*line = (struct command_line){0};
}
