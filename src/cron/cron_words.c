/* SPDX-License-Identifier: MIT */
/* A blank beside one of the characters that hold a field together has cut a field in two: no word
 * begins or ends with one of them in a valid expression (but "~" and "L-" are near enough). */
#include "cron/cron_words.h"

#include <string.h>

void cron_words_split(const char *text, struct cron_words *words)
{
	words->count = 0;
	for (;;) {
		size_t length;

		text += strspn(text, " \t");
		length = strcspn(text, " \t");
		if (length == 0 || words->count == CRON_WORDS_MAX)
			return;
		words->at[words->count++] = cron_slice(text, text + length);
		text += length;
	}
}

struct cron_slice cron_words_span(const struct cron_words *words, size_t first, size_t last)
{
	return cron_slice(words->at[first].at, words->at[last].at + words->at[last].length);
}

static bool is_cut(struct cron_slice before, struct cron_slice after)
{
	return strchr(",-/#~(", before.at[before.length - 1]) != NULL ||
	       strchr(",-/#~)", *after.at) != NULL;
}

bool cron_words_join(const struct cron_words *words, char text[CRON_TEXT_MAX + 1],
                     struct cron_words *fields, struct cron_words *whole)
{
	char *end = text;

	whole->count = 0;
	for (size_t i = 0; i < words->count; i++) {
		struct cron_slice word = words->at[i];

		if (i > 0 && is_cut(words->at[i - 1], word)) {
			struct cron_slice *last = &whole->at[whole->count - 1];

			*last = cron_slice(last->at, word.at + word.length);
		} else {
			if (i > 0)
				*end++ = ' ';
			whole->at[whole->count++] = word;
		}
		memcpy(end, word.at, word.length);
		end += word.length;
	}
	*end = '\0';
	cron_words_split(text, fields);
	return whole->count < words->count;
}
