/* SPDX-License-Identifier: MIT */
/* "Did you mean": the word of a list that a misspelt one is nearest to. */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

#define SUGGEST_DISTANCE 2

/* The word of a NULL-ended list nearest to `word`: at most SUGGEST_DISTANCE insertions, deletions,
 * replacements and swaps of neighbours away, at most one if neither has seven letters, none if
 * neither has three; capitals count as small letters. NULL if none is near. */
const char *suggest_nearest(const char *word, const char *const *words);

/* The same of `count` rows of `size` bytes that each begin with a word; NULL is none. */
const char *suggest_row(const char *word, const void *rows, size_t count, size_t size);

#endif
