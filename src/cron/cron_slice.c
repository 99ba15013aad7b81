/* SPDX-License-Identifier: MIT */
/* Nothing is copied while an expression is read: every word, item and value is a slice of it, so
 * that a fault knows its offset by subtraction. */
#include "cron/cron_slice.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX  40
#define NUMBER_MAX 9999

struct cron_slice cron_slice(const char *from, const char *to)
{
	return (struct cron_slice){.at = from, .length = (size_t)(to - from)};
}

int cron_slice_shown(struct cron_slice slice)
{
	return slice.length < SHOWN_MAX ? (int)slice.length : SHOWN_MAX;
}

bool cron_slice_lower(struct cron_slice slice, char lower[CRON_SLICE_WORD_MAX])
{
	if (slice.length >= CRON_SLICE_WORD_MAX)
		return false;
	for (size_t i = 0; i < slice.length; i++)
		lower[i] = (char)tolower((unsigned char)slice.at[i]);
	lower[slice.length] = '\0';
	return true;
}

bool cron_slice_is(struct cron_slice slice, const char *word)
{
	return strlen(word) == slice.length && strncasecmp(slice.at, word, slice.length) == 0;
}

const char *cron_slice_find(struct cron_slice slice, const char *const *words)
{
	while (*words != NULL && !cron_slice_is(slice, *words))
		words++;
	return *words;
}

bool cron_slice_cut(struct cron_slice slice, char byte, struct cron_slice *head,
                    struct cron_slice *rest)
{
	const char *end = slice.at + slice.length;
	const char *found = memchr(slice.at, byte, slice.length);

	*head = cron_slice(slice.at, found != NULL ? found : end);
	*rest = cron_slice(found != NULL ? found + 1 : end, end);
	return found != NULL;
}

size_t cron_slice_number(struct cron_slice slice, unsigned *number)
{
	size_t count = 0;

	*number = 0;
	while (count < slice.length && isdigit((unsigned char)slice.at[count])) {
		*number = *number * 10 + (unsigned)(slice.at[count++] - '0');
		if (*number > NUMBER_MAX)
			*number = NUMBER_MAX;
	}
	return count;
}
