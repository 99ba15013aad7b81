/* SPDX-License-Identifier: MIT */
/* Two rounds for each word of eight bytes, four at the end, the length in the last word: as the
 * paper's section 2 says. Byte by byte, since what is hashed here is short, and secret: no copy of
 * it is made but for the word that is not yet complete. */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

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

static void take_word(struct siphash *hash, uint64_t word)
{
	hash->v[3] ^= word;
	mix(hash->v, 2);
	hash->v[0] ^= word;
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

	for (size_t i = 0; i < length; i++) {
		hash->tail |= (uint64_t)byte[i] << 8 * (hash->length++ % 8);
		if (hash->length % 8 == 0) {
			take_word(hash, hash->tail);
			hash->tail = 0;
		}
	}
}

void siphash_add_int(struct siphash *hash, uint64_t number)
{
	number = htole64(number);
	siphash_add(hash, &number, sizeof(number));
}

uint64_t siphash_end(struct siphash *hash)
{
	take_word(hash, hash->tail | (uint64_t)hash->length << 56);
	hash->v[2] ^= 0xff;
	mix(hash->v, 4);
	return hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}
