/* SPDX-License-Identifier: MIT */
/* A draft is loaded in place of its file, by whatever path the file is reached, and only it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/draft.h"
#include "config/source.h"

static char directory[64];

static char *write_file(const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", directory, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void assert_loaded(const char *path, const char *text, bool was_read)
{
	struct source source = {0};
	struct faults faults = {0};

	assert_true(source_load(&source, path, NULL, &faults));
	assert_non_null(strstr(source.text, text));
	assert_int_equal(draft_was_read(), was_read);
	source_clear(&source);
	faults_clear(&faults);
}

static void a_draft_stands_for_its_file_alone(void **state)
{
	char *main_path;
	char *include_path;
	char *link_path;
	struct stat status;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/dfmode-draft.XXXXXX");
	assert_non_null(mkdtemp(directory));
	include_path = write_file("b", "old = 1;\n");
	main_path = write_file("a", "x = 1;\n@include \"./b\"\n");
	link_path = mem_printf("%s/l", directory);
	assert_int_equal(symlink("a", link_path), 0);
	assert_int_equal(stat(include_path, &status), 0);
	draft_set(&status, "new = 2;\n", 9);
	assert_loaded(main_path, "x = 1;\nnew = 2;\n", true);
	assert_loaded(link_path, "x = 1;\nnew = 2;\n", true);
	draft_set(&status, NULL, 0);
	assert_loaded(main_path, "x = 1;\nold = 1;\n", false);
	(void)unlink(link_path);
	(void)unlink(main_path);
	(void)unlink(include_path);
	(void)rmdir(directory);
	free(link_path);
	free(main_path);
	free(include_path);
}

/* What was read becomes the draft, under the status of the file; nothing else does. */
static void only_the_same_file_is_replaced(void **state)
{
	static const struct {
		dev_t device;
		ino_t inode;
		bool is_set, is_replaced;
	} cases[] = {
		{7, 9, true, true},
		{7, 8, true, false},
		{6, 9, true, false},
		{7, 9, false, false},
	};
	const struct stat status = {.st_dev = 7, .st_ino = 9, .st_mode = 0100640};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct stat read = {
			.st_dev = cases[i].device, .st_ino = cases[i].inode, .st_mode = 0100600};
		struct file_read file = {.bytes = mem_dup("old"), .length = 3, .status = read};

		draft_set(&status, cases[i].is_set ? "new text, and more" : NULL, 8);
		draft_replace(&file);
		assert_string_equal(file.bytes, cases[i].is_replaced ? "new text" : "old");
		assert_int_equal(file.length, cases[i].is_replaced ? 8 : 3);
		assert_int_equal(file.status.st_mode, 0100600);
		assert_int_equal(draft_was_read(), cases[i].is_replaced);
		file_read_clear(&file);
	}
	draft_set(&status, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_file_is_replaced),
		cmocka_unit_test(a_draft_stands_for_its_file_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
