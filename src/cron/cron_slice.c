/* SPDX-License-Identifier: MIT */
/* Nothing is copied while an expression is read: every word, item and value is a slice of it, so
 * that a fault knows its offset by subtraction. The sentence of a fault is kept in the fault
 * itself: most callers throw it away, and reading an expression allocates nothing. */
#include "cron/cron_slice.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
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

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

void cron_slice_split(const char *text, struct cron_words *words)
{
	words->count = 0;
	while (words->count < CRON_WORDS_MAX) {
		const char *start;

		while (is_blank(*text))
			text++;
		if (*text == '\0')
			return;
		start = text;
		while (*text != '\0' && !is_blank(*text))
			text++;
		words->at[words->count++] = cron_slice(start, text);
	}
}

struct cron_slice cron_slice_span(const struct cron_words *words, size_t first, size_t last)
{
	return cron_slice(words->at[first].at, words->at[last].at + words->at[last].length);
}

/* A blank beside one of the characters that hold a field together has cut a field in two: no word
 * begins or ends with one of them in a valid expression (but "~" and "L-" are near enough). */
static bool is_cut(struct cron_slice before, struct cron_slice after)
{
	return strchr(",-/#~(", before.at[before.length - 1]) != NULL ||
	       strchr(",-/#~)", *after.at) != NULL;
}

bool cron_slice_join(const struct cron_words *words, char text[CRON_TEXT_MAX + 1],
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
	cron_slice_split(text, fields);
	return whole->count < words->count;
}

bool cron_slice_fail(const struct cron_reader *reader, struct cron_slice where, const char *format,
                     ...)
{
	struct cron_fault *fault = reader->fault;
	va_list arguments;

	if (fault == NULL)
		return false;
	fault->offset = (size_t)(where.at - reader->text);
	fault->width = where.length > 0 ? where.length : 1;
	va_start(arguments, format);
	vsnprintf(fault->text, sizeof(fault->text), format, arguments);
	va_end(arguments);
	for (char *tab = fault->text; (tab = strchr(tab, '\t')) != NULL;)
		*tab = ' '; /* between fields that are shown */
	return false;
}
