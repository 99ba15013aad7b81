/* SPDX-License-Identifier: MIT */
/* A request and its answer, as those see them who make requests. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/verdict.h"

#define HTTP_BODY_MAX        (64 * 1024)        /* of an answer's body; the rest is cut off */
#define HTTP_STREAM_MAX      (64 * 1024 * 1024) /* of a body that is taken as it comes */
#define HTTP_RETRY_AFTER_MAX INT64_C(21600000)  /* ms: six hours */

/* Takes the next bytes of a 2xx answer's body, borrowed, from within libcurl: no function of http.h
 * may be called. False: no more of it is wanted; the answer then comes as one that was cut off. */
typedef bool http_body_fn(const char *bytes, size_t length, void *data);

struct http_request {
	enum { HTTP_GET, HTTP_PUT } method;
	const char *path; /* copied: "/api/v1/lineage/bi/mode/42/", "/api/v1/lineage/bi/?page=2" */
	char *body;       /* given, wiped when done; NULL for none */
	size_t body_length;
	http_body_fn *on_body; /* NULL: the body is collected, and comes with the answer */
};

/* What came back; all borrowed for the length of the callback. */
struct http_answer {
	enum verdict_transfer transfer;
	int status;        /* 0: none came */
	int curl_code;     /* CURLcode; 0: fine */
	const char *error; /* libcurl's words for a failed transfer, "" if none (may name the URL,
	                      never a header) */
	int64_t retry_after_ms; /* 0: none; within [0, HTTP_RETRY_AFTER_MAX] */
	bool retry_after_odd;   /* there is a Retry-After that cannot be obeyed */
	const char *location;   /* of a 3xx; NULL if none */
	const char *url;        /* of a 404: what was asked for; else NULL */
	const char *next;       /* of a Link header: a URL reference of the next page; NULL: none */
	const char *content_type; /* NULL if none */
	const char *coding;       /* Content-Encoding, which was not asked for; NULL: none */
	const char *proxy;        /* "host:port" of the one configured; NULL if none */
	const char *body;         /* NUL-ended; never NULL */
	size_t body_length;
	bool body_cut;  /* there was more than the limit */
	bool cancelled; /* http_close() came first; nothing else is set */
};

/* Called exactly once for each accepted request, never from within a call of ours; the request is
 * gone when it returns. New requests may be made from within it. */
typedef void http_done_fn(const struct http_answer *answer, void *data);

#endif
