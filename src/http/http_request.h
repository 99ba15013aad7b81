/* SPDX-License-Identifier: MIT */
/* A request and its answer, as those see them who make requests. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/verdict.h"

#define HTTP_BODY_MAX        (64 * 1024)        /* of an answer to a PUT; the rest is cut off */
#define HTTP_LIST_MAX        (64 * 1024 * 1024) /* of the answer to the GET of the list */
#define HTTP_RETRY_AFTER_MAX INT64_C(21600000)  /* ms: six hours */

struct http_request {
	enum { HTTP_GET, HTTP_PUT } method;
	const char *path; /* copied: "/api/v1/lineage/bi/mode/42/" */
	char *body;       /* given, wiped when done; NULL for none */
	size_t body_length;
};

/* What came back; all borrowed for the length of the callback. */
struct http_answer {
	enum verdict_transfer transfer;
	int status;        /* 0: none came */
	int curl_code;     /* CURLcode; 0: fine */
	const char *error; /* libcurl's words for a failed transfer, "" if none (may name the URL,
	                      never a header) */
	int64_t retry_after_ms;   /* 0: none; within [0, HTTP_RETRY_AFTER_MAX] */
	const char *location;     /* of a 3xx; NULL if none */
	const char *content_type; /* NULL if none */
	const char *body;         /* NUL-ended; never NULL */
	size_t body_length;
	bool body_cut;  /* there was more than the limit */
	bool cancelled; /* http_close() came first; nothing else is set */
};

/* Called exactly once for each accepted request, never from within a call of ours; the request is
 * gone when it returns. New requests may be made from within it. */
typedef void http_done_fn(const struct http_answer *answer, void *data);

#endif
