/* SPDX-License-Identifier: MIT */
/* A handle is set up in full once for each configuration, the base of all addresses is taken apart
 * once; what works are duplicates, so that a request only has to set its path and its body.
 * libcurl's defaults suit a person at a terminal; a service says no to what it did not ask for:
 * proxies of the environment, files as URLs, redirects (which would repeat a PUT without its body),
 * signals, waiting for a resolver thread, compressed lists. No body is near the 1 MiB from which
 * libcurl would wait for "100 Continue". The API key is only ever held in the list of headers. */
#include "http/http_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "http/http_request.h"
#include "version.h"

/* Servers close idle connections after 5 s (uvicorn) to 75 s (nginx); one that is about to be
 * closed is no use. */
#define IDLE_MAX_S 4

/* Over TLS libcurl copies each request into such a buffer, which it asks for anew; its own 64 KiB
 * would be wiped each time. The least that it takes. */
#define UPLOAD_BUFFER 16384

/* A server may move to another address at any time. */
#define NAME_KEPT_S 10

/* Set as an option, libcurl formats it twice for each request, a character at a time. That is left
 * to proxies, whose CONNECT gets none of the headers. */
#define AGENT "dfmode-sync/" PACKAGE_VERSION

static const struct {
	CURLoption option;
	long value;
} numbers[] = {
	{.option = CURLOPT_NOSIGNAL, .value = 1},
	{.option = CURLOPT_QUICK_EXIT, .value = 1},
	{.option = CURLOPT_BUFFERSIZE, .value = HTTP_PRESET_BUFFER},
	{.option = CURLOPT_UPLOAD_BUFFERSIZE, .value = UPLOAD_BUFFER},
	{.option = CURLOPT_FOLLOWLOCATION, .value = 0},
	{.option = CURLOPT_HTTP_CONTENT_DECODING, .value = 0},
	{.option = CURLOPT_HTTP_VERSION, .value = CURL_HTTP_VERSION_1_1},
	{.option = CURLOPT_DNS_CACHE_TIMEOUT, .value = NAME_KEPT_S},
	{.option = CURLOPT_MAXAGE_CONN, .value = IDLE_MAX_S},
	{.option = CURLOPT_TCP_KEEPALIVE, .value = 1},
	{.option = CURLOPT_NETRC, .value = CURL_NETRC_IGNORED},
	{.option = CURLOPT_SSL_VERIFYPEER, .value = 1},
	{.option = CURLOPT_SSL_VERIFYHOST, .value = 2},
	{.option = CURLOPT_SSLVERSION, .value = CURL_SSLVERSION_TLSv1_2},
};

static bool set_string(struct http_template *template, CURLoption option, const char *value)
{
	CURLcode code = curl_easy_setopt(template->curl, option, value);

	return code == CURLE_OK ||
	       fault_set(&template->fault, "libcurl: %s", curl_easy_strerror(code));
}

static bool set_number(struct http_template *template, CURLoption option, long value)
{
	CURLcode code = curl_easy_setopt(template->curl, option, value);

	return code == CURLE_OK ||
	       fault_set(&template->fault, "libcurl: %s", curl_easy_strerror(code));
}

static bool set_numbers(struct http_template *template, const struct spec_api *api)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!set_number(template, numbers[i].option, numbers[i].value))
			return false;
	}
	(void)curl_easy_setopt(template->curl, CURLOPT_MAXFILESIZE_LARGE,
	                       (curl_off_t)HTTP_STREAM_MAX);
	return set_number(template, CURLOPT_CONNECTTIMEOUT_MS, (long)api->connect_timeout_ms) &&
	       set_number(template, CURLOPT_TIMEOUT_MS, (long)api->timeout_ms);
}

/* With "env" there may be one. */
static bool has_proxy(const char *proxy)
{
	return proxy != NULL && *proxy != '\0';
}

/* A proxy that was not set would be looked up in the environment, which a service inherits. */
static bool set_proxy(struct http_template *template, const char *proxy)
{
	if (proxy != NULL && strcmp(proxy, "env") == 0)
		return true;
	return set_string(template, CURLOPT_PROXY, proxy != NULL ? proxy : "") &&
	       set_string(template, CURLOPT_NOPROXY, "");
}

