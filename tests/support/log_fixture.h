/* SPDX-License-Identifier: MIT */
/* What the tests of the log share: a record with every field, and the pipe that it is written to.
 */
#ifndef SUPPORT_LOG_FIXTURE_H
#define SUPPORT_LOG_FIXTURE_H

#include <syslog.h>

#include "log/log.h"

#define NOWHERE    "/nonexistent/socket" /* of the journal */
#define BUFFER_MAX (1024 * 1024)

#define FLOOD 30000 /* records: more than a pipe takes, and than is held back */
#define LONG  300   /* bytes of a message of them, mostly zeros */

extern const struct log_record rejected;

/* Whatever can be read now, NUL-ended; borrowed until the next call. */
const char *drain(int fd);

/* Open a pipe whose reading end does not block, and the log on its writing end, which is as a shell
 * would make it. */
void open_pipe(int fds[2], enum log_form form, int level);

/* Close the log, then both ends. */
void close_pipe(int fds[2]);

void say(int level, const char *message);

/* Fill a pipe from outside, so that it takes nothing more. */
void stuff(int fd);

/* Read and flush in turn until nothing is held back; the result is the caller's. */
char *collect(int fd);

#endif
