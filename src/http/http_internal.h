/* SPDX-License-Identifier: MIT */
/* The parts of http.c: a curl multi on a libuv loop, sockets and time-outs both ways
 * (http_multi.c); what all requests under one configuration have in common, as a curl handle to be
 * duplicated (http_template.c); and the values of the headers that matter (http_header.c). */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/fault.h"
#include "base/text.h"
#include "config/spec.h"

struct http_multi;

/* All are called from the loop, none from within libcurl, except on_done; that and on_refused may
 * only take note. */
struct http_multi_events {
	/* A transfer ended; its handle has left the multi. `socket_errno` is that with which the
	 * last socket could not be made; 0 if it could. */
	void (*on_done)(CURL *easy, CURLcode code, int socket_errno, void *data);
	/* libcurl did not take a handle, for this reason (static): nothing was sent. */
	void (*on_refused)(CURL *easy, const char *reason, void *data);
	/* libcurl had its turn, and what ended was reported. With a reason in `broken` libcurl lost
	 * track: remove every handle and close. Closing is allowed here, it is the last call. */
	void (*on_turn)(const char *broken, void *data);
	/* The multi is closed and freed. */
	void (*on_closed)(void *data);
};

/* Open with at most `connections` at once; `events` is borrowed until on_closed. NULL if libcurl
 * has no memory. */
struct http_multi *http_multi_open(uv_loop_t *loop, int64_t connections,
                                   const struct http_multi_events *events, void *data);

/* Let the multi open and close the sockets of a handle: it must know when they go. */
void http_multi_adopt(struct http_multi *multi, CURL *easy);

/* Start a transfer, before the loop waits for events again. */
void http_multi_add(struct http_multi *multi, CURL *easy);

/* Take a transfer out before it ended; returns whether it had begun. Not from on_done. */
bool http_multi_remove(struct http_multi *multi, CURL *easy);

/* Close all connections; no handle may be left in. on_closed follows from the loop. */
void http_multi_close(struct http_multi *multi);

/* Bytes that libcurl reads at once. It allocates them for each request, and as few as these are
 * quickly had. Of a long answer (a list) it goes on reading up to 100 times, which holds the loop.
 */
#define HTTP_PRESET_BUFFER 1024

struct http_template {
	CURL *curl; /* owned: never performed, only duplicated; NULL if libcurl has no memory */
	struct curl_slist *headers; /* owned, secret: of a PUT, Content-Type first */
	CURLU *url;                 /* owned: the base; NULL if libcurl has no memory */
	char *path;  /* owned: of the base, without slashes at its end; NULL: it is unusable */
	char *proxy; /* owned: "host:port" of the one configured, without credentials; NULL: none */
	int64_t timeout_ms;
	int64_t max_in_flight;
	uint64_t hash;      /* of the settings it was made from */
	bool has_files;     /* certificates or keys: their bytes may change under the same names */
	struct fault fault; /* why no request can be made with these settings */
};

struct http_template *http_template_new(const struct spec_api *api);
struct http_template *http_template_copy(const struct http_template *template);

/* Whether requests can go on with it under these settings. */
bool http_template_serves(const struct http_template *template, const struct spec_api *api);

/* Wipes the headers; NULL is fine. Its duplicates must be gone. */
void http_template_free(struct http_template *template);

/* Resolve a URL reference that a page of the resource `path` gave for the next one. If it names the
 * same resource on the same host, append its query with the question mark; else false. The scheme
 * may be another one: a proxy in front of the server may have taken TLS off. */
bool http_template_page(const struct http_template *template, const char *path,
                        const char *reference, struct text *query);

/* Find the link of the relation "next" in the value of a Link header (RFC 8288 §3); put its URL
 * reference in place of what `reference` holds. False: there is none. */
bool http_header_next(const char *value, struct text *reference);

/* Read a Retry-After (RFC 9110 §10.2.3), seconds or a date. A date is by the clock of the server:
 * `server_date` is its Date header, and `now_s` (Unix time) counts where that is NULL or none. In
 * milliseconds, at most `max_ms`; 0: not in the future. -1: nothing that can be meant: a time of
 * day in seconds, an overlong number, words. */
int64_t http_header_retry_after(const char *value, const char *server_date, int64_t now_s,
                                int64_t max_ms);

#endif
