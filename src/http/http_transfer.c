/* SPDX-License-Identifier: MIT */
/* One request on a pooled handle: loaded (only path and body are set anew), given to a multi,
 * and reported: what libcurl knows becomes an answer, once; then everything secret is wiped.
 *
 * A status decides even when the transfer failed after it. Without one the question is whether the
 * server can have seen the request. libcurl's codes do not say: on a connection that was used
 * before, it silently sends a request again when the connection dies, so "could not connect" may
 * be the end of a second try after a first that arrived. But libcurl notes the time at which it
 * began to send, and keeps it over such a retry. If there is none, codes of resolving, connecting
 * and the handshake mean that nothing was sent.
 *
 * In TLS 1.3 a server judges the client's certificate after the client takes the handshake for
 * done: the request is on its way. Its alert is an error of reading; but if the server closes with
 * the request unread, the connection is reset, and libcurl may never read the alert. All that is
 * known is that the connection ended early. So the next handshakes are watched: a server that asked
 * for a certificate, and again ends the connection, wants another one. */
#include "http/http_transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/mem.h"
#include "http/http_internal.h"

#define EARLY_US 2000000 /* after the handshake */

/* Of OpenSSL's texts: the server wants another client certificate, or a newer TLS. */
static const char *const faults[] = {
	"alert certificate required",    "alert bad certificate",       "alert certificate expired",
	"alert certificate revoked",     "alert certificate unknown",   "alert unknown ca",
	"alert unsupported certificate", "alert access denied",         "alert protocol version",
	"alert handshake failure",       "alert insufficient security", "unsupported protocol",
	"alert decrypt error",
};

bool http_transfer_is_tls_fault(const char *error)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (strstr(error, faults[i]) != NULL)
			return true;
	}
	return false;
}

/* What a person must fix is trust, certificates, addresses. CURLE_SSL_CONNECT_ERROR is no such: a
 * rejected client certificate is one of its causes, but so is a server that is being restarted or
 * a load balancer without a backend. As "not sent" it heals by itself, and the breaker keeps it
 * slow. Only the wording of the TLS library sets them apart. */
enum verdict_transfer http_transfer_judge(CURLcode code, bool sent)
{
	if (sent)
		return VERDICT_TRANSFER_UNKNOWN;
	switch ((int)code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_UNKNOWN_OPTION:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CLIENTCERT:
		return VERDICT_TRANSFER_SETUP;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_RECV_ERROR: /* a proxy rejects the CONNECT */
	case CURLE_PROXY:
		return VERDICT_TRANSFER_NOT_SENT;
	default:
		return VERDICT_TRANSFER_UNKNOWN;
	}
}

static bool is_streamed(const struct http_transfer *transfer)
{
	long status = 0;

	if (transfer->on_body == NULL)
		return false;
	(void)curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	return status >= 200 && status <= 299;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	struct http_transfer *transfer = data;
	size_t length = size * count;
	size_t room = HTTP_BODY_MAX - transfer->answer.length;

	if (is_streamed(transfer)) {
		transfer->cut = !transfer->on_body(bytes, length, transfer->data);
		return transfer->cut ? 0 : length;
	}
	if (length <= room) {
		text_add_bytes(&transfer->answer, bytes, length);
		return length;
	}
	text_add_bytes(&transfer->answer, bytes, room);
	transfer->cut = true;
	return 0;
}

static CURL *duplicate(struct http_transfer *transfer)
{
	const struct http_template *template = transfer->template;
	CURL *curl = template->curl != NULL ? curl_easy_duphandle(template->curl) : NULL;

	if (curl == NULL)
		return NULL;
	(void)curl_easy_setopt(curl, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(curl, CURLOPT_CURLU, transfer->url);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->error);
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, template->headers);
	return curl;
}

struct http_transfer *http_transfer_new(void *owner, const struct http_template *template)
{
	struct http_transfer *transfer = mem_new(struct http_transfer);

	transfer->owner = owner;
	transfer->template = template;
	transfer->url = template->url != NULL ? curl_url_dup(template->url) : NULL;
	transfer->curl = duplicate(transfer);
	text_add(&transfer->path, template->path != NULL ? template->path : "");
	transfer->base_length = transfer->path.length;
	return transfer;
}

