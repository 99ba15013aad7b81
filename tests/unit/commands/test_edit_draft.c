/* SPDX-License-Identifier: MIT */
/* The draft is private, and whatever the editor does is reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/command_edit_internal.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_editor_that_is_set_is_taken),
		cmocka_unit_test(it_is_private_and_goes_without_a_trace),
		cmocka_unit_test(whatever_the_editor_does_is_reported),
		cmocka_unit_test(it_is_read_again_and_may_be_kept),
		cmocka_unit_test(without_a_directory_there_is_no_draft),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
