/* SPDX-License-Identifier: MIT */
/* A key of the right type can still be wrong: a URL that would send the API key in clear text, a
 * first delay above its maximum, a certificate without its key. No sentence here repeats a URL, as
 * it may hold a password. */
#include "config/specfile_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/span.h"
#include "config/advice.h"
#include "config/secrecy.h"

#define TLS_FILE_MAX (4 * 1024 * 1024) /* bytes; the trust of a whole system has a tenth */

/* the URL (RFC 3986 §3, as far as a base URL goes) */

struct host {
	const char *name; /* without the brackets of an IPv6 address */
	size_t length;
	bool is_bracketed;
	const char *rest; /* what follows it: "", or ":port" */
	size_t rest_length;
};

static size_t count_url_bytes(const char *string)
{
	const char *at = string;

	while (*at > 0x20 && *at < 0x7f && strchr("\"<>\\^`{|}", *at) == NULL)
		at++;
	return (size_t)(at - string);
}

static bool split_host(const char *authority, size_t length, struct host *host)
{
	const char *end = authority + length;
	const char *stop;

	host->is_bracketed = length > 0 && *authority == '[';
	host->name = host->is_bracketed ? authority + 1 : authority;
	stop = memchr(host->name, host->is_bracketed ? ']' : ':', (size_t)(end - host->name));
	if (stop == NULL && host->is_bracketed)
		return false;
	stop = stop != NULL ? stop : end;
	host->length = (size_t)(stop - host->name);
	host->rest = host->is_bracketed ? stop + 1 : stop;
	host->rest_length = (size_t)(end - host->rest);
	return host->length > 0;
}

static bool port_is_good(const struct host *host)
{
	char digits[8] = "";
	int64_t port;

	if (host->rest_length == 0)
		return true;
	if (*host->rest != ':' || host->rest_length > 6)
		return false;
	memcpy(digits, host->rest + 1, host->rest_length - 1);
	return text_to_int(digits, 1, 65535, &port);
}

