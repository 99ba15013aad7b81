/* SPDX-License-Identifier: MIT */
/* The key of the credentials' digests, in a file beside the state. */
#ifndef DIGEST_KEY_H
#define DIGEST_KEY_H

#include "base/fault.h"
#include "os/store.h"
#include "sync/credentials.h"

#define DIGEST_KEY_NAME "state.key"

/* Read the key; `key` is untouched, and there is a fault, unless the result is STORE_READ. Blocks.
 */
enum store_result digest_key_read(const char *directory, struct credentials_key *key,
                                  struct fault *fault);

/* Make a key. False with a fault if there is nothing random to make it of. */
bool digest_key_make(struct credentials_key *key, struct fault *fault);

/* Replace the file by the key. Blocks. */
bool digest_key_save(const char *directory, const struct credentials_key *key, struct fault *fault);

#endif
