/* SPDX-License-Identifier: MIT */
/* A real loop and real directories. Each way of saving is a line of shell; it has to be told
 * exactly once, and the same with inotify switched off, where only the sweep can find it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "base/text.h"
#include "os/watch.h"
#include "os/watch_scan.h"

#define SETTLE_MS  100
#define SWEEP_MS   60
#define NEVER_MS   (3600 * 1000)
#define PATIENCE_S 20

struct fixture {
	uv_loop_t *loop;
	uv_loop_t own;
	uv_timer_t timer;
	bool is_over; /* the timer's */
	struct watch *watch;
	char *root;
	unsigned changes;
	enum watch_cause cause;
	unsigned troubles;
	char trouble[300];
	bool closes; /* from within the callback */
};

static void on_change(enum watch_cause cause, void *data)
{
	struct fixture *fixture = data;

	fixture->changes++;
	fixture->cause = cause;
	if (fixture->closes) {
		watch_close(fixture->watch);
		fixture->watch = NULL;
	}
}

static void on_trouble(const char *sentence, void *data)
{
	struct fixture *fixture = data;

	fixture->troubles++;
	snprintf(fixture->trouble, sizeof(fixture->trouble), "%s", sentence);
}

static void on_timer(uv_timer_t *timer)
{
	struct fixture *fixture = timer->data;

	fixture->is_over = true;
}

/* Run a line of shell in the root; its own failure is a failure of the test. */
static void shell(const struct fixture *fixture, const char *line)
{
	char *command =
		mem_printf("cd '%s' && { %s\n} </dev/null >/dev/null 2>log", fixture->root, line);
	int status = system(command);

	if (status != 0)
		print_error("%s: status %d, see %s/log\n", line, status, fixture->root);
	assert_int_equal(status, 0);
	free(command);
}

static const char *const layout[] = {"etc/main.conf",
                                     "etc/main.conf.d",
                                     "etc/main.conf.d/10.conf",
                                     "etc/include/part.conf",
                                     "secret/key",
                                     "none/such/file",
                                     NULL};

#define PATHS_MAX 8

static void set_paths(const struct fixture *fixture, const char *const *names)
{
	char *paths[PATHS_MAX] = {NULL};
	size_t count = 0;

	for (; names[count] != NULL; count++)
		paths[count] = mem_printf("%s/%s", fixture->root, names[count]);
	watch_set(fixture->watch, (const char *const *)paths);
	while (count > 0)
		free(paths[--count]);
}

/* Wait until there were so many changes; fails when that takes too long. */
static void await_changes(struct fixture *fixture, unsigned changes)
{
	time_t end = time(NULL) + PATIENCE_S;

	uv_timer_start(&fixture->timer, on_timer, PATIENCE_S * 1000, 0);
	while (fixture->changes < changes && time(NULL) < end)
		uv_run(fixture->loop, UV_RUN_ONCE);
	uv_timer_stop(&fixture->timer);
	assert_int_equal(fixture->changes, changes);
}

/* Let the looks end that are under way, so that all is watched. */
static void await_idle(struct fixture *fixture)
{
	while (fixture->loop->active_reqs.count > 0)
		uv_run(fixture->loop, UV_RUN_ONCE);
}

/* That nothing comes can only be waited for. */
static void run_for(struct fixture *fixture, uint64_t ms)
{
	fixture->is_over = false;
	uv_update_time(fixture->loop);
	uv_timer_start(&fixture->timer, on_timer, ms, 0);
	while (!fixture->is_over)
		uv_run(fixture->loop, UV_RUN_ONCE);
}

static void fixture_start(struct fixture *fixture, uv_loop_t *loop, int64_t sweep_ms)
{
	char pattern[] = "/tmp/test_watch.XXXXXX";

	fixture->loop = loop;
	assert_non_null(mkdtemp(pattern));
	fixture->root = mem_dup(pattern);
	uv_timer_init(loop, &fixture->timer);
	fixture->timer.data = fixture;
	fixture->watch = watch_open(loop, on_change, on_trouble, fixture);
	watch_configure(fixture->watch, SETTLE_MS, sweep_ms);
	shell(fixture,
	      "mkdir -p etc/main.conf.d etc/include secret data; for f in etc/main.conf "
	      "etc/main.conf.d/10.conf etc/include/part.conf secret/key; do echo old >$f; done");
}

