/* SPDX-License-Identifier: MIT */
/* libcurl says which sockets and which time-out it waits for (on_want_socket, on_want_timer); the
 * loop says when they are due (on_poll, on_timer, on_idle), which gives libcurl a turn; after each
 * turn the transfers that ended are read, all of them, and handed up. What is added meanwhile waits
 * until the loop has no more events: requests that go out one after the other, and not each between
 * two answers, run faster, as the code for sending stays in the processor's cache.
 *
 * A socket that libcurl opened through us stays known until libcurl closes it through us. So a
 * connection that goes idle between two requests keeps its watcher and its place in epoll: no
 * system call on the way from one request to the next. An event for an idle one (the server closed
 * it) only switches the watcher off; libcurl notices by itself before it uses the connection
 * again. Other sockets (the resolver's) are forgotten as soon as libcurl says so, because their
 * numbers may be closed and used again without a word. */
#include "http/http_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

struct http_socket {
	LIST_ENTRY(http_socket) link; /* http_multi::sockets */
	struct http_multi *multi;
	uv_poll_t poll;
	curl_socket_t fd;
	bool opened;     /* by on_open_socket, so on_close_socket will come */
	bool connecting; /* opened, and nothing has happened on it yet */
	bool started;    /* the watcher is initialised */
	int wanted;      /* UV_READABLE, UV_WRITABLE; 0: idle */
	int armed;       /* what the watcher was started with */
};

/* When libcurl (7.88) gives up one address of a name for the next it does not say that it waits for
 * another socket, and would wait for ever. While something connects, all get a turn this often. The
 * call for it is deprecated because it costs much with many transfers; we have a few. */
#define CONNECTING_TURN_MS 200

struct http_multi {
	CURLM *curl;
	uv_timer_t timer;
	uv_idle_t idle;        /* for what is due at once */
	uv_timer_t connecting; /* runs while something connects */
	LIST_HEAD(, http_socket) sockets;
	CURL **waiting; /* owned: added, and not given to libcurl yet */
	size_t waiting_count;
	size_t waiting_capacity;
	size_t handles;   /* of libuv, not closed yet */
	int socket_errno; /* of the last socket(); libcurl keeps it to itself */
	const char *broken;
	const struct http_multi_events *events;
	void *data;
};

static void forget_handle(struct http_multi *multi)
{
	const struct http_multi_events *events = multi->events;
	void *data = multi->data;

	if (--multi->handles > 0)
		return;
	free(multi->waiting);
	free(multi);
	events->on_closed(data);
}

static void on_socket_closed(uv_handle_t *handle)
{
	struct http_socket *socket = handle->data;
	struct http_multi *multi = socket->multi;

	free(socket);
	forget_handle(multi);
}

static void on_handle_closed(uv_handle_t *handle)
{
	forget_handle(handle->data);
}

static struct http_socket *find(const struct http_multi *multi, curl_socket_t fd)
{
	struct http_socket *socket;

	LIST_FOREACH(socket, &multi->sockets, link)
	{
		if (socket->fd == fd)
			break;
	}
	return socket;
}

static struct http_socket *add(struct http_multi *multi, curl_socket_t fd)
{
	struct http_socket *socket = mem_new(struct http_socket);

	socket->multi = multi;
	socket->fd = fd;
	LIST_INSERT_HEAD(&multi->sockets, socket, link);
	return socket;
}

/* uv_close() takes the descriptor out of epoll at once, so its number may be used again before
 * the close callback runs. */
static void drop(struct http_socket *socket)
{
	LIST_REMOVE(socket, link);
	socket->wanted = 0;
	if (socket->started)
		uv_close((uv_handle_t *)&socket->poll, on_socket_closed);
	else
		free(socket);
}

/* libcurl had a turn: hand up what ended. */
static void finish_turn(struct http_multi *multi, CURLMcode code)
{
	CURLMsg *message;
	int queued;

	if (code != CURLM_OK)
		multi->broken = curl_multi_strerror(code);
	while ((message = curl_multi_info_read(multi->curl, &queued)) != NULL) {
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		/* The message dies with this call. */
		(void)curl_multi_remove_handle(multi->curl, easy);
		multi->events->on_done(easy, result, multi->socket_errno, multi->data);
	}
}

static void act(struct http_multi *multi, curl_socket_t fd, int mask)
{
	int running;

	finish_turn(multi, curl_multi_socket_action(multi->curl, fd, mask, &running));
}

