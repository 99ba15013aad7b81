/* SPDX-License-Identifier: MIT */
/* What a callback takes is a pause, what the loop sleeps is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "os/loop.h"
#include "support/log_fixture.h"

#define BUSY_MS 120

struct world {
	uv_loop_t loop;
	struct loop_monitor monitor;
	uv_timer_t timer;
	uv_async_t async;
	unsigned busy_ms; /* of the first call */
	bool is_event;    /* which is not the timer's, but what it sends */
	unsigned calls;
	int log_fd;      /* to read from; -1: none */
	bool is_written; /* what the first call logged, when the second comes */
};

static void on_async(uv_async_t *async)
{
	struct world *world = async->data;

	(void)usleep(world->busy_ms * 1000);
}

static void on_timer(uv_timer_t *timer)
{
	struct world *world = timer->data;

	if (++world->calls == 1) {
		if (world->is_event)
			(void)uv_async_send(&world->async);
		else
			(void)usleep(world->busy_ms * 1000);
		say(LOG_INFO, "gathered");
		(void)uv_timer_start(timer, on_timer, 1, 0);
	} else if (world->calls == 2) {
		world->is_written =
			world->log_fd >= 0 && strstr(drain(world->log_fd), "gathered\n") != NULL;
		(void)uv_timer_start(timer, on_timer, 1, 0);
	} else {
		loop_monitor_close(&world->monitor);
		uv_close((uv_handle_t *)timer, NULL);
		uv_close((uv_handle_t *)&world->async, NULL);
	}
}

static struct world measure(uint64_t sleep_ms, unsigned busy_ms, bool is_event, int log_fd)
{
	struct world world = {.busy_ms = busy_ms, .is_event = is_event, .log_fd = log_fd};
	struct fault fault = {0};

	assert_true(loop_open(&world.loop, &fault));
	loop_monitor_open(&world.monitor, &world.loop);
	(void)uv_timer_init(&world.loop, &world.timer);
	(void)uv_async_init(&world.loop, &world.async, on_async);
	world.timer.data = world.async.data = &world;
	(void)uv_timer_start(&world.timer, on_timer, sleep_ms, 0);
	loop_close(&world.loop);
	return world;
}

static void sleeping_is_no_pause(void **state)
{
	(void)state;
	assert_true(measure(BUSY_MS, 0, false, -1).monitor.longest_ms < BUSY_MS);
}

static void a_busy_callback_is_one(void **state)
{
	(void)state;
	assert_true(measure(1, BUSY_MS, false, -1).monitor.longest_ms >= BUSY_MS);
	assert_true(measure(1, BUSY_MS, true, -1).monitor.longest_ms >= BUSY_MS);
}

/* Lines are held back until the loop sleeps, while it is watched; each is written for all that. */
static void lines_are_gathered_between_sleeps(void **state)
{
	int fds[2];

	(void)state;
	open_pipe(fds, LOG_FORM_TEXT, LOG_DEBUG);
	assert_true(measure(1, BUSY_MS, false, fds[0]).is_written);
	say(LOG_INFO, "after");
	assert_string_equal(drain(fds[0]), "after\n");
	close_pipe(fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleeping_is_no_pause),
		cmocka_unit_test(a_busy_callback_is_one),
		cmocka_unit_test(lines_are_gathered_between_sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
