/* SPDX-License-Identifier: MIT */
/* Where descriptors are short, uv_loop_init(3) aborts in the first loop of a process (the pipe for
 * signals), and later leaves a loop behind that crashes in the first call that uses it. So it is
 * called only when there are as many as it needs, and its result counts. The same goes for the
 * threads of its pool, which abort where they cannot be started. */
#include "os/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define THREADS 4 /* of the pool, by default */
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
