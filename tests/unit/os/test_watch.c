/* SPDX-License-Identifier: MIT */
/* A real loop and real directories: when a change is reported, and what it is to watch them while
 * they are replaced, while they change all the time, and at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "os/watch_scan.h"
#include "support/watch_fixture.h"

/* One watch lives through them all: what one way of saving breaks, the next one shows. */
static void goes_on_watching(void **state)
{
	static const char *const saves[] = {
		"mv etc etc.old; cp -r etc.old etc; echo 1 >etc/main.conf",
		"echo 2 >etc/main.conf",
		"rm -r etc; mkdir etc; echo 3 >etc/main.conf",
		"echo 4 >etc/main.conf",
		"echo 5 >etc/new; mv etc/new etc/main.conf",
		"echo 6 >>etc/main.conf",
		"rm -r etc",
		"mkdir etc",
		"echo 7 >etc/main.conf",
		"mkdir -p etc/include",
		"echo 8 >etc/include/part.conf",
		"mv etc data/x; ln -s data/x etc",
		"echo 9 >data/x/main.conf",
		"cp -r data/x data/y; ln -sfn data/y etc",
		"echo 10 >etc/main.conf",
		"mkdir none; mkdir none/such",
		"echo 11 >none/such/file",
		"rm -r none",
		"mkdir -p none/such; echo 12 >none/such/file",
	};
	struct fixture fixture = {0};

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	set_paths(&fixture, layout);
	await_idle(&fixture);
	for (unsigned i = 0; i < sizeof(saves) / sizeof(saves[0]); i++) {
		shell(&fixture, saves[i]);
		await_changes(&fixture, i + 1);
		/* What the scans find that come after it would be reported by then. */
		await_idle(&fixture);
		run_for(&fixture, 2 * SETTLE_MS);
		await_idle(&fixture);
		if (fixture.changes != i + 1)
			print_error("%s: reported %u times\n", saves[i], fixture.changes - i);
		assert_int_equal(fixture.changes, i + 1);
	}
	fixture_close(&fixture);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void is_told_after_the_settle_time(void **state)
{
	struct fixture fixture = {0};
	int64_t start;

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	set_paths(&fixture, layout);
	await_idle(&fixture);
	start = now_ms();
	shell(&fixture, "echo new >etc/main.conf");
	await_changes(&fixture, 1);
	assert_in_range(now_ms() - start, SETTLE_MS - 2, SETTLE_MS + 2000);
	fixture_close(&fixture);
}

/* The clock of a machine that is busy itself: what comes late comes less often too. */
static unsigned scribbles;

static void on_scribble(uv_timer_t *timer)
{
	struct fixture *fixture = timer->data;
	char *path = mem_printf("%s/etc/main.conf", fixture->root);
	int fd = open(path, O_WRONLY | O_APPEND);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	free(path);
	scribbles++;
}

/* A file that is never quiet is reported all the same, within two seconds or so. */
static void a_busy_file_is_told(bool blind)
{
	uv_timer_t scribbler;
	struct fixture fixture = {0};
	int64_t start;

	fixture_open(&fixture, blind ? SWEEP_MS : NEVER_MS);
	if (blind)
		watch_without_inotify(fixture.watch);
	set_paths(&fixture, layout);
	await_idle(&fixture);
	uv_timer_init(fixture.loop, &scribbler);
	scribbler.data = &fixture;
	uv_update_time(fixture.loop);
	start = now_ms();
	scribbles = 0;
	uv_timer_start(&scribbler, on_scribble, 0, 10);
	await_changes(&fixture, 1);
	/* Where events tell, a machine that is busy itself may pause them for the settle time. */
	assert_true(now_ms() - start >= (blind ? 1900 : 3 * SETTLE_MS));
	assert_in_range(scribbles, 1, 300);
	uv_close((uv_handle_t *)&scribbler, NULL);
	fixture_close(&fixture);
}

static void a_file_that_is_never_quiet_is_told(void **state)
{
	(void)state;
	a_busy_file_is_told(false);
	a_busy_file_is_told(true);
}

/* Files are stamped with a clock that ticks. */
static void await_tick(void)
{
	struct timespec first, now;

	/* The coarse clock may be behind by more than a tick, and file times are fine ones now and
	 * then. */
	clock_gettime(CLOCK_REALTIME, &first);
	do
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	while (now.tv_sec < first.tv_sec ||
	       (now.tv_sec == first.tv_sec && now.tv_nsec <= first.tv_nsec));
}

static void a_change_during_the_load_is_told(void **state)
{
	static const char *const without[] = {"etc/main.conf", NULL};
	struct fixture fixture = {0};

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	watch_without_inotify(fixture.watch);
	await_tick();
	watch_mark(fixture.watch);
	set_paths(&fixture, without);
	run_for(&fixture, 2 * SETTLE_MS);
	assert_int_equal(fixture.changes, 0);

	/* The load finds an include, which changes before it is watched. */
	watch_mark(fixture.watch);
	shell(&fixture, "echo new >etc/include/part.conf");
	set_paths(&fixture, layout);
	await_changes(&fixture, 1);

	/* A file that was known changes, and a directory of one goes. */
	watch_mark(fixture.watch);
	shell(&fixture, "echo new >etc/main.conf");
	set_paths(&fixture, layout);
	await_changes(&fixture, 2);
	watch_mark(fixture.watch);
	set_paths(&fixture, without);
	await_idle(&fixture);
	watch_mark(fixture.watch);
	shell(&fixture, "rm secret/key");
	set_paths(&fixture, layout);
	await_changes(&fixture, 3);

	/* Nothing changes. */
	await_tick();
	watch_mark(fixture.watch);
	set_paths(&fixture, without);
	await_idle(&fixture);
	set_paths(&fixture, layout);
	run_for(&fixture, 2 * SETTLE_MS);
	assert_int_equal(fixture.changes, 3);
	fixture_close(&fixture);
}

static void write_file(const struct fixture *fixture, const char *name, const char *bytes)
{
	char *path = mem_printf("%s/%s", fixture->root, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
	close(fd);
	free(path);
}

/* The look has ended, the loop has not heard of it, and so nothing is watched yet. How long the
 * look takes is not known, so more and more time is given. */
static void a_change_before_it_is_watched_is_told(void **state)
{
	struct fixture fixture = {0};

	(void)state;
	for (useconds_t us = 20000; fixture.changes == 0 && us < 3000000; us *= 4) {
		if (fixture.watch != NULL)
			fixture_close(&fixture);
		fixture_open(&fixture, NEVER_MS);
		set_paths(&fixture, layout);
		usleep(us);
		write_file(&fixture, "etc/main.conf", "newer");
		await_idle(&fixture);
		run_for(&fixture, 3 * SETTLE_MS);
		await_idle(&fixture);
	}
	assert_int_equal(fixture.changes, 1);
	fixture_close(&fixture);
}

static void expect(struct text *text, const char *root, const char *directory, const char *names)
{
	text_printf(text, "%s%s:%s\n", root, directory, names);
}

static char *list(const struct watch_scan *scan, const char *root)
{
	struct text text = {0};

	for (size_t i = 0; i < scan->directory_count; i++) {
		const struct watch_directory *directory = &scan->directories[i];
		const char *path = directory->path;

		if (strncmp(path, root, strlen(root)) != 0)
			continue;
		text_printf(&text, "%s:%s%s", path, directory->is_parent ? " parent" : "",
		            directory->takes_all ? " all" : "");
		for (size_t j = 0; j < directory->count; j++)
			text_printf(&text, " %s", directory->names[j]);
		text_add_char(&text, '\n');
	}
	return text_take(&text);
}

/* Every directory in which a component could be swapped, and the parents of these. */
static void the_directories_of_all_hops_are_looked_at(void **state)
{
	struct watch_scan scan = {0};
	struct text expected = {0};
	struct fixture fixture = {0};
	char *paths[4] = {0}, *seen;

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	shell(&fixture,
	      CONFIGMAP "; mkdir -p a/b; mv etc a/b/real; ln -s $PWD/a/b/real etc; mkdir x");
	paths[0] = mem_printf("%s/x/y/z", fixture.root);
	paths[1] = mem_printf("%s/etc/main.conf", fixture.root);
	paths[2] = mem_printf("%s/data", fixture.root);
	watch_scan_set(&scan, (const char *const *)paths);
	watch_scan_run(&scan);
	expect(&expected, fixture.root, "", " data etc x");
	expect(&expected, fixture.root, "/a/b", " parent real");
	expect(&expected, fixture.root, "/a/b/real", " ..1 ..data main.conf");
	expect(&expected, fixture.root, "/a/b/real/..1", " main.conf");
	expect(&expected, fixture.root, "/data", " all");
	expect(&expected, fixture.root, "/x", " y");
	seen = list(&scan, fixture.root);
	assert_string_equal(seen, expected.bytes);
	watch_scan_clear(&scan);
	for (size_t i = 0; i < 3; i++)
		free(paths[i]);
	free(seen);
	text_clear(&expected);
	fixture_close(&fixture);
}

static void what_is_not_set_any_more_is_not_told(void **state)
{
	static const char *const without[] = {"secret/key", NULL};
	struct fixture fixture = {0};

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	set_paths(&fixture, layout);
	set_paths(&fixture, without);
	await_idle(&fixture);
	set_paths(&fixture, layout);
	await_idle(&fixture);
	set_paths(&fixture, without);
	await_idle(&fixture);
	shell(&fixture, "echo new >etc/main.conf");
	run_for(&fixture, 2 * SETTLE_MS);
	assert_int_equal(fixture.changes, 0);
	shell(&fixture, "echo new >secret/key");
	await_changes(&fixture, 1);
	fixture_close(&fixture);
}

static rlim_t lowest_free(void)
{
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd >= 0);
	close(fd);
	return (rlim_t)fd;
}

static void rename_within(const struct fixture *fixture, const char *from, const char *to)
{
	char *source = mem_printf("%s/%s", fixture->root, from);
	char *target = mem_printf("%s/%s", fixture->root, to);

	assert_int_equal(rename(source, target), 0);
	free(source);
	free(target);
}

static void without_descriptors_the_sweep_goes_on(void **state)
{
	struct rlimit limit, none;
	char expected[300];
	struct fixture fixture = {0};

	(void)state;
	fixture_open(&fixture, SWEEP_MS);
	snprintf(expected, sizeof(expected),
	         "cannot watch '%s': too many inotify instances or open files "
	         "(fs.inotify.max_user_instances); changes are found by a rescan every 60ms",
	         fixture.root);
	/* The loop's first request opens what it needs. */
	set_paths(&fixture, (const char *const[]){0});
	await_idle(&fixture);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = lowest_free();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	set_paths(&fixture, layout);
	run_for(&fixture, 5 * SWEEP_MS);
	rename_within(&fixture, "secret/key", "etc/main.conf");
	await_changes(&fixture, 1);
	assert_int_equal(fixture.cause, WATCH_RESCAN);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(fixture.troubles, 1);
	assert_string_equal(fixture.trouble, expected);

	/* As soon as there are descriptors again a sweep takes the watches up. */
	run_for(&fixture, 3 * SWEEP_MS);
	watch_configure(fixture.watch, SETTLE_MS, NEVER_MS);
	await_idle(&fixture);
	shell(&fixture, "echo new >etc/main.conf");
	await_changes(&fixture, 2);
	assert_int_equal(fixture.cause, WATCH_EVENT);
	assert_int_equal(fixture.troubles, 1);
	fixture_close(&fixture);
}

static void closes_at_any_moment(void **state)
{
	struct fixture fixture = {0};

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	fixture_close(&fixture);

	fixture_open(&fixture, NEVER_MS);
	set_paths(&fixture, layout);
	set_paths(&fixture, layout);
	fixture_close(&fixture);

	fixture_open(&fixture, 1);
	set_paths(&fixture, layout);
	uv_run(fixture.loop, UV_RUN_ONCE);
	fixture_close(&fixture);

	fixture_open(&fixture, NEVER_MS);
	fixture.closes = true;
	set_paths(&fixture, layout);
	await_idle(&fixture);
	shell(&fixture, "echo new >etc/main.conf; rm -r secret");
	await_changes(&fixture, 1);
	fixture_close(&fixture);
	assert_int_equal(fixture.changes, 1);
}

static void looping_links_and_odd_paths_are_borne(void **state)
{
	static const char *const odd[] = {"etc/loop", "etc/../etc/./odd//file", "etc/main.conf/x",
	                                  "..", NULL};
	struct fixture fixture = {0};

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	shell(&fixture, "ln -s loop etc/loop; mkdir etc/odd; echo old >etc/odd/file");
	set_paths(&fixture, odd);
	await_idle(&fixture);
	shell(&fixture, "echo new >etc/odd/file");
	await_changes(&fixture, 1);
	shell(&fixture, "ln -sfn main.conf etc/loop");
	await_changes(&fixture, 2);
	fixture_close(&fixture);
}

/* A configuration that is taken again and again puts no rescan off. */
static void the_same_interval_changes_nothing(void **state)
{
	struct fixture fixture = {0};
	uint64_t end_ns;

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	watch_without_inotify(fixture.watch);
	set_paths(&fixture, layout);
	await_idle(&fixture);
	shell(&fixture, "echo new >etc/main.conf");
	end_ns = uv_hrtime() + UINT64_C(20000000000);
	while (fixture.changes == 0 && uv_hrtime() < end_ns) {
		watch_configure(fixture.watch, SETTLE_MS, 400);
		run_for(&fixture, 50);
	}
	assert_int_equal(fixture.changes, 1);
	assert_int_equal(fixture.cause, WATCH_RESCAN);
	fixture_close(&fixture);
}

/* What happened before the mark is what is being loaded. */
static void what_is_marked_is_not_pending(void **state)
{
	struct fixture fixture = {0};

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	watch_configure(fixture.watch, 1000, NEVER_MS);
	set_paths(&fixture, layout);
	await_idle(&fixture);
	assert_false(watch_is_pending(fixture.watch));
	shell(&fixture, "echo new >etc/main.conf");
	while (!watch_is_pending(fixture.watch))
		uv_run(fixture.loop, UV_RUN_ONCE);
	watch_mark(fixture.watch);
	assert_false(watch_is_pending(fixture.watch));
	shell(&fixture, "echo newer >etc/main.conf");
	while (!watch_is_pending(fixture.watch))
		uv_run(fixture.loop, UV_RUN_ONCE);
	await_changes(&fixture, 1);
	assert_false(watch_is_pending(fixture.watch));
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_watching),
		cmocka_unit_test(is_told_after_the_settle_time),
		cmocka_unit_test(a_file_that_is_never_quiet_is_told),
		cmocka_unit_test(a_change_during_the_load_is_told),
		cmocka_unit_test(a_change_before_it_is_watched_is_told),
		cmocka_unit_test(the_directories_of_all_hops_are_looked_at),
		cmocka_unit_test(what_is_not_set_any_more_is_not_told),
		cmocka_unit_test(without_descriptors_the_sweep_goes_on),
		cmocka_unit_test(the_same_interval_changes_nothing),
		cmocka_unit_test(what_is_marked_is_not_pending),
		cmocka_unit_test(closes_at_any_moment),
		cmocka_unit_test(looping_links_and_odd_paths_are_borne),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