static void fixture_stop(struct fixture *fixture)
{
	char *command = mem_printf("rm -rf '%s'", fixture->root);

	watch_close(fixture->watch);
	uv_close((uv_handle_t *)&fixture->timer, NULL);
	assert_int_equal(system(command), 0);
	free(command);
	free(fixture->root);
}

static void fixture_open(struct fixture *fixture, int64_t sweep_ms)
{
	uv_loop_t *loop = &fixture->own;

	assert_int_equal(uv_loop_init(loop), 0);
	fixture_start(fixture, loop, sweep_ms);
}

static void fixture_close(struct fixture *fixture)
{
	fixture_stop(fixture);
	uv_run(fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(fixture->loop), 0);
}

struct way {
	const char *title;
	const char *before; /* NULL: the layout as it is */
	const char *save;
	const char *needs; /* a program; NULL: none */
};

#define CONFIGMAP                                                                           \
	"rm -r etc/main.conf etc/main.conf.d; mkdir etc/..1; echo old >etc/..1/main.conf; " \
	"ln -s ..1 etc/..data; ln -s ..data/main.conf etc/main.conf"

static const struct way ways[] = {
	{.title = "written in place", .save = "echo new >etc/main.conf"},
	{.title = "appended", .save = "echo more >>etc/main.conf"},
	{.title = "emptied", .save = ": >etc/main.conf"},
	{.title = "truncate", .save = "truncate -s 2 etc/main.conf"},
	{.title = "same length", .save = "printf new | dd of=etc/main.conf conv=notrunc"},
	{.title = "copied over", .before = "echo new >etc/new", .save = "cp etc/new etc/main.conf"},
	{.title = "moved over", .before = "echo new >etc/new", .save = "mv etc/new etc/main.conf"},
	{.title = "moved over from elsewhere",
         .before = "echo new >data/new",
         .save = "mv data/new etc/main.conf"},
	{.title = "linked over",
         .before = "echo new >etc/new",
         .save = "ln -f etc/new etc/main.conf"},
	{.title = "install", .before = "echo new >new", .save = "install -m 644 new etc/main.conf"},
	{.title = "tee", .save = "echo new | tee etc/main.conf"},
	{.title = "sed -i", .save = "sed -i s/old/new/ etc/main.conf"},
	{.title = "sed -i.bak", .save = "sed -i.bak s/old/new/ etc/main.conf"},
	{.title = "perl -i", .save = "perl -pi -e s/old/new/ etc/main.conf", .needs = "perl"},
	{.title = "vim",
         .save = "vim -N -u NONE -es -c s/old/new/ -c wq etc/main.conf",
         .needs = "vim"},
	{.title = "vim, backup copied",
         .save = "vim -N -u NONE -es --cmd 'set bkc=yes bk' -c s/old/new/ -c wq etc/main.conf",
         .needs = "vim"},
	{.title = "vim, backup renamed",
         .save = "vim -N -u NONE -es --cmd 'set bkc=no bk' -c s/old/new/ -c wq etc/main.conf",
         .needs = "vim"},
	{.title = "emacs",
         .save = "HOME=$PWD emacs -Q --batch etc/main.conf --eval '(progn (insert \"new\") "
                 "(save-buffer))'",
         .needs = "emacs"},
	{.title = "nano: backup, then in place",
         .save = "cp -p etc/main.conf etc/main.conf~; echo new >etc/main.conf"},
	{.title = "dpkg",
         .save = "echo new >etc/main.conf.dpkg-new; ln etc/main.conf etc/main.conf.dpkg-tmp; mv "
                 "etc/main.conf.dpkg-new etc/main.conf; mv etc/main.conf.dpkg-tmp "
                 "etc/main.conf.dpkg-old"},
	{.title = "ansible",
         .save = "echo new >etc/.ansible_tmpx; chmod 600 etc/.ansible_tmpx; mv etc/.ansible_tmpx "
                 "etc/main.conf; chmod 644 etc/main.conf"},
	{.title = "rsync",
         .save = "echo new >etc/.main.conf.Ab1; mv etc/.main.conf.Ab1 etc/main.conf"},
	{.title = "git: removed, then made", .save = "rm etc/main.conf; echo new >etc/main.conf"},
	{.title = "removed", .save = "rm etc/main.conf"},
	{.title = "moved away", .save = "mv etc/main.conf etc/gone"},
	{.title = "made", .before = "rm etc/main.conf", .save = "echo new >etc/main.conf"},
	{.title = "chmod", .save = "chmod 600 etc/main.conf"},
	{.title = "touch", .save = "touch etc/main.conf"},
	{.title = "a burst", .save = "for i in $(seq 200); do echo $i >>etc/main.conf; done"},
	{.title = "replaced by a directory", .save = "rm etc/main.conf; mkdir etc/main.conf"},
	{.title = "symlink re-pointed",
         .before = "mv etc/main.conf data/a; cp data/a data/b; ln -s ../data/a etc/main.conf",
         .save = "ln -sfn ../data/b etc/main.conf"},
	{.title = "symlink re-pointed to the same file",
         .before = "mv etc/main.conf data/a; ln data/a data/b; ln -s ../data/a etc/main.conf",
         .save = "ln -sfn ../data/b etc/main.conf"},
	{.title = "second hop re-pointed",
         .before = "mkdir hop; mv etc/main.conf data/a; cp data/a data/b; ln -s ../data/a hop/it; "
                   "ln -s $PWD/hop/it etc/main.conf",
         .save = "ln -s ../data/b hop/new; mv -T hop/new hop/it"},
	{.title = "end of a chain written",
         .before = "mkdir hop; mv etc/main.conf data/a; ln -s ../data/a hop/it; ln -s "
                   "$PWD/hop/it etc/main.conf",
         .save = "echo new >data/a"},
	{.title = "end of a chain moved over",
         .before = "mv etc/main.conf data/a; echo new >data/b; ln -s ../data/a etc/main.conf",
         .save = "mv data/b data/a"},
	{.title = "dangling symlink fulfilled",
         .before = "rm etc/main.conf; ln -s ../later/a etc/main.conf",
         .save = "mkdir later; echo new >later/a"},
	{.title = "directory in the middle re-pointed",
         .before = "cp -r etc data/x; cp -r etc data/y; rm -r etc; ln -s data/x etc",
         .save = "ln -sfn data/y etc"},
	{.title = "written behind a directory link",
         .before = "mv etc data/x; ln -s data/x etc",
         .save = "echo new >data/x/main.conf"},
	{.title = "ConfigMap swap",
         .before = CONFIGMAP,
         .save = "mkdir etc/..2; echo new >etc/..2/main.conf; ln -s ..2 etc/..data_tmp; mv -T "
                 "etc/..data_tmp etc/..data; rm -r etc/..1"},
	{.title = "directory moved away and made again",
         .save = "mv etc etc.old; cp -r etc.old etc; echo new >etc/main.conf"},
	{.title = "directory removed and made again",
         .save = "rm -r etc; mkdir etc; echo new >etc/main.conf"},
	{.title = "directory swapped",
         .before = "cp -r etc etc2",
         .save = "mv etc etc3; mv etc2 etc"},
	{.title = "directory removed", .save = "rm -r etc"},
	{.title = "directory made",
         .before = "rm -r etc",
         .save = "mkdir etc; echo new >etc/main.conf"},
	{.title = "include written", .save = "echo new >etc/include/part.conf"},
	{.title = "include moved over",
         .before = "echo new >etc/include/new",
         .save = "mv etc/include/new etc/include/part.conf"},
	{.title = "include's directory appears",
         .before = "rm -r etc/include",
         .save = "mkdir etc/include; echo new >etc/include/part.conf"},
	{.title = "far directory appears", .save = "mkdir -p none/such; echo new >none/such/file"},
	{.title = "drop-in added", .save = "echo new >etc/main.conf.d/20.conf"},
	{.title = "drop-in written", .save = "echo new >etc/main.conf.d/10.conf"},
	{.title = "drop-in removed", .save = "rm etc/main.conf.d/10.conf"},
	{.title = "drop-ins appear",
         .before = "rm -r etc/main.conf.d",
         .save = "mkdir etc/main.conf.d; echo new >etc/main.conf.d/30.conf"},
	{.title = "secret written", .save = "echo new >secret/key"},
	{.title = "secret moved over",
         .before = "echo new >secret/.new",
         .save = "mv secret/.new secret/key"},
	{.title = "two files at once", .save = "echo new >etc/main.conf; echo new >secret/key"},
};

