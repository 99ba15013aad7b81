/* SPDX-License-Identifier: MIT */
/* Spans of time as systemd writes them: "1h 30min", "250ms" (systemd.time(7)). */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

#define SPAN_TEXT_MAX 48
#define SPAN_MAX_MS   (INT64_C(366) * 24 * 3600 * 1000) /* a year; nothing here waits longer */

/* Read a span: numbers (fractions allowed: "1.5h") with units usec/us, msec/ms, s/sec/second(s),
 * m/min/ minute(s), h/hr/hour(s), d/day(s), w/week(s); a bare number is seconds. Rounds up to whole
 * milliseconds. False, with a sentence that names the offending part, on anything else, an empty
 * string, a negative number, or more than SPAN_MAX_MS. */
bool span_parse(const char *string, int64_t *ms, struct fault *fault);

/* Write the two largest units that matter: "2min 10s", "250ms", "1.5s" under ten seconds with a
 * fraction of one digit, "0s". Returns `buffer`. */
const char *span_format(int64_t ms, char buffer[SPAN_TEXT_MAX]);

#endif
