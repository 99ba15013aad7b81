/* SPDX-License-Identifier: MIT */
/* What an error body complains about (Datafold's OpenAPI: HTTPValidationError), in any of the
 * shapes that servers have for that. */
#ifndef WIRE_DETAILS_H
#define WIRE_DETAILS_H

#include <stdbool.h>
#include <stddef.h>

#include "api/wire.h"
#include "base/redactor.h"
#include "config/spec.h"

#define WIRE_DETAILS_MAX 8 /* entries kept of one answer */

/* One complaint: of the server's words only these three, redacted, escaped and cut. */
struct wire_detail {
	char *field;           /* owned: loc, dotted: "body.indexing_cron"; "" if there is none */
	char *reason;          /* owned: msg; never NULL */
	char *type;            /* owned: type; "" if there is none */
	enum spec_field about; /* the part of the integration that loc names; SPEC_ID if none */
};

struct wire_details {
	struct wire_detail items[WIRE_DETAILS_MAX];
	size_t count; /* at least 1 after wire_details_parse() */
	size_t more;  /* entries that were left out */
	bool is_page; /* it is no JSON and no plain text: a page of something between us and the
	                 application, so it is not about the integration */
};

/* Read an error body of any status: FastAPI's list, a string, an object, a map of fields (Django),
 * RFC 9457's problem, or what wire_plain.c knows. There is always at least one entry; where the
 * body says nothing that may be shown the reason says so. `input`, `ctx`, `url` and the raw body
 * are never used. Of a body that was cut off, what is whole is read, and `more` counts the rest as
 * one. */
void wire_details_parse(const struct wire_answer *answer, const struct redactor *redactor,
                        struct wire_details *details);
void wire_details_clear(struct wire_details *details);

#endif
