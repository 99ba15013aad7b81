/* SPDX-License-Identifier: MIT */
/* Named secrets to their bytes: inline, in a file, a credential of systemd's; each file read once.
 */
#ifndef SECRET_LOOKUP_H
#define SECRET_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/schema.h"
#include "config/secret.h"
#include "config/source.h"

struct keyring_file;

/* All lent; zero the rest. */
struct keyring {
	const struct secret_environment *environment;
	const struct schema_reader *reader;
	struct source *source; /* learns what was read */
	bool has_files;        /* the configuration itself comes from files, whose modes matter */
	struct keyring_file *files; /* a hash table by path */
	size_t file_count;
	size_t file_capacity;
	const char **told; /* configuration files whose mode was judged */
	size_t told_count;
	size_t told_capacity;
};

enum keyring_answer {
	KEYRING_NONE, /* none of the three keys is there */
	KEYRING_BAD,  /* one is, with a fault that was told */
	KEYRING_FOUND,
};

struct keyring_secret {
	char *bytes;   /* given to the caller (mem_free_secret) */
	uint32_t node; /* the key that names it */
};

/* The secret of the three rows from `row` on: inline, file, credential. */
enum keyring_answer keyring_find(struct keyring *keyring, const struct schema *schema, size_t row,
                                 const struct schema_given *given, struct keyring_secret *secret);

/* The API key that no file names: the credential "datafold-api-key", else DATAFOLD_API_KEY. Given
 * to the caller; NULL with the fault told at the place of `node`. */
char *keyring_find_api_key(struct keyring *keyring, uint32_t node);

void keyring_clear(struct keyring *keyring); /* wipes */

#endif
