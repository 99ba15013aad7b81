/* SPDX-License-Identifier: MIT */
/* A pooled curl handle and the request that it carries; only for http.c. */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/text.h"
#include "http/http_internal.h"
#include "http/http_request.h"

/* How a request that libcurl did not finish is answered; zeroed: libcurl did. */
struct http_ending {
	bool cancelled;
	const char *reason; /* static or borrowed from the template; NULL: libcurl's word
	                       counts */
	enum verdict_transfer transfer;
	CURLcode code;
};

struct http_transfer {
	TAILQ_ENTRY(http_transfer) link;      /* for its owner */
	void *owner;                          /* borrowed: whoever made it knows what this is */
	CURL *curl;                           /* owned; NULL if libcurl has no memory */
	const struct http_template *template; /* borrowed */
	bool is_get;                          /* what the handle is set up for */
	CURLU *url;                           /* owned; NULL if libcurl has no memory */
	char *asked;                          /* libcurl's: the url of the last 404; NULL: none */
	struct text path;                     /* of the url */
	bool has_query;                       /* the url has one */
	size_t base_length;                   /* of the path: what all have in common */
	char *body; /* owned, secret: borrowed by libcurl until the transfer ended */
	size_t body_length;
	struct text answer;    /* wiped: a server may echo what it was sent */
	http_body_fn *on_body; /* NULL: the body is collected in `answer` */
	struct text next;      /* of a Link header */
	bool cut;
	bool watches_tls;
	bool wants_certificate; /* the server asked for one in the handshake, if it is watched */
	char error[CURL_ERROR_SIZE];
	CURLcode code;
	int os_errno; /* with which the socket could not be made */
	struct http_ending ending;
	int64_t started_at; /* ms, the loop's time */
	http_done_fn *done;
	void *data;
};

TAILQ_HEAD(http_transfers, http_transfer);

/* A handle that is set up as the template (borrowed) says. */
struct http_transfer *http_transfer_new(void *owner, const struct http_template *template);

/* Wipes what is left of a request; the handle must be out of the multi. */
void http_transfer_free(struct http_transfer *transfer);

/* Load a request; its body is given. If not CURLE_OK it must not be started. */
CURLcode http_transfer_load(struct http_transfer *transfer, const struct http_request *request,
                            http_done_fn *done, void *data);

/* Call back with what came of it, then make the transfer ready for another request. */
void http_transfer_report(struct http_transfer *transfer);

/* Whether a transfer that ended never had a connection that worked. */
bool http_transfer_never_connected(const struct http_transfer *transfer);

/* Whether a transfer had a new connection, on which the handshake passed and nothing came after it.
 */
bool http_transfer_ended_early(const struct http_transfer *transfer);

/* Before the start: note whether the server asks for a client certificate; costs time. */
void http_transfer_watch_tls(struct http_transfer *transfer, bool watches);

/* The transfer that a curl handle belongs to. */
struct http_transfer *http_transfer_of(CURL *curl);

/* Whether libcurl's error text says that a certificate or the version of TLS must be changed. */
bool http_transfer_is_tls_fault(const char *error);

/* How a failure counts, without regard to a status; `sent`: bytes of the request may be out. */
enum verdict_transfer http_transfer_judge(CURLcode code, bool sent);

#endif
