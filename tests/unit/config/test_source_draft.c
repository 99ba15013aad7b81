/* SPDX-License-Identifier: MIT */
/* A draft is loaded in place of its file, by whatever path the file is reached, and only it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/source.h"
#include "support/config_fixture.h"
#include "support/scratch.h"

static struct stat status_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status;
}

static void assert_loaded(const char *path, const char *text, bool was_read)
{
	struct source source = {0};
	struct faults faults = {0};

	source_load(&source, path, NULL, &faults);
	assert_int_equal(faults.errors, 0);
	assert_string_equal(source.text, text);
	assert_int_equal(source_draft_was_read(), was_read);
	source_clear(&source);
	faults_clear(&faults);
}

static void a_draft_stands_for_its_file_alone(void **state)
{
	struct stat status;

	(void)state;
	config_fixture_put("b", "old = 1;\n", 0600);
	config_fixture_put("a", "x = 1;\n@include \"./b\"\n", 0600);
	assert_int_equal(symlink("a", "l"), 0);
	status = status_of("b");
	source_set_draft(&status, "new = 2;\n", 9);
	assert_loaded("a", "x = 1;\nnew = 2;\n              \n", true);
	assert_loaded("l", "x = 1;\nnew = 2;\n              \n", true);
	source_set_draft(&status, NULL, 0);
	assert_loaded("a", "x = 1;\nold = 1;\n              \n", false);
}

static void only_the_same_file_is_replaced(void **state)
{
	static const struct {
		dev_t device_away;
		ino_t inode_away;
		bool is_set, is_replaced;
	} cases[] = {
		{0, 0, true, true},
		{0, 1, true, false},
		{1, 0, true, false},
		{0, 0, false, false},
	};

	(void)state;
	config_fixture_put("a", "old = 1;\n", 0600);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stat status = status_of("a");

		status.st_dev += cases[i].device_away;
		status.st_ino += cases[i].inode_away;
		source_set_draft(&status, cases[i].is_set ? "new = 1;, and more" : NULL, 8);
		assert_loaded("a", cases[i].is_replaced ? "new = 1;\n" : "old = 1;\n",
		              cases[i].is_replaced);
		source_set_draft(&status, NULL, 0);
	}
}

/* A draft that is shorter than its file is cleared by its own size. */
static void a_draft_that_includes_itself(void **state)
{
	static const char text[] = "@include \"a\"\n";
	struct stat status;
	struct source source = {0};
	struct faults faults = {0};

	(void)state;
	config_fixture_put("a", "# what stood here was a good deal longer than the draft\n", 0600);
	status = status_of("a");
	source_set_draft(&status, text, strlen(text));
	source_load(&source, "a", NULL, &faults);
	assert_int_not_equal(faults.errors, 0);
	config_fixture_assert_faults(&faults, "1:10+3 error: 'a' includes itself: a -> a\n");
	source_set_draft(&status, NULL, 0);
	source_clear(&source);
	faults_clear(&faults);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_open, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_the_same_file_is_replaced),
		TEST(a_draft_stands_for_its_file_alone),
		TEST(a_draft_that_includes_itself),
	};

	return cmocka_run_group_tests_name("source_draft", tests, NULL, NULL);
}
