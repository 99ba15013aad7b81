/* SPDX-License-Identifier: MIT */
/* Two rounds for each word of eight bytes, four at the end, the length in the last word: as the
 * paper's section 2 says. Part of what is hashed is secret: no copy of it is made but for the word
 * that is not yet complete. */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

#define WORD sizeof(uint64_t)

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], unsigned rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static uint64_t read_word(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return le64toh(word);
}

/* The state is copied, so that it stays in registers: the words may be megabytes. */
static void take_words(struct siphash *hash, const unsigned char *bytes, size_t count)
{
	uint64_t v[4];

	memcpy(v, hash->v, sizeof(v));
	for (; count > 0; count--, bytes += WORD) {
		uint64_t word = read_word(bytes);

		v[3] ^= word;
		mix(v, 2);
		v[0] ^= word;
	}
	memcpy(hash->v, v, sizeof(v));
}

void siphash_init(struct siphash *hash, const unsigned char key[SIPHASH_KEY_SIZE])
{
	uint64_t k0 = read_word(key);
	uint64_t k1 = read_word(key + 8);

	*hash = (struct siphash){
		.v = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
	              k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)}};
}

void siphash_add(struct siphash *hash, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;
	const unsigned char *end;
	size_t filled = hash->length % WORD;

	if (length == 0)
		return; /* `bytes` may be NULL */
	end = byte + length;
	hash->length += length;
	if (filled + length >= WORD) {
		size_t missing = (WORD - filled) % WORD;

		memcpy(hash->tail + filled, byte, missing);
		take_words(hash, hash->tail, missing > 0);
		take_words(hash, byte + missing, (length - missing) / WORD);
		filled = 0;
		byte = end - hash->length % WORD;
	}
	if (byte < end)
		memcpy(hash->tail + filled, byte, (size_t)(end - byte));
}

void siphash_add_int(struct siphash *hash, uint64_t number)
{
	number = htole64(number);
	siphash_add(hash, &number, sizeof(number));
}

uint64_t siphash_end(struct siphash *hash)
{
	memset(hash->tail + hash->length % WORD, 0, WORD - hash->length % WORD);
	hash->tail[WORD - 1] = (unsigned char)hash->length;
	take_words(hash, hash->tail, 1);
	hash->v[2] ^= 0xff;
	mix(hash->v, 4);
	return hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}

uint64_t siphash_of(const void *bytes, size_t length)
{
	struct siphash hash;

	siphash_init(&hash, (const unsigned char[SIPHASH_KEY_SIZE]){0});
	siphash_add(&hash, bytes, length);
	return siphash_end(&hash);
}
