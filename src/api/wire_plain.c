/* SPDX-License-Identifier: MIT */
/* What stands between us and the server answers with HTML, with plain text or with nothing, and
 * some of them compress what nobody asked to have compressed. An operator needs to know which: of
 * the bytes themselves only the first line of a text is shown. */
#include "api/wire_plain.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/wire_internal.h"
#include "base/mem.h"
#include "base/text.h"

#define HEADER_MAX 64 /* bytes of a header's value that are shown */

/* A header's value without its parameters, in parentheses. */
static void add_header(struct text *out, const char *value, const struct redactor *redactor)
{
	char *shown = wire_show(value, strlen(value), HEADER_MAX, redactor);

	shown[strcspn(shown, "; \t")] = '\0';
	if (*shown != '\0')
		text_printf(out, " (%s)", shown);
	free(shown);
}

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

static char *name_kind(const struct wire_answer *answer, const struct redactor *redactor)
{
	struct text text = {0};

	text_add(&text, phrase_of(answer->status));
	if (answer->content_type != NULL)
		add_header(&text, answer->content_type, redactor);
	return text_take(&text);
}

static char *name_coding(const struct wire_answer *answer, const struct redactor *redactor)
{
	struct text text = {0};

	text_add(&text, "the answer is compressed");
	add_header(&text, answer->coding, redactor);
	text_add(&text, ", which was not asked for");
	return text_take(&text);
}

char *wire_plain_reason(const struct wire_answer *answer, enum json_tokener_error error,
                        const struct redactor *redactor, bool *is_page)
{
	*is_page = false;
	if (wire_skip_space(answer->bytes, answer->length) == answer->length)
		return mem_dup("the answer has no body");
	if (answer->coding != NULL)
		return name_coding(answer, redactor);
	if (error == json_tokener_success)
		return mem_dup("the answer has no detail");
	if (is_text(answer))
		return take_line(answer, redactor);
	if (error == json_tokener_continue)
		return mem_dup("the answer is incomplete JSON");
	if (error == json_tokener_error_depth)
		return mem_dup("the answer is too deeply nested JSON");
	*is_page = is_html(answer);
	return name_kind(answer, redactor);
}
