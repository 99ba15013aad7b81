/* SPDX-License-Identifier: MIT */
/* A text grows by doubling, is NUL-ended after each append, and is given away by text_take().
 * Bytes from outside (the configuration, the server's answers) are never trusted to be UTF-8: one
 * strict decoder stands behind the check, the JSON writer and the escaper, so that the three agree
 * on what a character is. The two writers copy runs of plain bytes at once, eight looked at in one
 * step, because a state file of 100,000 entries is written between two turns of the event loop. */
#include "base/text.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ONES      UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)
#define ELLIPSIS  "\xe2\x80\xa6"

static const char hex_digits[] = "0123456789abcdef";

void text_reserve(struct text *text, size_t more)
{
	if (more >= text->capacity - text->length)
		text->bytes = mem_grow(text->bytes, &text->capacity, text->length + more + 1, 1);
	text->bytes[text->length] = '\0';
}

void text_add_int(struct text *text, int64_t number)
{
	char digits[20]; /* -9223372036854775808 */
	size_t start = sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do {
		digits[--start] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		digits[--start] = '-';
	text_add_bytes(text, digits + start, sizeof(digits) - start);
}

void text_vprintf(struct text *text, const char *format, va_list arguments)
{
	va_list again;
	size_t room;
	int length;

	text_reserve(text, 0);
	room = text->capacity - text->length;
	va_copy(again, arguments);
	length = vsnprintf(text->bytes + text->length, room, format, arguments);
	assert(length >= 0);
	if ((size_t)length >= room) {
		text_reserve(text, (size_t)length);
		vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
	}
	va_end(again);
	text->length += (size_t)length;
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_vprintf(text, format, arguments);
	va_end(arguments);
}

char *text_take(struct text *text)
{
	char *string = text->bytes != NULL ? text->bytes : mem_dup("");

	*text = (struct text){0};
	return string;
}

void text_truncate(struct text *text, size_t length)
{
	if (length >= text->length)
		return;
	text->length = length;
	text->bytes[length] = '\0';
}

void text_clear(struct text *text)
{
	free(text->bytes);
	*text = (struct text){0};
}

/* How many bytes a lead byte announces; 0 if none may start with it. */
static size_t announced(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2)
		return 0;
	if (lead < 0xe0)
		return 2;
	if (lead < 0xf0)
		return 3;
	return lead < 0xf5 ? 4 : 0;
}

static bool is_scalar(uint32_t point, size_t length)
{
	if (length == 3)
		return point >= 0x800 && (point < 0xd800 || point > 0xdfff);
	if (length == 4)
		return point >= 0x10000 && point <= 0x10ffff;
	return true;
}

/* Read the character at `bytes`: its length, or 0 if it is not a valid one. */
static size_t decode(const unsigned char *bytes, size_t left, uint32_t *point)
{
	size_t length = left > 0 ? announced(bytes[0]) : 0;
	uint32_t value;

	if (length == 0 || length > left)
		return 0;
	value = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3fu);
	}
	*point = value;
	return is_scalar(value, length) ? length : 0;
}

/* The end of the run of ASCII bytes from `at`, whole words only. */
static size_t skip_ascii_words(const char *bytes, size_t at, size_t length)
{
	uint64_t word;

	for (; length - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		if ((word & HIGH_BITS) != 0)
			break;
	}
	return at;
}

size_t text_utf8_error(const char *bytes, size_t length)
{
	const unsigned char *raw = (const unsigned char *)bytes;
	size_t at = 0;

	while (at < length) {
		uint32_t point;
		size_t step;

		if (raw[at] < 0x80) {
			size_t past = skip_ascii_words(bytes, at, length);

			at = past > at ? past : at + 1;
			continue;
		}
		step = decode(raw + at, length - at, &point);
		if (step == 0)
			return at;
		at += step;
	}
	return length;
}

/* Would a terminal or a reader of the log be misled by it: controls, line separators, what changes
 * the direction of writing, and what has no width? U+200C and U+200D stay: scripts and emoji need
 * them. */
static bool is_unsafe(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x61c ||
	       point == 0x200b || point == 0x200e || point == 0x200f ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x2064) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

/* Do eight bytes go into a JSON string, and through text_escape(), as they are? Without a high bit
 * in the word, each subtraction leaves one exactly where a byte was too small, or was equal. */
static bool is_plain_word(uint64_t word)
{
	uint64_t below_blank = word - ONES * 0x20;
	uint64_t quote = (word ^ ONES * '"') - ONES;
	uint64_t backslash = (word ^ ONES * '\\') - ONES;

	return ((word | below_blank | quote | backslash) & HIGH_BITS) == 0;
}

/* The bytes at `bytes` that a JSON string takes unescaped: up to eight, or a character; 0: none. A
 * DEL, alone of what is unsafe, stays: eight bytes are looked at in one step, and it does no harm.
 */
