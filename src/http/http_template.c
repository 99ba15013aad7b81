/* SPDX-License-Identifier: MIT */
/* A handle is set up in full once for each configuration, the base of all addresses is taken apart
 * once; what works are duplicates, so that a request only has to set its path and its body.
 * libcurl's defaults suit a person at a terminal; a service says no to what it did not ask for:
 * proxies of the environment, files as URLs, redirects (which would repeat a PUT without its body),
 * signals, waiting for a resolver thread, a pause for "100 Continue". The API key is only ever held
 * in the list of headers. */
#include "http/http_template.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "http/http.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

/* Servers close idle connections after 5 s (uvicorn) to 75 s (nginx); one that is about to be
 * closed is no use. */
#define IDLE_MAX_S 4

static const struct {
	CURLoption option;
	long value;
} numbers[] = {
	{.option = CURLOPT_NOSIGNAL, .value = 1},
	{.option = CURLOPT_QUICK_EXIT, .value = 1},
	{.option = CURLOPT_BUFFERSIZE, .value = HTTP_PRESET_BUFFER},
	{.option = CURLOPT_FOLLOWLOCATION, .value = 0},
	{.option = CURLOPT_HTTP_VERSION, .value = CURL_HTTP_VERSION_1_1},
	{.option = CURLOPT_MAXAGE_CONN, .value = IDLE_MAX_S},
	{.option = CURLOPT_TCP_KEEPALIVE, .value = 1},
	{.option = CURLOPT_NETRC, .value = CURL_NETRC_IGNORED},
	{.option = CURLOPT_SSL_VERIFYPEER, .value = 1},
	{.option = CURLOPT_SSL_VERIFYHOST, .value = 2},
	{.option = CURLOPT_SSLVERSION, .value = CURL_SSLVERSION_TLSv1_2},
};

static bool set_string(struct http_preset *preset, CURLoption option, const char *value)
{
	CURLcode code = curl_easy_setopt(preset->curl, option, value);

	return code == CURLE_OK ||
	       fault_set(&preset->fault, "libcurl: %s", curl_easy_strerror(code));
}

static bool set_number(struct http_preset *preset, CURLoption option, long value)
{
	CURLcode code = curl_easy_setopt(preset->curl, option, value);

	return code == CURLE_OK ||
	       fault_set(&preset->fault, "libcurl: %s", curl_easy_strerror(code));
}

static bool set_numbers(struct http_preset *preset, const struct spec_api *api)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!set_number(preset, numbers[i].option, numbers[i].value))
			return false;
	}
	(void)curl_easy_setopt(preset->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)HTTP_LIST_MAX);
	return set_number(preset, CURLOPT_CONNECTTIMEOUT_MS, (long)api->connect_timeout_ms) &&
	       set_number(preset, CURLOPT_TIMEOUT_MS, (long)api->timeout_ms);
}

/* A proxy that was not set would be looked up in the environment, which a service inherits. */
static bool set_proxy(struct http_preset *preset, const char *proxy)
{
	if (proxy != NULL && strcmp(proxy, "env") == 0)
		return true;
	return set_string(preset, CURLOPT_PROXY, proxy != NULL ? proxy : "") &&
	       set_string(preset, CURLOPT_NOPROXY, "");
}

/* With a CA file of our own the system's directory of certificates counts no more. */
static bool set_trust(struct http_preset *preset, const struct spec_api *api)
{
	if (api->ca_file != NULL && (!set_string(preset, CURLOPT_CAINFO, api->ca_file) ||
	                             !set_string(preset, CURLOPT_CAPATH, NULL)))
		return false;
	return (api->client_cert_file == NULL ||
	        set_string(preset, CURLOPT_SSLCERT, api->client_cert_file)) &&
	       (api->client_key_file == NULL ||
	        set_string(preset, CURLOPT_SSLKEY, api->client_key_file));
}

static bool set_options(struct http_preset *preset, const struct spec_api *api)
{
	bool clear = strncasecmp(api->url, "http://", strlen("http://")) == 0;

	return set_numbers(preset, api) && set_proxy(preset, api->proxy) &&
	       set_trust(preset, api) &&
	       set_string(preset, CURLOPT_PROTOCOLS_STR, clear ? "http,https" : "https") &&
	       set_string(preset, CURLOPT_USERAGENT, "dfmode-sync/" PACKAGE_VERSION);
}

