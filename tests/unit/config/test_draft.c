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

	assert_true(source_load(&source, path, &faults));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_stands_for_its_file_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
