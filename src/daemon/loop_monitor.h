/* SPDX-License-Identifier: MIT */
/* How long the loop keeps everything waiting. */
#ifndef LOOP_MONITOR_H
#define LOOP_MONITOR_H

#include <stdint.h>
#include <uv.h>

/* Embedded. */
struct loop_monitor {
	uv_prepare_t before_sleep;
	uv_check_t after_events;
	uint64_t longest_ms; /* pause so far */
};

void loop_monitor_open(struct loop_monitor *monitor, uv_loop_t *loop);
void loop_monitor_close(struct loop_monitor *monitor);

#endif
