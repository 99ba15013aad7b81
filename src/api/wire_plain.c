/* SPDX-License-Identifier: MIT */
/* What stands between us and the server answers with HTML, with plain text or with nothing, and
 * some of them compress what nobody asked to have compressed. An operator needs to know which: of
 * the bytes themselves only the first line of a text is shown. */
#include "api/wire_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/wire.h"
#include "base/mem.h"
#include "base/text.h"

#define HEADER_MAX 64 /* bytes of a header's value that are shown */

/* What a page is headed by, where it is known (RFC 9110 §15). */
static const char *phrase_of(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{407, "Proxy Authentication Required"},
		{408, "Request Timeout"},
		{413, "Content Too Large"},
		{421, "Misdirected Request"},
		{429, "Too Many Requests"},
		{500, "Internal Server Error"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "the answer is not JSON";
}

/* The first line of a plain text is the reason. */
static char *take_line(const struct wire_answer *answer, const struct redactor *redactor)
{
	size_t start = wire_skip_space(answer->bytes, answer->length), end = start;

	while (end < answer->length && answer->bytes[end] != '\r' && answer->bytes[end] != '\n')
		end++;
	return wire_show(answer->bytes + start, end - start, WIRE_TEXT_MAX, redactor);
}

static bool has_type(const struct wire_answer *answer, const char *type)
{
	return answer->content_type != NULL &&
	       strncasecmp(answer->content_type, type, strlen(type)) == 0;
}

static bool is_text(const struct wire_answer *answer)
{
	return has_type(answer, "text/plain") &&
	       memchr(answer->bytes, '\0', answer->length) == NULL;
}

static bool is_html(const struct wire_answer *answer)
{
	size_t at = wire_skip_space(answer->bytes, answer->length);

	return has_type(answer, "text/html") || (at < answer->length && answer->bytes[at] == '<');
}

/* What it is; in parentheses a header's value (NULL: none) without its parameters; and more. */
static char *describe(const char *what, const char *header, const char *more,
                      const struct redactor *redactor)
{
	struct text text = {0};
	char *shown = header != NULL ? wire_show(header, strlen(header), HEADER_MAX, redactor)
	                             : mem_dup("");

	shown[strcspn(shown, "; \t")] = '\0';
	text_add(&text, what);
	if (*shown != '\0')
		text_printf(&text, " (%s)", shown);
	text_add(&text, more);
	free(shown);
	return text_take(&text);
}

char *wire_plain_reason(const struct wire_answer *answer, enum json_tokener_error error,
                        const struct redactor *redactor, bool *is_page)
{
	*is_page = false;
	if (wire_skip_space(answer->bytes, answer->length) == answer->length)
		return mem_dup("the answer has no body");
	if (answer->coding != NULL)
		return describe("the answer is compressed", answer->coding,
		                ", which was not asked for", redactor);
	if (error == json_tokener_success)
		return mem_dup("the answer has no detail");
	if (is_text(answer))
		return take_line(answer, redactor);
	if (error == json_tokener_continue)
		return mem_dup("the answer is incomplete JSON");
	if (error == json_tokener_error_depth)
		return mem_dup("the answer is too deeply nested JSON");
	*is_page = is_html(answer);
	return describe(phrase_of(answer->status), answer->content_type, "", redactor);
}
