/* SPDX-License-Identifier: MIT */
/* One thread accepts, and one for each connection reads requests and replies. A pipe that is closed
 * at the stop wakes whoever waits; all threads are joined. */
#include "support/http_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 512
#define MAX_REQUESTS    4096
#define MAX_REQUEST     (2 * 1024 * 1024)

struct http_server {
	const struct http_server_reply *replies;
	size_t reply_count;
	int listener, port;
	int stop[2];
	pthread_t acceptor;
	pthread_t threads[MAX_CONNECTIONS];
	size_t connections;
	pthread_mutex_t lock;
	pthread_cond_t news;
	char *requests[MAX_REQUESTS];
	size_t request_count; /* read whole */
	size_t closed;
};

struct connection {
	struct http_server *server;
	int fd;
};

/* False when the server is to stop. */
static bool await_input(const struct http_server *server, int fd)
{
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
	                       {.fd = server->stop[0], .events = POLLIN}};

	(void)poll(fds, 2, -1);
	return fds[1].revents == 0;
}

static size_t body_length(const char *head)
{
	const char *header = strcasestr(head, "\r\nContent-Length:");

	return header != NULL ? strtoul(header + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

static bool is_whole(const char *bytes, size_t length)
{
	const char *end = strstr(bytes, "\r\n\r\n");

	return end != NULL && length >= (size_t)(end - bytes) + 4 + body_length(bytes);
}

static char *read_request(const struct http_server *server, int fd)
{
	char *bytes = calloc(1, MAX_REQUEST + 1), *request;
	size_t length = 0;

	while (!is_whole(bytes, length)) {
		ssize_t got = 0;

		if (await_input(server, fd))
			got = read(fd, bytes + length, MAX_REQUEST - length);
		if (got <= 0) {
			free(bytes);
			return NULL;
		}
		length += (size_t)got;
	}
	/* Not realloc(): what it cuts off a mapping leaves holes, until 32 bits have no room. */
	request = malloc(length + 1);
	memcpy(request, bytes, length + 1);
	free(bytes);
	return request;
}

static const struct http_server_reply *record(struct http_server *server, char *request)
{
	size_t n;

	pthread_mutex_lock(&server->lock);
	n = server->request_count++;
	assert(n < MAX_REQUESTS);
	server->requests[n] = request;
	pthread_cond_broadcast(&server->news);
	pthread_mutex_unlock(&server->lock);
	return &server->replies[n < server->reply_count ? n : server->reply_count - 1];
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
	}
}

static void write_reply(int fd, const struct http_server_reply *reply)
{
	size_t length = strlen(reply->bytes);
	char *all = malloc(length + reply->padding + 1);

	memcpy(all, reply->bytes, length);
	memset(all + length, 'x', reply->padding);
	length += reply->padding;
	for (size_t i = 0; reply->dripping && i < length; i++) {
		write_all(fd, all + i, 1);
		(void)usleep(100);
	}
	if (!reply->dripping)
		write_all(fd, all, length);
	free(all);
}

static void reset(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static bool serve_one(struct http_server *server, int fd)
{
	char *request = read_request(server, fd);
	const struct http_server_reply *reply;

	if (request == NULL)
		return false;
	reply = record(server, request);
	if (reply->deaf)
		(void)shutdown(server->listener, SHUT_RDWR);
	write_reply(fd, reply);
	if (reply->then == HTTP_SERVER_RESET)
		reset(fd);
	if (reply->then == HTTP_SERVER_STALL)
		(void)await_input(server, fd);
	return reply->then == HTTP_SERVER_KEEP;
}

static void *serve(void *data)
{
	struct connection *connection = data;
	int one = 1;

	(void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (serve_one(connection->server, connection->fd))
		continue;
	(void)close(connection->fd);
	pthread_mutex_lock(&connection->server->lock);
	connection->server->closed++;
	pthread_cond_broadcast(&connection->server->news);
	pthread_mutex_unlock(&connection->server->lock);
	free(connection);
	return NULL;
}

static void *accept_all(void *data)
{
	struct http_server *server = data;

	while (await_input(server, server->listener)) {
		int fd = accept(server->listener, NULL, NULL);
		struct connection *connection;

		if (fd < 0)
			break;
		connection = malloc(sizeof(*connection));
		*connection = (struct connection){.server = server, .fd = fd};
		pthread_mutex_lock(&server->lock);
		assert(server->connections < MAX_CONNECTIONS);
		pthread_create(&server->threads[server->connections++], NULL, serve, connection);
		pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

static int listen_somewhere(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		abort();
	*port = ntohs(address.sin_port);
	return fd;
}

int http_server_free_port(void)
{
	int port;

	(void)close(listen_somewhere(&port));
	return port;
}

struct http_server *http_server_start(const struct http_server_reply *replies, size_t count)
{
	struct http_server *server = calloc(1, sizeof(*server));

	server->replies = replies;
	server->reply_count = count;
	server->listener = listen_somewhere(&server->port);
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->news, NULL);
	if (pipe(server->stop) != 0 ||
	    pthread_create(&server->acceptor, NULL, accept_all, server) != 0)
		abort();
	return server;
}

void http_server_stop(struct http_server *server)
{
	(void)close(server->stop[1]);
	pthread_join(server->acceptor, NULL);
	for (size_t i = 0; i < server->connections; i++)
		pthread_join(server->threads[i], NULL);
	for (size_t i = 0; i < server->request_count; i++)
		free(server->requests[i]);
	(void)close(server->listener);
	(void)close(server->stop[0]);
	pthread_mutex_destroy(&server->lock);
	pthread_cond_destroy(&server->news);
	free(server);
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

size_t http_server_connections(struct http_server *server)
{
	size_t count;

	pthread_mutex_lock(&server->lock);
	count = server->connections;
	pthread_mutex_unlock(&server->lock);
	return count;
}

size_t http_server_requests(struct http_server *server)
{
	size_t count;

	pthread_mutex_lock(&server->lock);
	count = server->request_count;
	pthread_mutex_unlock(&server->lock);
	return count;
}

void http_server_await(struct http_server *server, size_t count)
{
	pthread_mutex_lock(&server->lock);
	while (server->request_count < count)
		pthread_cond_wait(&server->news, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

void http_server_await_closed(struct http_server *server, size_t count)
{
	pthread_mutex_lock(&server->lock);
	while (server->closed < count)
		pthread_cond_wait(&server->news, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

const char *http_server_request(struct http_server *server, size_t n)
{
	const char *request;

	pthread_mutex_lock(&server->lock);
	request = n < server->request_count ? server->requests[n] : "";
	pthread_mutex_unlock(&server->lock);
	return request;
}
