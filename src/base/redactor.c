/* SPDX-License-Identifier: MIT */
/* Every spelling of every secret stands in one sorted array. At a position of the output, each
 * spelling that begins there sorts at or before the rest of the output, and so does every one that
 * begins with it: the greatest entry not after the rest is therefore the longest match, or leads
 * to it over its parents (the parent of an entry is the longest other entry that it begins with).
 * A table by first byte bounds the search, and ends it at once for most positions. A hundred
 * thousand integrations mostly share two secrets, so equal ones are dropped before the sorting. */
#include "base/redactor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE     SIZE_MAX
#define REDACTED "[redacted]"

/* Characters of a Base64 spelling; fewer would be found in any text. */
#define BASE64_MIN 6
#define HEX_MIN    4 /* bytes, likewise */

/* RFC 3986 §2.3. */
#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

struct spelling {
	char *bytes; /* owned; NUL-ended */
	size_t length;
	size_t parent; /* its index, or NONE */
};

/* How a speller writes. */
struct style {
	bool is_json;
	const char *escaped; /* by a backslash */
	const char *digits;  /* sixteen; of Base64 the last two */
	const char *before;  /* each byte that is written as its number */
	const char *plain;   /* bytes that are not */
	size_t least;        /* bytes of a secret; fewer would be found in any text */
	size_t offset;       /* of Base64: how many bytes stand before the secret */
};

struct redactor {
	struct spelling *spellings;
	size_t count;
	size_t first[257]; /* where the spellings that start with a byte begin */
};

/* As it stands, or as the inside of a string in a program or a document. */
static void spell_string(const char *secret, const struct style *style, struct text *out)
{
	for (;; secret++) {
		size_t length = strcspn(secret, style->escaped);

		if (style->is_json)
			text_add_json(out, secret, length);
		else
			text_add_bytes(out, secret, length);
		secret += length;
		if (*secret == '\0')
			return;
		text_add_bytes(out, (char[]){'\\', *secret}, 2);
	}
}

static void spell_numbers(const char *secret, const struct style *style, struct text *out)
{
	if (strlen(secret) < style->least)
		return;
	for (; *secret != '\0'; secret++) {
		unsigned char byte = (unsigned char)*secret;

		if (strchr(style->plain, *secret) != NULL) {
			text_add_char(out, *secret);
			continue;
		}
		text_add(out, style->before);
		text_add_bytes(out, (char[]){style->digits[byte >> 4], style->digits[byte & 15]},
		               2);
	}
}

/* The six bits of a text that begin at a bit. */
static unsigned sextet(const char *bytes, size_t bit)
{
	unsigned high = (unsigned char)bytes[bit / 8];
	unsigned low = bit % 8 > 2 ? (unsigned char)bytes[bit / 8 + 1] : 0;

	return (high << 8 | low) >> (10 - bit % 8) & 63;
}

/* In Base64 (RFC 4648 §4 and §5) what stands before a secret ("token:", "Key ") decides how its
 * bits fall, in one of three ways, and at its ends it shares characters with its neighbours: those
 * are left out. */
static void spell_base64(const char *secret, const struct style *style, struct text *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t bits = 8 * strlen(secret);
	size_t start = (6 - 8 * style->offset % 6) % 6;

	if (bits < start + 6 * BASE64_MIN)
		return;
	for (size_t bit = start; bit + 6 <= bits; bit += 6) {
		unsigned value = sextet(secret, bit);

		text_add_char(out, value < 62 ? digits[value] : style->digits[value - 62]);
	}
}

#define CAPITAL "0123456789ABCDEF"
#define SMALL   "0123456789abcdef"

