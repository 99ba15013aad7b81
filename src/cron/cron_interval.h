/* SPDX-License-Identifier: MIT */
/* Intervals, as "@every 5m" (Go's cron) and rate(5 minutes) (AWS EventBridge) have them, as the
 * five fields that run so often. */
#ifndef CRON_INTERVAL_H
#define CRON_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron_slice.h"

/* Read a span of time ("5m", "1h30m", "5 minutes"; systemd.time(7)). False if it is none, or 0. */
bool cron_interval_read(struct cron_slice span, int64_t *ms);

/* Find the five fields, static, whose interval is nearest. Returns whether it is exactly `ms`. */
bool cron_interval_fields(int64_t ms, const char **fields);

#endif
