/* SPDX-License-Identifier: MIT */
/* A client of a control socket that the test's own loop serves. */
#ifndef CLIENT_FIXTURE_H
#define CLIENT_FIXTURE_H

#include <uv.h>

/* Connect, without blocking, and send a request as a line. */
int client_ask(const char *path, const char *request);

/* Let the loop run until the answer is there, and hang up; without its line feed, the caller's to
 * free. */
char *client_read(uv_loop_t *loop, int fd);

#endif