/* Make sure that libcurl finds an idle connection dead that was reset: its own look at it (as of
 * 7.88) takes a reset that is pending for a sign of life, and the next request would fail. */
static void bury(curl_socket_t fd)
{
	int error;
	socklen_t length = sizeof(error);

	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	(void)shutdown(fd, SHUT_RDWR);
}

static bool arm(struct http_socket *socket);

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct http_socket *socket = poll->data;
	struct http_multi *multi = socket->multi;
	int mask = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
	           (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);

	socket->connecting = false;
	/* libuv stops at EPOLLERR and does not say more. Not CURL_CSELECT_ERR alone: libcurl would
	 * then throw away an answer that arrived together with the reset. */
	if (status < 0)
		mask = CURL_CSELECT_IN | CURL_CSELECT_OUT;
	if (status < 0 || socket->wanted == 0) {
		(void)uv_poll_stop(poll);
		socket->armed = 0;
	}
	if (socket->wanted != 0)
		act(multi, socket->fd, mask);
	if (uv_is_closing((uv_handle_t *)poll))
		status = 0;
	else if (!arm(socket))
		multi->broken = "a socket cannot be watched";
	if (status < 0 && socket->wanted == 0)
		bury(socket->fd);
	multi->events->on_turn(multi->broken, multi->data);
}

static bool arm(struct http_socket *socket)
{
	if (socket->wanted == 0 || socket->wanted == socket->armed)
		return true;
	if (!socket->started) {
		if (uv_poll_init_socket(socket->multi->timer.loop, &socket->poll, socket->fd) != 0)
			return false;
		socket->poll.data = socket;
		socket->started = true;
		socket->multi->handles++;
	}
	if (uv_poll_start(&socket->poll, socket->wanted, on_poll) != 0)
		return false;
	socket->armed = socket->wanted;
	return true;
}

static void start_waiting(struct http_multi *multi)
{
	for (size_t i = 0; i < multi->waiting_count; i++) {
		CURL *easy = multi->waiting[i];
		CURLMcode code = curl_multi_add_handle(multi->curl, easy);

		if (code != CURLM_OK)
			multi->events->on_refused(easy, curl_multi_strerror(code), multi->data);
	}
	multi->waiting_count = 0;
}

static void wake(struct http_multi *multi)
{
	(void)uv_idle_stop(&multi->idle);
	if (multi->broken == NULL) {
		start_waiting(multi);
		act(multi, CURL_SOCKET_TIMEOUT, 0);
	}
	multi->events->on_turn(multi->broken, multi->data);
}

static bool is_connecting(const struct http_multi *multi)
{
	const struct http_socket *socket;

	LIST_FOREACH(socket, &multi->sockets, link)
	{
		if (socket->connecting)
			return true;
	}
	return false;
}

/* A turn for every transfer, with a look at the sockets that each waits for. */
static void on_connecting(uv_timer_t *timer)
{
	struct http_multi *multi = timer->data;
	CURLMcode code;
	int running;

	if (multi->broken != NULL || !is_connecting(multi)) {
		(void)uv_timer_stop(timer);
		return;
	}
	CURL_IGNORE_DEPRECATION(code = curl_multi_socket_all(multi->curl, &running);)
	finish_turn(multi, code);
	multi->events->on_turn(multi->broken, multi->data);
}

static void on_timer(uv_timer_t *timer)
{
	wake(timer->data);
}

static void on_idle(uv_idle_t *idle)
{
	wake(idle->data);
}

/* What is due at once is no timer: libuv (before 1.45) runs a timer that is started with 0 by a
 * timer's callback in the same pass, and as long as the server is fast nothing else would run. */
static int on_want_timer(CURLM *curl, long timeout_ms, void *data)
{
	struct http_multi *multi = data;

	(void)curl;
	if (multi->broken != NULL)
		return 0;
	(void)uv_timer_stop(&multi->timer);
	(void)(timeout_ms == 0 || multi->waiting_count > 0 ? uv_idle_start(&multi->idle, on_idle)
	                                                   : uv_idle_stop(&multi->idle));
	if (timeout_ms <= 0)
		return 0;
	/* The loop's idea of the time is as old as the turn; what ran in it would be taken off. */
	uv_update_time(multi->timer.loop);
	return uv_timer_start(&multi->timer, on_timer, (uint64_t)timeout_ms, 0);
}

