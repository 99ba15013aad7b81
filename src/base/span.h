/* SPDX-License-Identifier: MIT */
/* Spans of time as systemd writes them: "1h 30min", "250ms" (systemd.time(7)). */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define SPAN_TEXT_MAX 48
#define SPAN_MAX_MS   (INT64_C(366) * 24 * 3600 * 1000) /* a year; nothing here waits longer */

/* Read a span: numbers (fractions of up to six digits: "1.5h"), each with a unit: usec/us/µs,
 * msec/ms, s/sec/second(s), m/min/minute(s), h/hr/hour(s), d/day(s), w/week(s), or none, which is
 * seconds. Rounds up to whole milliseconds. False, with a sentence that names the offending part,
 * on anything else, an empty string, a negative number, or more than SPAN_MAX_MS. */
bool span_parse(const char *string, int64_t *ms, struct fault *fault);

/* Write the two largest units, rounded to the smaller: "2d 3h", "1h 30min", "2min 10s", "12s",
 * "1.5s" below ten seconds, "250ms" below one, "0s" for nothing and for less. Returns `buffer`. */
const char *span_format(int64_t ms, char buffer[SPAN_TEXT_MAX]);

#endif