static void wipe(struct http_transfer *transfer)
{
	if (transfer->body != NULL)
		mem_wipe(transfer->body, transfer->body_length);
	free(transfer->body);
	transfer->body = NULL;
	transfer->body_length = 0;
	if (transfer->answer.bytes != NULL)
		mem_wipe(transfer->answer.bytes, transfer->answer.length);
	text_truncate(&transfer->answer, 0);
}

void http_transfer_free(struct http_transfer *transfer)
{
	curl_easy_cleanup(transfer->curl);
	wipe(transfer);
	text_clear(&transfer->answer);
	curl_free(transfer->asked);
	text_clear(&transfer->path);
	text_clear(&transfer->next);
	curl_url_cleanup(transfer->url);
	free(transfer);
}

/* Both directions are set in full; a GET is rare. Its answer may be long enough to be compressed.
 */
static void switch_method(struct http_transfer *transfer, bool is_get)
{
	struct curl_slist *headers = transfer->template->headers;

	if (is_get)
		(void)curl_easy_setopt(transfer->curl, CURLOPT_HTTPGET, 1L);
	(void)curl_easy_setopt(transfer->curl, CURLOPT_CUSTOMREQUEST, is_get ? NULL : "PUT");
	(void)curl_easy_setopt(transfer->curl, CURLOPT_ACCEPT_ENCODING, is_get ? "identity" : NULL);
	(void)curl_easy_setopt(transfer->curl, CURLOPT_HTTPHEADER,
	                       is_get && headers != NULL ? headers->next : headers);
	transfer->is_get = is_get;
}

/* The size goes first, or libcurl would look for a NUL. Without any body "" is set, as libcurl
 * would read standard input for NULL. */
static void set_body(struct http_transfer *transfer)
{
	(void)curl_easy_setopt(transfer->curl, CURLOPT_POSTFIELDSIZE_LARGE,
	                       (curl_off_t)transfer->body_length);
	(void)curl_easy_setopt(transfer->curl, CURLOPT_POSTFIELDS,
	                       transfer->body != NULL ? transfer->body : "");
}

/* libcurl sends a path as it stands: a line break in it would begin another request. */
static bool is_plain(const struct text *path)
{
	for (size_t i = 0; i < path->length; i++) {
		if (path->bytes[i] <= ' ' || path->bytes[i] > '~')
			return false;
	}
	return true;
}

static CURLcode set_path(struct http_transfer *transfer, const char *path)
{
	const char *query = strchr(path, '?');
	size_t length = query != NULL ? (size_t)(query - path) : strlen(path);

	text_truncate(&transfer->path, transfer->base_length);
	text_add(&transfer->path, path);
	if (!is_plain(&transfer->path))
		return CURLE_URL_MALFORMAT;
	text_truncate(&transfer->path, transfer->base_length + length);
	if (query != NULL || transfer->has_query) {
		if (curl_url_set(transfer->url, CURLUPART_QUERY, query != NULL ? query + 1 : NULL,
		                 0) != CURLUE_OK)
			return CURLE_OUT_OF_MEMORY;
		transfer->has_query = query != NULL;
	}
	return curl_url_set(transfer->url, CURLUPART_PATH, transfer->path.bytes, 0) == CURLUE_OK
	               ? CURLE_OK
	               : CURLE_OUT_OF_MEMORY;
}

CURLcode http_transfer_load(struct http_transfer *transfer, const struct http_request *request,
                            http_done_fn *done, void *data)
{
	bool is_get = request->method == HTTP_GET;

	transfer->done = done;
	transfer->data = data;
	transfer->body = request->body;
	transfer->body_length = request->body != NULL ? request->body_length : 0;
	transfer->on_body = request->on_body;
	transfer->cut = false;
	transfer->error[0] = '\0';
	if (transfer->curl == NULL || transfer->url == NULL)
		return CURLE_OUT_OF_MEMORY;
	if (is_get != transfer->is_get)
		switch_method(transfer, is_get);
	if (!is_get)
		set_body(transfer);
	return set_path(transfer, request->path);
}

static int read_status(CURL *curl)
{
	long status = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	/* After a "100 Continue" the answer may not have come at all. */
	return status >= 200 && status <= 999 ? (int)status : 0;
}

static bool was_sent(CURL *curl)
{
	curl_off_t began_us = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &began_us);
	return began_us > 0;
}