static int on_want_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *unused)
{
	struct http_multi *multi = data;
	struct http_socket *socket = find(multi, fd);

	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE) {
		if (socket != NULL && !socket->opened)
			drop(socket);
		else if (socket != NULL)
			socket->wanted = 0;
		return 0;
	}
	if (socket == NULL)
		socket = add(multi, fd);
	socket->wanted =
		(what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
	/* -1 here would end every transfer from inside libcurl: a turn of our own does it. */
	if (!arm(socket) && multi->broken == NULL) {
		(void)uv_idle_start(&multi->idle, on_idle);
		multi->broken = "a socket cannot be watched";
	}
	return 0;
}

static curl_socket_t on_open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_multi *multi = data;
	struct http_socket *stale, *added;
	curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	                          address->protocol);

	(void)purpose;
	multi->socket_errno = fd == CURL_SOCKET_BAD ? errno : 0;
	if (fd == CURL_SOCKET_BAD)
		return CURL_SOCKET_BAD;
	stale = find(multi, fd);
	if (stale != NULL)
		drop(stale);
	added = add(multi, fd);
	added->opened = added->connecting = true;
	if (!uv_is_active((uv_handle_t *)&multi->connecting))
		(void)uv_timer_start(&multi->connecting, on_connecting, CONNECTING_TURN_MS,
		                     CONNECTING_TURN_MS);
	return fd;
}

/* A watched descriptor must not be closed before its watcher, or libuv aborts. */
static int on_close_socket(void *data, curl_socket_t fd)
{
	struct http_multi *multi = data;
	struct http_socket *socket = find(multi, fd);

	if (socket != NULL)
		drop(socket);
	return close(fd);
}

struct http_multi *http_multi_open(uv_loop_t *loop, int64_t connections,
                                   const struct http_multi_events *events, void *data)
{
	CURLM *curl = curl_multi_init();
	struct http_multi *multi;

	if (curl == NULL)
		return NULL;
	multi = mem_new(struct http_multi);
	multi->curl = curl;
	multi->events = events;
	multi->data = data;
	LIST_INIT(&multi->sockets);
	(void)uv_timer_init(loop, &multi->timer);
	(void)uv_idle_init(loop, &multi->idle);
	multi->timer.data = multi;
	(void)uv_timer_init(loop, &multi->connecting);
	multi->idle.data = multi;
	multi->connecting.data = multi;
	multi->handles = 3;
	(void)curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, on_want_socket);
	(void)curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, multi);
	(void)curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, on_want_timer);
	(void)curl_multi_setopt(curl, CURLMOPT_TIMERDATA, multi);
	(void)curl_multi_setopt(curl, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)connections);
	(void)curl_multi_setopt(curl, CURLMOPT_MAXCONNECTS, (long)connections);
	return multi;
}

void http_multi_adopt(struct http_multi *multi, CURL *easy)
{
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, multi);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, multi);
}

void http_multi_add(struct http_multi *multi, CURL *easy)
{
	multi->waiting = mem_grow(multi->waiting, &multi->waiting_capacity,
	                          multi->waiting_count + 1, sizeof(CURL *));
	multi->waiting[multi->waiting_count++] = easy;
	(void)uv_idle_start(&multi->idle, on_idle);
}

bool http_multi_remove(struct http_multi *multi, CURL *easy)
{
	for (size_t i = 0; i < multi->waiting_count; i++) {
		if (multi->waiting[i] == easy) {
			multi->waiting[i] = multi->waiting[--multi->waiting_count];
			return false;
		}
	}
	(void)curl_multi_remove_handle(multi->curl, easy);
	return true;
}

/* libcurl may still ask for sockets while it closes connections: the watchers go last. */
void http_multi_close(struct http_multi *multi)
{
	CURLMcode code = curl_multi_cleanup(multi->curl);
	struct http_socket *socket;

	assert(code == CURLM_OK);
	(void)code;
	while ((socket = LIST_FIRST(&multi->sockets)) != NULL)
		drop(socket);
	uv_close((uv_handle_t *)&multi->timer, on_handle_closed);
	uv_close((uv_handle_t *)&multi->idle, on_handle_closed);
	uv_close((uv_handle_t *)&multi->connecting, on_handle_closed);
}
