/* SPDX-License-Identifier: MIT */
/* The command `edit` as a dialogue in a process of its own: an editor of the shell, answers from a
 * file, and what is left of file and draft. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "commands/command.h"
#include "support/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The server refuses connections, so that plans are made from the state. */
#define API "api = { url = \"http://127.0.0.1:1\"; key = \"canary-key\"; };\n"
#define FILE_WITH(cron)                                                               \
	API "defaults = { token = \"canary-token\"; password = \"canary-pass\"; };\n" \
	    "integrations = ( { id = 42; indexing_cron = \"" cron "\"; } );\n"
#define BEFORE  FILE_WITH("0 6 * * *")
#define AFTER   FILE_WITH("0 7 * * *")
#define FAULTY  FILE_WITH("0 25 * * *")
#define QUERY   "save? (y)es, (e)dit again, (q)uit without saving: "
#define REFUSAL "(e)dit again, (q)uit without saving? "
#define NOBODY  "no daemon is running: nothing was sent\n"

struct edited {
	int code;
	char *out, *errors;
};

static char *read_whole(const char *path)
{
	struct file_read file;
	struct fault fault = {0};
	char *bytes;

	if (!file_read(&file, path, 1 << 20, NULL, &fault))
		fail_msg("%s %s", path, fault.text);
	bytes = mem_dup_bytes(file.bytes, file.length);
	file_read_clear(&file);
	return bytes;
}

static void redirect(int descriptor, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0 || dup2(fd, descriptor) < 0)
		_exit(99);
}

static void run(const struct command_line *options)
{
	int code;

	redirect(STDIN_FILENO, "input", O_RDONLY);
	redirect(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC);
	redirect(STDERR_FILENO, "errors", O_WRONLY | O_CREAT | O_TRUNC);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	code = command_edit(options);
	(void)fflush(NULL);
	_exit(code);
}

/* Edit with that command line of the shell; $1 of "sh ed" is the draft. */
static struct edited edit(const char *editor, const char *input, const char *file)
{
	const struct command_line options = {
		.config_path = "./t.conf",
		.file = file,
		.state_directory = "state",
		.runtime_directory = "runtime",
		.timeout_ms = 1000,
	};
	struct edited edited = {0};
	int status = 0;
	pid_t pid;

	config_fixture_put("input", input, 0600);
	assert_int_equal(setenv("EDITOR", editor, 1), 0);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		run(&options);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	edited.code = WIFEXITED(status) ? WEXITSTATUS(status) : 100;
	edited.out = read_whole("out");
	edited.errors = read_whole("errors");
	return edited;
}

static void clear(struct edited *edited)
{
	free(edited->out);
	free(edited->errors);
}

static void assert_file(const char *path, const char *expected)
{
	char *found = read_whole(path);

	assert_string_equal(found, expected);
	free(found);
}

/* What is left of drafts; the last one is removed, and its content is given. */
static char *take_draft(void)
{
	glob_t found = {0};
	char *bytes = NULL;

	if (glob("drafts/*/*", 0, NULL, &found) == 0) {
		assert_int_equal(found.gl_pathc, 1);
		bytes = read_whole(found.gl_pathv[0]);
		assert_int_equal(unlink(found.gl_pathv[0]), 0);
	}
	globfree(&found);
	return bytes;
}

struct dialogue {
	const char *editor;
	const char *input;
	int code;
	const char *end;   /* of standard output */
	const char *error; /* within standard error */
	const char *file;  /* afterwards */
	const char *draft; /* that is kept; NULL: none */
};

static void assert_dialogue(const struct dialogue *expected)
{
	struct edited edited;
	char *draft;
	size_t length;

	config_fixture_put("t.conf", BEFORE, 0600);
	edited = edit(expected->editor, expected->input, NULL);
	length = strlen(edited.out);
	if (edited.code != expected->code || length < strlen(expected->end) ||
	    strstr(edited.out, expected->end) == NULL ||
	    strstr(edited.errors, expected->error) == NULL)
		fail_msg("'%s', '%s': %d: %s\n%s", expected->editor, expected->input, edited.code,
		         edited.out, edited.errors);
	clear(&edited);
	assert_file("t.conf", expected->file);
	draft = take_draft();
	assert_int_equal(draft != NULL, expected->draft != NULL);
	if (draft != NULL)
		assert_string_equal(draft, expected->draft);
	free(draft);
}

#define KEPT "not saved\nthe draft is kept: "

