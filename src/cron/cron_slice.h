/* SPDX-License-Identifier: MIT */
/* A part of an expression: bytes that are borrowed from it, without a NUL at their end. */
#ifndef CRON_SLICE_H
#define CRON_SLICE_H

#include <stdbool.h>
#include <stddef.h>

/* The longest word that is compared with a list of names, with its NUL. */
#define CRON_SLICE_WORD_MAX 24

struct cron_slice {
	const char *at; /* borrowed from the expression */
	size_t length;
};

/* The bytes from `from` up to, not including, `to`. */
struct cron_slice cron_slice(const char *from, const char *to);

/* The part as "%.*s" takes it: a length that keeps a sentence short, and the bytes. */
#define CRON_SHOWN(slice) cron_slice_shown(slice), (slice).at
int cron_slice_shown(struct cron_slice slice);

/* Copy a word in lower case. False if it is longer than any name; `lower` is then untouched. */
bool cron_slice_lower(struct cron_slice slice, char lower[CRON_SLICE_WORD_MAX]);

/* Compare with a lower-case word, whatever the case of the slice. */
bool cron_slice_is(struct cron_slice slice, const char *word);

/* The word of a NULL-ended list of lower-case words that the slice is; NULL if it is none. */
const char *cron_slice_find(struct cron_slice slice, const char *const *words);

/* Cut at the first `byte`: `*rest` is what follows it. False if there is none; `*head` is then the
 * whole, `*rest` its empty end. */
bool cron_slice_cut(struct cron_slice slice, char byte, struct cron_slice *head,
                    struct cron_slice *rest);

/* Read the digits that the slice begins with as a number, 9999 at most. Returns how many there
 * are. */
size_t cron_slice_number(struct cron_slice slice, unsigned *number);

#endif