static bool add_header(struct http_preset *preset, const char *line)
{
	struct curl_slist *longer = curl_slist_append(preset->headers, line);

	if (longer == NULL)
		return fault_set(&preset->fault, "libcurl: out of memory");
	preset->headers = longer;
	return true;
}

/* libcurl sends a header as it stands: a line break in the key would begin another one, or another
 * request. Whoever read the key should have seen to it; here it is made sure. */
static bool check_key(struct http_preset *preset, const char *key)
{
	if (key == NULL || *key == '\0')
		return fault_set(&preset->fault, "there is no API key");
	for (; *key != '\0'; key++) {
		if (*key < 0x20 || *key > 0x7e)
			return fault_set(&preset->fault,
			                 "the API key holds a byte that no header may hold");
	}
	return true;
}

static bool set_headers(struct http_preset *preset, const char *key)
{
	char *authorization;
	bool fine;

	if (!check_key(preset, key))
		return false;
	authorization = mem_printf("Authorization: Key %s", key);
	fine = add_header(preset, "Content-Type: application/json") &&
	       add_header(preset, authorization) &&
	       add_header(preset, "Accept: application/json") && add_header(preset, "Expect:");
	mem_free_secret(authorization);
	return fine;
}

static bool set_url(struct http_preset *preset, const char *url)
{
	CURLUcode code = curl_url_set(preset->url, CURLUPART_URL, url, 0);

	return code == CURLUE_OK ||
	       fault_set(&preset->fault, "libcurl: %s", curl_url_strerror(code));
}

static uint64_t hash_of(const struct spec_api *api)
{
	const int64_t rest[] = {api->connect_timeout_ms, api->timeout_ms, api->max_in_flight};
	uint64_t hash = spec_transport_hash(api, spec_key_hash(api, 0));

	return text_hash(hash, rest, sizeof(rest));
}

struct http_preset *http_preset_new(const struct spec_api *api)
{
	struct http_preset *preset = mem_new(struct http_preset);

	preset->curl = curl_easy_init();
	preset->url = curl_url();
	preset->timeout_ms = api->timeout_ms;
	preset->max_in_flight = api->max_in_flight;
	preset->hash = hash_of(api);
	preset->has_files = api->ca_file != NULL || api->client_cert_file != NULL ||
	                    api->client_key_file != NULL;
	if (preset->curl == NULL || preset->url == NULL)
		(void)fault_set(&preset->fault, "libcurl: out of memory");
	else if (set_url(preset, api->url) && set_options(preset, api))
		(void)set_headers(preset, api->key);
	return preset;
}

struct http_preset *http_preset_copy(const struct http_preset *preset)
{
	struct http_preset *copy = mem_new(struct http_preset);

	copy->curl = preset->curl != NULL ? curl_easy_duphandle(preset->curl) : NULL;
	copy->url = preset->url != NULL ? curl_url_dup(preset->url) : NULL;
	copy->timeout_ms = preset->timeout_ms;
	copy->max_in_flight = preset->max_in_flight;
	copy->hash = preset->hash;
	copy->has_files = preset->has_files;
	if (preset->fault.text != NULL)
		(void)fault_set(&copy->fault, "%s", preset->fault.text);
	else if (copy->curl == NULL || copy->url == NULL)
		(void)fault_set(&copy->fault, "libcurl: out of memory");
	for (const struct curl_slist *line = preset->headers; line != NULL; line = line->next) {
		if (!add_header(copy, line->data))
			break;
	}
	return copy;
}

bool http_preset_serves(const struct http_preset *preset, const struct spec_api *api)
{
	return preset->fault.text == NULL && !preset->has_files && preset->hash == hash_of(api);
}

void http_preset_free(struct http_preset *preset)
{
	if (preset == NULL)
		return;
	curl_easy_cleanup(preset->curl);
	for (struct curl_slist *line = preset->headers; line != NULL; line = line->next)
		mem_wipe(line->data, strlen(line->data));
	curl_slist_free_all(preset->headers);
	curl_url_cleanup(preset->url);
	fault_clear(&preset->fault);
	free(preset);
}

struct curl_slist *http_preset_bare_headers(const struct http_preset *preset)
{
	return preset->headers != NULL ? preset->headers->next : NULL;
}
