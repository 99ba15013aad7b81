/* SPDX-License-Identifier: MIT */
/* Values of the HTTP headers that matter here. */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include <stdbool.h>

#include "base/text.h"

/* Find the link of the relation "next" in the value of a Link header (RFC 8288 §3); put its URL
 * reference in place of what `reference` holds. False: there is none. */
bool http_header_next(const char *value, struct text *reference);

#endif
