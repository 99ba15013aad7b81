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

/* Make a key, and replace the file by it. On false, with a fault, the key is good for as long as
 * this process runs. Blocks. */
bool digest_key_make(const char *directory, struct credentials_key *key, struct fault *fault);

#endif
