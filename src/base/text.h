/* SPDX-License-Identifier: MIT */
/* Text: a growing buffer, UTF-8, escaping. */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct redactor; /* redactor.h */

/* A buffer that grows; always NUL-ended once something was appended. Zeroed is empty. */
struct text {
	char *bytes; /* owned; NULL while empty */
	size_t length;
	size_t capacity;
};

/* Make room for `more` bytes and a NUL. */
void text_reserve(struct text *text, size_t more);

/* The next three stand here, as documents of 100,000 integrations consist of such calls: the
 * compiler knows the length of a literal. */
static inline void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
	if (length >= text->capacity - text->length)
		text_reserve(text, length);
	if (length > 0)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

static inline void text_add_char(struct text *text, char byte)
{
	text_add_bytes(text, &byte, 1);
}

static inline void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_int(struct text *text, int64_t number); /* decimal, without printf */
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* Whether two strings are equal, or both NULL. */
static inline bool text_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Append as the inside of a JSON string (RFC 8259 §7). What text_escape() would not leave as it is
 * (but for DEL) is escaped as \uNNNN, so that a document may be printed; invalid UTF-8 becomes
 * U+FFFD. */
void text_add_json(struct text *text, const char *bytes, size_t length);

/* Append foreign bytes so that a terminal and a log line survive them: control bytes, DEL, C1
 * controls (U+0080-U+009F), U+2028, U+2029, bidirectional controls (U+061C, U+200E, U+200F,
 * U+202A-U+202E, U+2066-U+2069), what has no width (U+200B, U+2060-U+2064, U+FEFF) and invalid
 * UTF-8 become \n \t \r \xNN \u{NNNN}; a backslash stays as it is. At most `limit` bytes are
 * appended, cut between characters with "…" (U+2026) as the end. */
void text_escape(struct text *text, const char *bytes, size_t length, size_t limit);

/* Give the string away (callee frees) and leave the buffer empty; "" if nothing was appended. */
char *text_take(struct text *text);

void text_truncate(struct text *text, size_t length);
void text_clear(struct text *text);

/* The offset of the first byte that is not valid UTF-8 (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF), or `length` if all is valid. */
size_t text_utf8_error(const char *bytes, size_t length);

/* Read the UTF-8 character at the start of `bytes` into `*point`: its length, or 0 if there is no
 * valid one, or nothing. */
size_t text_decode(const char *bytes, size_t length, uint32_t *point);

/* The bytes of the UTF-8 character at the start of `bytes`; 0 if there is no valid one, or nothing.
 * `*plain` says whether text_escape() leaves it as it is. */
size_t text_character(const char *bytes, size_t length, bool *plain);

/* strcmp() of two elements of an array of strings, for qsort(3) and tsearch(3). */
int text_compare(const void *a, const void *b);

/* A 64-bit FNV-1a hash, to be chained: the first `seed` is TEXT_HASH_START. Not cryptographic. */
#define TEXT_HASH_START UINT64_C(14695981039346656037)
uint64_t text_hash(uint64_t seed, const void *bytes, size_t length);

/* Parse a decimal integer, the whole string, within [min, max]; false leaves `*number` alone. */
bool text_to_int(const char *string, int64_t min, int64_t max, int64_t *number);

#endif
