/* SPDX-License-Identifier: MIT */
/* What a server sends is read strictly enough that nothing is guessed: what cannot be read is as if
 * it were not there. */
#include "http/http_header.h"

#include <string.h>
#include <strings.h>

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
