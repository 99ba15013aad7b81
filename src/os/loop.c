/* SPDX-License-Identifier: MIT */
/* Where descriptors are short, uv_loop_init(3) aborts in the first loop of a process (the pipe for
 * signals), and later leaves a loop behind that crashes in the first call that uses it. So it is
 * called only when there are as many as it needs, and its result counts. The same goes for the
 * threads of its pool, which abort where they cannot be started.
 *
 * libuv takes the time when it wakes up and when an iteration begins, so that what has passed since
 * then, before it goes to sleep and after its events, is what the callbacks took. What an iteration
 * has logged is written before the loop sleeps. A pause is logged at the debug level only, as
 * nothing is lost by it. `make bench` reads what is logged, and holds it to the 50 ms of SPEC §11.
 */
#include "os/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

#include "log/log.h"

#define THREADS 4 /* of the pool, by default */
#define LONG_MS 5
#define PIPES   3 /* two of signals, and one for the descriptors of epoll and of wake-ups */

/* 0, or the negative errno of what cannot be had, as libuv spells it. */
static int probe_descriptors(void)
{
	int pipes[PIPES][2];
	int error = 0;
	size_t count = 0;

	while (count < PIPES && error == 0) {
		if (pipe2(pipes[count], O_CLOEXEC) == 0)
			count++;
		else
			error = -errno;
	}
	while (count-- > 0) {
		(void)close(pipes[count][0]);
		(void)close(pipes[count][1]);
	}
	return error;
}

static void *wait_for_lock(void *lock)
{
	(void)pthread_mutex_lock(lock);
	(void)pthread_mutex_unlock(lock);
	return NULL;
}

/* All at once, as the pool has them. */
static int probe_threads(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t threads[THREADS];
	size_t count = 0;
	int error = 0;

	(void)pthread_mutex_lock(&lock);
	while (count < THREADS && error == 0) {
		error = pthread_create(&threads[count], NULL, wait_for_lock, &lock);
		count += error == 0;
	}
	(void)pthread_mutex_unlock(&lock);
	while (count-- > 0)
		(void)pthread_join(threads[count], NULL);
	(void)pthread_mutex_destroy(&lock);
	return -error;
}

bool loop_open(uv_loop_t *loop, struct fault *fault)
{
	int error = probe_descriptors();

	if (error == 0)
		error = probe_threads();
	if (error == 0)
		error = uv_loop_init(loop);
	if (error != 0)
		return fault_set(fault, "cannot start the event loop: %s", uv_strerror(error));
	return true;
}

void loop_close(uv_loop_t *loop)
{
	bool is_closed;

	(void)uv_run(loop, UV_RUN_DEFAULT);
	/* Every handle's leak test, in production too. */
	is_closed = uv_loop_close(loop) == 0;
	assert(is_closed);
	(void)is_closed;
}

static void measure(struct loop_monitor *monitor, uint64_t then_ms)
{
	uint64_t now_ms = uv_hrtime() / 1000000;
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
