/* SPDX-License-Identifier: MIT */
/* The rounds of the loop. What a round has logged is written before the loop sleeps; and it is
 * watched how long the loop keeps everything waiting. libuv takes the time when it wakes up and
 * when a round begins, so what has passed since then, before it goes to sleep and after its events,
 * is what the callbacks took.
 *
 * A long pause is told at the debug level only, as nothing is lost by it; `make bench` reads it. */
#include "daemon/daemon_internal.h"

#include "log/log.h"

#define LONG_MS   50 /* SPEC §11 */
#define NS_PER_MS 1000000

static void tell(struct daemon *daemon)
{
	uint64_t now_ms = uv_hrtime() / NS_PER_MS;
	uint64_t then_ms = uv_now(&daemon->loop);

	uint64_t pause_ms = now_ms > then_ms ? now_ms - then_ms : 0;

	if (pause_ms > LONG_MS)
		log_debug("the loop paused for %llu ms", (unsigned long long)pause_ms);
	if (pause_ms > daemon->pace.longest_ms)
		daemon->pace.longest_ms = pause_ms;
}

static void on_prepare(uv_prepare_t *prepare)
{
	tell(prepare->data);
	(void)log_flush();
}

static void on_check(uv_check_t *check)
{
	tell(check->data);
}

void loop_monitor_open(struct daemon *daemon)
{
	struct loop_monitor *pace = &daemon->pace;

	(void)uv_prepare_init(&daemon->loop, &pace->before_sleep);
	(void)uv_check_init(&daemon->loop, &pace->after_events);
	pace->before_sleep.data = daemon;
	pace->after_events.data = daemon;
	(void)uv_prepare_start(&pace->before_sleep, on_prepare);
	(void)uv_check_start(&pace->after_events, on_check);
	log_gather(true);
}

void loop_monitor_close(struct daemon *daemon)
{
	log_gather(false);
	uv_close((uv_handle_t *)&daemon->pace.before_sleep, NULL);
	uv_close((uv_handle_t *)&daemon->pace.after_events, NULL);
}
