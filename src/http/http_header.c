/* SPDX-License-Identifier: MIT */
/* What a server sends is read strictly enough that nothing is guessed: what cannot be read is as if
 * it were not there. */
#include "http/http_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Nobody means to be waited for a year: so many seconds are a time since 1970, or a mistake. */
#define SECONDS_MAX (INT64_C(365) * 24 * 3600)

/* The first `stop` that no quotes hold, or the end. */
static const char *find_unquoted(const char *at, char stop)
{
	bool in_quotes = false;

	for (; *at != '\0' && (in_quotes || *at != stop); at++) {
		if (in_quotes && *at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '"')
			in_quotes = !in_quotes;
	}
	return at;
}

/* Whether a list of relation types, separated by blanks, holds "next". */
static bool holds_next(const char *at, size_t length)
{
	const char *end = at + length;

	while (at < end) {
		size_t word = strcspn(at, " \t\"");

		if (word > (size_t)(end - at))
			word = (size_t)(end - at);
		if (word == strlen("next") && strncasecmp(at, "next", word) == 0)
			return true;
		at += word + 1;
	}
	return false;
}

/* Whether the parameters [at, end) of a link say that it is the next one. */
static bool is_next(const char *at, const char *end)
{
	while ((at = find_unquoted(at, ';')) < end) {
		const char *value;

		at++;
		at += strspn(at, " \t");
		if (strncasecmp(at, "rel", 3) != 0)
			continue;
		value = at + 3 + strspn(at + 3, " \t");
		if (*value++ != '=')
			continue;
		value += strspn(value, " \t");
		if (*value == '"')
			return holds_next(value + 1, strcspn(value + 1, "\""));
		return holds_next(value, strcspn(value, " \t;,"));
	}
	return false;
}

bool http_header_next(const char *value, struct text *reference)
{
	while (*value != '\0') {
		const char *start = strchr(value, '<');
		const char *stop = start != NULL ? strchr(start, '>') : NULL;
		const char *end;

		if (stop == NULL)
			return false;
		end = find_unquoted(stop, ',');
		if (is_next(stop, end)) {
			text_truncate(reference, 0);
			text_add_bytes(reference, start + 1, (size_t)(stop - start - 1));
			return true;
		}
		value = *end == ',' ? end + 1 : end;
	}
	return false;
}

/* Seconds; a fraction, and what follows a comma, do not matter. */
static int64_t read_seconds(const char *value)
{
	int64_t seconds = 0;

	for (; isdigit((unsigned char)*value); value++) {
		seconds = seconds * 10 + (*value - '0');
		if (seconds > SECONDS_MAX)
			return -1;
	}
	return *value == '\0' || strchr(".,; \t", *value) != NULL ? seconds : -1;
}

/* Seconds since 1970 of a date in one of the three forms of RFC 9110, or -1. curl_getdate() is no
 * choice: on 32 bits the time_t of libcurl may be narrower than ours. */
static int64_t read_date(const char *value)
{
	static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT",
	                                    "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm date = {0};
		const char *end = strptime(value, forms[i], &date);

		if (end != NULL && *end == '\0')
			return timegm(&date);
	}
	return -1;
}

int64_t http_header_retry_after(const char *value, const char *server_date, int64_t now_s,
                                int64_t max_ms)
{
	int64_t server_s = server_date != NULL ? read_date(server_date) : -1;
	int64_t seconds;

	if (isdigit((unsigned char)*value)) {
		seconds = read_seconds(value);
	} else {
		int64_t date_s = read_date(value);

		if (date_s < 0)
			return -1;
		seconds = date_s - (server_s >= 0 ? server_s : now_s);
		if (seconds < 0)
			seconds = 0;
	}
	if (seconds < 0)
		return -1;
	return seconds < max_ms / 1000 ? seconds * 1000 : max_ms;
}
