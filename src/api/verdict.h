/* SPDX-License-Identifier: MIT */
/* What an answer means (SPEC §6): one function sorts every status and every failure. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

enum verdict_kind {
	VERDICT_ACCEPTED,      /* 2xx */
	VERDICT_REJECTED,      /* 422 and other permanent refusals: the rejected queue */
	VERDICT_TRANSIENT,     /* 408 425 429 5xx, network, time-out */
	VERDICT_DENIED,        /* 401 403: the auth gate */
	VERDICT_MISCONFIGURED, /* 3xx, TLS trust, bad URL: the configuration gate */
};

/* How a transfer ended below HTTP; http.c maps libcurl's codes to these. */
enum verdict_transfer {
	VERDICT_TRANSFER_DONE,     /* there is a status */
	VERDICT_TRANSFER_NOT_SENT, /* resolve, connect, handshake failed: nothing can have arrived
	                            */
	VERDICT_TRANSFER_UNKNOWN,  /* time-out, reset, short answer: it may have arrived */
	VERDICT_TRANSFER_SETUP,    /* TLS trust, CA file, URL, certificate: a person must fix it */
};

struct verdict {
	enum verdict_kind kind;
	bool uncertain;  /* the outcome is unknown: it may be applied, even late (SPEC §5) */
	bool maybe_done; /* the server may have applied it (uncertain, or any 5xx) */
	bool unanswered; /* no answer of the application: no connection, time-out, 408, 425, 502-504
	                  */
	bool needs_witness; /* 401, 403, 3xx: may be this integration's own error */
	bool host_wide;     /* Retry-After, if any, counts for the whole host: 429, 503 */
};

/* Status 0 goes with any transfer but DONE. A status that is known decides even when the transfer
 * then failed (a body that was cut off); one that means nothing (1xx, 999) leaves the outcome
 * unknown. */
struct verdict verdict_of(enum verdict_transfer transfer, int status);

/* "accepted", "rejected", … */
const char *verdict_name(enum verdict_kind kind);

#endif
