/* SPDX-License-Identifier: MIT */
/* libuv takes the time when it wakes up and when an iteration begins, so that what has passed since
 * then, before it goes to sleep and after its events, is what the callbacks took. What an iteration
 * has logged is written before the loop sleeps.
 *
 * A pause is logged at the debug level only, as nothing is lost by it. `make bench` reads what is
 * logged, and holds it to the 50 ms of SPEC §11.
 */
#include "daemon/loop_monitor.h"

#include <inttypes.h>

#include "log/log.h"

#define LONG_MS   5
#define NS_PER_MS 1000000

static void measure(struct loop_monitor *monitor, uint64_t then_ms)
{
	uint64_t now_ms = uv_hrtime() / NS_PER_MS;
	uint64_t pause_ms = now_ms > then_ms ? now_ms - then_ms : 0;

	if (pause_ms > LONG_MS)
		log_debug("the loop paused for %" PRIu64 " ms", pause_ms);
	if (pause_ms > monitor->longest_ms)
		monitor->longest_ms = pause_ms;
}

static void on_prepare(uv_prepare_t *prepare)
{
	measure(prepare->data, uv_now(prepare->loop));
	(void)log_flush();
}

static void on_check(uv_check_t *check)
{
	measure(check->data, uv_now(check->loop));
}

void loop_monitor_open(struct loop_monitor *monitor, uv_loop_t *loop)
{
	(void)uv_prepare_init(loop, &monitor->before_sleep);
	(void)uv_check_init(loop, &monitor->after_events);
	monitor->before_sleep.data = monitor;
	monitor->after_events.data = monitor;
	(void)uv_prepare_start(&monitor->before_sleep, on_prepare);
	(void)uv_check_start(&monitor->after_events, on_check);
	log_gather(true);
}

void loop_monitor_close(struct loop_monitor *monitor)
{
	log_gather(false);
	uv_close((uv_handle_t *)&monitor->before_sleep, NULL);
	uv_close((uv_handle_t *)&monitor->after_events, NULL);
}
