/* SPDX-License-Identifier: MIT */
/* In TLS 1.3 a server judges the client's certificate after the handshake, as the client sees it:
 * the request is on its way by then. Its alert is an error of reading. But a server that closes at
 * once with the request unread resets the connection; if libcurl comes to write only then, it never
 * reads the alert, and all that is known is that the connection ended early. So after such an end
 * the next handshakes are watched: a server that asked for a certificate, and again ends the
 * connection, wants another one. */
#include "http/http_tls.h"

#include <string.h>

#define EARLY_US 2000000 /* after the handshake */

/* Of OpenSSL's texts: the server wants another client certificate, or a newer TLS. With TLS 1.3 its
 * alert comes after the handshake, and so after the request was sent, which it then never read. */
static const char *const faults[] = {
	"alert certificate required",    "alert bad certificate",       "alert certificate expired",
	"alert certificate revoked",     "alert certificate unknown",   "alert unknown ca",
	"alert unsupported certificate", "alert access denied",         "alert protocol version",
	"alert handshake failure",       "alert insufficient security", "unsupported protocol",
	"alert decrypt error",
};

bool http_tls_is_fault(const char *error)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (strstr(error, faults[i]) != NULL)
			return true;
	}
	return false;
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

void http_tls_watch(CURL *curl, bool *wants_certificate)
{
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
	(void)curl_easy_setopt(curl, CURLOPT_DEBUGDATA, wants_certificate);
	(void)curl_easy_setopt(curl, CURLOPT_VERBOSE, wants_certificate != NULL ? 1L : 0L);
}

bool http_tls_ended_early(CURL *curl, CURLcode code)
{
	curl_off_t handshake_us = 0, all_us = 0;
	long status = 0, connections = 0;

	if (code != CURLE_SEND_ERROR && code != CURLE_RECV_ERROR && code != CURLE_GOT_NOTHING)
		return false;
	(void)curl_easy_getinfo(curl, CURLINFO_APPCONNECT_TIME_T, &handshake_us);
	(void)curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &all_us);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connections);
	return handshake_us > 0 && all_us - handshake_us < EARLY_US && status == 0 &&
	       connections > 0;
}