/* With a CA file of our own the system's directory of certificates counts no more. */
static bool set_trust(struct http_template *template, const struct spec_api *api)
{
	if (api->ca_file != NULL && (!set_string(template, CURLOPT_CAINFO, api->ca_file) ||
	                             !set_string(template, CURLOPT_CAPATH, NULL)))
		return false;
	return set_string(template, CURLOPT_SSLCERT, api->client_cert_file) &&
	       set_string(template, CURLOPT_SSLKEY, api->client_key_file);
}

static bool set_options(struct http_template *template, const struct spec_api *api)
{
	bool clear = strncasecmp(api->url, "http://", strlen("http://")) == 0;

	return set_numbers(template, api) && set_proxy(template, api->proxy) &&
	       set_trust(template, api) &&
	       set_string(template, CURLOPT_PROTOCOLS_STR, clear ? "http,https" : "https") &&
	       set_string(template, CURLOPT_USERAGENT, has_proxy(api->proxy) ? AGENT : NULL);
}

static bool add_header(struct http_template *template, const char *line)
{
	struct curl_slist *longer = curl_slist_append(template->headers, line);

	if (longer == NULL)
		return fault_set(&template->fault, "libcurl: out of memory");
	template->headers = longer;
	return true;
}

/* libcurl sends a header as it stands: a line break in the key would begin another one, or another
 * request. Whoever read the key should have seen to it; here it is made sure. */
static bool check_key(struct http_template *template, const char *key)
{
	if (key == NULL || *key == '\0')
		return fault_set(&template->fault, "there is no API key");
	for (; *key != '\0'; key++) {
		if (*key < 0x20 || *key > 0x7e)
			return fault_set(&template->fault,
			                 "the API key holds a byte that no header may hold");
	}
	return true;
}

static bool set_headers(struct http_template *template, const char *key)
{
	char *authorization;
	bool fine;

	if (!check_key(template, key))
		return false;
	authorization = mem_printf("Authorization: Key %s", key);
	fine = add_header(template, "Content-Type: application/json") &&
	       add_header(template, authorization) &&
	       add_header(template, "Accept: application/json") &&
	       add_header(template, "User-Agent: " AGENT);
	mem_free_secret(authorization);
	return fine;
}

/* The length of a path without slashes at its end. */
static size_t trim(const char *path)
{
	size_t length = strlen(path);

	while (length > 0 && path[length - 1] == '/')
		length--;
	return length;
}

static bool set_url(struct http_template *template, const char *url)
{
	char *path = NULL;
	CURLUcode code = curl_url_set(template->url, CURLUPART_URL, url, 0);

	if (code == CURLUE_OK)
		code = curl_url_get(template->url, CURLUPART_PATH, &path, 0);
	if (code != CURLUE_OK)
		return fault_set(&template->fault, "libcurl: %s", curl_url_strerror(code));
	template->path = mem_dup_bytes(path, trim(path));
	curl_free(path);
	return true;
}

static uint64_t hash_of(const struct spec_api *api)
{
	const int64_t rest[] = {api->connect_timeout_ms, api->timeout_ms, api->max_in_flight};
	uint64_t hash = spec_transport_hash(api, spec_key_hash(api, 0));

	return text_hash(hash, rest, sizeof(rest));
}

