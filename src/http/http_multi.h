/* SPDX-License-Identifier: MIT */
/* A curl multi on a libuv loop: sockets and time-outs both ways; only for http.c. */
#ifndef HTTP_MULTI_H
#define HTTP_MULTI_H

#include <curl/curl.h>
#include <stdint.h>
#include <uv.h>

struct http_multi;

/* All are called from the loop, none from within libcurl, except on_done, which may only take
 * note. */
struct http_multi_events {
	/* A transfer ended; its handle has left the multi. `socket_errno` is that with which the
	 * last socket could not be made; 0 if it could. */
	void (*on_done)(CURL *easy, CURLcode code, int socket_errno, void *data);
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

/* Start a transfer; nothing ends from within. */
CURLMcode http_multi_add(struct http_multi *multi, CURL *easy);

/* Take a transfer out before it ended. Not from on_done. */
void http_multi_remove(struct http_multi *multi, CURL *easy);

/* Close all connections; no handle may be left in. on_closed follows from the loop. */
void http_multi_close(struct http_multi *multi);

#endif
