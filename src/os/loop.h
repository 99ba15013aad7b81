/* SPDX-License-Identifier: MIT */
/* An event loop from its first handle to its last (uv_loop_t), and how long it keeps everything
 * waiting. */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/fault.h"

/* Initialise a loop. False with a fault where descriptors or memory are short; then the loop must
 * not be used, nor closed. */
bool loop_open(uv_loop_t *loop, struct fault *fault);

/* Run until every handle is closed, then close the loop. A handle that nobody closes keeps this
 * from returning, and a request that is left is our bug (assert). */
void loop_close(uv_loop_t *loop);

/* Embedded. */
struct loop_monitor {
	uv_prepare_t before_sleep;
	uv_check_t after_events;
	uint64_t longest_ms; /* pause so far */
};

/* Measure from here on how long callbacks take, and have the log gather what they write. */
void loop_monitor_open(struct loop_monitor *monitor, uv_loop_t *loop);
void loop_monitor_close(struct loop_monitor *monitor);

#endif
