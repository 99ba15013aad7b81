/* SPDX-License-Identifier: MIT */
/* The input is split at newlines: the first line is how much may be shown, the next three are
 * secrets, the rest is what a server said. What comes out of the redactor and the escaper holds no
 * secret and nothing that moves a terminal; what comes out of the JSON writer is one string. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/redactor.h"
#include "fuzz/targets.h"

#define SECRETS 3

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Cut the next line off. */
static char *next_line(const char **data, size_t *size)
{
	const char *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t length = end != NULL ? (size_t)(end - *data) : *size;
	char *line = mem_dup_bytes(*data, length);

	*data += length + (end != NULL);
	*size -= length + (end != NULL);
	return line;
}

static void check_escape(const struct text *in, size_t limit)
{
	struct text out = {0};
	bool plain;

	text_escape(&out, in->bytes, in->length, limit);
	require(out.length <= limit);
	for (size_t at = 0, step; at < out.length; at += step) {
		step = text_character(out.bytes + at, out.length - at, &plain);
		require(step > 0 && plain);
	}
	text_clear(&out);
}

static void check_json(const char *bytes, size_t length)
{
	struct text out = {0};

	text_add_json(&out, bytes, length);
	require(out.length <= 6 * length);
	require(text_utf8_error(out.bytes, out.length) == out.length);
	for (size_t at = 0; at < out.length; at++) {
		require((unsigned char)out.bytes[at] >= 0x20 && out.bytes[at] != '"');
		if (out.bytes[at] == '\\')
			require(strchr("\"\\bfnrtu", out.bytes[++at]) != NULL);
	}
	text_clear(&out);
}

/* Only what is part of "[redacted]", or spans one of its brackets, may have come about anew. */
static void check_gone(const struct text *out, const char *secret)
{
	const char *found;

	if (strpbrk(secret, "[]") != NULL || strstr("[redacted]", secret) != NULL)
		return;
	found = memmem(out->bytes, out->length, secret, strlen(secret));
	require(found == NULL);
}

static void check_redaction(char *const secrets[SECRETS], const char *bytes, size_t length,
                            struct text *out)
{
	struct redactor *redactor = redactor_new((const char *const *)secrets, SECRETS);

	redactor_apply(redactor, bytes, length, out);
	redactor_free(redactor);
	for (size_t i = 0; i < SECRETS; i++)
		check_gone(out, secrets[i]);
}

int fuzz_text(const uint8_t *data, size_t size)
{
	const char *rest = (const char *)data;
	char *limit = next_line(&rest, &size);
	char *secrets[SECRETS];
	struct text redacted = {0};
	int64_t shown = 100;

	for (size_t i = 0; i < SECRETS; i++)
		secrets[i] = next_line(&rest, &size);
	text_to_int(limit, 0, INT64_MAX, &shown);
	check_json(rest, size);
	check_redaction(secrets, rest, size, &redacted);
	check_escape(&redacted, (size_t)shown);
	text_clear(&redacted);
	for (size_t i = 0; i < SECRETS; i++)
		free(secrets[i]);
	free(limit);
	return 0;
}
