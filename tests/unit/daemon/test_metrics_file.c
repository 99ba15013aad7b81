/* SPDX-License-Identifier: MIT */
/* The file is where the configuration says, with the newest text, soon and not too often; the one
 * before is removed; a failure is reported once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "daemon/metrics_file.h"
#include "os/loop.h"
#include "support/log_fixture.h"
#include "support/scratch.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PATIENCE_MS  10000

struct world {
	uv_loop_t loop;
	uv_timer_t patience;
	struct metrics_file file;
	unsigned encoded;
	uint64_t encoded_at[3]; /* ms of the loop's clock, by the number of the text */
	bool changes_meanwhile; /* when the text is made already, and not written */
	int log[2];
	char *directory;
};

static void encode(struct text *out, void *data)
{
	struct world *world = data;

	text_printf(out, "text %u\n", ++world->encoded);
	if (world->encoded < COUNT(world->encoded_at))
		world->encoded_at[world->encoded] = uv_now(&world->loop);
	if (world->changes_meanwhile)
		metrics_file_changed(&world->file);
	world->changes_meanwhile = false;
}

static void on_impatient(uv_timer_t *timer)
{
	(void)timer;
}

static int open_world(void **state)
{
	struct world *world = mem_new(struct world);
	struct fault fault = {0};

	world->directory = scratch_new();
	assert_int_equal(chdir(world->directory), 0);
	assert_true(loop_open(&world->loop, &fault));
	assert_int_equal(uv_timer_init(&world->loop, &world->patience), 0);
	metrics_file_open(&world->file, &world->loop, encode, world);
	open_pipe(world->log, LOG_FORM_TEXT, LOG_INFO);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	close_pipe(world->log);
	if (!world->file.is_closed)
		metrics_file_close(&world->file);
	uv_close((uv_handle_t *)&world->patience, NULL);
	loop_close(&world->loop);
	metrics_file_clear(&world->file);
	assert_int_equal(chdir("/"), 0);
	scratch_remove(world->directory);
	free(world);
	return 0;
}

/* Let the loop run until so many texts were written, or lost. */
static void await(struct world *world, unsigned encoded)
{
	assert_int_equal(uv_timer_start(&world->patience, on_impatient, PATIENCE_MS, 0), 0);
	while ((world->encoded < encoded || world->file.publisher.is_running) &&
	       uv_is_active((uv_handle_t *)&world->patience))
		(void)uv_run(&world->loop, UV_RUN_ONCE);
	assert_int_equal(uv_timer_stop(&world->patience), 0);
	assert_int_equal(world->encoded, encoded);
}

static void assert_file(const char *path, const char *expected)
{
	struct fault fault = {0};
	struct file_read file;

	if (expected == NULL) {
		assert_int_equal(access(path, F_OK), -1);
		return;
	}
	assert_true(file_read(&file, path, 1000, NULL, &fault));
	assert_string_equal(file.bytes, expected);
	assert_int_equal(file.status.st_mode & 0777, 0644);
	file_read_clear(&file);
}

static void what_changes_is_written_soon_and_seldom(void **state)
{
	struct world *world = *state;
	uint64_t start = uv_now(&world->loop);

	metrics_file_configure(&world->file, "metrics");
	metrics_file_changed(&world->file);
	await(world, 1);
	assert_true(world->encoded_at[1] - start >= 200);
	assert_file("metrics", "text 1\n");
	metrics_file_changed(&world->file);
	metrics_file_changed(&world->file);
	await(world, 2);
	assert_true(world->encoded_at[2] - world->encoded_at[1] >= 2000);
	assert_file("metrics", "text 2\n");
	/* The same path is no change, and nothing runs without one. */
	metrics_file_configure(&world->file, "metrics");
	assert_false(uv_is_active((uv_handle_t *)&world->file.due));
}

static void a_change_during_a_write_is_written_after_it(void **state)
{
	struct world *world = *state;

	world->changes_meanwhile = true;
	metrics_file_configure(&world->file, "metrics");
	await(world, 2);
	assert_file("metrics", "text 2\n");
}

static void another_path_replaces_the_file(void **state)
{
	struct world *world = *state;
	char *absolute = mem_printf("%s/below/second", world->directory);

	assert_int_equal(mkdir("below", 0755), 0);
	metrics_file_configure(&world->file, "first");
	metrics_file_write_now(&world->file);
	assert_file("first", "text 1\n");
	metrics_file_configure(&world->file, absolute);
	await(world, 2);
	assert_file("first", NULL);
	assert_file("below/second", "text 2\n");
	/* None: the file goes, and nothing is encoded for it. */
	metrics_file_configure(&world->file, NULL);
	metrics_file_write_now(&world->file);
	assert_int_equal(world->encoded, 2);
	assert_file("below/second", NULL);
	metrics_file_changed(&world->file);
	assert_false(uv_is_active((uv_handle_t *)&world->file.due));
	free(absolute);
}

static void a_failure_is_reported_once(void **state)
{
	struct world *world = *state;

	metrics_file_configure(&world->file, "missing/metrics");
	metrics_file_write_now(&world->file);
	assert_string_equal(
		drain(world->log[0]),
		"warning: cannot open 'missing': No such file or directory; the metrics "
		"are not written, everything else continues (under systemd the unit "
		"needs ReadWritePaths= for the directory)\n");
	metrics_file_write_now(&world->file);
	assert_string_equal(drain(world->log[0]), "");
	/* Another path is another failure. */
	metrics_file_configure(&world->file, "absent/metrics");
	metrics_file_write_now(&world->file);
	assert_non_null(strstr(drain(world->log[0]), "cannot open 'absent'"));
	assert_int_equal(mkdir("absent", 0755), 0);
	metrics_file_write_now(&world->file);
	assert_string_equal(drain(world->log[0]), "the metrics are written again\n");
	assert_file("absent/metrics", "text 4\n");
}

static void nothing_is_written_after_the_close(void **state)
{
	struct world *world = *state;

	metrics_file_configure(&world->file, "metrics");
	metrics_file_close(&world->file);
	metrics_file_changed(&world->file);
	(void)uv_run(&world->loop, UV_RUN_DEFAULT);
	assert_int_equal(world->encoded, 0);
	metrics_file_write_now(&world->file);
	assert_file("metrics", "text 1\n");
}

/* When the loop is awake anyway, a minute without change is enough. */
static void it_is_kept_fresh(void **state)
{
	struct world *world = *state;

	metrics_file_configure(&world->file, "metrics");
	metrics_file_write_now(&world->file);
	(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_int_equal(world->encoded, 1);
	assert_true(uv_now(&world->loop) > 1);
	world->file.last_ms -= 60000;
	(void)uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_true(world->file.publisher.is_running);
	await(world, 2);
	assert_file("metrics", "text 2\n");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_changes_is_written_soon_and_seldom),
		TEST(a_change_during_a_write_is_written_after_it),
		TEST(another_path_replaces_the_file),
		TEST(a_failure_is_reported_once),
		TEST(nothing_is_written_after_the_close),
		TEST(it_is_kept_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
