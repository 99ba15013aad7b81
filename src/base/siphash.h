/* SPDX-License-Identifier: MIT */
/* SipHash-2-4: a keyed 64-bit digest (Aumasson, Bernstein: "SipHash: a fast short-input PRF"). */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_SIZE 16

/* Wipe it with mem_wipe() once the digest is had: it holds the last bytes of the message. */
struct siphash {
	uint64_t v[4];
	unsigned char tail[8]; /* the bytes of the last, incomplete word */
	size_t length;         /* of the message so far */
};

/* Who has the digest but not the key learns nothing of the message, and cannot try guesses. */
void siphash_init(struct siphash *hash, const unsigned char key[SIPHASH_KEY_SIZE]);

/* Append to the message. Where one part ends and the next begins leaves no trace in the digest. */
void siphash_add(struct siphash *hash, const void *bytes, size_t length);

/* Append eight bytes, the least significant first. */
void siphash_add_int(struct siphash *hash, uint64_t number);

/* End the message. */
uint64_t siphash_end(struct siphash *hash);

/* Of a whole message that is no secret, under a key of zeros: to see whether it has changed. */
uint64_t siphash_of(const void *bytes, size_t length);

#endif
