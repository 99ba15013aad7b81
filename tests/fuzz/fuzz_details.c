/* SPDX-License-Identifier: MIT */
/* The first line is a secret, the rest an error body. Whatever it is, there is something to say,
 * all of it fits, no terminal is moved by it, and it does not hold the secret. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/wire_details.h"
#include "base/mem.h"
#include "base/redactor.h"
#include "fuzz/targets.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Our own words, and the marks of redacting and escaping, may well hold a short secret. */
static bool is_telling(const char *secret)
{
	return strlen(secret) >= 8 && strpbrk(secret, "[]\\ ") == NULL;
}

/* Where the escape (text_escape()) ends that stands at this backslash; none is one of no length. */
static const char *end_of_escape(const char *backslash)
{
	switch (backslash[1]) {
	case 'n':
	case 't':
	case 'r':
		return backslash + 2;
	case 'x':
		return backslash + 4;
	case 'u':
		return backslash[2] == '{'
		               ? backslash + 3 + strspn(backslash + 3, "0123456789ABCDEFabcdef")
		               : backslash;
	default:
		return backslash;
	}
}

/* What begins within an escape was not there: a tab is shown as \t, whose t begins no word. */
static bool is_shown(const char *shown, const char *secret)
{
	const char *escaped = shown; /* the end of the last escape */

	for (const char *at = shown; *at != '\0'; at++) {
		if (at >= escaped && *at == '\\')
			escaped = end_of_escape(at);
		if (at >= escaped && strncmp(at, secret, strlen(secret)) == 0)
			return true;
	}
	return false;
}

static void check(const char *shown, const char *secret)
{
	size_t length = strlen(shown), step;
	bool plain;

	require(length <= WIRE_TEXT_MAX);
	for (size_t at = 0; at < length; at += step) {
		step = text_character(shown + at, length - at, &plain);
		require(step > 0 && plain);
	}
	require(!is_telling(secret) || !is_shown(shown, secret));
}

static void run(const char *body, size_t length, const char *secret)
{
	struct redactor *redactor = redactor_new(&secret, 1);
	const struct wire_answer answer = {.bytes = body,
	                                   .length = length,
	                                   .content_type = secret,
	                                   .coding = length % 7 == 0 ? secret : NULL,
	                                   .status = (int)(length % 600)};
	struct wire_details details;

	wire_details_parse(&answer, redactor, &details);
	require(details.count >= 1 && details.count <= WIRE_DETAILS_MAX);
	for (size_t i = 0; i < details.count; i++) {
		check(details.items[i].field, secret);
		check(details.items[i].reason, secret);
		check(details.items[i].type, secret);
		require(*details.items[i].reason != '\0');
		require(details.items[i].about < SPEC_FIELD_COUNT);
	}
	wire_details_clear(&details);
	redactor_free(redactor);
}

int fuzz_details(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *end = size > 0 ? memchr(bytes, '\n', size) : NULL;
	size_t first = end != NULL ? (size_t)(end - bytes) : 0;
	char *secret = mem_dup_bytes(bytes, first);
	char *body;

	first += end != NULL;
	body = mem_alloc(1, size - first);
	if (size > first)
		memcpy(body, bytes + first, size - first);
	run(body, size - first, secret);
	free(body);
	free(secret);
	return 0;
}
