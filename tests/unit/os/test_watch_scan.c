/* SPDX-License-Identifier: MIT */
/* One scan after another: everything that makes a path another one is seen, nothing else is, and
 * the directories that say so are the right ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/watch_scan.h"
#include "support/scratch.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void run(const char *command)
{
	assert_int_equal(system(command), 0);
}

/* The times stand still, so that what is seen is what the row says. */
static int prepare(void **state)
{
	(void)scratch_open(state);
	run("mkdir -p a/b other && echo one >a/b/file && echo one >other/file && ln -s b a/link && "
	    "ln -s a/link/file far && ln -s ../a/b/file other/up && ln -s loop loop");
	return 0;
}

static void scan(struct watch_scan *scan, const char *const *paths)
{
	*scan = (struct watch_scan){0};
	watch_scan_set(scan, paths);
	watch_scan_run(scan);
}

/* Whether a scan of the path differs after a command. */
static bool differs(const char *path, const char *command)
{
	const char *const paths[] = {path, NULL};
	struct watch_scan before, after;
	bool is_other;

	scan(&before, paths);
	run(command);
	scan(&after, paths);
	is_other = watch_scan_differs(&before, &after, 0);
	watch_scan_clear(&before);
	watch_scan_clear(&after);
	return is_other;
}

static void what_makes_it_another_one_is_seen(void **state)
{
	static const struct {
		const char *path, *command;
		bool differs;
	} rows[] = {
		{"a/b/file", "echo more >>a/b/file", true},
		{"a/b/file", "echo two >a/b/new && mv a/b/new a/b/file", true},
		{"a/b/file", "chmod 600 a/b/file", true},
		{"a/b/file", "rm a/b/file", true},
		{"a/b/file", "true", false},
		{"a/b/file", "echo two >a/b/sibling", false},
		{"a/b/file", "mv a/b a/old && mkdir a/b && cp -p a/old/file a/b/", true},
		{"a/b/file", "chmod 700 a", true},
		{"far", "ln -sfn ../a/b/file far && ln -sfn a/b/file far", true},
		{"far", "rm a/link && cp -rp a/b a/link", true},
		{"far", "echo more >>a/b/file", true},
		{"other/up", "echo more >>a/b/file", true},
		{"other/../a/./b//file", "echo more >>a/b/file", true},
		{"a", "echo new >a/new", true},
		{"a/", "echo new >a/new", true},
		{"missing/file", "true", false},
		{"missing/file", "mkdir missing", true},
		{"missing/file", "mkdir missing && echo one >missing/file", true},
		{"loop", "true", false},
		{"loop", "ln -sfn a/b/file loop", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (differs(rows[i].path, rows[i].command) != rows[i].differs)
			fail_msg("%s after '%s'", rows[i].path, rows[i].command);
		run("rm -rf a other far loop missing && mkdir -p a/b other && echo one >a/b/file "
		    "&& "
		    "echo one >other/file && ln -s b a/link && ln -s a/link/file far && "
		    "ln -s ../a/b/file other/up && ln -s loop loop");
	}
}

/* By the identity alone, whatever the times say: each part of it in turn. */
static void each_part_of_the_identity_counts(void **state)
{
	static const char *const near[] = {"a/link/file", NULL}, *const far[] = {"other/up", NULL};
	struct watch_scan first, second;

	(void)state;
	/* The same file by two ways: the links differ. */
	scan(&first, near);
	scan(&second, far);
	assert_int_not_equal(first.identities[0].hash, second.identities[0].hash);
	watch_scan_clear(&first);
	watch_scan_clear(&second);
}

static void owner_and_size_count(void **state)
{
	static const char *const commands[] = {"chown 12345 a/b", "chgrp 12345 a/b",
	                                       "chmod 711 a/b"};

	(void)state;
	/* Of a directory on the way only inode, mode and owner are looked at. */
	assert_true(differs("a/b/file", commands[2]));
	assert_false(differs("a/b/file", "touch a/b"));
	if (geteuid() != 0)
		return;
	assert_true(differs("a/b/file", commands[0]));
	assert_true(differs("a/b/file", commands[1]));
}

static void unknown_ones_count_since_the_mark(void **state)
{
	static const char *const paths[] = {"a/b/file", "other/file", NULL};
	static const char *const first[] = {"a/b/file", NULL};
	struct watch_scan one, both;
	int64_t touched_ns;

	(void)state;
	scan(&one, first);
	scan(&both, paths);
	touched_ns = both.identities[1].touched_ns;
	assert_false(watch_scan_differs(&one, &both, 0));
	assert_true(watch_scan_differs(&one, &both, touched_ns));
	assert_true(watch_scan_differs(&one, &both, touched_ns - 1));
	assert_false(watch_scan_differs(&one, &both, touched_ns + 1));
	/* One that is left out changes nothing. */
	assert_false(watch_scan_differs(&both, &one, 1));
	watch_scan_clear(&one);
	watch_scan_clear(&both);
}

static void paths_are_sorted_and_each_is_there_once(void **state)
{
	static const char *const given[] = {"b", "a", "b", "c", "a", "a", NULL};
	static const char *const sorted[] = {"a", "b", "c"};
	struct watch_scan all;

	(void)state;
	scan(&all, given);
	assert_int_equal(all.path_count, COUNT(sorted));
	for (size_t i = 0; i < COUNT(sorted); i++)
		assert_string_equal(all.paths[i], sorted[i]);
	assert_null(all.paths[COUNT(sorted)]);
	watch_scan_clear(&all);
	scan(&all, NULL);
	assert_int_equal(all.path_count, 0);
	watch_scan_clear(&all);
}

static const struct watch_directory *find(const struct watch_scan *scan, const char *path)
{
	for (size_t i = 0; i < scan->directory_count; i++) {
		if (strcmp(scan->directories[i].path, path) == 0)
			return &scan->directories[i];
	}
	fail_msg("%s is not watched", path);
	return NULL;
}

static void directories_know_the_names_that_concern_us(void **state)
{
	const char *root = *state;
	static const char *const paths[] = {"a/b", "far", "missing/file", NULL};
	char *inner = mem_printf("%s/a", root), *whole = mem_printf("%s/a/b", root);
	const struct watch_directory *directory;
	struct watch_scan all;

	scan(&all, paths);
	directory = find(&all, root);
	assert_false(directory->is_parent);
	assert_false(directory->takes_all);
	assert_true(watch_scan_concerns(directory, "a"));
	assert_true(watch_scan_concerns(directory, "far"));
	assert_true(watch_scan_concerns(directory, "missing"));
	assert_false(watch_scan_concerns(directory, "other"));
	assert_false(watch_scan_concerns(directory, "fa"));
	directory = find(&all, inner);
	assert_true(watch_scan_concerns(directory, "b"));
	assert_true(watch_scan_concerns(directory, "link"));
	assert_false(watch_scan_concerns(directory, "c"));
	directory = find(&all, whole);
	assert_true(directory->takes_all);
	assert_true(watch_scan_concerns(directory, "whatever"));
	directory = find(&all, "/tmp");
	assert_true(directory->is_parent);
	assert_true(watch_scan_concerns(directory, strrchr(root, '/') + 1));
	watch_scan_clear(&all);
	free(inner);
	free(whole);
}

/* A link leads to a name that sorts behind that of the next path. */
static void names_are_known_in_whatever_order_they_come(void **state)
{
	const char *root = *state;
	static const char *const paths[] = {"1", "5", NULL};
	struct watch_scan all;

	run("ln -s 9 1 && echo one >5 && echo one >9");
	scan(&all, paths);
	for (const char *name = "1\0005\0009\0"; *name != '\0'; name += 2)
		assert_true(watch_scan_concerns(find(&all, root), name));
	assert_false(watch_scan_concerns(find(&all, root), "6"));
	watch_scan_clear(&all);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, prepare, scratch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_makes_it_another_one_is_seen),
		TEST(each_part_of_the_identity_counts),
		TEST(owner_and_size_count),
		TEST(unknown_ones_count_since_the_mark),
		TEST(paths_are_sorted_and_each_is_there_once),
		TEST(directories_know_the_names_that_concern_us),
		TEST(names_are_known_in_whatever_order_they_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