/* A proxy's URL may hold a password, which is not to be shown. */
static char *name_proxy(const char *proxy)
{
	CURLU *url = curl_url();
	char *host = NULL, *port = NULL;
	char *name = NULL;

	if (has_proxy(proxy) && strcmp(proxy, "env") != 0 && url != NULL &&
	    curl_url_set(url, CURLUPART_URL, proxy,
	                 CURLU_DEFAULT_SCHEME | CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		(void)curl_url_get(url, CURLUPART_PORT, &port, 0);
		name = mem_printf("%s%s%s", host, port != NULL ? ":" : "",
		                  port != NULL ? port : "");
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return name;
}

struct http_template *http_template_new(const struct spec_api *api)
{
	struct http_template *template = mem_new(struct http_template);

	template->curl = curl_easy_init();
	template->url = curl_url();
	template->proxy = name_proxy(api->proxy);
	template->timeout_ms = api->timeout_ms;
	template->max_in_flight = api->max_in_flight;
	template->hash = hash_of(api);
	template->has_files = api->ca_file != NULL || api->client_cert_file != NULL ||
	                      api->client_key_file != NULL;
	if (template->curl == NULL || template->url == NULL)
		(void)fault_set(&template->fault, "libcurl: out of memory");
	else if (set_url(template, api->url) && set_options(template, api))
		(void)set_headers(template, api->key);
	return template;
}

struct http_template *http_template_copy(const struct http_template *template)
{
	struct http_template *copy = mem_new(struct http_template);

	*copy = *template;
	copy->curl = template->curl != NULL ? curl_easy_duphandle(template->curl) : NULL;
	copy->headers = NULL;
	copy->url = template->url != NULL ? curl_url_dup(template->url) : NULL;
	copy->path = mem_dup(template->path);
	copy->proxy = mem_dup(template->proxy);
	copy->fault = (struct fault){0};
	if (template->fault.text != NULL)
		(void)fault_set(&copy->fault, "%s", template->fault.text);
	else if (copy->curl == NULL || copy->url == NULL)
		(void)fault_set(&copy->fault, "libcurl: out of memory");
	for (const struct curl_slist *line = template->headers; line != NULL; line = line->next) {
		if (!add_header(copy, line->data))
			break;
	}
	return copy;
}

bool http_template_serves(const struct http_template *template, const struct spec_api *api)
{
	return template->fault.text == NULL && !template->has_files &&
	       template->hash == hash_of(api);
}

void http_template_free(struct http_template *template)
{
	if (template == NULL)
		return;
	curl_easy_cleanup(template->curl);
	for (struct curl_slist *line = template->headers; line != NULL; line = line->next)
		mem_wipe(line->data, strlen(line->data));
	curl_slist_free_all(template->headers);
	curl_url_cleanup(template->url);
	fault_clear(&template->fault);
	free(template->path);
	free(template->proxy);
	free(template);
}

static char *get_part(CURLU *url, CURLUPart part, unsigned flags)
{
	char *value = NULL;

	return curl_url_get(url, part, &value, flags) == CURLUE_OK ? value : NULL;
}

/* The part is the same in both, or is what the scheme implies in both. */
static bool is_same_part(CURLU *url, CURLU *base, CURLUPart part)
{
	char *value = get_part(url, part, CURLU_NO_DEFAULT_PORT);
	char *of_base = get_part(base, part, CURLU_NO_DEFAULT_PORT);
	bool is_same = value == NULL || of_base == NULL ? value == of_base
	                                                : strcasecmp(value, of_base) == 0;

	curl_free(value);
	curl_free(of_base);
	return is_same;
}

/* A proxy may have taken the beginning of the path off. */
static bool is_same_path(CURLU *url, const char *path)
{
	char *value = get_part(url, CURLUPART_PATH, 0);
	size_t length = value != NULL ? trim(value) : 0;
	size_t wanted = trim(path);
	bool is_same = length >= wanted && memcmp(value + length - wanted, path, wanted) == 0;

	curl_free(value);
	return is_same;
}

/* Have a page of the resource as the base that a reference is relative to. */
static bool resolve(CURLU *url, const char *base, const char *path, const char *reference)
{
	char *full = mem_printf("%s%s", base, path);
	bool is_set = curl_url_set(url, CURLUPART_PATH, full, 0) == CURLUE_OK &&
	              curl_url_set(url, CURLUPART_URL, reference, 0) == CURLUE_OK;

	free(full);
	return is_set;
}

bool http_template_page(const struct http_template *template, const char *path,
                        const char *reference, struct text *query)
{
	CURLU *url = template->path != NULL ? curl_url_dup(template->url) : NULL;
	char *found = NULL;

	if (url != NULL && resolve(url, template->path, path, reference) &&
	    is_same_part(url, template->url, CURLUPART_HOST) &&
	    is_same_part(url, template->url, CURLUPART_PORT) && is_same_path(url, path))
		found = get_part(url, CURLUPART_QUERY, 0);
	if (found != NULL)
		text_printf(query, "?%s", found);
	curl_free(found);
	curl_url_cleanup(url);
	return found != NULL;
}
