/* SPDX-License-Identifier: MIT */
/* The distance of Damerau and Levenshtein in its common form (optimal string alignment). Only few
 * edits are of interest, so each is tried where the words part; letters that are equal until there
 * stay as they are in at least one of the cheapest ways. */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The number of insertions, deletions, replacements and swaps of neighbours between two words;
 * capitals count as their small letters. Anything above `most` once there are more. */
static size_t distance(const char *a, const char *b, size_t most)
{
	size_t rest = most; /* after one edit here */

	for (; *a != '\0' && same_letter(*a, *b); a++)
		b++;
	if (*a == *b || most == 0)
		return *a != *b;
	if (*a != '\0')
		rest = least(rest, distance(a + 1, b, most - 1));
	if (*b != '\0')
		rest = least(rest, distance(a, b + 1, most - 1));
	if (*a != '\0' && *b != '\0')
		rest = least(rest, distance(a + 1, b + 1, most - 1));
	if (*a != '\0' && a[1] != '\0' && same_letter(a[1], *b) && same_letter(*a, b[1]))
		rest = least(rest, distance(a + 2, b + 2, most - 1));
	return rest + 1;
}

const char *suggest_nearest(const char *word, const char *const *words)
{
	size_t count = 0;

	while (words[count] != NULL)
		count++;
	return suggest_row(word, words, count, sizeof(*words));
}

const char *suggest_row(const char *word, const void *rows, size_t count, size_t size)
{
	const char *nearest = NULL;
	size_t limit = SUGGEST_DISTANCE; /* less than the nearest so far */
	size_t length = strlen(word);

	for (const char *row = rows; count > 0; row += size, count--) {
		const char *known = *(const char *const *)(const void *)row;
		size_t other = known != NULL ? strlen(known) : SIZE_MAX; /* far from all */
		size_t longer = length > other ? length : other;
		size_t most = least(longer < 3 ? 0 : longer < 7 ? 1 : 2, limit);
		size_t away;

		if (longer - least(length, other) > most)
			continue;
		away = distance(word, known, most);
		if (away > most)
			continue;
		nearest = known;
		if (away == 0)
			break;
		limit = away - 1;
	}
	return nearest;
}
