/* SPDX-License-Identifier: MIT */
/* What stands for five fields: nicknames ("@daily": crontab(5) of cronie, and those of FreeBSD and
 * of Go's cron), and intervals, as "@every 5m" (Go's cron) and rate(5 minutes) (AWS EventBridge)
 * have them. */
#ifndef CRON_ALIAS_H
#define CRON_ALIAS_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron_slice.h"

/* Return the five fields that a nickname stands for, static; NULL if it has none. `*name` becomes
 * the nickname in quotes, static, where some cron knows it; else it is left alone. */
const char *cron_alias_fields(struct cron_slice word, const char **name);

/* Return the nickname nearest to a misspelt one, static; NULL if none is near. */
const char *cron_alias_nearest(struct cron_slice word);

/* Read a span of time ("5m", "1h30m", "5 minutes"; systemd.time(7)). False if it is none, or 0. */
bool cron_alias_read_interval(struct cron_slice span, int64_t *ms);

/* Find the five fields, static, whose interval is nearest. Returns whether it is exactly `ms`. */
bool cron_alias_of_interval(int64_t ms, const char **fields);

#endif
