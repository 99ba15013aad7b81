/* SPDX-License-Identifier: MIT */
/* What an answer says, taken apart once: what it means, and of its body what may be shown. */
#ifndef ANSWER_H
#define ANSWER_H

#include "api/verdict.h"
#include "api/wire.h"
#include "api/wire_details.h"
#include "base/redactor.h"
#include "http/http.h"

struct answer {
	struct verdict verdict;
	int status;                  /* 0: none came */
	int curl_code;               /* CURLcode; 0: fine */
	struct wire_details details; /* owned: of an error with a status; else empty */
	char *url;                   /* owned: what a 404 was asked for; else NULL */
	char *error_text;      /* owned: one line: "422 body.indexing_cron: …"; NULL: accepted */
	enum wire_known known; /* what an accepted update's answer says of the schedule */
	char *warning;         /* owned: why an accepted update's body is none; NULL: it is fine */
	char *cron;            /* owned: that schedule, only when WIRE_GIVEN */
};

/* Read what came back. The texts of an error are redacted, escaped and cut; nothing of `http` is
 * referred to. The result is to be cleared. */
void answer_read(struct answer *answer, const struct http_answer *http,
                 const struct redactor *redactor);

/* Read also the body of an accepted update, with a parser of wire_tokener_new(): what it says of
 * the schedule, and whether it is an error or no JSON at all (SPEC §6). Of any other answer nothing
 * is read. */
void answer_read_update(struct answer *answer, const struct http_answer *http,
                        struct json_tokener *tokener, const struct redactor *redactor);

void answer_clear(struct answer *answer);

#endif
