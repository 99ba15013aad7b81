/* SPDX-License-Identifier: MIT */
/* Each way of saving is a line of shell; it has to be reported exactly once, and the same without
 * inotify, where only the rescan can find it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/watch_fixture.h"

struct way {
	const char *title;
	const char *before; /* NULL: the layout as it is */
	const char *save;
	const char *needs; /* a program; NULL: none */
};

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
	{.title = "a parent moved away",
         .before = "mkdir -p none/such; echo old >none/such/file",
         .save = "mv none gone"},
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
	{.title = "the times of directories",
         .before = "mkdir -p none/such; echo old >none/such/file",
         .save = "touch etc secret none none/such"},
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

/* A parent that must not be read cannot be watched. Root may read all: then another user watches.
 */
static void a_directory_reports_what_happens_to_it(void **state)
{
	static const struct {
		const char *line;
		bool is_end; /* which is no matter of what a scan finds */
	} cases[] = {{"mv etc gone", true}, {"rmdir none", true}, {"chmod 0 etc", false}};
	bool is_root = geteuid() == 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture fixture = {0};

		fixture_open(&fixture, NEVER_MS);
		shell(&fixture, "mkdir none; chmod -R go+rX .; chmod 311 .");
		assert_true(!is_root || seteuid(65534) == 0);
		set_paths(&fixture, layout);
		await_idle(&fixture);
		run_for(&fixture, 2 * SETTLE_MS);
		shell(&fixture, cases[i].line);
		uv_run(fixture.loop, UV_RUN_NOWAIT);
		assert_int_equal(watch_is_pending(fixture.watch), cases[i].is_end);
		await_changes(&fixture, 1);
		assert_int_equal(fixture.cause, WATCH_EVENT);
		assert_true(!is_root || seteuid(0) == 0);
		shell(&fixture, "chmod 700 . etc || true");
		fixture_close(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_is_told_once),
		cmocka_unit_test(each_way_is_found_by_the_sweep),
		cmocka_unit_test(what_does_not_concern_us_is_not_told),
		cmocka_unit_test(a_directory_reports_what_happens_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