static const struct way others[] = {
	{.title = "another file in the directory", .save = "echo new >etc/other; rm etc/other"},
	{.title = "a swap file", .save = "echo new >etc/.main.conf.swp; rm etc/.main.conf.swp"},
	{.title = "another directory beside it", .save = "mkdir etc2; echo new >etc2/main.conf"},
	{.title = "a file in a parent", .save = "echo new >main.conf; echo new >key"},
	{.title = "only read", .save = "cat etc/main.conf secret/key; ls -lR ."},
	{.title = "a busy neighbour", .save = "for i in $(seq 500); do echo $i >>secret/log; done"},
};

static bool has(const char *program)
{
	char *command = mem_printf("command -v %s >/dev/null 2>&1", program);
	bool found = system(command) == 0;

	free(command);
	return found;
}

static void begin_way(struct fixture *fixture, uv_loop_t *loop, const struct way *way, bool blind)
{
	fixture_start(fixture, loop, blind ? SWEEP_MS : NEVER_MS);
	if (blind)
		watch_without_inotify(fixture->watch);
	if (way->before != NULL)
		shell(fixture, way->before);
	set_paths(fixture, layout);
}

static void end_way(struct fixture *fixture, const struct way *way, bool blind, unsigned expected)
{
	bool is_skipped = way->needs != NULL && !has(way->needs);

	if (is_skipped)
		print_message("%s: skipped, no %s\n", way->title, way->needs);
	else if (fixture->changes != expected)
		print_error("%s: told %u times\n", way->title, fixture->changes);
	assert_int_equal(fixture->changes, is_skipped ? 0 : expected);
	if (fixture->changes > 0)
		assert_int_equal(fixture->cause, blind ? WATCH_RESCAN : WATCH_EVENT);
	assert_int_equal(fixture->troubles, 0);
	fixture_stop(fixture);
}

