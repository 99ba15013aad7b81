/* SPDX-License-Identifier: MIT */
/* One connection after the other, which is all that a command makes. */
#include "support/control_server.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES 70000

struct control_server {
	char directory[64];
	char path[80];
	int listener;
	int wake[2]; /* closed on one side: stop */
	pthread_t thread;
	const struct control_server_reply *replies;
	size_t count;
	pthread_mutex_t lock;
	char *requests[CONTROL_SERVER_REQUESTS];
	size_t request_count;
	int is_killed;
};

static void keep(struct control_server *server, const char *line)
{
	(void)pthread_mutex_lock(&server->lock);
	if (server->request_count < CONTROL_SERVER_REQUESTS)
		server->requests[server->request_count++] = strdup(line);
	(void)pthread_mutex_unlock(&server->lock);
}

static void send_reply(int fd, const struct control_server_reply *reply)
{
	size_t length = reply->line != NULL ? strlen(reply->line) : 0;
	size_t piece = reply->piece > 0 ? reply->piece : length;

	(void)poll(NULL, 0, reply->delay_ms);
	if (reply->line == NULL)
		return;
	for (size_t sent = 0; sent < length; sent += piece) {
		size_t size = length - sent < piece ? length - sent : piece;

		(void)send(fd, reply->line + sent, size, MSG_NOSIGNAL);
		if (reply->piece > 0)
			(void)poll(NULL, 0, 1);
	}
	(void)send(fd, "\n", 1, MSG_NOSIGNAL);
}

/* As the kernel closes the sockets of a process that was killed: the listening one may be last. */
#define CLOSES_LATER_MS 60

static bool is_end(const struct control_server_reply *reply)
{
	return reply->line == NULL && !reply->hangs_up;
}

static void serve(struct control_server *server, int fd, const struct control_server_reply *reply)
{
	static char line[LINE_MAX_BYTES];
	size_t length = 0;
	ssize_t count;

	while (length + 1 < sizeof(line) && (length == 0 || line[length - 1] != '\n')) {
		count = recv(fd, line + length, sizeof(line) - 1 - length, 0);
		if (count <= 0)
			break;
		length += (size_t)count;
	}
	line[length] = '\0';
	keep(server, line);
	send_reply(fd, reply);
	(void)close(fd);
	if (!is_end(reply))
		return;
	(void)poll(NULL, 0, CLOSES_LATER_MS);
	(void)shutdown(server->listener, SHUT_RDWR);
}

static void *run(void *data)
{
	struct control_server *server = data;
	size_t index = 0;

	for (;;) {
		struct pollfd pollers[] = {{.fd = server->listener, .events = POLLIN},
		                           {.fd = server->wake[0], .events = POLLIN}};

		if (poll(pollers, 2, -1) < 0 || pollers[1].revents != 0)
			return NULL;
		serve(server, accept(server->listener, NULL, NULL), &server->replies[index]);
		if (is_end(&server->replies[index]))
			return NULL;
		index += index + 1 < server->count;
	}
}

struct control_server *control_server_start(const struct control_server_reply *replies,
                                            size_t count)
{
	struct control_server *server = calloc(1, sizeof(*server));
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int result;

	assert(server != NULL);
	server->replies = replies;
	server->count = count;
	(void)snprintf(server->directory, sizeof(server->directory), "/tmp/dfmode-control.XXXXXX");
	assert(mkdtemp(server->directory) != NULL);
	(void)snprintf(server->path, sizeof(server->path), "%s/control", server->directory);
	memcpy(address.sun_path, server->path, sizeof(server->path));
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	result = bind(server->listener, (const struct sockaddr *)&address, sizeof(address));
	assert(result == 0 && listen(server->listener, 16) == 0 && pipe(server->wake) == 0);
	(void)pthread_mutex_init(&server->lock, NULL);
	result = pthread_create(&server->thread, NULL, run, server);
	assert(result == 0);
	(void)result;
	return server;
}

const char *control_server_directory(const struct control_server *server)
{
	return server->directory;
}

void control_server_kill(struct control_server *server)
{
	if (server->is_killed)
		return;
	server->is_killed = 1;
	(void)close(server->wake[1]);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->wake[0]);
	(void)close(server->listener);
}

const char *control_server_request(struct control_server *server, size_t index)
{
	const char *line;

	(void)pthread_mutex_lock(&server->lock);
	line = index < server->request_count ? server->requests[index] : "";
	(void)pthread_mutex_unlock(&server->lock);
	return line;
}

void control_server_stop(struct control_server *server)
{
	control_server_kill(server);
	(void)unlink(server->path);
	(void)rmdir(server->directory);
	for (size_t i = 0; i < server->request_count; i++)
		free(server->requests[i]);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}
