/* SPDX-License-Identifier: MIT */
/* The reason that an answer gives, or shows by its kind, when no complaint can be read from it. */
#ifndef WIRE_PLAIN_H
#define WIRE_PLAIN_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/redactor.h"

#define WIRE_TEXT_MAX 256 /* bytes kept of a text of a server, before it is cut with "…" */

/* An answer's body, and what its headers say of it. */
struct wire_answer {
	const char *bytes; /* never NULL */
	size_t length;
	const char *content_type; /* NULL: unknown */
	const char *coding;       /* Content-Encoding; NULL: none */
	int status;               /* 0: of no matter */
};

/* Say in a line that may be shown what the body is: the first line of plain text, a page after its
 * status ("Service Unavailable (text/html)"), nothing, compressed, or JSON that is broken or says
 * nothing, as `error` of the attempt to parse it has it. Given. `*is_page` becomes whether it is a
 * page of something between us and the application. */
char *wire_plain_reason(const struct wire_answer *answer, enum json_tokener_error error,
                        const struct redactor *redactor, bool *is_page);

#endif
