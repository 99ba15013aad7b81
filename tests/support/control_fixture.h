/* SPDX-License-Identifier: MIT */
/* A control socket with a scripted owner, and clients of it, all on one loop. */
#ifndef CONTROL_FIXTURE_H
#define CONTROL_FIXTURE_H

#include <stdint.h>
#include <uv.h>

#include "os/control.h"

#define PATIENCE_MS 800 /* of the socket, where a test is about it */

struct world {
	uv_loop_t loop;
	struct control *control;
	char *directory;
	char *path;
	unsigned requests; /* that came */
	unsigned pieces;   /* of streams, that were asked for */
	unsigned released; /* streams */
	unsigned gone;     /* clients that waited */
	struct control_client *waiting;
};

/* "stream N" is answered with N pieces of 64 KiB, "trust" with yes or no, "wait" not at all,
 * anything else with itself. */
void on_request(struct control_client *client, const char *line, size_t length, void *data);

/* Clients can always be accepted. */
void on_failed(const char *sentence, void *data);

void open_world(struct world *world);
void open_world_with(struct world *world, uint64_t patience_ms);
void close_world(struct world *world);

/* Connect, without blocking from then on. */
int try_connect(const struct world *world);

void send_text(int fd, const char *text);

/* Read to the end of a line, or of the stream. */
void assert_line(struct world *world, int fd, const char *desired);

/* As many clients as there may be, each served once. */
void connect_all(struct world *world, int fds[CONTROL_CLIENTS]);

/* Let the loop run once; for a time; until something was counted so often. */
void turn(struct world *world);
void wait_ms(struct world *world, uint64_t ms);
void wait_until(struct world *world, const unsigned *counter, unsigned value);

#endif