static size_t plain_json(const char *bytes, size_t length)
{
	unsigned char first = (unsigned char)*bytes;
	uint64_t word = ONES * ' '; /* fills up what is shorter */
	size_t step = length < sizeof(word) ? length : sizeof(word);
	uint32_t point;

	memcpy(&word, bytes, step);
	if (is_plain_word(word))
		return step;
	if (first < 0x80)
		return first >= 0x20 && first != '"' && first != '\\';
	step = decode((const unsigned char *)bytes, length, &point);
	return step > 0 && !is_unsafe(point) ? step : 0;
}

/* The end of the run from `at` of what a JSON string takes unescaped. */
static size_t json_run(const char *bytes, size_t at, size_t length)
{
	size_t step;

	while (at < length && (step = plain_json(bytes + at, length - at)) > 0)
		at += step;
	return at;
}

/* Append one character, or one byte that is none, escaped; returns how many bytes were read. All
 * that is unsafe is below U+10000, where one \u is enough. */
static size_t add_json_escape(struct text *text, const char *bytes, size_t left)
{
	static const char shorthand[] = {
		['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
	};
	uint32_t point = 0;
	size_t step = decode((const unsigned char *)bytes, left, &point);

	if (step == 0) {
		text_add(text, "\xef\xbf\xbd");
		return 1;
	}
	if (point < sizeof(shorthand) && shorthand[point] != '\0')
		text_add_bytes(text, (char[]){'\\', shorthand[point]}, 2);
	else
		text_printf(text, "\\u%04x", (unsigned)point);
	return step;
}

void text_add_json(struct text *text, const char *bytes, size_t length)
{
	size_t at = 0;

	text_reserve(text, length);
	while (at < length) {
		size_t end = json_run(bytes, at, length);

		text_add_bytes(text, bytes + at, end - at);
		if (end < length)
			end += add_json_escape(text, bytes + end, length - end);
		at = end;
	}
}

size_t text_decode(const char *bytes, size_t length, uint32_t *point)
{
	return decode((const unsigned char *)bytes, length, point);
}

size_t text_character(const char *bytes, size_t length, bool *plain)
{
	uint32_t point = 0;
	size_t step = decode((const unsigned char *)bytes, length, &point);

	*plain = step > 0 && !is_unsafe(point);
	return step;
}

#define ESCAPED_MAX 16

/* Spell one character, or one byte that is none, the safe way; returns the length of the spelling
 * and steps over what was read. */
static size_t spell(const char *bytes, size_t left, char out[ESCAPED_MAX], size_t *step)
{
	uint32_t point = 0;
	unsigned char byte = (unsigned char)*bytes;

	*step = decode((const unsigned char *)bytes, left, &point);
	if (*step > 0 && !is_unsafe(point)) {
		memcpy(out, bytes, *step);
		return *step;
	}
	if (*step > 1)
		return (size_t)snprintf(out, ESCAPED_MAX, "\\u{%04x}", (unsigned)point);
	*step = 1;
	out[0] = '\\';
	if (byte == '\n' || byte == '\r' || byte == '\t') {
		out[1] = byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't';
		return 2;
	}
	out[1] = 'x';
	out[2] = hex_digits[byte >> 4];
	out[3] = hex_digits[byte & 15];
	return 4;
}

/* How many of the bytes, whole words only, need no escape and are ASCII. */
static size_t plain_words(const char *bytes, size_t length)
{
	size_t at = 0;
	uint64_t word;

	for (; length - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		if (((word | (word - ONES * 0x20) | (word + ONES)) & HIGH_BITS) != 0)
			break;
	}
	return at;
}

void text_escape(struct text *text, const char *bytes, size_t length, size_t limit)
{
	size_t ellipsis = limit >= strlen(ELLIPSIS) ? strlen(ELLIPSIS) : 0;
	size_t start = text->length;
	size_t cut = start; /* where an ellipsis still fits */
	size_t step;

	text_reserve(text, length < limit ? length : limit);
	for (size_t at = 0; at < length; at += step) {
		char spelling[ESCAPED_MAX];
		size_t used = text->length - start;
		size_t more;

		step = plain_words(bytes + at, length - at);
		if (step > 0 && used + step + ellipsis <= limit) {
			text_add_bytes(text, bytes + at, step);
			cut = text->length;
			continue;
		}
		more = spell(bytes + at, length - at, spelling, &step);
		if (more > limit - used) {
			text_truncate(text, cut);
			text_add_bytes(text, ELLIPSIS, ellipsis);
			return;
		}
		text_add_bytes(text, spelling, more);
		if (used + more + ellipsis <= limit)
			cut = text->length;
	}
}

uint64_t text_hash(uint64_t seed, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length; i++)
		seed = (seed ^ byte[i]) * UINT64_C(1099511628211);
	return seed;
}

int text_compare(const void *a, const void *b)
{
	const char *const *one = a;
	const char *const *other = b;

	return strcmp(*one, *other);
}

bool text_to_int(const char *string, int64_t min, int64_t max, int64_t *number)
{
	const char *digits = string + (*string == '-');
	char *end;
	long long value;

	/* strtoll(3) would also take leading blanks and a plus sign. */
	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	value = strtoll(string, &end, 10);
	if (errno != 0 || *end != '\0' || value < min || value > max)
		return false;
	*number = value;
	return true;
}
