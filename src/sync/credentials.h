/* SPDX-License-Identifier: MIT */
/* Keyed digests of credentials: what is remembered of them, so that new ones are noticed. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdint.h>

#include "base/siphash.h"
#include "config/spec.h"

struct credentials_key {
	unsigned char bytes[SIPHASH_KEY_SIZE]; /* random, and secret */
};

/* Distinguish keys without giving one away; never 0. */
uint64_t credentials_key_id(const struct credentials_key *key);

/* Set the digest of each integration: one SipHash-2-4 over the id and the token and the password,
 * each after its length, so that the same credentials differ from one integration to the next.
 * Never 0. */
void credentials_digest(struct spec *spec, const struct credentials_key *key);

#endif
