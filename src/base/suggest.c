/* SPDX-License-Identifier: MIT */
/* The distance of Damerau and Levenshtein in its common form (optimal string alignment): three rows
 * of a table are enough, and a search gives up once two rows in sequence are too far. */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define NEAREST_MAX 64 /* longer words are not looked up */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The number of insertions, deletions, substitutions and swaps of neighbours between two words of
 * at most NEAREST_MAX bytes; capitals count as their small letters. Anything above `most` once
 * two rows in sequence are: what follows can only be farther. */
static size_t distance(const char *a, const char *b, size_t most)
{
	size_t rows[3][NEAREST_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];
	size_t width = strlen(b);
	size_t nearest_before = 0;

	for (size_t j = 0; j <= width; j++)
		last[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t *spare = before;
		size_t nearest = i;

		now[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t swap = last[j - 1] + !same_letter(a[i - 1], b[j - 1]);

			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]))
				swap = least(swap, before[j - 2] + 1);
			now[j] = least(swap, least(last[j], now[j - 1]) + 1);
			nearest = least(nearest, now[j]);
		}
		if (nearest > most && nearest_before > most)
			return nearest;
		nearest_before = nearest;
		before = last;
		last = now;
		now = spare;
	}
	return last[width];
}

const char *suggest_nearest(const char *word, const char *const *words)
{
	const char *nearest = NULL;
	size_t limit = SUGGEST_DISTANCE; /* less than the nearest so far */
	size_t length = strlen(word);

	if (length > NEAREST_MAX)
		return NULL;
	for (; *words != NULL; words++) {
		size_t other = strlen(*words);
		size_t longer = length > other ? length : other;
		size_t most = least(longer < 3 ? 0 : longer < 7 ? 1 : 2, limit);
		size_t away;

		if (other > NEAREST_MAX || longer - least(length, other) > most)
			continue;
		away = distance(word, *words, most);
		if (away > most)
			continue;
		nearest = *words;
		if (away == 0)
			break;
		limit = away - 1;
	}
	return nearest;
}