/* Each Link header is a list of links, and so are several of them. */
static void read_links(struct http_transfer *transfer, struct http_answer *answer)
{
	struct curl_header *header;

	text_truncate(&transfer->next, 0);
	for (size_t i = 0;
	     curl_easy_header(transfer->curl, "Link", i, CURLH_HEADER, -1, &header) == CURLHE_OK;
	     i++) {
		if (http_header_next(header->value, &transfer->next)) {
			answer->next = transfer->next.bytes;
			return;
		}
	}
}

/* The value of the first such header, borrowed; NULL: there is none. */
static const char *get_header(CURL *curl, const char *name)
{
	struct curl_header *header;

	return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
	               ? header->value
	               : NULL;
}

static void read_retry_after(CURL *curl, struct http_answer *answer)
{
	const char *value = get_header(curl, "Retry-After");
	int64_t ms;

	if (value == NULL)
		return;
	ms = http_header_retry_after(value, get_header(curl, "Date"), (int64_t)time(NULL),
	                             HTTP_RETRY_AFTER_MAX);
	answer->retry_after_ms = ms > 0 ? ms : 0;
	answer->retry_after_odd = ms < 0;
}

/* libcurl (7.88) leaves the line break in the value of a header that has none. */
static const char *read_coding(CURL *curl)
{
	const char *value = get_header(curl, "Content-Encoding");

	if (value == NULL || value[strspn(value, " \t\r\n")] == '\0' ||
	    strcasecmp(value, "identity") == 0)
		return NULL;
	return value;
}

static void read_headers(CURL *curl, struct http_answer *answer)
{
	char *text = NULL;

	if (answer->status >= 300)
		read_retry_after(curl, answer);
	(void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &text);
	answer->content_type = text;
	answer->coding = read_coding(curl);
	text = NULL;
	if (answer->status >= 300 && answer->status < 400)
		(void)curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &text);
	answer->location = text;
}

/* libcurl's own answer is the URL of the handle's first transfer. */
static void read_url(struct http_transfer *transfer, struct http_answer *answer)
{
	if (answer->status != 404)
		return;
	curl_free(transfer->asked);
	transfer->asked = NULL;
	(void)curl_url_get(transfer->url, CURLUPART_URL, &transfer->asked, 0);
	answer->url = transfer->asked;
}

/* A proxy that does not let a connection through, and will not before somebody changes something:
 * what libcurl says of it names neither. */
static bool is_stopped_by_proxy(struct http_transfer *transfer)
{
	long status = 0;

	(void)curl_easy_getinfo(transfer->curl, CURLINFO_HTTP_CONNECTCODE, &status);
	if (status != 403 && status != 407)
		return false;
	(void)snprintf(transfer->error, sizeof(transfer->error), "the proxy %s answers %ld %s",
	               transfer->template->proxy != NULL ? transfer->template->proxy
	                                                 : "of the environment",
	               status, status == 407 ? "Proxy Authentication Required" : "Forbidden");
	return true;
}

/* libcurl repeats the whole URL, with its password, whether it is the configuration's or the
 * environment's. */
static bool is_proxy_unusable(struct http_transfer *transfer)
{
	static const char start[] = "Unsupported proxy";

	if (strncmp(transfer->error, start, sizeof(start) - 1) != 0)
		return false;
	(void)snprintf(transfer->error, sizeof(transfer->error),
	               "the URL of the proxy%s is malformed, or of a kind that is not supported",
	               transfer->template->proxy != NULL ? "" : " in the environment");
	return true;
}

/* The alert that says so may be lost with the connection. */
static bool misses_certificate(struct http_transfer *transfer)
{
	if (!transfer->wants_certificate || !http_transfer_ended_early(transfer))
		return false;
	(void)snprintf(transfer->error, sizeof(transfer->error),
	               "the server asks for a client certificate, and ends the connection "
	               "(api.client_cert_file)");
	return true;
}

static enum verdict_transfer judge(struct http_transfer *transfer)
{
	if (is_stopped_by_proxy(transfer) || is_proxy_unusable(transfer) ||
	    http_transfer_is_tls_fault(transfer->error) || misses_certificate(transfer))
		return VERDICT_TRANSFER_SETUP;
	return http_transfer_judge(transfer->code, was_sent(transfer->curl));
}

