/* SPDX-License-Identifier: MIT */
/* metrics_file: written while the configuration names one, soon after what changes. */
#ifndef METRICS_FILE_H
#define METRICS_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "os/publisher.h"

/* Embedded. */
struct metrics_file {
	uv_loop_t *loop;
	struct publisher publisher;
	void (*encode)(struct text *out, void *data); /* what is written but for the last text */
	void *data;
	uv_timer_t due;   /* the next write; runs only while there is something new */
	uv_check_t pulse; /* writes now and then when the loop is awake anyway */
	char *path;       /* owned: where the file is to be; NULL: nowhere */
	char *target;     /* owned: where it is written to; NULL: nowhere */
	char *obsolete;   /* owned: what is removed in the same go; NULL: nothing */
	char *present;    /* owned: the file of ours that is there; NULL: none */
	uint64_t next_ms; /* not written again before */
	uint64_t last_ms;
	bool is_changed; /* while it was being written */
	bool is_closed;
};

/* `encode` appends the text, on the loop; `data` is borrowed. */
void metrics_file_open(struct metrics_file *file, uv_loop_t *loop,
                       void (*encode)(struct text *out, void *data), void *data);

/* Write to another path from now on, or to none (NULL); copied. The old file is removed. */
void metrics_file_configure(struct metrics_file *file, const char *path);

/* What is shown has changed: write it soon. */
void metrics_file_changed(struct metrics_file *file);

/* Write at once, and block: before the loop runs, or when it has ended. */
void metrics_file_write_now(struct metrics_file *file);

void metrics_file_close(struct metrics_file *file);
void metrics_file_clear(struct metrics_file *file);

#endif