static bool name_is_good(const struct host *host)
{
	char name[256] = "";
	struct in6_addr address;

	if (host->length >= sizeof(name))
		return false;
	memcpy(name, host->name, host->length);
	if (host->is_bracketed)
		return inet_pton(AF_INET6, name, &address) == 1;
	return name[strspn(name,
	                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] ==
	       '\0';
}

static bool is_loopback(const struct host *host)
{
	char name[256] = "";
	struct in_addr four;
	struct in6_addr six;

	memcpy(name, host->name, host->length);
	if (host->is_bracketed)
		return inet_pton(AF_INET6, name, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
	return strcasecmp(name, "localhost") == 0 ||
	       (inet_pton(AF_INET, name, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

#define BAD_BYTE "a blank or another byte that no URL has"

/* What is wrong with "host", "host:port" or "[address]:port"; NULL: nothing. */
static const char *fault_of_host(const char *authority, size_t length, struct host *host)
{
	if (!split_host(authority, length, host))
		return "no host";
	if (!name_is_good(host))
		return "the host is neither a name nor an address";
	return port_is_good(host) ? NULL : "the port is not within 1-65535";
}

/* What is wrong with a base URL; NULL: nothing. */
static const char *fault_of_url(const char *url, bool allow_http)
{
	bool is_http = strncasecmp(url, "http://", 7) == 0;
	const char *colon = strstr(url, "://");
	const char *authority = colon != NULL ? colon + 3 : url;
	size_t length = strcspn(authority, "/?#");
	const char *fault;
	struct host host;

	if (url[count_url_bytes(url)] != '\0')
		return BAD_BYTE;
	if (colon == NULL)
		return "no scheme; write https:// before the host";
	if (!is_http && strncasecmp(url, "https://", 8) != 0)
		return "the scheme must be https, or http for a loopback host";
	if (memchr(authority, '@', length) != NULL)
		return "credentials do not belong in a URL; the API key has keys of its own";
	if (strpbrk(authority, "?#") != NULL)
		return "a base URL has no query and no fragment";
	fault = fault_of_host(authority, length, &host);
	if (fault == NULL && is_http && !allow_http && !is_loopback(&host))
		return "http would send the API key in clear text; use https, or set "
		       "api.allow_http = true";
	return fault;
}

/* At the byte that is wrong, if it is one. */
static void complain_of_url(const struct reader_setting *setting, const char *url,
                            const char *fault)
{
	struct fault_place place = tree_value_place(setting->reader->tree, setting->node);

	if (advice_on_string(url) != NULL)
		fault = advice_on_string(url);
	else if (strcmp(fault, BAD_BYTE) == 0)
		place = tree_string_place(setting->reader->tree, setting->node,
		                          count_url_bytes(url), 1);
	reader_report(setting, place, fault);
}

/* "…/api", with or without slashes behind, and all that has the path of the API in it. */
static bool has_api_path(const char *url)
{
	const char *path = strstr(strstr(url, "://") + 3, "/api");

	return path != NULL &&
	       (path[4 + strspn(path + 4, "/")] == '\0' || strncmp(path + 4, "/v1", 3) == 0);
}

static void judge_url(const struct reader_setting *given, struct spec *spec)
{
	const struct reader_setting *url = &given[KEYS_URL];
	bool allow_http = spec->api.allow_http || given[KEYS_ALLOW_HTTP].is_bad;
	size_t length = strlen(spec->api.url);
	const char *fault;

	if (url->node == 0 || url->is_bad)
		return;
	fault = fault_of_url(spec->api.url, allow_http);
	if (fault != NULL)
		complain_of_url(url, spec->api.url, fault);
	else if (has_api_path(spec->api.url))
		reader_warn(url, "", "the program adds /api/v1/... itself; is the path meant?");
	while (length > 0 && spec->api.url[length - 1] == '/')
		spec->api.url[--length] = '\0';
}

static bool has_proxy_scheme(const char *proxy)
{
	static const char *const schemes[] = {"http://",    "https://",  "socks4://",
	                                      "socks4a://", "socks5://", "socks5h://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (strncasecmp(proxy, schemes[i], strlen(schemes[i])) == 0)
			return proxy[strlen(schemes[i])] != '\0';
	}
	return false;
}

/* libcurl would refuse the whole of it, and show the password with it. NULL: nothing is wrong. */
static const char *fault_of_proxy(const char *proxy)
{
	const char *scheme = strstr(proxy, "://");
	const char *authority = scheme != NULL ? scheme + 3 : proxy;
	size_t length = strcspn(authority, "/?#");
	const char *at = memrchr(authority, '@', length);
	const char *start = at != NULL ? at + 1 : authority;
	struct host host;

	if (proxy[count_url_bytes(proxy)] != '\0')
		return BAD_BYTE;
	if (scheme != NULL && !has_proxy_scheme(proxy))
		return "expected \"\", \"env\" or a URL with http, https, socks4, socks4a, "
		       "socks5 or socks5h";
	return fault_of_host(start, length - (size_t)(start - authority), &host);
}

/* libcurl takes a proxy without a scheme for http (CURLOPT_PROXY). */
static void judge_proxy(const struct reader_setting *given, const struct spec *spec)
{
	const char *proxy = spec->api.proxy;
	const char *fault;

	if (given[KEYS_PROXY].node == 0 || given[KEYS_PROXY].is_bad || *proxy == '\0')
		return;
	fault = fault_of_proxy(proxy);
	if (fault != NULL)
		complain_of_url(&given[KEYS_PROXY], proxy, fault);
}

/* files of TLS */

/* The file is watched and hashed, as a replaced certificate is a reason to try again. */
static void judge_file(const struct reader_setting *setting, struct spec *spec,
                       struct source *source)
{
	const void *slot = (const char *)spec + setting->field->offset;
	const char *path = *(char *const *)slot;
	struct file_read file;
	struct fault fault = {0};

	if (setting->node == 0 || setting->is_bad)
		return;
	if (path == NULL) {
		reader_complain(setting, "a path cannot be empty");
		return;
	}
	if (source_read(source, &file, path, TLS_FILE_MAX, &fault))
		spec->api.tls_hash = text_hash(spec->api.tls_hash, file.bytes, file.length);
	else if (advice_on_string(setting->string) != NULL)
		(void)fault_set(&fault, "%s", advice_on_string(setting->string));
	else
		secrecy_name_path(path, &fault);
	if (fault.text != NULL)
		reader_complain(setting, "%s", fault.text);
	fault_clear(&fault);
	file_read_clear(&file);
}

static void judge_pair(const struct reader_setting *setting, const struct reader_setting *partner)
{
	if (setting->node != 0 && partner->node == 0)
		reader_complain(setting, "needs api.%s as well", partner->field->key);
}

void checks_judge_api(const struct reader_setting *given, struct spec *spec, struct source *source)
{
	judge_url(given, spec);
	judge_proxy(given, spec);
	for (size_t row = KEYS_CA_FILE; row <= KEYS_CLIENT_KEY_FILE; row++)
		judge_file(&given[row], spec, source);
	judge_pair(&given[KEYS_CLIENT_CERT_FILE], &given[KEYS_CLIENT_KEY_FILE]);
	judge_pair(&given[KEYS_CLIENT_KEY_FILE], &given[KEYS_CLIENT_CERT_FILE]);
}

/* delays */

/* At the one of the two that the file sets; the other may be a default. */
static void judge_order(const struct reader_setting *first, const struct reader_setting *max,
                        int64_t first_ms, int64_t max_ms)
{
	char first_shown[SPAN_TEXT_MAX];
	char max_shown[SPAN_TEXT_MAX];

	if (first_ms <= max_ms || first->is_bad || max->is_bad)
		return;
	span_format(first_ms, first_shown);
	span_format(max_ms, max_shown);
	if (first->node != 0)
		reader_complain(first, "%s is above retry.%s, which is %s", first_shown,
		                max->field->key, max_shown);
	else if (max->node != 0)
		reader_complain(max, "%s is below retry.%s, which is %s", max_shown,
		                first->field->key, first_shown);
}

void checks_judge_retry(const struct reader_setting *given, const struct spec *spec)
{
	const struct spec_retry *retry = &spec->retry;

	judge_order(&given[KEYS_FIRST], &given[KEYS_MAX], retry->first_ms, retry->max_ms);
	judge_order(&given[KEYS_REJECTED_FIRST], &given[KEYS_REJECTED_MAX],
	            retry->rejected_first_ms, retry->rejected_max_ms);
}
