/* SPDX-License-Identifier: MIT */
/* The draft is private, and whatever the editor does is reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/command_edit_internal.h"

static bool has_no_process;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap */
pid_t __real_fork(void);
pid_t __wrap_fork(void);

pid_t __wrap_fork(void)
{
	errno = EAGAIN;
	return has_no_process ? -1 : __real_fork();
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void the_first_editor_that_is_set_is_taken(void **state)
{
	static const struct {
		const char *sudo, *visual, *editor, *taken;
	} cases[] = {
		{"a", "b", "c", "a"},
		{"", "b", "c", "b"},
		{NULL, "", "c", "c"},
		{NULL, NULL, "", "editor"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const names[] = {"SUDO_EDITOR", "VISUAL", "EDITOR"};
		const char *const values[] = {cases[i].sudo, cases[i].visual, cases[i].editor};

		for (size_t j = 0; j < 3; j++) {
			if (values[j] != NULL)
				(void)setenv(names[j], values[j], 1);
			else
				(void)unsetenv(names[j]);
		}
		assert_string_equal(edit_draft_editor(), cases[i].taken);
	}
}

static void it_is_private_and_goes_without_a_trace(void **state)
{
	struct edit_draft draft;
	struct fault fault = {0};
	struct stat status;
	char *directory;

	(void)state;
	assert_true(edit_draft_create(&draft, "x.conf", "old", 3, &fault));
	directory = mem_dup(draft.directory);
	assert_int_equal(stat(draft.directory, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat(draft.path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	edit_draft_close(&draft, true);
	assert_int_equal(access(directory, F_OK), -1);
	free(directory);
}

static void whatever_the_editor_does_is_reported(void **state)
{
	static const struct {
		const char *editor, *bytes, *error;
	} cases[] = {
		{.editor = "true", .bytes = "old"},
		{.editor = "printf new >", .bytes = "new"},
		{.editor = "A=1 truncate -s 1", .bytes = "o"},
		{.editor = "false", .error = "the editor ended with 1: false"},
		{.editor = "/nowhere/vi", .error = "the editor was not found: /nowhere/vi"},
		{.editor = "kill -9 $$;",
	         .error = "the editor was killed by signal 9: kill -9 $$;"},
		{.editor = "rm", .error = "the draft '"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct edit_draft draft;
		struct fault fault = {0};
		bool done;

		assert_true(edit_draft_create(&draft, "x", "old", 3, &fault));
		done = edit_draft_edit(&draft, cases[i].editor, &fault);
		assert_int_equal(done, cases[i].error == NULL);
		if (done)
			assert_string_equal(draft.content.bytes, cases[i].bytes);
		else
			assert_memory_equal(fault.text, cases[i].error, strlen(cases[i].error));
		fault_clear(&fault);
		edit_draft_close(&draft, true);
	}
}

/* What was edited may be edited again, and may be kept for the user. */
static void it_is_read_again_and_may_be_kept(void **state)
{
	struct edit_draft draft;
	struct fault fault = {0};
	char *directory, *path;

	(void)state;
	assert_true(edit_draft_create(&draft, "x.conf", "old", 3, &fault));
	assert_true(edit_draft_edit(&draft, "printf first >", &fault));
	assert_string_equal(draft.content.bytes, "first");
	assert_true(edit_draft_edit(&draft, "printf second >", &fault));
	assert_string_equal(draft.content.bytes, "second");
	assert_int_equal(draft.content.length, 6);
	directory = mem_dup(draft.directory);
	path = mem_dup(draft.path);
	edit_draft_close(&draft, false);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
	free(path);
	free(directory);
}

static void without_a_directory_there_is_no_draft(void **state)
{
	struct edit_draft draft;
	struct fault fault = {0};

	(void)state;
	(void)setenv("TMPDIR", "/nonexistent", 1);
	assert_false(edit_draft_create(&draft, "x", "old", 3, &fault));
	assert_non_null(strstr(fault.text, "for the draft: No such file or directory"));
	(void)unsetenv("TMPDIR");
	fault_clear(&fault);
}

static void without_an_editor_it_stays_as_it_is(void **state)
{
	struct edit_draft draft;
	struct fault fault = {0};

	(void)state;
	(void)signal(SIGINT, SIG_DFL); /* of a job in the background it is ignored */
	assert_true(edit_draft_create(&draft, "x", "old", 3, &fault));
	has_no_process = true;
	assert_false(edit_draft_edit(&draft, "true", &fault));
	has_no_process = false;
	assert_string_equal(fault.text, "the editor cannot be started: true");
	assert_true(signal(SIGINT, SIG_DFL) == SIG_DFL);
	edit_draft_close(&draft, true);
	fault_clear(&fault);
}

static void on_signal(int number)
{
	(void)number;
}

/* The editor is waited for whatever comes meanwhile, be it a change of the window's size. */
static void a_signal_does_not_end_the_wait(void **state)
{
	const struct sigaction action = {.sa_handler = on_signal};
	struct edit_draft draft;
	struct fault fault = {0};
	struct sigaction before;

	(void)state;
	assert_int_equal(sigaction(SIGWINCH, &action, &before), 0);
	assert_true(edit_draft_create(&draft, "x", "old", 3, &fault));
	assert_true(edit_draft_edit(
		&draft, "kill -WINCH $PPID; sleep 0.1; kill -WINCH $PPID; printf new >", &fault));
	assert_string_equal(draft.content.bytes, "new");
	assert_int_equal(sigaction(SIGWINCH, &before, NULL), 0);
	edit_draft_close(&draft, true);
}

static void what_cannot_be_made_leaves_nothing(void **state)
{
	struct edit_draft draft;
	struct fault fault = {0};
	char parent[] = "/tmp/dfmode-draft.XXXXXX";
	char *error;

	(void)state;
	assert_non_null(mkdtemp(parent));
	assert_int_equal(setenv("TMPDIR", parent, 1), 0);
	assert_false(edit_draft_create(&draft, "no/x", "old", 3, &fault));
	assert_int_equal(unsetenv("TMPDIR"), 0);
	error = mem_printf("the draft '%s/dfmode-sync-edit.", parent);
	assert_memory_equal(fault.text, error, strlen(error));
	assert_non_null(strstr(fault.text, "/no/x' cannot be written: No such file or directory"));
	assert_null(draft.path);
	assert_int_equal(rmdir(parent), 0);
	fault_clear(&fault);
	free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_editor_that_is_set_is_taken),
		cmocka_unit_test(it_is_private_and_goes_without_a_trace),
		cmocka_unit_test(whatever_the_editor_does_is_reported),
		cmocka_unit_test(it_is_read_again_and_may_be_kept),
		cmocka_unit_test(without_a_directory_there_is_no_draft),
		cmocka_unit_test(without_an_editor_it_stays_as_it_is),
		cmocka_unit_test(a_signal_does_not_end_the_wait),
		cmocka_unit_test(what_cannot_be_made_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
