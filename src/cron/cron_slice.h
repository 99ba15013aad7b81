/* SPDX-License-Identifier: MIT */
/* The text of an expression: its parts, which are borrowed from it without a NUL at their end, its
 * words, and the part at which it is wrong. */
#ifndef CRON_SLICE_H
#define CRON_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#define CRON_TEXT_MAX       256                     /* bytes of an expression, without the NUL */
#define CRON_WORDS_MAX      (CRON_TEXT_MAX / 2 + 1) /* no text that is read has more */
#define CRON_SLICE_WORD_MAX 24 /* the longest of any list of names, with its NUL */

struct cron_slice {
	const char *at; /* borrowed from the expression */
	size_t length;
};

struct cron_words {
	struct cron_slice at[CRON_WORDS_MAX];
	size_t count;
};

/* What is wrong with an expression, and at which of its bytes. A text in quotes after "did you
 * mean" replaces the marked bytes; after "write", the whole. */
struct cron_fault {
	size_t offset;  /* bytes; may be the end of the expression, where something is missing */
	size_t width;   /* bytes, at least 1 */
	char text[384]; /* "hour 25 is outside 0-23"; printable ASCII, whatever was read */
};

/* The expression that is being read, and where its fault goes. */
struct cron_reader {
	const char *text;         /* borrowed while it is read */
	struct cron_fault *fault; /* NULL: not wanted */
};

/* The bytes from `from` up to, not including, `to`. */
struct cron_slice cron_slice(const char *from, const char *to);

/* The part as "%.*s" takes it: a length that keeps a sentence short, and the bytes. */
#define CRON_SHOWN(slice) cron_slice_shown(slice), (slice).at
int cron_slice_shown(struct cron_slice slice);

/* Copy a word in lower case. False if it is longer than any name; `lower` is then untouched. */
bool cron_slice_lower(struct cron_slice slice, char lower[CRON_SLICE_WORD_MAX]);

/* Compare with a word, whatever the case of either. */
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

/* Cut a text of at most CRON_TEXT_MAX bytes at its blanks; the words are borrowed from it. */
void cron_slice_split(const char *text, struct cron_words *words);

/* The words from `first` on, up to and with `last`, as they stand in the text. */
struct cron_slice cron_slice_span(const struct cron_words *words, size_t first, size_t last);

/* Write the text with the blanks left out that stand beside ',', '-', '/', '#', '~' or within
 * brackets: "1, 3 - 5" becomes "1,3-5". `fields` are its words; `whole` those of the text that each
 * was made of. Returns whether there was such a blank. */
bool cron_slice_join(const struct cron_words *words, char text[CRON_TEXT_MAX + 1],
                     struct cron_words *fields, struct cron_words *whole);

/* Set the fault, at a part of the expression. Always false, as what could not be read. */
bool cron_slice_fail(const struct cron_reader *reader, struct cron_slice where, const char *format,
                     ...) __attribute__((format(printf, 3, 4)));

#endif