static void read_failure(struct http_transfer *transfer, struct http_answer *answer)
{
	bool no_descriptor = transfer->os_errno == EMFILE || transfer->os_errno == ENFILE;

	/* We ended it ourselves, or libcurl did before it began. */
	if (answer->body_cut)
		return;
	answer->curl_code = (int)transfer->code;
	answer->error = transfer->error;
	if (no_descriptor && transfer->code == CURLE_COULDNT_CONNECT)
		answer->error = "no file descriptor is left for a connection";
	else if (transfer->error[0] == '\0')
		answer->error = curl_easy_strerror(transfer->code);
}

static void read_answer(struct http_transfer *transfer, struct http_answer *answer)
{
	CURLcode code = transfer->code;

	answer->status = read_status(transfer->curl);
	answer->proxy = transfer->template->proxy;
	answer->body_cut = transfer->cut || code == CURLE_FILESIZE_EXCEEDED;
	if (answer->status != 0) {
		answer->transfer = VERDICT_TRANSFER_DONE;
		read_headers(transfer->curl, answer);
		read_url(transfer, answer);
		if (transfer->on_body != NULL)
			read_links(transfer, answer);
		answer->body_length = transfer->answer.length;
		if (answer->body_length > 0)
			answer->body = transfer->answer.bytes;
	} else {
		answer->transfer = judge(transfer);
	}
	if (code != CURLE_OK)
		read_failure(transfer, answer);
}

void http_transfer_report(struct http_transfer *transfer)
{
	struct http_answer answer = {.error = "", .body = ""};

	if (transfer->ending.cancelled) {
		answer.cancelled = true;
	} else if (transfer->ending.reason != NULL) {
		answer.transfer = transfer->ending.transfer;
		answer.error = transfer->ending.reason;
		answer.curl_code = (int)transfer->ending.code;
	} else {
		read_answer(transfer, &answer);
	}
	transfer->done(&answer, transfer->data);
	wipe(transfer);
}

bool http_transfer_never_connected(const struct http_transfer *transfer)
{
	return transfer->code == CURLE_COULDNT_CONNECT ||
	       (transfer->code == CURLE_OPERATION_TIMEDOUT && !was_sent(transfer->curl));
}

bool http_transfer_ended_early(const struct http_transfer *transfer)
{
	CURLcode code = transfer->code;
	curl_off_t handshake_us = 0, all_us = 0;
	long status = 0, connections = 0;

	if (code != CURLE_SEND_ERROR && code != CURLE_RECV_ERROR && code != CURLE_GOT_NOTHING)
		return false;
	(void)curl_easy_getinfo(transfer->curl, CURLINFO_APPCONNECT_TIME_T, &handshake_us);
	(void)curl_easy_getinfo(transfer->curl, CURLINFO_TOTAL_TIME_T, &all_us);
	(void)curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(transfer->curl, CURLINFO_NUM_CONNECTS, &connections);
	return handshake_us > 0 && all_us - handshake_us < EARLY_US && status == 0 &&
	       connections > 0;
}

/* What is sent passes here too, secrets and all: it is not looked at. */
static int on_debug(CURL *curl, curl_infotype type, char *bytes, size_t length, void *data)
{
	static const char request[] = "Request CERT";
	bool *wants_certificate = data;

	(void)curl;
	if (type == CURLINFO_TEXT && memmem(bytes, length, request, sizeof(request) - 1) != NULL)
		*wants_certificate = true;
	return 0;
}

void http_transfer_watch_tls(struct http_transfer *transfer, bool watches)
{
	transfer->wants_certificate = false;
	if (watches == transfer->watches_tls)
		return;
	transfer->watches_tls = watches;
	(void)curl_easy_setopt(transfer->curl, CURLOPT_DEBUGFUNCTION, on_debug);
	(void)curl_easy_setopt(transfer->curl, CURLOPT_DEBUGDATA, &transfer->wants_certificate);
	(void)curl_easy_setopt(transfer->curl, CURLOPT_VERBOSE, watches ? 1L : 0L);
}

struct http_transfer *http_transfer_of(CURL *curl)
{
	char *transfer = NULL;

	(void)curl_easy_getinfo(curl, CURLINFO_PRIVATE, &transfer);
	return (void *)transfer;
}