static const struct {
	void (*spell)(const char *secret, const struct style *style, struct text *out);
	struct style style;
} spellers[] = {
	{spell_string, {.escaped = ""}},
	{spell_string, {.escaped = "", .is_json = true}},
	{spell_string, {.escaped = "/", .is_json = true}},
	{spell_string, {.escaped = "\\"}},  /* Python's repr within double quotes */
	{spell_string, {.escaped = "\\'"}}, /* within single ones */
	{spell_numbers, {.digits = CAPITAL, .before = "%", .plain = UNRESERVED}},
	{spell_numbers, {.digits = SMALL, .before = "%", .plain = UNRESERVED}},
	{spell_base64, {.digits = "+/", .offset = 0}},
	{spell_base64, {.digits = "+/", .offset = 1}},
	{spell_base64, {.digits = "+/", .offset = 2}},
	{spell_base64, {.digits = "-_", .offset = 0}},
	{spell_base64, {.digits = "-_", .offset = 1}},
	{spell_base64, {.digits = "-_", .offset = 2}},
	{spell_numbers, {.digits = CAPITAL, .before = "%", .plain = ""}},
	{spell_numbers, {.digits = SMALL, .before = "%", .plain = ""}},
	{spell_numbers, {.digits = CAPITAL, .before = "\\u00", .plain = ""}},
	{spell_numbers, {.digits = SMALL, .before = "\\u00", .plain = ""}},
	{spell_numbers, {.digits = CAPITAL, .before = "", .plain = "", .least = HEX_MIN}},
	{spell_numbers, {.digits = SMALL, .before = "", .plain = "", .least = HEX_MIN}},
};

/* The distinct non-empty ones of `secrets`, by open addressing; `*count` becomes their number. */
static const char **unique(const char *const *secrets, size_t *count)
{
	const char **found = mem_alloc(*count, sizeof(*found));
	size_t size = 16, kept = 0;
	const char **slots;

	while (size / 2 < *count)
		size *= 2;
	slots = mem_alloc(size, sizeof(*slots));
	for (size_t i = 0; i < *count; i++) {
		const char *secret = secrets[i];
		size_t slot;

		if (secret == NULL || *secret == '\0')
			continue;
		slot = (size_t)text_hash(TEXT_HASH_START, secret, strlen(secret)) & (size - 1);
		while (slots[slot] != NULL && strcmp(slots[slot], secret) != 0)
			slot = (slot + 1) & (size - 1);
		if (slots[slot] == NULL)
			found[kept++] = slots[slot] = secret;
	}
	free(slots);
	*count = kept;
	return found;
}

/* Add what the speller makes of a secret, unless it is the secret itself again. */
static void add_spelling(struct redactor *redactor, const char *secret, size_t speller)
{
	struct text text = {0};
	size_t length = strlen(secret);

	/* Room for the longest spelling at once: growing would leave unwiped pieces behind. */
	text.bytes = mem_grow(NULL, &text.capacity, 6 * length + 1, 1);
	spellers[speller].spell(secret, &spellers[speller].style, &text);
	if (text.length > 0 && (speller == 0 || strcmp(text.bytes, secret) != 0))
		redactor->spellings[redactor->count++] = (struct spelling){
			.bytes = mem_dup_bytes(text.bytes, text.length),
			.length = text.length,
			.parent = NONE,
		};
	mem_wipe(text.bytes, text.length);
	text_clear(&text);
}

static int compare(const void *left, const void *right)
{
	const struct spelling *a = left, *b = right;

	return strcmp(a->bytes, b->bytes);
}

static void drop_repeated(struct redactor *redactor)
{
	size_t kept = 0;

	for (size_t i = 0; i < redactor->count; i++) {
		struct spelling *spelling = &redactor->spellings[i];

		if (kept > 0 && compare(spelling, &redactor->spellings[kept - 1]) == 0)
			mem_free_secret(spelling->bytes);
		else
			redactor->spellings[kept++] = *spelling;
	}
	redactor->count = kept;
}

static bool begins_with(const char *bytes, size_t length, const struct spelling *prefix)
{
	return length >= prefix->length && memcmp(bytes, prefix->bytes, prefix->length) == 0;
}

