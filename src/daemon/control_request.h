/* SPDX-License-Identifier: MIT */
/* What a client of the control socket asks: a line of JSON, read strictly. */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define CONTROL_REQUEST_TIMEOUT_MS 120000 /* of a wait that names none */

struct control_request {
	enum control_request_kind {
		CONTROL_STATUS,
		CONTROL_SUMMARY,
		CONTROL_PENDING,
		CONTROL_RELOAD, /* this one and those below act */
		CONTROL_WAIT,
		CONTROL_PUSH,
	} kind;
	int64_t *ids; /* owned, sorted, each once; NULL: all */
	size_t count;
	int64_t timeout_ms; /* WAIT; at most a day */
};

/* Read `{"request":"wait","ids":[42],"timeout_ms":120000}`; ids and timeout_ms may be missing, but
 * for the ids of a push. False with a fault for anything else, another member too. */
bool control_request_decode(struct control_request *request, const char *bytes, size_t length,
                            struct fault *fault);

void control_request_clear(struct control_request *request);

#endif
