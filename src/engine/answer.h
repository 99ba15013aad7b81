/* SPDX-License-Identifier: MIT */
/* What an answer says, taken apart once: what it means, and of its body what may be shown. */
#ifndef ANSWER_H
#define ANSWER_H

#include "api/verdict.h"
#include "api/wire.h"
#include "base/redactor.h"
#include "http/http.h"

struct answer {
	struct verdict verdict;
	int status;                  /* 0: none came */
	int curl_code;               /* CURLcode; 0: fine */
	struct wire_details details; /* owned: of an error with a status; else empty */
	char *error_text;      /* owned: one line: "422 body.indexing_cron: …"; NULL: accepted */
	enum wire_known known; /* what an accepted update's answer says of the schedule */
	char *cron;            /* owned: that schedule, only when WIRE_GIVEN */
};

/* Read what came back. The texts of an error are redacted, escaped and cut; nothing of `http` is
 * referred to. The result is to be cleared. */
void answer_read(struct answer *answer, const struct http_answer *http,
                 const struct redactor *redactor);

/* Read also what an accepted update's answer says of the schedule; `sent` is what was sent (NULL:
 * none). Leaves WIRE_UNKNOWN for any other answer. */
void answer_read_schedule(struct answer *answer, const struct http_answer *http, const char *sent,
                          const struct redactor *redactor);

void answer_clear(struct answer *answer);

#endif
