/* SPDX-License-Identifier: MIT */
/* The tree is of plain files in a directory of its own; each line of shell runs there. */
#include "support/watch_fixture.h"

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

#define PATHS_MAX 8

const char *const layout[] = {"etc/main.conf",
                              "etc/main.conf.d",
                              "etc/main.conf.d/10.conf",
                              "etc/include/part.conf",
                              "secret/key",
                              "none/such/file",
                              NULL};

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

void on_timer(uv_timer_t *timer)
{
	struct fixture *fixture = timer->data;

	fixture->is_over = true;
}

void shell(const struct fixture *fixture, const char *line)
{
	char *command =
		mem_printf("cd '%s' && { %s\n} </dev/null >/dev/null 2>log", fixture->root, line);
	int status = system(command);

	if (status != 0)
		print_error("%s: status %d, see %s/log\n", line, status, fixture->root);
	assert_int_equal(status, 0);
	free(command);
}

void set_paths(const struct fixture *fixture, const char *const *names)
{
	char *paths[PATHS_MAX] = {0};
	size_t count = 0;

	for (; names[count] != NULL; count++)
		paths[count] = mem_printf("%s/%s", fixture->root, names[count]);
	watch_set(fixture->watch, (const char *const *)paths);
	while (count > 0)
		free(paths[--count]);
}

void await_changes(struct fixture *fixture, unsigned changes)
{
	time_t end = time(NULL) + PATIENCE_S;

	uv_timer_start(&fixture->timer, on_timer, PATIENCE_S * 1000, 0);
	while (fixture->changes < changes && time(NULL) < end)
		uv_run(fixture->loop, UV_RUN_ONCE);
	uv_timer_stop(&fixture->timer);
	assert_int_equal(fixture->changes, changes);
}

void await_idle(struct fixture *fixture)
{
	while (fixture->loop->active_reqs.count > 0)
		uv_run(fixture->loop, UV_RUN_ONCE);
}

void run_for(struct fixture *fixture, uint64_t ms)
{
	fixture->is_over = false;
	uv_update_time(fixture->loop);
	uv_timer_start(&fixture->timer, on_timer, ms, 0);
	while (!fixture->is_over)
		uv_run(fixture->loop, UV_RUN_ONCE);
}

void fixture_start(struct fixture *fixture, uv_loop_t *loop, int64_t sweep_ms)
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

void fixture_stop(struct fixture *fixture)
{
	char *command = mem_printf("rm -rf '%s'", fixture->root);

	watch_close(fixture->watch);
	uv_close((uv_handle_t *)&fixture->timer, NULL);
	assert_int_equal(system(command), 0);
	free(command);
	free(fixture->root);
}

void fixture_open(struct fixture *fixture, int64_t sweep_ms)
{
	uv_loop_t *loop = &fixture->own;

	assert_int_equal(uv_loop_init(loop), 0);
	fixture_start(fixture, loop, sweep_ms);
}

void fixture_close(struct fixture *fixture)
{
	fixture_stop(fixture);
	uv_run(fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(fixture->loop), 0);
}
