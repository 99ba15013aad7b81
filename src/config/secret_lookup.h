/* SPDX-License-Identifier: MIT */
/* Named secrets to their bytes: inline, in a file, a credential of systemd's; each file read once.
 */
#ifndef SECRET_LOOKUP_H
#define SECRET_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/reader.h"
#include "config/secret.h"
#include "config/source.h"

/* All borrowed; zero the rest. */
struct secret_lookup {
	const struct secret_environment *environment;
	const struct reader *reader;
	struct source *source; /* learns what was read */
	bool has_files;        /* the configuration itself comes from files, whose modes matter */
	bool has_presumed;     /* a credential was taken to be there */
	void *files;           /* those that were read, by path: a tree of tsearch(3) */
	const char **judged;   /* configuration files whose mode was judged */
	size_t judged_count;
	size_t judged_capacity;
};

enum secret_lookup_answer {
	SECRET_LOOKUP_NONE, /* none of the three keys is there */
	SECRET_LOOKUP_BAD,  /* one is, with a fault that was reported */
	SECRET_LOOKUP_FOUND,
};

/* The secret of three rows: inline, file, credential. It is given to the caller (mem_free_secret),
 * and `node` is the key that names it; both are set where one is found. */
enum secret_lookup_answer secret_lookup_find(struct secret_lookup *lookup,
                                             const struct reader_setting keys[3], uint32_t *node,
                                             char **secret);

/* The API key that no file names: the credential "datafold-api-key", else DATAFOLD_API_KEY. Given
 * to the caller; NULL with the fault reported at the place of `node`. */
char *secret_lookup_find_api_key(struct secret_lookup *lookup, uint32_t node);

void secret_lookup_clear(struct secret_lookup *lookup); /* wipes */

#endif
