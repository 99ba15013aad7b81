/* SPDX-License-Identifier: MIT */
/* A Unix stream socket over which local clients ask: a line in, an answer of one line out, one
 * request of a client at a time. Knows nothing of what is asked. */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/fault.h"
#include "base/text.h"

#define CONTROL_NAME        "control" /* in $RUNTIME_DIRECTORY */
#define CONTROL_CLIENTS     16        /* at once */
#define CONTROL_RESERVED    4         /* of these, for trusted ones */
#define CONTROL_LINE_MAX    (64 * 1024)
#define CONTROL_PATIENCE_MS 30000

struct control;
struct control_client;

struct control_options {
	/* A request has come: a line without its newline, NUL-ended (and perhaps with more NULs in
	 * it), borrowed until the return. Answer it exactly once, now or later. */
	void (*request)(struct control_client *client, const char *line, size_t length, void *data);
	/* Clients cannot be accepted: a sentence, borrowed; once until one is again. */
	void (*failed)(const char *sentence, void *data);
	void *data;           /* borrowed */
	uint64_t patience_ms; /* for a request to come, and for a client that does not read */
};

/* Listen at `path` for whoever may reach it (mode 0666); a socket that stands there is replaced, so
 * hold a lock against other instances first. NULL with a fault: a path of more than 107 bytes
 * (unix(7)), something else than a socket there, … */
struct control *control_open(uv_loop_t *loop, const char *path,
                             const struct control_options *options, struct fault *fault);

/* Remove the socket and drop all clients, those that wait for an answer too; freed by the last
 * close callback. NULL is fine. */
void control_close(struct control *control);

/* Whether the client is root or this process's own user (SO_PEERCRED). The user 65534 stands for
 * everybody whom a user namespace does not map, and is never trusted as the own one. */
bool control_is_trusted(const struct control_client *client);

/* The answer comes later: call `gone` once if the client goes before it has all of the answer, and
 * not from within a call of ours. After it the client must not be used. */
typedef void control_gone_fn(void *data);
void control_wait(struct control_client *client, control_gone_fn *gone, void *data);

/* Answer with a text of one line without its newline; given. */
void control_answer(struct control_client *client, struct text *answer);

/* Answer that it is not done, with the exit code that whoever asked ends with:
 * {"error":"…","code":64}. */
void control_reject(struct control_client *client, const char *error, int code);

/* Answer in pieces: `piece` appends some to an empty text whenever the client has taken what came
 * before, and returns whether there is more. `release` is called once, after the last piece or when
 * the client goes. Neither is called from within a call of ours, but for the first piece. */
typedef bool control_piece_fn(struct text *out, void *data);
typedef void control_release_fn(void *data);
void control_stream(struct control_client *client, control_piece_fn *piece,
                    control_release_fn *release, void *data);

#endif
