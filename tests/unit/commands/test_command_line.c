/* SPDX-License-Identifier: MIT */
/* What a line may hold, against a table of three commands; the real table is held to its help by
 * tests/lint/manual and tests/lint/completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "commands/command_line.h"
#include "version.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_MAX    8

#define SEE "; see dfmode-sync --help\n"

static const struct command commands[] = {
	{.name = "go",
         .synopsis = "",
         .summary = "the first",
         .help = "Go.\n",
         .exits = "0 gone",
         .most = 1},
	{.name = "show",
         .synopsis = "[ID...] [--json] [--watch] [--timeout=SPAN]",
         .summary = "ids, and options",
         .help = "Show.\n",
         .exits = "0 shown, 3 not",
         .options = COMMAND_LINE_JSON | COMMAND_LINE_WATCH | COMMAND_LINE_WAIT,
         .most = INT_MAX,
         .takes_ids = true},
	{.name = "next",
         .synopsis = "CRON [-n N]",
         .summary = "one word",
         .help = "Next.\n",
         .exits = "0 done",
         .options = COMMAND_LINE_COUNT,
         .least = 1,
         .most = 1},
	{.name = NULL},
};

struct reading {
	struct command_line line;
	struct text out, errors;
	int code;
};

static struct reading read_words(const char *const words[WORDS_MAX])
{
	static char *argv[WORDS_MAX + 2];
	struct reading reading = {0};
	int argc = 1;

	argv[0] = (char[]){"dfmode-sync"};
	for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
		argv[argc++] = (char *)(uintptr_t)words[i];
	argv[argc] = NULL;
	reading.code = command_line_read(argc, argv, commands, &reading.line, &reading.out,
	                                 &reading.errors);
	text_add(&reading.out, "");
	text_add(&reading.errors, "");
	return reading;
}

static void clear(struct reading *reading)
{
	command_line_clear(&reading->line);
	text_clear(&reading->out);
	text_clear(&reading->errors);
}

static void wrong_usage_is_64_and_says_what(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *error;
	} cases[] = {
		{.words = {"--bogus"},
	         .error = "dfmode-sync: unknown or ambiguous option: '--bogus'" SEE},
		{.words = {"--ver"},
	         .error = "dfmode-sync: unknown or ambiguous option: '--ver'" SEE},
		{.words = {"--jsn"},
	         .error = "dfmode-sync: unknown option (did you mean --json?): '--jsn'" SEE},
		{.words = {"-x"}, .error = "dfmode-sync: unknown option: '-x'" SEE},
		{.words = {"show", "-12"},
	         .error = "dfmode-sync: unknown option (an id is a whole number from 1 on): "
	                  "'-1'" SEE},
		{.words = {"-c"}, .error = "dfmode-sync: the option needs a value: '-c'" SEE},
		{.words = {"--config"},
	         .error = "dfmode-sync: the option needs a value: '--config'" SEE},
		{.words = {"show", "--json=1"},
	         .error = "dfmode-sync: the option takes no value: '--json=1'" SEE},
		{.words = {"shwo"},
	         .error = "dfmode-sync: unknown command (did you mean show?): 'shwo'; see "
	                  "dfmode-sync --help\n"},
		{.words = {"a\tb"},
	         .error = "dfmode-sync: unknown command: 'a\\tb'; see dfmode-sync --help\n"},
		{.words = {"shwo", "--help"},
	         .error = "dfmode-sync: unknown command (did you mean show?): 'shwo'; see "
	                  "dfmode-sync --help\n"},
		{.words = {"go", "--json"},
	         .error = "dfmode-sync: go has no option --json; see dfmode-sync go --help\n"},
		{.words = {"--json", "go"},
	         .error = "dfmode-sync: go has no option --json; see dfmode-sync go --help\n"},
		{.words = {"--json"},
	         .error = "dfmode-sync: go has no option --json; see dfmode-sync go --help\n"},
		{.words = {"show", "-n", "3"},
	         .error = "dfmode-sync: show has no option -n; see dfmode-sync show --help\n"},
		{.words = {"next", "* * * * *", "--timeout=1s"},
	         .error = "dfmode-sync: next has no option --timeout; see dfmode-sync next "
	                  "--help\n"},
		{.words = {"go", "a", "b"},
	         .error = "dfmode-sync: go: takes no such argument: 'b'; see dfmode-sync go "
	                  "--help\n"},
		{.words = {"next"},
	         .error = "dfmode-sync: next: an argument is missing; usage: dfmode-sync next "
	                  "CRON [-n N]\n"},
		{.words = {"show", "42", "x"},
	         .error = "dfmode-sync: show: not the id of an integration: 'x'; see "
	                  "dfmode-sync show --help\n"},
		{.words = {"show", "0"},
	         .error = "dfmode-sync: show: not the id of an integration: '0'; see "
	                  "dfmode-sync show --help\n"},
		{.words = {"show", "9223372036854775808"},
	         .error = "dfmode-sync: show: not the id of an integration: "
	                  "'9223372036854775808'; see dfmode-sync show --help\n"},
		{.words = {"show", "--timeout=0"},
	         .error = "dfmode-sync: --timeout takes at least 1ms: '0'; see dfmode-sync "
	                  "--help\n"},
		{.words = {"next", "-n", "1001"},
	         .error = "dfmode-sync: -n takes 1 to 1000: '1001'; see dfmode-sync --help\n"},
		{.words = {"next", "-n0"},
	         .error = "dfmode-sync: -n takes 1 to 1000: '0'; see dfmode-sync --help\n"},
		{.words = {"--log=xml"},
	         .error = "dfmode-sync: --log takes auto, text, json or journal: 'xml'; see "
	                  "dfmode-sync --help\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading reading = read_words(cases[i].words);

		assert_string_equal(reading.errors.bytes, cases[i].error);
		assert_string_equal(reading.out.bytes, "");
		assert_int_equal(reading.code, EX_USAGE);
		clear(&reading);
	}
}

static void options_stand_anywhere(void **state)
{
	static const char *const cases[][WORDS_MAX] = {
		{"-c", "f", "--json", "show", "7", "8", "007", "--timeout=2s"},
		{"show", "7", "8", "--json", "-cf", "--timeout", "2s"},
		{"--timeout=2s", "show", "--config=f", "7", "7", "8", "--json"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading reading = read_words(cases[i]);

		assert_int_equal(reading.code, -1);
		assert_string_equal(reading.line.command->name, "show");
		assert_string_equal(reading.line.config_path, "f");
		assert_true(reading.line.json);
		assert_false(reading.line.watch);
		assert_int_equal(reading.line.timeout_ms, 2000);
		assert_int_equal(reading.line.id_count, 2);
		assert_int_equal(reading.line.ids[0], 7);
		assert_int_equal(reading.line.ids[1], 8);
		clear(&reading);
	}
}

static void without_a_word_the_first_command_runs_with_the_defaults(void **state)
{
	static const char *const words[WORDS_MAX] = {"-v", "--log=json"};
	struct reading reading = read_words(words);

	(void)state;
	assert_int_equal(reading.code, -1);
	assert_ptr_equal(reading.line.command, commands);
	assert_string_equal(reading.line.config_path, COMMAND_LINE_CONFIG);
	assert_true(reading.line.verbose);
	assert_int_equal(reading.line.form, LOG_FORM_JSON);
	assert_int_equal(reading.line.timeout_ms, 120000);
	assert_int_equal(reading.line.runs, 0);
	assert_int_equal(reading.line.argument_count, 0);
	assert_null(reading.line.arguments[0]);
	clear(&reading);
}

static void help_counts_wherever_it_stands(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *holds, *lacks;
	} cases[] = {
		{.words = {"--help"}, .holds = "\nCommands:\n", .lacks = "--watch  "},
		{.words = {"-h", "-c", "f"}, .holds = "\nCommands:\n", .lacks = "--watch  "},
		{.words = {"show", "--help"}, .holds = "--watch  ", .lacks = "\nCommands:\n"},
		{.words = {"--help", "show"},
	         .holds = "Exit codes: 0 shown, 3 not.\n",
	         .lacks = " -n"},
		{.words = {"next", "-h"}, .holds = "  -n N   ", .lacks = "--json"},
		{.words = {"next", "a", "b", "-h"},
	         .holds = "next CRON [-n N]\n",
	         .lacks = "--json"},
		{.words = {"go", "-h"}, .holds = "go\n\nGo.\n\nOptions of", .lacks = "--json"},
		{.words = {"-V"}, .holds = "dfmode-sync ", .lacks = "Usage"},
		{.words = {"show", "x", "-V"}, .holds = "libcurl", .lacks = "Usage"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading reading = read_words(cases[i].words);

		assert_non_null(strstr(reading.out.bytes, cases[i].holds));
		assert_null(strstr(reading.out.bytes, cases[i].lacks));
		assert_string_equal(reading.errors.bytes, "");
		assert_int_equal(reading.code, EX_OK);
		clear(&reading);
	}
}

static void the_general_help_lists_each_command(void **state)
{
	/* One line names the file, whose directory is configure's. */
	const size_t most = 92 + sizeof(SYSCONFDIR) - sizeof("/etc");
	char *none[1] = {0};
	const struct command_line line = {.commands = commands, .arguments = none};
	struct text out = {0};
	size_t length = 0;

	(void)state;
	assert_int_equal(command_line_help(&line, &out, &out), 0);
	for (size_t i = 0; i < out.length; i++) {
		length = out.bytes[i] == '\n' ? 0 : length + 1;
		assert_true(length <= most);
	}
	assert_non_null(strstr(out.bytes, "  go                 the first\n"));
	assert_non_null(strstr(out.bytes, "  show [ID...] [--json] [--watch] [--timeout=SPAN]\n"
	                                  "                     ids, and options\n"));
	text_clear(&out);
}

