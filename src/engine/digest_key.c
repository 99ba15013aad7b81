/* SPDX-License-Identifier: MIT */
/* A key that is lost costs no more than the answer it was kept for: whether credentials have
 * changed since they were accepted. One that cannot be read now is not lost. */
#include "engine/digest_key.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

enum store_result digest_key_read(const char *directory, struct credentials_key *key,
                                  struct fault *fault)
{
	struct text text = {0};
	enum store_result result =
		store_read(directory, DIGEST_KEY_NAME, sizeof(key->bytes), &text, fault);

	if (result == STORE_READ && text.length != sizeof(key->bytes)) {
		(void)fault_set(fault, "'%s/" DIGEST_KEY_NAME "' is not of %zu bytes", directory,
		                sizeof(key->bytes));
		result = STORE_UNFIT;
	}
	if (result == STORE_READ)
		memcpy(key->bytes, text.bytes, sizeof(key->bytes));
	if (text.bytes != NULL)
		mem_wipe(text.bytes, text.capacity);
	text_clear(&text);
	return result;
}

bool digest_key_make(struct credentials_key *key, struct fault *fault)
{
	if (getentropy(key->bytes, sizeof(key->bytes)) < 0)
		return fault_set(fault, "cannot make a key: %s", strerror(errno));
	return true;
}

bool digest_key_save(const char *directory, const struct credentials_key *key, struct fault *fault)
{
	return store_replace(directory, DIGEST_KEY_NAME, key->bytes, sizeof(key->bytes), STORE_KEPT,
	                     fault);
}
