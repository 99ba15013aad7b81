/* SPDX-License-Identifier: MIT */
/* The words of an expression, and the fields of one that blanks have cut into more than it has. */
#ifndef CRON_WORDS_H
#define CRON_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cron/cron_fault.h"
#include "cron/cron_slice.h"

#define CRON_WORDS_MAX (CRON_TEXT_MAX / 2 + 1) /* no text that is read has more */

struct cron_words {
	struct cron_slice at[CRON_WORDS_MAX];
	size_t count;
};

/* Cut a text of at most CRON_TEXT_MAX bytes at its blanks; the words are borrowed from it. */
void cron_words_split(const char *text, struct cron_words *words);

/* The words from `first` on, up to and with `last`, as they stand in the text. */
struct cron_slice cron_words_span(const struct cron_words *words, size_t first, size_t last);

/* Write the text with the blanks left out that stand beside ',', '-', '/', '#', '~' or within
 * brackets: "1, 3 - 5" becomes "1,3-5". `fields` are its words; `whole` those of the text that each
 * was made of. Returns whether there was such a blank. */
bool cron_words_join(const struct cron_words *words, char text[CRON_TEXT_MAX + 1],
                     struct cron_words *fields, struct cron_words *whole);

#endif
