/* SPDX-License-Identifier: MIT */
/* Secrets as they are found: in a file of their own, or at hand as a string. */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

struct file_opener;
struct source;

#define SECRET_MAX 4096 /* bytes of a secret, and of its file */

/* Where secrets that the file does not hold come from; NULL: not there. All borrowed. */
struct secret_environment {
	const char *credentials_directory; /* $CREDENTIALS_DIRECTORY */
	const char *api_key;               /* $DATAFOLD_API_KEY */
	bool hides_credentials;            /* from us: taken to be there, with a warning */
	const struct file_opener *opener;  /* opens all files but the first; NULL: we do */
};

/* Read a secret file: regular, 1 to SECRET_MAX bytes; one trailing newline (or CRLF) is stripped;
 * what is left must be printable ASCII (0x20-0x7e) and not empty. The path is added to
 * source.watched, its bytes to the hash, found or not. A mode that lets everybody read it or others
 * change it is reported in `*warning` (given to the caller; NULL: none), with the chmod that is the
 * remedy. NULL on a fault, whose text names the path and never a byte of the secret that could be
 * one. The result is given to the caller (mem_free_secret). Reads each time: a caller who needs one
 * file for many integrations keeps the result. */
char *secret_read(struct source *source, const char *path, struct fault *fault, char **warning);

/* What a secret seems to have around it that does not belong to it, as the predicate of a sentence:
 * "begins with \"Key \", which the program adds"; NULL: nothing. It may be meant. */
const char *secret_decoration(const char *secret);

/* The same rules for a secret that is at hand already (inline, environment). */
bool secret_check(const char *bytes, size_t length, struct fault *fault);

#endif
