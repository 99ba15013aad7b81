/* SPDX-License-Identifier: MIT */
/* A stand-in of the daemon's control socket for tests of the commands: it answers what it is given,
 * one reply to a connection, in a thread. */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#define CONTROL_SERVER_REQUESTS 64

struct control_server_reply {
	const char *line; /* without its newline; NULL: end without an answer */
	bool hangs_up;    /* close the connection instead, and listen on */
	int delay_ms;     /* before it */
	size_t piece;     /* bytes sent at once; 0: all */
};

struct control_server;

/* Listen in a new directory; the replies are borrowed, the last of them is repeated. */
struct control_server *control_server_start(const struct control_server_reply *replies,
                                            size_t count);

/* The runtime directory to name to a command. */
const char *control_server_directory(const struct control_server *server);

/* Stop listening, as a daemon that was killed: the socket stays. */
void control_server_kill(struct control_server *server);

/* The request that came as the index-th, with its newline; "": none. */
const char *control_server_request(struct control_server *server, size_t index);

void control_server_stop(struct control_server *server);

#endif
