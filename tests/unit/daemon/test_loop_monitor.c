/* SPDX-License-Identifier: MIT */
/* What a callback takes is a pause, what the loop sleeps is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "daemon/loop_monitor.h"
#include "os/loop.h"

#define BUSY_MS 120

struct world {
	uv_loop_t loop;
	struct loop_monitor monitor;
	uv_timer_t timer;
	unsigned busy_ms; /* of the first call */
	unsigned calls;
};

static void on_timer(uv_timer_t *timer)
{
	struct world *world = timer->data;

	if (++world->calls == 1) {
		(void)usleep(world->busy_ms * 1000);
		(void)uv_timer_start(timer, on_timer, 1, 0);
	} else {
		loop_monitor_close(&world->monitor);
		uv_close((uv_handle_t *)timer, NULL);
	}
}

static uint64_t measure(uint64_t sleep_ms, unsigned busy_ms)
{
	struct world world = {.busy_ms = busy_ms};
	struct fault fault = {0};

	assert_true(loop_open(&world.loop, &fault));
	loop_monitor_open(&world.monitor, &world.loop);
	(void)uv_timer_init(&world.loop, &world.timer);
	world.timer.data = &world;
	(void)uv_timer_start(&world.timer, on_timer, sleep_ms, 0);
	loop_close(&world.loop);
	return world.monitor.longest_ms;
}

static void sleeping_is_no_pause(void **state)
{
	(void)state;
	assert_true(measure(BUSY_MS, 0) < BUSY_MS);
}

static void a_busy_callback_is_one(void **state)
{
	(void)state;
	assert_true(measure(1, BUSY_MS) >= BUSY_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleeping_is_no_pause),
		cmocka_unit_test(a_busy_callback_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
