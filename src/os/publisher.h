/* SPDX-License-Identifier: MIT */
/* A file that is written again and again: its text is put together on the loop, and written in
 * libuv's thread pool, one write at a time. */
#ifndef PUBLISHER_H
#define PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/fault.h"
#include "base/text.h"

struct publisher_options {
	/* On the loop: append to a text that is empty at first. False: there is more, to be
	 * appended in the loop's next iteration, so that no part holds it up for long. */
	bool (*encode)(struct text *out, void *data);
	/* In the thread pool: write the text, which may be added to. False with a fault. */
	bool (*write)(struct text *text, struct fault *fault, void *data);
	/* On the loop, once for each write, not from within publisher_start(). `why` it failed is
	 * borrowed; NULL: it did not. `is_news`: the write before ended otherwise. */
	void (*done)(const char *why, bool is_news, void *data);
	void *data; /* borrowed until the last `done` */
};

/* Embedded. */
struct publisher {
	uv_loop_t *loop;
	struct publisher_options options;
	uv_idle_t soon;
	uv_work_t work;
	struct text text;
	struct fault fault;
	uint64_t started_ms;
	uint64_t failures; /* so far */
	bool is_running;
	bool is_failing; /* the last one failed */
	bool is_ok;      /* the one that runs */
};

void publisher_open(struct publisher *publisher, uv_loop_t *loop,
                    const struct publisher_options *options);

/* Put the text together in the loop's next iteration, and write it. Not while one runs. */
void publisher_start(struct publisher *publisher);

/* Write at once, and block: before the loop runs, or when it has ended. */
void publisher_write_now(struct publisher *publisher);

/* For how long the write that runs has run; 0: none does. */
int64_t publisher_age_ms(const struct publisher *publisher);

/* Start nothing more. A write that was begun is let finish; one that was not is dropped, with what
 * was put together for it, and `done` not called for it. */
void publisher_close(struct publisher *publisher);

#endif
