/* SPDX-License-Identifier: MIT */
/* When a schedule runs next, in UTC; the days as cronie's find_jobs() has them. */
#ifndef CRON_NEXT_H
#define CRON_NEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "cron/cron.h"

/* Find the first run after a time, strictly; both in seconds since 1970. False when it never runs,
 * is opaque, or `after_unix_s` is not within the years 1 to 9999; `*next_unix_s` is then untouched.
 * Microseconds at worst. */
bool cron_next(const struct cron *cron, int64_t after_unix_s, int64_t *next_unix_s);

#endif
