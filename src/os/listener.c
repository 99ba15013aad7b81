/* SPDX-License-Identifier: MIT */
/* Not uv_listen(3): where no descriptor is left, libuv asks accept(2) again and again and never
 * returns to the loop, so that not even SIGTERM is noticed. Here a spare descriptor serves to
 * accept who cannot be served, and to hang up; where even that cannot be had, who connects waits in
 * the kernel's queue, and is accepted when there are descriptors again. */
#include "os/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define BACKLOG  64
#define PAUSE_MS 1000 /* until accept(2) is tried again */
#define HANDLES  2

struct listener {
	uv_poll_t poll;
	uv_timer_t pause;
	unsigned handles; /* not closed yet */
	int fd;
	int spare;       /* -1: none */
	char *path;      /* owned: of the socket that is there; NULL: none is */
	bool is_failing; /* reported, and nobody was accepted since */
	listener_accepted_fn *accepted;
	listener_failed_fn *failed;
	void *data;
};

static void on_connection(uv_poll_t *poll, int status, int events);

static void on_paused(uv_timer_t *pause)
{
	struct listener *listener = pause->data;

	(void)uv_poll_start(&listener->poll, UV_READABLE, on_connection);
}

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int accept_client(const struct listener *listener)
{
	return accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* Who would otherwise wait for an answer is hung up on. */
static bool turn_away(struct listener *listener)
{
	int fd;

	if (listener->spare < 0)
		return false;
	(void)close(listener->spare);
	fd = accept_client(listener);
	if (fd >= 0)
		(void)close(fd);
	listener->spare = open_spare();
	return fd >= 0;
}

static void report_failure(struct listener *listener, int error)
{
	char *sentence;

	if (listener->is_failing)
		return;
	listener->is_failing = true;
	sentence = mem_printf("cannot accept clients at '%s': %s; until it can, they wait or are "
	                      "disconnected",
	                      listener->path, strerror(error));
	listener->failed(sentence, listener->data);
	free(sentence);
}

/* What waits in the queue would wake us at once, so the next try comes later. */
static void pause_accepting(struct listener *listener)
{
	(void)uv_poll_stop(&listener->poll);
	(void)uv_timer_start(&listener->pause, on_paused, PAUSE_MS, 0);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;
	int fd = accept_client(listener);
	int error = errno;

	(void)status;
	(void)events;
	if (fd >= 0) {
		listener->is_failing = false;
		if (listener->spare < 0)
			listener->spare = open_spare();
		listener->accepted(fd, listener->data);
	} else if (error != EAGAIN && error != EINTR && error != ECONNABORTED) {
		if (!turn_away(listener))
			pause_accepting(listener);
		report_failure(listener, error);
	}
}

static bool remove_stale(const char *path, struct fault *fault)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return errno == ENOENT ||
		       fault_set(fault, "cannot listen at '%s': %s", path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return fault_set(fault, "'%s' is in the way: it is no socket", path);
	if (unlink(path) != 0)
		return fault_set(fault, "cannot remove '%s': %s", path, strerror(errno));
	return true;
}

/* False with a fault. */
static bool open_socket(struct listener *listener, const char *path, struct fault *fault)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t max = sizeof(address.sun_path) - 1;

	if (strlen(path) > max)
		return fault_set(fault,
		                 "the path of the control socket, '%s', is longer than %zu bytes",
		                 path, max);
	if (!remove_stale(path, fault))
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 ||
	    bind(listener->fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return fault_set(fault, "cannot listen at '%s': %s", path, strerror(errno));
	listener->path = mem_dup(path);
	if (listen(listener->fd, BACKLOG) != 0)
		return fault_set(fault, "cannot listen at '%s': %s", path, strerror(errno));
	/* The umask of a service lets nobody else connect. */
	if (chmod(path, 0666) != 0)
		return fault_set(fault, "cannot set the mode of '%s': %s", path, strerror(errno));
	return true;
}

static void close_socket(struct listener *listener)
{
	if (listener->fd >= 0)
		(void)close(listener->fd);
	if (listener->spare >= 0)
		(void)close(listener->spare);
	if (listener->path != NULL)
		(void)unlink(listener->path);
	free(listener->path);
}

struct listener *listener_open(uv_loop_t *loop, const char *path, listener_accepted_fn *accepted,
                               listener_failed_fn *failed, void *data, struct fault *fault)
{
	struct listener *listener = mem_new(struct listener);

	listener->fd = -1;
	listener->spare = open_spare();
	listener->accepted = accepted;
	listener->failed = failed;
	listener->data = data;
	if (!open_socket(listener, path, fault)) {
		close_socket(listener);
		free(listener);
		return NULL;
	}
	(void)uv_poll_init(loop, &listener->poll, listener->fd);
	(void)uv_timer_init(loop, &listener->pause);
	listener->poll.data = listener;
	listener->pause.data = listener;
	listener->handles = HANDLES;
	on_paused(&listener->pause);
	return listener;
}

static void on_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	if (--listener->handles == 0)
		free(listener);
}

void listener_close(struct listener *listener)
{
	uv_close((uv_handle_t *)&listener->poll, on_closed);
	uv_close((uv_handle_t *)&listener->pause, on_closed);
	close_socket(listener);
}
