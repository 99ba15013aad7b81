/* SPDX-License-Identifier: MIT */
/* Requests on a libuv loop through one curl multi: a PUT or GET in, exactly one answer out. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/fault.h"
#include "base/text.h"
#include "config/spec.h"
#include "http/http_request.h"

struct http;

/* http_memory.c: start libcurl (curl_global_init_mem(3)), once, before any thread. Requests with
 * their secrets stand in its memory, which is wiped before it is freed. Out of reach stay the
 * buffers of the TLS library, and what glibc's resolver and standard streams hold. */
bool http_memory_start(void);

/* Open with a first configuration; `api` is copied as far as it is needed. NULL with a fault if
 * libcurl cannot start. http_memory_start() is the caller's. */
struct http *http_open(uv_loop_t *loop, const struct spec_api *api, struct fault *fault);

/* Use these settings for the requests made from now on; those in flight keep the old ones. Idle
 * connections stay if nothing has changed and no certificate is read from a file. */
void http_configure(struct http *http, const struct spec_api *api);

/* Start a request. */
void http_send(struct http *http, const struct http_request *request, http_done_fn *done,
               void *data);

/* Where the page that follows one of `path` (without a query) is, by the URL reference that it
 * gave: append its query, with the question mark. False if that is not the same resource on the
 * same host. */
bool http_next_page(const struct http *http, const char *path, const char *reference,
                    struct text *query);

/* Allow nothing but GET from now on (`plan`): a PUT is answered as not sent. */
void http_read_only(struct http *http);

/* The age of the oldest request under way (0 if none), for the watchdog. */
int64_t http_oldest_ms(const struct http *http);

/* Drop idle connections (a suspend, a changed network). */
void http_drop_idle(struct http *http);

/* Cancel what is in flight (each gets its callback, from the loop) and close; freed by the last
 * close callback. */
void http_close(struct http *http);

#endif
