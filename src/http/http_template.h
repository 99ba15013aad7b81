/* SPDX-License-Identifier: MIT */
/* What all requests under one configuration have in common, as a curl handle to be duplicated;
 * only for http.c. */
#ifndef HTTP_TEMPLATE_H
#define HTTP_TEMPLATE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/text.h"
#include "config/spec.h"

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

#endif