/* In sorted order, the parent of an entry is the entry before it or one of that one's parents. */
static void link_parents(struct redactor *redactor)
{
	for (size_t i = 1; i < redactor->count; i++) {
		struct spelling *spelling = &redactor->spellings[i];
		size_t parent = i - 1;

		while (parent != NONE && !begins_with(spelling->bytes, spelling->length,
		                                      &redactor->spellings[parent]))
			parent = redactor->spellings[parent].parent;
		spelling->parent = parent;
	}
}

static void index_first_bytes(struct redactor *redactor)
{
	size_t next = 0;

	for (size_t byte = 0; byte < 257; byte++) {
		while (next < redactor->count &&
		       (unsigned char)redactor->spellings[next].bytes[0] < byte)
			next++;
		redactor->first[byte] = next;
	}
}

struct redactor *redactor_new(const char *const *secrets, size_t count)
{
	const size_t ways = sizeof(spellers) / sizeof(spellers[0]);
	struct redactor *redactor = mem_new(struct redactor);
	const char **found = unique(secrets, &count);

	redactor->spellings = mem_alloc(count * ways, sizeof(*redactor->spellings));
	for (size_t i = 0; i < count; i++) {
		for (size_t way = 0; way < ways; way++)
			add_spelling(redactor, found[i], way);
	}
	free(found);
	qsort(redactor->spellings, redactor->count, sizeof(*redactor->spellings), compare);
	drop_repeated(redactor);
	link_parents(redactor);
	index_first_bytes(redactor);
	return redactor;
}

/* Does a spelling sort after `bytes`? One that begins with all of them is let pass: what they begin
 * with is among its parents too. */
static bool is_after(const struct spelling *spelling, const char *bytes, size_t length)
{
	size_t common = spelling->length < length ? spelling->length : length;

	return memcmp(spelling->bytes, bytes, common) > 0;
}

/* The length of the longest spelling that `bytes` begins with, or 0. */
static size_t match(const struct redactor *redactor, const char *bytes, size_t length)
{
	unsigned char byte = (unsigned char)*bytes;
	size_t low = redactor->first[byte], start = low;
	size_t high = redactor->first[byte + 1];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_after(&redactor->spellings[middle], bytes, length))
			high = middle;
		else
			low = middle + 1;
	}
	if (low == start)
		return 0;
	for (size_t i = low - 1; i != NONE; i = redactor->spellings[i].parent) {
		if (begins_with(bytes, length, &redactor->spellings[i]))
			return redactor->spellings[i].length;
	}
	return 0;
}

/* The end of the secret that starts at `at`, and of those that overlap with it. */
static size_t match_end(const struct redactor *redactor, const char *bytes, size_t at,
                        size_t length)
{
	size_t end = at + match(redactor, bytes + at, length - at);

	for (size_t inside = at + 1; inside < end; inside++) {
		size_t other = inside + match(redactor, bytes + inside, length - inside);

		if (other > end)
			end = other;
	}
	return end;
}

void redactor_apply(const struct redactor *redactor, const char *bytes, size_t length,
                    struct text *out)
{
	size_t copied = 0, at = 0;

	while (redactor != NULL && at < length) {
		size_t end = match_end(redactor, bytes, at, length);

		if (end == at) {
			at++;
			continue;
		}
		text_add_bytes(out, bytes + copied, at - copied);
		text_add(out, REDACTED);
		copied = at = end;
	}
	text_add_bytes(out, bytes + copied, length - copied);
}

void redactor_show(const struct redactor *redactor, const char *bytes, size_t length, size_t limit,
                   struct text *out)
{
	struct text redacted = {0};

	redactor_apply(redactor, bytes, length, &redacted);
	text_escape(out, redacted.bytes, redacted.length, limit);
	text_clear(&redacted);
}

void redactor_free(struct redactor *redactor)
{
	if (redactor == NULL)
		return;
	for (size_t i = 0; i < redactor->count; i++)
		mem_free_secret(redactor->spellings[i].bytes);
	free(redactor->spellings);
	free(redactor);
}
