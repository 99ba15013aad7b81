/* SPDX-License-Identifier: MIT */
/* What of a file may be shown in a diagnostic (SPEC §3): nothing but what is known to be no secret.
 */
#ifndef SECRECY_H
#define SECRECY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/text.h"

/* Whether a name may be shown: a key, or near to one or to one of its aliases. */
bool secrecy_may_name(const char *name, size_t length);

/* What of its value may be shown. */
enum secrecy_value {
	SECRECY_HIDDEN, /* nothing: it may be a secret, or is no value */
	SECRECY_TEXT,
	SECRECY_WORD, /* one word: a number or a boolean */
	SECRECY_URL,  /* a URL, which may hold credentials */
};

/* Of a name that is not, to the letter, a key with a value of its own: SECRECY_HIDDEN. */
enum secrecy_value secrecy_value_of(const char *name, size_t length);

struct secrecy_part {
	const char *start;
	const char *end;
};

/* What may be credentials in a value that is shown from `value` to `stop`: what stands before an
 * '@', or behind a colon that no port follows. A password may hold any byte, so the '@' is searched
 * for up to `end`. Without "://" this goes for a value that `is_url` only, as a typo may have
 * spoilt its scheme. Empty if there is nothing. */
struct secrecy_part secrecy_find_userinfo(const char *value, const char *stop, const char *end,
                                          bool is_url);

/* How many bytes of a value that may be shown can be: a lost quote or separator may have put what
 * follows into it. `value` ends at `end`, or before; `is_quoted`: it stands behind a quote. */
size_t secrecy_value_length(const char *value, const char *end, bool is_quoted);

/* Put the name of a file before a predicate ("'PATH' does not exist"). */
void secrecy_name_path(const char *path, struct fault *fault);

/* Whether a sentence about a value repeats nothing of what may not be shown of it. */
bool secrecy_may_say(const char *sentence, const char *value, size_t length);

/* Append such a value, escaped, in at most `limit` bytes, "…" in place of what is not shown. */
void secrecy_add_value(struct text *out, const char *value, size_t length, size_t limit);

#endif
