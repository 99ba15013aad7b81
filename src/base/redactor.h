/* SPDX-License-Identifier: MIT */
/* The secrets that no output may show, and how they are struck out of it. */
#ifndef REDACTOR_H
#define REDACTOR_H

#include <stddef.h>

#include "base/text.h"

/* Lookup costs at most a binary search per position, whatever the number of secrets. A NULL
 * redactor is one without secrets. It is never changed once made, so threads may share it. */
struct redactor;

/* Make one of `count` secrets, copied; NULL and empty ones are left out. Each secret is known as
 * it stands, as the inside of a JSON string (with and without "\/" for a slash, or all of it as
 * "\u0041"), percent-encoded (RFC 3986 §2.1, where it must be or throughout), in hexadecimal (each
 * with capital and with small digits), as Python's repr writes it, and within Base64 (RFC 4648,
 * both alphabets), whatever stands before it there, but for a character at each end that it shares.
 */
struct redactor *redactor_new(const char *const *secrets, size_t count);

/* Append `bytes` with each occurrence of a secret as "[redacted]": the longest one at a place, and
 * those that overlap as one. */
void redactor_apply(const struct redactor *redactor, const char *bytes, size_t length,
                    struct text *out);

/* The same, then escaped and cut to `limit` bytes (text_escape()): in this order, as half a secret
 * is not recognised. */
void redactor_show(const struct redactor *redactor, const char *bytes, size_t length, size_t limit,
                   struct text *out);

/* Wipe the copies and free it. */
void redactor_free(struct redactor *redactor);

#endif
