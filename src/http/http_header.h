/* SPDX-License-Identifier: MIT */
/* Values of the HTTP headers that matter here. */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Find the link of the relation "next" in the value of a Link header (RFC 8288 §3); put its URL
 * reference in place of what `reference` holds. False: there is none. */
bool http_header_next(const char *value, struct text *reference);

/* Read a Retry-After (RFC 9110 §10.2.3), seconds or a date. A date is by the clock of the server:
 * `server_date` is its Date header, and `now_s` (Unix time) counts where that is NULL or none. In
 * milliseconds, at most `max_ms`; 0: not in the future. -1: nothing that can be meant: a time of
 * day in seconds, an overlong number, words. */
int64_t http_header_retry_after(const char *value, const char *server_date, int64_t now_s,
                                int64_t max_ms);

#endif