static void help_of_a_word_is_that_commands_or_wrong_usage(void **state)
{
	char *const words[] = {(char[]){"show"}, (char[]){"shwo"}};
	struct command_line line = {.commands = commands, .command = &commands[0]};
	struct text out = {0}, errors = {0};

	(void)state;
	line.arguments = &words[0];
	assert_int_equal(command_line_help(&line, &out, &errors), 0);
	assert_ptr_equal(strstr(out.bytes, "Usage: dfmode-sync [OPTION...] show "), out.bytes);
	text_truncate(&out, 0);
	line.arguments = &words[1];
	assert_int_equal(command_line_help(&line, &out, &errors), EX_USAGE);
	assert_int_equal(out.length, 0);
	assert_string_equal(errors.bytes, "dfmode-sync: go: no such command: 'shwo'; see "
	                                  "dfmode-sync go --help\n");
	text_clear(&out);
	text_clear(&errors);
}

static void the_directories_are_those_of_the_configuration(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *given; /* in the environment */
		const char *state, *runtime;
	} cases[] = {
		{{NULL}, NULL, COMMAND_LINE_STATE, COMMAND_LINE_RUNTIME},
		{{NULL}, "/d:/e", "/d", "/d"},
		{{"-c", "emea.conf"}, NULL, COMMAND_LINE_STATE, COMMAND_LINE_RUNTIME},
		{{"-c", SYSCONFDIR "/dfmode-sync/emea.conf"},
	         NULL,
	         COMMAND_LINE_STATE "-emea",
	         COMMAND_LINE_RUNTIME "-emea"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		static const char *const variables[] = {"STATE_DIRECTORY", "RUNTIME_DIRECTORY"};
		struct reading reading;

		for (size_t j = 0; j < COUNT(variables); j++)
			assert_int_equal(cases[i].given != NULL
			                         ? setenv(variables[j], cases[i].given, 1)
			                         : unsetenv(variables[j]),
			                 0);
		reading = read_words(cases[i].words);
		assert_int_equal(reading.code, -1);
		assert_string_equal(reading.line.state_directory, cases[i].state);
		assert_string_equal(reading.line.runtime_directory, cases[i].runtime);
		clear(&reading);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_usage_is_64_and_says_what),
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(without_a_word_the_first_command_runs_with_the_defaults),
		cmocka_unit_test(help_counts_wherever_it_stands),
		cmocka_unit_test(the_general_help_lists_each_command),
		cmocka_unit_test(help_of_a_word_is_that_commands_or_wrong_usage),
		cmocka_unit_test(the_directories_are_those_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