/* All ways at once, each on directories and with a watch of its own, so that the waiting is shared.
 * Twice the settle time after the last change is room for a second call. */
static void try_ways(const struct way *way, size_t count, bool blind, unsigned expected)
{
	struct fixture *rigs = mem_alloc(count, sizeof(*rigs));
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	for (size_t i = 0; i < count; i++)
		begin_way(&rigs[i], &loop, &way[i], blind);
	await_idle(&rigs[0]);
	for (size_t i = 0; i < count; i++) {
		if (way[i].needs == NULL || has(way[i].needs))
			shell(&rigs[i], way[i].save);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	for (size_t i = 0; i < count; i++) {
		if (expected > 0 && (way[i].needs == NULL || has(way[i].needs)))
			await_changes(&rigs[i], expected);
	}
	run_for(&rigs[0], (blind ? 3 : 2) * SETTLE_MS);
	for (size_t i = 0; i < count; i++)
		end_way(&rigs[i], &way[i], blind, expected);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	free(rigs);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void each_way_is_told_once(void **state)
{
	(void)state;
	try_ways(ways, COUNT(ways), false, 1);
}

static void each_way_is_found_by_the_sweep(void **state)
{
	(void)state;
	try_ways(ways, COUNT(ways), true, 1);
}

static void what_does_not_concern_us_is_not_told(void **state)
{
	(void)state;
	try_ways(others, COUNT(others), false, 0);
	try_ways(others, COUNT(others), true, 0);
}

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
		run_for(&fixture, 2 * SETTLE_MS);
		if (fixture.changes != i + 1)
			print_error("%s: told %u times\n", saves[i], fixture.changes - i);
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

static void on_scribble(uv_timer_t *timer)
{
	struct fixture *fixture = timer->data;
	char *path = mem_printf("%s/etc/main.conf", fixture->root);
	int fd = open(path, O_WRONLY | O_APPEND);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	free(path);
}

/* A file that is never quiet is told of all the same, within two seconds or so. */
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
	uv_timer_start(&scribbler, on_scribble, 0, 10);
	await_changes(&fixture, 1);
	/* Where events tell, a machine that is busy itself may pause them for the settle time. */
	assert_in_range(now_ms() - start, blind ? 1900 : 3 * SETTLE_MS, 4000);
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
		run_for(&fixture, 3 * SETTLE_MS);
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
		const char *path = watch_scan_path(scan, directory);

		if (strncmp(path, root, strlen(root)) != 0)
			continue;
		text_printf(&text, "%s:%s%s", path, directory->is_parent ? " parent" : "",
		            directory->takes_all ? " all" : "");
		for (size_t j = 0; j < directory->count; j++)
			text_printf(&text, " %s",
			            scan->strings.bytes + scan->names[directory->first + j]);
		text_add_char(&text, '\n');
	}
	return text_take(&text);
}

