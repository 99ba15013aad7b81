/* SPDX-License-Identifier: MIT */
/* What the reading of a cron expression shares: its five fields, their values, its extensions. */
#ifndef CRON_FIELDS_H
#define CRON_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cron/cron.h"

#define CRON_FIELD_COUNT 5
#define CRON_FIELD_LIST  "minute, hour, day of month, month, day of week"

enum cron_field_index {
	CRON_MINUTE,
	CRON_HOUR,
	CRON_DAY,
	CRON_MONTH,
	CRON_WEEKDAY,
};

struct cron_field {
	const char *name; /* "hour" */
	unsigned least;   /* smallest value */
	unsigned most;    /* largest value; 7 for the day of week, which is Sunday again */
	unsigned last;    /* the same, but 6 for the day of week */
	const char *kind; /* "a month"; NULL where there are no names */
	const char *const
		*names; /* lower case, three letters, from `least` to `last`; NULL-ended */
	const char *const *words; /* the same in full, for suggestions */
};

extern const struct cron_field cron_fields[CRON_FIELD_COUNT];

/* A part of the expression. */
struct cron_slice {
	const char *at;
	size_t length;
};

/* The expression being read, and where to put its fault (NULL: nowhere). */
struct cron_reader {
	const char *text;
	struct cron_fault *fault;
};

/* Set the fault, at a part of the expression. Always false. */
bool cron_fail(const struct cron_reader *reader, struct cron_slice where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The part as "%.*s" wants it: a width that keeps a sentence short, and the bytes. */
int cron_quote(struct cron_slice slice);

struct cron_slice cron_slice(const char *from, const char *to);

/* Copy a word in lower case; false if it is too long to be a misspelt one. */
#define CRON_WORD_MAX 24
bool cron_slice_lower(struct cron_slice slice, char lower[CRON_WORD_MAX]);

/* Compare with a lower-case word, whatever the case of the slice. */
bool cron_slice_is(struct cron_slice slice, const char *word);

/* Cut at the first `byte`: `*rest` is what follows it. False, with the whole as `*head`, if there
 * is none. */
bool cron_slice_cut(struct cron_slice slice, char byte, struct cron_slice *head,
                    struct cron_slice *rest);

/* The digits that the slice begins with as a number, at most 9999; returns how many they are. */
size_t cron_digits(struct cron_slice slice, unsigned *number);

/* The value whose three-letter name the slice begins with; false if there is none. */
bool cron_name(const struct cron_field *field, struct cron_slice slice, unsigned *value);

/* Read one value of a field, a number or a name. */
bool cron_value(const struct cron_reader *reader, const struct cron_field *field,
                struct cron_slice word, unsigned *value);

/* The name of the extension that an item of a field's list is ("'L'"), or NULL if it is none that
 * we know of. */
const char *cron_extension(enum cron_field_index field, struct cron_slice item);

/* Tell whether a word looks like a field of an expression with seconds or years, whose positions
 * no two schedulers agree on. */
bool cron_loose_field(struct cron_slice word, bool last);

/* The five fields that a nickname ("@daily") stands for; NULL if it stands for none. `*name` is
 * set where the nickname is known to some cron. */
const char *cron_nickname(struct cron_slice word, const char **name);

/* The nickname nearest to a misspelt one, or NULL. */
const char *cron_nickname_nearest(struct cron_slice word);

#endif
