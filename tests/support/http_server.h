/* SPDX-License-Identifier: MIT */
/* A server on loopback for tests: it answers with the bytes it was told to, in threads. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum http_server_then {
	HTTP_SERVER_KEEP,  /* wait for the next request */
	HTTP_SERVER_CLOSE, /* without having said so */
	HTTP_SERVER_RESET,
	HTTP_SERVER_STALL, /* until the client goes or the server stops */
};

struct http_server_reply {
	const char *bytes;
	size_t padding; /* bytes 'x' to follow */
	bool dripping;  /* byte by byte */
	bool deaf;      /* stop listening before the reply */
	enum http_server_then then;
};

struct http_server;

/* Listen on a free port; the n-th request gets the n-th reply, all later ones the last. `replies`
 * is borrowed until the stop. */
struct http_server *http_server_start(const struct http_server_reply *replies, size_t count);
void http_server_stop(struct http_server *server);

int http_server_port(const struct http_server *server);
size_t http_server_connections(struct http_server *server);
size_t http_server_requests(struct http_server *server);

/* Wait until so many requests were read whole. */
void http_server_await(struct http_server *server, size_t count);

/* Wait until so many connections were closed by the server. */
void http_server_await_closed(struct http_server *server, size_t count);

/* The n-th request, head and body; borrowed until the stop. */
const char *http_server_request(struct http_server *server, size_t n);

/* A port on which nobody listens. */
int http_server_free_port(void);

#endif
