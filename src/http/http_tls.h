/* SPDX-License-Identifier: MIT */
/* What a TLS server has against us; only for http_transfer.c. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <curl/curl.h>
#include <stdbool.h>

/* Whether libcurl's error text says that a certificate or the version of TLS must be changed. */
bool http_tls_is_fault(const char *error);

/* Set `*wants_certificate` (borrowed) once the server asks for a client certificate; NULL: no more.
 * Every request then costs more. */
void http_tls_watch(CURL *curl, bool *wants_certificate);

/* Whether a transfer that ended with `code` had a new connection, on which the handshake passed and
 * nothing came after it. */
bool http_tls_ended_early(CURL *curl, CURLcode code);

#endif