/* Every directory in which a component could be swapped, and the parents of these. */
static void the_directories_of_all_hops_are_looked_at(void **state)
{
	struct watch_scan scan;
	struct text expected = {0};
	struct fixture fixture = {0};
	char *paths[3], *seen;
	size_t count = 3;

	(void)state;
	fixture_open(&fixture, NEVER_MS);
	shell(&fixture,
	      CONFIGMAP "; mkdir -p a/b; mv etc a/b/real; ln -s $PWD/a/b/real etc; mkdir x");
	paths[0] = mem_printf("%s/x/y/z", fixture.root);
	paths[1] = mem_printf("%s/etc/main.conf", fixture.root);
	paths[2] = mem_printf("%s/data", fixture.root);
	watch_scan_sort(paths, &count);
	watch_scan_run(&scan, paths, count);
	expect(&expected, fixture.root, "", " data etc x");
	expect(&expected, fixture.root, "/a/b", " parent real");
	expect(&expected, fixture.root, "/a/b/real", " ..1 ..data main.conf");
	expect(&expected, fixture.root, "/a/b/real/..1", " main.conf");
	expect(&expected, fixture.root, "/data", " all");
	expect(&expected, fixture.root, "/x", " y");
	seen = list(&scan, fixture.root);
	assert_string_equal(seen, expected.bytes);
	watch_scan_clear(&scan);
	while (count > 0)
		free(paths[--count]);
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
	set_paths(&fixture, (const char *const[]){NULL});
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_is_told_once),
		cmocka_unit_test(each_way_is_found_by_the_sweep),
		cmocka_unit_test(what_does_not_concern_us_is_not_told),
		cmocka_unit_test(goes_on_watching),
		cmocka_unit_test(is_told_after_the_settle_time),
		cmocka_unit_test(a_file_that_is_never_quiet_is_told),
		cmocka_unit_test(a_change_during_the_load_is_told),
		cmocka_unit_test(a_change_before_it_is_watched_is_told),
		cmocka_unit_test(the_directories_of_all_hops_are_looked_at),
		cmocka_unit_test(what_is_not_set_any_more_is_not_told),
		cmocka_unit_test(without_descriptors_the_sweep_goes_on),
		cmocka_unit_test(closes_at_any_moment),
		cmocka_unit_test(looping_links_and_odd_paths_are_borne),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
