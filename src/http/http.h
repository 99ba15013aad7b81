/* SPDX-License-Identifier: MIT */
/* Requests on a libuv loop through one curl multi: a PUT or GET in, exactly one answer out. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "api/verdict.h"
#include "base/fault.h"
#include "config/spec.h"

#define HTTP_BODY_MAX        (64 * 1024)        /* of an answer to a PUT; the rest is cut off */
#define HTTP_LIST_MAX        (64 * 1024 * 1024) /* of the answer to the GET of the list */
#define HTTP_RETRY_AFTER_MAX INT64_C(21600000)  /* ms: six hours */

struct http;

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

/* Open with a first configuration; `api` is copied as far as it is needed. NULL with a fault if
 * libcurl cannot start. curl_global_init() is the caller's, once, before any thread. */
struct http *http_open(uv_loop_t *loop, const struct spec_api *api, struct fault *fault);

/* Use these settings for the requests made from now on; those in flight keep the old ones. Idle
 * connections stay if nothing has changed and no certificate is read from a file. */
void http_configure(struct http *http, const struct spec_api *api);

/* Start a request. */
void http_send(struct http *http, const struct http_request *request, http_done_fn *done,
               void *data);

/* Allow nothing but GET from now on (`plan`): a PUT is answered as not sent. */
void http_read_only(struct http *http);

/* Requests under way, and the age of the oldest (0 if none), for the watchdog. */
size_t http_in_flight(const struct http *http);
int64_t http_oldest_ms(const struct http *http);

/* Drop idle connections (a suspend, a changed network). */
void http_drop_idle(struct http *http);

/* Cancel what is in flight (each gets its callback, from the loop) and close; freed by the last
 * close callback. */
void http_close(struct http *http);

#endif