static void what_is_answered_is_done(void **state)
{
	static const struct dialogue cases[] = {
		{"true", "", 0, "unchanged\n", "", BEFORE, NULL},
		{"cp after", "y\n", 0, QUERY "saved ", "", AFTER, NULL},
		{"cp after", "y\n", 0, NOBODY, "", AFTER, NULL},
		{"cp after", "Yes\n", 0, NOBODY, "", AFTER, NULL},
		{"cp after", "s\n", 0, NOBODY, "", AFTER, NULL},
		{"cp after", "q\n", 1, QUERY KEPT, "", BEFORE, AFTER},
		{"cp after", "n\n", 1, QUERY KEPT, "", BEFORE, AFTER},
		{"cp after", "", 1, QUERY KEPT, "", BEFORE, AFTER},
		{"cp after", "x\n\nwhat?\ny\n", 0, QUERY QUERY QUERY QUERY "saved ", "", AFTER,
	         NULL},
		/* A faulty draft cannot be saved, whatever is answered. */
		{"cp faulty", "y\ns\nq\n", 1, REFUSAL REFUSAL REFUSAL KEPT,
	         "t.conf:3:48: error: indexing_cron: hour 25 is outside 0-23\n", BEFORE, FAULTY},
		{"cp faulty", "", 1, REFUSAL KEPT, "hour 25", BEFORE, FAULTY},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_dialogue(&cases[i]);
}

/* A second round goes on from the draft, not from the file. */
static void a_draft_is_edited_again(void **state)
{
	static const struct dialogue cases[] = {
		{"sh again", "e\ny\n", 0, REFUSAL "against what was accepted last", "hour 25",
	         AFTER, NULL},
		{"sh again", "e\nq\n", 1, KEPT, "hour 25", BEFORE, AFTER},
		{"sh back", "e\n", 0, QUERY "unchanged\n", "", BEFORE, NULL},
	};

	(void)state;
	config_fixture_put(
		"again", "grep -q 25 \"$1\" && sed -i 's/25/7/' \"$1\" || cp faulty \"$1\"", 0600);
	config_fixture_put("back", "grep -q ' 7 ' \"$1\" && cp before \"$1\" || cp after \"$1\"",
	                   0600);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_dialogue(&cases[i]);
}

static void an_editor_that_fails_saves_nothing(void **state)
{
	static const struct dialogue cases[] = {
		{"false", "y\n", 1, "not saved\n", "dfmode-sync: the editor ", BEFORE, NULL},
		{"sh fail", "y\n", 1, KEPT, "dfmode-sync: the editor ", BEFORE, AFTER},
		{"rm", "y\n", 1, "not saved\n", "dfmode-sync: ", BEFORE, NULL},
	};

	(void)state;
	config_fixture_put("fail", "cp after \"$1\"; exit 3", 0600);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_dialogue(&cases[i]);
}

/* Who saved in the meantime is not overwritten. */
static void another_save_is_not_overwritten(void **state)
{
	static const struct dialogue another = {
		"sh both", "y\n", 1, "the draft is kept: ", "dfmode-sync: ", FILE_WITH("0 8 * * *"),
		AFTER};

	(void)state;
	config_fixture_put("both", "cp after \"$1\"; cp other t.conf", 0600);
	assert_dialogue(&another);
}

/* Which file is meant: a path, a drop-in, or one beside the configuration. */
static void parts_are_found_by_name(void **state)
{
	static const struct {
		const char *file;
		const char *edited; /* NULL: it is no part */
	} cases[] = {
		{"10.conf", "t.conf.d/10.conf"},
		{"t.conf.d/10.conf", "t.conf.d/10.conf"},
		{"part.conf", "part.conf"},
		{"./part.conf", "part.conf"},
		{"t.conf", "t.conf"},
		{"other", NULL},
		{"none.conf", NULL},
	};

	(void)state;
	assert_int_equal(mkdir("t.conf.d", 0700), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct edited edited;

		config_fixture_put("t.conf", "@include \"part.conf\"\n" BEFORE, 0600);
		config_fixture_put("part.conf", "drift = { mode = \"off\"; };\n", 0600);
		config_fixture_put("t.conf.d/10.conf", "log = { level = \"info\"; };\n", 0600);
		edited = edit("sh mark", "y\n", cases[i].file);
		if (edited.code != (cases[i].edited == NULL))
			fail_msg("%s: %s%s", cases[i].file, edited.out, edited.errors);
		if (cases[i].edited != NULL) {
			char *file = read_whole(cases[i].edited);

			assert_non_null(strstr(file, "# edited\n"));
			free(file);
		}
		clear(&edited);
	}
	assert_null(take_draft());
}

static void what_is_no_part_is_said(void **state)
{
	static const struct {
		const char *file;
		const char *errors;
	} cases[] = {
		{"other", "dfmode-sync: './other' is no part of the configuration './t.conf'\n"},
		{"none.conf",
	         "dfmode-sync: './none.conf' cannot be edited: No such file or directory\n"},
	};

	(void)state;
	config_fixture_put("t.conf", BEFORE, 0600);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct edited edited = edit("cp after", "y\n", cases[i].file);

		assert_int_equal(edited.code, EXIT_FAILURE);
		assert_string_equal(edited.errors, cases[i].errors);
		assert_string_equal(edited.out, "");
		clear(&edited);
	}
}

static int enter(void **state)
{
	int failed = scratch_open(state);
	static const char *const names[] = {"SUDO_EDITOR", "VISUAL", "CREDENTIALS_DIRECTORY",
	                                    "DATAFOLD_API_KEY"};

	for (size_t i = 0; i < COUNT(names); i++)
		(void)unsetenv(names[i]);
	if (failed != 0 || mkdir("drafts", 0700) < 0 || mkdir("state", 0700) < 0 ||
	    setenv("TMPDIR", "drafts", 1) < 0)
		return -1;
	config_fixture_put("before", BEFORE, 0600);
	config_fixture_put("after", AFTER, 0600);
	config_fixture_put("faulty", FAULTY, 0600);
	config_fixture_put("other", FILE_WITH("0 8 * * *"), 0600);
	config_fixture_put("mark", "echo '# edited' >>\"$1\"", 0600);
	return 0;
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(what_is_answered_is_done),
		IN_DIRECTORY(a_draft_is_edited_again),
		IN_DIRECTORY(an_editor_that_fails_saves_nothing),
		IN_DIRECTORY(another_save_is_not_overwritten),
		IN_DIRECTORY(parts_are_found_by_name),
		IN_DIRECTORY(what_is_no_part_is_said),
	};

	return cmocka_run_group_tests_name("command_edit", tests, NULL, NULL);
}
