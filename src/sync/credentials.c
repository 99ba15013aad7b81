/* SPDX-License-Identifier: MIT */
/* Without the key a digest says nothing, and no guess can be tried against it; that is why the key
 * is in a file of its own. */
#include "sync/credentials.h"

#include <string.h>

#include "base/mem.h"

/* 0 stands for "unknown" wherever digests are kept. */
static uint64_t end(struct siphash *hash)
{
	uint64_t digest = siphash_end(hash);

	mem_wipe(hash, sizeof(*hash));
	return digest != 0 ? digest : 1;
}

static void add(struct siphash *hash, const char *secret)
{
	size_t length = secret != NULL ? strlen(secret) : 0;

	siphash_add_int(hash, length);
	siphash_add(hash, secret, length);
}

uint64_t credentials_key_id(const struct credentials_key *key)
{
	static const char purpose[] = "dfmode-sync key";
	struct siphash hash;

	siphash_init(&hash, key->bytes);
	siphash_add(&hash, purpose, sizeof(purpose));
	return end(&hash);
}

void credentials_digest(struct spec *spec, const struct credentials_key *key)
{
	for (size_t i = 0; i < spec->count; i++) {
		struct spec_integration *integration = &spec->integrations[i];
		struct siphash hash;

		siphash_init(&hash, key->bytes);
		siphash_add_int(&hash, (uint64_t)integration->id);
		add(&hash, integration->token);
		add(&hash, integration->password);
		integration->credentials = end(&hash);
	}
}
